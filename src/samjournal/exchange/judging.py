"""What is wrong with a message before anybody asks for whom it is: its form, its signature, its id.

    faults(door, permit, data, root, read, checks, now) -> list[Coded]     raises certificates.Unknowable
    unsound(door, permit, data, root, sender, checks, now) -> Fault | None     what is wrong with its signature

The operator may bear with some of what a sender does: see `messages.is_borne_with`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from samjournal import messages
from samjournal.access import Permit
from samjournal.exchange import apprec, signatures
from samjournal.exchange.certificates import Fault, Trusted
from samjournal.exchange.envelope import Envelope, Party
from samjournal.exchange.xml import Coded, Element
from samjournal.messages import NOT_VALIDATED, SHA1, Level
from samjournal.record import Door

_log = logging.getLogger("samjournal.exchange")
Validate = Callable[[Element], str]
"""What is wrong by the schema, "" for nothing."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What a message is judged by: the operator's schemas, whom he trusts to sign, and what the transport found wrong
    with signature or certificate of its own (8221, and words). Without `trust` it is not asked who signed."""

    validate: Validate | None = None
    trust: Trusted | None = None
    fault: tuple[str, str] | None = None


async def faults(
    door: Door, permit: Permit, data: bytes, root: Element, read: Envelope, checks: Checks, now: datetime
) -> list[Coded]:
    """Everything that is wrong with a message. What some senders write is borne with."""
    found = [apprec.fault(*checks.fault)] if checks.fault else []
    if (fault := await unsound(door, permit, data, root, read.sender, checks, now)) is not None:
        found.append(apprec.fault(fault.code, fault.words))
    if checks.validate is not None and (wrong := await asyncio.to_thread(checks.validate, root)):
        if await messages.is_borne_with(door, permit, levels(read.sender), NOT_VALIDATED):
            _log.warning("a message is not valid, and borne with", extra={"msgid": read.id, "why": wrong})
        else:
            found.append(apprec.fault("T02", wrong))
    if not _is_guid(read.id):
        found.append(apprec.fault("E10"))
    return found


async def unsound(
    door: Door, permit: Permit, data: bytes, root: Element, sender: Party, checks: Checks, now: datetime
) -> Fault | None:
    """What is wrong with the signature in a message; None for one that has none."""
    if not signatures.is_signed(root):
        return None
    from_ = levels(sender)
    old = signatures.uses_sha1(root) and await messages.is_borne_with(door, permit, from_, SHA1)
    numbers = await messages.organisations(door, permit, from_) if checks.trust is not None else []
    return await asyncio.to_thread(signatures.wrong, data, numbers, now, trust=checks.trust, allows_sha1=old)


def levels(party: Party) -> tuple[Level, ...]:
    """An address as the record knows them; () where nobody is named."""
    if not (party.name or party.idents):
        return ()
    return tuple(
        Level(one.name, tuple((ident.kind, ident.value) for ident in one.idents), one.is_person) for one in party.levels
    )


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
