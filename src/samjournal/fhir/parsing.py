"""JSON bytes to resource and back without changing what was sent. hl7.org/fhir/R4/json.html

parse(body) -> Parsed                             Invalid says where and what to do
Parsed.resource: dict[str, Any]                   decoded, to check and read
Parsed.compact: bytes                             as sent, no white space; numbers, order, strings kept
compact_of(resource) -> bytes                     bytes of a resource that our own code made
stamp(compact, *, id, version, updated) -> bytes  id, meta.versionId and meta.lastUpdated spliced in
rewriter(mapping) -> function(compact) -> bytes   replaces whole links: "urn:uuid:…" → "Patient/7"
rewrite_references(compact, mapping) -> bytes     the same, for one resource
entry_bytes(compact) -> list[bytes | None]        of a Bundle: the bytes of each entry's resource
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec

from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid

MAX_DEPTH = 64
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
QUOTE_OR_COLON = re.compile(rb"\\u00(?:22|3[aA])")
_raw_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class Parsed(NamedTuple):
    """A resource as decoded, and its bytes as sent without white space."""

    resource: dict[str, Any]
    compact: bytes


class _Entry(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw()


class _Bundle(msgspec.Struct):
    entry: list[_Entry] = []


_bundle_decoder = msgspec.json.Decoder(_Bundle)


def parse(body: bytes) -> Parsed:
    """Reads one resource: a UTF-8 JSON object with a resourceType, no key twice, at most 64 levels deep."""
    try:
        resource = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise _unreadable(body, error) from None
    except UnicodeDecodeError as error:
        place = _place(body, error.start)
        raise Invalid(f"The body is not UTF-8 ({place}). Send JSON in UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(resource, dict):
        raise Invalid("The body is not a JSON object. Send one resource, beginning with {.")
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _deeper(resource, MAX_DEPTH):
        raise _too_deep()
    compact = msgspec.json.format(body, indent=-1)
    if NUL.search(compact):
        raise Invalid("A string holds the character U+0000, which text may not hold. Remove it.")
    # Encoding anew drops a key that stood twice. Only an escaped quote or colon could make the counts alike.
    if compact.count(b'":') != _encoder.encode(resource).count(b'":') or QUOTE_OR_COLON.search(compact):
        _refuse_duplicate_keys(compact)
    name = resource.get("resourceType")
    if not isinstance(name, str) or not name:
        raise Invalid('"resourceType" is missing. It names the type of the resource, for example "Patient".')
    if name not in load().resources:
        raise Invalid(f"{name!r} is not a resource type of FHIR R4.", path="resourceType")
    return Parsed(resource, compact)


def compact_of(resource: Mapping[str, Any]) -> bytes:
    """The bytes of a resource that our own code made."""
    return _encoder.encode(resource)


def stamp(compact: bytes, *, id: str, version: int, updated: datetime) -> bytes:
    """The bytes with resourceType, id and meta first, these set; all else is as it was, in its order."""
    members = _raw_decoder.decode(compact)
    name = bytes(members.pop("resourceType"))
    members.pop("id", None)
    meta = members.pop("meta", None)
    moment = updated.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    parts = [
        b'{"resourceType":%b,"id":%b,"meta":{"versionId":"%d","lastUpdated":"%b"'
        % (name, _encoder.encode(id), version, moment.encode())
    ]
    if meta is not None:
        inner = _raw_decoder.decode(meta)
        for key in ("versionId", "_versionId", "lastUpdated", "_lastUpdated"):
            inner.pop(key, None)
        parts.extend(b",%b:%b" % (_encoder.encode(key), bytes(value)) for key, value in inner.items())
    parts.append(b"}")
    parts.extend(b",%b:%b" % (_encoder.encode(key), bytes(value)) for key, value in members.items())
    parts.append(b"}")
    return b"".join(parts)


LINK = re.compile(rb"""((?:href|src)\s*=\s*(?:\\"|'))([^"'\\]+)((?:\\"|'))""")
DIV = re.compile(rb'(?<="div":")(?:[^"\\]|\\.)*')


def rewrite_references(compact: bytes, mapping: Mapping[str, str]) -> bytes:
    """One resource's links replaced; use `rewriter` for many with the same mapping."""
    return rewriter(mapping)(compact)


