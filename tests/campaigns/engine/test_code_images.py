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
    line = zlib.decompress(data)[1 : width + 1]
    bars = "".join("1" if one == 0 else "0" for one in line[::3])
    start_b, letter_a, letter_b = "11010010000", "10100011000", "10001011000"
    stop = "1100011101011"
    assert bars.strip("0").startswith(start_b + letter_a + letter_b)
    assert bars.strip("0").endswith(stop)
    assert b">AB<" in barcode_svg("AB")


@pytest.mark.parametrize("draw", [barcode_png, barcode_svg])
def test_a_barcode_carries_ascii_alone(draw):
    with pytest.raises(NotDrawable):
        draw("ÉTÉ")
