"""Measuring: the whole set on one page, on a PC and a phone alike, and what was measured before as graphs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import vitals
from samjournal.fhir.errors import Conflict, FhirError, Invalid
from samjournal.record import Snapshot, Want, open_chart
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.vitals.news2 import applies
from samjournal.workspace.banner import name
from samjournal.workspace.desk import Desk
from samjournal.workspace.early_warning import state
from samjournal.workspace.facts import Reader, stands, when
from samjournal.workspace.measured import ADULT
from samjournal.workspace.measuring_words import AIR, FIELDS, LETTERS, OTHER_ROLE, doubt_words, fault_words
from samjournal.workspace.page import framed
from samjournal.workspace.trends import trends
from samjournal.workspace.typed import odd
from samjournal.workspace.unsaved import not_saved

PERIODS: Final = {
    "2d": (marked("2 døgn"), timedelta(days=2)),
    "7d": (marked("7 døgn"), timedelta(days=7)),
    "30d": (marked("30 døgn"), timedelta(days=30)),
    "1y": (marked("1 år"), timedelta(days=366)),
    "all": (marked("alt"), None),
}
CLOCK: Final = "%Y-%m-%dT%H:%M:%SZ"
"""How a moment stands in an address: UTC."""
MOST: Final = 600
"""So many of each list at once; the page says when there are more."""


async def show(request: Request, desk: Desk) -> Response:
    """GET the measurements of a patient; `period` is one of PERIODS, which ends now or at the moment `until`."""
    return await page(request, desk, str(request.path_params["id"]))


async def take(request: Request, desk: Desk) -> Response:
    """POST a set."""
    patient_id = str(request.path_params["id"])
    _ = language(desk.language)
    form = await request.form(max_fields=40, max_files=0)
    texts = {field: str(form.get(field, "")).strip()[:20] for field in (*FIELDS, "at")}
    if texts["oxygen"].lower() in AIR:
        texts["oxygen"] = "0"
    sure = [str(one)[:40] for one in form.getlist("sure")]
    once = str(form.get("once", ""))[:40]
    again: dict[str, Any] = {"entered": texts, "once": once}
    last = await vitals.last_weight(desk.door, desk.permit, patient_id) if texts["weight"] else None
    found = vitals.entered(texts, last_weight=last, sure=sure)
    errors = {field: fault_words(fault, _) for field, fault in found.faults.items()}
    at = _moment(texts["at"])
    if texts["at"] and at is None:
        errors["at"] = _("Skriv dag og klokkeslett, eller la feltet stå tomt.")
    elif at is not None and at > datetime.now(UTC):
        errors["at"] = _("Tidspunktet er ikke kommet ennå.")
    elif at is not None and datetime.now(UTC) - at > timedelta(days=366):
        errors["at"] = _("Tidspunktet er mer enn et år tilbake. Skriv det heller i et notat.")
    if not found.values and not errors:
        errors["set"] = _("Ingenting er fylt ut. Fyll ut minst ett felt.")
    if errors:
        return await page(request, desk, patient_id, status=422, errors=errors, **again)
    if found.doubts:
        doubts = [(one.said, doubt_words(one, _)) for one in found.doubts]
        return await page(request, desk, patient_id, status=422, doubts=doubts, sure=sure, **again)
    if not desk.is_meant(form.get("role")):
        errors["set"] = _(OTHER_ROLE)
        return await page(request, desk, patient_id, status=409, errors=errors, **again)
    try:
        done = await vitals.record(desk.door, desk.permit, patient_id, found.values, at=at, once=once)
    except FhirError as error:
        entered = {**{field: text for field, text in texts.items() if text}, "once": once}
        return not_saved(request, desk, patient_id, error, form="measurements", entered=entered)
    count = len(done.measurements)
    return RedirectResponse(f"/workspace/patients/{patient_id}/measurements?saved={count}", status_code=303)


async def scale(request: Request, desk: Desk) -> Response:
    """POST which scale the saturation of this patient is scored by: `decision` 1 or 2, with the reason."""
    patient_id = str(request.path_params["id"])
    _ = language(desk.language)
    form = await request.form(max_fields=4, max_files=0)
    decide = vitals.use_scale_2 if form.get("decision") == "2" else vitals.use_scale_1
    said = " ".join(str(form.get("reason", "")).split())[:300]
    if (
        wrong := odd(said, _, longest=300)
        if len(said) >= 10
        else _("Skriv litt mer: hvorfor skal denne skalaen brukes?")
    ):
        errors = {"scale": wrong}
        return await page(request, desk, patient_id, status=422, errors=errors, entered={"scale": said})
    with suppress(Conflict):  # Somebody decided the same meanwhile: the page shows what holds.
        await decide(desk.door, desk.permit, patient_id, said)
    return RedirectResponse(f"/workspace/patients/{patient_id}/measurements?saved=scale", status_code=303)


async def page(
    request: Request,
    desk: Desk,
    patient_id: str,
    *,
    status: int = 200,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    doubts: list[tuple[str, str]] | None = None,
    sure: list[str] | None = None,
    once: str = "",
) -> Response:
    """The page, also with a set that was not accepted: what was entered stands in it still."""
    period = request.query_params.get("period", "")
    until = _until(request.query_params.get("until", "")) if request.method == "GET" else None
    wants = _wants(PERIODS.get(period, PERIODS["7d"])[1], until)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, wants)
    if period not in PERIODS and not snapshot.lists.get("vitals"):
        period = "all"
        snapshot = await open_chart(desk.door, desk.permit, patient_id, _wants(None, until), look=snapshot.look)
    reader = Reader(desk.role.code, language(desk.language), snapshot.at, None, desk.role.organization_id)
    measured = [
        *snapshot.lists.get("vitals", ()),
        *snapshot.lists.get("scores", ()),
        *snapshot.lists.get("glucose", ()),
    ]
    age = vitals.age(snapshot.patient, snapshot.at)
    scale_2 = any(map(vitals.is_scale_2_decision, snapshot.lists.get("flags", ())))
    return render(
        request,
        "workspace/measurements.html",
        status=status,
        **framed(desk, snapshot, reader, here="measurements"),
        period=period if period in PERIODS else "7d",
        periods=[(code, reader.language(words)) for code, (words, _span) in PERIODS.items()],
        cut=_cut(snapshot),
        until=reader.when(until.isoformat()) if until else "",
        until_of=lambda at: f"{at.astimezone(UTC):{CLOCK}}",
        newest=f"/workspace/patients/{patient_id}/measurements",
        most=MOST,
        unread=sum(1 for one in measured if stands(one) and vitals.is_unread(one)),
        trends=trends(measured, reader, adult=age is None or age >= ADULT, scale_2=scale_2),
        score=state(measured, reader, scale_2=scale_2, not_used=_not_used(snapshot, age)),
        scale_2=scale_2,
        may_decide=desk.role.code in ("doctor", "gp"),
        letters=LETTERS,
        saved=_saved(request.query_params.get("saved", ""), snapshot, reader.language),
        entered=entered or {},
        errors=errors or {},
        doubts=doubts or [],
        sure=sure or [],
        once=once or str(uuid4()),
    )


def _until(text: str) -> datetime | None:
    """The moment of an address; None for now. Raises Invalid for what is none."""
    if not text:
        return None
    try:
        return datetime.strptime(text, CLOCK).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("This page link is broken. Open the measurements anew.") from None


def _cut(snapshot: Snapshot) -> datetime | None:
    """When the oldest was measured of a list that holds no more; None where everything of the period is there."""
    full = [snapshot.lists[name] for name in ("vitals", "scores") if len(snapshot.lists.get(name, ())) >= MOST]
    dated = [[written for one in many if (written := when(one, "effectiveDateTime"))] for many in full]
    return max((formats.order(many[-1]) for many in dated if many), default=None)


def _wants(span: timedelta | None, until: datetime | None = None) -> list[Want]:
    end = (until or datetime.now(UTC)).astimezone(formats.OSLO)
    since = f"&date=ge{(end - span).date().isoformat()}" if span else ""
    since += f"&date=le{until:{CLOCK}}" if until else ""
    glucose = "code=http://loinc.org|14743-9,http://loinc.org|15074-8"
    return [
        Want("allergies", "AllergyIntolerance"),
        Want("flags", "Flag", count=60),
        Want("encounters", "Encounter", "_sort=-date", 40),
        Want("relatives", "RelatedPerson", count=10),
        Want("problems", "Condition", count=200),
        Want("vitals", "Observation", f"category=vital-signs&_sort=-date{since}", MOST),
        Want("scores", "Observation", f"category=survey&_sort=-date{since}", MOST),
        Want("glucose", "Observation", f"{glucose}&_sort=-date{since}", 200),
    ]


def _not_used(snapshot: Snapshot, age: int | None) -> str:
    pregnant = any(map(vitals.says_pregnant, snapshot.lists.get("problems", ())))
    return applies(age, pregnant=pregnant)


def _saved(saved: str, snapshot: Snapshot, _: Language) -> str:
    """What was done, and for whom: who has two patients open sees at once when it is the other one."""
    family, given = name(snapshot.patient)
    whose = f"{given} {family}".strip() or _("UTEN NAVN")
    if saved == "scale":
        return _("Skalaen er bestemt for {name}.", name=whose)
    if saved == "corrected":
        return _("Målingen er rettet for {name}.", name=whose)
    if saved == "struck":
        return _("Målingen er strøket for {name}.", name=whose)
    if saved.isascii() and saved.isdigit() and len(saved) < 3:
        if saved == "0":
            return _("Dette var lagret fra før for {name}. Ingenting er lagret to ganger.", name=whose)
        return _.count("{n} måling er lagret for {name}.", "{n} målinger er lagret for {name}.", int(saved), name=whose)
    return ""


def _moment(text: str) -> datetime | None:
    """What a field for day and clock gives: Norwegian time."""
    try:
        found = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return found.replace(tzinfo=formats.OSLO) if found is not None and found.tzinfo is None else found
