"""The portal's addresses: each opens the citizen's own record through the door and shows one page of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal.accounts import app_names
from samjournal.audit import Seen
from samjournal.fhir.errors import NotFound
from samjournal.portal import (
    accessibility,
    acting,
    appointments,
    apps,
    blocks,
    booking,
    changing,
    demands,
    documents,
    downloading,
    explained,
    feedback,
    home,
    installing,
    log,
    look_questions,
    medicines,
    message_pages,
    notes,
    notices,
    overview,
    papers,
    referrals,
    renewals,
    representing,
    results,
    trend,
    vaccines,
    visits,
    waiting,
)
from samjournal.portal.visit_names import in_words_of
from samjournal.portal.visiting import LOG_PAGE, last_visit, visit
from samjournal.portal.wants import (
    APPOINTMENTS,
    HOME_CARE,
    LABS,
    MEDICINES,
    MESSAGES,
    NOTES,
    OWN_REFERRALS,
    RECORD,
    REFERRALS,
    REPORTS,
    REQUESTS,
    SENDINGS,
    STAYS,
    VITALS,
)
from samjournal.record import Snapshot, act_for, agree_to_login, block, own_blocks, read, unblock, withdraw
from samjournal.referrals import own
from samjournal.ui.attachments import opened
from samjournal.ui.formats import OSLO, moment
from samjournal.ui.language import Language


async def result_list(request: Request) -> Response:
    """GET /portal/results: every test and measurement, the newest of each."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(LABS, VITALS)
    looks = await here.looks()
    return here.page("results.html", snapshot, tab="record", **results_view(snapshot, looks, here.say))


def results_view(snapshot: Snapshot, looks: Sequence[Seen], _: Language) -> dict[str, Any]:
    """What the page of results shows."""
    since = last_visit(snapshot, log.entries(looks, _))
    tests = {name: results.grouped(snapshot.lists[name], _, last_visit=since) for name in ("labs", "vitals")}
    return {**tests, "rules": explained.rules(_)}


async def one_result(request: Request) -> Response:
    """GET /portal/results/{code}: one test, its verdict, its curve and all earlier results."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(LABS, VITALS, REPORTS, MEDICINES, REQUESTS, APPOINTMENTS, MESSAGES)
    shown = result_view(snapshot, str(request.path_params["code"]), here.say)
    return here.page("result.html", snapshot, tab="record", **shown)


def result_view(snapshot: Snapshot, code: str, _: Language) -> dict[str, Any]:
    """What the page of one test shows. Raises NotFound for a test that was never taken."""
    both = [*snapshot.lists["labs"], *snapshot.lists["vitals"]]
    found = next((test for test in results.grouped(both, _) if test.latest.code == code), None)
    if found is None:
        raise NotFound("There is no such result.")
    resource = next(one for one in both if one.get("id") == found.latest.id)
    lists = snapshot.lists
    return {
        "tested": found,
        "result": found.latest,
        "explanations": explained.explanations(resource, lists["reports"], lists["messages"], _),
        "decided": explained.decided(resource, lists["reports"], lists, _),
        "trend": results.curve(found),
        "narrow": results.curve(found, width=trend.NARROW),
    }


async def medicine_list(request: Request) -> Response:
    """GET /portal/medicines."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(MEDICINES, MESSAGES)
    return here.page(
        "medicines.html",
        snapshot,
        tab="record",
        medicines=medicines.view(snapshot.lists["medicines"], here.say),
        renews=request.state.permit.sends,
        waiting=await renewals.waiting(here, snapshot.lists["messages"], snapshot.at),
    )


async def note_list(request: Request) -> Response:
    """GET /portal/notes."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(HOME_CARE, NOTES, SENDINGS, STAYS)
    # Who reads for somebody without deciding for him reads the notes, and not whom they are blocked for.
    permit = request.state.permit
    standing = await own_blocks(request.app.state.door, permit) if permit.decides else []
    files = await documents.files_of(request.app.state.door, permit, snapshot.lists["notes"], here.say)
    return here.page(
        "notes.html",
        snapshot,
        tab="record",
        notes=notes.view(snapshot.lists["notes"], here.say, snapshot.lists["sendings"], files),
        blocked_for=blocks.of_documents(standing, here.say),
        choices=blocks.choices(snapshot, ()),
    )


async def appointment_list(request: Request) -> Response:
    """GET /portal/appointments: ahead, waiting for, behind."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(APPOINTMENTS, REFERRALS, STAYS)
    door, permit = request.app.state.door, request.state.permit
    found = appointments.view(
        await in_words_of(door, permit, snapshot.lists["appointments"], here.say),
        snapshot.lists["referrals"],
        here.say,
        now=snapshot.at.astimezone(OSLO),
    )
    came = visits.of_appointments(snapshot.lists["stays"])
    return here.page("appointments.html", snapshot, tab="appointments", found=found, visits=came)


