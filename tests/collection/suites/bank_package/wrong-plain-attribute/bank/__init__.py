from . import errors, ledger
from .account import Account, SavingsAccount

__version__ = "1.0"
__all__ = ["Account", "SavingsAccount", "errors", "ledger"]
