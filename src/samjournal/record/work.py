"""Work that only some may do, or not in any way: signatures, results that somebody acknowledges, messages whose patient
is to be found, questions of patients. Requirements 7.10, 7.11

    refuse_unfit(permit, written, db)       raises Forbidden: of who may not do it, of nobody, or before it is done

A Task `sign`, `countersign` or `acknowledge` waits on somebody who can do what it asks for, and is closed by who may,
as his own act and at the time of it, when it is done. It is asked of every write by a person, by whatever way it
comes, but for named actions, which see to it themselves; jobs and systems bring and move work.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from samjournal import accounts
from samjournal.access import ALSO, ROLES, Permit, is_now
from samjournal.access.waiting import OPEN
from samjournal.db.pool import Connection
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import local
from samjournal.store import writing

SYSTEM = "urn:samjournal:task"
SIGN, COUNTERSIGN, ACKNOWLEDGE = "sign", "countersign", "acknowledge"
SIGNATURES = frozenset({SIGN, COUNTERSIGN})
GUARDED = SIGNATURES | {ACKNOWLEDGE}
DELIVER, ANSWER = "deliver", "answer"
CONVERSATION = "urn:samjournal:conversation-kind"
FAILED = frozenset({"rejected", "timed-out", "no-route"})
"""States of a message of ours that a person sees to."""

_MESSAGE, _OUTBOX = "urn:samjournal:message-state", "urn:samjournal:outbox"
_INSTEAD = frozenset({"resent", "other-receiver", "paper", "phone", "signed", "queued"})
_OPEN_STATES = FAILED | {"signed", "queued", "transported"}
_SENT = _OPEN_STATES | _INSTEAD | {"accepted", "opened", "acted"}
REFERRAL = "assess"

Resource = Mapping[str, Any]
Written = Mapping[str, tuple[Resource, Resource | None]]
"""What one transaction writes, by `Type/id`: what stood ({}: nothing), and what shall stand (None: nothing)."""


async def refuse_unfit(permit: Permit, written: Written, db: Connection) -> None:
    """Refuse what people may not do with work of others. Raises Forbidden."""
    if permit.kind != "staff" or permit.changes_access or permit.keeps_marks:
        return
    for reference, (before, after) in written.items():
        if reference.startswith("Communication/"):
            _refuse_told(before, after)
            _refuse_in_the_words_of_the_patient(before, after)
        if not reference.startswith("Task/"):
            continue
        if code_of(before) == DELIVER and before.get("status") in OPEN:
            _refuse_other_work(before, after)
        if REFERRAL in (code_of(before), code_of(after or {})):
            await _refuse_lost(reference, before, after, written, db)
        elif {kind_of(before), kind_of(after or {})} & GUARDED:
            await _refuse_one(permit, before, after, written, db)
        elif await _asked_by_patient(before, written, db):
            await _refuse_unanswered(before, after, written, db)
        elif before.get("status") in OPEN and (after is None or after.get("status") not in OPEN):
            await _refuse_held(before, written, db)


async def _refuse_one(
    permit: Permit, before: Resource, after: Resource | None, written: Written, db: Connection
) -> None:
    if after is None:
        raise Forbidden("What shows who signed or acknowledged is not deleted. Cancel what was asked for by mistake.")
    if before and (kind_of(before), to(before, "focus")) != (kind_of(after), to(after, "focus")):
        raise Forbidden("What a signature or an acknowledgement is asked for is not changed. Make another Task.")
    kind, waited, waits = kind_of(after), before.get("status") in OPEN, after.get("status") in OPEN
    if before and not waited and not waits:
        if any(before.get(name) != after.get(name) for name in ("status", "owner", "executionPeriod")):
            raise Forbidden("What was done stays as it was done: who did it, and when.")
        return
    note = await _standing(to(after, "focus"), written, db) if kind in SIGNATURES else None
    if waits and (not waited or before.get("owner") != after.get("owner")):
        await _refuse_owner(db, kind, to(after, "owner"), note)
    if kind == COUNTERSIGN and after.get("status") == "on-hold" != before.get("status") and _has_signed(note):
        raise Forbidden("Its author has signed this note, so the countersignature waits for nobody else.")
    if waits:
        return
    if kind == ACKNOWLEDGE:
        await _refuse_acknowledging(permit, before, after, written, db)
    else:
        _refuse_signed(permit, kind, after, note, written)
    if after["status"] == "completed":
        _refuse_in_the_name_of_another(permit, after)


async def _refuse_lost(
    reference: str, before: Resource, after: Resource | None, written: Written, db: Connection
) -> None:
    """Refuse that a referral is on no list while it is open, or on two: it has one Task, of its own id, which ends when
    it does."""
    own = f"ServiceRequest/{reference.partition('/')[2]}"
    if after is None or to(after, "focus") != own or code_of(after) != REFERRAL or (before and not code_of(before)):
        raise Forbidden("A referral has one Task, under its own id, as long as it is kept: it is sent and ended whole.")
    if after.get("status") in OPEN:
        if not to(after, "owner") or not ((after.get("restriction") or {}).get("period") or {}).get("end"):
            raise Forbidden(
                "A referral waits on somebody, until a deadline: name both (owner, restriction.period.end)."
            )
        return
    request = await _standing(own, written, db, "ServiceRequest")
    if request and request.get("status") == "active":
        raise Forbidden("The referral is open still: who has it ends it on its page, and its Task with it.")


async def _refuse_held(task: Resource, written: Written, db: Connection) -> None:
    """Refuse to end what waits for the patient of a message to be found: its sender has no answer yet; and that a
    message of ours did not arrive, before it is said how it goes instead."""
    message = await _standing(to(task, "focus"), written, db, "Communication")
    asked = {one.get("code") for one in (task.get("code") or {}).get("coding", ())}
    if DELIVER in asked and message and FAILED & {one.get("code") for one in _state(message)}:
        raise Forbidden("It is done by sending the message again or to another, on paper, or by phone.")
    if message and message.get("status") == "on-hold" and "received" in message and "subject" not in message:
        raise Forbidden("It is done by finding the patient of the message, or by refusing it.")


async def _asked_by_patient(task: Resource, written: Written, db: Connection) -> bool:
    """Whether a Task that waits is to answer what a patient asked, as it stood before."""
    if task.get("status") not in OPEN or code_of(task) != ANSWER:
        return False
    type_, _, id_ = to(task, "focus").partition("/")
    if type_ != "Communication":
        return False
    asked = written.get(f"{type_}/{id_}")
    message = asked[0] if asked else await _standing(f"{type_}/{id_}", {}, db, type_)
    return _is_from_patient(message or {})


async def _refuse_unanswered(before: Resource, after: Resource | None, written: Written, db: Connection) -> None:
    """Refuse that a question of a patient ends without an answer to the patient, becomes other work or nobody's, or
    waits longer than it was to."""
    kept = after is not None and all(before.get(name) == after.get(name) for name in ("code", "focus", "for"))
    if not kept or after is None:
        raise Forbidden("A patient asked this: it waits, for an answer to just that, until there is one.")
    if after.get("status") in OPEN:
        owner = to(after, "owner").partition("/")[0]
        if owner not in ("PractitionerRole", "Practitioner", "Organization") or _due(after) > _due(before):
            raise Forbidden("A question of a patient waits on somebody at work, and no longer than it was to wait.")
        return
    if after.get("status") == "completed" and await _is_answered(before, after, written, db):
        return
    raise Forbidden("A question of a patient ends with an answer to the patient (Task.output), and in no other way.")


async def _is_answered(before: Resource, after: Resource, written: Written, db: Connection) -> bool:
    focus, patient = to(before, "focus"), to(before, "for")
    for one in after.get("output") or ():
        answer = await _standing(to(one, "valueReference"), written, db, "Communication")
        if answer is None or answer.get("status") != "completed" or _is_from_patient(answer):
            continue
        reached = patient in {_local(each) for each in answer.get("recipient") or ()}
        told = any(str(each.get("contentString") or "").strip() for each in answer.get("payload") or ())
        if reached and told and focus in {_local(each) for each in answer.get("inResponseTo") or ()}:
            return True
    return False


def _due(task: Resource) -> datetime:
    """Until when a Task waits; for ever when it does not say."""
    end = ((task.get("restriction") or {}).get("period") or {}).get("end")
    return span(str(end)).hi if end else datetime.max.replace(tzinfo=UTC)


def _refuse_in_the_words_of_the_patient(before: Resource, after: Resource | None) -> None:
    """Refuse that staff write a question in the patient's name, change what a patient wrote, or take it away: they
    answer it."""
    asked = after is not None and any(one.get("system") == CONVERSATION for one in _categories(after))
    if asked and _is_from_patient(after or {}) and not _is_from_patient(before):
        raise Forbidden("A question of a patient is written by the patient. Write for the unit, or note what was said.")
    if not _is_from_patient(before) or "received" in before:
        return
    if after is None:
        raise Forbidden("What a patient wrote is kept: answer it.")
    if any(before.get(name) != after.get(name) for name in _HIS_WORDS):
        raise Forbidden("What a patient wrote is not changed by others: answer it.")


def _categories(message: Resource) -> list[Resource]:
    return [one for concept in message.get("category") or () for one in concept.get("coding") or ()]


_HIS_WORDS = ("status", "subject", "sender", "recipient", "sent", "topic", "about", "payload", "inResponseTo", "partOf")


def _is_from_patient(message: Resource) -> bool:
    return to(message, "sender").startswith("Patient/")


def _local(reference: Resource) -> str:
    return local(str(reference.get("reference") or "")) or ""


def _refuse_other_work(before: Resource, after: Resource | None) -> None:
    """Refuse that what waits on a message that did not arrive becomes other work, or nobody's: it would be ended so."""
    same = after is not None and (code_of(after), to(after, "focus")) == (DELIVER, to(before, "focus"))
    if not same or (after is not None and after.get("status") in OPEN and not to(after, "owner")):
        raise Forbidden("It is about a message that did not arrive, and waits on somebody until that is seen to.")