async def referral_list(request: Request) -> Response:
    """GET /portal/referrals: own referrals, and where each stands."""
    return await _referrals(request, "")


async def one_referral(request: Request) -> Response:
    """GET /portal/referrals/{id}: who has it until when, and what comes next."""
    return await _referrals(request, str(request.path_params["id"]))


async def _referrals(request: Request, id_: str) -> Response:
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(OWN_REFERRALS, MESSAGES)
    asked = [one for one in snapshot.lists["own-referrals"] if not id_ or one["id"] == id_]
    stand = await own(request.app.state.door, request.state.permit, asked)
    files = await documents.files_of(request.app.state.door, request.state.permit, asked if id_ else (), here.say)
    found = referrals.view(stand, snapshot.lists["messages"], here.say, now=snapshot.at.astimezone(OSLO))
    if id_ and not found:
        raise NotFound("There is no such referral.")
    return here.page(
        "referrals.html",
        snapshot,
        tab="appointments",
        found=found,
        one=found[0] if id_ else None,
        files=files.get(id_, []),
    )


async def one_file(request: Request) -> Response:
    """GET /portal/documents/{document}/{n}: a file that came with a note or a referral that the citizen reads."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    id_ = str(request.path_params["document"])
    snapshot = await here.open(NOTES, OWN_REFERRALS)
    listed = (*notes.standing(snapshot.lists["notes"]), *snapshot.lists["own-referrals"])
    if not any(id_ in documents.named_by(one) for one in listed):
        raise NotFound("There is no such document.")
    found = await read(request.app.state.door, request.state.permit, "DocumentReference", id_)
    return opened(request, found.resource(), int(request.path_params["n"]))


async def record(request: Request) -> Response:
    """GET /portal/record: the record in short."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*RECORD)
    return here.page(
        "record.html",
        snapshot,
        tab="record",
        **record_view(snapshot, here.say, acts=bool(request.state.permit.represents)),
    )


def record_view(snapshot: Snapshot, _: Language, *, acts: bool = False) -> dict[str, Any]:
    """What the page of the record in short shows."""
    lists = snapshot.lists
    now, over = overview.illnesses(lists["conditions"], _)
    return {
        "warnings": overview.warnings(lists["warnings"]),
        "allergies": overview.allergies(lists["allergies"], _),
        "illnesses": now,
        "earlier": over,
        "vaccines": overview.vaccines(lists["vaccines"], _),
        "plans": overview.plans(lists["care-plans"], _),
        "goals": overview.goals(lists["goals"]),
        "contacts": overview.contacts(lists["stays"], _),
        "relatives": overview.relatives(lists["relatives"], _),
        "helpers": overview.helpers(snapshot.patient, lists, _, acts=acts),
    }


async def look_list(request: Request) -> Response:
    """GET /portal/log: who has read the record, when and why."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    if not request.state.permit.reads_log:
        raise NotFound("The log is not for who acts at this level.")
    before = moment(request.query_params.get("before"))
    before = before if isinstance(before, datetime) else None
    snapshot = await here.open()
    looks = await here.looks(before=before)
    names = await app_names(request.app.state.door.pool, {one.app for one in looks if one.app})
    shown = log_view(looks, here.say, apps=names, show=request.query_params.get("show", ""))
    asks = request.state.permit.sends
    return here.page("log.html", snapshot, tab="record", paged=before is not None, asks=asks, **shown)


def log_view(
    looks: Sequence[Seen], _: Language, *, show: str = "", apps: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """What the page of looks shows: one part of them, day by day, and how many each part has. `apps` are names."""
    found = log.entries(looks, _, apps)
    places = log.places(found)
    show = show if show in (*log.PARTS, *(log.PLACE + name for name, _number in places)) else log.OTHERS
    return {
        "places": [(log.PLACE + name, name, number) for name, number in places],
        "show": show,
        "days": log.by_day(log.chosen(found, show)),
        "counts": {part: len(log.chosen(found, part)) for part in log.PARTS},
        "older": found[-1].at.isoformat() if len(looks) >= LOG_PAGE else None,
    }


async def block_list(request: Request) -> Response:
    """GET /portal/blocks: whom the record is blocked for, and whom it can be blocked for."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(HOME_CARE, NOTES, SENDINGS, STAYS)
    standing = await own_blocks(request.app.state.door, request.state.permit)
    shown = [
        {
            "id": one.id,
            "name": blocks.named(one, here.say),
            "since": one.since,
            "holds": one.is_enforced,
            "of": one.what if one.is_part else "",
            "is_part": one.is_part,
        }
        for one in standing
    ]
    return here.page(
        "blocks.html",
        snapshot,
        tab="record",
        standing=shown,
        choices=blocks.choices(snapshot, standing),
        done=request.query_params.get("done") or "",
    )


