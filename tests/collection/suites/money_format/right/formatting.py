class Price:
    def __init__(self, amount, currency):
        self.amount = amount
        self.currency = currency

    def __str__(self):
        return f"{self.amount:,.2f} {self.currency}"

    def __repr__(self):
        return f"Price({self.amount!r}, {self.currency!r})"

    def __format__(self, spec):
        if spec == "short":
            return (
                f"{self.amount // 1000:.0f}k {self.currency}"
                if self.amount >= 1000
                else f"{self.amount} {self.currency}"
            )
        try:
            return format(str(self), spec)
        except ValueError:
            raise ValueError(f"cannot format a price as {spec!r}") from None

    def __bool__(self):
        return bool(self.amount)

    def __float__(self):
        return float(self.amount)


class Duration:
    def __init__(self, seconds):
        self.seconds = seconds

    def __str__(self):
        m, s = divmod(self.seconds, 60)
        h, m = divmod(m, 60)
        return f"{h}:{m:02}:{s:02}" if h else f"{m}:{s:02}"

    def __len__(self):
        return self.seconds

    def __index__(self):
        return self.seconds


def table(rows):
    cells = [[str(c) for c in row] for row in rows]
    width = [max(len(r[i]) for r in cells) for i in range(2)]
    lines = [
        f"{a:<{width[0]}} | {(b.rjust if isinstance(raw[1], int) or i else b.rjust)(width[1])}"
        for i, (raw, (a, b)) in enumerate(zip(rows, cells))
    ]
    lines.insert(1, "-" * (width[0] + 1) + "+" + "-" * (width[1] + 1))
    return "\n".join(lines)
