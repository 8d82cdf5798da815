"""A message as it comes from a transport: read, judged, taken into the record, answered.

    receive(door, permit, data, now=…, validate=…, trust=…) -> Outcome     what came of it, with the receipts to send
    receive_together(door, permit, many, …) -> list[Outcome]      the same of many, in fewer transactions
    due(door, permit, now) -> list                                receipts that people's decisions made due

What the receipt says follows the table of HISD 1168, as docs/reference/messages.md prints it. A message that cannot be
read is answered when it still tells who sent it, and kept in any case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from lxml import etree

from samjournal import messages, referrals
from samjournal.access import Permit
from samjournal.exchange import apprec, envelope, kinds, xml
from samjournal.exchange.certificates import Trusted, Unknowable
from samjournal.exchange.envelope import Envelope, NotAMessage, Party
from samjournal.exchange.judging import Checks, Validate, faults, levels, unsound
from samjournal.exchange.plain import incoming
from samjournal.exchange.xml import Coded, Element
from samjournal.fhir.errors import Conflict, FhirError, Invalid, PreconditionFailed, Unprocessable
from samjournal.messages import (
    Attached,
    Due,
    Incoming,
    Kept,
    Place,
    Unreadable,
    Wish,
    clash,
    is_known,
    name_of,
    unsent,
)
from samjournal.messages import receive as keep
from samjournal.messages.outgoing import number_of
from samjournal.record import Door

_log = logging.getLogger("samjournal.exchange")
_FAULTS: Final = {
    "incomplete": ("E21", "HER-id mangler på nivå 1 eller 2"),
    "no-service": ("E21", "tjenesten er ikke registrert her"),
    "no-person": ("E20", "er ikke registrert ved virksomheten"),
}
_TOO_LITTLE: Final = {"no-name": "E32", "no-family": "E33", "no-given": "E34", "no-number": "E36", "no-patient": "E36"}
_NOBODY: Final = UUID("6d1d7a3e-0f3e-5c33-9d59-27a6d2f1f1aa")
"""What ids are made from for what came without one: the same bytes twice are the same message."""
_ODD: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    Invalid,
    Unprocessable,
)
"""What goes wrong by what stands in a message, or by a fault of ours: its bytes are kept all the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message. `state` is the worst of its receivers', `duplicate`, `receipt`, `unreadable`,
    or `later` for what nobody can judge now (nothing was done); `owner` has what is open, "" where nothing is;
    `receipts` are to be sent, by the names that `messages.sent` takes."""

    id: str
    kind: str
    state: str
    receipts: tuple[tuple[str, bytes], ...] = ()
    owner: str = ""
    told: str = ""


async def receive(
    door: Door,
    permit: Permit,
    data: bytes,
    *,
    now: datetime,
    validate: Validate | None = None,
    fault: tuple[str, str] | None = None,
    trust: Trusted | None = None,
) -> Outcome:
    """Take one message. `fault` is what the transport found wrong with its signature or certificate (8221, and words),
    `trust` whom the operator trusts to sign within messages. Raises what `record.change` raises, and Unknowable where
    nobody can tell now whether a certificate was taken back: nothing was kept then, and it may be taken again."""
    checks = Checks(validate, trust, fault)
    try:
        root = xml.parse(data)
    except xml.NotWellFormed as error:
        return await _unreadable(door, permit, data, "T01", str(error), now)
    if xml.name(root) == "AppRec":
        return await _receipt(door, permit, data, root, now, checks)
    try:
        read = envelope.read(root)
    except NotAMessage as error:
        return await _unreadable(door, permit, data, "T10", str(error), now, root)
    return await _judged(door, permit, data, read, await faults(door, permit, data, root, read, checks, now), now)


async def receive_together(
    door: Door,
    permit: Permit,
    many: Sequence[bytes],
    *,
    now: datetime,
    validate: Validate | None = None,
    trust: Trusted | None = None,
) -> list[Outcome]:
    """Take many messages in as few transactions as it takes: what is plain together, and then all else one after the
    other, as `receive` does. What came of each, in their order. What nobody can judge now is not kept: its state is
    `later`."""
    checks = Checks(validate, trust)
    wishes = {
        place: wish
        for place, data in enumerate(many)
        if (wish := await _plain(door, permit, data, checks, now)) is not None
    }
    kept = await messages.receive_together(door, permit, [wish for _, wish in wishes.values()], now)
    together = dict(zip(wishes, kept, strict=True))
    outcomes = []
    given = {one.name for each in kept for one in each or ()}
    for place, data in enumerate(many):
        found = together.get(place)
        if found is None:
            try:
                alone = await receive(door, permit, data, now=now, validate=validate, trust=trust)
            except Unknowable as error:
                outcomes.append(Outcome("", "", "later", told=str(error)))
                continue
            receipts = tuple(one for one in alone.receipts if one[0] not in given)
            outcomes.append(
                replace(alone, receipts=receipts, told=alone.told if receipts == alone.receipts else _AGAIN)
            )
            given.update(name for name, _ in receipts)
        else:
            read = wishes[place][0]
            await _tell_answered(door, permit, read, now)
            outcomes.append(_outcome(read, found))
    return outcomes


_AGAIN: Final = "it came before: nothing was done"


async def _plain(
    door: Door, permit: Permit, data: bytes, checks: Checks, now: datetime
) -> tuple[Envelope, Wish] | None:
    """A message that can be read and judged; None for all else."""
    try:
        root = xml.parse(data)
        if xml.name(root) == "AppRec":
            return None
        read = envelope.read(root)
        wrong = await faults(door, permit, data, root, read, checks, now)
    except (xml.NotWellFormed, NotAMessage, Unknowable, RecursionError):
        return None
    try:
        return read, _wish(data, read, wrong, now)
    except _ODD:
        return None


async def due(door: Door, permit: Permit, now: datetime, checks: Checks | None = None) -> list[tuple[Due, str, bytes]]:
    """Receipts that people's decisions made due, each with the MsgId that it answers. The same each time it is asked,
    until it is `messages.answered`. First what people said to take anew is taken, and what they found the patient of
    becomes what it says."""
    await _retake(door, permit, now, checks or Checks())
    await _read_matched(door, permit, now)
    return [(one, *made) for one in await messages.due(door, permit) if (made := _decided(one, now)) is not None]


async def _retake(door: Door, permit: Permit, now: datetime, checks: Checks) -> None:
    """What nobody had and a person says to take anew. One that is changed at this moment is done the next time."""
    for one in await messages.to_retake(door, permit):
        try:
            wish = await _anew(door, permit, one, now, checks)
            ends = await messages.ending(door, permit, one)
            if wish is None or await messages.retake(door, permit, wish, now, ends) is None:
                await messages.remains(door, permit, one)
        except (Conflict, PreconditionFailed, Unknowable):
            continue
        except FhirError as error:
            _log.error("a message is not taken anew", extra={"id": one.stored.id, "why": type(error).__name__})


async def _anew(door: Door, permit: Permit, one: messages.Retaking, now: datetime, checks: Checks) -> Wish | None:
    """A message as it is taken anew for the receiver for whom it was kept; None for what cannot be read."""
    try:
        root = xml.parse(one.original)
        read = envelope.read(root)
    except (xml.NotWellFormed, NotAMessage):
        return None
    wrong = await faults(door, permit, one.original, root, read, checks, now)
    message = replace(incoming(one.original, read, now, fault=bool(wrong)), id=one.number)
    place = next((at for at in range(len(read.receivers)) if name_of(message, at) == one.stored.id), None)
    if place is None:
        return None

    def answered_with(kept: Kept) -> tuple[str, ...] | None:
        errors = _errors(kept, wrong, is_urgent=message.is_urgent)
        is_told = one.answers and errors is not None and bool(read.sender.name or read.sender.idents)
        return tuple(each.code for each in errors) if is_told and errors is not None else None

    return Wish(replace(message, again=place), lambda _: None, _contents(read, now), answered_with)


async def _read_matched(door: Door, permit: Permit, now: datetime) -> None:
    """What messages say whose patient somebody found. One that is changed at this moment is done the next time."""
    for one in await messages.unread(door, permit):
        read = envelope.read(xml.parse(one.original))
        number = number_of(one.stored.resource())
        message = replace(incoming(one.original, read, now, fault=False), id=number)
        for place in range(len(read.receivers)):
            if name_of(message, place) == one.name:
                try:
                    await messages.become(door, permit, one.stored, message, place, _contents(read, now))
                except (Conflict, PreconditionFailed):
                    continue
                except FhirError as error:
                    # One that the record does not take must not keep the receipts of others.
                    _log.error("a message stays words", extra={"id": one.stored.id, "why": type(error).__name__})


def _contents(read: Envelope, now: datetime) -> Callable[[Place], Sequence[dict[str, Any]]]:
    """What makes the resources of a message; whatever stands in it, a person can still read it."""

    def contents(place: Place) -> Sequence[dict[str, Any]]:
        try:
            made = kinds.contents(read, place)
            return [*made, *(referrals.arrived(one, place.unit, place.patient, now) for one in made if _waits(one))]
        except Exception as error:
            why = {"kind": read.kind.code, "why": type(error).__name__}
            _log.error("a message could not be made to resources", extra=why)
            raise Unreadable from None

    return contents


def _waits(resource: dict[str, Any]) -> bool:
    """Whether it is a referral that somebody must assess."""
    return referrals.is_referral(resource) and resource["status"] == "active"


def _decided(of: Due, now: datetime) -> tuple[str, bytes] | None:
    read = envelope.read(xml.parse(of.original))
    message = incoming(of.original, read, now, fault=False)
    for place, receiver in enumerate(read.receivers):
        if name_of(message, place) == of.name:
            errors = [apprec.fault(code) for code in of.errors]
            receipt = apprec.answering(read, receiver, errors, now)
            return read.id, apprec.write(replace(receipt, id=str(uuid5(_NOBODY, of.id))))
    return None


async def _judged(
    door: Door, permit: Permit, data: bytes, read: Envelope, faults: Sequence[Coded], now: datetime
) -> Outcome:
    kept = []
    try:
        wish = _wish(data, read, faults, now)
        if not await is_known(door, wish.message):
            kept = await keep(door, permit, wish.message, now, wish.answer, wish.contents)
    except _ODD as error:
        if read.id == _id_of(data):
            raise
        _log.error("a message is kept as its bytes alone", extra={"msgid": read.id, "why": type(error).__name__})
        return await _nameless(door, permit, data, "X99", "meldingen kan ikke legges inn", now)
    await _tell_answered(door, permit, read, now)
    return _outcome(read, kept) if kept else await _again(door, permit, wish.message, now)


def _wish(data: bytes, read: Envelope, faults: Sequence[Coded], now: datetime) -> Wish:
    message = incoming(data, read, now, fault=bool(faults))

    def answer(one: Kept) -> bytes | None:
        errors = _errors(one, faults, is_urgent=message.is_urgent)
        if errors is None or not read.receivers or not (read.sender.name or read.sender.idents):
            return None
        return apprec.write(apprec.answering(read, read.receivers[one.receiver], errors, now))

    return Wish(message, answer, _contents(read, now))


async def _tell_answered(door: Door, permit: Permit, read: Envelope, now: datetime) -> None:
    """The sender of this has done something with the message of ours that it answers."""
    if read.parent:
        senders = [one.value for level in read.sender.levels for one in level.idents if one.kind == envelope.HER]
        await messages.answered_by(door, permit, read.parent, senders, now)


def _outcome(read: Envelope, kept: Sequence[Kept]) -> Outcome:
    receipts = [(one.name, one.receipt) for one in kept if one.receipt is not None]
    worst = max(kept, key=lambda one: _SEVERITY.index(one.state))
    owners = dict.fromkeys(one.owner for one in kept if one.owner)
    return Outcome(read.id, read.kind.code, worst.state, tuple(receipts), ", ".join(owners))


async def _again(door: Door, permit: Permit, message: Incoming, now: datetime) -> Outcome:
    """What came before is passed over; a receipt that is still due is given again. Another message under an id that
    was used is answered by nobody, and seen to by a person."""
    owner = await clash(door, permit, message, now)
    if owner:
        told = "another message has this id: somebody looks at both"
        return Outcome(message.id, message.kind[0], "clash", owner=owner, told=told)
    due = await unsent(door, permit, message)
    told = "it came before, and its receipt had not been sent" if due else _AGAIN
    return Outcome(message.id, message.kind[0], "duplicate", tuple(due), told=told)


_SEVERITY = ("superseded", "received", "cancelled", "parked", "refused", "held", "unplaced")


def _errors(one: Kept, faults: Sequence[Coded], *, is_urgent: bool) -> list[Coded] | None:
    """What is wrong with a message for one receiver: [] for nothing, None when it is not answered, or not yet."""
    if one.addressee.fault == "elsewhere" or (one.state == "held" and not is_urgent):
        return None
    found = list(faults)
    if one.addressee.fault:
        found.append(apprec.fault(*_FAULTS[one.addressee.fault]))
    if one.state == "refused" and one.subject.state == "too-little":
        found.append(apprec.fault(_TOO_LITTLE[one.subject.why]))
    return found


async def _unreadable(
    door: Door, permit: Permit, data: bytes, code: str, wrong: str, now: datetime, root: Element | None = None
) -> Outcome:
    """Keep what cannot be read; answer when it tells who sent it, and to whom."""
    read = _salvaged(data if root is None else etree.tostring(root))
    if read is not None and read.id and read.receivers:
        outcome = await _judged(door, permit, data, read, [apprec.fault(code, wrong)], now)
        return replace(outcome, told=outcome.told or wrong)
    return await _nameless(door, permit, data, code, wrong, now)


async def _nameless(door: Door, permit: Permit, data: bytes, code: str, wrong: str, now: datetime) -> Outcome:
    """Keep the bytes for the desk, whatever they are."""
    nameless = Envelope(
        kind=Coded("", name="Uleselig melding"),
        id=_id_of(data),
        made="",
        form="Message",
        sender=Party(""),
        receivers=(),
        patient=None,
        documents=(),
    )
    outcome = await _judged(door, permit, data, nameless, [apprec.fault(code, wrong)], now)
    return replace(outcome, id="", told=outcome.told or wrong)


def _id_of(data: bytes) -> str:
    """An id for what came without one that can be read."""
    return str(uuid5(_NOBODY, sha256(data).hexdigest()))


def _salvaged(data: bytes) -> Envelope | None:
    """The envelope of XML that is broken further on."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
        return None if root is None else envelope.read(root)
    except (etree.XMLSyntaxError, ValueError, NotAMessage):
        return None


