"""Standard phrases: the page where one's own and the unit's are made and changed, and what fills them in. Row 4.3

GET  /workspace/phrases               one's own, the unit's, and the values from the record
POST /workspace/phrases               `act`: save or drop
GET  …/patients/{id}/phrase?name=bt   one phrase filled in for this patient, as JSON for the page's script
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from msgspec import structs
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Gone, Invalid, NotFound, VersionMoved
from samjournal.notes import LIVE, Phrase, drop_phrase, fill, phrases, save_phrase
from samjournal.notes.phrases import LONGEST, NAME, Scope, phrase_from, phrase_stored, status_of
from samjournal.record import Stored
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.comparing import chosen
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.note_entry import NoteEntry
from samjournal.workspace.settling import Both, Field, settle

SAVED: Final = {
    "saved": marked("Frasen er lagret."),
    "dropped": marked("Frasen er tatt ut av bruk. Notater den står i, er som de var."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    _refuse(desk)
    return await _page(request, desk, done=SAVED.get(request.query_params.get("done", ""), ""))


async def take(request: Request, desk: Desk) -> Response:
    """POST a phrase. What is wrong is told under the field, and what was typed stands."""
    _refuse(desk)
    form = chosen(await request.form(max_fields=20, max_files=0))
    entered = {name: str(form.get(name, "")) for name in ("shortcut", "text", "scope", "version", "act", "role")}
    if form.get("status") == "retired":  # Of both versions of a phrase, that it is out of use was chosen.
        if form.get("take-status") == "theirs":
            return RedirectResponse("/workspace/phrases", status_code=303)
        entered["act"] = "drop"
    shortcut = entered["shortcut"].strip().removeprefix(".").lower()
    scope: Scope = "unit" if entered["scope"] == "unit" else "own"
    version = counted(entered["version"])
    _ = language(desk.language)
    if not desk.is_meant(entered["role"]):
        errors = {"form": _("Du har byttet rolle siden du åpnet siden. Se etter hvilken enhet frasen skal gjelde.")}
        return await _page(request, desk, status=409, entered=entered, errors=errors)
    if entered["act"] == "drop":
        try:
            await drop_phrase(desk.door, desk.permit, shortcut=shortcut, scope=scope, version=version)
        except VersionMoved:
            return await _both(request, desk, shortcut, scope, version, {"status": "retired"})
        except (Conflict, NotFound):
            return await _page(request, desk, status=409, errors={"form": _moved(_)})
        return RedirectResponse("/workspace/phrases?done=dropped", status_code=303)
    errors = check(shortcut, entered["text"], _)
    if not errors:
        try:
            await save_phrase(
                desk.door, desk.permit, shortcut=shortcut, text=entered["text"], scope=scope, version=version
            )
        except VersionMoved:
            return await _both(request, desk, shortcut, scope, version, {"text": entered["text"], "status": "active"})
        except Conflict:
            return await _page(request, desk, status=409, entered=entered, errors={"form": _moved(_)})
        except Invalid:
            errors = {
                "shortcut": _(
                    "Du har alt en frase som heter .{name}. Endre den, eller velg et annet navn.", name=shortcut
                )
            }
    if errors:
        return await _page(request, desk, status=422, entered=entered, errors=errors)
    return RedirectResponse("/workspace/phrases?done=saved", status_code=303)


async def _both(
    request: Request, desk: Desk, shortcut: str, scope: Scope, version: int, wanted: dict[str, str]
) -> Response:
    """The page with a phrase as one would have it, and as somebody else has made it meanwhile."""
    _ = language(desk.language)
    stands = await phrase_stored(desk.door, desk.permit, shortcut=shortcut, scope=scope)
    had, has = (
        {"text": phrase_from(one, scope, 0).text, "status": status_of(one)}
        for one in (await _seen(desk, shortcut, scope, version, stands), stands.resource())
    )
    mine = had | {name: text.replace("\r\n", "\n").strip() for name, text in wanted.items()}
    used = {"active": _("i bruk"), "retired": _("ute av bruk")}
    words = used.get(mine["status"], ""), used.get(has["status"], "")
    both = Both(
        name=f".{shortcut}",
        stands=stands,
        fields=(
            Field("text", _("Tekst"), mine["text"], has["text"], had["text"], joins=True),
            Field("status", _("I bruk"), mine["status"], has["status"], had["status"], words),
        ),
        action="/workspace/phrases",
        hidden={"shortcut": shortcut, "scope": scope, "act": "save"},
        back="/workspace/phrases",
    )
    return await settle(request, desk, both)


async def _seen(desk: Desk, shortcut: str, scope: Scope, version: int, stands: Stored) -> dict[str, Any]:
    try:
        seen = await phrase_stored(desk.door, desk.permit, shortcut=shortcut, scope=scope, version=version)
    except (NotFound, Gone):
        return stands.resource()
    return seen.resource()


def check(shortcut: str, text: str, _: Language) -> dict[str, str]:
    """What is wrong with a phrase, by field."""
    errors = {}
    if not NAME.fullmatch(shortcut):
        errors["shortcut"] = _("Skriv ett ord, slik: .us. Bokstaver, tall og bindestrek, høyst 24 tegn.")
    elif shortcut in LIVE:
        errors["shortcut"] = _(".{name} henter en verdi fra journalen. Velg et annet navn.", name=shortcut)
    if not text.strip():
        errors["text"] = _("Skriv teksten som frasen skal stå for.")
    elif len(text) > LONGEST:
        errors["text"] = _("Teksten er for lang: høyst {n} tegn.", n=LONGEST)
    return errors


async def filled(request: Request, desk: Desk) -> Response:
    """GET one phrase with what stands now in this patient's record."""
    name = request.query_params.get("name", "").removeprefix(".").lower()[:24]
    if not NAME.fullmatch(name):
        raise Invalid("`name` is the shortcut of a phrase.")
    desk.permit.demand("c", "Composition")
    headers = {"cache-control": "no-store"}
    try:
        found = await fill(desk.door, desk.permit, str(request.path_params["id"]), [f".{name}"], desk.language)
    except FhirError as error:
        return JSONResponse({"problem": "refused"}, status_code=error.status, headers=headers)
    if not found.names:
        return JSONResponse({"problem": "unknown"}, status_code=404, headers=headers)
    return JSONResponse({"text": found.texts[0]}, headers=headers)


