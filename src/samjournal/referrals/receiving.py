"""What whoever has a referral does with it: each is one transaction, of the version that was seen.

    open_(door, permit, id, now)                            the first look by somebody who can act
    assess(door, permit, id, version, right, until, words)  a right to help and until when, or none; a letter to both
    book(door, permit, id, version, start, minutes, ...)    an appointment at a time that a person enters
    forward(door, permit, id, version, unit, words)         to another who is ready; the same referral, both are told
    reject(door, permit, id, version, reason)               back to whoever sent it, with the reason
    close(door, permit, id, version, words)                 it is done

`id` is that of the ServiceRequest, `version` the one of its Task that was seen. All raise VersionMoved when somebody
else did something meanwhile, Conflict when it is not to be done any longer, Forbidden for who has it not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from samjournal.access import Permit, keeping
from samjournal.fhir.dates import OSLO, span
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, VersionMoved
from samjournal.messages import Outgoing, Receiver, sending
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, new_id, query_of, read, search
from samjournal.referrals.limits import due
from samjournal.referrals.making import ended, moved
from samjournal.referrals.states import Referral, State, by_way, referral, step
from samjournal.referrals.telling import REFERRAL, answered, assessed_text, letter, made, unit, work
from samjournal.referrals.writing import ready
from samjournal.scheduling import VisitType, to_book
from samjournal.tasks import himself
from samjournal.tasks.saying import team
from samjournal.ui.formats import clock, full_date
from samjournal.ui.language import language

Resource = dict[str, Any]
SHORTEST: Final = 3
LONGEST: Final = 2000
TYPES: Final = ("Appointment", "Communication", "ServiceRequest", "Task")
_LONGEST_VISIT = 24 * 60


class Had:
    """A referral as it stands: the Task and what is asked, both as stored, what they say, and by which rights one goes
    on with it."""

    def __init__(self, task: Stored, request: Stored, rights: Permit) -> None:
        self.task, self.request, self.rights = task, request, rights
        self.work: Resource = task.resource()
        self.asked: Resource = request.resource()
        self.said: Referral = referral(self.work, self.asked)

    @property
    def received(self) -> datetime:
        """When the first receiver got it, from which the law counts."""
        return next((one.at for one in self.said.steps if one.state == "received"), span(self.work["authoredOn"]).lo)

    def due(self, state: State, now: datetime, until: str = "") -> datetime:
        return due(state, priority=self.said.priority, received=self.received, now=now, until=until)


async def had(door: Door, permit: Permit, id_: str) -> Had:
    """A referral as it stands, to go on with and not to show: with the units that are not named to the reader of
    somebody whose address is protected. Raises NotFound, ReasonNeeded, Forbidden."""
    request = await read(door, permit, "ServiceRequest", id_)
    task = await read(door, permit, "Task", id_)
    if permit.kind != "staff" or not (_is_masked(request) or _is_masked(task)):
        return Had(task, request, permit)
    whole = keeping(permit, *TYPES, sees_protected=True)
    return Had(await read(door, whole, "Task", id_), await read(door, whole, "ServiceRequest", id_), whole)


def _is_masked(one: Stored) -> bool:
    labels = one.resource().get("meta", {}).get("security", ())
    return any(label.get("code") == "REDACTED" for label in labels)


def is_with(permit: Permit, one: Referral) -> bool:
    """Whether a referral is with the unit of somebody, or with himself."""
    return permit.kind == "staff" and (
        one.receiver == team(permit)["reference"] or one.owner == himself(permit)["reference"]
    )


def is_from(permit: Permit, one: Referral) -> bool:
    return permit.kind == "staff" and one.sender == team(permit)["reference"]


def may_assess(permit: Permit) -> bool:
    """Whether somebody decides about referrals: who treats patients, and not who prepares for others."""
    return permit.kind == "staff" and permit.may("u", "ServiceRequest") and not permit.prepares


async def open_(door: Door, permit: Permit, id_: str, *, now: datetime | None = None) -> bool:
    """Somebody of the unit that has it looks at it first: true when this was it."""
    now, one = now or datetime.now(UTC), await had(door, permit, id_)
    if one.said.state not in ("received", "forwarded") or one.said.way != "shared" or not is_with(permit, one.said):
        return False
    if not permit.may("u", "Task"):
        return False
    task = moved(one.work, step("opened", now, by=himself(permit)), until=one.due("opened", now), now=now)
    try:
        await change(door, one.rights, [Change.update(task, if_match=one.task.version)])
    except VersionMoved:
        return False  # A colleague looked at the same moment.
    return True


async def assess(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    *,
    right: bool,
    until: str = "",
    words: str = "",
    now: datetime | None = None,
) -> Stored:
    """Say whether there is a right to help, and by which day; the patient and whoever referred him get a letter. Where
    there is no right the referral goes back with that letter."""
    now = now or datetime.now(UTC)
    one = await _with_me(door, permit, id_, version, decides=True)
    if one.said.state not in ("received", "forwarded", "opened", "assessed"):
        raise Conflict("It is booked already, or ended: it is not assessed again.")
    words = _words(words, must=not right)
    if right:
        _day(until, now)
    text = assessed_text(one.said, team(permit)["display"], right=right, until=until, words=words)
    told = letter(permit, one.said, topic="Vurdering av henvisningen", text=text, now=now)
    changes = [made(told)]
    me, reference = himself(permit), f"Communication/{told['id']}"
    taken = step("assessed", now, by=me, words=words, right=right, until=until if right else "", leads_to=reference)
    if right:
        task = moved(one.work, taken, until=one.due("assessed", now, until), now=now)
    else:
        back = step("rejected", now, by=me, words=words, leads_to=reference)
        task = {**moved(one.work, taken, back, until=None, now=now), "statusReason": {"text": words}}
        changes += [_put(one.request, ended(one.asked, "revoked", now)), *_to_sender(one, permit, words, now)]
    changes += await answered(door, permit, one.said, one.asked, letter_id=told["id"], text=text, now=now)
    return await _stored(door, one, task, changes)


async def book(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    *,
    start: datetime,
    minutes: int = 30,
    visit: VisitType | None = None,
    actors: Sequence[str] = (),
    words: str = "",
    now: datetime | None = None,
) -> Stored:
    """An appointment of the patient with the unit: of a visit type with whoever is free, or the `actors`; without one,
    of so many minutes with nobody by name. What was booked before is called off. Raises Invalid for a time that is
    over, Taken (of a visit type) and TimeTaken for one that somebody in it has already."""
    now = now or datetime.now(UTC)
    one = await _with_me(door, permit, id_, version)
    if one.said.state not in ("assessed", "booked"):
        raise Conflict("It is not assessed yet: assess it before it is booked.")
    if start <= now or not 0 < minutes <= _LONGEST_VISIT:
        raise Invalid("The time is over, or the appointment is too long.")
    minutes = visit.minutes if visit else minutes
    words, end = _words(words), start + timedelta(minutes=minutes)
    before = one.said.last("booked")
    given_up = [before.leads_to.partition("/")[2]] if before and before.leads_to else []
    if visit is None:
        appointment = _appointment(one.said, await _service(door, permit), start, end, minutes, words)
    else:
        about, patient = f"ServiceRequest/{one.said.id}", one.said.patient.partition("/")[2]
        appointment = await to_book(
            door, permit, patient, visit, start, actors, based_on=about, besides=given_up, now=now
        )  # fmt: skip
        appointment |= {"patientInstruction": words} if words else {}
    say = language("nb")
    when = f"{full_date(start)} kl. {clock(start, language=say)}"
    text = f"Du har fått time hos {team(permit)['display']} {when}." + (f"\n{words}" if words else "")
    told = letter(permit, one.said, topic="Time etter henvisning", text=text, now=now)
    taken = step(
        "booked", now, by=himself(permit), words=words, until=start.astimezone(OSLO).date().isoformat(),
        leads_to=f"Appointment/{appointment['id']}",
    )  # fmt: skip
    task = moved(one.work, taken, until=one.due("booked", now, end.isoformat()), now=now)
    changes = [made(appointment), made(told)]
    if before and before.leads_to:
        changes += await _called_off(door, one.rights, before.leads_to)
    changes += await answered(door, permit, one.said, one.asked, letter_id=told["id"], text=text, now=now)
    return await _stored(door, one, task, changes)


async def forward(
    door: Door, permit: Permit, id_: str, version: int, *, to: str, words: str = "", now: datetime | None = None
) -> Stored:
    """The same referral to another who is ready for it, in this record or outside. Raises NotReady."""
    now = now or datetime.now(UTC)
    one = await _with_me(door, permit, id_, version)
    if one.said.state == "booked":
        raise Conflict("It is booked here: call the appointment off before it is sent on.")
    receiver = await ready(door, permit, to, now)
    if receiver.organisation["reference"] in (one.said.receiver, one.said.sender):
        raise Invalid("It is with that unit already, or came from there. Send it back with a reason instead.")
    words = _words(words, must=True)
    asked = {**bare(one.asked), "performer": [receiver.organisation]}
    changes = [_put(one.request, asked)]
    task, more = _on_to(one, permit, receiver, words, now)
    changes += more
    if one.said.sender:
        told = f"Henvisningen er sendt videre til {receiver.organisation.get('display', '')}: {words}"
        sender = unit(one.said.sender, one.said.sender_name)
        changes.append(work(one.said, owner=sender, words=told, now=now, days=3, requester=himself(permit)))
    return await _stored(door, one, task, changes)


def _on_to(one: Had, permit: Permit, receiver: Receiver, words: str, now: datetime) -> tuple[Resource, list[Change]]:
    """The Task with another receiver, and a message where he is outside. The deadline to assess counts from when the
    first got it; to open it the new one has his own."""
    steps = [step("forwarded", now, by=himself(permit), words=words)]
    if receiver.way == "shared":
        steps.append(step("received", now))
        task = moved(one.work, *steps, until=one.due("received", now), now=now, receiver=receiver.organisation)
        return by_way(task, "shared"), []
    steps.append(step("signed", now, by=himself(permit)))
    task = moved(one.work, *steps, until=one.due("signed", now), now=now, receiver=receiver.organisation)
    message = sending(
        Outgoing(
            kind=REFERRAL,
            about=f"ServiceRequest/{one.said.id}",
            patient=one.said.patient.partition("/")[2],
            sender=team(permit),
            by=himself(permit),
            receiver=receiver.organisation,
            endpoint=receiver.endpoint,
            document=one.said.document or str(uuid4()),
            status="N",
            answers="",
            text=written_in(one.asked),
            is_urgent=one.said.priority in ("asap", "stat"),
        ),
        now,
    )
    return by_way(task, "message"), message


def written_in(request: Resource) -> str:
    """The text of a referral as it stands."""
    asked = [f"{at}. {one.get('text', '')}" for at, one in enumerate(request.get("orderDetail", ()), 1)]
    parts = [
        str((request.get("reasonCode") or [{}])[0].get("text") or ""),
        *(str(one.get("text") or "") for one in request.get("note", ())),
        "\n".join(["Ønsker svar på:", *asked]) if asked else "",
    ]
    return "\n\n".join(part for part in parts if part)


async def reject(
    door: Door, permit: Permit, id_: str, version: int, *, reason: str, now: datetime | None = None
) -> Stored:
    """Back to whoever sent it, with the reason: his unit sees to it, and the patient gets a letter."""
    now = now or datetime.now(UTC)
    one = await _with_me(door, permit, id_, version, decides=True)
    if one.said.state == "booked":
        raise Conflict("It is booked: call the appointment off, or close it.")
    reason = _words(reason, must=True)
    text = f"{team(permit)['display']} kan ikke ta imot henvisningen.\n{reason}"
    told = letter(permit, one.said, topic="Henvisningen er ikke tatt imot", text=text, now=now)
    taken = step("rejected", now, by=himself(permit), words=reason, leads_to=f"Communication/{told['id']}")
    task = {**moved(one.work, taken, until=None, now=now), "statusReason": {"text": reason}}
    changes = [made(told), _put(one.request, ended(one.asked, "revoked", now)), *_to_sender(one, permit, reason, now)]
    changes += await answered(door, permit, one.said, one.asked, letter_id=told["id"], text=text, now=now)
    return await _stored(door, one, task, changes)


async def close(
    door: Door, permit: Permit, id_: str, version: int, *, words: str = "", now: datetime | None = None
) -> Stored:
    """What was asked is done. Somebody says so: nothing ends by itself."""
    now = now or datetime.now(UTC)
    one = await _with_me(door, permit, id_, version)
    words = _words(words, must=one.said.state != "booked")
    task = moved(one.work, step("done", now, by=himself(permit), words=words), until=None, now=now)
    return await _stored(door, one, task, [_put(one.request, ended(one.asked, "completed", now))])


async def _with_me(door: Door, permit: Permit, id_: str, version: int, *, decides: bool = False) -> Had:
    """A referral that is open and with the unit of whoever acts, as it was seen."""
    one = await had(door, permit, id_)
    if not is_with(permit, one.said):
        raise Forbidden("This referral is with another unit, which alone says what becomes of it.")
    if decides and not may_assess(permit):
        raise Forbidden(f"The role {permit.role} decides about no referrals: let who treats patients do it.")
    still_open(one, version)
    return one


def still_open(one: Had, version: int) -> None:
    if not one.said.is_open:
        raise Conflict("The referral has ended already.")
    if one.task.version != version:
        raise VersionMoved("Somebody else did something with the referral meanwhile. Look at it again.")


def _to_sender(one: Had, permit: Permit, words: str, now: datetime) -> list[Change]:
    """Work for the unit that sent it: what was asked for is not given."""
    if not one.said.sender:
        return []
    sender = unit(one.said.sender, one.said.sender_name)
    told = f"Henvisningen til {team(permit)['display']} er avvist: {words}"[:200]
    return [work(one.said, owner=sender, words=told, now=now, requester=himself(permit))]


def _put(was: Stored, resource: Resource) -> Change:
    return Change.update(resource, if_match=was.version)


async def _stored(door: Door, one: Had, task: Resource, changes: list[Change]) -> Stored:
    return (await change(door, one.rights, [_put(one.task, task), *changes]))[0]


def _appointment(
    one: Referral, service: Resource, start: datetime, end: datetime, minutes: int, words: str
) -> Resource:
    return {
        "resourceType": "Appointment",
        "id": new_id(),
        "status": "booked",
        "description": str(one.about.get("text") or "Time etter henvisning"),
        "start": start.isoformat(timespec="seconds"),
        "end": end.isoformat(timespec="seconds"),
        "minutesDuration": minutes,
        **({"patientInstruction": words} if words else {}),
        "basedOn": [{"reference": f"ServiceRequest/{one.id}"}],
        "participant": [
            {"actor": {"reference": one.patient}, "status": "accepted"},
            {"actor": service, "status": "accepted"},
        ],
    }


async def _service(door: Door, permit: Permit) -> Resource:
    """What the unit offers, which an Appointment names in its place; by name alone where the register has none."""
    asked = query_of("HealthcareService", [("organization", f"Organization/{permit.organization}"), ("_count", "1")])
    found = (await search(door, permit, asked)).matches
    return {**({"reference": found[0].reference} if found else {}), "display": team(permit)["display"]}


async def _called_off(door: Door, permit: Permit, reference: str) -> list[Change]:
    visit = await read(door, permit, "Appointment", reference.partition("/")[2])
    if visit.resource()["status"] == "cancelled":
        return []
    return [_put(visit, {**bare(visit.resource()), "status": "cancelled"})]


def _words(words: str, *, must: bool = False) -> str:
    text = " ".join(words.split())[:LONGEST]
    if must and len(text) < SHORTEST:
        raise Invalid("Write why, so that whoever reads it understands.")
    return text


def _day(until: str, now: datetime) -> None:
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise Invalid("Write the day by which help is given as a date.") from None
    if day < now.astimezone(OSLO).date():
        raise Invalid("The day by which help is given is over.")
