"""The token endpoint: what each kind of grant gives. RFC 6749 section 5.1

Backend services: hl7.org/fhir/smart-app-launch/backend-services.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samjournal import accounts
from samjournal.access import scopes
from samjournal.accounts import BACKEND_SECONDS, App
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.record import refuse_unsearched
from samjournal.smart.errors import Refused


async def given(pool: Pool, app: App, form: Mapping[str, str]) -> dict[str, Any]:
    """What a proven app gets for its form. Raises Refused."""
    match form.get("grant_type"):
        case "client_credentials":
            return await _backend(pool, app, form)
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


async def worth(pool: Pool, app: App, token: str, base: str) -> dict[str, Any]:
    """What a token of the app is worth now; of others' tokens nothing is told. RFC 7662 section 2.2"""
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
        "sub": who.system,
    }
    return {name: value for name, value in told.items() if value is not None}


def refuse_odd_scope(app: App) -> None:
    """Raises Invalid for an app that is registered with scopes that cannot be given, or not to its kind."""
    if app.kind == "backend":
        allowed = scopes.parse(app.scope)
        assert allowed is not None
        refuse_unsearched(allowed)
