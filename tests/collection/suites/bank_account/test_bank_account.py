import unittest

from bank_account import BankAccount


class BankAccountTest(unittest.TestCase):
    def setUp(self):
        self.account = BankAccount()

    def test_newly_opened_account_has_zero_balance(self):
        self.account.open()
        self.assertEqual(self.account.get_balance(), 0)

    def test_single_deposit(self):
        self.account.open()
        self.account.deposit(100)
        self.assertEqual(self.account.get_balance(), 100)

    def test_multiple_deposits(self):
        self.account.open()
        for amount in (100, 50, 1):
            self.account.deposit(amount)
        self.assertEqual(self.account.get_balance(), 151)

    def test_withdraw(self):
        self.account.open()
        self.account.deposit(100)
        self.account.withdraw(75)
        self.assertEqual(self.account.get_balance(), 25)

    def test_balance_of_closed_account(self):
        self.account.open()
        self.account.close()
        with self.assertRaises(ValueError) as err:
            self.account.get_balance()
        self.assertEqual(type(err.exception), ValueError)
        self.assertEqual(err.exception.args[0], "account not open")

    def test_deposit_into_unopened_account(self):
        with self.assertRaisesRegex(ValueError, "^account not open$"):
            self.account.deposit(50)

    def test_cannot_open_twice(self):
        self.account.open()
        with self.assertRaisesRegex(ValueError, "already open"):
            self.account.open()

    def test_cannot_withdraw_more_than_deposited(self):
        self.account.open()
        self.account.deposit(25)
        with self.assertRaises(ValueError) as err:
            self.account.withdraw(50)
        self.assertEqual(str(err.exception), "amount must be less than balance")
        self.assertEqual(self.account.get_balance(), 25)

    def test_negative_amounts(self):
        self.account.open()
        self.assertRaises(ValueError, self.account.deposit, -50)
        self.assertRaises(ValueError, self.account.withdraw, -50)

    def test_reopened_account_does_not_keep_balance(self):
        self.account.open()
        self.account.deposit(50)
        self.account.close()
        self.account.open()
        self.assertEqual(self.account.get_balance(), 0)
