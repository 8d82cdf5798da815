"""Whom a notice goes to, and how he is reached now: asked when it leaves, and kept nowhere.

reached(door, permit, channels, person_id) -> Reached | None       None for who is dead, or no more in the record
ask_together(door, permit, channels, ids)                          one question to the register for many people
how(door, permit, channels) -> How                                 a citizen's own, for the page: ends of numbers alone
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from samjournal import access
from samjournal.access import Permit
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import patient_key
from samjournal.fhir.protection import is_protected
from samjournal.letters.channels import Channels
from samjournal.letters.contacts import Contact, number_of, of_record, postal
from samjournal.letters.faults import Unreachable
from samjournal.letters.kinds import Channel
from samjournal.letters.wishes import Device, Wish, devices, wish_of
from samjournal.record import Door
from samjournal.record.beside import resources


@dataclass(frozen=True, slots=True)
class Reached:
    """How somebody is reached. `envelope` is empty where no letter can go: no whole address, or a confidential one."""

    wish: Wish
    contact: Contact
    devices: Sequence[Device]
    envelope: tuple[str, ...]
    is_protected: bool
    language: str

    def address(self, channel: Channel, *, is_service: bool) -> str:
        """Where a channel goes to; "" where it cannot be used. Who is reserved gets no SMS or e-mail, but reminders of
        what was agreed; a browser that he let show notices himself is used."""
        if channel == "push":
            return "browsers" if self.devices else ""
        if not self.contact.is_usable or (self.contact.is_reserved and not is_service):
            return ""
        return {"sms": self.contact.mobile, "email": self.contact.email}.get(channel, "")


async def ask_together(door: Door, permit: Permit, channels: Channels, ids: Sequence[str]) -> None:
    """Ask the register for many people at once, so that it is not asked for each; what it says is remembered there."""
    if channels.register is None:
        return
    found = await resources(door, permit, [("Patient", door.persons.stays(one)) for one in ids])
    numbers = [number for one in found.values() if (number := number_of(one.resource()))]
    with contextlib.suppress(Unreachable):  # Each is told so when it is his turn.
        if numbers:
            await channels.register(numbers)


async def reached(door: Door, permit: Permit, channels: Channels, person_id: str) -> Reached | None:
    """Raises Unreachable when the contact register does not answer."""
    id_ = door.persons.stays(person_id)
    if await access.is_dead(door.pool, patient_key(id_)):
        return None
    found = (await resources(door, permit, [("Patient", id_)])).get(f"Patient/{id_}")
    if found is None:
        return None
    patient = found.resource()
    number = number_of(patient)
    if channels.register is None:
        contact = of_record(patient)
    elif number:
        contact = (await channels.register([number])).get(number, Contact(is_usable=False))
    else:
        contact = Contact(is_usable=False)
    hidden = is_protected(patient)
    wish = await wish_of(door, id_)
    language = wish.language or contact.language or of_record(patient).language or "nb"
    envelope = () if hidden else tuple(postal(patient))
    return Reached(wish, contact, await devices(door, id_), envelope, hidden, language)


@dataclass(frozen=True, slots=True)
class How:
    """How a citizen is reached, as he may know it again: the last two digits of the number, the address but for most of
    its name. `is_known`: the register answered; `by_letter`: a letter can be sent."""

    is_known: bool
    mobile: str = ""
    email: str = ""
    is_reserved: bool = False
    is_usable: bool = False
    by_letter: bool = False
    devices: Sequence[Device] = ()


async def how(door: Door, permit: Permit, channels: Channels) -> How:
    """Raises Forbidden for who is no citizen, or acts for another."""
    if permit.kind != "citizen" or permit.represents is not None or permit.patient is None:
        raise Forbidden("How one is reached is one's own to know.")
    mine = await devices(door, permit.patient)
    try:
        found = await reached(door, access.for_job("notices"), channels, permit.patient)
    except Unreachable:
        return How(False, devices=mine)
    if found is None:
        return How(True, devices=mine)
    contact = found.contact
    name, at, domain = contact.email.partition("@")
    return How(
        True,
        contact.mobile.strip()[-2:],
        f"{name[:1]}…{at}{domain}" if at else "",
        contact.is_reserved,
        contact.is_usable,
        bool(found.envelope),
        mine,
    )
