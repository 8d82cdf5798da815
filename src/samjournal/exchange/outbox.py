"""Messages out, one step at a time: made from the record, sent, and given to people where they cannot be.

    step(outbox, now) -> int                    whatever waits is seen to once; how much was done
    taking(outbox) -> Take                      what a transport hands over is taken into the record
    hearing(outbox) -> Heard                    what it says later of what was sent is work for its sender

A message is made once, and its bytes are the same however often it is sent. It is sent again until the transport has
taken it over: after a crash in between the receiver may get it twice, with one MsgId. A transport that cannot be
reached is left alone for a while, longer each time, and others go on.
"""

from __future__ import annotations

import base64
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal import messages
from samjournal.access import Permit
from samjournal.db.pool import Unavailable
from samjournal.exchange import apprec, envelope, xml
from samjournal.exchange.certificates import Trusted
from samjournal.exchange.envelope import HER, Party
from samjournal.exchange.judging import Checks, Validate
from samjournal.exchange.receiving import due, receive
from samjournal.exchange.transport import Arrived, Failed, Heard, Parcel, Refused, Take, Taken, Transport, Unreachable
from samjournal.fhir.errors import Conflict, Forbidden, Gone, Invalid, NotFound, PreconditionFailed, Unprocessable
from samjournal.fhir.keys import local
from samjournal.messages import place_of, unanswerable
from samjournal.messages.outgoing import endpoint_of, kind_of, number_of, steps_of
from samjournal.record import Door, Stored
from samjournal.record.beside import resources

_log = logging.getLogger("samjournal.exchange")
Resource = dict[str, Any]
Render = Callable[[Door, Permit, Resource, datetime], Awaitable[bytes]]
"""The bytes of a message out, made from the record. Raises CannotWrite."""
_FIRST: Final = timedelta(seconds=2)
_LONGEST: Final = timedelta(minutes=5)
_DEEP: Final = 1000
_ASKED: Final = 5
_ITS_OWN: Final = (
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError, xml.NotWellFormed,
    Forbidden, Gone, Invalid, NotFound, Unprocessable,
)  # fmt: skip
"""What goes wrong with one message by what stands in it, or by a fault of ours: it must not hold back the others. All
else, as a database that is away, stops everything and is tried again."""


class CannotWrite(Exception):
    """The record lacks what the message must have: what, and where it belongs, in Norwegian for a person."""


@dataclass(slots=True)
class Outbox:
    """What sending needs: the transports by the code of `Endpoint.connectionType`, and which places, and which
    messages, are left alone until when. `leaves`: what goes by none of them is left to another process, and is no
    work. `trust` is whom the operator trusts to sign within messages."""

    door: Door
    permit: Permit
    render: Render
    transports: Mapping[str, Transport]
    validate: Validate | None = None
    leaves: bool = False
    trust: Trusted | None = None
    resting: dict[str, tuple[datetime, timedelta]] = field(default_factory=dict)

    def left_alone(self, now: datetime) -> set[str]:
        """The places, and the messages, that rest."""
        return {name for name, (until, _) in self.resting.items() if until > now}


async def step(outbox: Outbox, now: datetime) -> int:
    """See to everything that waits, once."""
    done = await _make(outbox, now)
    done += await _send(outbox, now)
    return done + await _answer(outbox, now)


async def _make(outbox: Outbox, now: datetime) -> int:
    """Write what was signed. What cannot be written, or is not valid, is for a person."""
    resting = outbox.left_alone(now)
    found = await messages.waiting(outbox.door, outbox.permit, "signed", count=_DEEP if resting else 100)
    return sum([await _kept_apart(outbox, one, now, _write) for one in found if one.reference not in resting])


async def _write(outbox: Outbox, one: Stored, now: datetime) -> int:
    try:
        data = await outbox.render(outbox.door, outbox.permit, one.resource(), now)
    except CannotWrite as error:
        await _stop(outbox, one, str(error), now)
        return 1
    if wrong := outbox.validate(xml.parse(data)) if outbox.validate else "":
        await _stop(outbox, one, f"Meldingen ble ikke gyldig: {wrong}", now)
    else:
        await messages.queue(outbox.door, outbox.permit, one, data, now)
    return 1


