import unittest
from functools import partial
from unittest import mock

from events import EventBus, Observable, Thermostat


class EventBusTest(unittest.TestCase):
    def setUp(self):
        self.bus = EventBus()
        self.log = []

    def test_subscriber_is_called(self):
        self.bus.on("save", lambda data: self.log.append(data))
        self.bus.emit("save", {"id": 1})
        self.assertEqual(self.log, [{"id": 1}])

    def test_order_of_subscription(self):
        for n in range(3):
            self.bus.on("x", lambda _, n=n: self.log.append(n))
        self.bus.emit("x", None)
        self.assertEqual(self.log, [0, 1, 2])

    def test_other_events_are_not_called(self):
        self.bus.on("a", lambda d: self.log.append(d))
        self.bus.emit("b", 1)
        self.assertEqual(self.log, [])

    def test_emit_returns_number_of_listeners(self):
        self.assertEqual(self.bus.emit("nobody", 0), 0)
        self.bus.on("x", lambda d: None)
        self.assertEqual(self.bus.emit("x", 0), 1)

    def test_two_buses_are_independent(self):
        self.bus.on("x", lambda d: self.log.append(d))
        self.assertEqual(EventBus().emit("x", 1), 0)
        self.assertEqual(self.log, [])

    def test_unsubscribe(self):
        def listener(data):
            self.log.append(data)

        self.bus.on("x", listener)
        self.bus.off("x", listener)
        self.bus.emit("x", 1)
        self.assertEqual(self.log, [])

    def test_unsubscribe_unknown(self):
        with self.assertRaises(ValueError):
            self.bus.off("x", print)

    def test_decorator(self):
        @self.bus.listener("tick")
        def on_tick(data):
            self.log.append(data * 2)

        self.bus.emit("tick", 21)
        self.assertEqual(self.log, [42])
        self.assertEqual(on_tick(1), None)

    def test_mock_as_listener(self):
        callback = mock.Mock()
        self.bus.on("x", callback)
        self.bus.emit("x", "payload")
        callback.assert_called_once_with("payload")

    def test_partial_as_listener(self):
        def note(prefix, data):
            self.log.append(prefix + data)

        self.bus.on("x", partial(note, "got "))
        self.bus.emit("x", "it")
        self.assertEqual(self.log, ["got it"])

    def test_failing_listener_does_not_stop_the_others(self):
        def bad(data):
            raise RuntimeError("listener broke")

        self.bus.on("x", bad)
        self.bus.on("x", lambda d: self.log.append("ok"))
        self.bus.emit("x", None)
        self.assertEqual(self.log, ["ok"])
        self.assertEqual(self.bus.errors, ["RuntimeError: listener broke"])

    def test_listener_may_call_back_into_the_bus(self):
        self.bus.on("first", lambda d: self.bus.emit("second", d + 1))
        self.bus.on("second", lambda d: self.log.append(d))
        self.bus.emit("first", 1)
        self.assertEqual(self.log, [2])


class ObservableTest(unittest.TestCase):
    def test_old_and_new_value(self):
        seen = []
        value = Observable(1)
        value.subscribe(lambda old, new: seen.append((old, new)))
        value.set(2)
        value.set(2)
        value.set(3)
        self.assertEqual(seen, [(1, 2), (2, 3)])

    def test_thermostat(self):
        switch = mock.Mock(return_value=True)
        t = Thermostat(target=20, on_heat=switch)
        for temperature in (25, 19, 18, 21):
            t.measure(temperature)
        self.assertEqual(switch.call_args_list, [mock.call(True), mock.call(False)])
