"""Pictures of codes are files of the kinds they say they are."""

import struct
import zlib
from xml.etree import ElementTree as ET

import pytest

from campaigns.engine.code_images import (
    NotDrawable,
    barcode_png,
    barcode_svg,
    qr_inline,
    qr_png,
    qr_svg,
)


def size_of(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_qr_code_is_drawn():
    # Version 1 has 21 modules, with four blank ones on each side.
    assert size_of(qr_png("SPRING-10")) == (290, 290)
    assert ET.fromstring(qr_svg("SPRING-10")).tag.endswith("svg")  # noqa: S314 - our own
    assert qr_inline("SPRING-10").startswith("<svg")


def test_a_barcode_says_the_code_in_code_128():
    png = barcode_png("AB")
    width, height = size_of(png)

    # Start, two characters and check take 11 modules each, stop takes 13.
    assert (width, height) == ((11 * 4 + 13 + 20) * 3, 180)
    data = png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8]
    row_bytes = -(-width // 8)
    lines = zlib.decompress(data)
    pixels = f"{int.from_bytes(lines[1 : row_bytes + 1]):0{8 * row_bytes}b}"[:width]
    bars = "".join("1" if one == "0" else "0" for one in pixels[::3])
    start_b, letter_a, letter_b = "11010010000", "10100011000", "10001011000"
    stop = "1100011101011"
    assert bars.strip("0").startswith(start_b + letter_a + letter_b)
    assert bars.strip("0").endswith(stop)
    # Each line after the first is the one above it.
    assert lines[row_bytes + 1 :] == (b"\x02" + bytes(row_bytes)) * (height - 1)
    assert b">AB<" in barcode_svg("AB")


def test_a_picture_of_twice_the_size_is_twice_as_wide_and_as_high():
    assert size_of(qr_png("AB", 20)) == (580, 580)
    assert size_of(barcode_png("AB", 20)) == ((11 * 4 + 13 + 20) * 6, 360)
    assert size_of(barcode_png("AB", 1)) == (11 * 4 + 13 + 20, 18)
    assert b'width="2.440mm"' in barcode_svg("AB", 1)


@pytest.mark.parametrize("draw", [barcode_png, barcode_svg])
def test_a_barcode_carries_ascii_alone(draw):
    with pytest.raises(NotDrawable):
        draw("ÉTÉ")
