import unittest

import pets
from pets import Animal, Cat, Dog, Puppy


class TestPets(unittest.TestCase):
    def setUp(self):
        self.dog = Dog("Rex", age=3)
        self.cat = Cat("Tom")

    def test_speak(self):
        self.assertEqual(self.dog.speak(), "Rex says Woof")
        self.assertEqual(self.cat.speak(), "Tom says Meow")

    def test_base_class_does_not_speak(self):
        with self.assertRaises(NotImplementedError):
            Animal("x").speak()

    def test_class_attributes(self):
        self.assertEqual(Dog.legs, 4)
        self.assertEqual(self.dog.legs, 4)
        self.assertEqual(Animal.kingdom, "Animalia")

    def test_instance_attribute_hides_class_attribute(self):
        self.dog.legs = 3
        self.assertEqual(self.dog.legs, 3)
        self.assertEqual(Dog.legs, 4)

    def test_classmethod_makes_the_right_class(self):
        p = Puppy.from_string("Bit;1")
        self.assertIs(type(p), Puppy)
        self.assertEqual((p.name, p.age), ("Bit", 1))

    def test_staticmethod(self):
        self.assertTrue(Animal.is_valid_name("Rex"))
        self.assertFalse(self.dog.is_valid_name(""))

    def test_override_calls_super(self):
        self.assertEqual(Puppy("Bit").speak(), "Bit says Woof (quietly)")

    def test_population(self):
        start = Animal.population()
        pets_ = [Cat("a"), Dog("b"), Puppy("c")]
        self.assertEqual(Animal.population(), start + len(pets_))

    def test_polymorphic_list(self):
        self.assertEqual([type(a).__name__ for a in (self.dog, self.cat, Puppy("p"))], ["Dog", "Cat", "Puppy"])

    def test_isinstance_of_tuple(self):
        self.assertIsInstance(Puppy("p"), (Cat, Dog))
        self.assertNotIsInstance(self.cat, Dog)

    def test_hasattr_and_getattr(self):
        self.assertTrue(hasattr(self.dog, "fetch"))
        self.assertFalse(hasattr(self.cat, "fetch"))
        self.assertEqual(getattr(self.cat, "owner", "nobody"), "nobody")

    def test_unknown_attribute(self):
        with self.assertRaises(AttributeError):
            self.cat.bark

    def test_vars(self):
        self.assertEqual(vars(self.dog), {"name": "Rex", "age": 3})

    def test_birthday_mutates(self):
        self.dog.birthday()
        self.assertEqual(self.dog.age, 4)

    def test_factory(self):
        self.assertIsInstance(pets.make("cat", "Kit"), Cat)
        with self.assertRaises(KeyError):
            pets.make("fish", "Nemo")