async def _kept_apart(
    outbox: Outbox, one: Stored, now: datetime, work: Callable[[Outbox, Stored, datetime], Awaitable[int]]
) -> int:
    """Do something with one message. One that a fault is in holds up no other: its sender sees to it. What else goes
    wrong is tried again after a rest, is found by the round of the night, and is its sender's when the time is out."""
    try:
        return await work(outbox, one, now)
    except (Conflict, PreconditionFailed):
        return 0
    except _ITS_OWN as error:
        _rest(outbox, one.reference, now)
        await _stop_apart(outbox, one, error, now)
        return 1
    except Unavailable:
        raise
    except Exception as error:
        _rest(outbox, one.reference, now)
        _log.error("a message could not be worked on", extra={"communication": one.id, "why": type(error).__name__})
        return 0


async def _stop(outbox: Outbox, one: Stored, words: str, now: datetime) -> None:
    try:
        await messages.failed(outbox.door, outbox.permit, one, "no-route", words, now)
    except (Conflict, PreconditionFailed):
        return


async def _stop_apart(outbox: Outbox, one: Stored, error: Exception, now: datetime) -> None:
    """A message that nothing here can write or send: a person sees to it, and the next is taken. One of which not even
    that can be said waits on, and is found by the round of the night."""
    why = type(error).__name__
    _log.error("a message could not be made or sent", extra={"id": one.id, "why": why})
    try:
        await _stop(outbox, one, f"Meldingen kunne ikke lages eller sendes herfra ({why}).", now)
    except _ITS_OWN as worse:
        _log.error("a message can neither be sent nor given to anybody", extra={"id": one.id, "why": str(worse)[:200]})


async def _send(outbox: Outbox, now: datetime) -> int:
    """Hand to the transports what is made."""
    resting = outbox.left_alone(now)
    found = await messages.waiting(outbox.door, outbox.permit, "queued", count=_DEEP if resting else 100)
    meant = [one for one in found if not {endpoint_of(one.resource()), one.reference} & resting]
    places = {endpoint_of(one.resource()) for one in meant}
    endpoints = await resources(outbox.door, outbox.permit, [("Endpoint", place) for place in places])

    async def hand_over(outbox: Outbox, one: Stored, now: datetime) -> int:
        place = endpoint_of(one.resource())
        if place in outbox.left_alone(now):
            return 0
        endpoint = endpoints.get(f"Endpoint/{place}")
        return await _hand_over(outbox, one, endpoint.resource() if endpoint else None, now)

    return sum([await _kept_apart(outbox, one, now, hand_over) for one in meant])


async def _hand_over(outbox: Outbox, one: Stored, endpoint: Resource | None, now: datetime) -> int:
    if endpoint is None or endpoint["status"] not in ("active", "test"):
        await _stop(outbox, one, "Mottakeren tar ikke imot meldinger nå.", now)
        return 1
    if not _is_his(endpoint, one.resource()):
        await _stop(outbox, one, "Adressen er en annens nå: velg mottakeren på nytt.", now)
        return 1
    way = str(endpoint["connectionType"].get("code", ""))
    transport = outbox.transports.get(way)
    if transport is None and outbox.leaves:
        return 0
    if transport is None:
        await _stop(outbox, one, f"Ingen forbindelse av typen {way} er satt opp her.", now)
        return 1
    body = one.resource()
    document = (await resources(outbox.door, outbox.permit, [("DocumentReference", one.id)])).get(
        f"DocumentReference/{one.id}"
    )
    if document is None:
        await _stop(outbox, one, "Det som skulle sendes, er ikke lenger i journalen.", now)
        return 1
    data = base64.b64decode(document.resource()["content"][0]["attachment"]["data"])
    sender, receiver = her_ids(data)
    parcel = Parcel(
        id=number_of(body),
        kind=kind_of(body)[0],
        sender=sender,
        receiver=receiver,
        data=data,
        address=str(endpoint.get("address", "")),
        attempt=1 + sum(state == "transported" for state, _ in steps_of(body)),
    )
    try:
        wire = await transport.send(parcel)
    except Unreachable as error:
        _rest(outbox, endpoint["id"], now)
        _log.warning("a receiver cannot be reached", extra={"endpoint": endpoint["id"], "why": str(error)[:200]})
        return 0
    except Refused as error:
        await _stop(outbox, one, str(error), now)
        return 1
    outbox.resting.pop(endpoint["id"], None)
    await messages.transported(outbox.door, outbox.permit, one, wire, datetime.now(UTC))
    return 1


