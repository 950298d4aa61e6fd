import unittest

from binary_search_tree import BinarySearchTree, TreeNode


class BinarySearchTreeTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tree = BinarySearchTree(["4", "2", "6", "1", "3", "5", "7"])

    def test_data_is_retained(self):
        root = BinarySearchTree(["4"]).data()
        self.assertEqual(root.data, "4")
        self.assertIsNone(root.left)
        self.assertIsNone(root.right)

    def test_smaller_goes_left(self):
        root = BinarySearchTree(["4", "2"]).data()
        self.assertEqual(root.left.data, "2")
        self.assertIsNone(root.right)

    def test_same_goes_left(self):
        self.assertEqual(BinarySearchTree(["4", "4"]).data().left.data, "4")

    def test_greater_goes_right(self):
        self.assertEqual(BinarySearchTree(["4", "5"]).data().right.data, "5")

    def test_complex_tree(self):
        root = self.tree.data()
        self.assertEqual([root.left.left.data, root.left.right.data], ["1", "3"])
        self.assertEqual([root.right.left.data, root.right.right.data], ["5", "7"])

    def test_nodes_are_tree_nodes(self):
        self.assertIsInstance(self.tree.data().left, TreeNode)

    def test_sorted_data(self):
        self.assertEqual(self.tree.sorted_data(), ["1", "2", "3", "4", "5", "6", "7"])

    def test_height(self):
        self.assertEqual(self.tree.height(), 3)
        self.assertEqual(BinarySearchTree([]).height(), 0)

    def test_breadth_first_is_lazy(self):
        walk = self.tree.breadth_first()
        self.assertEqual(next(walk), "4")
        self.assertEqual(list(walk), ["2", "6", "1", "3", "5", "7"])

    def test_str_of_node(self):
        self.assertEqual(
            str(TreeNode("a", None, TreeNode("b", None, None))), "TreeNode(a, None, TreeNode(b, None, None))"
        )

    def test_map_with_a_callback(self):
        self.assertEqual(self.tree.map(lambda s: int(s) ** 2), [1, 4, 9, 16, 25, 36, 49])
