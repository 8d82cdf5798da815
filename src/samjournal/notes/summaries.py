"""A discharge summary, and who shall have it: whoever referred the patient, and the GP. Requirements 7.5, 7.9

    is_summary(note), is_signed(note)                       whether it is one; whether it can be sent
    recipients(door, permit, note, now, others=) -> list    who shall have it, whether he can be reached, what he has
    named(door, permit, text, now) -> list                  others who take discharge summaries, by name

Who referred is the requester of the ServiceRequest that the stay or contact is based on (Encounter.basedOn); the GP is
Patient.generalPractitioner. Both mean the organisation, once, and never the unit that writes.
helsepersonelloven section 45 a · hl7.org/fhir/R4/composition.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from samjournal import messages
from samjournal.access import Permit
from samjournal.fhir.errors import FhirError
from samjournal.fhir.identifiers import HER
from samjournal.fhir.keys import local
from samjournal.fhir.reserved import ORDINARY, part_of
from samjournal.notes.kinds import KINDS, LOINC
from samjournal.record import Door, query_of, read, search

Resource = Mapping[str, Any]
KIND: Final = ("EPIKRISE", "Epikrise")
"""Its code of 8279."""
SYSTEM: Final = "urn:samjournal:summary"
"""Of what is kept about sending one: category and identifier of the Communication that says so, codes of Tasks."""
_TYPES: Final = frozenset({(LOINC, KINDS["discharge"].loinc[0]), ("urn:samjournal:template", "epikrise")})
Because = Literal["referrer", "gp"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who shall have it, or may. `id` is that of the organisation, or one of our own where it is not known
    here; `reference` what a message says of it. `because` is empty of those chosen by name. `why` is "" when he can be
    reached, else as of `messages.Receiver`, or `reserved` when he may not read it; `way` is how, `shared` when he reads
    here. `has` says what he has: `this` version of it, an `earlier` one, or none ("")."""

    id: str
    name: str
    reference: dict[str, Any]
    because: tuple[Because, ...] = ()
    endpoint: str = ""
    way: str = ""
    why: str = "no-endpoint"
    owner: str = ""
    since: str = ""
    has: Literal["", "earlier", "this"] = ""

    @property
    def is_default(self) -> bool:
        """Whether he shall have it, unless somebody says why not."""
        return bool(self.because) and self.has != "this"


def is_summary(note: Resource) -> bool:
    """Whether a note is a discharge summary, by its kind or by the template that it was begun from."""
    codings = (note.get("type") or {}).get("coding", ())
    return any((one.get("system"), one.get("code")) in _TYPES for one in codings)


def signer_of(note: Resource) -> dict[str, Any] | None:
    """The post of whoever answers for it: who signed it first as its author, else its author."""
    signed = [one.get("party") or {} for one in note.get("attester", ()) if one.get("mode") == "professional"]
    for one in (*signed, *note.get("author", ())):
        if str(one.get("reference", "")).startswith("PractitionerRole/"):
            return dict(one)
    return None


def is_signed(note: Resource) -> bool:
    """Whether it can be sent: it is signed for good, by somebody here."""
    return note.get("status") in ("final", "amended") and signer_of(note) is not None


def document_of(note: Resource) -> str:
    """The document id that all versions of its message have in common."""
    try:
        return str(UUID(str(note["id"])))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"urn:samjournal:Composition/{note['id']}"))


def edition_of(note: Resource) -> int:
    """Which signed version it is: each addition and correction bears a signature more. Labels make no new one."""
    return max(len(note.get("attester", ())), 1)


def own_id(note: Resource, edition: int, what: str, of: str = "") -> str:
    """The id of what is made of one version for one receiver, so that it is made once however it is asked for."""
    return str(uuid5(NAMESPACE_URL, f"{SYSTEM}|{note['id']}|{edition}|{what}|{of}"))


async def recipients(
    door: Door,
    permit: Permit,
    note: Resource,
    now: datetime,
    *,
    others: Sequence[str] = (),
    has: Mapping[str, Literal["earlier", "this"]] | None = None,
) -> list[Recipient]:
    """Whoever referred, the GP, those who have it already (`has`, by id) and `others` (ids), each once. All looks are
    logged. Raises as `read` of the patient."""
    found: dict[str, Recipient] = {}
    sender = sender_of(note, permit)["reference"].removeprefix("Organization/")
    for because, reference in await _meant(door, permit, note):
        one = await _organisation(door, permit, reference)
        if one is None or one.id == sender:
            continue
        there = found.get(one.id, one)
        found[one.id] = replace(there, because=tuple(dict.fromkeys((*there.because, because))))
    for id_ in (*(has or {}), *others):
        if id_ not in found and (one := await _organisation(door, permit, {"reference": f"Organization/{id_}"})):
            found[id_] = one
    known = [one.id for one in found.values() if "reference" in one.reference]
    for each in await messages.receivers(door, permit, KIND[0], now, units=known, sender=sender):
        found[each.id] = _reached(found[each.id], each)
    is_reserved = part_of(note) != ORDINARY
    return [
        replace(
            one,
            has=(has or {}).get(one.id, ""),
            # A Task about what he may not read would wait for ever.
            why="reserved" if is_reserved and not one.why and one.way == messages.SHARED else one.why,
        )
        for one in found.values()
    ]


