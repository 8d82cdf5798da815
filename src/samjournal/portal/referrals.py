"""Own referrals: who sent them to whom, where each stands, who has it until when, what comes next: pure functions.

The points of the state line have the same words and days as on the page of those who have the referral.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from samjournal.portal import facts, messages
from samjournal.portal.facts import Resource
from samjournal.portal.words import capital
from samjournal.referrals import Referral, State
from samjournal.ui import formats
from samjournal.ui.language import Language, marked

STEPS: Final[dict[State, str]] = {
    "signed": marked("Signert"),
    "sent": marked("Sendt"),
    "received": marked("Mottatt"),
    "opened": marked("Åpnet"),
    "assessed": marked("Vurdert"),
    "booked": marked("Time"),
    "done": marked("Ferdig"),
    "rejected": marked("Avvist"),
    "forwarded": marked("Sendt videre"),
    "withdrawn": marked("Trukket tilbake"),
}
STATES: Final[dict[State, str]] = {
    "signed": marked("Signert, på vei"),
    "sent": marked("Sendt, venter på kvittering"),
    "received": marked("Ikke åpnet ennå"),
    "opened": marked("Venter på vurdering"),
    "assessed": marked("Vurdert, venter på time"),
    "booked": marked("Har time"),
    "done": marked("Ferdig"),
    "rejected": marked("Avvist"),
    "forwarded": marked("Sendt videre"),
    "withdrawn": marked("Trukket tilbake"),
}
STUCK: Final[dict[str, str]] = {
    "rejected": marked("Ikke tatt imot av mottakeren"),
    "timed-out": marked("Ingen kvittering i tide"),
    "no-route": marked("Kunne ikke sendes"),
}
"""Where a referral stands whose message goes no further."""
ALONG: Final[tuple[State, ...]] = ("sent", "received", "opened", "assessed", "booked", "done")
NEXT: Final[dict[State, str]] = {
    "signed": marked("Henvisningen er skrevet og på vei. Den som skrev den, får beskjed hvis den ikke kommer fram."),
    "sent": marked("Mottakeren skal bekrefte at den er kommet. Skjer ikke det, får den som sendte den, beskjed."),
    "received": marked(
        "Noen der skal åpne og lese den. Går fristen ut, får både de og den som sendte den, en oppgave."
    ),
    "forwarded": marked("Den er sendt videre til et annet sted. Noen der skal åpne og lese den."),
    "opened": marked("De vurderer om du har rett til helsehjelp der, og innen når. Du får et brev om det."),
    "assessed": marked("De setter opp en time. Du får et brev når det er gjort."),
    "booked": marked("Du har time. Den står under Timer."),
    "done": marked("Det er ingenting mer som venter på denne henvisningen."),
    "rejected": marked(
        "De tok den ikke imot. Den som henviste deg, har fått beskjed og skal finne ut hva som skjer nå."
    ),
    "withdrawn": marked("Den som sendte den, har tatt den tilbake."),
}
"""What happens next."""
MAY: Final[dict[State, str]] = {
    "opened": marked(
        "Blir du verre mens du venter, si fra til den som henviste deg. Haster det, ring legevakten på 116117."
    ),
    "assessed": marked(
        "Er du uenig i vurderingen eller fristen, kan du klage innen fire uker. Det står hvordan i brevet."
    ),
    "booked": marked("Passer ikke timen, ring stedet der du har den."),
    "rejected": marked("Snakk med den som henviste deg. Du kan klage innen fire uker."),
    "done": "",
    "withdrawn": marked("Spør den som henviste deg hvis du ikke vet hvorfor."),
}
WAITS: Final = marked("Har du ventet lenge, eller blir du verre, si fra til den som henviste deg.")
"""What the citizen may do; WAITS in the other states."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the state line: its name, the day it was reached or must be ("" for neither), and where it is now."""

    name: str
    when: str
    is_done: bool
    is_here: bool
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """One referral. `due` says until when who has it must do the next; `right` what was assessed; `letters` what was
    written to the citizen about it."""

    id: str
    about: str
    state: str
    by: str
    sender: str
    receiver: str
    sent: str
    line: tuple[Point, ...]
    has_it: str
    due: str
    is_late: bool
    right: str
    next: str
    may: str
    is_open: bool
    is_sent: bool = True
    letters: tuple[messages.Message, ...] = ()


def view(found: Iterable[Referral], communications: Iterable[Resource], _: Language, *, now: datetime) -> list[Own]:
    """The referrals, those that are open first, then the newest."""
    letters = list(communications)
    shown = [_own(one, letters, _, now) for one in found]
    return sorted(shown, key=lambda one: not one.is_open)


def _own(one: Referral, letters: list[Resource], _: Language, now: datetime) -> Own:
    late, stuck = _is_late(one, now), one.stuck if one.is_open and one.stuck in STUCK else ""
    about = [letter for letter in letters if _is_about(letter, one.id)]
    assessed = one.last("assessed")
    right = ""
    if assessed is not None:
        right = (
            _("Du har rett til helsehjelp innen {day}.", day=formats.full_date(assessed.until))
            if assessed.right
            else _("De mener at du ikke har rett til helsehjelp der nå.")
        )
    return Own(
        id=one.id,
        about=capital(facts.words(one.about) or _("Henvisning")),
        state=_(STUCK[stuck] if stuck else STATES[one.state]),
        by=one.requester_name,
        sender=one.sender_name.partition(",")[0],
        receiver=one.receiver_name.partition(",")[0],
        sent=_when(one.steps[0].at, now, _) if one.steps else "",
        line=tuple(line(one, _, now=now)),
        has_it=one.holder.partition(",")[0] if one.is_open else "",
        due=_when(one.due, now, _) if one.is_open and one.due else "",
        is_late=late,
        right=right,
        next=_("De som skrev henvisningen, har fått en oppgave om å få den fram.") if stuck else _(NEXT[one.state]),
        may=_(MAY.get(one.state, WAITS)) if MAY.get(one.state, WAITS) else "",
        is_open=one.is_open,
        is_sent=one.is_sent,
        letters=tuple(messages.view(about, _)),
    )


def line(one: Referral, _: Language, *, now: datetime) -> list[Point]:
    """The state line. What was rejected or taken back ends where it was."""
    reached = max((ALONG.index(step.state) for step in one.steps if step.state in ALONG), default=-1)
    if one.is_open and one.waits_for in ALONG:
        reached = min(reached, ALONG.index(one.waits_for) - 1)
    points = []
    for place, state in enumerate(ALONG):
        is_done, is_here = place <= reached, one.is_open and one.waits_for == state
        if one.state in ("rejected", "withdrawn") and not is_done:
            break
        at = one.at(state) if is_done else one.due if is_here else None
        late = is_here and _is_late(one, now)
        points.append(Point(_(STEPS[state]), _when(at, now, _) if at else "", is_done, is_here, late))
    if one.state in ("rejected", "withdrawn"):
        points.append(Point(_(STEPS[one.state]), _when(one.steps[-1].at, now, _), True, False))
    return points


def _when(at: datetime, now: datetime, _: Language) -> str:
    return formats.when(at.isoformat(), now=now, language=_)


def _is_late(one: Referral, now: datetime) -> bool:
    return one.is_open and one.due is not None and one.due <= now


def _is_about(letter: Resource, id_: str) -> bool:
    named = {"reference": f"ServiceRequest/{id_}"}
    return any(
        one.get("reference") == named["reference"] for one in (*letter.get("basedOn", ()), *letter.get("about", ()))
    )
