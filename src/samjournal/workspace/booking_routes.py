"""The addresses of the calendar, of booking, and of what a unit can be booked for."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from samjournal.workspace import (
    absences,
    appointments,
    book,
    book_whom,
    calendar,
    groups,
    rooms,
    visit_types,
    waiting,
    working_hours,
)
from samjournal.workspace.desk import staff
from samjournal.workspace.plan_page import PLACE
from samjournal.workspace.reason import of_patient


def routes() -> list[BaseRoute]:
    """Those that are about no one patient, and those that are."""
    return [
        Route("/workspace/calendar", staff(calendar.show), methods=["GET"]),
        Route("/workspace/calendar/book", staff(book_whom.show), methods=["GET"]),
        Route("/workspace/calendar/waiting", staff(waiting.show), methods=["GET"]),
        Route("/workspace/calendar/waiting", staff(waiting.call), methods=["POST"]),
        Route("/workspace/calendar/groups", staff(groups.show), methods=["GET"]),
        Route("/workspace/calendar/groups", staff(groups.save), methods=["POST"]),
        Route("/workspace/appointments/{appointment}", staff(appointments.show), methods=["GET"]),
        Route("/workspace/appointments/{appointment}", staff(appointments.act), methods=["POST"]),
        Route("/workspace/patients/{id}/book", staff(of_patient(book.show)), methods=["GET"]),
        Route("/workspace/patients/{id}/book", staff(of_patient(book.take)), methods=["POST"]),
        Route(PLACE, staff(visit_types.show), methods=["GET"]),
        Route(f"{PLACE}/hours", staff(working_hours.show), methods=["GET"]),
        Route(f"{PLACE}/hours", staff(working_hours.save), methods=["POST"]),
        Route(f"{PLACE}/absences", staff(absences.show), methods=["GET"]),
        Route(f"{PLACE}/absences", staff(absences.save), methods=["POST"]),
        Route(f"{PLACE}/rooms", staff(rooms.show), methods=["GET"]),
        Route(f"{PLACE}/rooms", staff(rooms.save), methods=["POST"]),
        Route(f"{PLACE}/{{visit}}", staff(visit_types.edit), methods=["GET"]),
        Route(f"{PLACE}/{{visit}}", staff(visit_types.save), methods=["POST"]),
    ]
