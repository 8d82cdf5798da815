"""What people are told of: the kinds of notices, as data. Which may be turned off, and what becomes of one that no
channel reaches.

    KINDS["appointment-moved"]      one kind
    CHANNELS                        channels in the order in which they are tried
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["urgent", "ordinary", "information"]
LEVELS: Final[tuple[Level, ...]] = ("urgent", "ordinary", "information")
"""Urgent goes at once, at night too; ordinary is gathered for some minutes and waits for the morning; information is
told once a day."""
Channel = Literal["push", "sms", "email", "letter", "hand", "person"]
CHANNELS: Final[tuple[Channel, ...]] = ("push", "sms", "email")
"""Those that a citizen chooses among, in the order in which they are tried: one at a time."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `names` are bokmål, nynorsk, English; `of` is the type of what it is about, which decides who may be
    told; `is_fixed`: it cannot be turned off; `starts_off`: nobody is told who did not ask for it; `letter`: it becomes
    a letter where no channel reaches; `call`: a person sees to it where a letter does not, or comes too late;
    `is_service`: who is reserved gets it too, as a reminder of something agreed (not a decision)."""

    code: str
    names: tuple[str, str, str]
    of: str
    level: Level
    text: Literal["new", "reminder"] = "new"
    is_fixed: bool = False
    starts_off: bool = False
    letter: bool = False
    call: bool = False
    is_service: bool = False


def _kinds(*kinds: Kind) -> Mapping[str, Kind]:
    return {kind.code: kind for kind in kinds}


KINDS: Final = _kinds(
    Kind(
        "appointment-booked",
        ("Ny time", "Ny time", "New appointment"),
        "Appointment",
        "ordinary",
        letter=True,
        call=True,
    ),
    Kind(
        "appointment-moved",
        ("Time som er flyttet eller endret", "Time som er flytt eller endra", "Appointment moved or changed"),
        "Appointment",
        "ordinary",
        is_fixed=True,
        letter=True,
        call=True,
    ),
    Kind(
        "appointment-cancelled",
        ("Avlyst time", "Avlyst time", "Appointment cancelled"),
        "Appointment",
        "ordinary",
        is_fixed=True,
        letter=True,
        call=True,
    ),
    Kind(
        "appointment-offered",
        ("Tilbud om ledig time", "Tilbod om ledig time", "Offer of an appointment"),
        "Appointment",
        "urgent",
        call=True,
    ),
    Kind(
        "reminder",
        ("Påminnelse om time", "Påminning om time", "Reminder of an appointment"),
        "Appointment",
        "ordinary",
        text="reminder",
        is_service=True,
    ),
    Kind(
        "message",
        ("Melding fra helsetjenesten", "Melding frå helsetenesta", "Message from the health service"),
        "Communication",
        "ordinary",
        is_fixed=True,
        letter=True,
        call=True,
    ),
    Kind(
        "result",
        ("Nytt prøvesvar", "Nytt prøvesvar", "New test result"),
        "DiagnosticReport",
        "ordinary",
        letter=True,
    ),
    Kind(
        "document",
        ("Nytt notat eller brev", "Nytt notat eller brev", "New note or letter"),
        "Composition",
        "information",
    ),
    Kind(
        "referral",
        ("Nytt om en henvisning", "Nytt om ei tilvising", "News of a referral"),
        "ServiceRequest",
        "ordinary",
        letter=True,
    ),
    Kind(
        "looked",
        (
            "Noen åpnet journalen med oppgitt grunn",
            "Nokon opna journalen med oppgitt grunn",
            "Somebody opened the record by a stated reason",
        ),
        "AuditEvent",
        "information",
        starts_off=True,
    ),
    Kind(
        "signed-in",
        (
            "Innlogging fra en ny telefon eller PC",
            "Innlogging frå ein ny telefon eller PC",
            "Sign-in from a new phone or PC",
        ),
        "AuditEvent",
        "ordinary",
        is_fixed=True,
    ),
)
