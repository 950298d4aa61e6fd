import unittest

from solution import anagram_groups, find_anagrams


class AnagramTest(unittest.TestCase):
    def test_no_matches(self):
        self.assertCountEqual(find_anagrams("diaper", ["hello", "world", "zombies"]), [])

    def test_two_anagrams(self):
        self.assertCountEqual(find_anagrams("solemn", ["lemons", "cherry", "melons"]), ["lemons", "melons"])

    def test_keeps_order(self):
        self.assertEqual(find_anagrams("allergy", ["regally", "gallery", "largely"]), ["regally", "gallery", "largely"])

    def test_case_insensitive(self):
        self.assertEqual(find_anagrams("Orchestra", ["cashregister", "Carthorse"]), ["Carthorse"])

    def test_a_word_is_not_its_own_anagram(self):
        self.assertEqual(find_anagrams("BANANA", ["BANANA", "banana", "Banana"]), [])

    def test_multiplicity(self):
        self.assertEqual(find_anagrams("tapper", ["patter"]), [])

    def test_unicode(self):
        self.assertEqual(find_anagrams("ΑΒΓ", ["ΒΓΑ", "ΒΓΔ", "γβα", "αβγ"]), ["ΒΓΑ", "γβα"])

    def test_groups(self):
        groups = anagram_groups(["eat", "tea", "tan", "ate", "nat", "bat"])
        self.assertCountEqual(groups, [["eat", "tea", "ate"], ["tan", "nat"], ["bat"]])
        self.assertTrue(all(isinstance(group, list) for group in groups))

    def test_groups_of_nothing(self):
        self.assertEqual(anagram_groups([]), [])
