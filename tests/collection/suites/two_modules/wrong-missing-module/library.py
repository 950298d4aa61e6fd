from models import Book, Member

__all__ = ["Book", "Library", "Member", "NotAvailable"]


class NotAvailable(Exception):
    def __init__(self, book):
        super().__init__(book.title)
        self.book = book


class Library:
    def __init__(self, books):
        self.books = books
        self.members = []

    def find(self, title):
        return next((b for b in self.books if b.title == title), None)

    def lend(self, member, title):
        book = self.find(title)
        if not book.copies:
            raise NotAvailable(book)
        book.copies -= 1
        member.loans.append(title)
        if member not in self.members:
            self.members.append(member)

    def give_back(self, member, title):
        member.loans.remove(title)
        self.find(title).copies += 1

    def search(self, wanted):
        return [b for b in self.books if wanted(b)]

    def members_where(self, wanted):
        return [m for m in self.members if wanted(m)]
