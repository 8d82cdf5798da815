"""Whom a discharge summary goes to, and where it is, in words: pure functions. Rows 7.8, 7.9"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samjournal.messages.states import FAILED
from samjournal.notes import Deliveries, Delivery, NotSent, Recipient
from samjournal.ui import formats
from samjournal.ui.language import Language, marked

STATES: Final = {
    "signed": marked("Signert"),
    "queued": marked("Venter på å bli sendt"),
    "transported": marked("Sendt"),
    "accepted": marked("Mottatt"),
    "opened": marked("Åpnet av mottaker"),
    "acted": marked("Behandlet av mottaker"),
    "rejected": marked("Avvist av mottaker"),
    "timed-out": marked("Ingen kvittering i tide"),
    "no-route": marked("Kunne ikke sendes"),
    "resent": marked("Sendt på nytt"),
    "other-receiver": marked("Sendt til en annen mottaker"),
    "paper": marked("Sendt på papir"),
    "phone": marked("Gitt på telefon"),
}
"""What a message came to, as docs/reference/messages.md has it."""
BECAUSE: Final = {"referrer": marked("Henviser"), "gp": marked("Fastlege")}
WHY: Final = {
    "no-sender": marked("Enheten din har ingen adresse å sende meldinger fra"),
    "no-endpoint": marked("Har ingen adresse for meldinger"),
    "untested": marked("Ingen prøvemelding er kommet fram ennå"),
    "nobody": marked("Ingen kan lese det der nå"),
    "kind": marked("Tar ikke imot epikriser"),
    "not-yet": marked("Er ikke med ennå"),
    "over": marked("Er ikke med lenger"),
    "closed": marked("Er stengt for meldinger"),
    "reserved": marked("Kan ikke lese det som er forbeholdt enheten"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One receiver to choose: why he stands here, how it gets to him or why it cannot, whether it is chosen, and why
    not as it was typed."""

    id: str
    name: str
    because: str
    how: str
    is_ready: bool
    is_chosen: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Where it is with one receiver: the state with its time, what it came through before, who sent it for whom, why
    it stopped."""

    name: str
    state: str
    at: str
    steps: tuple[tuple[str, str], ...]
    by: str
    why: str
    is_wrong: bool
    is_here: bool
    is_earlier: bool


@dataclass(frozen=True, slots=True)
class Unsent:
    """Somebody who did not get it: why, by whom and when that was said, and whether it is work that waits."""

    name: str
    why: str
    said: str
    waits: bool


def lines(
    found: Iterable[Recipient], chosen: Sequence[str] | None, reasons: Mapping[str, str], _: Language
) -> list[Line]:
    """Those who do not have this version, those who shall have it chosen unless the form says otherwise."""
    return [
        Line(
            id=one.id,
            name=one.name,
            because=_because(one, _),
            how=_how(one, _),
            is_ready=not one.why,
            is_chosen=not one.why and (chosen is None or one.id in chosen),
            reason=reasons.get(one.id, ""),
        )
        for one in found
        if one.has != "this"
    ]


def _because(one: Recipient, _: Language) -> str:
    said = [_(BECAUSE[each]) for each in one.because]
    if one.has == "earlier":
        said.append(_("har en tidligere versjon"))
    return formats.in_text(", ".join(said)) if not one.because else ", ".join(said)


def _how(one: Recipient, _: Language) -> str:
    if one.why:
        return _(WHY[one.why])
    if one.way == "shared":
        return _("Klar for mottak: {name} leser i denne journalen", name=one.owner or one.name)
    return _("Klar for mottak: sendes som melding")


def sent(found: Deliveries, edition: int, now: datetime, _: Language) -> list[Sent]:
    """Where it is, the newest first."""
    return [_sent(one, edition, now, _) for one in found.sent]


def _sent(one: Delivery, edition: int, now: datetime, _: Language) -> Sent:
    at = one.steps[-1][1] if one.steps else None
    return Sent(
        name=one.name,
        state=_(STATES.get(one.state, one.state)),
        at=formats.when(at, now=now, language=_),
        steps=tuple(
            (_(STATES.get(state, state)), formats.when(when, now=now, language=_)) for state, when in one.steps
        ),
        by=by_whom(one.by, one.signer, _),
        why=one.why,
        is_wrong=one.state in FAILED,
        is_here=one.is_here,
        is_earlier=one.edition < edition,
    )


def by_whom(by: str, signer: str, _: Language) -> str:
    """Who sent it, and for whom."""
    if not signer or signer == by:
        return _("Sendt av {name}", name=by)
    return _("Sendt av {name} på vegne av {signer}", name=by, signer=signer)


def not_sent(found: Deliveries, edition: int, now: datetime, _: Language) -> list[Unsent]:
    """Who did not get this version, and why."""
    return [_unsent(one, now, _) for one in found.not_sent if one.edition == edition]


def _unsent(one: NotSent, now: datetime, _: Language) -> Unsent:
    at = formats.when(one.at, now=now, language=_)
    why = one.why if one.is_left_out else _(WHY.get(one.why, one.why))
    return Unsent(one.name, why, f"{one.by}, {at}", one.waits)
