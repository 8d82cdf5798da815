"""A discharge summary is sent: to those who shall have it, in one transaction with the signature or later. Row 7.9

    Dispatch(to, left_out)                                  what somebody chose
    dispatched(door, permit, note, dispatch, now) -> list   the changes, to be stored with the note that is signed
    send_summary(door, permit, note_id, version, dispatch)  of a note that is signed

Whoever reads in this record gets a Task to read it, and everybody else a message. Who shall have it and cannot be
reached is work for the sending unit. One version goes to a receiver once: what is sent has an id that follows from
both, so that of two who send it at once one is refused. What was chosen is kept as a Communication that the patient
sees: who sent it, for whom, to whom, who was left out and why. helsepersonelloven section 45 a
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal import messages
from samjournal.access import Permit, acting
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, VersionMoved
from samjournal.fhir.keys import local
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.release import NOPAT, RELEASED, has_label
from samjournal.messages.making import instant
from samjournal.messages.outgoing import SENT_BY, SIGNED_BY
from samjournal.notes.delivered import (
    EDITION,
    LEFT_OUT,
    READ,
    SENT,
    SHARED,
    UNREACHABLE,
    UNREACHED,
    UNSENT,
    code_in,
    deliveries,
    tasks_about,
)
from samjournal.notes.summaries import (
    KIND,
    SYSTEM,
    Recipient,
    document_of,
    edition_of,
    is_signed,
    is_summary,
    own_id,
    recipients,
    sender_of,
    signer_of,
)
from samjournal.notes.tasks import ended, is_open
from samjournal.record import Change, Door, Stored, change, new_id, read
from samjournal.tasks import himself, written

Resource = Mapping[str, Any]
READ_WITHIN: Final = timedelta(days=3)
SEEN_TO_WITHIN: Final = timedelta(days=1)
SHORTEST_REASON: Final = 3
LONGEST_REASON: Final = 200
WHY: Final = {
    "no-sender": "enheten har ingen adresse å sende fra",
    "no-endpoint": "mottakeren har ingen adresse for meldinger",
    "untested": "ingen prøvemelding er kommet fram ennå",
    "nobody": "ingen kan lese det der nå",
    "kind": "mottakeren tar ikke imot epikriser",
    "not-yet": "mottakeren er ikke med ennå",
    "over": "mottakeren er ikke med lenger",
    "closed": "mottakeren er stengt for meldinger",
    "reserved": "notatet er forbeholdt enheten, og kan ikke leses av andre i denne journalen",
}
_WRITES: Final = ("Communication", "Task")


class NotChosen(Invalid):
    """Somebody who shall have it is neither chosen nor left out with a reason; or nobody is chosen at all."""


class SentAlready(Conflict):
    """He has this version already."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What somebody chose: ids of who gets it (`Recipient.id`), and why others do not."""

    to: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


async def send_summary(door: Door, permit: Permit, note_id: str, version: int, dispatch: Dispatch) -> list[Stored]:
    """Send a note that is signed, as of the version that was read. Raises VersionMoved, and as `dispatched`."""
    stored = await read(door, permit, "Composition", note_id)
    if stored.version != version:
        raise VersionMoved("The note was changed since you opened it. Read it again before it is sent.")
    note = stored.resource()
    changes = await dispatched(door, permit, note, dispatch, datetime.now(UTC))
    return await change(door, acting(permit, *_WRITES) if _labels(note) else permit, changes, action="send-summary")