async def add_block(request: Request) -> Response:
    """POST: keep somebody of those in the record out, or everybody; of one note, where one is named."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=2, max_files=0)
    whom, note = str(form.get("whom", "")), str(form.get("note", ""))
    snapshot = await here.open(HOME_CARE, NOTES, SENDINGS, STAYS)
    chosen = next((one for one in blocks.choices(snapshot, ()) if one.whom == whom), None)
    if chosen is None and whom != blocks.EVERYBODY:
        return RedirectResponse("/portal/blocks?done=nobody", status_code=303)
    await block(
        request.app.state.door,
        request.state.permit,
        chosen.whom if chosen else None,
        name=chosen.name if chosen else "",
        document=("Composition", note) if note else None,
    )
    return RedirectResponse("/portal/blocks?done=blocked", status_code=303)


async def remove_block(request: Request) -> Response:
    """POST: let somebody in again."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=2, max_files=0)
    await unblock(request.app.state.door, request.state.permit, str(form.get("id", "")))
    return RedirectResponse("/portal/blocks?done=opened", status_code=303)


async def represent(request: Request) -> Response:
    """GET /portal/representation: for whom one may act, and who may act for oneself."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open()
    shown = await representing.view(request.app.state.door, request.state.permit, here.say)
    said = {"done": request.query_params.get("done") or "", "wrong": "", "entered": {}}
    return here.page("representation.html", snapshot, tab="record", **shown, **said)


async def start_acting(request: Request) -> Response:
    """POST: act for somebody from now on; without an id for oneself again."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=2, max_files=0)
    session, request_id = request.state.session, request.state.permit.request
    await act_for(request.app.state.door, session, str(form.get("id", "")) or None, request=request_id)
    return RedirectResponse("/portal", status_code=303)


async def give_power(request: Request) -> Response:
    """POST: let somebody act for oneself. What is wrong is said on the page, with what was written."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=40, max_files=0)
    wrong = await representing.given(request.app.state.door, request.state.permit, form)
    if wrong is None:
        return RedirectResponse("/portal/representation?done=given", status_code=303)
    snapshot = await here.open()
    shown = await representing.view(request.app.state.door, request.state.permit, here.say)
    said = {"done": "", "wrong": here.say(wrong), "entered": representing.entered(form), "status": 422}
    return here.page("representation.html", snapshot, tab="record", **shown, **said)


async def agree_login(request: Request) -> Response:
    """POST: a parent who acts for a child agrees that it signs in by itself."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    await agree_to_login(request.app.state.door, request.state.permit)
    return RedirectResponse("/portal/representation?done=agreed", status_code=303)


async def end_power(request: Request) -> Response:
    """POST: take back what one gave, or give up what one holds."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=2, max_files=0)
    await withdraw(request.app.state.door, request.state.permit, str(form.get("source", "")))
    return RedirectResponse("/portal/representation?done=withdrawn", status_code=303)


def routes() -> list[BaseRoute]:
    """The portal's pages."""
    return [
        *home.routes(),
        *acting.routes(),
        *installing.routes(),
        *downloading.routes(),
        *booking.routes(),
        *changing.routes(),
        *waiting.routes(),
        *feedback.routes(),
        *accessibility.routes(),
        *notices.routes(),
        *papers.routes(),
        *vaccines.routes(),
        *visits.routes(),
        Route("/portal/results", result_list),
        Route("/portal/results/{code}", one_result),
        Route("/portal/medicines", medicine_list),
        Route("/portal/notes", note_list),
        *message_pages.routes(),
        *renewals.routes(),
        *look_questions.routes(),
        *demands.routes(),
        Route("/portal/appointments", appointment_list),
        Route("/portal/referrals", referral_list),
        Route("/portal/referrals/{id}", one_referral),
        Route("/portal/documents/{document}/{n:int}", one_file),
        Route("/portal/record", record),
        Route("/portal/log", look_list),
        Route("/portal/apps", apps.app_list, methods=["GET"]),
        Route("/portal/apps/end", apps.end_app, methods=["POST"]),
        Route("/portal/blocks", block_list, methods=["GET"]),
        Route("/portal/blocks", add_block, methods=["POST"]),
        Route("/portal/blocks/remove", remove_block, methods=["POST"]),
        Route("/portal/representation", represent, methods=["GET"]),
        Route("/portal/representation", give_power, methods=["POST"]),
        Route("/portal/representation/login", agree_login, methods=["POST"]),
        Route("/portal/representation/act", start_acting, methods=["POST"]),
        Route("/portal/representation/withdraw", end_power, methods=["POST"]),
    ]