def _refuse_told(before: Resource, after: Resource | None) -> None:
    """Refuse that somebody says himself how a message of ours went: what carries it tells, and the receiver's answer.
    Of one that did not arrive people say how it goes instead."""
    was, is_ = _state_of(before), _state_of(after or {})
    if was not in _SENT:
        return
    if after is None and was in _OPEN_STATES:
        raise Forbidden("A message that is on its way, or did not arrive, is not deleted: it would be lost.")
    if after is None or (was == is_ and _waits(before) == _waits(after)):
        return
    is_read = (was, is_) == ("accepted", "opened")
    if not is_read and (was not in FAILED or is_ not in _INSTEAD):
        raise Forbidden("How far a message came is told by what carries it, and by its receiver.")


def _state_of(message: Resource) -> str:
    return next((str(one.get("code")) for one in _state(message) if one.get("system") == _MESSAGE), "")


def _waits(message: Resource) -> list[str]:
    return [str(one.get("value")) for one in message.get("identifier", ()) if one.get("system") == _OUTBOX]


def _state(message: Resource) -> list[Resource]:
    return list((message.get("statusReason") or {}).get("coding", ()))


async def _refuse_owner(db: Connection, kind: str, owner: str, note: Resource | None) -> None:
    """Refuse that work waits on somebody who cannot do it. Who has no account yet may get one."""
    type_, _, id_ = owner.partition("/")
    posts = [id_]
    if type_ == "Practitioner":
        posts = [one.practitioner_role_id for one in await accounts.posts(db, practitioners=[id_])]
    roles = [ROLES[code] for code in (await accounts.codes_of(db, posts)).values()]
    if kind == ACKNOWLEDGE:
        if type_ == "PractitionerRole" and any(role.prepares for role in roles):
            raise Forbidden("A result waits on somebody who may acknowledge it: choose another owner.")
        return
    is_person = type_ in ("PractitionerRole", "Practitioner")
    if (roles and not any(role.signs for role in roles)) or not (
        is_person or (kind == COUNTERSIGN and type_ == "Organization")
    ):
        raise Forbidden("A signature waits on somebody who signs: choose another owner.")
    authors = {one.get("reference") for one in (note or {}).get("author", ())}
    if kind == COUNTERSIGN and owner in authors:
        raise Forbidden("Nobody countersigns what he wrote himself: choose another owner.")
    if kind == SIGN and type_ == "PractitionerRole" and authors:
        whose = {f"Practitioner/{one.practitioner_id}" for one in await accounts.posts(db, roles=[id_])}
        if not authors & {owner, *whose}:
            raise Forbidden("Only its author signs a note as such: the owner of this Task is its author.")


