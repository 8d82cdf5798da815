"""What a citizen may attach to a message: pictures and PDF, checked by what they are and not by what they are called.

    checked(name, data) -> File     raises Invalid (of another kind), TooLarge

Of a picture what the camera wrote about it goes (where and when it was taken): who has a confidential address would
tell it without knowing. Which way up it is stays.
w3.org/TR/png/#11Chunks · JEITA CP-3451 (Exif) · ISO 32000-1
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from typing import Final

from samjournal.fhir.errors import Invalid, TooLarge

MOST: Final = 5 * 2**20
"""Bytes of one file."""
_JPEG, _PNG, _PDF = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"%PDF-"
_WITHIN: Final = 1024
_UPRIGHT: Final = 1
_ORIENTATION: Final = 0x0112
_TOLD: Final = (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME")


@dataclass(frozen=True, slots=True)
class File:
    """One file: what it is called, its media type and its bytes."""

    name: str
    media: str
    data: bytes


def checked(name: str, data: bytes) -> File:
    """The file as it is kept."""
    if len(data) > MOST:
        raise TooLarge(f"The file is larger than {MOST // 2**20} MB. Send a smaller one.")
    called = "".join(one for one in name.replace("\\", "/").rpartition("/")[2] if unicodedata.category(one)[0] != "C")
    called = called.strip()[-100:] or "fil"
    if data.startswith(_JPEG):
        return File(called, "image/jpeg", _bare_jpeg(data))
    if data.startswith(_PNG):
        return File(called, "image/png", _bare_png(data))
    if _PDF in data[:_WITHIN]:
        return File(called, "application/pdf", data)
    raise Invalid("Only pictures (JPEG, PNG) and PDF can be attached.")


def _bare_jpeg(data: bytes) -> bytes:
    """The picture without its application segments but the first (JFIF) and colours (ICC), and without comments."""
    kept, at, turned = [data[:2]], 2, _UPRIGHT
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # Fill bytes may stand before a marker.
            at += 1
            continue
        if marker == 0xDA:  # From here on it is the picture itself.
            break
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        segment = data[at : at + 2 + length]
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            turned = _orientation(segment[10:])
        if not (0xE1 <= marker <= 0xEF or marker == 0xFE) or (marker, segment[4:15]) == (0xE2, b"ICC_PROFILE"):
            kept.append(segment)
        at += 2 + length
    if turned != _UPRIGHT:
        kept.insert(1, _turned(turned))
    return b"".join(kept) + data[at:]


def _orientation(exif: bytes) -> int:
    """Which way up the camera held it, 1 to 8; 1 where it does not say."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return _UPRIGHT
    start = struct.unpack(f"{order}I", exif[4:8])[0]
    if len(exif) < start + 2:
        return _UPRIGHT
    count = struct.unpack(f"{order}H", exif[start : start + 2])[0]
    for place in range(start + 2, min(start + 2 + 12 * count, len(exif) - 11), 12):
        tag, _kind, _many, value = struct.unpack(f"{order}HHIH", exif[place : place + 10])
        if tag == _ORIENTATION and 1 <= value <= 8:
            return int(value)
    return _UPRIGHT


def _turned(way: int) -> bytes:
    """An Exif segment that says which way up, and nothing else."""
    body = b"Exif\0\0" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, way, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _bare_png(data: bytes) -> bytes:
    """The picture without its texts."""
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        end = at + 12 + length
        if data[at + 4 : at + 8] not in _TOLD:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