def rewriter(mapping: Mapping[str, str]) -> Callable[[bytes], bytes]:
    """Replaces each whole value of a reference, uri, url, canonical, oid or uuid element in the mapping.

    Links in narratives are replaced too. Strings (an identifier's value) are left alone, as R4 wants.
    """
    new = {key.encode(): value for key, value in mapping.items()}
    heads = sorted({re.split(rb"[:/?#]", key, maxsplit=1)[0] for key in new})
    # A value begins after a colon, a bracket or a comma; inside a string its quote would be escaped.
    value = re.compile(
        rb'(?<=[:\[,])"((?:%b)(?:[^"\\]|\\.)*)"(?!:)' % b"|".join(re.escape(head) for head in heads),
        re.DOTALL,
    )
    names = _link_elements()

    def link(match: re.Match[bytes]) -> bytes:
        found = new.get(match[2])
        return match[0] if found is None else match[1] + found.encode() + match[3]

    def rewrite(compact: bytes) -> bytes:
        if not any(head in compact for head in heads):
            return compact

        def replaced(match: re.Match[bytes]) -> bytes:
            text = match[1] if b"\\" not in match[1] else _decoder.decode(match[0]).encode()
            found = new.get(text)
            if found is None or _name_before(compact, match.start()) not in names:
                return match[0]
            return _encoder.encode(found)

        return DIV.sub(lambda div: LINK.sub(link, div[0]), value.sub(replaced, compact))

    return rewrite


def entry_bytes(compact: bytes) -> list[bytes | None]:
    """The bytes of the resource in each entry of a Bundle, as sent; None for entries without one."""
    bundle = _bundle_decoder.decode(compact)
    return [bytes(entry.resource) if entry.resource else None for entry in bundle.entry]


def _name_before(compact: bytes, at: int) -> bytes:
    """The name of the element whose value, or one of whose values, begins here."""
    end = at - 2 if compact[at - 1 : at] == b":" else compact.rfind(b'":[', 0, at)
    return compact[compact.rfind(b'"', 0, end) + 1 : end]


@cache
def _link_elements() -> frozenset[bytes]:
    """JSON names of the elements that hold a link in some type."""
    definitions = load()
    return frozenset(
        key.encode()
        for name in definitions.names()
        for element in definitions.shape(name).elements
        for key, type_ in element.json_names()
        if type_ in ("uri", "url", "canonical", "oid", "uuid")
    ) | {b"reference"}


def _deeper(value: Any, left: int) -> bool:
    """Whether objects and arrays lie deeper than `left` levels."""
    if left == 0:
        return True
    children = value.values() if isinstance(value, dict) else value
    return any(_deeper(child, left - 1) for child in children if isinstance(child, dict | list))


def _too_deep() -> Invalid:
    return Invalid(f"The body is nested deeper than {MAX_DEPTH} levels. Send flatter content.")


class _Twice(Exception):
    """A key that one object has twice."""


def _refuse_duplicate_keys(compact: bytes) -> None:
    """Says which key one object has twice, if there is one."""
    try:
        json.loads(compact, object_pairs_hook=_members)
    except _Twice as twice:
        text = (
            f"The key {twice.args[0]!r} stands twice in one object. Send it once: which one holds is unclear."
        )
        raise Invalid(text, path=str(twice.args[0])) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise _Twice(next(key for key in names if names.count(key) > 1))
    return found


def _unreadable(body: bytes, error: msgspec.DecodeError) -> Invalid:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return Invalid("The body begins with a byte order mark. Send JSON in UTF-8 without one.")
    if not body.strip():
        return Invalid("The body is empty. Send one resource as JSON.")
    match = re.search(r"\(byte (\d+)\)", str(error))
    where = _place(body, int(match[1]) if match else len(body))
    reason = str(error).removeprefix("JSON is malformed: ").partition(" (byte")[0]
    return Invalid(f"The body is not JSON ({where}): {reason}.")


def _place(body: bytes, at: int) -> str:
    line = body.count(b"\n", 0, at) + 1
    column = at - (body.rfind(b"\n", 0, at) + 1) + 1
    return f"line {line}, column {column}"
