"""JSON bytes to resource and back without changing what was sent. hl7.org/fhir/R4/json.html

parse(body) -> Parsed                             Invalid says where and what to do
Parsed.resource: dict[str, Any]                   decoded, to check and read
Parsed.compact: bytes                             as sent, no white space; numbers, order, strings kept
compact_of(resource) -> bytes                     bytes of a resource that our own code made
stamp(compact, *, id, version, updated) -> bytes  id, meta.versionId and meta.lastUpdated spliced in
rewrite_references(compact, mapping) -> bytes     replaces whole links: "urn:uuid:…" → "Patient/7"
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec

from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid

MAX_DEPTH = 64
UNFIT = re.compile(rb"\\u(?:00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])")
COLON = re.compile(rb"\\u003[aA]")
_raw_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class Parsed(NamedTuple):
    """A resource as decoded, and its bytes as sent without white space."""

    resource: dict[str, Any]
    compact: bytes


def parse(body: bytes, *, is_compact: bool = False) -> Parsed:
    """Reads one resource: a UTF-8 JSON object with a resourceType, no key twice, at most 64 levels deep. `is_compact`
    says that white space was taken out before."""
    try:
        resource = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise _unreadable(body, error) from None
    except UnicodeDecodeError:
        raise _not_utf8(body) from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(resource, dict):
        raise Invalid("The body is not a JSON object. Send one resource, beginning with {.")
    if not _is_flat(body) and _deeper(resource, MAX_DEPTH):
        raise _too_deep()
    compact = body if is_compact else msgspec.json.format(body, indent=-1)
    is_escaped = b"\\u" in compact
    if (is_escaped or b"\xef\xbf" in compact) and (code := _unfit(compact)):
        what = "a control character (below U+0020)" if code < "0020" else "no character"
        raise Invalid(f"A string holds U+{code}, which is {what}: text may not hold it, nor could XML. Remove it.")
    # Encoding anew drops a key that stood twice, and its colon. Only an escaped colon could make the counts alike.
    if compact.count(b":") != _encoder.encode(resource).count(b":") or (is_escaped and COLON.search(compact)):
        _refuse_duplicate_keys(compact)
    name = resource.get("resourceType")
    if not isinstance(name, str) or not name:
        raise Invalid('"resourceType" is missing. It names the type of the resource, for example "Patient".')
    if name not in load().resources:
        raise Invalid(f"{name[:60]!r} is not a resource type of FHIR R4.", path="resourceType")
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
    parts = [
        b'{"resourceType":%b,"id":%b,"meta":{"versionId":"%d","lastUpdated":"%b"'
        % (name, _encoder.encode(id), version, _instant(updated))
    ]
    if meta is not None:
        inner = _raw_decoder.decode(meta)
        for key in ("versionId", "_versionId", "lastUpdated", "_lastUpdated"):
            inner.pop(key, None)
        for key, value in inner.items():
            parts += (_comma(key), value)
    parts.append(b"}")
    for key, value in members.items():
        parts += (_comma(key), value)
    parts.append(b"}")
    return b"".join(parts)


def labelled(compact: bytes, label: Mapping[str, str]) -> bytes:
    """The bytes with one security label more; all else is as it was."""
    members = _raw_decoder.decode(compact)
    meta = _raw_decoder.decode(members.get("meta", b"{}"))
    security = msgspec.json.decode(meta.get("security", b"[]"), type=list[msgspec.Raw])
    meta["security"] = msgspec.Raw(_encoder.encode([*security, msgspec.Raw(_encoder.encode(label))]))
    return _encoder.encode({**members, "meta": msgspec.Raw(_encoder.encode(meta))})


@lru_cache(maxsize=64)
def _instant(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


@lru_cache(maxsize=4096)
def _comma(key: str) -> bytes:
    return b",%b:" % _encoder.encode(key)


# A value begins after a colon, a bracket or a comma; inside a string its quote would be escaped.
VALUE = re.compile(rb'(?<=[:\[,])"([A-Za-z][A-Za-z0-9+.\-]*\\?[:/?](?:[^"\\]|\\.)*)"(?!:)')
LINK = re.compile(rb"""((?:href|src)\s*=\s*(?:\\"|'))([^"'\\]+)((?:\\"|'))""")
DIV = re.compile(rb'(?<="div":")(?:[^"\\]|\\.)*')


def rewrite_references(compact: bytes, mapping: Mapping[str, str]) -> bytes:
    """Replaces each whole value of a reference, uri, url, canonical, oid or uuid element in the mapping.

    Links in narratives are replaced too. Strings (an identifier's value) are left alone, as R4 wants.
    """
    names = _link_elements()

    def value(match: re.Match[bytes]) -> bytes:
        text: str = _decoder.decode(match[0]) if b"\\" in match[1] else match[1].decode()
        new = mapping.get(text)
        if new is None or _name_before(compact, match.start()) not in names:
            return match[0]
        return _encoder.encode(new)

    def link(match: re.Match[bytes]) -> bytes:
        new = mapping.get(match[2].decode())
        return match[0] if new is None else match[1] + new.encode() + match[3]

    return DIV.sub(lambda div: LINK.sub(link, div[0]), VALUE.sub(value, compact))


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


_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))


def _is_flat(body: bytes) -> bool:
    """Whether the brackets alone show that nothing is nested too deeply. Each turn takes away the innermost pairs, two
    levels at most; brackets inside strings may leave some over, and then the content must be looked through."""
    if body.count(b"{") + body.count(b"[") <= MAX_DEPTH:
        return True
    brackets = body.translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH // 2):
        if not brackets:
            return True
        inner = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if len(inner) == len(brackets):
            return False
        brackets = inner
    return not brackets


def _deeper(value: Any, left: int) -> bool:
    """Whether objects and arrays lie deeper than `left` levels."""
    if left == 0:
        return True
    for child in value.values() if type(value) is dict else value:
        kind = type(child)
        if (kind is dict or kind is list) and _deeper(child, left - 1):
            return True
    return False


def _too_deep() -> Invalid:
    return Invalid(f"The body is nested deeper than {MAX_DEPTH} levels. Send flatter content.")


def _unfit(compact: bytes) -> str | None:
    """The code of a character that XML cannot carry: JSON and XML must say the same. hl7.org/fhir/R4/json.html"""
    for found in UNFIT.finditer(compact):
        at = found.start()
        while at and compact[at - 1 : at] == b"\\":
            at -= 1
        if (found.start() - at) % 2 == 0:  # Else the backslash is itself escaped, and the rest is text.
            return found[0][-4:].decode().upper()
    for code, written in (("FFFE", b"\xef\xbf\xbe"), ("FFFF", b"\xef\xbf\xbf")):
        if written in compact:
            return code
    return None


class _Twice(Exception):
    """A key that one object has twice."""


def _refuse_duplicate_keys(compact: bytes) -> None:
    """Says which key one object has twice, if there is one."""
    try:
        json.loads(compact, object_pairs_hook=_members)
    except _Twice as twice:
        key = str(twice.args[0])[:60]
        text = f"The key {key!r} stands twice in one object. Send it once: which one holds is unclear."
        raise Invalid(text, path=key) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice(Counter(key for key, _ in pairs).most_common(1)[0][0])
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


def _not_utf8(body: bytes) -> Invalid:
    """The decoder tells the place within one string; decoding all of it tells the place in the body."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return Invalid(f"The body is not UTF-8 ({_place(body, error.start)}). Send JSON in UTF-8.")
    return Invalid("The body is not UTF-8. Send JSON in UTF-8.")


def _place(body: bytes, at: int) -> str:
    line = body.count(b"\n", 0, at) + 1
    column = at - (body.rfind(b"\n", 0, at) + 1) + 1
    return f"line {line}, column {column}"
