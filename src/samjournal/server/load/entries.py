"""What is to be loaded, one resource for itself: under which id, and what of it. hl7.org/fhir/R4/bundle.html

A PUT, and a resource with an id outside of a transaction, keeps its id. A POST gets the uuid of its fullUrl as id, so
that references find it from any file, in any order, and a repeated load finds it stored; without one the id is made of
the file's digest and the place in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid

Kind = Literal["create", "update", "delete"]
Seed = str

WRITING = ("transaction", "batch")
HOLDING = ("collection", "searchset", "document")
_OURS = UUID("6f0c5d0e-3f0b-5a0f-9d3c-5a1b0c7a9e21")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TARGET = re.compile(r"(?:https?://[^?]+/|/)?([A-Z][A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64})|\?(.+))?")
_URN = "urn:uuid:"
_WHY_NOT = {
    "history": "its entries are versions of the same resources. Load a searchset of the newest ones",
    "message": "a message wants an answer, which a load does not give. Load its resources as a collection",
}


class Spot(msgspec.Struct, frozen=True):
    """Where something stands: its path, and its line, which is counted when somebody asks."""

    path: str
    line_of: Callable[[], int]


class Entry(msgspec.Struct, frozen=True):
    """One thing to be done. `criterion` is a condition on it: the query of ifNoneExist, or of a conditional PUT or
    DELETE; `claimed` says that the id came with a POST, so something else may have it."""

    spot: Spot
    kind: Kind
    type: str
    id: str
    raw: bytes
    full_url: str | None = None
    criterion: str | None = None
    claimed: bool = False
    own_id: str | None = None

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"

    @property
    def path(self) -> str:
        return self.spot.path

    @property
    def line(self) -> int:
        return self.spot.line_of()


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be loaded, and where it stands."""

    spot: Spot
    error: Invalid


class _Head(msgspec.Struct):
    resource_type: str = msgspec.field(name="resourceType", default="")
    id: str | None = None


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""
    if_none_exist: str | None = msgspec.field(name="ifNoneExist", default=None)


class _Search(msgspec.Struct):
    mode: str = ""


class Slot(msgspec.Struct):
    full_url: str | None = msgspec.field(name="fullUrl", default=None)
    resource: msgspec.Raw = msgspec.Raw(b"")
    request: _Request | None = None
    search: _Search | None = None


class _Envelope(msgspec.Struct):
    type: str = ""
    entry: list[Slot] = []


class _Kind(msgspec.Struct):
    type: str = ""


_head = msgspec.json.Decoder(_Head)
_envelope = msgspec.json.Decoder(_Envelope)
_kind = msgspec.json.Decoder(_Kind)
_slot = msgspec.json.Decoder(Slot)
_USUAL = re.compile(rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"\s*,\s*"id"\s*:\s*"([A-Za-z0-9\-.]+)"')
_TYPE = re.compile(rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]+)"\s*[,}]')


def type_of(raw: bytes) -> str:
    """The resourceType of a resource, '' where there is none. Raises Invalid for what is no JSON object."""
    usual = _TYPE.match(raw)
    return usual[1].decode() if usual else _head_of(raw).resource_type


def is_whole(raw: bytes) -> bool:
    """Whether this is one resource from beginning to end."""
    try:
        head: _Head = _decoded(_head, raw)
    except Invalid:
        return False
    return bool(head.resource_type)


def _head_of(raw: bytes) -> _Head:
    """Type and id, at a glance where they stand first, as they usually do."""
    usual = _USUAL.match(raw)
    if usual:
        return _Head(usual[1].decode(), usual[2].decode())
    head: _Head = _decoded(_head, raw)
    return head


def opened(raw: bytes) -> tuple[str, list[Slot] | None]:
    """A Bundle's type and its entries without white space; of one with an entry of another form only the type."""
    try:
        compact = msgspec.json.format(raw, indent=-1)
        envelope: _Envelope = _envelope.decode(compact)
    except msgspec.ValidationError:
        head: _Kind = _decoded(_kind, raw)
        return head.type, None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"It is not JSON: {error}.") from None
    return envelope.type, envelope.entry


def refuse_kind(kind: str) -> None:
    """Raise Invalid for Bundles of types that are not loaded."""
    if kind not in WRITING and kind not in HOLDING:
        why = _WHY_NOT.get(kind, f"types that are loaded: {', '.join((*WRITING, *HOLDING))}")
        raise Invalid(f"A Bundle of type “{kind}” is not loaded: {why}.", path="Bundle.type")


def alone(raw: bytes, line: int, seed: Seed) -> Entry:
    """A resource that stands for itself. Raises Invalid."""
    head = _head_of(raw)
    type_ = _known(head.resource_type)
    return Entry(Spot(type_, lambda: line), "update", type_, _fit(head.id) or _made(seed), raw)


