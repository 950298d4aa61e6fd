def is_leap(year):
    if year < 1:
        raise ValueError("year must be positive")
    return year % 4 == 0


def days_in_february(year):
    return 29 if is_leap(year) else 28
