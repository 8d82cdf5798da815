"""The patient's own blocks (sperringer), as the named action that they are: kept as Consents. access/blocks.py

    own_blocks(door, permit) -> list[OwnBlock]      those that hold, newest first
    block(door, permit, whom, document=None)        keep a person, a unit or everybody (None) out of all, or of one note
    unblock(door, permit, id)                       let them in again

For the patient herself, and who represents her at a level that decides; raises Forbidden for everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from samjournal.access import NAMED_TASKS, Permit, acting, blocks
from samjournal.fhir.errors import Forbidden, Invalid, NotFound
from samjournal.record.change import Change, change
from samjournal.record.door import Door
from samjournal.record.hushed import kept_from
from samjournal.record.read import read
from samjournal.record.search import query_of, search

_SCOPE = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}


@dataclass(frozen=True, slots=True)
class OwnBlock:
    """One block: whom it keeps out (a reference and a name; None for everybody), since when, and whether of a part of
    the record only: then `what` is what its documents are called. What no block can hold is kept, but not enforced."""

    id: str
    whom: str | None
    name: str
    since: datetime
    is_enforced: bool
    is_part: bool = False
    what: str = ""
    documents: tuple[str, ...] = ()


async def own_blocks(door: Door, permit: Permit) -> list[OwnBlock]:
    """The blocks that the patient has made, and has not taken away; to who acts for her none that name what is kept
    from him."""
    asked = query_of("Consent", [("patient", f"Patient/{_own(permit)}"), ("status", "active"), ("_count", "200")])
    page = await search(door, acting(permit, "Consent"), asked)
    made = [made for one in page.matches if (made := _block(one.id, one.resource(), one.at)) is not None]
    hidden = await kept_from(permit, {_named(text) for one in made for text in one.documents}, door.pool)
    shown = [one for one in made if not {_named(text) for text in one.documents} & hidden]
    return sorted(shown, key=lambda one: one.since, reverse=True)


def _named(reference: str) -> tuple[str, str]:
    type_, _, id_ = reference.partition("/")
    return type_, id_


def _block(id_: str, consent: dict[str, Any], since: datetime) -> OwnBlock | None:
    """What a Consent keeps out, by the same reading as access enforces; None when it keeps nobody out (any more)."""
    if any(one.get("system") == NAMED_TASKS for of in consent.get("category", ()) for one in of.get("coding", ())):
        return None  # The record was closed by a named action, which alone opens it again.
    now = datetime.now(UTC)
    parts = blocks.part_blocks(consent)
    is_enforced = any(one.ends > now for one in (*blocks.blocks(consent), *(part.block for part in parts)))
    if not is_enforced and not blocks.is_unenforced(consent):
        return None
    actors = consent["provision"].get("actor", ())
    named = [actor.get("reference", {}) for actor in actors]
    whom = named[0].get("reference") if named else None
    return OwnBlock(
        id_,
        whom,
        ", ".join(one["display"] for one in named if one.get("display")),
        since,
        is_enforced,
        bool(parts),
        *_documents(consent),
    )


def _documents(consent: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What the documents that a Consent is about are called, and which they are."""
    named = [one.get("reference", {}) for one in consent["provision"].get("data", ())]
    called = ", ".join(one["display"] for one in named if one.get("display"))
    return called, tuple(one.get("reference", "") for one in named)


async def block(
    door: Door, permit: Permit, whom: str | None, *, name: str = "", document: tuple[str, str] | None = None
) -> None:
    """Keep a person (in every role), a unit (`Organization/7`) or everybody out: of all of the record, or of one
    `document` (a type and an id). What is blocked already stays so. Raises NotFound for a document that is not hers."""
    whom = await _meant(door, permit, whom) if whom is not None else None
    only = await _document(door, permit, document) if document is not None else None
    about = (only["reference"],) if only else ()
    if any(one.is_enforced and (one.whom, one.documents) == (whom, about) for one in await own_blocks(door, permit)):
        return
    rights = acting(permit, "Consent")
    actor = {"role": {"text": "sperret"}, "reference": {"reference": whom, **({"display": name} if name else {})}}
    consent = {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [_SCOPE]},
        "category": [{"text": "Sperring av journal"}],
        "patient": {"reference": f"Patient/{_own(permit)}"},
        "dateTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "performer": [{"reference": f"Patient/{_own(permit)}"}],
        "policyRule": {"text": "pasientjournalloven § 17"},
        "provision": {
            "type": "deny",
            **({"actor": [actor]} if whom else {}),
            **({"data": [{"meaning": "instance", "reference": only}]} if only else {}),
        },
    }
    await change(door, rights, [Change.create(consent)], action="block")


async def _document(door: Door, permit: Permit, document: tuple[str, str]) -> dict[str, str]:
    """A reference to a document of the patient's own, with its title."""
    stored = await read(door, permit, *document)
    title = stored.resource().get("title") or stored.resource().get("description")
    return {"reference": stored.reference, **({"display": title} if title else {})}


async def _meant(door: Door, permit: Permit, whom: str) -> str:
    """Whom a reference means: the person behind a role, in whatever role. Who is not there is kept out by nobody."""
    type_, _, id_ = whom.partition("/")
    if type_ not in blocks.PARTIES:
        raise Invalid("A block names a person, a role or a unit.")
    named = (await read(door, permit, type_, id_)).resource()
    person = named.get("practitioner", {}).get("reference") if type_ == "PractitionerRole" else None
    return person or whom


async def unblock(door: Door, permit: Permit, id_: str) -> None:
    """Let those in again whom one block keeps out. Raises NotFound for what is no block of the patient's own."""
    if not any(one.id == id_ for one in await own_blocks(door, permit)):
        raise NotFound(f"There is no Consent/{id_} here.")
    rights = acting(permit, "Consent")
    stored = await read(door, rights, "Consent", id_)
    consent = {**stored.resource(), "status": "inactive"}
    consent.pop("meta", None)
    await change(door, rights, [Change.update(consent, if_match=stored.version)], action="unblock")


def _own(permit: Permit) -> str:
    if not permit.decides or permit.patient is None:
        raise Forbidden("Patients block their own records, and those who represent them as far as that.")
    return permit.patient
