"""A referral is signed and sent, in one transaction with all that follows from it.

    refer(door, permit, patient, written, now, ending) -> Stored    the ServiceRequest as it was stored

A receiver that works in this record has it at once, and is never sent a message; one outside is always sent one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, Unprocessable
from samjournal.messages import Outgoing, Receiver, receivers, sending
from samjournal.record import Change, Door, Ending, Stored, change, new_id, query_of, search
from samjournal.referrals.listing import OPEN, paired
from samjournal.referrals.making import (
    LONGEST,
    MOST_QUESTIONS,
    PRIORITIES,
    Written,
    requested,
    waiting,
    without_empty,
)
from samjournal.referrals.states import Referral, step
from samjournal.referrals.telling import REFERRAL, made
from samjournal.tasks import SYSTEM, himself
from samjournal.tasks.saying import team

Resource = dict[str, Any]
_TRIES = 3


class NotReady(Conflict):
    """The receiver takes no referrals now. `receiver` says why."""

    def __init__(self, receiver: Receiver) -> None:
        super().__init__("This receiver cannot take referrals now. Choose one that can.")
        self.receiver = receiver


class AlreadySent(Conflict):
    """The patient has an open referral to the same receiver for the same thing. `existing` are those; nothing was
    stored."""

    def __init__(self, existing: list[Referral]) -> None:
        super().__init__("Such a referral is open already. Look at it, or say that this is another.")
        self.existing = existing


def may_refer(permit: Permit) -> bool:
    """Whether somebody signs referrals: whoever treats patients, and not who prepares for others."""
    return permit.kind == "staff" and permit.may("c", "ServiceRequest") and not permit.prepares


async def refer(
    door: Door,
    permit: Permit,
    patient: str,
    written: Written,
    *,
    now: datetime | None = None,
    ending: Ending | None = None,
    another: bool = False,
) -> Stored:
    """Sign a referral and send it; the draft that it was ends with it. `another` says that it is a new one though such
    a referral is open. Raises NotReady, AlreadySent, Invalid (what is missing), Forbidden, Unprocessable (something of
    another patient comes along) and what `record.change` raises."""
    permit.demand("c", "ServiceRequest")
    if not may_refer(permit):
        raise Forbidden(f"The role {permit.role} signs no referrals: let who treats the patient sign it.")
    now = now or datetime.now(UTC)
    check(written, now)
    patient = door.persons.stays(patient)
    receiver = await ready(door, permit, written.receiver, now)
    if receiver.organisation["reference"] == team(permit)["reference"]:
        raise Invalid("That is your own unit. Make a task for a colleague instead.")
    await _of_the_same(door, permit, patient, written)
    if not another and (same := alike(written, await open_of(door, permit, patient))):
        raise AlreadySent(same)
    changes = sent(permit, patient, written, receiver, now)
    return (await change(door, permit, changes, ending=ending))[0]


def sent(permit: Permit, patient: str, written: Written, receiver: Receiver, now: datetime) -> list[Change]:
    """What is stored of a referral that is signed now: what is asked, its Task, and a message to who is outside."""
    me, document = himself(permit), str(uuid4())
    request = without_empty(
        requested(
            written,
            id_=new_id(),
            patient=patient,
            requester=me,
            receiver=receiver.organisation,
            document=document,
            at=now,
        )
    )
    is_shared = receiver.way == "shared"
    steps = [step("signed", now, by=me)]
    if is_shared:
        steps += [step("sent", now), step("received", now)]
    task = waiting(
        request,
        sender=team(permit),
        receiver=receiver.organisation,
        requester=me,
        way="shared" if is_shared else "message",
        steps=steps,
        now=now,
        words=f"Henvisning: {written.about}",
    )
    changes = [made(request), made(task)]
    if not is_shared:
        changes += sending(
            Outgoing(
                kind=REFERRAL,
                about=f"ServiceRequest/{request['id']}",
                patient=patient,
                sender=team(permit),
                by=me,
                receiver=receiver.organisation,
                endpoint=receiver.endpoint,
                document=document,
                status="N",
                answers="",
                text=text_of(written),
                is_urgent=written.priority in ("asap", "stat"),
            ),
            now,
        )
    return changes


async def open_of(door: Door, permit: Permit, patient: str) -> list[Referral]:
    """The open referrals of a patient."""
    asked = [("patient", patient), ("code", f"{SYSTEM}|assess"), ("status", OPEN), ("_count", "100")]
    page = await search(door, permit, query_of("Task", [*asked, ("_include", "Task:focus")]))
    return paired([one.resource() for one in page.matches], {one.reference: one.resource() for one in page.included})


def alike(written: Written, existing: Iterable[Referral]) -> list[Referral]:
    """Those of some referrals that are to the same receiver and about the same."""
    return [one for one in existing if one.receiver == f"Organization/{written.receiver}" and is_about(written, one)]


def is_about(written: Written, one: Referral) -> bool:
    """Whether a referral is about what somebody writes: by code, or by the same words."""
    codes = {(each.get("system"), each.get("code")) for each in one.about.get("coding") or ()}
    said = str(one.about.get("text") or "").casefold()
    return (written.system, written.code) in codes if written.code else said == written.about.casefold()


def text_of(written: Written) -> str:
    """The referral as a person reads it."""
    asked = [f"{at}. {one}" for at, one in enumerate(written.questions, 1)]
    along = [name for _, name in written.with_it]
    parts = [
        written.about,
        written.text,
        "\n".join(["Ønsker svar på:", *asked]) if asked else "",
        "\n".join(["Følger med:", *along]) if along else "",
    ]
    return "\n\n".join(part for part in parts if part)


async def ready(door: Door, permit: Permit, unit: str, now: datetime) -> Receiver:
    """The receiver that a unit is, when it takes referrals now. Raises NotReady."""
    if not unit:
        raise Invalid("Choose who is to have the referral.")
    found = await receivers(door, permit, REFERRAL[0], now, units=[unit], sender=permit.organization)
    if not found:
        raise NotReady(Receiver({"reference": f"Organization/{unit}"}, "", "", "no-endpoint", "", ""))
    chosen = next((one for one in found if not one.why), found[0])
    if chosen.why:
        raise NotReady(chosen)
    return chosen


def check(written: Written, now: datetime) -> None:
    """Refuse a referral that nobody could assess. Raises Invalid."""
    if not written.about.strip():
        raise Invalid("Write what the referral is about.")
    if not written.text.strip():
        raise Invalid("Write why the patient is referred.")
    if len(written.text) > LONGEST or len(written.questions) > MOST_QUESTIONS:
        raise Invalid(f"A referral has at most {LONGEST} letters and {MOST_QUESTIONS} questions.")
    if written.priority not in PRIORITIES:
        raise Invalid("Say when the patient needs help.")
    if written.help_by:
        try:
            day = date.fromisoformat(written.help_by)
        except ValueError:
            raise Invalid("Write the day by which help is needed as a date.") from None
        if day < now.astimezone(OSLO).date():
            raise Invalid("The day by which help is needed is over.")


async def _of_the_same(door: Door, permit: Permit, patient: str, written: Written) -> None:
    """Refuse that something of another patient comes along, or something that is closed. Raises Unprocessable."""
    by_type: dict[str, set[str]] = {}
    for one in (*(one for one, _ in written.with_it), *_named(written)):
        type_, _, id_ = one.partition("/")
        by_type.setdefault(type_, set()).add(id_)
    for type_, ids in by_type.items():
        page = await search(door, permit, query_of(type_, [("_id", ",".join(sorted(ids))), ("_count", str(len(ids)))]))
        his = {one.id for one in page.matches if door.persons.stays(_whose(one.resource())) == patient}
        if his != ids:
            raise Unprocessable("Something that comes along is not in this patient's record. Choose it anew.")


def _named(written: Written) -> list[str]:
    named = (("Condition", written.condition), ("Encounter", written.encounter))
    return [f"{type_}/{id_}" for type_, id_ in named if id_]


def _whose(resource: Resource) -> str:
    return str((resource.get("subject") or resource.get("patient") or {}).get("reference", "")).partition("/")[2]
