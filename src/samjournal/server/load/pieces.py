"""JSON in steps: the values of a text of any length, without holding more than one of them. RFC 8259, ndjson.org

    Text(read)                       a window that moves over a stream
    text.value() -> Piece            the next value, wherever it ends
    lines(text)                      newline-delimited JSON: each line for itself
    walk(text)                       the members of one object; of `entry` each element for itself

msgspec passes over a value at the speed of C and tells where what follows begins: that is how values are parted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from samjournal.fhir.errors import Invalid

MAX_PIECE = 64 * 1024 * 1024
"""How large one resource, one line or one member of a Bundle may be."""
_STEP = 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_FOLLOWS = re.compile(r"JSON is malformed: trailing characters \(byte (\d+)\)")
_TRUNCATED = "Input data was truncated"
_WRONG = re.compile(r"(?:JSON is malformed: )?(.*?)(?: \(byte (\d+)\))?")
_SPACE = re.compile(rb"[ \t\r\n]*")
_value = msgspec.json.Decoder(msgspec.Raw)
_name = msgspec.json.Decoder(str)


class Piece(NamedTuple):
    """One value as it stands, and the line on which it begins."""

    raw: bytes
    line: int


class TooLong(Invalid):
    """A value that goes on beyond what is held at once."""


class Text:
    """A window on a stream of bytes; `line` is the line of the place where it stands."""

    def __init__(self, read: Callable[[int], bytes], *, line: int = 1) -> None:
        self._read = read
        self._data = b""
        self._at = 0
        self._ended = False
        self.line = line
        if self.peek(3) == _MARK:
            self._at = 3

    def peek(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        while len(self._data) - self._at < size and self._more():
            pass
        return self._data[self._at : self._at + size]

    def next(self) -> bytes:
        """The next byte that is no white space, none at the end."""
        while True:
            sign = self._data[self._at : self._at + 1]
            if sign and sign not in b" \t\r\n":
                return sign
            match = _SPACE.match(self._data, self._at)
            assert match is not None
            self._forward(match.end())
            if self._at == len(self._data) and not self._more():
                return b""

    def take(self, *wanted: bytes) -> bytes:
        """Pass over one of some signs. Raises Invalid when another stands there."""
        found = self.next()
        if found not in wanted:
            said = " or ".join(sign.decode() for sign in wanted)
            instead = f"{found.decode(errors='replace')!r} stands" if found else "the text ends"
            raise Invalid(f"The text is not JSON (line {self.line}): {said} should follow where {instead}.")
        self._forward(self._at + 1)
        return found

    def value(self, *, limit: int = MAX_PIECE) -> Piece:
        """The value that begins here. Raises TooLong beyond the limit, Invalid for what is not JSON."""
        self.next()
        line = self.line
        while True:
            end = self._end()
            if end is not None:
                raw = self._data[self._at : end].rstrip()
                self._forward(end)
                return Piece(raw, line)
            if len(self._data) - self._at > limit:
                raise TooLong(f"What begins on line {line} is longer than {limit >> 20} MB.")
            if not self._more():
                raise Invalid(f"The text ends in the middle of what begins on line {line}: the file is cut off.")

    def rest_of_line(self) -> Piece | None:
        """The text up to the end of the line; None when the line is longer than a piece may be. It is passed over."""
        line = self.line
        begun = 0
        while (end := self._data.find(b"\n", self._at + begun)) < 0:
            begun = len(self._data) - self._at
            if begun > MAX_PIECE:
                self._pass_line()
                return None
            if not self._more():
                end = len(self._data)
                break
        raw = self._data[self._at : end]
        self._forward(min(end + 1, len(self._data)))
        return Piece(raw, line)

    def _pass_line(self) -> None:
        while (end := self._data.find(b"\n", self._at)) < 0:
            self._at = len(self._data)
            if not self._more():
                return
        self._forward(end + 1)

    def _end(self) -> int | None:
        """Where the value that begins here ends, None when it goes on."""
        try:
            _value.decode(memoryview(self._data)[self._at :])
        except msgspec.DecodeError as error:
            told = str(error)
            if follows := _FOLLOWS.fullmatch(told):
                return self._at + int(follows[1]) - 1
            if told != _TRUNCATED and not self._ends_in_number():
                raise self._unreadable(told) from None
            return None
        except RecursionError:
            raise Invalid(f"What begins on line {self.line} is nested too deep.") from None
        # It reaches to the end of what was read. Only a number could go on.
        return len(self._data) if self._ended or self._data[-1:] in b'}]" \r\n\t' else None

    def _ends_in_number(self) -> bool:
        """Whether what was read may end within a number."""
        return not self._ended and self._data[-1:] in b"0123456789+-.eE"

    def _unreadable(self, told: str) -> Invalid:
        wrong = _WRONG.fullmatch(told)
        assert wrong is not None
        line = self.line + self._data.count(b"\n", self._at, self._at + int(wrong[2] or 0))
        return Invalid(f"The text is not JSON (line {line}): {wrong[1]}.")

    def _more(self) -> bool:
        """Read on, at least as much as is held: what is long is not gone through again and again."""
        if self._ended:
            return False
        held = self._data[self._at :]
        read = self._read(max(_STEP, len(held)))
        self._ended = not read
        self._data, self._at = held + read, 0
        return bool(read)

    def _forward(self, to: int) -> None:
        self.line += self._data.count(b"\n", self._at, to)
        self._at = to


def first_of(begin: bytes) -> bytes:
    """The first value of a text, or as much of it as there is; nothing when it is no JSON."""
    try:
        _value.decode(begin)
    except msgspec.DecodeError as error:
        told = str(error)
        if follows := _FOLLOWS.fullmatch(told):
            return begin[: int(follows[1]) - 1]
        return begin if told == _TRUNCATED else b""
    except RecursionError:
        return b""
    return begin


def lines(text: Text) -> Iterator[Piece | Invalid]:
    """The lines that are not empty; Invalid for one that is too long."""
    while text.peek(1):
        line = text.line
        piece = text.rest_of_line()
        if piece is None:
            yield Invalid(f"Line {line} is longer than {MAX_PIECE >> 20} MB.")
        elif piece.raw.removeprefix(_MARK).strip():
            # Files that were put together each begin with a byte order mark.
            yield piece._replace(raw=piece.raw.removeprefix(_MARK))


def walk(text: Text) -> Iterator[tuple[str, Piece]]:
    """The members of the object that begins here, in their order; of `entry` each element for itself."""
    text.take(b"{")
    if text.next() == b"}":
        text.take(b"}")
        return
    sign = b","
    while sign == b",":
        name = _key(text)
        text.take(b":")
        if name == "entry" and text.next() == b"[":
            for piece in _elements(text):
                yield name, piece
        else:
            yield name, text.value()
        sign = text.take(b",", b"}")


def _key(text: Text) -> str:
    if text.next() != b'"':
        text.take(b'"')
    raw = text.value().raw
    try:
        return _name.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid(f"The text is not JSON (line {text.line}): a name is not UTF-8.") from None


def _elements(text: Text) -> Iterator[Piece]:
    text.take(b"[")
    if text.next() == b"]":
        text.take(b"]")
        return
    sign = b","
    while sign == b",":
        yield text.value()
        sign = text.take(b",", b"]")
