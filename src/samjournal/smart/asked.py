"""What an app asks of a person: the request for an authorization, judged before anybody sees it.

RFC 6749 section 4.1.1, RFC 7636, RFC 9207, hl7.org/fhir/smart-app-launch/app-launch.html. Until app and redirect are
known to belong together nothing is sent to the redirect; from then on every refusal is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from samjournal import accounts
from samjournal.access import Scopes
from samjournal.access.scopes import PATIENT, of_app
from samjournal.accounts import App
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.record import refuse_unsearched
from samjournal.smart.errors import Refused

_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")
_LONGEST = 1024


class Astray(Exception):
    """The request is of no app, or goes to an address that is not the app's: the person is told, and nobody else."""


class Declined(Exception):
    """The app is told why not, at its own address."""

    def __init__(self, asked: Asked | None, code: str, text: str, *, redirect: str = "", state: str = "") -> None:
        super().__init__(text)
        self.refused = Refused(code, text)
        self.redirect = asked.redirect if asked else redirect
        self.state = asked.state if asked else state

    def address(self, issuer: str) -> str:
        told = {"error": self.refused.code, "error_description": self.refused.text, "iss": issuer}
        return with_(self.redirect, {**told, **({"state": self.state} if self.state else {})})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is in order: of which app, what it may have of what it asked for, and what it sent along."""

    app: App
    redirect: str
    state: str
    challenge: str
    resources: Scopes
    context: frozenset[str]
    launch: str | None
    nonce: str | None

    @property
    def wants_patient(self) -> bool:
        """Whether it is about one patient."""
        return "launch/patient" in self.context or any(one.level == PATIENT for one in self.resources.grants)

    @property
    def stays(self) -> bool:
        """Whether it goes on when nobody is there."""
        return "offline_access" in self.context


async def asked(pool: Pool, query: Mapping[str, str], fhir: str) -> Asked:
    """The request of a query, for the API at `fhir`. Raises Astray, Declined."""
    app = await accounts.app(pool, query.get("client_id", ""))
    redirect = query.get("redirect_uri", "")
    if app is None or app.kind == "backend":
        raise Astray("client_id")
    if redirect not in app.redirects:
        raise Astray("redirect_uri")
    state = query.get("state", "")

    def no(code: str, text: str) -> Declined:
        return Declined(None, code, text, redirect=redirect, state=state)

    if query.get("response_type") != "code":
        raise no("unsupported_response_type", "The one response_type is code.")
    if not state or len(state) > _LONGEST or len(query.get("nonce", "")) > _LONGEST:
        raise no("invalid_request", f"Send a state that cannot be guessed, of at most {_LONGEST} letters.")
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise no(
            "invalid_request", "Send code_challenge with code_challenge_method=S256 (RFC 7636); plain is not taken."
        )
    if query.get("aud", query.get("resource", "")).rstrip("/") != fhir:
        raise no("invalid_request", f"aud is the API that the app means to ask: {fhir}.")
    if "request" in query or "request_uri" in query:
        raise no("request_not_supported", "Send the parameters themselves.")
    try:
        wanted, context = of_app(query.get("scope", ""))
        allowed, may = of_app(app.scope)
        resources = wanted.within(allowed)
        refuse_unsearched(resources)
    except Invalid as error:
        raise no("invalid_scope", error.text) from None
    context &= may
    if not resources.grants and not context - {"launch"}:
        raise no("invalid_scope", f"This app may have no more than {app.scope}.")
    return Asked(app, redirect, state, challenge, resources, context, query.get("launch"), query.get("nonce"))


def with_(address: str, parameters: Mapping[str, str]) -> str:
    """An address with parameters added to those that it has."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