async def _refuse_acknowledging(
    permit: Permit, before: Resource, after: Resource, written: Written, db: Connection
) -> None:
    """Refuse that a result goes from where it waits unseen, or is called seen by who may not see it."""
    if not acknowledges(permit, before):
        raise Forbidden(f"The role {permit.role} acknowledges no results that wait on others.")
    type_, _, id_ = to(after, "focus").partition("/")
    if not id_ or f"{type_}/{id_}" in written:
        return
    if not await writing.seen_among(db, [(type_, id_)], may=permit.condition):
        raise Forbidden("To acknowledge a result it must be open to you. Hand it on to somebody who sees it.")


def acknowledges(permit: Permit, task: Resource) -> bool:
    """Whether somebody may say that a result was seen to: who signs notes, and whom it waits on; never who prepares
    notes for others."""
    own = (f"PractitionerRole/{permit.practitioner_role}", f"Practitioner/{permit.practitioner}")
    return permit.signs or (not permit.prepares and any(one in own for one in (to(task, "owner"), also(task))))


def _refuse_signed(permit: Permit, kind: str, after: Resource, note: Resource | None, written: Written) -> None:
    """Refuse that a note that waits for a signature waits for nobody's."""
    completed = after["status"] == "completed"
    if completed and not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes.")
    if note is None or note.get("status") != "preliminary":
        return
    if completed and kind == SIGN and _has_signed(note):
        return
    if completed or not _asked_anew(to(after, "focus"), after, written):
        raise Forbidden("It is done by signing the note, or by asking somebody else to. It waits still.")


