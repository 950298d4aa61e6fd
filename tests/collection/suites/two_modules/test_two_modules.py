import unittest

import library
from library import Library
from models import Book, Member


class TwoModules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.book = Book("Dune", copies=1)
        cls.ann = Member("Ann")

    def setUp(self):
        self.library = Library([self.book, Book("Emma", 2)])

    def tearDown(self):
        for title in list(self.ann.loans):
            self.library.give_back(self.ann, title)

    def test_find_returns_the_very_object(self):
        self.assertIs(self.library.find("Dune"), self.book)

    def test_objects_of_one_module_in_another(self):
        self.library.lend(self.ann, "Dune")
        self.assertEqual(self.book.copies, 0)
        self.assertEqual(self.ann.loans, ["Dune"])

    def test_no_copies_left(self):
        self.library.lend(self.ann, "Dune")
        with self.assertRaises(library.NotAvailable) as e:
            self.library.lend(Member("Bob"), "Dune")
        self.assertIs(e.exception.book, self.book)

    def test_give_back(self):
        self.library.lend(self.ann, "Dune")
        self.library.give_back(self.ann, "Dune")
        self.assertEqual((self.book.copies, self.ann.loans), (1, []))

    def test_give_back_not_borrowed(self):
        with self.assertRaises(ValueError):
            self.library.give_back(self.ann, "Emma")

    def test_module_reexports(self):
        self.assertIs(library.Book, Book)

    def test_overdue_with_filter_function(self):
        self.library.lend(self.ann, "Emma")
        found = self.library.members_where(lambda m: "Emma" in m.loans)
        self.assertEqual([m.name for m in found], ["Ann"])
        self.assertIs(found[0], self.ann)

    def test_search_callback_receives_books(self):
        self.assertEqual([b.title for b in self.library.search(lambda b: b.copies > 1)], ["Emma"])

    def test_sort_books_by_attribute(self):
        books = sorted(self.library.books, key=lambda b: b.copies, reverse=True)
        self.assertEqual([b.title for b in books], ["Emma", "Dune"])

    def test_books_in_a_dict(self):
        shelf = {self.book: "A1"}
        self.assertEqual(shelf[self.library.find("Dune")], "A1")

    def test_unknown_title(self):
        self.assertIsNone(self.library.find("Ulysses"))
