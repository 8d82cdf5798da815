"""The token endpoint: what each kind of grant gives. RFC 6749 section 5.1

Backend services: hl7.org/fhir/smart-app-launch/backend-services.html
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from samjournal import accounts
from samjournal.access import scopes
from samjournal.accounts import BACKEND_SECONDS, Account, App, Granted, RoleAt, grants
from samjournal.audit import Look
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.record import refuse_unsearched
from samjournal.smart import described, identity
from samjournal.smart.errors import Refused


async def given(pool: Pool, app: App, form: Mapping[str, str], base: str) -> dict[str, Any]:
    """What a proven app gets for its form; `base` is our address. Raises Refused."""
    match form.get("grant_type"):
        case "client_credentials":
            return await _backend(pool, app, form)
        case "authorization_code":
            return await _of_code(pool, app, form, base)
        case "refresh_token":
            return await _refreshed(pool, app, form, base)
        case None:
            raise Refused("invalid_request", "Send grant_type.")
    raise Refused("unsupported_grant_type", "This grant_type is not known here: see .well-known/smart-configuration.")


async def _backend(pool: Pool, app: App, form: Mapping[str, str]) -> dict[str, Any]:
    if app.kind != "backend":
        raise Refused("unauthorized_client", "This app acts for people: it is not registered as a backend service.")
    scope = backend_scope(app, form.get("scope"))
    token = await accounts.for_app(pool, app, scope)
    return {"access_token": token, "token_type": "bearer", "expires_in": BACKEND_SECONDS, "scope": scope}


def backend_scope(app: App, asked: str | None) -> str:
    """What was asked for, as far as the app may have it. Raises Refused (invalid_scope) when that is nothing."""
    if asked is None:
        raise Refused("invalid_scope", f"Say which scopes: this app may have {app.scope}.")
    try:
        wanted, allowed = scopes.parse(asked), scopes.parse(app.scope)
        assert wanted is not None
        assert allowed is not None
        within = wanted.within(allowed)
        refuse_unsearched(within)
    except Invalid as error:
        raise Refused("invalid_scope", error.text) from None
    if not within.words:
        raise Refused("invalid_scope", f"This app may have no more than {app.scope}.")
    return within.words


async def _of_code(pool: Pool, app: App, form: Mapping[str, str], base: str) -> dict[str, Any]:
    """The tokens of a code. Whatever is wrong with it, it is used by being sent. RFC 6749 section 4.1.3"""
    if app.kind == "backend":
        raise Refused("unauthorized_client", "A backend service has no codes.")
    if "code" not in form or "code_verifier" not in form:
        raise Refused("invalid_request", "Send code, redirect_uri and code_verifier.")
    granted = await grants.take(pool, app.client_id, form["code"], "code")
    if granted is None:
        raise Refused("invalid_grant", "The code is not known, has run out after a minute, or was used before.")
    if form.get("redirect_uri") != granted.redirect:
        raise Refused("invalid_grant", "redirect_uri is not the one that the code was sent to.")
    if not _VERIFIER.fullmatch(form["code_verifier"]) or not compare_digest(
        _challenge(form["code_verifier"]), granted.challenge
    ):
        raise Refused("invalid_grant", "code_verifier is not what code_challenge was made of.")
    return await _tokens(pool, granted, granted.scope, base, new=True)


async def _refreshed(pool: Pool, app: App, form: Mapping[str, str], base: str) -> dict[str, Any]:
    """New tokens for a refresh token, which is used once. RFC 6749 section 6, RFC 9700 section 4.14"""
    if "refresh_token" not in form:
        raise Refused("invalid_request", "Send refresh_token.")
    scope = None
    if "scope" in form:
        kept = await grants.is_refreshing(pool, app.client_id, form["refresh_token"])
        if kept is not None:
            scope = _fewer(form["scope"], kept[0])
    granted = await grants.take(pool, app.client_id, form["refresh_token"], "refresh")
    if granted is None:
        raise Refused("invalid_grant", "The refresh token is not known, has run out, or was used before: ask anew.")
    return await _tokens(pool, granted, scope or granted.scope, base, new=False)


def _fewer(asked: str, has: str) -> str:
    """Some of the scopes that were let. Raises Refused for any other."""
    try:
        (wanted, context), (resources, may) = scopes.of_app(asked), scopes.of_app(has)
    except Invalid as error:
        raise Refused("invalid_scope", error.text) from None
    if not resources.cover(wanted) or not context <= may:
        raise Refused("invalid_scope", f"No more than was let: {has}.")
    return asked


async def _tokens(pool: Pool, granted: Granted, scope: str, base: str, *, new: bool) -> dict[str, Any]:
    who = await accounts.account(pool, granted.login)
    role = _role(who, granted.practitioner_role_id)
    if who is None or role is None:
        raise Refused("invalid_grant", "Whoever let the app do this cannot sign in any longer.")
    words = set(granted.scope.split())
    look = Look(
        "token", who.login, who.name, role.code, role.unit_name, "token", why=scope, app=granted.app,
        organization_id=role.organization_id if who.kind == "staff" else "",
    )  # fmt: skip
    refreshes = bool(words & {"online_access", "offline_access"})
    made = await grants.issue(pool, granted, scope=scope, refreshes=refreshes, who=look)
    told: dict[str, Any] = {
        "access_token": made.access,
        "token_type": "Bearer",
        "expires_in": made.seconds,
        "scope": scope,
        "refresh_token": made.refresh,
        "patient": granted.patient_id,
        "encounter": granted.encounter_id,
        "need_patient_banner": True if granted.patient_id else None,
        "smart_style_url": f"{base}{described.STYLE}",
    }
    fhir = f"{base}/fhir"
    user = f"{fhir}/Patient/{who.patient_id}" if who.kind == "citizen" else f"{fhir}/Practitioner/{who.practitioner_id}"
    if words & {"fhirUser", "profile"}:
        told["fhirUser"] = user
    if "openid" in words:
        told["id_token"] = await identity.token(
            pool, issuer=fhir, audience=granted.app, user=user, nonce=granted.nonce if new else None,
            seconds=max(made.seconds, 1),
        )  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _role(who: Account | None, id_: str) -> RoleAt | None:
    return next((at for at in who.roles if at.practitioner_role_id == id_), None) if who else None


_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


async def worth(pool: Pool, app: App, token: str, base: str) -> dict[str, Any]:
    """What a token of the app is worth now; of others' tokens nothing is told. RFC 7662 section 2.2"""
    kept = await grants.is_refreshing(pool, app.client_id, token)
    if kept is not None:
        scope, begins, ends = kept
        times = {"iat": int(begins.timestamp()), "exp": int(ends.timestamp())}
        return {"active": True, "scope": scope, "client_id": app.client_id, "iss": f"{base}/fhir", **times}
    who = await accounts.bearer(pool, token)
    if who is None or who.app != app.client_id or who.expires is None or who.begins is None:
        return {"active": False}
    told = {
        "active": True,
        "scope": who.scope or "",
        "client_id": app.client_id,
        "token_type": "Bearer",
        "exp": int(who.expires.timestamp()),
        "iat": int(who.begins.timestamp()),
        "iss": f"{base}/fhir",
        "aud": f"{base}/fhir",
        "sub": who.system or (who.account.login if who.account else None),
        "patient": who.patient_id,
    }
    return {name: value for name, value in told.items() if value is not None}


def refuse_odd_scope(app: App) -> None:
    """Raises Invalid for an app that is registered with scopes that cannot be given, or not to its kind."""
    if app.kind != "backend":
        allowed, _ = scopes.of_app(app.scope)
        refuse_unsearched(allowed)
        return
    of_system = scopes.parse(app.scope)
    assert of_system is not None
    refuse_unsearched(of_system)
