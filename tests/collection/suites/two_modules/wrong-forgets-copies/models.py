class Book:
    def __init__(self, title, copies):
        self.title = title
        self.copies = copies


class Member:
    def __init__(self, name):
        self.name = name
        self.loans = []
