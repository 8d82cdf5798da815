"""Appointments that come again: every so many weeks at the same hour, as the clock shows it.

    book_series(door, permit, patient, visit, start, actors=(), weeks=1, times=…, whole=True) -> Series
    cancel_series(door, permit, series, since, reason) -> list[Stored]      all that is to come, in one

All that are booked together are one transaction. Where one of them is not free, either none is booked (`NotAll` tells
which), or those that are, and which are not is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Invalid, TimeTaken
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, new_id, period_of, query_of, search
from samjournal.scheduling.booking import OPEN, cancelled
from samjournal.scheduling.calendars import calendars
from samjournal.scheduling.choosing import ATTEMPTS, chosen_at, service_of
from samjournal.scheduling.freeing import names_of
from samjournal.scheduling.making import SERIES, appointment, written
from samjournal.scheduling.rights import booking, had
from samjournal.scheduling.visits import VisitType

Resource = dict[str, Any]
MOST = 60
"""So many appointments in one series at most."""


@dataclass(frozen=True, slots=True)
class Series:
    """What was booked, under which identifier, and the beginnings that were not free."""

    id: str
    booked: tuple[Stored, ...]
    taken: tuple[datetime, ...]


class NotAll(TimeTaken):
    """Not all of a series is free, so none of it was booked: `taken` are the beginnings that are not."""

    def __init__(self, taken: Sequence[datetime]) -> None:
        super().__init__(f"{len(taken)} of the times are taken. Choose others, or book those that are free.")
        self.taken = tuple(taken)


async def book_series(
    door: Door,
    permit: Permit,
    patient: str,
    visit: VisitType,
    start: datetime,
    actors: Sequence[str | Resource] = (),
    *,
    weeks: int = 1,
    times: int,
    whole: bool = True,
    way: str = "",
    words: str = "",
    interpreter: str = "",
    based_on: str = "",
    now: datetime | None = None,
) -> Series:
    """Book `times` appointments, each `weeks` after the one before; with `whole` all or none. With the same persons
    where they are free. Raises NotAll, Invalid, Forbidden, ReasonNeeded."""
    now, patient = now or datetime.now(UTC), patient.removeprefix("Patient/")
    if not 1 <= times <= MOST or not 1 <= weeks <= 52 or visit.places > 1:
        raise Invalid(f"A series has at most {MOST} appointments, a week apart or more, and is of no group.")
    rights, wanted, id_ = booking(permit, patient, visit), names_of(actors), new_id()
    starts = every(start, weeks=weeks, times=times)
    day = timedelta(days=1)
    for _ in range(ATTEMPTS):
        found = await calendars(
            door, permit, [visit], starts[0] - day, starts[-1] + 2 * day, actors=wanted, patient=patient
        )
        service = service_of(visit, found)
        made, taken = [], []
        for one in starts:
            chosen = chosen_at(permit, visit, found, one, wanted, now)
            if chosen is None:
                taken.append(one)
                continue
            end, who = one + timedelta(minutes=visit.minutes), {"reference": f"Patient/{patient}"}
            told = appointment(
                visit, who, [each.actor for each in chosen], service, one, end,
                way=way, words=words, interpreter=interpreter, based_on=based_on,
            )  # fmt: skip
            made.append({**told, "identifier": [{"system": SERIES, "value": id_}]})
        if (taken and whole) or not made:
            raise NotAll(taken)
        try:
            stored = await change(door, rights, [written(one) for one in made], action="book")
        except TimeTaken:
            continue
        return Series(id_, tuple(stored), tuple(taken))
    raise Conflict("Others book the same times at this moment. Try again.")


def every(start: datetime, *, weeks: int, times: int) -> list[datetime]:
    """The beginnings of a series: at the same hour of the clock in Oslo, in summer and in winter. Pure."""
    wall = start.astimezone(OSLO).replace(tzinfo=None)
    found = [(wall + timedelta(weeks=weeks * number)).replace(tzinfo=OSLO) for number in range(times)]
    return [datetime.fromtimestamp(one.timestamp(), UTC) for one in found]


def series_of(one: Resource) -> str:
    """The series that an appointment is of, '' for none."""
    return next((each["value"] for each in one.get("identifier", ()) if each.get("system") == SERIES), "")


async def cancel_series(
    door: Door, permit: Permit, series: str, reason: str, words: str = "", *, now: datetime | None = None
) -> list[Stored]:
    """Call off what is to come of a series, all in one. Raises Conflict where nothing is."""
    now = now or datetime.now(UTC)
    asked = [("identifier", f"{SERIES}|{series}"), ("_count", str(MOST))]
    changes, rights = [], permit
    for stored in (await search(door, permit, query_of("Appointment", asked))).matches:
        one = await had(door, permit, stored.id, stored.version)
        period = period_of(one.resource)
        if one.resource.get("status") in OPEN and period is not None and period[0] > now:
            rights = one.rights
            changes.append(Change.update(cancelled(bare(one.resource), reason, words), if_match=stored.version))
    if not changes:
        raise Conflict("Nothing of the series is to come.")
    return await change(door, rights, changes, action="cancel")


__all__ = ["MOST", "NotAll", "Series", "book_series", "cancel_series", "every", "series_of"]
