class Ledger:
    def __init__(self):
        self.entries = []

    def transfer(self, source, target, amount):
        target.deposit(amount)
        source.withdraw(amount)
        self.entries.append((source.owner, target.owner, amount))

    @staticmethod
    def total(accounts):
        return sum(a.balance for a in accounts)
