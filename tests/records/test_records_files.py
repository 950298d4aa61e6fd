"""Images, JSON and status lists from strangers: bounded, and read in one way only."""

from __future__ import annotations

import base64
import gzip
import json
import struct
import time
import tracemalloc
import zlib

import made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import RecordsError, Refused, Unreadable
from grader.records import Issued, StatusList, free_index, verify
from grader.records.bake import bake_png, bake_svg, unbake_png, unbake_svg
from grader.records.drawing import Face, draw, render
from grader.records.reading import MAX_CREDENTIAL, find_credential, parse_json
from grader.records.status import MAX_BITS, SIZE, read_list

FACE = Face("A title", 86.5, "School", 2026, "a-rubric")
PNG = render(FACE, 64)
SVG = draw(FACE)
SVG_NAMESPACE = 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'


@pytest.mark.parametrize("text", ['{"a":"é 画像 🏅 ]]> & < \\" "}', "aa.bb.cc"])
def test_what_is_baked_in_comes_out(text: str) -> None:
    assert unbake_png(bake_png(PNG, text)) == text
    out = unbake_svg(bake_svg(SVG, text))
    assert out == text or json.loads(out) == json.loads(text)


def test_the_chunk_is_where_and_how_the_specification_says(badge: Issued) -> None:
    at = badge.png.index(b"iTXt")
    assert at < badge.png.index(b"IDAT")
    assert badge.png[at + 4 : at + 28] == b"openbadgecredential\0\0\0\0\0"
    start = badge.svg.index("<openbadges:credential>")
    assert badge.svg[:start].count("<") == 1
    assert badge.svg[start:].startswith("<openbadges:credential><![CDATA[{")


def test_nothing_is_baked_in_twice(badge: Issued) -> None:
    with pytest.raises(RecordsError):
        bake_png(badge.png, "{}")
    with pytest.raises(RecordsError):
        bake_svg(badge.svg, "{}")
    with pytest.raises(RecordsError):
        bake_svg("<html>", "{}")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join([chunk(b"IHDR", bytes(13)), *chunks, chunk(b"IEND", b"")])


ITXT = b"openbadgecredential\0"
BAD_PNGS = {
    "none": png(),
    "two": png(chunk(b"iTXt", ITXT + b"\0\0\0\0{}"), chunk(b"iTXt", ITXT + b"\0\0\0\0{}")),
    "compressed": png(chunk(b"iTXt", ITXT + b"\1\0\0\0" + zlib.compress(b"{}"))),
    "tEXt": png(chunk(b"tEXt", ITXT + b"{}")),
    "the old keyword": png(chunk(b"iTXt", b"openbadges\0\0\0\0\0{}")),
    "cut": bake_png(PNG, "{}")[:-20],
    "a wrong sum": bake_png(PNG, "{}").replace(b"openbadgecredential", b"openbadgecredentiaL"),
    "a length beyond the end": b"\x89PNG\r\n\x1a\n" + b"\xff\xff\xff\xffIHDR" + bytes(100),
    "no header": b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", ITXT + b"\0\0\0\0{}") + chunk(b"IEND", b""),
    "not UTF-8": png(chunk(b"iTXt", ITXT + b"\0\0\0\0{\xff}")),
    "endless": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"tEXt", b"") * 20_000,
    "no separators": png(chunk(b"iTXt", ITXT + b"\0\0")),
}


@pytest.mark.parametrize("image", BAD_PNGS.values(), ids=BAD_PNGS)
def test_a_png_that_is_not_as_it_must_be_is_unreadable(image: bytes) -> None:
    with pytest.raises(Unreadable):
        find_credential(image)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
BAD_SVGS = {
    "none": SVG,
    "two": bake_svg(SVG, "{}").replace("</svg>", "<openbadges:credential>{}</openbadges:credential></svg>"),
    "another namespace": SVG.replace("<svg ", '<svg xmlns:openbadges="https://x.example" ', 1),
    "entities": f'<!DOCTYPE svg [<!ENTITY a0 "ha">{LAUGHS}]><svg {SVG_NAMESPACE}><openbadges:credential>&a11;'
    "</openbadges:credential></svg>",
    "a file of this machine": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {SVG_NAMESPACE}>'
    "<openbadges:credential>&x;</openbadges:credential></svg>",
    "not well formed": f"<svg {SVG_NAMESPACE}><openbadges:credential>",
    "empty": f"<svg {SVG_NAMESPACE}><openbadges:credential/></svg>",
    "HTML": "<html><body>badge</body></html>",
}


@pytest.mark.parametrize("image", BAD_SVGS.values(), ids=BAD_SVGS)
def test_an_svg_that_is_not_as_it_must_be_is_unreadable(image: str) -> None:
    with pytest.raises(Unreadable):
        find_credential(image)


