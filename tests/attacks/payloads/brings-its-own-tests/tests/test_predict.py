def test_basic():
    pass


def test_held_out():
    pass


def test_random():
    pass