async def filled_in(desk: Desk, patient_id: str, entry: NoteEntry) -> tuple[NoteEntry, tuple[str, ...]]:
    """A note with the shortcuts that its page's script did not fill in, and which they were."""
    sections = entry.written.sections
    found = await fill(desk.door, desk.permit, patient_id, [one.text for one in sections], desk.language)
    if not found.names:
        return entry, ()
    texts = [structs.replace(one, text=text) for one, text in zip(sections, found.texts, strict=True)]
    return replace(entry, written=structs.replace(entry.written, sections=tuple(texts))), found.names


def shown(found: list[Phrase], code: str) -> list[dict[str, str]]:
    """Phrases as the pages list them: shortcut, and what it stands for."""
    return [
        {
            "shortcut": f".{one.shortcut}",
            "text": LIVE[one.shortcut].name(code) if one.scope == "live" else one.text,
            "scope": one.scope,
            "version": str(one.version),
        }
        for one in found
    ]


def _moved(_: Language) -> str:
    return _("Frasen er endret av en annen siden du åpnet siden. Ingenting er overskrevet. Se hva som står nå.")


def _refuse(desk: Desk) -> None:
    if not desk.may_write("Composition"):
        raise Forbidden("This page is for who writes notes.")


async def _page(
    request: Request,
    desk: Desk,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    every = shown(await phrases(desk.door, desk.permit), desk.language)
    return render(
        request,
        "workspace/phrases.html",
        status=status,
        desk=desk,
        lists={scope: [one for one in every if one["scope"] == scope] for scope in ("own", "unit", "live")},
        entered={"shortcut": "", "text": "", "scope": "own", "version": "", **(entered or {})},
        errors=errors or {},
        done=language(desk.language)(done) if done else "",
    )
