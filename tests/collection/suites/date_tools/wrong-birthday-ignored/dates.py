from calendar import monthrange
from datetime import date, datetime, timedelta


def age(born, today):
    if born > today:
        raise ValueError("born in the future")
    return today.year - born.year


def add_months(day, n):
    y, m = divmod(day.year * 12 + day.month - 1 + n, 12)
    return day.replace(year=y, month=m + 1, day=min(day.day, monthrange(y, m + 1)[1]))


def business_days(start, end):
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return [d for d in days if d.weekday() < 5]


def friday_13th(year):
    return [date(year, m, 13) for m in range(1, 13) if date(year, m, 13).weekday() == 4]


def weeks(start):
    while True:
        yield start
        start += timedelta(weeks=1)


def parse(text):
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise ValueError(f"cannot read {text!r}")
