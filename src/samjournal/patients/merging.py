"""Two records of one person: merged by another than who proposed it, and parted. hl7.org/fhir/R4/patient.html#links

    confirm(door, permit, id)                    merge what was proposed
    undo(door, permit, going, reason)            they were not one person: the links go, nothing else
    written_since(door, permit, going)           what was written since the merge, under which id

A merge kills when it is wrong, so two people decide, and it rewrites nothing: Patient.link on both, `active: false` on
the one that goes, and the label of a protected address on both when one has it. What was written stays under the id
that it was written to.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from samjournal import accounts
from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Conflict, Forbidden, VersionMoved
from samjournal.patients.linking import (
    active,
    agent,
    changed,
    label_of,
    linked_with,
    links_to,
    myself,
    provenance,
    replaced_by,
    said,
    with_label,
    with_link,
    without_link,
)
from samjournal.patients.proposing import TYPES, decided, deciding, parted, undecided
from samjournal.record import Change, Decision, Door, Stored, WrittenLine, change, history, read
from samjournal.record import written_since as written_after

_ATTEMPTS = 3


async def confirm(door: Door, permit: Permit, id_: str) -> None:
    """Merge what somebody else proposed. Raises Forbidden for who proposed it himself, under another login too;
    NotFound; Conflict when it is decided already, or one of the two was merged meanwhile."""
    rights = keeping(deciding(permit), *TYPES, sees_protected=True)
    await _at_last(lambda: _confirm(door, rights, id_))


async def _confirm(door: Door, rights: Permit, id_: str) -> None:
    one = await undecided(door, rights, id_)
    if await _is_same_person(door, one.login, rights.actor):
        raise Forbidden("You proposed this yourself. Somebody else must look at both records, and decide.")
    going, staying = await parted(door, rights, one.going, one.staying)
    hiding = max(filter(None, (label_of(going.resource()), label_of(staying.resource()))), default=None)
    agents = [agent("verifier", myself(rights)), agent("author", {"display": one.name})]
    changes = [
        changed(going, with_link(going, staying.id, "going"), active(False), with_label(going, hiding)),
        changed(staying, with_link(staying, going.id, "staying"), with_label(staying, hiding)),
        await decided(door, rights, one, "completed"),
        Change.create(provenance("merge", [going, staying], agents, one.reason)),
    ]
    await change(door, rights, changes, action="merge", reason=one.reason, decision=Decision("merge", one.reason))


async def undo(door: Door, permit: Permit, going: str, reason: str) -> None:
    """Part two records that were merged: both are as they were, and what was written since stays under the id that it
    was written to. One person may: while two people's records are one, each hour is a danger. Raises Forbidden,
    Invalid, NotFound, Conflict when it is not merged."""
    rights = keeping(deciding(permit), *TYPES, sees_protected=True)
    told = said(reason)
    await _at_last(lambda: _undo(door, rights, going, told))


async def _undo(door: Door, rights: Permit, id_: str, reason: str) -> None:
    going, staying = await _merged(door, rights, id_)
    were = await _since(door, rights, going, staying.id), await _since(door, rights, staying, going.id)
    before = were[0].before
    was_active = before.resource().get("active") if before else True
    labels = (
        await _own_label(door, rights, going, were[0], besides=staying.id),
        await _own_label(door, rights, staying, were[1], besides=going.id),
    )
    changes = [
        changed(going, without_link(going, staying.id, "going"), active(was_active), with_label(going, labels[0])),
        changed(staying, without_link(staying, going.id, "staying"), with_label(staying, labels[1])),
        Change.create(provenance("unmerge", [going, staying], [agent("author", myself(rights))], reason)),
    ]
    await change(door, rights, changes, action="unmerge", reason=reason, decision=Decision("unmerge", reason))


@dataclass(frozen=True, slots=True)
class Written:
    """What was written or changed since two records were merged, newest first."""

    staying: str
    merged: datetime
    lines: tuple[WrittenLine, ...]


async def written_since(door: Door, permit: Permit, going: str) -> Written:
    """What was written under either id since the merge: where, when, of which type and by whom, not what. Raises
    NotFound, Forbidden, Conflict when it is not merged."""
    rights = keeping(deciding(permit), *TYPES, sees_protected=True)
    goes, stays = await _merged(door, rights, going)
    merged = (await _since(door, rights, goes, stays.id)).at
    return Written(stays.id, merged, tuple(await written_after(door, rights, (goes.id, stays.id), merged)))


async def _merged(door: Door, rights: Permit, id_: str) -> tuple[Stored, Stored]:
    """A record that was merged, and the one that it was merged into. Raises Conflict, NotFound."""
    going = await read(door, rights, "Patient", id_)
    staying = replaced_by(going.resource())
    if staying is None:
        raise Conflict(f"Patient/{id_} is not merged with another record.")
    return going, await read(door, rights, "Patient", staying)


async def _at_last(attempt: Callable[[], Awaitable[None]]) -> None:
    """Try anew when somebody else wrote one of the two meanwhile: all that it rests on is read again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await attempt()
        except VersionMoved:
            continue
    return await attempt()


async def _is_same_person(door: Door, login: str, other: str) -> bool:
    """Whether two logins are one person's: the same, or of the same practitioner."""
    if login == other:
        return True
    one, two = await accounts.account(door.pool, login), await accounts.account(door.pool, other)
    known = one is not None and two is not None and one.practitioner_id is not None
    return known and one.practitioner_id == two.practitioner_id  # type: ignore[union-attr]


class _Merge(NamedTuple):
    """How a Patient was linked with another: the version before (None when it came so), the first after, and when."""

    before: Stored | None
    after: Stored
    at: datetime


async def _since(door: Door, rights: Permit, patient: Stored, other: str) -> _Merge:
    found, _ = await history(door, rights, "Patient", patient.id, count=1000)
    after = patient
    for version in found:
        if version.stored.body is None or not links_to(version.stored.resource(), other):
            return _Merge(version.stored if version.stored.body is not None else None, after, after.at)
        after = version.stored
    return _Merge(None, after, after.at)


async def _own_label(door: Door, rights: Permit, patient: Stored, merge: _Merge, *, besides: str) -> str | None:
    """The label that a Patient has without the one that it is parted from: its own, else one that another lends."""
    lent = merge.before is not None and label_of(merge.before.resource()) != label_of(merge.after.resource())
    if not lent:
        return label_of(patient.resource())
    assert merge.before is not None
    linked = [id_ for id_ in linked_with(patient.resource()) if id_ != besides]
    others = [label_of((await read(door, rights, "Patient", id_)).resource()) for id_ in linked]
    return max(filter(None, (label_of(merge.before.resource()), *others)), default=None)
