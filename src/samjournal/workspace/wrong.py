"""«Feil pasient»: choose what was written in the wrong record, find whom it is about, confirm both names, done."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import patients
from samjournal.fhir.errors import Conflict, FhirError, Invalid, NotFound, PreconditionFailed, ReasonNeeded
from samjournal.patients import Move
from samjournal.record import Snapshot, Want, open_chart
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace import reason
from samjournal.workspace.banner import whose
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import author, said, stands

KINDS: Final = {
    "Composition": marked("notat"),
    "Observation": marked("måling eller svar"),
    "Condition": marked("diagnose"),
    "AllergyIntolerance": marked("allergi"),
    "MedicationRequest": marked("legemiddel"),
    "MedicationStatement": marked("legemiddel i bruk"),
    "DiagnosticReport": marked("prøvesvar"),
    "DocumentReference": marked("dokument"),
    "Procedure": marked("inngrep"),
    "Immunization": marked("vaksine"),
    "CarePlan": marked("plan"),
    "Goal": marked("mål"),
    "Flag": marked("varsel"),
    "ServiceRequest": marked("henvisning"),
}
SHOWN: Final = 60
LONGEST: Final = 400


async def show(request: Request, desk: Desk) -> Response:
    """GET: without `what` the list of what may be moved, with it a search (`q`) for the right person, with `to` the
    page that asks to confirm; `moved` says what was done."""
    asked = {key: request.query_params.get(key, "")[:100] for key in ("what", "to", "q", "moved")}
    return await _page(request, desk, asked)


async def take(request: Request, desk: Desk) -> Response:
    """POST: it was written in the wrong record."""
    form = await request.form(max_fields=4, max_files=0)
    asked = {key: str(form.get(key, ""))[:100] for key in ("what", "to")}
    words = " ".join(str(form.get("reason", "")).split())[:LONGEST]
    _ = language(desk.language)
    try:
        moved = await patients.move(desk.door, desk.permit, asked["what"], asked["to"], words)
    except Invalid:
        return await _page(
            request, desk, asked, error=_("Skriv grunnen i en setning. Pasienten kan lese den."), words=words
        )
    except (Conflict, PreconditionFailed):
        told = _("Det ble ikke flyttet: noen andre har endret det, eller det er alt flyttet. Se på det igjen.")
        return await _page(request, desk, {**asked, "to": ""}, error=told)
    back = f"/workspace/patients/{request.path_params['id']}/wrong?moved={moved.type}&to={asked['to']}"
    return RedirectResponse(back, status_code=303)


async def _page(request: Request, desk: Desk, asked: dict[str, str], *, error: str = "", words: str = "") -> Response:
    _ = language(desk.language)
    patient_id = str(request.path_params["id"])
    types = [type_ for type_ in KINDS if desk.permit.may("u", type_)]
    if not desk.permit.signs:
        types = [type_ for type_ in types if type_ != "Composition"]
    wants = [Want(type_, type_, "_sort=-_lastUpdated", SHOWN) for type_ in types]
    snapshot = await open_chart(desk.door, desk.permit, patient_id, wants)
    chosen = _chosen(snapshot, asked.get("what", ""))
    plan: Move | None = None
    if chosen and asked.get("to"):
        try:
            plan = await patients.consider(desk.door, desk.permit, asked["what"], asked["to"])
        except ReasonNeeded:
            return await reason.ask(request, desk, asked["to"])
        except (Conflict, NotFound) as problem:
            error = error or (_unsigned(_) if chosen.get("status") == "preliminary" else _refused(problem, _))
    text = " ".join(asked.get("q", "").split())
    found = await patients.find(desk.door, desk.permit, text) if chosen and text and plan is None else []
    return render(
        request,
        "workspace/wrong.html",
        status=422 if error else 200,
        desk=desk,
        patient_id=patient_id,
        whose=whose(snapshot.patient, _),
        kept_back=snapshot.kept_back,
        rows=[] if chosen else _rows(snapshot, _),
        what=_row(chosen, _) if chosen else None,
        query=text,
        found=[each for each in found if desk.door.persons.stays(each.id) != snapshot.patient["id"]],
        plan=_told(plan, _) if plan else None,
        moved=_(KINDS[asked["moved"]]) if asked.get("moved") in KINDS else "",
        to=asked.get("to", ""),
        error=error,
        words=words,
    )


def _refused(problem: FhirError, _: Language) -> str:
    if isinstance(problem, NotFound):
        return _("Det finnes ingen slik pasient.")
    return _("Velg en annen: dette er samme pasient, eller det er alt merket som feil.")


def _unsigned(_: Language) -> str:
    return _("Det er ikke signert ennå. Merk det som feilført, og skriv det i den rette journalen.")


def _rows(snapshot: Snapshot, _: Language) -> list[dict[str, str]]:
    found = [each for some in snapshot.lists.values() for each in some if stands(each)]
    found = [each for each in found if each.get("lifecycleStatus") != "entered-in-error"]
    latest = sorted(found, key=lambda each: str(each["meta"]["lastUpdated"]), reverse=True)[:SHOWN]
    return [_row(each, _) for each in latest]


def _chosen(snapshot: Snapshot, what: str) -> dict[str, Any] | None:
    all_ = (each for some in snapshot.lists.values() for each in some)
    return next((each for each in all_ if f"{each['resourceType']}/{each['id']}" == what), None)


def _row(resource: dict[str, Any], _: Language) -> dict[str, str]:
    """One thing in words: what it is, what it says in short, when it was written and by whom."""
    concepts = ("code", "type", "medicationCodeableConcept", "vaccineCode", "description")
    coded = (resource.get(element) for element in concepts)
    short = resource.get("title") or next((said(one, _) for one in coded if isinstance(one, dict)), "")
    value = resource.get("valueQuantity", {})
    if "value" in value:
        short = f"{short} {formats.number(value['value'], language=_)} {value.get('unit', '')}".strip()
    return {
        "what": f"{resource['resourceType']}/{resource['id']}",
        "kind": _(KINDS[resource["resourceType"]]),
        "short": str(short),
        "at": formats.when(resource["meta"]["lastUpdated"], now=datetime.now(formats.OSLO), language=_),
        "by": author(resource),
    }


def _told(plan: Move, _: Language) -> dict[str, Any]:
    return {
        "from": whose(plan.patient.resource(), _),
        "to": whose(plan.to.resource(), _),
        "left_out": plan.left_out,
        "referrers": plan.referrers,
        "readers": [f"{one.name}, {one.unit}" if one.unit else one.name for one in plan.readers],
    }


async def corrections(request: Request, desk: Desk) -> Response:
    """GET what the reader's units have to follow up: who saw what was written in the wrong record."""
    _ = language(desk.language)
    now = datetime.now(formats.OSLO)
    rows = [
        {
            "id": each.id,
            "kind": _(KINDS.get(each.wrong.partition("/")[0], marked("noe i journalen"))),
            "wrong": each.wrong,
            "reason": each.reason,
            "by": each.by,
            "at": formats.when(each.at, now=now, language=_),
            "due": formats.when(each.due, now=now, language=_),
            "is_late": each.due < now,
            "readers": each.readers,
        }
        for each in await patients.follow_ups(desk.door, desk.permit)
    ]
    done = request.query_params.get("done", "")
    return render(request, "workspace/corrections.html", desk=desk, rows=rows, done=done)


async def followed_up(request: Request, desk: Desk) -> Response:
    """POST: everybody was told."""
    form = await request.form(max_fields=2, max_files=0)
    try:
        await patients.followed_up(desk.door, desk.permit, str(form.get("id", ""))[:64])
    except (Conflict, NotFound, PreconditionFailed):
        return RedirectResponse("/workspace/corrections?done=no", status_code=303)
    return RedirectResponse("/workspace/corrections?done=yes", status_code=303)
