"""Allergies and critical information of a patient: what holds, what is ruled out, and whether anybody has asked."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import problems
from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import Conflict, FhirError, Invalid, VersionMoved
from samjournal.problems import ALLERGY_CERTAINTIES, SEVERITIES, AllergyStands, Coded, Reaction
from samjournal.record import Want, open_chart, read
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace import codes
from samjournal.workspace.comparing import chosen
from samjournal.workspace.counted import counted
from samjournal.workspace.days import day_of
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import said, status
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.problem_view import (
    ALLERGY_FIELDS,
    SEVERE,
    SOURCES,
    UNSURE,
    WRONG,
    allergies,
    allergy_differences,
    critical,
    flag_differences,
)
from samjournal.workspace.settling import Both, seen_of, settle
from samjournal.workspace.typed import line, odd
from samjournal.workspace.unsaved import kept
from samjournal.workspace.wants import BANNER

WANTS: Final = (
    Want("allergies", "AllergyIntolerance", count=100),
    Want("flags", "Flag", count=60),
    Want("encounters", "Encounter", "_sort=-date", 10),
    Want("relatives", "RelatedPerson", count=10),
)
FIELDS: Final = ("do", "substance", "reaction", "severity", "certainty", "since", "source", "critical")
CODED: Final = ("substance", "reaction")
"""Fields that may have a code: it is chosen, or the words are stored as they are."""
PICKS: Final = tuple(f"{field}_pick" for field in CODED)
SAVED: Final = {
    "allergy": marked("Allergien er lagret. Den står øverst i journalen hos alle som har pasienten."),
    "none": marked("Lagret: spurt, ingen kjente allergier."),
    "changed": marked("Endringen er lagret."),
    "over": marked("Allergien er tatt bort fra det som gjelder. Den står i historikken."),
    "critical": marked("Lagret. Det står øverst i journalen hos alle som har pasienten."),
    "ended": marked("Det gjelder ikke lenger, og står i historikken."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; with `substance` and `reaction` the codes that fit them, for who has no scripts."""
    entered = {name: line(request.query_params.get(name), 100)[:100] for name in (*FIELDS, *PICKS)}
    return await _page(request, desk, entered=entered)


async def take(request: Request, desk: Desk) -> Response:
    """POST: `do` is allergy, none (asked, none known) or critical."""
    form = await request.form(max_fields=12, max_files=0)
    entered = {name: line(form.get(name)) for name in (*FIELDS, *PICKS)}
    patient_id = str(request.path_params["id"])
    _ = language(desk.language)
    since = day_of(entered["since"])
    errors: dict[str, str] = {}
    if since is None:
        errors["since"] = _("Skriv datoen som 2019, 05.2019 eller 12.05.2019.")
    if entered["do"] == "allergy" and not entered["substance"]:
        errors["substance"] = _("Skriv hva pasienten ikke tåler.")
    if entered["do"] == "critical" and not entered["critical"]:
        errors["critical"] = _("Skriv hva som er kritisk.")
    for field in (*CODED, "critical"):
        if wrong := odd(entered[field], _):
            errors.setdefault(field, wrong)
    found = {field: Coded(entered[field]) for field in CODED}
    for field, pick in zip(CODED, PICKS, strict=True):
        if entered[pick] not in ("", codes.UNCODED) and field not in errors:
            coded, wrong = await codes.picked(desk, entered[field], entered[pick], _, field)
            found[field] = coded or found[field]
            errors |= {field: wrong} if wrong else {}
    if errors or since is None:
        return await _page(request, desk, entered=entered, errors=errors, status=422)
    told = {"allergy": entered["substance"], "critical": entered["critical"]}.get(
        entered["do"], _("Spurt, ingen kjente allergier")
    )
    if not desk.is_meant(form.get("role")):
        return kept(request, desk, patient_id, None, action="allergies", entered=entered, said=told)
    try:
        done = await _store(desk, patient_id, entered, since, found)
    except AllergyStands as there:
        names = ", ".join(said(one.resource().get("code"), _) or _("uten navn") for one in there.allergies)
        field = "substance" if entered["do"] == "allergy" else "none"
        errors[field] = (
            _("Den står der alt: {names}.", names=names)
            if field == "substance"
            else _("Ikke lagret: {names} står i journalen. Avkreft den først, hvis den er feil.", names=names)
        )
        return await _page(request, desk, entered=entered, errors=errors, status=409)
    except Invalid:
        errors["since"] = _("Det lot seg ikke lagre. Se over navn og dato: datoen kan ikke ligge fram i tid.")
        return await _page(request, desk, entered=entered, errors=errors, status=422)
    except (FhirError, Unavailable) as error:
        return kept(request, desk, patient_id, error, action="allergies", entered=entered, said=told)
    return RedirectResponse(f"/workspace/patients/{patient_id}/allergies?saved={done}", status_code=303)


