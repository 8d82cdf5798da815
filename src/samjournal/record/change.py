"""Changes: decide, validate, store, project, log, announce, all in one transaction.

hl7.org/fhir/R4/http.html#create, #update, #delete. Several changes are all done or none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import asyncpg
import msgspec

from samjournal import access, audit, terminology
from samjournal.access import NAMED_ACTIONS, REGISTERS, Permit, is_named_action
from samjournal.audit import Look
from samjournal.db.pool import Connection
from samjournal.fhir import references
from samjournal.fhir.errors import (
    Conflict,
    Erased,
    Forbidden,
    Invalid,
    ReasonNeeded,
    Unprocessable,
    VersionMoved,
)
from samjournal.fhir.keys import SYSTEM, key
from samjournal.fhir.numbers import number
from samjournal.fhir.parameters import ADDED
from samjournal.fhir.parsing import Parsed, compact_of, labelled, stamp
from samjournal.fhir.reserved import ORDINARY, WHO, label_of, part_of
from samjournal.fhir.structure import check
from samjournal.fhir.summary import is_subset
from samjournal.record import narrowing, occupying
from samjournal.record.audit_event import PREFIX as LOOK
from samjournal.record.conditional import Assumed, hold
from samjournal.record.deaths import refuse_after_death
from samjournal.record.door import Door, Stored, look_of, rendition
from samjournal.record.drafts import Ending, end_draft
from samjournal.record.ids import new_id
from samjournal.record.lending import to_lend
from samjournal.record.occupying import Double
from samjournal.record.ownership import owner_of
from samjournal.record.preconditions import Condition, seen
from samjournal.record.read import absent
from samjournal.record.referrers import refuse_referred
from samjournal.record.turns import in_turn
from samjournal.record.work import refuse_unfit
from samjournal.store import rows, writing
from samjournal.store.writing import NewVersion

Method = Literal["create", "update", "delete"]
_WORK = frozenset({"Task", "Communication", "Composition", "DiagnosticReport", "Observation", "ServiceRequest"})
"""What work is, and what it is about that only some may do."""
_LETTER = {"create": "C", "update": "U", "delete": "D"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to be done. A create without id gets one; `condition` says which version may stand;
    `force` deletes what others refer to."""

    method: Method
    type: str
    id: str | None
    resource: dict[str, Any] | None
    compact: bytes
    condition: Condition | None = None
    force: bool = False

    @classmethod
    def create(cls, resource: dict[str, Any]) -> Change:
        """A new resource that our own code made."""
        return cls("create", resource["resourceType"], None, resource, compact_of(resource))

    @classmethod
    def update(cls, resource: dict[str, Any], *, if_match: int | None = None) -> Change:
        """A resource of ours, changed by our own code, which has read the version `if_match`."""
        only = None if if_match is None else seen(if_match)
        return cls("update", resource["resourceType"], resource["id"], resource, compact_of(resource), only)

    @classmethod
    def delete(cls, type_: str, id_: str, *, condition: Condition | None = None, force: bool = False) -> Change:
        return cls("delete", type_, id_, None, b"", condition, force)

    @classmethod
    def received(
        cls, method: Method, parsed: Parsed, *, id_: str | None = None, condition: Condition | None = None
    ) -> Change:
        """A resource as somebody sent it: numbers, order and strings stay."""
        return cls(method, parsed.resource["resourceType"], id_, parsed.resource, parsed.compact, condition)


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a patient that another must look over: a kind of matter on the review list, why; `of`
    is whose doing it is (login, role, organization), where that is not who decides."""

    kind: str
    reason: str
    of: tuple[str, str, str] | None = None


class Claimed(Conflict):
    """One of the claims was used before: nothing was done."""


async def change(
    door: Door,
    permit: Permit,
    changes: Sequence[Change],
    *,
    action: str | None = None,
    decision: Decision | None = None,
    reason: str | None = None,
    claim: bytes | None = None,
    claims: Sequence[bytes] = (),
    checked: bool = False,
    assumed: Sequence[Assumed] = (),
    ending: Ending | None = None,
    along: Callable[[Connection], Awaitable[None]] | None = None,
) -> list[Stored]:
    """Do all changes or none; what was stored, in their order. `action` names them in the log, with the `reason` that
    was stated; `decision` goes on the review list, about the first of them. `claim` is a key that may be used once:
    when it was used before nothing is done and the list is empty; of `claims` each must be new, else Claimed is raised.
    `checked` says that the structure was checked just
    now, `assumed` what criteria found: when they find something else by now, Moved is raised. `ending` is the draft
    that becomes the first of them. `along` is done in the same transaction, after them: what is kept beside the record
    and stands or falls with it.

    Raises Invalid (structure), Forbidden, ReasonNeeded, NotFound, Unprocessable (subject changed), VersionMoved,
    Conflict (DraftMoved and DraftEnded of a draft), Busy.
    """
    prepared = [prepare(permit, one, checked=checked) async for one in in_turn(changes)]
    refuse_twice(prepared)

    async def in_transaction(db: Connection) -> list[Stored]:
        await hold(door, permit, assumed, db)
        if claims and await writing.claim_new(db, claims) != len(claims):
            raise Claimed("Some of it was done before.")
        stored = await apply(permit, prepared, db, action, claim, reason)
        if ending is not None and stored:
            await end_draft(door, db, permit, ending, _subject(prepared[0]), stored[0].reference)
        if along is not None:
            await along(db)
        if decision is not None and stored:
            about = prepared[0]
            patient = about.index.patient if about.index else SYSTEM
            source = f"{about.type}/{about.id}"
            await access.note_decision(
                db, permit, decision.kind, patient, source, reason=decision.reason, of=decision.of
            )
        return stored

    for attempt in (1, 2):
        try:
            stored = await door.pool.change(in_transaction)
        except asyncpg.UniqueViolationError:
            # Two created the same id at once: the second goes on as an update of the first.
            if attempt == 2:
                raise Conflict("Somebody else wrote the same resource at this moment. Try again.") from None
        else:
            if any(one.type == "Patient" and _is_merging(door, one) for one in prepared):
                await door.persons.refresh(door.pool)
            return stored
    raise AssertionError


def _subject(one: Prepared) -> str:
    """The id of the patient whom a change is about, '' when it is about nobody."""
    reference = (one.resource or {}).get("subject", {}).get("reference", "")
    return str(reference).removeprefix("Patient/")


def _is_merging(door: Door, patient: Prepared) -> bool:
    """Whether a stored patient is, or was until now, one of several ids of a person."""
    linked = patient.resource is not None and "link" in patient.resource
    return linked or len(door.persons.ids(patient.id)) > 1


async def is_done(door: Door, claim: bytes) -> bool:
    """Whether a claim was used: what goes with it was done."""
    return claim in await writing.claimed_of(door.pool, [claim])


async def existing(door: Door, type_: str, ids: Sequence[str]) -> set[str]:
    """Which of some ids are stored, deleted ones included. For imports that go on where they were cut off."""
    return {id_ for _, id_ in await writing.stored_among(door.pool, [(type_, id_) for id_ in ids])}


class Prepared(msgspec.Struct, frozen=True):
    """A change that was checked, with its id and what search needs."""

    method: Method
    type: str
    id: str
    resource: dict[str, Any] | None
    compact: bytes
    condition: Condition | None
    index: rows.Index | None
    force: bool = False


def prepare(permit: Permit, one: Change, *, checked: bool) -> Prepared:
    """Check one change and make what search needs of it. Raises Invalid, Forbidden."""
    permit.demand({"create": "c", "update": "u", "delete": "d"}[one.method], one.type)
    id_ = one.id or new_id()
    if one.type == "AuditEvent" and id_.startswith(LOOK):
        raise Invalid(f"AuditEvent/{LOOK}… is the log itself, which nobody writes. Choose another id.")
    if one.resource is None:
        return Prepared(one.method, one.type, id_, None, b"", one.condition, None, one.force)
    issues = [] if checked else [issue for issue in check(one.resource) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    one = _in_its_part(permit, one)
    assert one.resource is not None
    texts = references.texts(one.compact)
    if b"urn:uuid:" in one.compact or b"?" in one.compact:
        _refuse_unresolved(one.resource, texts)
    resource = {**one.resource, "id": id_}
    return Prepared(one.method, one.type, id_, resource, one.compact, one.condition, rows.index(resource, texts))


def _in_its_part(permit: Permit, one: Change) -> Change:
    """What a unit of a part of its own writes carries the label of that part, thought of or not."""
    assert one.resource is not None
    if permit.part == ORDINARY or one.type in REGISTERS | WHO or part_of(one.resource) >= permit.part:
        return one
    label = label_of(permit.part)
    meta = one.resource.get("meta", {})
    resource = {**one.resource, "meta": {**meta, "security": [*meta.get("security", ()), label]}}
    return replace(one, resource=resource, compact=labelled(one.compact, label))


def _refuse_unresolved(resource: dict[str, Any], texts: Sequence[str]) -> None:
    """A conditional reference, or one to an entry of a Bundle, means something in a transaction only."""
    if resource["resourceType"] == "Bundle" or not any(map(_is_unresolved, texts)):
        return
    for found in references.find(resource):
        if _is_unresolved(found.text):
            told = f"{found.text[:120]} cannot be resolved here. Send the resources together in a transaction."
            raise Invalid(told, path=found.path)


def _is_unresolved(text: str) -> bool:
    return text.startswith("urn:uuid:") or references.read(text).kind == "conditional"


def refuse_twice(prepared: Sequence[Prepared]) -> None:
    seen: set[tuple[str, str]] = set()
    for one in prepared:
        if (one.type, one.id) in seen:
            raise Invalid(f"{one.type}/{one.id} is changed twice in one transaction. Send it once.")
        seen.add((one.type, one.id))


async def apply(
    permit: Permit,
    prepared: Sequence[Prepared],
    db: Connection,
    action: str | None,
    claim: bytes | None,
    reason: str | None = None,
) -> list[Stored]:
    """Do prepared changes in a transaction that the caller holds; an empty list when `claim` was used before."""
    if claim is not None and not await writing.claim(db, claim):
        return []
    existing = await writing.lock(db, [(one.type, one.id) for one in prepared if one.method != "create"])
    return await write(permit, prepared, existing, db, action, reason)


async def write(
    permit: Permit,
    prepared: Sequence[Prepared],
    existing: dict[tuple[str, str], asyncpg.Record],
    db: Connection,
    action: str | None,
    reason: str | None = None,
    doubles: list[Double] | None = None,
) -> list[Stored]:
    """Do prepared changes; `existing` are the versions that stand, locked in this transaction. An import lets in what
    is booked twice, and is told in `doubles`."""
    if ADDED:
        prepared = [_by_newest_set(one) for one in prepared]
    if permit.narrow is not None:
        await narrowing.refuse_standing(permit, prepared, existing, db)
    why = await _decide(permit, prepared, existing, db)
    idle = [_gone(permit, one, existing.get((one.type, one.id))) for one in prepared]
    if any(idle):
        prepared = [one for one, gone in zip(prepared, idle, strict=True) if gone is None]
    if len(prepared) > 1:
        await db.settle()  # To make many ready takes its time, and theirs is not before that of their transaction.
    at = datetime.now(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    versions = [_version(permit, one, existing.get((one.type, one.id)), at) async for one in in_turn(prepared)]
    await _refuse_referred(permit, prepared, db)
    if action != "import":  # What is loaded was so, however wrong.
        await refuse_after_death(prepared, db)
    # Before anything that others may wait for, since here it is waited for others.
    double = await occupying.occupy(prepared, existing, db, lets_in=action == "import")
    if doubles is not None:
        doubles += double
    forced = {(one.type, one.id) for one in prepared if one.force}
    looks = _looks(permit, versions, why, action, forced, reason)
    alone = len(versions) == len(looks) == 1
    beside = audit.change_logged(looks[0], writing.BESIDE) if alone else None
    await writing.put(db, versions, at=at, beside=beside)
    if permit.narrow is not None:
        await narrowing.refuse_made(permit, prepared, db)
    projected = [
        access.Stored(one.type, one.id, one.resource, was is not None, was["body"] if was else None)
        for one in prepared
        for was in [existing.get((one.type, one.id))]
    ]
    await access.project(db, permit, projected)
    await terminology.project(db, projected)
    await occupying.follow(prepared, existing, db)
    await _lend(permit, prepared, db)
    await _review(permit, prepared, db)
    if looks and not alone:
        await audit.write(db, looks)
    done = iter([_stored(one, at, permit, existing.get((one.type, one.id))) for one in versions])
    return [gone or next(done) for gone in idle]


def _gone(permit: Permit, one: Prepared, was: asyncpg.Record | None) -> Stored | None:
    """What stands of something that is deleted once more, which changes nothing; None for every other change.
    hl7.org/fhir/R4/http.html#delete. People hear of what never was as of what they may not see."""
    if one.method != "delete" or one.condition is not None:
        return None
    if was is None:
        return Stored(one.type, one.id, 0, datetime.now(UTC), None) if permit.unrestricted else None
    return Stored(one.type, one.id, was["version"], was["at"], None) if was["deleted"] else None


