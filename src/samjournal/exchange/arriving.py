"""A message as it came off a queue, judged: what the transport answers for, before anybody reads what it says.

    judged(message, ours, …) -> Judged      raises Unreachable, Unknowable: nobody can tell now, it comes again

AMQP-spesifikasjon for helsenorge.no §2.2.3: fields, sender, encryption, signature, and whether the sender that the
message names is the one who signed it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from cryptography import x509

from samjournal.exchange import apprec, cms, envelope, wire, xml
from samjournal.exchange.certificates import Fault, Trust
from samjournal.exchange.envelope import HER, NotAMessage
from samjournal.exchange.register import Party, Register, Unknown
from samjournal.exchange.transport import Arrived

SEALED: Final = "application/pkcs7-mime; smime-type=signed-and-enveloped-data"
_UNREGISTERED: Final = Fault(
    "S02", "transport:invalid-certificate", "sertifikatet er ikke registrert for avsenderen i Adresseregisteret"
)
_REQUIRED: Final = ("fromHerId", "toHerId", "applicationTimeStamp")


@dataclass(frozen=True, slots=True)
class Problem:
    """What the sender's error queue is told. A `mild` one is told only if the receiver gives no receipt himself."""

    condition: str
    words: str
    about: tuple[str, ...] = ()
    is_mild: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """`arrived` is handed over, None for what nobody may take; `party` is the sender where he is known."""

    arrived: Arrived | None
    problem: Problem | None = None
    party: Party | None = None


async def judged(
    message: wire.Message,
    ours: Collection[str],
    *,
    keys: Sequence[cms.Key],
    trust: Trust,
    register: Register,
    kinds: Collection[str] | None,
) -> Judged:
    """Judge one message that came to one of our HER-ids."""
    if fields := _wrong_fields(message, ours):
        words = f"Missing or invalid value in field: {', '.join(fields)}"
        return Judged(None, Problem("transport:invalid-field-value", words, fields))
    sender = str(message.properties["fromHerId"])
    try:
        party = await register(sender)
    except Unknown:
        words = "No party of the address register: fromHerId"
        return Judged(None, Problem("transport:invalid-field-value", words, ("fromHerId",)))
    if message.content_type.replace(" ", "").lower() != SEALED.replace(" ", ""):
        return Judged(None, Problem("transport:unsupported-message", f"Only {SEALED} is taken"), party)
    if kinds is not None and message.subject not in kinds:
        return Judged(None, Problem("transport:unsupported-message", f"{message.subject} is not taken here"), party)
    try:
        opened = await asyncio.to_thread(cms.opened, message.body, keys, trust, datetime.now(UTC))
    except cms.Undecipherable as error:
        return Judged(None, Problem(error.condition, str(error)), party)
    fault = opened.fault
    if fault is None and opened.signer is not None and not await _is_theirs(opened.signer, party, register):
        fault = _UNREGISTERED
    named, unread = _named(opened.data)
    if other := _another(named, party) and _another(named, await register(sender, fresh=True)):
        told = (f"amqp:{sender}", f"application:{other}")
        return Judged(None, Problem("abuse:spoofing-attack", "Possible spoofing attack detected.", told), party)
    problem = None if fault is None else Problem(fault.condition, fault.words)
    arrived = Arrived(
        message.id,
        opened.data,
        "" if fault is not None else sender,
        None if fault is None else (fault.code, fault.words),
    )
    return Judged(arrived, problem or unread, party)


def _another(named: Sequence[str], party: Party) -> str:
    """A HER-id that a message says it is from and whoever signed it has not, "" for none: each is his own, or that of
    the organisation he lies in. Whoever may name another organisation as his could answer for it, and take back what
    it sent."""
    if not party.parent and party.level != "Organization":
        return next((one for one in named[:1] if one != party.her), "")  # In which he lies the register does not say.
    return next((one for one in named if one not in (party.her, party.parent)), "")


def _named(data: bytes) -> tuple[list[str], Problem | None]:
    """The HER-ids that the message says it is from, the innermost first; none where it says none."""
    try:
        root = xml.parse(data)
        party = apprec.read(root).sender if xml.name(root) == "AppRec" else envelope.read(root).sender
    except xml.NotWellFormed:
        return [], Problem("transport:not-well-formed-xml", "XML cannot be interpreted", is_mild=True)
    except NotAMessage:
        return [], Problem("transport:not-well-formed-xml", "No envelope that is known here", is_mild=True)
    return [one.value for level in reversed(party.levels) for one in level.idents if one.kind == HER], None


async def _is_theirs(signer: x509.Certificate, party: Party, register: Register) -> bool:
    """Whether the register has this certificate for the sender: asked anew before he is refused, for he may have got a
    new one today."""
    return signer in party.signing or signer in (await register(party.her, fresh=True)).signing


def _wrong_fields(message: wire.Message, ours: Collection[str]) -> tuple[str, ...]:
    given = {name: message.properties.get(name) for name in _REQUIRED}
    wrong = [name for name, value in given.items() if value in (None, "")]
    wrong += [name for name in ("fromHerId", "toHerId") if name not in wrong and not str(given[name]).isdigit()]
    if "toHerId" not in wrong and str(given["toHerId"]) not in ours:
        wrong.append("toHerId")
    if not _is_uuid(message.id):
        wrong.append("messageId")
    return (*wrong, *(name for name, value in (("subject", message.subject), ("to", message.to)) if not value))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
