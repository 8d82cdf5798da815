"""Reading one file: what it is by its content, and what it holds.

    contents(source, seed, passed) -> Iterator[Entry | Bundle | Refused]

JSON (one resource or Bundle, or several after each other), newline-delimited JSON, XML, each plain or gz. A Bundle that
is larger than what is held at once is gone through in steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from samjournal.fhir.errors import Invalid
from samjournal.fhir.xml_stream import AsJson
from samjournal.server.load.bundles import Bundle, Held
from samjournal.server.load.entries import Entry, Refused, Spot, alone, is_whole, refuse_kind, type_of
from samjournal.server.load.files import Source, Stream, opened
from samjournal.server.load.pieces import MAX_PIECE, Piece, Text, TooLong, first_of, lines, walk

HELD = 4 * 1024 * 1024
"""A larger Bundle is read in steps."""
_LOOKED_AT = 64 * 1024
_PACKED = {b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"7z\xbc\xaf": "7z"}
_WIDE = (b"\xff\xfe{", b"\xfe\xff\x00{", b"{\x00", b"\x00{")
_XML = (b"<", b"\xff\xfe", b"\xfe\xff", b"\x00<")

AsText = Callable[[Callable[[int], bytes]], Text]


class NotFhir(Exception):
    """A file that is none of ours; the text says why."""


def contents(source: Source, seed: str, at: Callable[[int], None]) -> Iterator[Entry | Bundle | Refused]:
    """What a file holds, in its order; `at` is told how far on the disk the reading came.

    Raises NotFhir for a file of another kind, Invalid for one that breaks in the middle.
    """
    with opened(source) as stream:
        text = Text(_told(stream, at))
        begin = text.peek(_LOOKED_AT)
        if b"\n" not in begin.strip():
            begin = text.peek(HELD)  # The first of many lines may be a long one.
        _refuse_packed(begin)
        match begin.lstrip()[:1]:
            case b"{" if _is_lines(begin):
                yield from _of_lines(text, seed)
            case b"{" if not begin.startswith(_WIDE):
                yield from _of_values(text, source, seed, at)
            case b"[":
                raise NotFhir("it is a JSON array: FHIR has Bundles, or one resource on each line (NDJSON)")
            case _ if begin.startswith(_WIDE):
                raise Invalid("The file is JSON in UTF-16. FHIR is sent in UTF-8: convert it.")
            case _ if begin.lstrip().startswith(_XML):
                yield from _of_xml(source, seed, at)
            case b"":
                raise NotFhir("it is empty")
            case _:
                raise NotFhir("it is neither JSON nor XML")


def _told(stream: Stream, at: Callable[[int], None]) -> Callable[[int], bytes]:
    """Reading that tells how far it came."""

    def read(size: int) -> bytes:
        at(stream.position)
        return stream.read(size)

    return read


def _refuse_packed(begin: bytes) -> None:
    for sign, name in _PACKED.items():
        if begin.startswith(sign):
            raise NotFhir(f"it is packed as {name}: unpack it first, or pack it as gz")


def _is_lines(begin: bytes) -> bool:
    """Whether one of the first lines is a whole resource, with others after it or before. What goes on over several
    lines is none, whatever stands on one of them."""
    if b"\n" in first_of(begin).strip():
        return False
    found = begin.split(b"\n")
    return (
        len(found) > 1
        and any(line.startswith(b"{") and is_whole(line) for line in found[:20])
        and sum(map(bool, found)) > 1
    )


def _of_lines(text: Text, seed: str) -> Iterator[Entry | Bundle | Refused]:
    for piece in lines(text):
        if isinstance(piece, Invalid):
            yield _refused(text.line - 1, piece)
        else:
            yield from _of_piece(piece, f"{seed} line {piece.line}")


def _of_values(
    text: Text, source: Source, seed: str, at: Callable[[int], None], as_json: AsText = Text
) -> Iterator[Entry | Bundle | Refused]:
    first = True
    while text.next():
        try:
            piece = text.value(limit=HELD if first else MAX_PIECE)
        except TooLong:
            if not first:
                raise
            large = _large(source, seed, at, as_json)
            if large is not None:
                yield large
                return
            piece = text.value()
        if first and not _has_type(piece.raw):
            raise NotFhir("it is JSON without a resourceType")
        yield from _of_piece(piece, seed if first else f"{seed} line {piece.line}")
        first = False


def _has_type(raw: bytes) -> bool:
    try:
        return bool(type_of(raw))
    except Invalid:
        return True


def _large(source: Source, seed: str, at: Callable[[int], None], as_json: AsText) -> Bundle | None:
    """The Bundle that a large file is, None when it is something else."""

    @contextmanager
    def again() -> Iterator[Text]:
        with opened(source) as stream:
            yield as_json(_told(stream, at))

    kind = name = ""
    try:
        with again() as text:
            for member, piece in walk(text):
                if member in ("resourceType", "type"):
                    told = _string(piece.raw)
                    name, kind = (told, kind) if member == "resourceType" else (name, told)
                elif name and name != "Bundle":
                    return None
            if text.next():
                raise Invalid(f"Something follows the Bundle on line {text.line}: a file has one, or one on each line.")
    except TooLong:
        return None
    if name != "Bundle":
        return None
    refuse_kind(kind)
    return Bundle(again, kind, seed)


def _string(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""


def _of_xml(source: Source, seed: str, at: Callable[[int], None]) -> Iterator[Entry | Bundle | Refused]:
    """XML is read as the JSON that it means, each entry on its line; what could not be read is told at the end."""
    readings: list[AsJson] = []

    def as_json(read: Callable[[int], bytes]) -> Text:
        readings.append(AsJson(read))
        return Text(readings[-1].read)

    with opened(source) as stream:
        yield from _of_values(as_json(_told(stream, at)), source, seed, at, as_json)
    # A large Bundle is gone through more than once: the longest list is of a reading that came to the end.
    for line, issues in max((reading.refused for reading in readings), key=len):
        for issue in issues:
            yield _refused(line, Invalid(issue.text, issues=[issue]))


def _of_piece(piece: Piece, seed: str) -> Iterator[Entry | Bundle | Refused]:
    try:
        yield Held(piece, seed) if type_of(piece.raw) == "Bundle" else alone(piece.raw, piece.line, seed)
    except Invalid as error:
        yield _refused(piece.line, error)


def _refused(line: int, error: Invalid) -> Refused:
    return Refused(Spot("", lambda: line), error)
