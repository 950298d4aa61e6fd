import pytest

import errors_demo as app
from errors_demo import ApiError, ConfigError, NotFound, RateLimited, load_config, request


def test_hierarchy():
    assert issubclass(NotFound, ApiError)
    assert issubclass(RateLimited, ApiError)
    assert issubclass(ApiError, Exception)
    assert not issubclass(ConfigError, ApiError)


def test_not_found_attributes():
    with pytest.raises(NotFound) as exc_info:
        request("/missing")
    err = exc_info.value
    assert err.status == 404
    assert err.path == "/missing"
    assert str(err) == "404: /missing"
    assert exc_info.type is NotFound


def test_caught_as_base_class():
    with pytest.raises(ApiError):
        request("/missing")


def test_base_is_not_caught_as_subclass():
    with pytest.raises(ApiError) as e:
        request("/broken")
    assert not isinstance(e.value, NotFound)


def test_rate_limit_has_a_default():
    with pytest.raises(RateLimited) as e:
        request("/busy")
    assert e.value.retry_after == 30
    assert e.value.args == (429, "/busy")


def test_ok():
    assert request("/ok") == {"status": 200}


def test_chained_cause():
    with pytest.raises(ConfigError, match="line 2") as e:
        load_config("a=1\nb")
    assert isinstance(e.value.__cause__, ValueError)


def test_implicit_context():
    with pytest.raises(ConfigError) as e:
        load_config("a=x")
    assert isinstance(e.value.__context__, ValueError)
    assert e.value.line == 1


def test_suppressed_context():
    with pytest.raises(LookupError) as e:
        app.setting({}, "colour")
    assert e.value.__cause__ is None
    assert e.value.__suppress_context__ is True


def test_try_except_in_the_test():
    try:
        request("/missing")
    except NotFound as error:
        caught = error.status
    else:
        pytest.fail("no exception")
    assert caught == 404


def test_raise_student_exception_from_a_callback():
    def handler(error):
        raise error

    with pytest.raises(NotFound):
        app.on_error("/missing", handler)


def test_construct_in_the_test():
    e = RateLimited("/x", retry_after=5)
    assert e.retry_after == 5
    assert isinstance(e, ApiError)


def test_os_errors():
    with pytest.raises(FileNotFoundError) as e:
        app.read("/does/not/exist.cfg")
    assert e.value.errno == 2
    assert e.value.filename == "/does/not/exist.cfg"


def test_assertion_error_from_student_code():
    with pytest.raises(AssertionError, match="positive"):
        app.check(-1)


def test_key_error_message():
    with pytest.raises(KeyError) as e:
        app.lookup({"a": 1}, "b")
    assert e.value.args[0] == "b"


def test_exception_group():
    with pytest.raises(ExceptionGroup) as e:
        app.validate_all(["1", "x", "y"])
    assert len(e.value.exceptions) == 2
