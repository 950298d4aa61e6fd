import threading
import unittest

from accounts import SafeCounter, TaskQueue, parallel_map


class CounterTest(unittest.TestCase):
    def test_count(self):
        c = SafeCounter()
        c.add()
        c.add(5)
        self.assertEqual(c.value, 6)

    def test_threads_of_the_test(self):
        c = SafeCounter()

        def work():
            for _ in range(20):
                c.add()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(c.value, 80)


class ParallelMapTest(unittest.TestCase):
    def test_keeps_order(self):
        self.assertEqual(parallel_map(lambda x: x * x, range(10)), [x * x for x in range(10)])

    def test_empty(self):
        self.assertEqual(parallel_map(abs, []), [])

    def test_error(self):
        with self.assertRaises(ZeroDivisionError):
            parallel_map(lambda x: 1 // x, [1, 0])


class TaskQueueTest(unittest.TestCase):
    def test_runs_in_order(self):
        done = []
        q = TaskQueue()
        for n in range(3):
            q.put(lambda n=n: done.append(n))
        self.assertEqual(q.run(), 3)
        self.assertEqual(done, [0, 1, 2])

    def test_results(self):
        q = TaskQueue()
        q.put(lambda: "a")
        q.put(lambda: {"b": 1})
        q.run()
        self.assertEqual(q.results, ["a", {"b": 1}])

    def test_failed_task_is_kept(self):
        q = TaskQueue()
        q.put(lambda: 1 / 0)
        q.put(lambda: "fine")
        self.assertEqual(q.run(), 1)
        self.assertIsInstance(q.failures[0], ZeroDivisionError)
