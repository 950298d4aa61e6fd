import pytest

import bytes_tools as bt


def test_xor_round_trip():
    data = bytes(range(256))
    key = b"\x00\xff\x10"
    secret = bt.xor(data, key)
    assert isinstance(secret, bytes)
    assert secret != data
    assert bt.xor(secret, key) == data


def test_xor_known():
    assert bt.xor(b"\x01\x02\x03", b"\x01") == b"\x00\x03\x02"


def test_empty_key():
    with pytest.raises(ValueError, match="^empty key$"):
        bt.xor(b"abc", b"")


@pytest.mark.parametrize(
    "raw, packed", [(b"", b""), (b"a", b"\x01a"), (b"aaab", b"\x03a\x01b"), (b"\x00" * 300, b"\xff\x00\x2d\x00")]
)
def test_run_length(raw, packed):
    assert bt.pack(raw) == packed
    assert bt.unpack(packed) == raw


def test_reverse_in_place():
    buffer = bytearray(b"hello")
    assert bt.reverse(buffer) is None
    assert buffer == bytearray(b"olleh")


def test_checksum():
    assert bt.checksum(b"123456789") == 0xDD
    assert bt.checksum(bytearray(b"123456789")) == 0xDD


def test_decode_errors():
    assert bt.decode(b"caf\xc3\xa9") == "café"
    with pytest.raises(UnicodeDecodeError) as info:
        bt.decode(b"caf\xe9 bad")
    assert info.value.start == 3
    assert info.value.encoding == "utf-8"


def test_hexdump():
    assert bt.hexdump(b"AB\x00\xff") == "41 42 00 ff"
