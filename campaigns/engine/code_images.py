"""Pictures of codes that scanners read: QR codes, and barcodes of Code 128."""

import struct
import zlib
from io import BytesIO

import segno
from barcode import Code128
from barcode.errors import BarcodeError
from barcode.writer import SVGWriter

#: Blank modules on either side of a barcode, as the norm asks for.
_QUIET = 10
#: How large pictures are where nobody says so: three pixels a module of a barcode.
SIZE = 10
_MODULE, _HEIGHT = 0.3, 18
#: Millimetres of an SVG barcode at size 1, and points of the code beneath.
_SVG = {
    "module_width": 0.02,
    "module_height": 1.5,
    "quiet_zone": 0.65,
    "text_distance": 0.5,
    "font_size": 1.0,
}
_MAGIC = b"\x89PNG\r\n\x1a\n"


class NotDrawable(ValueError):
    """The code has a character that the kind of picture cannot carry."""


def qr_svg(code: str, size: int = 8) -> bytes:
    """Return a QR code as an SVG file; damaged by an eighth it can still be read."""
    written = BytesIO()
    _qr(code).save(written, kind="svg", scale=size, border=4)
    return written.getvalue()


def qr_png(code: str, size: int = SIZE) -> bytes:
    """Return a QR code as a PNG file, ``size`` pixels a module."""
    written = BytesIO()
    _qr(code).save(written, kind="png", scale=size, border=4)
    return written.getvalue()


def qr_inline(code: str) -> str:
    """Return a QR code as an SVG element that takes the size of what is around it."""
    return _qr(code).svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)


def barcode_svg(code: str, size: int = SIZE) -> bytes:
    """Return a Code 128 barcode as an SVG file, with the code beneath.

    Raises:
        NotDrawable: the code is more than ASCII.
    """
    written = BytesIO()
    _barcode(code).write(written, {name: size * each for name, each in _SVG.items()})
    return written.getvalue()


def barcode_png(code: str, size: int = SIZE) -> bytes:
    """Return a Code 128 barcode as a PNG file, a whole number of pixels a module.

    Raises:
        NotDrawable: the code is more than ASCII.
    """
    blank = "0" * _QUIET
    modules = blank + _barcode(code).build()[0] + blank
    pixels = "".join(one * max(1, round(_MODULE * size)) for one in modules)
    return _png(pixels, _HEIGHT * size)


def _qr(code: str) -> segno.QRCode:
    return segno.make_qr(code, error="m")


def _barcode(code: str) -> Code128:
    try:
        if not code.isascii():
            raise NotDrawable(code)
        return Code128(code, writer=SVGWriter())
    except BarcodeError as wrong:
        raise NotDrawable(code) from wrong


def _png(line: str, height: int) -> bytes:
    """Return a PNG file of ``height`` equal lines; each 1 in ``line`` is black.

    Lines after the first say that nothing changes: the longest code at the largest size
    has as many pixels as a wall of screens, and is drawn in a moment.
    """
    width = len(line)
    blank = int("1" * width, 2) ^ int(line, 2)
    row_bytes = -(-width // 8)
    first = (blank << 8 * row_bytes - width).to_bytes(row_bytes, "big")
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    same = b"\x02" + bytes(row_bytes)
    body = zlib.compress(b"\x00" + first + same * (height - 1))
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return _MAGIC + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
