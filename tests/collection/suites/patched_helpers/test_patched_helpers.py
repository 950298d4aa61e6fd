import unittest
from unittest import mock
from unittest.mock import MagicMock, call, patch

import weather


class WeatherTest(unittest.TestCase):
    @patch("weather.fetch")
    def test_report(self, fetch):
        fetch.return_value = {"temp": 21.5, "sky": "clear"}
        self.assertEqual(weather.report("Brno"), "Brno: 21.5°C, clear")
        fetch.assert_called_once_with("Brno")

    @patch("weather.fetch", return_value={"temp": -5, "sky": "snow"})
    def test_cold(self, fetch):
        self.assertTrue(weather.is_freezing("Oslo"))

    def test_without_patch_there_is_no_network(self):
        with self.assertRaises(ConnectionError):
            weather.fetch("Brno")

    def test_error_is_handled(self):
        with patch("weather.fetch", side_effect=ConnectionError("no route")):
            self.assertEqual(weather.report("Rome"), "Rome: no data (no route)")

    def test_retries_three_times(self):
        with patch("weather.fetch", side_effect=[ConnectionError, ConnectionError, {"temp": 1, "sky": "fog"}]) as fetch:
            self.assertEqual(weather.stubborn("Rome"), {"temp": 1, "sky": "fog"})
        self.assertEqual(fetch.call_count, 3)

    def test_does_not_sleep_for_real(self):
        with patch("weather.sleep") as sleep, patch("weather.fetch", side_effect=[ConnectionError] * 2 + [{"temp": 0}]):
            weather.stubborn("Rome", wait=60)
        self.assertEqual(sleep.call_args_list, [call(60), call(60)])

    @patch("weather.now", lambda: 1000.0)
    def test_patched_with_a_lambda(self):
        self.assertEqual(weather.age(400.0), 600.0)

    @patch.object(weather, "UNIT", "F")
    def test_patched_constant(self):
        with patch("weather.fetch", return_value={"temp": 70, "sky": "sun"}):
            self.assertEqual(weather.report("Miami"), "Miami: 70°F, sun")

    def test_patch_is_undone(self):
        self.assertEqual(weather.UNIT, "C")

    @patch.dict(weather.ALIASES, {"NYC": "New York"})
    def test_patched_dict(self):
        with patch("weather.fetch", return_value={"temp": 3, "sky": "rain"}) as fetch:
            weather.report("NYC")
        fetch.assert_called_with("New York")

    def test_patched_dict_is_undone(self):
        self.assertEqual(weather.ALIASES, {})

    @patch.object(weather.Station, "read", return_value=10)
    def test_patched_method(self, read):
        self.assertEqual(weather.Station("A").average(3), 10)
        self.assertEqual(read.call_count, 3)

    def test_patched_class(self):
        with patch("weather.Station") as Station:
            Station.return_value.average.return_value = 12.0
            self.assertEqual(weather.station_report("A"), "A reads 12.0")

    def test_patched_instance_attribute(self):
        station = weather.Station("A")
        station.read = mock.Mock(side_effect=[1, 2, 6])
        self.assertEqual(station.average(3), 3)

    def test_magic_mock_callback(self):
        alarm = MagicMock()
        weather.watch([1, -1, 5, -7], alarm)
        alarm.assert_has_calls([call(1, -1), call(3, -7)])
