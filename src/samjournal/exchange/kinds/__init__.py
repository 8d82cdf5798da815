"""One file for each kind of message: how it is written, read, and what it becomes in the record.

    contents(envelope, place) -> Sequence[Resource]     what a message becomes; nothing for those that are words alone

A new kind is a file here with a line in `_BECOMES`, and one in `exchange/outgoing.py` when it is sent too. `letter` has
what all letters have in common.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from samjournal.exchange.envelope import Envelope
from samjournal.exchange.kinds import discharge, referral
from samjournal.exchange.kinds.dialog import Dialog
from samjournal.exchange.kinds.discharge import Discharge
from samjournal.exchange.kinds.letter import File, Letter, NotWritable, Passage, document_of, letter_of
from samjournal.exchange.kinds.referral import Referral
from samjournal.exchange.xml import namespace
from samjournal.messages import Place

Resource = dict[str, Any]
_BECOMES: Final[dict[str, Callable[[Envelope, Place], Sequence[Resource]]]] = {
    **dict.fromkeys(referral.SPACES.values(), referral.contents),
    **dict.fromkeys(discharge.SPACES.values(), discharge.contents),
}
"""By the namespace of what a message says. A dialogue message is its Communication, and becomes nothing else."""


def contents(envelope: Envelope, place: Place) -> Sequence[Resource]:
    """The resources that a message becomes for a patient at a unit."""
    body = envelope.content
    made = _BECOMES.get(namespace(body)) if body is not None else None
    return made(envelope, place) if made else ()


__all__ = [
    "Dialog",
    "Discharge",
    "File",
    "Letter",
    "NotWritable",
    "Passage",
    "Referral",
    "contents",
    "document_of",
    "letter_of",
]
