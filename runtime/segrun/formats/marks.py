"""The first bytes by which picture formats are told apart; their modules are loaded only when a file is of their kind."""

from __future__ import annotations

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
BMP = b"BM"
# Sizes of the header behind it, by which a BMP is told from any text that starts with these letters.
BMP_HEADER_SIZES = frozenset([12, 40, 52, 56, 64, 108, 124])