async def _receipt(door: Door, permit: Permit, data: bytes, root: Element, now: datetime, checks: Checks) -> Outcome:
    """What a receiver answered to a message of ours. One that fits nothing is kept, for a person to look at."""
    try:
        read = apprec.read(root)
    except NotAMessage as error:
        return await _stray(door, permit, data, "", Party(""), str(error), now)
    if checks.fault or await unsound(door, permit, data, root, read.sender, checks, now):
        return await _stray(door, permit, data, read.id, read.sender, "its signature does not hold", now)
    numbers = tuple(one.value for level in read.sender.levels for one in level.idents if one.kind == envelope.HER)
    errors = tuple(" ".join(filter(None, (one.code, one.name, one.words))) for one in read.errors)
    of = messages.Receipt(read.id, read.original, read.is_positive, errors, numbers, data)
    settled = await messages.receipted(door, permit, of, now)
    match settled.outcome:
        case "settled":
            told = f"status {read.status} for {read.original}"
            return Outcome(read.id, "APPREC", settled.state, owner=settled.owner, told=told)
        case "again":
            return Outcome(read.id, "APPREC", "duplicate", told=f"{read.original} has its answer: nothing was done")
        case "unknown":
            why = f"status {read.status} for {read.original}: no message of ours with this id waits for it"
        case "another":
            why = f"status {read.status} for {read.original}, from somebody else than it went to"
    return await _stray(door, permit, data, read.id, read.sender, why, now)


async def _stray(door: Door, permit: Permit, data: bytes, id_: str, sender: Party, why: str, now: datetime) -> Outcome:
    """A receipt that fits nothing of ours, kept for the desk."""
    about = "Kvittering som ikke hører til en melding herfra"
    message = Incoming(
        id=id_ or _id_of(data),
        kind=("APPREC", "Applikasjonskvittering"),
        made=now,
        sender=levels(sender),
        receivers=(),
        patient=None,
        document="",
        answers="",
        status="",
        about=about,
        text=about,
        original=Attached("application/xml", "Kvitteringen som den kom", data),
    )
    kept = await keep(door, permit, message, now, lambda _: None)
    if not kept:
        return Outcome(id_, "APPREC", "duplicate", told=f"{why}; it came before")
    return Outcome(id_, "APPREC", "receipt", owner=kept[0].owner, told=why)
