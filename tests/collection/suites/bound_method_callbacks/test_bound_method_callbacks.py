import unittest

from pubsub import Publisher, each, fold


class Recorder:
    def __init__(self):
        self.events = []

    def on_event(self, name, value):
        self.events.append((name, value))


class PublisherTest(unittest.TestCase):
    def setUp(self):
        self.received = []
        self.pub = Publisher()

    def handle(self, name, value):
        self.received.append(value)

    def test_list_append_as_a_callback(self):
        log = []
        each([1, 2, 3], log.append)
        self.assertEqual(log, [1, 2, 3])

    def test_method_of_the_test_case(self):
        self.pub.subscribe(self.handle)
        self.pub.publish("x", 10)
        self.assertEqual(self.received, [10])

    def test_method_of_another_object(self):
        recorder = Recorder()
        self.pub.subscribe(recorder.on_event)
        self.pub.publish("a", 1)
        self.pub.publish("b", [2])
        self.assertEqual(recorder.events, [("a", 1), ("b", [2])])

    def test_unsubscribe_a_bound_method(self):
        recorder = Recorder()
        self.pub.subscribe(recorder.on_event)
        self.pub.unsubscribe(recorder.on_event)
        self.pub.publish("a", 1)
        self.assertEqual(recorder.events, [])

    def test_dict_get_as_a_function(self):
        prices = {"pen": 2, "ink": 5}
        self.assertEqual(fold(["pen", "ink", "pen"], prices.get), 9)

    def test_set_add(self):
        seen = set()
        each("aab", seen.add)
        self.assertEqual(seen, {"a", "b"})

    def test_str_method_of_a_value(self):
        self.assertEqual(fold(["a", "b", "a"], "banana".count), 7)
