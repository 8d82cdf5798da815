"""Finding a code while somebody types: choices for a form, or JSON. Nothing is chosen for him. Requirement 7.13

    GET /workspace/codes?q=…                  diagnoses; with nothing typed one's favourites and last used
    GET /workspace/codes?of=substance&q=…     what somebody does not tolerate
    GET /workspace/codes?of=reaction&q=…      how it shows: the same as diagnoses

`of` names the field too that the words come in, and the radio buttons of the answer (`substance_pick`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from samjournal import terminology
from samjournal.fhir.errors import FhirError
from samjournal.problems import Coded, Shelf, favour, shelf_of
from samjournal.terminology import SOUGHT, SUBSTANCES, Area, Hit
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import is_fragment, local_path, render
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import ATC, ICD_10, ICPC_2, SNOMED

NAMES: Final = {ICPC_2: "ICPC-2", ICD_10: "ICD-10", ATC: "ATC", SNOMED: "SNOMED CT"}
FIELDS: Final[dict[str, Area]] = {"substance": SUBSTANCES, "reaction": SOUGHT, "name": SOUGHT}
"""The fields that may have a code, besides `q`, and among which codes."""
WHY: Final = {
    "code": marked("koden"),
    "name": marked("navnet"),
    "word": marked("et annet ord: {by}"),
    "part": marked("del av {by}"),
    "slip": marked("mente du {by}?"),
    "used": marked("sist brukt"),
    "favourite": marked("favoritt"),
}
LONGEST: Final = 100
UNCODED: Final = "none"
"""What is chosen when somebody means the words as they are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A code to choose: the value of its field, what it is called, its code and system, why it is there."""

    value: str
    text: str
    code: str
    system: str
    why: str
    is_slip: bool
    is_favourite: bool
    is_own: bool


async def show(request: Request, desk: Desk) -> Response:
    """GET what fits `q`: a fragment for a form that is open, JSON for who accepts that, else a page of its own."""
    given = request.query_params
    of = given.get("of", "") if given.get("of") in FIELDS else ""
    typed = (given.get("q") or given.get(of, ""))[:LONGEST]
    found = await choices(desk, typed, of)
    if is_fragment(request):
        return render(request, "workspace/_hits.html", choices=found, typed=typed, picked="", of=of)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse([_told(one) for one in found], headers={"cache-control": "no-store"})
    return render(request, "workspace/codes.html", desk=desk, choices=found, typed=typed)


async def keep(request: Request, desk: Desk) -> Response:
    """POST: make a code a favourite of the active role, or not."""
    form = await request.form(max_fields=4, max_files=0)
    system, _, code = str(form.get("pick", ""))[:200].rpartition("|")
    await terminology.ready(desk.door.pool)
    if terminology.is_offered(system, code):
        await favour(desk.door, desk.permit, called(system, code), favourite=form.get("favourite") == "yes")
    back = local_path(str(form.get("back", "")), "/workspace/codes")
    return RedirectResponse(back if back.startswith("/workspace/") else "/workspace/codes", status_code=303)


async def choices(desk: Desk, typed: str, of: str = "") -> list[Choice]:
    """What fits what was typed in the field `of`; of a diagnosis with nothing typed the favourites and the last used of
    the active role."""
    among = FIELDS.get(of, SOUGHT)
    if of and not typed.strip():
        return []
    shelf = await _shelf(desk) if among == SOUGHT else Shelf()
    await terminology.ready(desk.door.pool, among)
    first = ATC if among == SUBSTANCES else ICPC_2 if desk.role.code == "gp" else ICD_10
    in_language = cast(Any, desk.language)
    if typed.strip():
        hits = terminology.seek(typed, among=among, language=in_language, first=first, own=shelf.ranks())
    else:
        hits = [
            Hit(
                system,
                code,
                terminology.text(system, code, in_language) or code,
                "favourite" if (system, code) in shelf.favourites else "used",
                "",
            )
            for system, code in list(shelf.ranks())[:8]
            if terminology.is_offered(system, code)
        ]
    return [_choice(hit, shelf, desk) for hit in hits]


async def picked(desk: Desk, typed: str, pick: str, _: Language, of: str = "") -> tuple[Coded | None, str]:
    """The code that was chosen among what fits the words in the field `of`; None with what is to be said where it was
    not: the words were changed afterwards, or the code is used no more."""
    among = FIELDS.get(of, SOUGHT)
    system, _bar, code = pick.rpartition("|")
    await terminology.ready(desk.door.pool, among)
    if not terminology.is_offered(system, code, among):
        return None, _("Koden er ikke i bruk lenger. Velg en annen.")
    found = called(system, code)
    is_meant = not typed or typed.casefold() == found.text.casefold()
    if not is_meant and pick not in {one.value for one in await choices(desk, typed, of)}:
        return None, _("Søkeordet ble endret etter at koden var valgt. Velg koden på nytt.")
    return found, ""


def called(system: str, code: str) -> Coded:
    """A code with what it is called in the record, which is the same whatever language the page is in."""
    return Coded(terminology.text(system, code, "nb") or code, code, system)


async def _shelf(desk: Desk) -> Shelf:
    try:
        return await shelf_of(desk.door, desk.permit)
    except FhirError:
        return Shelf()  # Without favourites a code is found all the same.


def _choice(hit: Hit, shelf: Shelf, desk: Desk) -> Choice:
    _ = language(desk.language)
    said = "" if hit.why == "name" and hit.by == hit.text else _(WHY[hit.why], by=hit.by)
    return Choice(
        value=f"{hit.system}|{hit.code}",
        text=hit.text,
        code=hit.code,
        system=NAMES[hit.system],
        why=said,
        is_slip=hit.why == "slip",
        is_favourite=(hit.system, hit.code) in shelf.favourites,
        is_own=hit.is_own,
    )


def _told(one: Choice) -> dict[str, Any]:
    system = next(url for url, name in NAMES.items() if name == one.system)
    return {"system": system, "code": one.code, "text": one.text, "why": one.why, "favourite": one.is_favourite}