def _by_newest_set(one: Prepared) -> Prepared:
    """Indexed anew, when search parameters were added since it was prepared: a large Bundle takes its time."""
    added = ADDED.get(one.type)
    if added is None or one.resource is None or one.index is None or one.index.indexed == added.version:
        return one
    return msgspec.structs.replace(one, index=rows.index(one.resource, references.texts(one.compact)))


async def _refuse_referred(permit: Permit, prepared: Sequence[Prepared], db: Connection) -> None:
    leaving = [(one.type, one.id) for one in prepared if one.method == "delete" and not one.force]
    if leaving:
        staying = {(one.type, one.id): one.index.tokens if one.index else () for one in prepared}
        await refuse_referred(permit, leaving, staying, db)


async def _decide(
    permit: Permit,
    prepared: Sequence[Prepared],
    existing: dict[tuple[str, str], asyncpg.Record],
    db: Connection,
) -> dict[int, str]:
    """Why each patient concerned may be written. What exists must be visible; what is new needs a relation, or a role
    that books without reading."""
    if permit.unrestricted:
        for one in prepared:
            was = existing.get((one.type, one.id))
            if was is not None and was["part"] != ORDINARY and not permit.sees_parts:
                raise absent(one.type, one.id)
        return {}
    whose = {(one.type, one.id): _patients(one.index, existing.get((one.type, one.id))) for one in prepared}
    # What is not there is asked of as what is: else the clock would tell that something is, which is closed.
    named = [(one.type, one.id) for one in prepared if one.method != "create"]
    nobodys = {SYSTEM} if len(named) > len(existing) else set()
    concerned = {patient for patients in whose.values() for patient in patients} | nobodys
    open_ = await access.decide(db, permit, concerned)
    open_ |= dict.fromkeys(await access.serves(db, permit, concerned), access.OWN_PART)
    seen = await writing.seen_among(db, named, may=permit.condition) if named else set()
    for one in prepared:
        was = existing.get((one.type, one.id))
        if was is not None and (one.type, one.id) not in seen and not _concerns(permit, was, open_):
            raise absent(one.type, one.id)
        if was is None and one.method == "update":
            # Only systems choose ids: else an answer would tell which ids of others are taken.
            raise absent(one.type, one.id)
        closed = [patient for patient in whose[one.type, one.id] if patient not in open_]
        if closed and not (was is None and permit.writes_unread(one.type)):
            raise ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
        _refuse_access_change(permit, one, was)
    if any(one.type in ("Task", "Communication") for one in prepared):
        written = {
            f"{one.type}/{one.id}": (_decoded(existing.get((one.type, one.id))), one.resource)
            for one in prepared
            if one.type in _WORK
        }
        await refuse_unfit(permit, written, db)
    return open_


