"""Messages that the unit sent, and how far each has come, in words: pure functions. Row 4.7

A state may last so long; what is older says so. What goes no further has a page where a person sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.fhir.keys import local
from samjournal.messages import state_of, steps_of
from samjournal.messages.states import FAILED, TAKEN_OVER
from samjournal.ui.language import marked
from samjournal.workspace.facts import Reader, said
from samjournal.workspace.inbox_list import whom

WORDS: Final = {
    "signed": marked("Signert, ikke sendt ennå"),
    "queued": marked("Venter på å bli sendt"),
    "transported": marked("Sendt, ikke bekreftet av mottakeren"),
    "accepted": marked("Levert: mottakeren har tatt over ansvaret"),
    "opened": marked("Lest av mottakeren"),
    "acted": marked("Behandlet av mottakeren"),
    "rejected": marked("Avvist av mottakeren"),
    "timed-out": marked("Ikke bekreftet i tide, regnes som ikke levert"),
    "no-route": marked("Kunne ikke sendes"),
    "resent": marked("Sendt på nytt"),
    "other-receiver": marked("Sendt til en annen mottaker"),
    "paper": marked("Sendt på papir"),
    "phone": marked("Gitt på telefon"),
}
"""Delivery states as staff read them."""
STEPS: Final = {
    "signed": marked("signert {when}"),
    "queued": marked("klar til sending {when}"),
    "transported": marked("sendt {when}"),
    "accepted": marked("levert {when}"),
    "opened": marked("lest {when}"),
    "acted": marked("behandlet {when}"),
    "rejected": marked("avvist {when}"),
    "timed-out": marked("ikke bekreftet {when}"),
    "no-route": marked("stanset {when}"),
    "resent": marked("sendt på nytt {when}"),
    "other-receiver": marked("sendt til en annen {when}"),
    "paper": marked("på papir {when}"),
    "phone": marked("på telefon {when}"),
}
LIMITS: Final = {
    "signed": timedelta(hours=1),
    "queued": timedelta(hours=1),
    "transported": timedelta(hours=96),
}
"""So long a state may last; a receipt may take 96 hours. HISD 1168"""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message out. `tone`: "ok", "warn", "danger" or ""; `link` where a person sees to one that did not arrive;
    `late` that its state has lasted too long; `why` in words why it stopped."""

    id: str
    title: str
    patient: str
    receiver: str
    state: str
    tone: str
    steps: tuple[str, ...]
    why: str
    late: bool
    link: str


def sent(found: Iterable[dict[str, Any]], about: Mapping[str, dict[str, Any]], reader: Reader) -> list[Sent]:
    """Those that need somebody first, then the newest."""
    shown = [_sent(one, about, reader) for one in found if state_of(one) in WORDS]
    return sorted(shown, key=lambda one: (one.tone != "danger", not one.late))


def _sent(message: dict[str, Any], about: Mapping[str, dict[str, Any]], reader: Reader) -> Sent:
    _, state = reader.language, state_of(message)
    steps = steps_of(message)
    patient = about.get(local((message.get("subject") or {}).get("reference", "")) or "")
    late = bool(steps) and _is_late(state, steps[-1][1], reader)
    return Sent(
        id=str(message["id"]),
        title=said(message.get("topic"), _) or _("Melding"),
        patient=whom(patient, reader) if patient else "",
        receiver=str((message.get("recipient") or [{}])[0].get("display") or _("Ukjent mottaker")),
        state=_(WORDS[state]),
        tone="danger" if state in FAILED else "ok" if state in TAKEN_OVER else "warn" if late else "",
        steps=step_words(steps, reader),
        why=str((message.get("statusReason") or {}).get("text") or ""),
        late=late,
        link=f"/workspace/messages/sent/{message['id']}" if state in FAILED else "",
    )


def step_words(steps: Iterable[tuple[str, datetime]], reader: Reader) -> tuple[str, ...]:
    """What a message came to, with the times."""
    return tuple(
        reader.language(STEPS[state], when=reader.when(at.isoformat())) for state, at in steps if state in STEPS
    )


def _is_late(state: str, since: datetime, reader: Reader) -> bool:
    return state in LIMITS and reader.now - since > LIMITS[state]