def _asked_anew(focus: str, but: Resource, written: Written) -> bool:
    """Whether the same transaction asks a signature of somebody else."""
    others = (after for _, after in written.values() if after is not None and after is not but)
    return any(kind_of(one) in SIGNATURES and one.get("status") in OPEN and to(one, "focus") == focus for one in others)


def _refuse_in_the_name_of_another(permit: Permit, task: Resource) -> None:
    own = (f"PractitionerRole/{permit.practitioner_role}", f"Practitioner/{permit.practitioner}")
    if to(task, "owner") not in own:
        raise Forbidden("Whoever did it is the owner of what is done (Task.owner): nobody does it for somebody else.")
    end = (task.get("executionPeriod") or {}).get("end")
    if end is not None and not is_now(str(end)):
        raise Forbidden("It is done now: executionPeriod.end is the time of it.")


async def _standing(focus: str, written: Written, db: Connection, of: str = "Composition") -> Resource | None:
    """The note, or another type, as it stands after the transaction; None when there is none."""
    type_, _, id_ = focus.partition("/")
    if type_ != of:
        return None
    if focus in written:
        return written[focus][1]
    found = (await writing.standing(db, [(type_, id_)])).get((type_, id_))
    if not found or found["deleted"] or not found["body"]:
        return None
    standing: Resource = msgspec.json.decode(found["body"])
    return standing


def _has_signed(note: Resource | None) -> bool:
    return any(one.get("mode") == "professional" for one in (note or {}).get("attester", ()))


def code_of(task: Resource) -> str:
    """What kind of work of ours a Task is; '' of all else."""
    codes = (one.get("code") for one in (task.get("code") or {}).get("coding", ()) if one.get("system") == SYSTEM)
    return next((str(one) for one in codes), "")


def kind_of(task: Resource) -> str:
    """What a Task asks for that only some may do; '' of all else."""
    codes = (one.get("code") for one in (task.get("code") or {}).get("coding", ()) if one.get("system") == SYSTEM)
    return next((str(one) for one in codes if one in GUARDED), "")


def to(task: Resource, name: str) -> str:
    """Whom or what an element refers to, as `Type/id`; '' for none."""
    return local(str((task.get(name) or {}).get("reference") or "")) or ""


def also(task: Resource) -> str:
    """On whom a Task waits beside its owner."""
    named = (one.get("valueReference") or {} for one in task.get("extension", ()) if one.get("url") == ALSO)
    return next((local(str(one.get("reference") or "")) or "" for one in named), "")