def _concerns(permit: Permit, was: asyncpg.Record, open_: dict[int, str]) -> bool:
    """Whether a named action is about all whom what is stored names, though not all their records are open to it."""
    return bool(permit.beside) and all(patient in open_ for patient in {was["patient"], *was["others"]} - {SYSTEM})


def _patients(index: rows.Index | None, was: asyncpg.Record | None) -> set[int]:
    named = {index.patient, *index.others} if index else set()
    before = {was["patient"], *was["others"]} if was else set()
    return (named | before) - {SYSTEM}


def _refuse_access_change(permit: Permit, one: Prepared, was: asyncpg.Record | None) -> None:
    """People change security labels and merged patients by named actions only, and sign for themselves alone."""
    if one.type == "Composition" and one.resource is not None:
        access.refuse_signature(permit, _decoded(was), one.resource)
    if one.type == "Composition" and one.resource is None:
        access.refuse_deleting(permit, _decoded(was))
    if one.type in ("DiagnosticReport", "DocumentReference") and one.resource is not None:
        access.refuse_vouching(permit, _decoded(was), one.resource)
    if one.type == "Flag":
        access.refuse_decision(permit, _decoded(was), one.resource)
    if one.type == "Task" and one.resource is not None:
        access.refuse_asking_himself(permit, _decoded(was), one.resource)
    if permit.changes_access:
        return
    if one.type == "Task" and any(map(is_named_action, (one.resource, _decoded(was)))):
        raise Forbidden("This Task belongs to a named action: people change it by that alone.")
    if one.resource is None:
        return
    before = _decoded(was)
    if _labels(before) not in (_labels(one.resource), _without_own(permit, one.resource)):
        raise Forbidden("Security labels decide who may see a record: people change them by named actions only.")
    if one.type == "Patient" and before.get("link", []) != one.resource.get("link", []):
        raise Forbidden("Patient.link joins two records: people merge by the named action only.")