async def dispatched(door: Door, permit: Permit, note: Resource, dispatch: Dispatch, now: datetime) -> list[Change]:
    """What is stored when a discharge summary is sent so. Raises Conflict for what is no discharge summary or not
    signed for good (SentAlready: he has it), NotChosen, Forbidden."""
    if not is_summary(note) or not is_signed(note):
        raise Conflict("Only a discharge summary that is signed is sent.")
    if not (permit.signs or permit.prepares):
        raise Forbidden(f"The role {permit.role} sends no discharge summaries.")
    for type_ in _WRITES:
        permit.demand("c", type_)
    before, edition = await deliveries(door, permit, note), edition_of(note)
    chosen = [one for one in dispatch.to if one not in dispatch.left_out]
    found = await recipients(door, permit, note, now, others=chosen, has=before.has(edition))
    known = {one.id for one in found}
    if unknown := [one for one in chosen if one not in known]:
        raise NotChosen(f"{unknown[0]} is nobody who can be sent to.")
    if there := [one.name for one in found if one.has == "this" and one.id in chosen]:
        raise SentAlready(f"This version went to {there[0]} already.")
    out = _left_out(found, dispatch)
    waiting = {one.id for one in before.not_sent if one.edition == edition and not one.is_left_out}
    to = [one for one in found if one.id in chosen and not one.why]
    lost = [one for one in found if one.id not in out and one.why and (one.id in chosen or one.is_default)]
    new = [one for one in lost if one.id not in waiting]
    for one in found:
        if one.is_default and not one.why and one.id not in chosen and one.id not in out:
            raise NotChosen(f"Say why {one.name} shall not have it, or send it there too.")
    if not (to or new or out):
        raise NotChosen("Nobody is chosen.")
    made = _kept(permit, note, to, new, out, now)
    work = [_task(permit, note, one, now) for one in (*to, *new) if one.why or one.way == messages.SHARED]
    changes = [_create(made), *(_create(one) for one in work)]
    for one in to:
        if one.way != messages.SHARED:
            status = "M" if one.has == "earlier" else "N"
            changes += [_labelled(each, note) for each in messages.sending(_message(permit, note, one, status), now)]
    done = {own_id(note, edition, UNREACHED, one.id) for one in to} | {
        own_id(note, edition, UNREACHED, id_) for id_ in out
    }
    return [*changes, *await _ending(door, permit, note, done)]


def _left_out(found: Sequence[Recipient], dispatch: Dispatch) -> dict[str, tuple[Recipient, str]]:
    out: dict[str, tuple[Recipient, str]] = {}
    for one in found:
        if one.id not in dispatch.left_out:
            continue
        said = " ".join(dispatch.left_out[one.id].split())[:LONGEST_REASON]
        if len(said) < SHORTEST_REASON:
            raise NotChosen(f"Say why {one.name} shall not have it.")
        out[one.id] = (one, said)
    return out


def _message(permit: Permit, note: Resource, one: Recipient, status: str) -> messages.Outgoing:
    signer, by = signer_of(note), himself(permit)
    written_at = str(note.get("date", ""))[:10]
    return messages.Outgoing(
        kind=KIND,
        about=f"Composition/{note['id']}",
        patient=_patient(note),
        sender=sender_of(note, permit),
        by=by,
        signer=signer if signer and signer["reference"] != by["reference"] else None,
        receiver=one.reference,
        endpoint=one.endpoint,
        document=document_of(note),
        text=f"{note.get('title') or KIND[1]}, {written_at}, {(signer or {}).get('display', '')}".rstrip(", "),
        status=status,
        id=own_id(note, edition_of(note), SENT, one.id),
    )


def _task(permit: Permit, note: Resource, one: Recipient, now: datetime) -> dict[str, Any]:
    """To read it, for who reads here; to see to it, for the sending unit of whom nobody can reach."""
    code, unit, due = (
        (READ, one.reference, READ_WITHIN) if not one.why else (UNREACHED, sender_of(note, permit), SEEN_TO_WITHIN)
    )
    words = (
        f"Les epikrisen: {note.get('title') or KIND[1]}"
        if code == READ
        else f"Epikrisen er ikke sendt til {one.name}: {WHY[one.why]}. Send den på annen måte."
    )
    task = written(
        kind="do",
        patient=_patient(note),
        owner=unit,
        at=now,
        due=now + due,
        words=words,
        focus=f"Composition/{note['id']}",
        requester=himself(permit),
    )
    return coded(task, note, code, one.id)


