import unittest

from robot_simulator import EAST, NORTH, SOUTH, WEST, Robot


class RobotSimulatorTest(unittest.TestCase):
    def test_at_origin_facing_north(self):
        robot = Robot(NORTH, 0, 0)
        self.assertEqual(robot.coordinates, (0, 0))
        self.assertEqual(robot.direction, NORTH)

    def test_default_robot(self):
        robot = Robot()
        self.assertEqual(robot.coordinates, (0, 0))
        self.assertEqual(robot.direction, NORTH)

    def test_negative_position(self):
        self.assertEqual(Robot(SOUTH, -1, -1).coordinates, (-1, -1))

    def test_directions_are_distinct(self):
        self.assertEqual(len({NORTH, EAST, SOUTH, WEST}), 4)

    def test_turn_right(self):
        for start, end in [(NORTH, EAST), (EAST, SOUTH), (SOUTH, WEST), (WEST, NORTH)]:
            with self.subTest(start=start):
                robot = Robot(start, 0, 0)
                robot.move("R")
                self.assertEqual(robot.direction, end)

    def test_turn_left(self):
        for start, end in [(NORTH, WEST), (WEST, SOUTH), (SOUTH, EAST), (EAST, NORTH)]:
            with self.subTest(start=start):
                robot = Robot(start, 0, 0)
                robot.move("L")
                self.assertEqual(robot.direction, end)

    def test_advance(self):
        for direction, place in [(NORTH, (0, 1)), (SOUTH, (0, -1)), (EAST, (1, 0)), (WEST, (-1, 0))]:
            robot = Robot(direction, 0, 0)
            robot.move("A")
            self.assertTupleEqual(robot.coordinates, place)

    def test_series(self):
        robot = Robot(NORTH, 7, 3)
        robot.move("RAALAL")
        self.assertEqual(robot.coordinates, (9, 4))
        self.assertEqual(robot.direction, WEST)

    def test_unknown_instruction_stops_before_moving(self):
        robot = Robot(EAST, 2, 2)
        with self.assertRaises(ValueError):
            robot.move("AAX")
        self.assertEqual(robot.coordinates, (2, 2))
