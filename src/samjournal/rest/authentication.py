"""Who asks: a bearer token becomes a permit, before anything else is looked at. RFC 6750"""

from __future__ import annotations

import time

from msgspec import structs

from samjournal import access, accounts, record
from samjournal.access import Permit
from samjournal.access.scopes import of_app
from samjournal.accounts import Account, Bearer, RoleAt
from samjournal.fhir.errors import Unauthenticated
from samjournal.fhir.keys import patient_key
from samjournal.record import Door

REMEMBERED = 5.0
"""Seconds that a token's permit is remembered: as long as a revoked token may still be heard."""
_MOST = 10_000


class Bearers:
    """Permits of tokens, remembered for some seconds."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._pool = door.pool
        self._permits: dict[str, tuple[float, Permit]] = {}

    async def permit(self, authorization: str | None, *, request: str) -> Permit:
        """The permit behind an Authorization header. Raises Unauthenticated."""
        token = token_of(authorization)
        known = self._permits.get(token)
        if known is None or known[0] < time.monotonic():
            if len(self._permits) >= _MOST:
                self._permits.clear()
            who = await accounts.bearer(self._pool, token)
            known = time.monotonic() + REMEMBERED, await self._permit_of(who)
            if known[1].represents is None and not known[1].app:
                # Who acts for another is asked each time: a birthday or a withdrawal closes it at once. So is an app:
                # what somebody lets it do ends when he says so.
                self._permits[token] = known
        return structs.replace(known[1], request=request)

    async def permit_of_kept(self, kept: bytes, *, request: str) -> Permit:
        """The permit behind a token of which only the hash is kept. Raises Unauthenticated."""
        return structs.replace(await self._permit_of(await accounts.bearer_of(self._pool, kept)), request=request)

    async def _permit_of(self, who: Bearer | None) -> Permit:
        if who is None:
            raise Unauthenticated("The token is not known, or has run out: tokens are valid for four hours.")
        if who.system is not None:
            permit = access.for_system(who.system, scope=who.scope, request="")
            return (
                record.narrowed(self._door, permit, permit.scopes, app=who.app) if permit.scopes is not None else permit
            )
        assert who.account is not None
        assert who.role is not None
        permit = await self._person(who, who.account, who.role)
        if not who.app:
            return permit
        scopes, _ = of_app(who.scope or "")
        same = self._door.persons.ids(who.patient_id) if who.patient_id else ()
        keys = [patient_key(one) for one in same]
        return record.narrowed(self._door, permit, scopes, app=who.app, patients=keys)

    async def _person(self, who: Bearer, account: Account, role: RoleAt) -> Permit:
        return await access.for_work(
            self._pool,
            login=account.login,
            name=account.name,
            kind=account.kind,
            role=role,
            patient_id=account.patient_id,
            request="",
            acts_for=who.acts_for,
        )


def token_of(authorization: str | None) -> str:
    """The token in an Authorization header. Raises Unauthenticated."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send a bearer token: Authorization: Bearer … (samjournal token gives one).")
    return token.strip()
