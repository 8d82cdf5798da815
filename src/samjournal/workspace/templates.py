"""The register of templates: how often each is used, which are nearly the same, made, changed and taken out of use.
Rows 1.9, 1.10

GET  /workspace/templates        those of this unit; with `code` one to change, or to make one's own from
POST /workspace/templates        `act`: save or retire
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.notes import BUILT_IN, FIELDS, LIVE, ORDINARY, Template, every_template, retire, save_template
from samjournal.notes.likeness import alike
from samjournal.notes.live import tongue
from samjournal.notes.outline import outline, read_outline
from samjournal.notes.templates import SYSTEM, is_here, template_from
from samjournal.record import read, used
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.comparing import chosen
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.note_kinds import kinds
from samjournal.workspace.settling import Both, Field, seen_of, settle

SAVED: Final = {
    "saved": marked("Malen er lagret. Den kan velges fra nå."),
    "retired": marked("Malen er tatt ut av bruk her. Notater som er begynt, kan signeres."),
}
FIELDS_OF: Final = ("code", "name", "kind", "text", "address", "procedure", "version", "act", "role")


async def show(request: Request, desk: Desk) -> Response:
    """GET the register."""
    _refuse(desk)
    code = request.query_params.get("code", "")[:64]
    return await _page(request, desk, code=code, done=SAVED.get(request.query_params.get("done", ""), ""))


async def take(request: Request, desk: Desk) -> Response:
    """POST a template, or take one out of use. What is wrong is told, and what was typed stands."""
    _refuse(desk)
    form = chosen(await request.form(max_fields=40, max_files=0))
    entered = {name: str(form.get(name, "")).strip() for name in FIELDS_OF}
    if form.get("status") == "retired":  # Of both versions of a template, that it is out of use was chosen.
        if form.get("take-status") == "theirs":
            return RedirectResponse("/workspace/templates", status_code=303)
        entered["act"] = "retire"
    version = counted(entered["version"])
    _ = language(desk.language)
    if not desk.is_meant(entered["role"]):
        told = _("Du har byttet rolle siden du åpnet siden. Se etter hvilken enhet malen skal gjelde.")
        return await _page(request, desk, status=409, entered=entered, error=told)
    try:
        if entered["act"] == "retire":
            await retire(desk.door, desk.permit, entered["code"], version)
            return RedirectResponse("/workspace/templates?done=retired", status_code=303)
        await save_template(desk.door, desk.permit, _read(entered, version, desk))
    except VersionMoved:
        return await _both(request, desk, entered, version)
    except (Conflict, NotFound):
        told = _("Malen er endret av en annen siden du åpnet siden. Ingenting er overskrevet. Se hva som står nå.")
        return await _page(request, desk, status=409, entered=entered, error=told)
    except Invalid as error:
        told = _("Malen er ikke lagret. Se på navn, overskrifter, felt og lenke: {what}", what=str(error))
        return await _page(request, desk, status=422, entered=entered, error=told)
    return RedirectResponse("/workspace/templates?done=saved", status_code=303)


async def _both(request: Request, desk: Desk, entered: dict[str, str], version: int) -> Response:
    """The page with a template as one would have it, and as somebody else has made it meanwhile."""
    _ = language(desk.language)
    stands = await read(desk.door, desk.permit, "Questionnaire", entered["code"])
    had, has = (
        _entered(template_from(one, 0), desk) | {"status": str(one.get("status", ""))}
        for one in (await seen_of(desk, stands, version), stands.resource())
    )
    labels = {
        "name": _("Navn"),
        "kind": _("Hva slags notat"),
        "text": _("Overskrifter, en på hver linje"),
        "address": _("Lenke til lokal prosedyre"),
        "procedure": _("Hva prosedyren heter"),
        "status": _("I bruk"),
    }
    retires = entered["act"] == "retire"
    wanted = {"status": "retired"} if retires else {name: entered[name] for name in labels if name in entered}
    mine = had | {name: text.replace("\r\n", "\n") for name, text in wanted.items()}
    called = {each.code: each.name for each in kinds(desk.language)}
    called |= {"active": _("i bruk"), "retired": _("ute av bruk")}
    shown = {"kind", "status"}
    fields = tuple(
        Field(
            *(name, label, mine[name], has[name], had[name]),
            (called.get(mine[name], ""), called.get(has[name], "")) if name in shown else ("", ""),
            joins=name == "text",
        )
        for name, label in labels.items()
    )
    both = Both(
        name=has["name"],
        stands=stands,
        fields=fields,
        action="/workspace/templates",
        hidden={"code": entered["code"], "act": "save"},
        back="/workspace/templates",
    )
    return await settle(request, desk, both)


def _read(entered: dict[str, str], version: int, desk: Desk) -> Template:
    return Template(
        code=entered["code"] if version else "",
        name={"nb": " ".join(entered["name"].split())[:120]},
        heading=read_outline(entered["text"]),
        kind=entered["kind"] or ORDINARY,
        owner=desk.permit.organization if version else "",
        procedure=(entered["address"][:500], entered["procedure"][:120]),
        version=version,
    )


def _refuse(desk: Desk) -> None:
    if not desk.permit.signs:
        raise Forbidden("This page is for who signs notes.")


async def _page(
    request: Request,
    desk: Desk,
    *,
    status: int = 200,
    code: str = "",
    entered: dict[str, str] | None = None,
    error: str = "",
    done: str = "",
) -> Response:
    kept = await every_template(desk.door, desk.permit)
    here = [one for one in kept if is_here(desk.permit, one)]
    gone = {one.code for one in here if one.is_retired}
    built_in = [one for one in BUILT_IN.values() if one.code not in gone | {one.code for one in here}]
    listed = [*(one for one in here if not one.is_retired), *built_in]
    retired = [one for one in here if one.is_retired]
    every = [*built_in, *(one for one in kept if not one.is_retired)]
    counts = await used(
        desk.door, desk.permit, "Composition", "type", [f"{SYSTEM}|{one.code}" for one in [*listed, *retired]]
    )
    begun = next((one for one in listed if one.code == code), None)
    return render(
        request,
        "workspace/templates.html",
        status=status,
        desk=desk,
        rows=[_row(one, every, counts, desk) for one in listed],
        retired=[_row(one, (), counts, desk) for one in retired],
        entered=entered or _entered(begun, desk),
        note_kinds=kinds(desk.language),
        fields=[(one.code, one.name(desk.language)) for one in FIELDS.values()],
        blocks=[(one.code, one.name(desk.language)) for one in LIVE.values()],
        error=error,
        done=language(desk.language)(done) if done else "",
    )


def _row(one: Template, every: Sequence[Template], counts: dict[str, int], desk: Desk) -> dict[str, object]:
    built_in = BUILT_IN.get(one.code)
    near = alike(one, (each for each in every if each.code != one.code))
    return {
        "code": one.code,
        "name": (built_in or one).called(desk.language) if not one.heading else one.called(desk.language),
        "unit": one.unit,
        "own": one.owner == desk.permit.organization,
        "built_in": not one.owner,
        "version": one.version,
        "headings": len(one.heading),
        "fields": len(one.fields),
        "used": counts.get(f"{SYSTEM}|{one.code}", 0),
        "procedure": one.procedure,
        "alike": [(each.called(desk.language), each.unit, round(share * 100)) for each, share in near[:3]],
    }


def _entered(begun: Template | None, desk: Desk) -> dict[str, str]:
    """What the form has in it: a template to change, one to make one's own from, or nothing."""
    if begun is None:
        return {**dict.fromkeys(FIELDS_OF, ""), "kind": ORDINARY}
    own = begun.owner == desk.permit.organization
    address, called = begun.procedure
    return {
        "code": begun.code if own else "",
        "version": str(begun.version) if own else "",
        "name": begun.called(tongue(desk.language)),
        "kind": begun.kind,
        "text": outline(begun),
        "address": address,
        "procedure": called,
    }
