"""One measurement that is wrong: another value in its place, or struck; with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import vitals
from samjournal.fhir.errors import Conflict, NotFound, VersionMoved
from samjournal.record import author_of, open_chart, read
from samjournal.ui import formats
from samjournal.ui.language import CODES, language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader, id_of
from samjournal.workspace.measuring_words import AIR, FIELDS, LETTERS, OTHER_ROLE, doubt_words, fault_words
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.trends import source, value_in_words
from samjournal.workspace.typed import odd
from samjournal.workspace.wants import BANNER


async def show(request: Request, desk: Desk) -> Response:
    """GET a measurement, to correct or strike it."""
    return await _page(request, desk)


async def take(request: Request, desk: Desk) -> Response:
    """POST `decision` (correct, strike) with a `reason`, and the right value by field."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["measurement"])
    _ = language(desk.language)
    form = await request.form(max_fields=12, max_files=0)
    measurement = await _measurement(desk, patient_id, id_)
    texts = {field: str(form.get(field, "")).strip()[:12] for field in vitals.values_of(measurement)}
    if texts.get("oxygen", "").lower() in AIR:
        texts["oxygen"] = "0"
    said = " ".join(str(form.get("reason", "")).split())[:300]
    kept: dict[str, Any] = {"entered": {**texts, "reason": said}}
    wrong = odd(said, _, longest=300) if len(said) >= 3 else _("Skriv kort hva som var galt.")
    errors = {"reason": wrong} if wrong else {}
    strikes = form.get("decision") == "strike"
    found = vitals.entered(texts, sure=[str(one) for one in form.getlist("sure")])
    if not strikes:
        errors |= {field: fault_words(fault, _) for field, fault in found.faults.items()}
        missing = [field for field, text in texts.items() if not text and field not in errors]
        errors |= dict.fromkeys(missing, _("Skriv den riktige verdien."))
    if errors:
        return await _page(request, desk, status=422, errors=errors, **kept)
    if not strikes and found.doubts:
        doubts = [(one.said, doubt_words(one, _)) for one in found.doubts]
        return await _page(request, desk, status=422, doubts=doubts, **kept)
    if not desk.is_meant(form.get("role")):
        errors["reason"] = _(OTHER_ROLE)
        return await _page(request, desk, status=409, errors=errors, **kept)
    version = counted(form.get("version"))
    try:
        if strikes:
            await vitals.strike(desk.door, desk.permit, id_, said, version=version)
        else:
            was = value_in_words(measurement, Reader(desk.role.code, language(CODES[0]), datetime.now(UTC)))
            await vitals.correct(desk.door, desk.permit, id_, found.values, said, was=was, version=version)
    except (VersionMoved, Conflict):
        # What stands by now, and why, is above the form; what was typed stands in it.
        stands = await read(desk.door, desk.permit, "Observation", id_)
        when, by = (
            formats.when(stands.at, now=datetime.now(UTC), language=_),
            await author_of(desk.door, desk.permit, stands),
        )
        errors["moved"] = (
            _("{name} endret målingen {when}, etter at du åpnet siden. Ingenting er overskrevet.", name=by, when=when)
            if by
            else _("Målingen ble endret {when}, etter at du åpnet siden. Ingenting er overskrevet.", when=when)
        )
        return await _page(request, desk, status=409, errors=errors, **kept)
    done = "struck" if strikes else "corrected"
    return RedirectResponse(f"/workspace/patients/{patient_id}/measurements?saved={done}", status_code=303)


async def _measurement(desk: Desk, patient_id: str, id_: str) -> dict[str, Any]:
    """A measurement of this patient. Raises NotFound for anything else."""
    found = (await read(desk.door, desk.permit, "Observation", id_)).resource()
    here = desk.door.persons.ids(patient_id)
    if id_of(found.get("subject"), "Patient") not in here or not vitals.values_of(found) or vitals.is_score(found):
        raise NotFound("There is no such measurement of this patient.")
    return found


async def _page(
    request: Request,
    desk: Desk,
    *,
    status: int = 200,
    entered: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    doubts: list[tuple[str, str]] | None = None,
) -> Response:
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["measurement"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER, action="search")
    measurement = await _measurement(desk, patient_id, id_)
    reader = reader_of(desk, snapshot)
    return render(
        request,
        "workspace/measurement.html",
        status=status,
        **framed(desk, snapshot, reader, here="measurements"),
        fields=[(field, FIELDS[field]) for field in vitals.values_of(measurement)],
        letters=LETTERS,
        version=str((measurement.get("meta") or {}).get("versionId", "")),
        value=value_in_words(measurement, reader),
        when=reader.when(str(measurement.get("effectiveDateTime", ""))),
        source=source(measurement, reader),
        struck=measurement.get("status") == "entered-in-error",
        notes=[str(one.get("text")) for one in measurement.get("note") or () if one.get("text")],
        entered=entered or {},
        errors=errors or {},
        doubts=doubts or [],
    )
