"""What the pages have in common on which a unit says what can be booked: their tabs, hours in fields, what is told."""

from __future__ import annotations

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request

from samjournal.scheduling import planning
from samjournal.scheduling.weekly import Weekly, parsed, said
from samjournal.ui.formats import WEEKDAYS
from samjournal.ui.language import Language, language, marked
from samjournal.workspace.desk import Desk

PLACE: Final = "/workspace/visit-types"
TABS: Final = (
    ("types", marked("Timetyper"), PLACE),
    ("hours", marked("Åpningstid og arbeidstid"), f"{PLACE}/hours"),
    ("absences", marked("Fravær og stengt"), f"{PLACE}/absences"),
    ("rooms", marked("Rom og utstyr"), f"{PLACE}/rooms"),
)
TOLD: Final = {
    "type": marked("Timetypen er lagret."),
    "hours": marked("Tidene er lagret."),
    "room": marked("Lagt til."),
    "closed": marked("Tatt ut av bruk. Timer som alt er satt opp der, står."),
    "away": marked("Fraværet er lagret."),
    "over": marked("Fraværet er tatt bort."),
}
"""What is said when something was saved."""
MOVED: Final = marked("Ikke lagret: en annen har endret dette etter at du åpnet siden. Se på det igjen.")
ROLE: Final = marked("Ikke lagret: du har byttet rolle etter at du åpnet siden. Se over, og lagre en gang til.")


async def framed(request: Request, desk: Desk, here: str) -> dict[str, Any]:
    """What each of the pages shows: the tabs, whether the reader may change it, what was just done."""
    _ = language(desk.language)
    told = request.query_params.get("did", "")
    return {
        "desk": desk,
        "tabs": [{"name": _(name), "address": path, "is_here": code == here} for code, name, path in TABS],
        "plans": await planning.may_plan(desk.door, desk.permit),
        "told": _(TOLD[told]) if told in TOLD else "",
    }


def fields_of(week: Weekly | None, _: Language, entered: dict[str, str] | None = None) -> list[dict[str, str]]:
    """A field for each day of the week."""
    kept = entered or {}
    return [
        {"name": f"day{n}", "label": _(name), "value": kept.get(f"day{n}", said(week[n]) if week else "")}
        for n, name in enumerate(WEEKDAYS)
    ]


def week_of(form: FormData, _: Language) -> tuple[Weekly, str]:
    """The hours that a form says, and what is wrong with them, if anything is."""
    week = []
    for n, name in enumerate(WEEKDAYS):
        text = str(form.get(f"day{n}", ""))[:200]
        try:
            week.append(parsed(text))
        except ValueError:
            told = _(
                "{day}: skriv tidene som 08.00–11.30, 12.00–15.30. La feltet stå tomt når det er stengt.", day=_(name)
            )
            return ((),) * 7, told[:1].upper() + told[1:]
    return tuple(week), ""