def slot_of(raw: bytes) -> Slot:
    """An entry of a Bundle as it was sent. Raises Invalid."""
    slot: Slot = _decoded(_slot, raw)
    return slot


def derived(entry: Entry, salt: str) -> str:
    """Another id for content that comes under an id which other content has: the same content, the same id. `salt` is
    whose Bundle it is, since the same finding may be made of many."""
    compact = msgspec.json.format(entry.raw, indent=-1)
    return str(uuid5(_OURS, f"{salt} {entry.reference} {compact.decode(errors='replace')}"))


def entry_of(slot: Slot, spot: Spot, kind: str, seed: Seed) -> Iterator[Entry | Refused]:
    """What an entry of a Bundle of some kind asks for; nothing when it only reads."""
    try:
        made = _written(slot, spot, seed) if kind in WRITING else _held(slot, spot, seed)
    except Invalid as error:
        yield Refused(spot, error)
    else:
        if made is not None:
            yield made


def _held(slot: Slot, spot: Spot, seed: Seed) -> Entry | None:
    """An entry of a Bundle that holds resources."""
    if slot.search is not None and slot.search.mode == "outcome":
        return None
    raw = bytes(slot.resource)
    if not raw:
        raise Invalid("The entry has no resource.", path=f"{spot.path}.resource")
    head = _head_of(raw)
    type_ = _known(head.resource_type)
    id_ = _fit(head.id) or _id_in(slot.full_url, type_) or _made(slot.full_url or seed)
    claimed = id_ != head.id and (slot.full_url or "").startswith("urn:")
    return Entry(spot, "update", type_, id_, raw, slot.full_url, claimed=claimed, own_id=head.id)


def _written(slot: Slot, spot: Spot, seed: Seed) -> Entry | None:
    """An entry of a batch or transaction, by its request."""
    request = slot.request
    if request is None:
        raise Invalid(
            "The entry has no request: say what to do, such as POST Observation.", path=f"{spot.path}.request"
        )
    if request.method in ("GET", "HEAD"):
        return None
    target = _TARGET.fullmatch(request.url)
    if target is None or target[1] not in load().resources:
        raise Invalid(f"“{request.url[:80]}” is not Type, Type/id or Type?criteria.", path=f"{spot.path}.request.url")
    type_, id_, query = target[1], target[2], target[3]
    if request.method == "DELETE" and (id_ or query):
        return Entry(spot, "delete", type_, id_ or "", b"", slot.full_url, query)
    if request.method not in ("POST", "PUT") or (request.method == "POST") is bool(id_ or query):
        asked = f"{request.method[:20]} {request.url[:80]}"
        raise Invalid(
            f"“{asked}” is not loaded: POST Type, PUT Type/id and DELETE Type/id are.", path=f"{spot.path}.request"
        )
    raw = bytes(slot.resource)
    if not raw:
        raise Invalid(f"The entry is a {request.method} without a resource.", path=f"{spot.path}.resource")
    head = _head_of(raw)
    if head.resource_type != type_:
        raise Invalid(f"The url says {type_}, the resource {head.resource_type[:60] or 'nothing'}.", path=spot.path)
    if id_ is not None and head.id not in (None, id_):
        raise Invalid(f"The url says {id_}, the resource {str(head.id)[:64]}.", path=f"{spot.path}.resource.id")
    if id_ is not None:
        return Entry(spot, "update", type_, id_, raw, slot.full_url, own_id=head.id)
    made = _id_in(slot.full_url, type_) or _fit(head.id) or _made(slot.full_url or seed)
    criterion = query or request.if_none_exist
    if criterion is not None:
        criterion = criterion.removeprefix(f"{type_}?").lstrip("?")
    kind: Kind = "create" if request.method == "POST" else "update"
    return Entry(spot, kind, type_, made, raw, slot.full_url, criterion, claimed=True, own_id=head.id)


def _id_in(full_url: str | None, type_: str) -> str | None:
    """The id that a fullUrl gives: the uuid, or what stands behind the type in an address."""
    if full_url is None:
        return None
    if full_url.startswith(_URN):
        return _fit(full_url[len(_URN) :])
    read = references.parse(full_url)
    return read.id if read.type == type_ and read.kind in ("absolute", "literal") else None


def _fit(id_: Any) -> str | None:
    """The id when it is one; what is not is told when the resource is checked."""
    return id_ if isinstance(id_, str) and _ID.fullmatch(id_) else None


def _made(seed: Seed) -> str:
    return str(uuid5(_OURS, seed))


def _known(type_: str) -> str:
    if not type_:
        raise Invalid('“resourceType” is missing. It names the type of the resource, such as "Patient".')
    if type_ not in load().resources:
        raise Invalid(f"“{type_[:60]}” is not a resource type of FHIR R4.")
    return type_


def _decoded(decoder: Any, raw: bytes) -> Any:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise Invalid(f"It has not the form of FHIR: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"It is not JSON: {error}.") from None