def _is_his(endpoint: Resource, message: Resource) -> bool:
    """Whether a place is still that of whom a message was written to: it may have been given to another meanwhile."""
    whose = local(endpoint.get("managingOrganization", {}).get("reference", ""))
    return whose == local((message.get("recipient") or [{}])[0].get("reference", ""))


def _rest(outbox: Outbox, place: str, now: datetime) -> None:
    _, before = outbox.resting.get(place, (now, _FIRST / 2))
    pause = min(before * 2, _LONGEST)
    outbox.resting[place] = (now + pause, pause)


async def _answer(outbox: Outbox, now: datetime) -> int:
    """Send the receipts that people's decisions made due."""
    done = 0
    for of, _, receipt in await due(outbox.door, outbox.permit, now, Checks(outbox.validate, outbox.trust)):
        sender, receiver = her_ids(receipt)
        endpoint = await place_of(outbox.door, outbox.permit, receiver, now)
        transport = outbox.transports.get(endpoint["connectionType"].get("code", "")) if endpoint else None
        if endpoint is None or transport is None:
            done += 0 if outbox.leaves else await unanswerable(outbox.door, outbox.permit, of, now)
            continue
        if endpoint["id"] in outbox.resting and outbox.resting[endpoint["id"]][0] > now:
            continue
        # By what was kept for this receiver: two of them answer the same message, each by a parcel of his own.
        parcel = Parcel(of.id, "APPREC", sender, receiver, receipt, address=str(endpoint.get("address", "")))
        try:
            await transport.send(parcel)
            await messages.answered(outbox.door, outbox.permit, of, receipt)
        except Unreachable:
            _rest(outbox, endpoint["id"], now)
        except Refused:
            done += await unanswerable(outbox.door, outbox.permit, of, now)
        except (Conflict, PreconditionFailed):
            continue
        else:
            done += 1
    return done


def taking(outbox: Outbox) -> Take:
    """How what comes by a transport is taken over."""

    async def take(arrived: Arrived) -> Taken:
        outcome = await receive(
            outbox.door,
            outbox.permit,
            arrived.data,
            now=datetime.now(UTC),
            validate=outbox.validate,
            fault=arrived.fault,
            trust=outbox.trust,
        )
        names = [name for name, _ in outcome.receipts]

        async def handed() -> None:
            await messages.sent(outbox.door, names)

        async def refused(receipt: Parcel, why: str) -> None:
            words = f"Avsenderen får ikke kvittering på en melding som er tatt imot: {why}"
            about = f"DocumentReference/{receipt.id}"
            await messages.for_desk(
                outbox.door, outbox.permit, words, f"receipt {receipt.id}", datetime.now(UTC), about
            )

        parcels = [Parcel(name, "APPREC", *her_ids(data), data, answers=arrived.id) for name, data in outcome.receipts]
        return Taken(parcels, handed, refused)

    return take


def hearing(outbox: Outbox) -> Heard:
    """How faults are heard that come back later. One about something unknown may be quicker than our own note of what
    was sent, by seconds when the database is away: it is asked for again, and only then given to the desk."""
    unknown = Counter[str]()

    async def heard(fault: Failed) -> None:
        words = f"Mottakerens side kunne ikke ta imot: {fault.condition} {fault.words}".strip()
        try:
            await messages.carried_back(outbox.door, outbox.permit, fault.id, words, datetime.now(UTC))
        except NotFound:
            unknown[fault.id] += 1
            if unknown[fault.id] < _ASKED:
                raise
            del unknown[fault.id]
            await messages.for_desk(outbox.door, outbox.permit, words, fault.id, datetime.now(UTC))

    return heard


def her_ids(data: bytes) -> tuple[str, str]:
    """The HER-ids that a transport addresses by: who sends and who gets it, each the innermost that has one."""
    root = xml.parse(data)
    if xml.name(root) == "AppRec":
        receipt = apprec.read(root)
        return _innermost(receipt.sender), _innermost(receipt.receiver)
    read = envelope.read(root)
    return _innermost(read.sender), next((_innermost(party) for party, _ in read.receivers), "")


def _innermost(party: Party) -> str:
    return next((level.ident(HER) for level in reversed(party.levels) if level.ident(HER)), "")