def coded(task: dict[str, Any], note: Resource, code: str, of: str = "") -> dict[str, Any]:
    """A Task of ours about one version of a note: of a reserved one it is read by the same people."""
    labels = _labels(note)
    return {
        **task,
        "id": own_id(note, edition_of(note), code, of),
        **({"meta": {"security": labels}} if labels else {}),
        "code": {"coding": [*task["code"]["coding"], {"system": SYSTEM, "code": code}]},
    }


def _kept(
    permit: Permit,
    note: Resource,
    to: Sequence[Recipient],
    lost: Sequence[Recipient],
    out: Mapping[str, tuple[Recipient, str]],
    now: datetime,
) -> dict[str, Any]:
    """What was chosen, by whom, for whom."""
    here = [{"url": SHARED, "valueReference": one.reference} for one in to if one.way == messages.SHARED]
    not_sent = [
        *(_said(LEFT_OUT, one, why) for one, why in out.values()),
        *(_said(UNREACHABLE, one, one.why) for one in lost),
    ]
    return {
        "resourceType": "Communication",
        "id": new_id(),
        "meta": _meta(note),
        "extension": [
            {"url": EDITION, "valueInteger": edition_of(note)},
            {"url": SENT_BY, "valueReference": himself(permit)},
            {"url": SIGNED_BY, "valueReference": signer_of(note)},
            *here,
            *not_sent,
        ],
        "identifier": [{"system": SYSTEM, "value": document_of(note)}],
        "status": "completed",
        "category": [{"coding": [{"system": SYSTEM, "code": SENT}], "text": "Epikrise sendt"}],
        "subject": {"reference": f"Patient/{_patient(note)}"},
        "about": [{"reference": f"Composition/{note['id']}"}],
        **({"recipient": [one.reference for one in to]} if to else {}),
        "sender": sender_of(note, permit),
        "sent": instant(now),
    }


def _said(url: str, one: Recipient, why: str) -> dict[str, Any]:
    return {
        "url": url,
        "extension": [{"url": "who", "valueReference": one.reference}, {"url": "why", "valueString": why}],
    }


def _meta(note: Resource) -> dict[str, Any]:
    """Who reads that it was sent: those who read the note, and the patient unless it is held back from him."""
    labels = _labels(note)
    tags = [] if has_label(note, NOPAT) else [RELEASED]
    return {**({"security": labels} if labels else {}), **({"tag": tags} if tags else {})}


def _labelled(one: Change, note: Resource) -> Change:
    assert one.resource is not None
    made = {**one.resource, "meta": _meta(note)}
    return replace(one, resource=made, compact=compact_of(made))


def _create(made: dict[str, Any]) -> Change:
    return Change("create", made["resourceType"], made["id"], made, compact_of(made))


async def _ending(door: Door, permit: Permit, note: Resource, done: set[str]) -> list[Change]:
    """What waited for it to be sent waits no longer."""
    found = []
    for one in await tasks_about(door, permit, note):
        if is_open(one) and (code_in(one) == UNSENT or one["id"] in done):
            version = int(one["meta"]["versionId"])
            found.append(Change.update(ended(_plain(one), "completed", permit, words="Sendt"), if_match=version))
    return found


def _plain(task: dict[str, Any]) -> dict[str, Any]:
    meta = {name: value for name, value in task.get("meta", {}).items() if name in ("security", "tag")}
    return {**{name: value for name, value in task.items() if name != "meta"}, **({"meta": meta} if meta else {})}


def _labels(note: Resource) -> list[dict[str, str]]:
    return list(note.get("meta", {}).get("security", ()))


def _patient(note: Resource) -> str:
    return str(local(note["subject"]["reference"])).removeprefix("Patient/")
