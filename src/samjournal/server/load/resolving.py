"""References of one resource made into references of ours, in its bytes. hl7.org/fhir/R4/bundle.html#references

    names = Names()                       what the entries of one Bundle stand for
    resolved(raw, names, known)           the bytes, and the references that nothing is known of yet

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

_NAME = b'"reference"'
_BUNDLE = re.compile(rb'\{\s*"resourceType"\s*:\s*"Bundle"')
_VALUE = re.compile(rb'"reference"\s*:\s*"((?:[^"\\]|\\.)*)"')
_URN = re.compile(rb"urn:(?:uuid|oid):[A-Za-z0-9.\-]+")
_BASE = re.compile(r"(https?://.+)/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_text = msgspec.json.Decoder(str)
_encode = msgspec.json.Encoder().encode

Known = Callable[[str], str | None]
"""What a reference stands for that no entry of the Bundle answers; None when it is not known yet."""


@dataclass(slots=True)
class Names:
    """What references within one Bundle stand for: full urls, and ids that became others. `bases` are the addresses
    of the server that the Bundle came from; what it had is ours now."""

    of: dict[str, str] = field(default_factory=dict)
    bases: set[str] = field(default_factory=set)

    def add(self, entry: Entry, id_: str) -> None:
        """An entry becomes `id_` here."""
        reference = f"{entry.type}/{id_}"
        if entry.full_url:
            self.of[entry.full_url] = reference
            if base := _BASE.fullmatch(entry.full_url):
                self.bases.add(base[1])
        if entry.own_id and entry.own_id != id_:
            self.of.setdefault(f"{entry.type}/{entry.own_id}", reference)


def resolved(raw: bytes, names: Names, known: Known) -> tuple[bytes, list[str]]:
    """The bytes with the references of ours, and those references that nothing is known of yet. Those in a Bundle that
    is stored as it is are its own."""
    if _BUNDLE.match(raw):
        return raw, []
    missing: list[str] = []
    parts: list[bytes] = []
    done = 0
    at = raw.find(_NAME)
    while at >= 0:
        match = _VALUE.match(raw, at)
        end = match.end() if match else at + len(_NAME)
        new = _ours(match[1], names, known, missing) if match else None
        if new is not None:
            parts += (raw[done:at], b'"reference":', _encode(new))
            done = end
        at = raw.find(_NAME, end)
    made = b"".join((*parts, raw[done:])) if parts else raw
    if names.of and (b"urn:uuid:" in made or b"urn:oid:" in made):
        made = _links(made, names)
    return made, missing


def _ours(written: bytes, names: Names, known: Known, missing: list[str]) -> str | None:
    """What is to stand for a reference, None when it stays as it is written."""
    text = _text.decode(b'"%b"' % written) if b"\\" in written else written.decode(errors="replace")
    return names.of.get(text) or _outside(text, names, known, missing)


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