async def named(door: Door, permit: Permit, text: str, now: datetime) -> list[Recipient]:
    """Those whose name has these words, the ready first; one alone when it is called exactly so."""
    found = await messages.receivers(door, permit, KIND[0], now, named=text.partition(",")[0])
    made = [_reached(_of(dict(one.organisation), one.id), one) for one in found]
    exact = [one for one in made if one.name.casefold() == text.casefold()]
    return exact if len(exact) == 1 else made


def sender_of(note: Resource, permit: Permit) -> dict[str, Any]:
    """The unit that answers for the note."""
    own = {"reference": f"Organization/{permit.organization}", "display": permit.unit}
    return dict(note.get("custodian") or own)


def _reached(one: Recipient, by: messages.Receiver) -> Recipient:
    name = str(by.organisation.get("display") or one.name)
    return replace(one, name=name, endpoint=by.endpoint, way=by.way, why=by.why, owner=by.owner, since=by.since)


def _of(reference: dict[str, Any], id_: str) -> Recipient:
    return Recipient(id_, str(reference.get("display", "")) or "ukjent", reference)


async def _meant(door: Door, permit: Permit, note: Resource) -> list[tuple[Because, Resource]]:
    """Who shall have it, as the record refers to them."""
    found: list[tuple[Because, Resource]] = []
    contact = await _read(door, permit, note.get("encounter"), "Encounter")
    for one in (contact or {}).get("basedOn", ()):
        request = await _read(door, permit, one, "ServiceRequest")
        if request and request.get("requester"):
            found.append(("referrer", request["requester"]))
    id_ = str(local(note["subject"]["reference"])).removeprefix("Patient/")
    patient = (await read(door, permit, "Patient", id_)).resource()
    return [*found, *(("gp", one) for one in patient.get("generalPractitioner", ()))]


async def _organisation(door: Door, permit: Permit, reference: Resource) -> Recipient | None:
    """The organisation that a reference means: itself, where somebody works, or by HER-id; one that is not known here
    stands by its name and cannot be reached."""
    type_, _, id_ = (local(str(reference.get("reference", ""))) or "").partition("/")
    if type_ == "Organization":
        body = await _read(door, permit, reference, type_)
        display = str((body or {}).get("name") or reference.get("display", ""))
        return _of({"reference": f"Organization/{id_}", "display": display}, id_)
    if type_ == "PractitionerRole":
        return await _of_post(door, permit, await _read(door, permit, reference, type_), reference)
    if type_ == "Practitioner":
        posts = await _search(
            door, permit, "PractitionerRole", [("practitioner", f"{type_}/{id_}"), ("active", "true")]
        )
        return await _of_post(door, permit, next(posts, None), reference)
    number = reference.get("identifier", {})
    if number.get("system") == HER and number.get("value"):
        for one in await _search(door, permit, "Organization", [("identifier", f"{HER}|{number['value']}")]):
            return _of({"reference": f"Organization/{one['id']}", "display": one.get("name", "")}, one["id"])
    return _nameless(reference)


async def _of_post(door: Door, permit: Permit, post: Resource | None, reference: Resource) -> Recipient | None:
    where = (post or {}).get("organization")
    return await _organisation(door, permit, where) if where else _nameless(reference)


def _nameless(reference: Resource) -> Recipient | None:
    """Somebody of whom there is a name alone."""
    name = str(reference.get("display", ""))
    if not name:
        return None
    return Recipient(unknown_id(name), name, {"display": name})


def unknown_id(name: str) -> str:
    """Our own id of somebody of whom there is a name alone."""
    return f"x{sha256(name.encode()).hexdigest()[:16]}"


async def _read(door: Door, permit: Permit, reference: Resource | None, wanted: str) -> dict[str, Any] | None:
    type_, _, id_ = (local(str((reference or {}).get("reference", ""))) or "").partition("/")
    if type_ != wanted or not permit.may("r", type_):
        return None
    try:
        return (await read(door, permit, type_, id_)).resource()
    except FhirError as error:
        if error.status in (403, 404, 410):
            return None
        raise


async def _search(door: Door, permit: Permit, type_: str, pairs: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    page = await search(door, permit, query_of(type_, [*pairs, ("_count", "5")]))
    return iter([one.resource() for one in page.matches])
