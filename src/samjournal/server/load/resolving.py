"""References of one resource made into references of ours, in its bytes. hl7.org/fhir/R4/bundle.html#references

    names = Names()                       what the entries of one Bundle stand for
    resolved(raw, names, known)           the bytes, and the references that nothing is known of yet
    may_refer(raw)                        False: the bytes mean the same in every Bundle

One pass over the bytes finds every Reference.reference; the resource is decoded once only, afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from samjournal.fhir import references
from samjournal.fhir.parsing import rewrite_references
from samjournal.server.load.entries import Entry

_REFERENCE = b'"reference":"'
_BUNDLE = re.compile(rb'\{\s*"resourceType"\s*:\s*"Bundle"')
_STRING = re.compile(rb'(?:[^"\\]|\\.)*')
_URN = re.compile(rb"urn:(?:uuid|oid):[A-Za-z0-9.\-]+")
_BASE = re.compile(r"(https?://.+)/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_text = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode

Known = Callable[[str], str | None]
"""What a reference stands for that no entry of the Bundle answers; None when it is not known yet."""


@dataclass(slots=True)
class Names:
    """What references within one Bundle stand for: full urls, and ids that became others. `bases` are the addresses
    of the server that the Bundle came from; what it had is ours now. `written` is what was settled, in bytes."""

    of: dict[str, str] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)
    written: dict[bytes, bytes] = field(default_factory=dict)

    def add(self, entry: Entry, id_: str) -> None:
        """An entry becomes `id_` here."""
        reference = f"{entry.type}/{id_}"
        self.written.clear()
        if entry.full_url:
            self.of[entry.full_url] = reference
            if base := _BASE.fullmatch(entry.full_url):
                self.bases.add(base[1])
        if entry.own_id and entry.own_id != id_:
            self.of.setdefault(f"{entry.type}/{entry.own_id}", reference)


def resolved(raw: bytes, names: Names, known: Known, *, is_compact: bool = False) -> tuple[bytes, list[str]]:
    """The bytes without white space and with the references of ours, and those references that nothing is known of
    yet. Those in a Bundle that is stored as it is are its own."""
    compact = raw if is_compact else _compact(raw)
    if _BUNDLE.match(raw):
        return compact, []
    missing: list[str] = []
    # A quote within a string is escaped, so what the text is parted at stands nowhere but where a reference begins.
    first, *parts = compact.split(_REFERENCE)
    for place, part in enumerate(parts):
        end = _end(part)
        new = _ours(part[:end], names, known, missing)
        if new is not None:
            parts[place] = new + part[end:]
    made = _REFERENCE.join((first, *parts))
    if names.of and (b"urn:uuid:" in made or b"urn:oid:" in made):
        made = _links(made, names)
    return made, missing


def may_refer(raw: bytes) -> bool:
    """Whether something in a resource could become another in one Bundle than in the next."""
    return b'"reference"' in raw or b"urn:uuid:" in raw or b"urn:oid:" in raw


def _compact(raw: bytes) -> bytes:
    """Without white space; what cannot be read stays as it is, and is refused later."""
    try:
        return msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return raw


def _end(part: bytes) -> int:
    """Where the string ends that the part begins in."""
    end = part.find(b'"')
    if b"\\" not in part[:end]:
        return end
    match = _STRING.match(part)
    return match.end() if match else len(part)


def _ours(written: bytes, names: Names, known: Known, missing: list[str]) -> bytes | None:
    """What is to stand for a reference, None when it stays as it is written."""
    new = names.written.get(written)
    if new is None:
        text = _text.decode(b'"%b"' % written) if b"\\" in written else written.decode(errors="replace")
        told = names.of.get(text) or _outside(text, names, known, missing)
        if told is None:
            return None
        new = names.written[written] = _encode(told)[1:-1]
    return new


def _outside(text: str, names: Names, known: Known, missing: list[str]) -> str | None:
    """What stands for a reference to something that is not in the Bundle, when it is to be another than is written."""
    if ":" not in text and "?" not in text:
        return None
    if not text.startswith("urn:uuid:"):
        read = references.read(text)
        if read.kind == "absolute" and read.type and text.rsplit("/", 2)[0] in names.bases:
            return f"{read.type}/{read.id}"
        if read.kind != "conditional":
            return None
    new = known(text)
    if new is None:
        missing.append(text)
    return new


def _links(raw: bytes, names: Names) -> bytes:
    """Full urls elsewhere: in elements that hold a link, and in narratives."""
    urns = {text.decode() for text in _URN.findall(raw)}
    mine = {text: names.of[text] for text in urns if text in names.of}
    return rewrite_references(msgspec.json.format(raw, indent=-1), mine) if mine else raw
