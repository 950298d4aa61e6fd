import unittest

from circular_buffer import BufferEmptyException, BufferFullException, CircularBuffer


class CircularBufferTest(unittest.TestCase):
    def test_reading_empty_buffer_should_fail(self):
        buf = CircularBuffer(1)
        with self.assertRaises(BufferError) as err:
            buf.read()
        self.assertEqual(type(err.exception), BufferEmptyException)
        self.assertEqual(err.exception.args[0], "Circular buffer is empty")

    def test_can_read_an_item_just_written(self):
        buf = CircularBuffer(1)
        buf.write("1")
        self.assertEqual(buf.read(), "1")

    def test_each_item_may_only_be_read_once(self):
        buf = CircularBuffer(1)
        buf.write("1")
        buf.read()
        with self.assertRaises(BufferEmptyException):
            buf.read()

    def test_items_are_read_in_order(self):
        buf = CircularBuffer(2)
        buf.write("1")
        buf.write("2")
        self.assertEqual((buf.read(), buf.read()), ("1", "2"))

    def test_full_buffer_cannot_be_written(self):
        buf = CircularBuffer(1)
        buf.write("1")
        with self.assertRaises(BufferError) as err:
            buf.write("2")
        self.assertEqual(type(err.exception), BufferFullException)
        self.assertEqual(err.exception.args[0], "Circular buffer is full")

    def test_read_position_is_maintained(self):
        buf = CircularBuffer(3)
        buf.write("1")
        buf.write("2")
        buf.read()
        buf.write("3")
        buf.write("4")
        self.assertEqual([buf.read() for _ in range(3)], ["2", "3", "4"])

    def test_clear(self):
        buf = CircularBuffer(1)
        buf.write("1")
        buf.clear()
        self.assertRaises(BufferEmptyException, buf.read)
        buf.write("2")
        self.assertEqual(buf.read(), "2")

    def test_overwrite_replaces_the_oldest(self):
        buf = CircularBuffer(2)
        for item in "12":
            buf.write(item)
        buf.overwrite("A")
        self.assertEqual([buf.read(), buf.read()], ["2", "A"])

    def test_overwrite_acts_like_write_when_not_full(self):
        buf = CircularBuffer(2)
        buf.write("1")
        buf.overwrite("2")
        self.assertEqual([buf.read(), buf.read()], ["1", "2"])
