"""The accessibility statement: what was checked, how and when, and what does not hold yet. Open to everybody.

    show(request)                                       GET /portal/accessibility

It says what was measured (MEASURED) and nothing else. uustatus.no asks each owner for a statement in its own register;
its address is the owner's to give. lovdata.no/forskrift/2013-06-21-732, w3.org/TR/WCAG22
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.ui.language import language, marked
from samjournal.ui.pages import language_of, render


@dataclass(frozen=True, slots=True)
class Known:
    """What does not hold yet: the criterion, what it means for the reader, and what he can do."""

    criterion: str
    what: str
    instead: str


CHECKED: Final = date(2026, 11, 29)
"""When the pages were last gone through by hand."""
MEASURED: Final = (
    marked("Alle sider prøves med axe, mot WCAG 2.0, 2.1 og 2.2 på nivå A og AA, hver gang portalen endres."),
    marked("Alle sider prøves på en skjerm som er 320 punkter bred. Det svarer til 400 prosent forstørring."),
    marked("Alle sider prøves med tastaturet alene. De vanligste gjøremålene prøves uten skript."),
    marked("Hver side veier under 100 kB, så den kommer fram på et tregt nett."),
    marked("Sidene følger valgene dine for mindre bevegelse og egne farger."),
)
KNOWN: Final = (
    Known(
        "",
        marked("Portalen er ikke prøvd av brukere med skjermleser. Navn, roller og rekkefølge er sett på for hånd."),
        marked("Si fra på siden der noe ikke virker."),
    ),
    Known(
        "1.1.1",
        marked("Kurven over svar er en tegning. Den leses ikke opp punkt for punkt."),
        marked("Alle tallene står i tabellen under kurven."),
    ),
    Known(
        "1.3.1",
        marked("Filer fra andre, som skannede brev, er slik de ble sendt. Noen av dem kan ikke leses opp."),
        marked("Be stedet som skrev brevet, om å få det på en annen måte."),
    ),
)


async def show(request: Request) -> Response:
    """GET the statement, in the reader's language."""
    _ = language(language_of(request))
    return render(
        request,
        "portal/accessibility.html",
        checked=CHECKED,
        measured=[_(one) for one in MEASURED],
        known=[{"criterion": one.criterion, "what": _(one.what), "instead": _(one.instead)} for one in KNOWN],
    )


def routes() -> list[BaseRoute]:
    """The statement."""
    return [Route("/portal/accessibility", show)]
