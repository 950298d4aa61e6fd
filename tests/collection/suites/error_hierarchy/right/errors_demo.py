class ApiError(Exception):
    def __init__(self, status, path):
        super().__init__(status, path)
        self.status = status
        self.path = path

    def __str__(self):
        return f"{self.status}: {self.path}"


class NotFound(ApiError):
    def __init__(self, path):
        super().__init__(404, path)


class RateLimited(ApiError):
    def __init__(self, path, retry_after=30):
        super().__init__(429, path)
        self.retry_after = retry_after


class ConfigError(Exception):
    def __init__(self, message, line):
        super().__init__(f"{message} in line {line}")
        self.line = line


def request(path):
    if path == "/missing":
        raise NotFound(path)
    if path == "/busy":
        raise RateLimited(path)
    if path == "/broken":
        raise ApiError(500, path)
    return {"status": 200}


def load_config(text):
    config = {}
    for n, line in enumerate(text.splitlines(), 1):
        try:
            key, value = line.split("=")
        except ValueError as e:
            raise ConfigError("no value", n) from e
        try:
            config[key] = int(value)
        except ValueError:
            raise ConfigError("not a number", n)
    return config


def setting(config, name):
    try:
        return config[name]
    except KeyError:
        raise LookupError(f"no setting {name}") from None


def on_error(path, handler):
    try:
        return request(path)
    except ApiError as e:
        return handler(e)


def read(path):
    with open(path) as f:
        return f.read()


def check(n):
    assert n > 0, "must be positive"


def lookup(d, key):
    return d[key]


def validate_all(texts):
    problems = []
    for t in texts:
        try:
            int(t)
        except ValueError as e:
            problems.append(e)
    if problems:
        raise ExceptionGroup("invalid", problems)
