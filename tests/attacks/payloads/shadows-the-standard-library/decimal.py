Decimal = float
