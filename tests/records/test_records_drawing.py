from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from PIL import Image

from grader.records.drawing import Face, _outlines, draw, qr_svg, render

FACE = Face("Read handwritten digits", 86.5, "Example School", 2026, "digits-classifier")


def pixels(face: Face, size: int) -> Image.Image:
    return Image.open(io.BytesIO(render(face, size))).convert("RGBA")


def colours(image: Image.Image) -> set[tuple[int, ...]]:
    return set(image.get_flattened_data()) if hasattr(image, "get_flattened_data") else set(image.getdata())


@pytest.mark.parametrize("size", [64, 256, 512])
def test_it_is_a_square_picture_on_nothing(size: int) -> None:
    image = pixels(FACE, size)
    assert image.size == (size, size)
    assert image.getpixel((0, 0)) == (0, 0, 0, 0)
    assert image.getpixel((size // 2, size // 20))[3] == 255


def test_the_ring_is_as_long_as_the_mark() -> None:
    """Points of the ring at three, six and nine o'clock are lit from a quarter, a half and three quarters on."""
    places = ((463, 254), (256, 461), (49, 254))
    for percent, lit in ((10, 0), (30, 1), (55, 2), (80, 3), (100, 3)):
        image = pixels(replace(FACE, percent=percent), 512)
        accent = image.getpixel((258, 47))
        assert [image.getpixel(place) == accent for place in places] == [n < lit for n in range(3)], percent


def test_the_number_never_says_more_than_was_reached() -> None:
    assert ": 99 %" in draw(replace(FACE, percent=99.99))
    assert ": 100 %" in draw(replace(FACE, percent=100.0))


def test_colours_belong_to_the_rubric() -> None:
    assert draw(FACE) == draw(replace(FACE))
    drawn = {draw(replace(FACE, rubric=f"r{n}")) for n in range(60)}
    assert len(drawn) == 12


@pytest.mark.parametrize(
    "title",
    [
        "x",
        "<script>alert(1)</script> & \"quotes\" 'too'",
        "Έλληνες и русские",
        "画像認識",
        "a" * 200,
        "word " * 80,
        "🏅",
        "",
        "]]>",
    ],
)
def test_any_title_gives_a_well_formed_picture_that_holds_no_script(title: str) -> None:
    text = draw(replace(FACE, title=title, issuer=title or "x"))
    root = ET.fromstring(text)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "svg", "title", "defs", "linearGradient", "stop", "path", "circle", "rect", "g", "text",
    }  # fmt: skip
    assert render(replace(FACE, title=title), 64)


def test_letters_are_outlines_and_those_we_lack_are_left_to_the_viewer() -> None:
    assert "<text" not in draw(FACE)
    assert "画像認識</text>" in draw(replace(FACE, title="画像認識"))
    assert set("AZaz09 .,:-\u2014éüßñøçŁΩЖ%·…") <= set(_outlines())


def test_a_long_issuer_is_cut_and_the_year_stays() -> None:
    short, long = (draw(replace(FACE, issuer=name)) for name in ("A", "A very long name of a school " * 4))
    year = "".join(digit for digit in "2026" if f'd="{_outlines()[digit][1]}"' in long)
    assert year == "2026"
    assert len(long) < len(short) * 4


def test_the_qr_code_is_an_svg_element() -> None:
    root = ET.fromstring(qr_svg("https://grader.example.org/badges/AbCdEfGhIjKlMnOpQrStUv"))
    assert root.tag.endswith("svg")
