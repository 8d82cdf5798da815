"""Acts that ask for a fresh proof of who one is, and how old it may be. docs/reference/sessions.md#acts-that-ask

    asked_of(method, path, session, now) -> Act | None      the act that asks, when the proof is too old for it

An act is a row here and nothing on its page: the page is not reached before. What was sent is kept meanwhile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from samjournal.accounts import Session

QUARTER: Final = timedelta(minutes=15)
HALF_A_SHIFT: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Act:
    """`path` as the table of routes has it. `pin_does`: a PIN code at a shared PC is proof enough. `back` is the page
    to come back to, where the address itself is none."""

    method: str
    path: str
    within: timedelta = QUARTER
    pin_does: bool = False
    back: str = ""


ACTS: Final = (
    Act("POST", "/workspace/patients/{id}/reason", HALF_A_SHIFT, pin_does=True),
    Act("POST", "/workspace/patients/{id}/representation"),
    Act("POST", "/workspace/erasures"),
    Act("POST", "/workspace/erasures/propose"),
    Act("POST", "/workspace/role-changes"),
    Act("POST", "/signins/pc"),
    Act("POST", "/signins/phone"),
    Act("POST", "/portal/representation"),
    Act("POST", "/portal/representation/login"),
    Act("GET", "/portal/download"),
    Act("GET", "/portal/download/record.zip", back="/portal/download"),
    Act("GET", "/portal/download/record.pdf", back="/portal/download"),
    Act("GET", "/portal/download/summary.json", back="/portal/download"),
)
"""Opening a record for a stated reason asks seldom, and takes the quick proof: in an emergency it must not stand in the
way. Withdrawing a right and signing somebody out ask nothing: they only ever close."""
_PLACES: Final = tuple((act, re.compile(re.sub(r"\{\w+\}", "[^/]+", act.path) + r"\Z")) for act in ACTS)


def asked_of(method: str, path: str, session: Session, now: datetime) -> Act | None:
    """The act, when it asks this session for a new proof."""
    read = "GET" if method == "HEAD" else method
    for act, place in _PLACES:
        if act.method == read and place.match(path):
            at = session.unlocked if act.pin_does else session.proven
            return act if at is None or now - at > act.within else None
    return None
