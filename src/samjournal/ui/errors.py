"""Error pages: what happened, what is safe, what to do now, and the number to give when you ask for help.

The answer says nothing from the record. An error is known by its `status`, as the family in `fhir.errors` is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.ui.language import language, marked
from samjournal.ui.pages import is_fragment, language_of, render


@dataclass(frozen=True, slots=True)
class Words:
    """What one kind of error is called, and what it means for the reader."""

    title: str
    happened: str
    safe: str
    next: str


INVALID: Final = Words(
    marked("Noe i skjemaet stemmer ikke"),
    marked("Serveren kunne ikke lese det som ble sendt."),
    marked("Ingenting er lagret eller endret."),
    marked("Gå tilbake, se over feltene og send på nytt."),
)
NOT_SIGNED_IN: Final = Words(
    marked("Du er ikke logget inn"),
    marked("Innloggingen mangler eller har gått ut på tid."),
    marked("Det du hadde lagret, er lagret."),
    marked("Logg inn på nytt."),
)
FORBIDDEN: Final = Words(
    marked("Rollen din har ikke tilgang til dette"),
    marked("Siden eller handlingen hører til en annen rolle enn den du har valgt nå."),
    marked("Ingenting er vist eller endret."),
    marked("Bytt rolle, eller be lederen din om tilgang."),
)
NOT_REPRESENTING: Final = Words(
    marked("Du kan ikke opptre for denne personen nå"),
    marked("Retten er ikke der, eller den har tatt slutt: en dato, en bursdag, eller noen har tatt den bort."),
    marked("Ingenting er vist eller endret. Du er deg selv igjen."),
    marked("Gå til din egen journal."),
)
NOT_FOUND: Final = Words(
    marked("Siden finnes ikke"),
    marked("Enten finnes den ikke, eller så er den ikke for deg. Svaret er det samme i begge tilfeller."),
    marked("Ingenting er vist eller endret."),
    marked("Se etter skrivefeil i adressen, eller søk på nytt."),
)
CONFLICT: Final = Words(
    marked("Endringen ble ikke lagret"),
    marked("Noen andre endret det samme mens du skrev."),
    marked("Det som sto der fra før, er ikke rørt."),
    marked("Gå tilbake, last siden på nytt og se hva som er endret før du lagrer igjen."),
)
TOO_LARGE: Final = Words(
    marked("Det du sendte, er for stort"),
    marked("Serveren tar ikke imot så mye på én gang."),
    marked("Ingenting er lagret eller endret."),
    marked("Del det opp, og send på nytt."),
)
TOO_SLOW: Final = Words(
    marked("Det du sendte, kom ikke helt fram"),
    marked("Serveren ventet på resten, men det kom ikke i tide."),
    marked("Ingenting er lagret eller endret."),
    marked("Gå tilbake og send på nytt. Skjer det igjen, se om nettet ditt er tregt."),
)
TOO_MANY: Final = Words(
    marked("Det går litt fort akkurat nå"),
    marked("Det kom flere forespørsler fra deg enn serveren tar imot på en gang."),
    marked("Ingenting er lagret eller endret. Alt som var lagret før, er trygt."),
    marked("Vent et halvt minutt og prøv igjen."),
)
BUSY: Final = Words(
    marked("Samjournal svarer ikke akkurat nå"),
    marked(
        "Enten spør flere enn serveren rekker, eller så er databasen eller loggen borte. Uten logg vises ingen journal."
    ),
    marked("Det du sendte sist, kan mangle. Alt som var lagret før, er trygt."),
    marked("Vent noen sekunder og prøv igjen. Varer det, ring brukerstøtte og oppgi feilnummeret."),
)
FAULT: Final = Words(
    marked("Noe gikk galt hos oss"),
    marked("Feilen er vår, og den er skrevet i driftsloggen."),
    marked("Det du sendte sist, kan mangle. Alt som var lagret før, er trygt."),
    marked("Gå tilbake og prøv igjen. Skjer det flere ganger, ring brukerstøtte og oppgi feilnummeret."),
)
BY_STATUS: Final = {
    400: INVALID,
    401: NOT_SIGNED_IN,
    403: FORBIDDEN,
    404: NOT_FOUND,
    405: NOT_FOUND,
    408: TOO_SLOW,
    409: CONFLICT,
    410: NOT_FOUND,
    412: CONFLICT,
    413: TOO_LARGE,
    415: INVALID,
    422: INVALID,
    429: TOO_MANY,
    431: TOO_LARGE,
    503: BUSY,
}

BY_KIND: Final = {"not-representing": NOT_REPRESENTING}


async def error_page(request: Request, error: Exception) -> Response:
    """The page of an error, for Starlette's exception handlers; the face `rest` has its own answer."""
    # `FhirError` has `status`, Starlette's own HTTPException `status_code`; anything else is our fault.
    status = _status(error)
    if status == 401 and request.method == "GET" and not is_fragment(request):
        return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
    by_status = BY_STATUS.get(status, INVALID if status < 500 else FAULT)
    words = BY_KIND.get(getattr(error, "kind", ""), by_status)
    headers = {"retry-after": str(getattr(error, "retry_after", None) or 5)} if status in (429, 503) else {}
    if is_fragment(request) and status in (401, 403, 404):
        # Access has gone since the page was opened: the whole page is fetched anew, and closes.
        headers["hx-refresh"] = "true"
    return render(
        request,
        "ui/error.html",
        status=status,
        headers=headers,
        words=words,
        detail=_detail(error, status, language_of(request)),
        error_status=status,
        # The address of a form that was sent is no page to come back to.
        back="/" if request.method == "POST" else "",
    )


def _status(error: Exception) -> int:
    found = getattr(error, "status", None) or getattr(error, "status_code", None)
    return found if isinstance(found, int) else 500


def _detail(error: Exception, status: int, code: str) -> str:
    """The sentence of the rule that was broken, when it was meant for the person who broke it."""
    if status in (400, 422) and hasattr(error, "issues"):
        return language(code)(str(getattr(error, "text", "")))
    return ""
