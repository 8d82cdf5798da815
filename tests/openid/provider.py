"""A small OpenID provider that is strict with its client, and lies when a test tells it to.

It answers through httpx, so nothing leaves the process. What a certified provider does is tried in
tests/acceptance/test_by_provider.py; here is what an honest one never does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from samjournal.openid import Begun, Client, Party, Web, key_of

NOW = 1_800_000_000.0
ISSUER = "https://provider.example"
OURS = ECKey.generate_key("P-256", private=True)
THEIRS = RSAKey.generate_key(2048, private=True)
Claims = dict[str, Any]


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims: Claims, *, key: Any = THEIRS, alg: str = "RS256", **header: Any) -> str:
    """Any token, also one that nobody should sign."""
    head = {"alg": alg, **header}
    if alg == "none":
        return ".".join((part(json.dumps(head).encode()), part(json.dumps(claims).encode()), ""))
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(head, json.dumps(claims), key, registry=registry)


def by_hand(claims: Claims, **header: Any) -> str:
    """A token that no library makes, rightly signed by the provider, or by its public key as if that were a secret."""
    signed = ".".join(part(json.dumps(one).encode()) for one in (header, claims)).encode()
    if header["alg"] == "HS256":
        signature = hmac.digest(THEIRS.as_pem(private=False), signed, "sha256")
    else:
        signature = THEIRS.private_key.sign(signed, padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr]
    return f"{signed.decode()}.{part(signature)}"


@dataclass
class Provider:
    """What one provider has and does. `claims` are added to each ID token; `made` makes the token otherwise; `told`
    answers in place of the endpoint of a path."""

    issuer: str = ISSUER
    now: float = NOW
    client: str = "samjournal"
    public: dict[str, Any] = field(default_factory=lambda: OURS.as_dict(private=False))
    key: RSAKey = field(default_factory=lambda: THEIRS)
    kid: str = "first"
    dpop: bool = False
    metadata: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    made: Callable[[Claims], str] | None = None
    told: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    pushed: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    assertions: set[str] = field(default_factory=set)
    proofs: set[str] = field(default_factory=set)
    nonces: set[str] = field(default_factory=set)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.told:
            return self.told[path](request)
        form = dict(parse_qsl(request.content.decode()))
        match path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json=self.described())
            case "/keys":
                return httpx.Response(200, json={"keys": [self.published()]})
            case "/par":
                self.check_client(form)
                handle = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe()}"
                self.pushed[handle] = form
                return httpx.Response(201, json={"request_uri": handle, "expires_in": 60})
            case "/token":
                return self.exchanged(request, form)
        return httpx.Response(404)

    def described(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "pushed_authorization_request_endpoint": f"{self.issuer}/par",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/logout",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def published(self) -> Claims:
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "RS256"}

    def check_client(self, form: dict[str, str]) -> None:
        """The client is who it says, by a statement of its own that was never used."""
        found = jws.deserialize_compact(form["client_assertion"], ECKey.import_key(self.public), algorithms=["ES256"])
        told = json.loads(found.payload)
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        assert told["iss"] == told["sub"] == form["client_id"] == self.client
        assert told["aud"] == self.issuer
        assert told["iat"] <= told["exp"] <= told["iat"] + 60
        assert told["jti"] not in self.assertions
        self.assertions.add(told["jti"])

    def authorize(self, address: str) -> dict[str, str]:
        """Somebody agrees: what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        pushed = self.pushed.pop(asked["request_uri"])
        assert asked["client_id"] == pushed["client_id"]
        assert pushed["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = pushed
        return {"code": code, "state": pushed["state"], "iss": self.issuer}

    def exchanged(self, request: httpx.Request, form: dict[str, str]) -> httpx.Response:
        self.check_client(form)
        if self.dpop and (refused := self.unproven(request)):
            return refused
        pushed = self.codes.pop(form["code"], None)
        if pushed is None or pushed["redirect_uri"] != form["redirect_uri"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        if part(hashlib.sha256(form["code_verifier"].encode()).digest()) != pushed["code_challenge"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        kind = "DPoP" if self.dpop else "Bearer"
        return httpx.Response(
            200, json={"access_token": "access", "token_type": kind, "id_token": self.id_token(pushed)}
        )

    def unproven(self, request: httpx.Request) -> httpx.Response | None:
        """A proof with a nonce of ours that was not seen before, or the demand for one."""
        proof = jws.extract_compact(request.headers["dpop"].encode())
        key = ECKey.import_key(proof.headers()["jwk"])
        told = json.loads(jws.deserialize_compact(request.headers["dpop"], key, algorithms=["ES256"]).payload)
        assert "d" not in proof.headers()["jwk"]
        assert (told["htm"], told["htu"]) == ("POST", f"{self.issuer}/token")
        assert told["jti"] not in self.proofs
        self.proofs.add(told["jti"])
        if told.get("nonce") in self.nonces:
            return None
        fresh = secrets.token_urlsafe()
        self.nonces.add(fresh)
        return httpx.Response(400, json={"error": "use_dpop_nonce"}, headers={"dpop-nonce": fresh})

    def id_token(self, pushed: dict[str, str]) -> str:
        claims = {
            "iss": self.issuer,
            "aud": self.client,
            "sub": "pairwise",
            "iat": int(self.now),
            "exp": int(self.now) + 120,
            "nonce": pushed["nonce"],
            "acr": pushed.get("acr_values", "").split(" ")[0],
            "sid": "session-1",
            **({"auth_time": int(self.now)} if "max_age" in pushed else {}),
            "at_hash": part(hashlib.sha256(b"access").digest()[:16]),
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.made(claims) if self.made else token(claims, key=self.key, kid=self.kid)

    def logout_token(self, **claims: Any) -> str:
        told = {
            "iss": self.issuer,
            "aud": self.client,
            "iat": int(self.now),
            "exp": int(self.now) + 120,
            "jti": secrets.token_urlsafe(),
            "sid": "session-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
            **claims,
        }
        told = {name: value for name, value in told.items() if value is not None}
        return token(told, key=self.key, kid=self.kid, typ="logout+jwt")

    def web(self, seconds: float = 5) -> Web:
        return Web(transport=httpx.MockTransport(self.answer), seconds=seconds)

    def party(self, *, redirect: str = "https://journal.example/signin/p/return", **more: Any) -> Party:
        client = Client(
            issuer=self.issuer,
            client_id=self.client,
            key=key_of(json.dumps(OURS.as_dict(private=True))),
            redirect=redirect,
            scopes=("openid", "profile"),
            acr=("high",),
            dpop=self.dpop,
        )
        return Party(replace(client, **more), web=self.web(), clock=lambda: self.now)


async def signed_in(provider: Provider, party: Party, **answer: str) -> Any:
    """A whole sign-in by somebody who agrees."""
    begun: Begun = await party.begin()
    return await party.finish(begun, {**provider.authorize(begun.address), **answer})