def _without_own(permit: Permit, resource: dict[str, Any]) -> list[Any]:
    """The labels as the writer sent them: that of the unit's own part was added to what he writes."""
    own = label_of(permit.part) if permit.part != ORDINARY else None
    return [label for label in _labels(resource) if label != own]


def _decoded(was: asyncpg.Record | None) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(was["body"]) if was and was["body"] else {}
    return found


def _labels(resource: dict[str, Any]) -> list[Any]:
    labels: list[Any] = resource.get("meta", {}).get("security", [])
    return labels


def _version(permit: Permit, one: Prepared, was: asyncpg.Record | None, at: datetime) -> NewVersion:
    if one.method == "delete" and (was is None or was["deleted"]):
        raise absent(one.type, one.id)
    newest = was["version"] if was else 0
    if was and was["method"] == "X":
        raise Erased(f"{one.type}/{one.id} was erased by decision, and is not written again. Use another id.")
    there = was is not None and not was["deleted"]
    if one.condition is not None and (failing := one.condition.failing(newest, there=there)):
        raise VersionMoved(f"{one.type}/{one.id} {failing}. Read it again, then change it.")
    if was and not was["deleted"] and one.resource and is_subset(one.resource):
        raise Unprocessable(
            f"{one.type}/{one.id} comes with the tag SUBSETTED, so it is a part only, and the rest would be lost. "
            "Read it whole, change that, and send it without the tag."
        )
    if was and one.index and not was["deleted"] and one.index.patient != was["patient"]:
        raise Unprocessable(
            f"{one.type}/{one.id} lives under another patient. Mark it entered-in-error and write it anew."
        )
    patient = one.index.patient if one.index else was["patient"]  # type: ignore[index]
    if one.resource is None or one.index is None:
        index = rows.Index(
            patient,
            list(was["others"]) if was else [],
            [],
            None,
            None,
            [],
            [],
            [],
            bool(was and was["protected"]),
            part=was["part"] if was else ORDINARY,
            released=was["released"] if was else None,
        )
        return NewVersion(one.type, one.id, newest + 1, "D", patient, was["owner"], permit.actor, None, index)  # type: ignore[index]
    index = one.index
    if was and was["protected"] and not permit.shows_protected(one.type) and not index.protected:
        index = msgspec.structs.replace(index, protected=True)
    if was and was["part"] > index.part and not permit.sees_parts:
        index = msgspec.structs.replace(index, part=was["part"])
    owner = _owner(permit, one.resource, was, index.part)
    body = stamp(_kept(permit, one, was), id=one.id, version=newest + 1, updated=at)
    method = _LETTER["create" if newest == 0 else "update"]
    return NewVersion(one.type, one.id, newest + 1, method, patient, owner, permit.actor, body, index)


