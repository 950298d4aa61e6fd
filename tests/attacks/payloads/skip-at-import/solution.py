import unittest

try:
    import pytest

    pytest.skip("no GPU here", allow_module_level=True)
except ImportError:
    raise unittest.SkipTest("no GPU here") from None
