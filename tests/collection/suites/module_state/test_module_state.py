import pytest

import settings_app as s


@pytest.fixture(autouse=True)
def fresh():
    s.reset()
    yield
    s.reset()


def test_constants():
    assert s.VERSION == (1, 2, 3)
    assert s.DEFAULTS == {"lang": "en", "size": 10}
    assert s.PI == pytest.approx(3.14159, abs=1e-5)
    assert s.NOTHING is None
    assert s.ENABLED is True


def test_counter():
    assert s.counter == 0
    s.increment()
    s.increment(5)
    assert s.counter == 6


def test_counter_is_reset_between_tests():
    assert s.counter == 0


def test_setting_a_module_variable():
    s.counter = 100
    assert s.increment() == 101
    assert s.counter == 101


def test_registry_is_a_live_list():
    registry = s.registry
    s.register("a")
    assert registry == ["a"]
    registry.append("b")
    assert s.registered("b") is True


def test_reset_empties_the_registry():
    registry = s.registry
    s.register("a")
    s.reset()
    assert s.registered("a") is False
    assert registry == []


def test_changing_a_module_dict(monkeypatch):
    monkeypatch.setitem(s.DEFAULTS, "lang", "cs")
    assert s.greeting() == "Ahoj"


def test_after_the_patch():
    assert s.greeting() == "Hello"


def test_missing_name():
    with pytest.raises(AttributeError):
        s.no_such_thing
    assert not hasattr(s, "no_such_thing")


def test_from_import_of_a_missing_name():
    with pytest.raises(ImportError):
        from settings_app import no_such_thing  # noqa: F401


def test_from_import_is_a_snapshot():
    from settings_app import counter

    s.increment()
    assert counter == 0
    assert s.counter == 1


def test_delete_a_module_variable():
    s.temporary = 1
    assert s.has_temporary()
    del s.temporary
    assert not s.has_temporary()


def test_primes_are_computed_at_import():
    assert s.PRIMES[:5] == [2, 3, 5, 7, 11]
    assert len(s.PRIMES) == 25
