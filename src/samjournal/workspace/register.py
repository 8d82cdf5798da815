"""Registering somebody new: who may be the same is shown first, and a person decides."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Forbidden, NumberHeld
from samjournal.fhir.identifiers import birth_date, read
from samjournal.patients import Match, NewPerson, match, register
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import GENDERS
from samjournal.workspace.desk import Desk

FIELDS: Final = ("number", "family", "given", "birth", "gender")
LONGEST: Final = 80
GRADES: Final = {
    "certain": marked("samme person"),
    "probable": marked("trolig samme person"),
    "possible": marked("kanskje samme person"),
}
REASONS: Final = {
    "number": marked("samme nummer"),
    "number-old": marked("samme nummer, som er byttet ut"),
    "number-other": marked("et annet nummer"),
    "birth": marked("samme fødselsdato"),
    "birth-near": marked("nesten samme fødselsdato"),
    "birth-other": marked("en annen fødselsdato"),
    "name": marked("samme navn"),
    "name-near": marked("nesten samme navn"),
    "name-other": marked("et annet navn"),
    "sex-other": marked("et annet kjønn"),
    "twin": marked("tvilling eller trilling"),
}
_DATE: Final = re.compile(r"(\d{1,2})[.\-/](\d{1,2})[.\-/](\d{4})")


async def show(request: Request, desk: Desk) -> Response:
    """GET the form; after registering, whom it was."""
    _refuse(desk)
    return _page(request, desk, done=request.query_params.get("done", "")[:64])


async def take(request: Request, desk: Desk) -> Response:
    """POST what is known. Those who may be the same are shown; it is sent again, with their ids as `seen`, to register
    somebody new all the same."""
    _refuse(desk)
    form = await request.form(max_fields=8, max_files=0)
    entered = {name: " ".join(str(form.get(name, "")).split())[:LONGEST] for name in FIELDS}
    person, errors = check(entered, language(desk.language))
    if person is None:
        return _page(request, desk, status=422, entered=entered, errors=errors)
    alike = await match(desk.door, desk.permit, person.patient())
    shown = " ".join(sorted(one.card.id for one in alike))
    is_held = any({"number", "number-old"} & set(one.likeness.reasons) for one in alike)
    if alike and (is_held or form.get("seen") != shown):
        return _page(request, desk, status=409, entered=entered, alike=alike, seen=shown, is_held=is_held)
    try:
        stored = await register(desk.door, desk.permit, person)
    except NumberHeld:
        # Somebody else was faster: the search for who is alike finds him now.
        alike = await match(desk.door, desk.permit, person.patient())
        return _page(request, desk, status=409, entered=entered, alike=alike, is_held=True)
    return RedirectResponse(f"/workspace/register?done={stored.id}", status_code=303)


def check(entered: dict[str, str], _: Language) -> tuple[NewPerson | None, dict[str, str]]:
    """Whom the form describes, or what is wrong by field."""
    errors: dict[str, str] = {}
    birth = entered["birth"]
    if found := _DATE.fullmatch(birth):
        birth = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    number = read(entered["number"]) if entered["number"] else None
    if entered["number"] and number is None:
        errors["number"] = _("Nummeret stemmer ikke: kontrollsifrene passer ikke.")
    elif number is not None and number.kind == "hnr":
        errors["number"] = _("Et hjelpenummer fra ett sykehus gjelder bare der. La feltet stå tomt.")
    if birth and not _is_day(birth):
        errors["birth"] = _("Skriv en dag som har vært, slik: 24.12.1948. Er den ukjent, la feltet stå tomt.")
    if not entered["family"]:
        errors["family"] = _("Skriv et etternavn. For en ukjent: hva vi kaller personen så lenge.")
    if not birth and number is not None and (told := birth_date(number)) is not None:
        birth = told.isoformat()
    if errors:
        return None, errors
    gender = entered["gender"] if entered["gender"] in GENDERS else "unknown"
    value = number.value if number else ""
    return NewPerson(entered["family"], entered["given"], birth, gender, value), {}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= date.today()
    except ValueError:
        return False


def told(one: Match, _: Language) -> str:
    """Why somebody is thought to be the same, in words."""
    return ", ".join(_(REASONS[reason]) for reason in one.likeness.reasons)


def _refuse(desk: Desk) -> None:
    if not desk.permit.registers:
        raise Forbidden("This page is for roles that register people.")


def _page(
    request: Request,
    desk: Desk,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    alike: list[Match] | None = None,
    seen: str = "",
    is_held: bool = False,
    done: str = "",
) -> Response:
    _ = language(desk.language)
    rows = [
        {"card": one.card, "grade": _(GRADES[one.likeness.grade]), "why": told(one, _), "level": one.likeness.grade}
        for one in alike or ()
    ]
    return render(
        request,
        "workspace/register.html",
        status=status,
        desk=desk,
        entered={**dict.fromkeys(FIELDS, ""), **(entered or {})},
        errors=errors or {},
        genders=GENDERS,
        alike=rows,
        seen=seen,
        is_held=is_held,
        done=done,
    )
