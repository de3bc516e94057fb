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
_SCALE, _HEIGHT = 3, 180
_MAGIC = b"\x89PNG\r\n\x1a\n"


class NotDrawable(ValueError):
    """The code has a character that the kind of picture cannot carry."""


def qr_svg(code: str) -> bytes:
    """Return a QR code as an SVG file; damaged by an eighth it can still be read."""
    written = BytesIO()
    _qr(code).save(written, kind="svg", scale=8, border=4)
    return written.getvalue()


def qr_png(code: str) -> bytes:
    """Return a QR code as a PNG file, ten pixels a module."""
    written = BytesIO()
    _qr(code).save(written, kind="png", scale=10, border=4)
    return written.getvalue()


def qr_inline(code: str) -> str:
    """Return a QR code as an SVG element that takes the size of what is around it."""
    return _qr(code).svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)


def barcode_svg(code: str) -> bytes:
    """Return a Code 128 barcode as an SVG file, with the code beneath.

    Raises:
        NotDrawable: the code is more than ASCII.
    """
    written = BytesIO()
    _barcode(code).write(written)
    return written.getvalue()


def barcode_png(code: str) -> bytes:
    """Return a Code 128 barcode as a PNG file, three pixels a module.

    Raises:
        NotDrawable: the code is more than ASCII.
    """
    blank = "0" * _QUIET
    modules = blank + _barcode(code).build()[0] + blank
    line = bytes(255 * (one == "0") for one in modules for _ in range(_SCALE))
    return _grey_png(line, _HEIGHT)


def _qr(code: str) -> segno.QRCode:
    return segno.make_qr(code, error="m")


def _barcode(code: str) -> Code128:
    try:
        if not code.isascii():
            raise NotDrawable(code)
        return Code128(code, writer=SVGWriter())
    except BarcodeError as wrong:
        raise NotDrawable(code) from wrong


def _grey_png(line: bytes, height: int) -> bytes:
    """Return a PNG file of ``height`` equal lines, a byte of grey a pixel."""
    head = struct.pack(">IIBBBBB", len(line), height, 8, 0, 0, 0, 0)
    body = zlib.compress((b"\x00" + line) * height, 9)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return _MAGIC + b"".join(
        struct.pack(">I", len(data))
        + kind
        + data
        + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