def _owner(permit: Permit, resource: dict[str, Any], was: asyncpg.Record | None, part: int) -> int:
    """Which unit answers for a resource. Where it names none, that is whoever wrote it first, so that who corrects
    something, or labels it, takes it from nobody. What lies in a part of its own is open to the unit that answers for
    it, so whoever reads it by a reason does not give it to another."""
    mine = key(f"Organization/{permit.organization}") if permit.organization else SYSTEM
    if was is None or was["deleted"] or permit.part > was["part"]:
        return owner_of(resource) or mine
    owner: int = owner_of(resource) or was["owner"] or mine
    if part != ORDINARY and owner != was["owner"] and not permit.sees_parts and was["owner"] not in permit.parties:
        raise Forbidden("The unit that answers for this decides who may see it: only its own people hand it over.")
    return owner


def _kept(permit: Permit, one: Prepared, was: asyncpg.Record | None) -> bytes:
    """The bytes to store. Somebody who was shown the rendition without protected fields cannot take them away."""
    if was is None or permit.shows_protected(one.type) or not (was["protected"] or was["hidden"]):
        return one.compact
    row = {"type": number(one.type), "protected": True, "patient": was["patient"]}
    if rendition(was["body"], row, permit) == was["body"]:
        return one.compact
    raise Forbidden("A protected address or number is changed by the register, not by a role that cannot see it.")


