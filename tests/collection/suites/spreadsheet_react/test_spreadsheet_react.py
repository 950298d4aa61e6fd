import unittest
from functools import partial

from react import ComputeCell, InputCell


class ReactTest(unittest.TestCase):
    def test_input_cells_have_a_value(self):
        self.assertEqual(InputCell(10).value, 10)

    def test_input_value_can_be_set(self):
        cell = InputCell(4)
        cell.value = 20
        self.assertEqual(cell.value, 20)

    def test_compute_cells_calculate(self):
        one = InputCell(1)
        plus = ComputeCell([one], lambda inputs: inputs[0] + 1)
        self.assertEqual(plus.value, 2)

    def test_inputs_in_the_right_order(self):
        one, two = InputCell(1), InputCell(2)
        out = ComputeCell([one, two], lambda inputs: inputs[0] + inputs[1] * 10)
        self.assertEqual(out.value, 21)

    def test_compute_cells_update(self):
        cell = InputCell(1)
        out = ComputeCell([cell], lambda inputs: inputs[0] + 1)
        cell.value = 3
        self.assertEqual(out.value, 4)

    def test_compute_cells_depend_on_compute_cells(self):
        cell = InputCell(1)
        twice = ComputeCell([cell], lambda i: i[0] * 2)
        thirty = ComputeCell([cell], lambda i: i[0] * 30)
        out = ComputeCell([twice, thirty], lambda i: sum(i))
        self.assertEqual(out.value, 32)
        cell.value = 3
        self.assertEqual(out.value, 96)

    def test_callbacks_fire(self):
        cell = InputCell(1)
        out = ComputeCell([cell], lambda i: i[0] + 1)
        seen = []
        out.add_callback(self.callback_factory(seen))
        cell.value = 3
        self.assertEqual(seen[-1], 4)

    def test_callbacks_only_fire_on_change(self):
        cell = InputCell(1)
        out = ComputeCell([cell], lambda i: 111 if i[0] < 3 else 222)
        seen = []
        out.add_callback(self.callback_factory(seen))
        cell.value = 2
        self.assertEqual(seen, [])
        cell.value = 4
        self.assertEqual(seen, [222])

    def test_removed_callback(self):
        cell = InputCell(1)
        out = ComputeCell([cell], lambda i: i[0] + 1)
        seen = []
        callback = self.callback_factory(seen)
        out.add_callback(callback)
        cell.value = 2
        out.remove_callback(callback)
        out.remove_callback(callback)
        cell.value = 3
        self.assertEqual(seen, [3])

    def test_callback_called_once_for_a_diamond(self):
        cell = InputCell(2)
        a = ComputeCell([cell], lambda i: i[0] + 1)
        b = ComputeCell([cell], lambda i: i[0] - 1)
        out = ComputeCell([a, b], lambda i: i[0] * i[1])
        seen = []
        out.add_callback(self.callback_factory(seen))
        cell.value = 4
        self.assertEqual(seen, [15])

    @staticmethod
    def callback_factory(observer):
        def callback(observer, value):
            observer.append(value)

        return partial(callback, observer)
