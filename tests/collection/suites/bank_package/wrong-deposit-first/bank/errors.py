class BankError(Exception):
    pass


class InsufficientFunds(BankError):
    def __init__(self, account, missing):
        super().__init__(f"{account} is short of {missing}")
        self.account = account
        self.missing = missing