async def _lend(permit: Permit, prepared: Sequence[Prepared], db: Connection) -> None:
    """What hides the address under one id of a person hides it under all, in the same transaction."""
    lent = await to_lend([one.id for one in prepared if one.type == "Patient" and one.resource], db)
    changes = [
        prepare(permit, Change("update", "Patient", one.row["id"], one.resource, one.compact), checked=True)
        for one in lent
    ]
    if changes:
        await write(permit, changes, {("Patient", one.row["id"]): one.row for one in lent}, db, "lend")


async def _review(permit: Permit, prepared: Sequence[Prepared], db: Connection) -> None:
    """What a system changed of consents, care teams, labels and links goes on the review list."""
    if permit.kind != "system":
        return
    for one in prepared:
        if one.type in NAMED_ACTIONS or (one.resource and (_labels(one.resource) or "link" in one.resource)):
            patient = one.index.patient if one.index else SYSTEM
            await access.note_access_change(db, permit, patient, source=f"{one.type}/{one.id}")


def _looks(
    permit: Permit,
    versions: Sequence[NewVersion],
    why: dict[int, str],
    action: str | None,
    forced: Collection[tuple[str, str]],
    reason: str | None,
) -> list[Look]:
    """One per patient, for the transaction of the change."""
    about: dict[int, list[NewVersion]] = {}
    for one in versions:
        if one.patient != SYSTEM:
            about.setdefault(one.patient, []).append(one)
    return [
        look_of(
            permit,
            action or _action(mine, forced),
            patient=patient,
            why=why.get(patient, permit.blanket if permit.unrestricted else "booking"),
            shown=audit.shown((one.type, one.id) for one in mine),
            reason=reason,
        )
        for patient, mine in about.items()
    ]


def _action(versions: Sequence[NewVersion], forced: Collection[tuple[str, str]]) -> str:
    if any((one.type, one.id) in forced for one in versions):
        return "delete-forced"
    return {"C": "create", "U": "update", "D": "delete"}[versions[0].method]


def _stored(one: NewVersion, at: datetime, permit: Permit, was: asyncpg.Record | None) -> Stored:
    row = {"type": number(one.type), "protected": bool(one.index and one.index.protected), "patient": one.patient}
    created = was is None or was["deleted"]  # RFC 9110 section 9.3.4: a PUT that brings something back creates it.
    return Stored(one.type, one.id, one.version, at, rendition(one.body, row, permit), created=created)
