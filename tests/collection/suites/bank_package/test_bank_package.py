import pytest

import bank
from bank.account import Account, SavingsAccount
from bank.errors import BankError, InsufficientFunds
from bank.ledger import Ledger


@pytest.fixture
def alice():
    return Account("Alice", balance=100)


@pytest.fixture
def bob():
    return Account("Bob")


class TestAccount:
    def test_attributes(self, alice):
        assert alice.owner == "Alice"
        assert alice.balance == 100

    def test_default_balance(self, bob):
        assert bob.balance == 0

    def test_balance_is_read_only(self, alice):
        with pytest.raises(AttributeError):
            alice.balance = 10**6
        assert alice.balance == 100

    def test_withdraw_too_much(self, bob):
        with pytest.raises(InsufficientFunds) as exc:
            bob.withdraw(30)
        assert exc.value.missing == 30
        assert exc.value.account == "Bob"
        assert "30" in str(exc.value)

    def test_error_is_a_bank_error(self, bob):
        assert issubclass(InsufficientFunds, BankError)
        with pytest.raises(BankError):
            bob.withdraw(1)


class TestSavings:
    def test_is_an_account(self):
        assert issubclass(SavingsAccount, Account)
        assert isinstance(SavingsAccount("C", rate=0.1), Account)

    def test_interest(self):
        savings = SavingsAccount("C", balance=200, rate=0.05)
        savings.add_interest()
        assert savings.balance == pytest.approx(210)


class TestLedger:
    def test_transfer(self, alice, bob):
        ledger = Ledger()
        ledger.transfer(alice, bob, 60)
        assert (alice.balance, bob.balance) == (40, 60)
        assert ledger.entries == [("Alice", "Bob", 60)]

    def test_failed_transfer_changes_nothing(self, alice, bob):
        ledger = Ledger()
        with pytest.raises(InsufficientFunds):
            ledger.transfer(bob, alice, 5)
        assert (alice.balance, bob.balance) == (100, 0)
        assert ledger.entries == []

    def test_total(self, alice, bob):
        assert Ledger.total([alice, bob]) == 100


def test_package_exports():
    assert bank.Account is Account
    assert bank.__version__ == "1.0"
    assert bank.errors.BankError is BankError
