class Ledger:
    def __init__(self):
        self.entries = []

    def transfer(self, source, target, amount):
        source.withdraw(amount)
        target.deposit(amount)
        self.entries.append((source.owner, target.owner, amount))

    @staticmethod
    def total(accounts):
        return sum(a.balance for a in accounts)
