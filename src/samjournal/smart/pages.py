"""The page on which a person lets an app in: who asks, for what, of whom, and how long. SMART App Launch

An app that staff open from a patient's page has its context from there, and nothing is asked. An app that comes from
elsewhere is let in by a form: staff choose the patient, citizens may tick off what the app shall not see. Until then
nothing leaves. The one thing that the app is sent is a code.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal.access import Permit, decide
from samjournal.access.scope_words import line
from samjournal.access.scopes import Scopes
from samjournal.accounts import Granted, Session, grants
from samjournal.audit import Look, write
from samjournal.fhir.errors import FhirError, Forbidden, NotFound, ReasonNeeded, TooMany
from samjournal.fhir.keys import patient_key
from samjournal.record import explain, find_cards, read
from samjournal.smart.asked import Asked, Astray, Declined, asked, with_
from samjournal.smart.errors import Refused
from samjournal.smart.forms import once
from samjournal.ui.language import language
from samjournal.ui.pages import language_of, render
from samjournal.ui.security import CONTENT_POLICY

SESSION_SECONDS = 12 * 3600.0
DAYS = (1, 30, 90, 365)
"""How long a citizen may let an app go on when nobody is there."""


async def authorize(request: Request) -> Response:
    """GET, POST /oauth/authorize: asks the person, or answers the app. The form of the page comes with its address."""
    base = request.app.state.settings.called(request.url.scheme, request.headers.get("host", ""))
    if base is None:
        return _astray(request, "address")
    issuer = f"{base}/fhir"
    session: Session | None = getattr(request.state, "session", None)
    try:
        query = once(request.url.query)
        one = await asked(request.app.state.pool, query, issuer)
        if session is None:
            return RedirectResponse(f"/signin?next={quote(_here(request))}", status_code=303)
        return await _let_in(request, one, session, issuer)
    except (Astray, Refused) as error:
        return _astray(request, str(error))
    except Declined as no:
        return _sent(no.address(issuer))


async def _let_in(request: Request, one: Asked, session: Session, issuer: str) -> Response:
    permit: Permit | None = request.state.permit
    if permit is None:
        return RedirectResponse(f"/workspace/role?next={quote(_here(request))}", status_code=303)
    if not one.app.is_for(session.kind, permit.role):
        raise Declined(one, "access_denied", "This app is not for whoever is signed in.")
    if one.launch is not None:
        found = await grants.launched(request.app.state.pool, one.app.client_id, session.id, one.launch)
        if found is None:
            raise Declined(one, "invalid_request", "The launch is not known, has run out, or is of another session.")
        return await _given(request, one, session, permit, issuer, one.resources, found)
    form = dict(await request.form(max_fields=200, max_files=0)) if request.method == "POST" else {}
    if form.get("decision") == "no":
        await _log(request, one, session, permit, "refuse-app", None)
        raise Declined(one, "access_denied", "The person did not let the app in.")
    if form.get("decision") == "yes":
        return await _decided(request, one, session, permit, issuer)
    return await _page(request, one, session, permit)


async def _decided(request: Request, one: Asked, session: Session, permit: Permit, issuer: str) -> Response:
    form = await request.form(max_fields=200, max_files=0)
    ticked = {str(word) for word in form.getlist("scope")}
    resources = Scopes(tuple(each for each in one.resources.grants if each.word in ticked))
    if one.resources.grants and not resources.grants:
        return await _page(request, one, session, permit, missing="scope")
    patient = permit.patient if session.kind == "citizen" else str(form.get("patient", "")) or None
    if session.kind == "staff" and one.wants_patient:
        if patient is None:
            return await _page(request, one, session, permit, missing="patient")
        if not await _is_open(request, permit, patient):
            return await _page(request, one, session, permit, missing="reason", chosen=patient)
    days = str(form.get("days", ""))
    seconds = float(days) * 86400 if days.isdigit() and int(days) in DAYS else DAYS[2] * 86400.0
    context = (patient, None) if one.wants_patient or session.kind == "citizen" else (None, None)
    return await _given(request, one, session, permit, issuer, resources, context, seconds=seconds)


async def _is_open(request: Request, permit: Permit, patient_id: str) -> bool:
    """Whether a chart is open to somebody of staff now; of a closed one the chart itself asks for the reason."""
    try:
        return bool((await explain(request.app.state.door, permit, patient_id)).opens)
    except FhirError:
        return False


async def _given(
    request: Request,
    one: Asked,
    session: Session,
    permit: Permit,
    issuer: str,
    resources: Scopes,
    context: tuple[str | None, str | None],
    *,
    seconds: float = SESSION_SECONDS,
) -> Response:
    """Keep what was let, log it, and send the app its code."""
    assert session.role is not None
    stays = one.stays and session.kind == "citizen"
    kept = sorted(one.context - (set() if stays else {"offline_access"}))
    made = Granted(
        one.app.client_id, session.login, session.role.practitioner_role_id, " ".join([resources.words, *kept]).strip(),
        one.redirect, one.challenge, session.acts_for, None if stays else session.id, *context, one.nonce,
    )  # fmt: skip
    async with request.app.state.pool.transaction() as db:
        code = await grants.grant(db, made, seconds=seconds if stays else SESSION_SECONDS)
        keys = [patient_key(context[0])] if context[0] else []
        why = (await decide(db, permit, keys)).get(keys[0], "") if keys else ""
        await write(db, [_look(one, permit, "allow-app", context[0], why)])
    return _sent(with_(one.redirect, {"code": code, "state": one.state, "iss": issuer}))


async def _log(
    request: Request, one: Asked, session: Session, permit: Permit, action: str, patient_id: str | None
) -> None:
    patient = patient_id or (permit.patient if session.kind == "citizen" else None)
    async with request.app.state.pool.transaction() as db:
        await write(db, [_look(one, permit, action, patient, permit.bond if patient else "")])


def _look(one: Asked, permit: Permit, action: str, patient_id: str | None, why: str) -> Look:
    return Look(
        permit.request, permit.actor, permit.name, permit.role, permit.unit, action, why,
        patient=patient_key(patient_id) if patient_id else None,
        organization_id=permit.organization, agent=permit.agent, app=one.app.client_id,
    )  # fmt: skip


async def _page(
    request: Request, one: Asked, session: Session, permit: Permit, *, missing: str = "", chosen: str = ""
) -> Response:
    """Who asks, for what, of whom, and how long."""
    _ = language(language_of(request))
    form = await request.form(max_fields=200, max_files=0) if request.method == "POST" else None
    find = str(form.get("find", "")) if form else ""
    ticked = {str(word) for word in form.getlist("scope")} if form and "scope" in form else None
    is_staff = session.kind == "staff"
    cards: list[Any] = []
    finds = is_staff and one.wants_patient
    too_many = False
    if finds and find.strip():
        try:
            cards = await find_cards(request.app.state.door, permit, find)
        except (Forbidden, TooMany):
            too_many = True
    lines = [line(each, _.code) for each in one.resources.grants]
    # A browser follows the answer to a form only where the page said that it may lead.
    redirect = urlsplit(one.redirect)
    target = f"{redirect.scheme}://{redirect.netloc}" if redirect.netloc else f"{redirect.scheme}:"
    policy = CONTENT_POLICY.replace("form-action 'self'", f"form-action 'self' {target}")
    return render(
        request,
        "smart/allow.html",
        status=422 if missing else 200,
        headers={"content-security-policy": policy},
        app=one.app.name,
        owner=one.app.owner,
        goes_to=redirect.netloc or redirect.scheme,
        name=session.name,
        whose="" if is_staff else await _name(request, permit),
        is_staff=is_staff,
        role=permit.unit,
        lines=[(each, ticked is None or each.word in ticked) for each in lines],
        writes=any(each.writes for each in lines),
        about=[_("Appen får vite hvem du er.")] if {"openid", "fhirUser", "profile"} & one.context else [],
        stays=one.stays and not is_staff,
        days=DAYS,
        finds=finds,
        find=find,
        cards=cards,
        sought=bool(find.strip()),
        too_many=too_many,
        chosen=chosen or (str(form.get("patient", "")) if form else ""),
        missing=missing,
        action=_here(request),
    )


async def _name(request: Request, permit: Permit) -> str:
    """Whose record it is: the citizen's, or that of whom he acts for."""
    if permit.represents is None:
        return ""
    assert permit.patient is not None
    try:
        patient = (await read(request.app.state.door, permit, "Patient", permit.patient)).resource()
    except (NotFound, Forbidden, ReasonNeeded):
        return ""
    names = patient.get("name", [{}])[0]
    return " ".join([*names.get("given", ()), names.get("family", "")])


def _here(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}"


def _sent(address: str) -> Response:
    """To the app. The code in the address is for it alone, and is kept nowhere."""
    return RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})


def _astray(request: Request, what: str) -> Response:
    return render(request, "smart/astray.html", status=400, what=what)


def routes() -> list[BaseRoute]:
    """The page that lets an app in."""
    return [Route("/oauth/authorize", authorize, methods=["GET", "POST"], name="authorize")]
