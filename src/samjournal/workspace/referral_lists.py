"""Lists of referrals: those of a patient, and those that a unit has and has sent. Rows 6.2, 4.7

GET …/patients/ID/referrals         all of one patient
GET /workspace/referrals            of the unit: `list` received or sent, `sort` due, age, patient or state, `ended`
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal import referrals
from samjournal.record import Want, open_chart
from samjournal.referrals import Referral, State
from samjournal.referrals.listing import Direction
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import name
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader, Resource, joined
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.referral_words import Line, is_late, line
from samjournal.workspace.wants import BANNER

WANTS: Final = (
    *BANNER,
    Want("referral-tasks", "Task", "code=urn:samjournal:task|assess&_sort=-authored-on", 100),
    Want("referrals", "ServiceRequest", "category=urn:samjournal:request|referral&_sort=-authored", 100),
)
SAVED: Final = {
    "already": marked("Dette utkastet er alt sendt eller forkastet. Ingenting er gjort en gang til."),
    "discarded": marked("Utkastet er forkastet."),
    "forward": marked("Sendt videre. Henviseren har fått beskjed."),
}
RECEIVED: Final[tuple[tuple[str, str, tuple[State, ...]], ...]] = (
    ("open", marked("Skal åpnes"), ("received", "forwarded")),
    ("assess", marked("Skal vurderes"), ("opened",)),
    ("book", marked("Skal ha time"), ("assessed",)),
    ("booked", marked("Har time"), ("booked",)),
)
SENT: Final = (("late", marked("Over fristen")), ("waiting", marked("Venter hos mottaker")))
SORTS: Final[Mapping[str, Callable[[Line], Any]]] = {
    "due": lambda one: (one.until is None, one.until or datetime.max.replace(tzinfo=UTC), one.id),
    "age": lambda one: (one.sent, one.id),
    "patient": lambda one: (one.patient.casefold(), one.id),
    "state": lambda one: (one.state, one.id),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list of a unit."""

    code: str
    title: str
    lines: tuple[Line, ...]


async def show(request: Request, desk: Desk) -> Response:
    """GET those of a patient, the open ones first."""
    snapshot = await open_chart(desk.door, desk.permit, str(request.path_params["id"]), WANTS)
    reader = reader_of(desk, snapshot)
    found = referrals.paired(
        snapshot.lists.get("referral-tasks", ()),
        {f"ServiceRequest/{one['id']}": one for one in snapshot.lists.get("referrals", ())},
    )
    lines = [line(one, reader, other=joined(one.receiver_name)) for one in found]
    return render(
        request,
        "workspace/referrals.html",
        **framed(desk, snapshot, reader, here="referrals"),
        open=[one for one, each in zip(lines, found, strict=True) if each.is_open],
        ended=[one for one, each in zip(lines, found, strict=True) if not each.is_open],
        may_refer=referrals.may_refer(desk.permit),
        saved=SAVED.get(request.query_params.get("saved", ""), ""),
    )


async def unit(request: Request, desk: Desk) -> Response:
    """GET those of the unit."""
    desk.permit.demand("s", "Task")
    asked = request.query_params
    direction: Direction = "sent" if asked.get("list") == "sent" else "received"
    ended, sort = bool(asked.get("ended")), asked.get("sort", "") if asked.get("sort") in SORTS else "due"
    now = datetime.now(UTC)
    reader = Reader(desk.role.code, language(desk.language), now, unit_id=desk.role.organization_id)
    found = await referrals.of_unit(desk.door, desk.permit, direction, ended=ended)
    hidden = 0 if ended else await referrals.hidden(desk.door, desk.permit, direction, len(found.referrals))
    lines = {
        one.id: line(
            one,
            reader,
            patient=_patient(found.patients.get(one.patient), reader),
            other=one.receiver_name if direction == "sent" else (one.sender_name or one.requester_name),
        )
        for one in found.referrals
    }
    return render(
        request,
        "workspace/referrals_unit.html",
        desk=desk,
        direction=direction,
        parts=parts(found.referrals, lines, direction, sort, reader, ended=ended),
        count=len(lines),
        hidden=hidden,
        more=found.more,
        sort=sort,
        ended=ended,
        printed=formats.when(now, now=now, language=reader.language),
        saved=SAVED.get(asked.get("saved", ""), ""),
    )


def parts(
    found: Sequence[Referral],
    lines: Mapping[str, Line],
    direction: Direction,
    sort: str,
    reader: Reader,
    *,
    ended: bool,
) -> list[Part]:
    """The list in its parts, each sorted."""
    _ = reader.language
    if ended:
        return [Part("ended", _("Avsluttet"), tuple(lines[one.id] for one in found))]
    if direction == "received":
        some = [(code, title, [one for one in found if one.state in states]) for code, title, states in RECEIVED]
    else:
        late = [one for one in found if is_late(one, reader.now) or one.late]
        some = [
            (code, title, late if code == "late" else [one for one in found if one not in late]) for code, title in SENT
        ]
    return [
        Part(code, _(title), tuple(sorted((lines[one.id] for one in those), key=SORTS[sort])))
        for code, title, those in some
    ]


def _patient(patient: Resource | None, reader: Reader) -> str:
    if patient is None:
        return ""
    family, given = name(patient)
    called = f"{family.upper()}, {given}" if given else family.upper()
    return joined(called, formats.age(patient.get("birthDate"), at=reader.now, language=reader.language))
