def test_basic():
    pass