BAD_JSON = {
    "a key twice": '{"a": 1, "a": 2}',
    "a key twice, deep inside": '{"a": [{"b": 1, "b": 2}]}',
    "a key twice, once escaped": '{"a": 1, "\\u0061": 2}',
    "NaN": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "too large a number": '{"a": 1e999}',
    "a very long number": '{"a": ' + "9" * 10_000 + "}",
    "deep": '{"a":' * 5000 + "1" + "}" * 5000,
    "deeper than we look": '{"a":' * 41 + "1" + "}" * 41,
    "deep lists": '{"a":' + "[" * 100_000 + "]" * 100_000 + "}",
    "a control character": '{"a": "\\u001b[2J"}',
    "half a character": '{"a": "\\ud800"}',
    "a control character in a key": '{"\\u0000": 1}',
    "two values": "{} {}",
    "cut": '{"a": ',
    "large": '{"a": "' + "x" * MAX_CREDENTIAL + '"}',
}


@pytest.mark.parametrize("text", BAD_JSON.values(), ids=BAD_JSON)
def test_json_that_two_parsers_could_read_differently_is_unreadable(text: str) -> None:
    began = time.process_time()
    assert verify(text, now=made.NOW).verdict == "unreadable"
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "data", [b"", b" ", b"\xff\xfe", b"null", b"[]", b'"x"', b"a.b", b"x" * 9_000_000, b"<", b"\x89PNG"]
)
def test_what_is_no_credential_is_unreadable(data: bytes) -> None:
    assert verify(data, now=made.NOW).verdict == "unreadable"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")))
def test_no_bytes_break_the_verifier(data: bytes) -> None:
    for head in (b"", b"\x89PNG\r\n\x1a\n", b"<svg", b"{", b'{"@context":', b"eyJhbGciOiJFUzI1NiJ9."):
        assert not verify(head + data, now=made.NOW).verified


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "@context",
    "id",
    "type",
    "issuer",
    "credentialSubject",
    "proof",
    "validFrom",
    "validUntil",
    "credentialStatus",
    "evidence",
]


@settings(max_examples=150, deadline=None)
@given(key=st.sampled_from(KEYS), value=JSON)
def test_no_value_in_any_place_breaks_the_verifier(school: made.School, badge: Issued, key: str, value: object) -> None:
    changed = made.changed(badge, lambda c: c.update({key: value}))
    assert not school.verify(changed).verified or value == badge.credential[key]
    inner = made.changed(badge, lambda c: c["credentialSubject"].update({"result": value, "identifier": value}))
    assert not school.verify(inner).verified
    school.verify(school.token(inner) if isinstance(inner.get("validFrom"), str) else "")


def test_a_byte_order_mark_and_white_space_around_it_do_no_harm(school: made.School, badge: Issued) -> None:
    assert school.verify(b"\xef\xbb\xbf\n " + badge.json.encode() + b"\n").verified
    assert school.verify(f' "{badge.jwt}"\n').verified


def test_numbers_and_text_come_out_as_they_are() -> None:
    assert parse_json('{"a": [1, 2.5, true, null, "é"]}') == {"a": [1, 2.5, True, None, "é"]}


def listed(encoded: object, **changes: object) -> dict[str, object]:
    subject = {"type": "BitstringStatusList", "statusPurpose": "revocation", "encodedList": encoded}
    return {"id": "https://x.example/1", "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "credentialSubject": subject, **changes}  # fmt: skip


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@given(st.sets(st.integers(0, SIZE - 1), max_size=50))
def test_a_list_has_just_the_bits_that_were_set(indexes: set[int]) -> None:
    bits = StatusList.of("https://x.example/1", "revocation", indexes)
    again = read_list(listed(bits.encoded), bits.url, bits.purpose, made.NOW)
    assert again == bits
    assert all(again[index] for index in indexes)
    assert sum(byte.bit_count() for byte in again.bits) == len(indexes)


def test_the_first_index_is_the_highest_bit() -> None:
    assert StatusList.of("https://x.example/1", "revocation", [0, 9]).bits[:2] == b"\x80\x40"


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(gzip.compress(bytes(200_000_000), 9))
    tracemalloc.start()
    with pytest.raises(Refused, match="too many"):
        read_list(listed(bomb), "https://x.example/1", "revocation", made.NOW)
    assert tracemalloc.get_traced_memory()[1] < MAX_BITS
    tracemalloc.stop()


BAD_LISTS: dict[str, object] = {
    "too few": packed(gzip.compress(bytes(SIZE // 8 - 1))),
    "cut": packed(gzip.compress(bytes(SIZE // 8))[:-9]),
    "not gzip": packed(bytes(SIZE // 8)),
    "zlib": packed(zlib.compress(bytes(SIZE // 8))),
    "something behind": packed(gzip.compress(bytes(SIZE // 8)) + b"x"),
    "not base64url": "u+/+/",
    "a number": 5,
    "nothing": None,
}


@pytest.mark.parametrize("encoded", BAD_LISTS.values(), ids=BAD_LISTS)
def test_bits_that_are_damaged_are_refused(encoded: object) -> None:
    with pytest.raises(Refused):
        read_list(listed(encoded), "https://x.example/1", "revocation", made.NOW)


def test_indexes_are_random_and_a_full_list_says_so() -> None:
    assert len({free_index(set()) for _ in range(50)}) == 50
    drawn = iter([0, 1, 7])
    assert free_index({0, 1}, lambda _: next(drawn)) == 7
    with pytest.raises(RecordsError, match="nearly full"):
        free_index(range(SIZE * 9 // 10))
    for index in (-1, SIZE):
        with pytest.raises(RecordsError):
            StatusList.of("https://x.example/1", "revocation", [index])
