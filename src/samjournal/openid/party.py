"""One provider as one client of it knows it: a sign-in from its beginning to its end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from samjournal.openid import dpop, tokens
from samjournal.openid.client import Client, assertion
from samjournal.openid.discovery import Discovery, Metadata
from samjournal.openid.errors import Away, Declined, Unproven
from samjournal.openid.tokens import Ended, Proven
from samjournal.openid.web import Answer, Web

_BY_KEY: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_CODES: Final = frozenset(
    {
        *("access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required"),
        *("invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error"),
        *("temporarily_unavailable", "unmet_authentication_requirements", "invalid_client", "invalid_grant"),
        *("invalid_dpop_proof", "user_cancelled"),
    }
)
"""Words that a provider may say no by. Another is not repeated: whoever has the browser can write anything there."""
_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun: where the browser goes, and what must be kept till it is back, by `state`. `since`:
    somebody who is known to the provider is to prove it anew, after that moment."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    since: float | None = None


class Party:
    """One provider, with what is remembered of it: its metadata, its keys, the nonces that it gave."""

    def __init__(self, client: Client, *, web: Web | None = None, clock: Callable[[], float] = time.time) -> None:
        self.client = client
        self._web, self._clock = web or Web(), clock
        self._discovery = Discovery(client.issuer, self._web, clock)
        self._nonce: str | None = None
        self._ended: dict[str, float] = {}

    async def metadata(self) -> Metadata:
        """What the provider says of itself. Raises Away."""
        return await self._discovery.metadata()

    async def begin(self, *, language: str = "nb", anew: bool = False) -> Begun:
        """Announce a sign-in to the provider. `anew`: it must ask for proof though it knows who is there. Raises Away,
        Declined."""
        found = await self.metadata()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.client.redirect,
            "scope": " ".join(self.client.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
            "ui_locales": language,
        }
        if self.client.acr:
            asked["acr_values"] = " ".join(self.client.acr)
        if anew:
            asked |= {"prompt": "login", "max_age": "0"}
        answer = await self._post(found.pushed, asked)
        handle = answer.told.get("request_uri")
        if answer.status not in (200, 201) or not isinstance(handle, str):
            raise _declined(answer)
        address = _with(found.authorization, {"client_id": self.client.client_id, "request_uri": handle})
        return Begun(address, state, nonce, verifier, self._clock() if anew else None)

    async def finish(self, begun: Begun, answer: Mapping[str, str]) -> Proven:
        """Who came back with the provider's answer, the parameters of the return address. Raises Declined, Unproven,
        Away."""
        found = await self.metadata()
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            raise Unproven("the state is another")
        told = answer.get("iss")
        if told != found.issuer and (told is not None or found.names_itself):
            # The answer is another provider's: its code must not be shown to this one. RFC 9207
            raise Unproven("the answer is of another issuer")
        if "error" in answer:
            raise Declined(answer["error"] if answer["error"] in _CODES else "another reason")
        if not answer.get("code"):
            raise Unproven("there is no code")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.client.redirect,
            "code_verifier": begun.verifier,
        }
        given = await self._post(found.token, form, proves=self.client.dpop)
        if given.status != 200:
            raise _declined(given)
        access = given.told.get("access_token")
        kind = str(given.told.get("token_type", "")).lower()
        if self.client.dpop and kind != "dpop":
            raise Unproven("the token is not bound to a key")
        return await tokens.id_token(
            given.told.get("id_token"),
            self.client,
            self._discovery,
            nonce=begun.nonce,
            now=self._clock(),
            access_token=access if isinstance(access, str) else None,
            since=begun.since,
        )

    async def _post(self, address: str, form: dict[str, str], *, proves: bool = False) -> Answer:
        """A form with proof that we are the client. Where the provider wants its own nonce in the proof of possession,
        all of it is said once more: an assertion is good for one request."""
        key = dpop.fresh() if proves else None
        for attempt in (1, 2):
            now = self._clock()
            sent = {
                **form,
                "client_id": self.client.client_id,
                "client_assertion_type": _BY_KEY,
                "client_assertion": assertion(self.client, self.client.issuer, now),
            }
            proof = {dpop.HEADER: dpop.proof(key, "POST", address, now, self._nonce)} if key else {}
            answer = await self._web.post(address, sent, proof)
            self._nonce = answer.headers.get(dpop.NONCE, self._nonce) if key else self._nonce
            if answer.told.get("error") != dpop.WANTED or attempt == 2 or not key:
                break
        return answer

    async def ended(self, token: object) -> Ended:
        """Whose session the provider has ended, by a logout token, which counts once. Raises Unproven, Away."""
        now = self._clock()
        found = await tokens.logout_token(token, self.client, self._discovery, now=now)
        self._ended = {one: until for one, until in self._ended.items() if until > now}
        if found.id in self._ended or len(self._ended) >= _REMEMBERED:
            raise Unproven("the token was used before")
        self._ended[found.id] = now + 2 * (tokens.LOGOUT_SECONDS + self.client.leeway)
        return found

    async def leave(self, *, id_token: str | None, after: str, state: str = "") -> str | None:
        """The address where the provider ends its own session, and from which it leads to `after`; None when it has
        none, or is away. openid.net/specs/openid-connect-rpinitiated-1_0.html"""
        try:
            found = (await self.metadata()).end_session
        except Away:
            return None
        if found is None:
            return None
        asked: dict[str, Any] = {"client_id": self.client.client_id, "post_logout_redirect_uri": after}
        asked |= {"id_token_hint": id_token} if id_token else {}
        return _with(found, asked | ({"state": state} if state else {}))


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(address: str, parameters: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _declined(answer: Answer) -> Declined:
    code = answer.told.get("error")
    return Declined(code if isinstance(code, str) and code in _CODES else f"status {answer.status}")
