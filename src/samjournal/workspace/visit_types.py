"""The visit types of the unit: how long, with whom, who books them, why they are cancelled. Row 5.5

GET  /workspace/visit-types             the list
GET  /workspace/visit-types/{visit}     one of them, or `new`
POST /workspace/visit-types/{visit}     save it, as of the version that was seen
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Invalid, VersionMoved
from samjournal.scheduling import planning
from samjournal.scheduling.planning import Actor, Plan
from samjournal.scheduling.visit_rules import BOOKERS, LONGEST, put_visit_type, reason
from samjournal.scheduling.visits import WAYS, Need, VisitType, visit_type, visit_types
from samjournal.scheduling.weekly import Weekly
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.plan_page import MOVED, PLACE, ROLE, fields_of, framed, week_of

WAY_NAMES: Final = {
    "in-person": marked("Oppmøte"),
    "video": marked("Video"),
    "phone": marked("Telefon"),
}
WHO_NAMES: Final = {
    "citizen": marked("Pasienten selv"),
    "staff": marked("Ansatte"),
    "referral": marked("Den som vurderer henvisningen"),
}
NUMBERS: Final = ("minutes", "before", "after", "step", "notice", "horizon", "cancel_until", "places")
WRONG: Final = {
    "name": marked("Gi timetypen et navn på bokmål."),
    "minutes": marked("Lengden må være fra 5 til 1440 minutter."),
    "before": marked("Forberedelsen kan være opptil 240 minutter."),
    "after": marked("Etterarbeidet kan være opptil 240 minutter."),
    "step": marked("Avstanden mellom starttidene kan være opptil 1440 minutter."),
    "notice": marked("Siste frist for å bestille må være fra 0 til 1440 timer."),
    "horizon": marked("Det kan bestilles fra 1 til 730 dager fram."),
    "cancel_until": marked("Fristen for å avbestille må være fra 0 til 1440 timer."),
    "places": marked("En gruppe kan ha opptil 200 plasser."),
    "ways": marked("Velg minst én måte timen holdes på."),
    "who": marked("Velg hvem som kan bestille."),
    "needs": marked("Velg personer, rom eller utstyr."),
    "fee": marked("Skriv gebyret i kroner, for eksempel 1053."),
}
MOST_NEEDS: Final = 6


async def show(request: Request, desk: Desk) -> Response:
    """GET the list, those in use first."""
    _ = language(desk.language)
    found = await visit_types(desk.door, desk.permit, unit=desk.role.organization_id)
    plan = await planning.plan(desk.door, desk.permit)
    names = {one.reference: one.name for one in plan.actors}
    rows = [_row(one, names, _) for one in sorted(found, key=lambda one: not one.active)]
    return render(request, "workspace/visit_types.html", **await framed(request, desk, "types"), rows=rows)


def _row(one: VisitType, names: Mapping[str, str], _: Language) -> dict[str, Any]:
    kinds = {"person": _("person"), "room": _("rom"), "device": _("utstyr")}
    needs = []
    for need in one.needs:
        asked = [names.get(each["reference"]) or str(each.get("display", "")) for each in need.any]
        needs.append(" / ".join(filter(None, asked)) or kinds[need.kind])
    return {
        "name": one.name(_.code),
        "address": f"{PLACE}/{one.id}",
        "minutes": one.minutes,
        "around": one.before + one.after,
        "needs": ", ".join(needs) or _("person"),
        "ways": ", ".join(_(WAY_NAMES[way]) for way in one.ways if way in WAY_NAMES),
        "who": ", ".join(_(WHO_NAMES[who]) for who in one.who if who in WHO_NAMES),
        "reasons": len(one.reasons),
        "places": one.places,
        "drop_in": one.drop_in,
        "active": one.active,
    }


async def edit(request: Request, desk: Desk) -> Response:
    """GET one of them in a form."""
    return await _form(request, desk, await _asked(request, desk))


async def save(request: Request, desk: Desk) -> Response:
    """POST one of them. What was typed stands on the page when it could not be saved."""
    form = await request.form(max_fields=1500, max_files=0)
    _ = language(desk.language)
    was = await _asked(request, desk)
    plan = await planning.plan(desk.door, desk.permit)
    week, error = week_of(form, _)
    visit, wrong = _said(form, replace(was, version=counted(form.get("version"))), plan)
    entered = {name: str(value)[:LONGEST] for name, value in form.multi_items()}
    if not desk.is_meant(form.get("role")):
        return await _form(request, desk, visit, error=_(ROLE), entered=entered, status=409)
    if error or wrong:
        return await _form(request, desk, visit, error=error or _(WRONG[wrong]), entered=entered, status=422)
    try:
        await put_visit_type(desk.door, desk.permit, visit, week)
    except Invalid as problem:
        told = WRONG.get(str(problem).partition(":")[0], WRONG["name"])
        return await _form(request, desk, visit, error=_(told), entered=entered, status=422)
    except VersionMoved:
        return await _form(request, desk, visit, error=_(MOVED), entered=entered, status=409)
    except Conflict:
        told = _("Enheten har alt en timetype med det navnet.")
        return await _form(request, desk, visit, error=told, entered=entered, status=422)
    return RedirectResponse(f"{PLACE}?did=type", status_code=303)


async def _asked(request: Request, desk: Desk) -> VisitType:
    id_ = str(request.path_params["visit"])
    if id_ == "new":
        unit = {"reference": f"Organization/{desk.role.organization_id}", "display": desk.role.unit_name}
        return VisitType("", unit, {"nb": ""}, 30, who=("citizen", "staff"), horizon=90)
    return await visit_type(desk.door, desk.permit, id_)


def _said(form: FormData, was: VisitType, plan: Plan) -> tuple[VisitType, str]:
    """The visit type that a form says, and which field cannot be read."""
    names = {code: str(form.get(f"name-{code}", "")).strip() for code in ("nb", "nn", "en")}
    numbers: dict[str, Any] = {name: counted(form.get(name)) for name in NUMBERS}
    kept = {one.get("text"): one for one in was.reasons}
    lines = dict.fromkeys(" ".join(line.split()) for line in str(form.get("reasons", ""))[:LONGEST].splitlines())
    fee, wrong = _fee(str(form.get("fee", "")))
    visit = replace(
        was,
        names={code: text for code, text in names.items() if text or code == "nb"},
        **numbers,
        who=tuple(one for one in BOOKERS if one in form.getlist("who")),
        ways=tuple(one for one in WAYS if one in form.getlist("way")),
        fee=fee,
        reasons=tuple(kept.get(line) or reason(line) for line in lines if line),
        needs=tuple(_needs(form, plan)),
        drop_in="drop-in" in form,
        instruction=str(form.get("instruction", ""))[:LONGEST],
        active="active" in form,
    )
    if not visit.who:
        wrong = wrong or "who"
    return visit, wrong


def _fee(text: str) -> tuple[dict[str, Any] | None, str]:
    said = text.replace(" ", "").replace("\u00a0", "").replace(",", ".")
    if not said:
        return None, ""
    try:
        kroner = Decimal(said)
    except InvalidOperation:
        return None, "fee"
    if not kroner.is_finite() or not 0 <= kroner < 100_000:
        return None, "fee"
    whole = int(kroner) if kroner == int(kroner) else float(round(kroner, 2))
    return ({"value": whole, "currency": "NOK"} if kroner else None), ""


def _needs(form: FormData, plan: Plan) -> list[Need]:
    """What a visit takes, row by row: one of a kind, of those that were named."""
    by_kind = {kind: [one for one in plan.actors if one.kind == kind] for kind in ("person", "room", "device")}
    found = []
    for n in range(MOST_NEEDS):
        kind = str(form.get(f"need{n}", ""))
        if kind in by_kind:
            named = set(form.getlist(f"any{n}"))
            any_ = tuple(_reference(one) for one in by_kind[kind] if one.reference in named)
            found.append(Need(kind, any_))
    return found


def _reference(one: Actor) -> dict[str, str]:
    return {"reference": one.reference, "display": one.name}


async def _form(
    request: Request,
    desk: Desk,
    visit: VisitType,
    *,
    error: str = "",
    entered: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    _ = language(desk.language)
    plan = await planning.plan(desk.door, desk.permit)
    shown = visit if entered is None else replace(visit, version=counted(entered.get("version")))
    needs: list[Need | None] = [*visit.needs, *([None] * (MOST_NEEDS - len(visit.needs)))]
    week = await _week(desk, visit) if entered is None else None
    return render(
        request,
        "workspace/visit_type.html",
        status=status,
        **await framed(request, desk, "types"),
        visit=shown,
        names={code: visit.names.get(code, "") for code in ("nb", "nn", "en")},
        place=f"{PLACE}/{visit.id or 'new'}",
        heading=visit.name(desk.language) if visit.id else _("Ny timetype"),
        ways=[(way, _(WAY_NAMES[way]), way in visit.ways) for way in WAYS],
        who=[(who, _(WHO_NAMES[who]), who in visit.who) for who in BOOKERS],
        fee=(entered or {}).get("fee", _kroner(visit.fee)),
        reasons="\n".join(str(one.get("text") or "") for one in visit.reasons),
        needs=[_need(n, need, plan) for n, need in enumerate(needs)],
        days=fields_of(week, _, entered),
        error=error,
    )


def _need(n: int, need: Need | None, plan: Plan) -> dict[str, Any]:
    named = {str(one["reference"]) for one in need.any} if need else set()
    groups = [
        [{"reference": one.reference, "name": one.name, "chosen": one.reference in named} for one in some]
        for some in (plan.people, plan.rooms, plan.devices)
    ]
    return {"n": n, "kind": need.kind if need else "", "groups": groups, "named": len(named)}


async def _week(desk: Desk, visit: VisitType) -> Weekly | None:
    """When such visits are held, as the register says it."""
    if not visit.id:
        return None
    return await planning.week_of(desk.door, desk.permit, f"HealthcareService/{visit.id}")


def _kroner(fee: dict[str, Any] | None) -> str:
    value = (fee or {}).get("value")
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else f"{value:.2f}".replace(".", ",")
