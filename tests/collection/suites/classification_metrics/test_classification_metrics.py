import unittest

from metrics import accuracy, classification_report, confusion_matrix, f1, precision, recall, roc_auc, roc_curve

Y = [1, 0, 1, 1, 0, 0, 1, 0]
P = [1, 0, 0, 1, 0, 1, 1, 0]


class MetricsTest(unittest.TestCase):
    def test_accuracy(self):
        self.assertEqual(accuracy(Y, P), 0.75)

    def test_confusion_matrix(self):
        self.assertEqual(confusion_matrix(Y, P), [[3, 1], [1, 3]])

    def test_confusion_matrix_of_names(self):
        self.assertEqual(confusion_matrix(list("aab"), list("abc")), [[1, 1, 0], [0, 0, 1], [0, 0, 0]])

    def test_precision_recall_f1(self):
        self.assertAlmostEqual(precision(Y, P), 0.75)
        self.assertAlmostEqual(recall(Y, P), 0.75)
        self.assertAlmostEqual(f1([1, 1, 1, 0], [1, 0, 0, 0]), 0.5)

    def test_no_positives(self):
        self.assertEqual(precision([1, 0], [0, 0]), 0.0)
        self.assertEqual(recall([0, 0], [1, 0]), 0.0)
        self.assertEqual(f1([0], [0]), 0.0)

    def test_lengths_must_agree(self):
        for metric in (accuracy, precision, recall, f1):
            with self.subTest(metric=metric.__name__):
                with self.assertRaisesRegex(ValueError, "3 labels but 2 predictions"):
                    metric([1, 0, 1], [1, 0])

    def test_report(self):
        report = classification_report(["cat", "dog", "cat"], ["cat", "cat", "cat"])
        self.assertEqual(set(report), {"cat", "dog"})
        self.assertAlmostEqual(report["cat"]["precision"], 2 / 3)
        self.assertEqual(report["dog"], {"precision": 0.0, "recall": 0.0, "support": 1})

    def test_roc_curve(self):
        self.assertEqual(roc_curve([0, 1], [0.2, 0.9]), [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)])

    def test_auc(self):
        self.assertAlmostEqual(roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 0.75)
        self.assertAlmostEqual(roc_auc([0, 1], [0.5, 0.5]), 0.5)
        self.assertEqual(roc_auc([0, 0, 1], [0.1, 0.2, 0.3]), 1.0)

    def test_auc_needs_both_classes(self):
        with self.assertRaises(ValueError):
            roc_auc([1, 1], [0.1, 0.2])

    def test_inputs_are_not_sorted_in_place(self):
        y, scores = [0, 1, 0], [0.9, 0.1, 0.5]
        roc_auc(y, scores)
        confusion_matrix(y, y)
        self.assertEqual((y, scores), ([0, 1, 0], [0.9, 0.1, 0.5]))
