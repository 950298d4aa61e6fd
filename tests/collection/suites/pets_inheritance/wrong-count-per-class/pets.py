class Animal:
    kingdom = "Animalia"
    legs = 4
    _count = 0

    def __init__(self, name, age=0):
        self.name = name
        self.age = age
        type(self)._count += 1

    @classmethod
    def from_string(cls, text):
        name, age = text.split(";")
        return cls(name, int(age))

    @classmethod
    def population(cls):
        return cls._count

    @staticmethod
    def is_valid_name(name):
        return bool(name) and name.isalpha()

    def speak(self):
        return f"{self.name} says {self.sound()}"

    def sound(self):
        raise NotImplementedError

    def birthday(self):
        self.age += 1


class Dog(Animal):
    def sound(self):
        return "Woof"

    def fetch(self):
        return "stick"


class Puppy(Dog):
    def speak(self):
        return super().speak() + " (quietly)"


class Cat(Animal):
    def sound(self):
        return "Meow"


def make(kind, name):
    return {"cat": Cat, "dog": Dog}[kind](name)