async def _store(desk: Desk, patient_id: str, entered: dict[str, str], since: str, found: dict[str, Coded]) -> str:
    door, permit = desk.door, desk.permit
    if entered["do"] == "none":
        await problems.none_known(door, permit, patient_id)
        return "none"
    if entered["do"] == "critical":
        await problems.record_critical(door, permit, patient_id, entered["critical"])
        return "critical"
    severity, shown = entered["severity"] if entered["severity"] in SEVERITIES else "", found["reaction"]
    await problems.record_allergy(
        door,
        permit,
        patient_id,
        found["substance"],
        Reaction(shown.text, severity, since, shown.code, shown.system),
        certainty=entered["certainty"] if entered["certainty"] in ALLERGY_CERTAINTIES else "unconfirmed",
        source=entered["source"] if entered["source"] in SOURCES else "self",
    )
    return "allergy"


async def end(request: Request, desk: Desk) -> Response:
    """POST: what is known of an allergy by now (`do` is change, with `reaction`, `severity`, `certainty`), that it was
    ruled out (refuted) or never was (wrong), or that critical information holds no longer (ended)."""
    form = chosen(await request.form(max_fields=20, max_files=0))
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["allergy"])
    _, version = language(desk.language), counted(form.get("version"))
    if not desk.is_meant(form.get("role")):
        return await _page(
            request, desk, problem=_("Du har byttet rolle. Se over, og gjør det en gang til."), status=409
        )
    try:
        done = await _end(desk, patient_id, id_, form, version)
    except Invalid:
        told = _("Velg hvor alvorlig det var og hvor sikkert det er, fra listene.")
        return await _page(request, desk, problem=told, status=422)
    except VersionMoved:
        return await _both(request, desk, form, version)
    except Conflict:
        told = _("Det lot seg ikke gjøre: det er alt gjort, eller listen er endret. Se på den igjen.")
        return await _page(request, desk, problem=told, status=409)
    return RedirectResponse(f"/workspace/patients/{patient_id}/allergies?saved={done}", status_code=303)


async def _end(desk: Desk, patient_id: str, id_: str, form: FormData, version: int) -> str:
    door, permit, do = desk.door, desk.permit, form.get("do")
    if do == "ended":
        if form.get("state", "inactive") == "active":
            return ""  # It was chosen that it holds still.
        await problems.end_critical(door, permit, patient_id, id_, version=version)
        return "ended"
    if do == "change":
        said_now = {name: " ".join(str(form.get(name, "")).split())[:100] for name in ALLERGY_FIELDS}
        reaction = Reaction(said_now["reaction"], said_now["severity"])
        await problems.change_allergy(
            door, permit, patient_id, id_, reaction, certainty=said_now["certainty"], version=version
        )
        return "over" if said_now["certainty"] in ("refuted", WRONG) else "changed"
    await problems.rule_out(door, permit, patient_id, id_, version=version, by_mistake=do == "wrong")
    return "over"


async def _both(request: Request, desk: Desk, form: FormData, version: int) -> Response:
    """The page with what was wanted of an allergy, or of critical information, beside what stands by now."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["allergy"])
    is_flag = form.get("do") == "ended"
    type_ = "Flag" if is_flag else "AllergyIntolerance"
    stands = await read(desk.door, desk.permit, type_, id_)
    seen = await seen_of(desk, stands, version)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    there, _ = stands.resource(), language(desk.language)
    both = Both(
        name=said(there.get("code"), _) or _("uten navn"),
        stands=stands,
        fields=flag_differences(seen, there, _) if is_flag else allergy_differences(seen, there, form, _),
        action=f"/workspace/patients/{patient_id}/allergies/{quote(id_)}",
        hidden={"do": "ended" if is_flag else "change"},
        back=f"/workspace/patients/{patient_id}/allergies",
        closed=there.get("status") == "inactive" if is_flag else status(there, "verificationStatus") == WRONG,
    )
    return await settle(request, desk, both, snapshot, here="allergies")


async def _page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    patient_id = str(request.path_params["id"])
    entered = entered or dict.fromkeys((*FIELDS, *PICKS), "")
    snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS)
    reader = reader_of(desk, snapshot)
    holding, over = allergies(snapshot.lists.get("allergies", ()), reader)
    return render(
        request,
        "workspace/allergies.html",
        status=status,
        **framed(desk, snapshot, reader, here="allergies"),
        holding=holding,
        over=over,
        critical=critical(snapshot.lists.get("flags", ()), reader),
        entered=entered,
        choices={field: await codes.choices(desk, entered[field], field) for field in CODED},
        errors=errors or {},
        problem=problem,
        severe=SEVERE,
        unsure={name: UNSURE[name] for name in ALLERGY_CERTAINTIES},
        sources=SOURCES,
        saved=SAVED.get(request.query_params.get("saved", ""), ""),
    )
