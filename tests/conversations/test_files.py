"""What comes along with a message is what it says it is, and does not tell where a picture was taken."""

from __future__ import annotations

import struct

import pytest

from samjournal.conversations import LARGEST, checked
from samjournal.fhir.errors import Invalid, TooLarge

PICTURE = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x12\x34\xff\xd9"


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(order: str, *, way: int) -> bytes:
    """As a camera writes it: which way up, and a place after that."""
    first = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, way, 0) + struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 2)
    return segment(0xE1, b"Exif\0\0" + head + first + b"\0\0\0\0" + b"GPS 64.0148 N 11.4954 E")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("way", [1, 6])
def test_a_picture_keeps_which_way_up_it_is_and_loses_where_it_was_taken(order: str, way: int) -> None:
    jfif, colours = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), segment(0xE2, b"ICC_PROFILE\0\1\1farger")
    told = exif(order, way=way) + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>Steinkjer</x>")
    table = segment(0xDB, b"\0" * 65)
    data = b"\xff\xd8" + jfif + told + colours + segment(0xFE, b"Kamera 7") + table + PICTURE
    kept = checked("hage.jpg", data)
    for secret in (b"GPS", b"64.0148", b"Steinkjer", b"Kamera"):
        assert secret in data
        assert secret not in kept.data
    assert kept.data.startswith(b"\xff\xd8")
    for part in (jfif, colours, table, PICTURE):
        assert part in kept.data
    again = checked("hage.jpg", kept.data)
    assert again.data == kept.data
    assert (struct.pack(">HHIH", 0x0112, 3, 1, 6) in kept.data) == (way == 6)


def test_a_png_loses_its_texts() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + b"crc!"

    head, end = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)), chunk(b"IDAT", b"x" * 9) + chunk(b"IEND", b"")
    told = chunk(b"tEXt", b"Place\0Steinkjer") + chunk(b"eXIf", b"MM\0*GPS")
    assert checked("a.png", head + told + end).data == head + end


@pytest.mark.parametrize("data", [b"", b"MZ\x90", b"<svg onload=alert(1)>", b"<html>", b"GIF89a", b"PK\x03\x04"])
def test_what_is_neither_picture_nor_pdf_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(Invalid):
        checked("bilde.jpg", data)


@pytest.mark.parametrize("cut", [3, 5, 12, 30, 60])
def test_a_picture_that_is_cut_off_or_broken_hangs_nothing(cut: int) -> None:
    whole = b"\xff\xd8" + exif(">", way=6) + PICTURE
    assert checked("a.jpg", whole[:cut]).media == "image/jpeg"
    assert checked("a.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * cut).media == "image/png"


def test_a_file_is_no_larger_than_is_said_and_its_name_leads_nowhere() -> None:
    with pytest.raises(TooLarge):
        checked("a.pdf", b"%PDF-" + bytes(LARGEST))
    assert checked("../../etc\\passwd\x00.pdf", b"%PDF-1.7").name == "passwd.pdf"
    assert checked("", b"%PDF-1.7").name == "fil"
