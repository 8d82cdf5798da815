"""XML of any length as JSON, one entry of a Bundle at a time. hl7.org/fhir/R4/xml.html

    stream = AsJson(read)      over the bytes of one document, however long
    stream.read(size)          its JSON, about so many bytes; each entry on the line on which it begins in the XML
    stream.refused             (line, issues) of entries that could not be read: they are left out

What stands in a Bundle beside its entries is given before them, or after them if that is where it stands.
Only one entry is held at once.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any

from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.xml_reader import MAX_ISSUES, Reader

MAX_ENTRY = 64 * 1024 * 1024
_STEP = 256 * 1024
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


class AsJson:
    """A document of XML, read as JSON."""

    def __init__(self, read: Callable[[int], bytes], *, most: int = MAX_ENTRY) -> None:
        self.refused: list[tuple[int, tuple[Issue, ...]]] = []
        self._read = read
        self._most = most
        self._entries: _Entries | None = _Entries(self.refused)
        begin = b""
        while len(begin) < len(codecs.BOM_UTF8) and (more := read(_STEP)):
            begin += more
        encoding = _UTF16.get(begin[:2])
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._feed(begin.removeprefix(codecs.BOM_UTF8))

    def read(self, size: int) -> bytes:
        """About so many bytes more, none at the end. Raises Invalid where the document breaks."""
        parts: list[bytes] = []
        length = 0
        while length < size and self._entries is not None:
            parts.extend(self._entries.ready)
            length += sum(map(len, self._entries.ready))
            self._entries.ready.clear()
            if self._entries.done:
                self._entries = None
            elif length < size:
                # In a long entry the steps grow with it: the parser begins a long value anew at each step.
                self._feed(self._read(max(_STEP, len(self._entries.body))))
        return b"".join(parts)

    def _feed(self, data: bytes) -> None:
        assert self._entries is not None
        if self._decoder is not None:
            try:
                data = self._decoder.decode(data, not data).encode()
            except UnicodeError:
                raise Invalid("The body begins as UTF-16 and is not. Send XML in UTF-8.") from None
        self._entries.feed(data)
        if len(self._entries.body) > self._most:
            raise Invalid(f"What begins on line {self._entries.line} is longer than {self._most >> 20} MB.")


class _Entries(Reader):
    """A reader that lets go of each entry of a Bundle when it ends."""

    body: bytearray

    def __init__(self, refused: list[tuple[int, tuple[Issue, ...]]]) -> None:
        super().__init__(bytearray())
        self.refused = refused
        self.ready: list[bytes] = []
        self.done = False
        self.line = 1
        self._line_given = 1
        self._given: set[str] = set()
        self._listed = False
        self._passed = 0

    def feed(self, data: bytes) -> None:
        """Takes what comes next; nothing means the end."""
        self.body += data
        try:
            self._parse(data, last=not data)
        except Invalid:
            self._let_go()
            raise
        if not data:
            self._let_go()
            self._close()
        del self.body[: self._passed - self.begins]
        self.begins = self._passed

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) < 2:
            self._set_aside()
            self.line = self.parser.CurrentLineNumber
        super()._start(name, attributes)

    def _end(self, name: str) -> None:
        ended = self.member
        super()._end(name)
        if len(self.stack) == 1 and ended.type == "Bundle.entry":
            self._entry_ended(self.owner["entry"])

    def _tell(self, code: str, text: str, more: str = "") -> None:
        if len(self.issues) < MAX_ISSUES:
            super()._tell(code, text, more)

    def _entry_ended(self, entries: list[Any]) -> None:
        self._tidy()
        # The place in the list stays, for the paths of what follows.
        entry, entries[-1] = entries[-1], None
        self._passed = self.parser.CurrentByteIndex
        if not self._set_aside():
            before = b"," if self._listed else self._others(self.owner) + b',"entry":['
            self._listed = True
            self._give(before, compact_of(entry))

    def _set_aside(self) -> bool:
        """Whether something was wrong since this was last asked."""
        if not self.issues:
            return False
        self.refused.append((self.line, tuple(self.issues)))
        self.issues.clear()
        return True

    def _close(self) -> None:
        self._tidy()
        self.done = True
        whole = self.owner[""]
        if self._listed:
            self._set_aside()
            self._give(b"]" + self._others(whole), b"}")
        elif not self._set_aside() or whole["resourceType"] == "Bundle":
            self.line = 1
            self._give(b"", self._others(whole) + b"}")

    def _others(self, resource: dict[str, Any]) -> bytes:
        """What a resource has beside entries, and was not given yet; what closes it is left out."""
        others = {key: value for key, value in resource.items() if key != "entry" and key not in self._given}
        before = b"," if self._given and others else b"" if self._given else b"{"
        self._given |= others.keys()
        return before + compact_of(others)[1:-1]

    def _give(self, before: bytes, json: bytes) -> None:
        lines = max(0, self.line - self._line_given)
        self._line_given += lines
        self.ready.append(before + b"\n" * lines + json)
