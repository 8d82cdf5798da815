"""How long a referral may wait for its next step. Pasient- og brukerrettighetsloven § 2-2

    due(state, priority, received, now, until) -> datetime

A referral is opened within hours when it hurries and within a working day else; it is assessed within ten working days
of the day it came, sooner when it hurries; it is booked by the deadline that the assessment gave; and what was booked
is done, or said to be otherwise, within two weeks of it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from samjournal.referrals.states import NEXT, State
from samjournal.tasks.calendar import after, end_of

OPENED: Final[dict[str, timedelta]] = {
    "urgent": timedelta(hours=4),
    "asap": timedelta(hours=2),
    "stat": timedelta(hours=1),
}
"""So soon it is opened when it hurries; else within one working day."""
ASSESSED: Final[dict[str, int]] = {"urgent": 2, "asap": 1, "stat": 1}
"""So many working days until it is assessed when it hurries."""
LAW: Final = 10
"""Working days until it is assessed, by law."""
ANSWERED: Final = timedelta(hours=96)
"""So long a message waits for its receipt. HISD 1168. Of one that hurries the sender is told when it should be open."""
AFTER: Final = timedelta(days=14)
"""So long after the appointment a referral is closed."""


def due(state: State, *, priority: str, received: datetime, now: datetime, until: str = "") -> datetime:
    """The deadline of what comes after a state that is reached now. `received` is when the first receiver got it,
    `until` the day by which help is given (assessed), or the end of the appointment (booked)."""
    following = NEXT.get(state)
    if following in ("sent", "received"):
        return now + min(OPENED.get(priority, ANSWERED), ANSWERED)
    if following == "opened":
        return now + OPENED[priority] if priority in OPENED else after(now, 1)
    if following == "assessed":
        return after(received, ASSESSED.get(priority, LAW))
    if following == "booked":
        return end_of(date.fromisoformat(until)) if until else after(now, LAW)
    if following == "done":
        return (datetime.fromisoformat(until) if until else now) + AFTER
    return now
