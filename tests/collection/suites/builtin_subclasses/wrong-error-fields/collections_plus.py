class ValidationError(ValueError):
    def __init__(self, field, value):
        super().__init__(field, value)
        self.field = value
        self.value = field

    def __str__(self):
        return f"{self.field}: cannot read {self.value!r}"


class AttrDict(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value


class Sorted(list):
    def __init__(self, items=()):
        super().__init__(sorted(items))

    def add(self, item):
        self.append(item)
        self.sort()


class Tag(str):
    def slug(self):
        return "-".join(self.lower().split())


class Percent(int):
    def __new__(cls, value):
        if not 0 <= value <= 100:
            raise ValueError("0 to 100")
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text):
        if not text.isdigit():
            raise ValidationError("percent", text)
        return cls(int(text))

    def of(self, amount):
        return amount * self / 100


class Path:
    def __init__(self, text):
        self.text = text

    def __truediv__(self, other):
        return Path(f"{self.text}/{other}")

    @property
    def name(self):
        return self.text.rpartition("/")[2]

    def __str__(self):
        return self.text


def tags_of(text):
    return [Tag(w[1:].lower()) for w in text.split() if w.startswith("#")]
