from dataclasses import dataclass


class CurrencyMismatch(TypeError):
    def __init__(self, *currencies):
        super().__init__("cannot mix " + " and ".join(currencies))
        self.currencies = currencies


@dataclass(order=True, unsafe_hash=True)
class Money:
    amount: int
    currency: str = "USD"

    def __add__(self, other):
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return Money(self.amount + other.amount, self.currency)

    def __mul__(self, n):
        return Money(self.amount * n, self.currency)

    __rmul__ = __mul__


def allocate(money, n):
    share, rest = divmod(money.amount, n)
    return [Money(share + (i < rest), money.currency) for i in range(n)]
