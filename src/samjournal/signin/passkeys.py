"""Passkeys as a browser makes and shows them: what is asked of it, and whether its answer is good. w3.org/TR/webauthn-3

    made_by(…), shown_by(…)             options as JSON for `navigator.credentials.create` and `.get`
    registered(…) -> Passkey            what a phone answered to be paired; raises Forbidden
    proven(…) -> Phone                  the phone that answered; raises Forbidden

The phone must check who holds it (finger, face or its own code: user verification), each time. A challenge is redeemed
before anything else is looked at, so an answer counts once.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec
from starlette.requests import Request
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from samjournal import accounts
from samjournal.accounts import Account, Passkey, Phone
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Forbidden
from samjournal.ui.devices import device_of

REQUIRED: Final = UserVerificationRequirement.REQUIRED
_MOST: Final = 20_000


async def made_by(db: Pool, request: Request, who: Account) -> str:
    """What a phone is asked to make. Its owner is told by name; the passkey itself has a hash of the login."""
    options = generate_registration_options(
        rp_id=_host(request),
        rp_name="Samjournal",
        user_id=sha256(who.login.encode()).digest(),
        user_name=who.name,
        user_display_name=who.name,
        challenge=await accounts.challenge(db),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
    )
    return options_to_json(options)


async def shown_by(db: Pool, request: Request) -> str:
    """What a phone is asked to prove; which passkey it is of is for the phone to say."""
    made = await accounts.challenge(db)
    return options_to_json(
        generate_authentication_options(rp_id=_host(request), challenge=made, user_verification=REQUIRED)
    )


async def registered(db: Pool, request: Request, answer: str) -> Passkey:
    """The passkey that a phone made."""
    challenge = await _challenge(db, answer)
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise Forbidden(f"The phone's answer is not good: {type(error).__name__}.") from None
    return Passkey(found.credential_id, found.credential_public_key, found.sign_count, device_of(request))


async def proven(db: Pool, request: Request, answer: str) -> Phone:
    """The paired phone that proved who its owner is. One whose count of signatures goes back was copied."""
    challenge = await _challenge(db, answer)
    try:
        named = base64url_to_bytes(str(msgspec.json.decode(answer)["id"]))
        phone = await accounts.phone_of(db, named)
        if phone is None:
            raise Forbidden("The phone is not paired, or not any longer.")
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(request),
            expected_origin=_origin(request),
            credential_public_key=phone.public_key,
            credential_current_sign_count=phone.counter,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError) as error:
        raise Forbidden(f"The phone's answer is not good: {type(error).__name__}.") from None
    await accounts.used(db, phone, found.new_sign_count)
    return phone


async def _challenge(db: Pool, answer: str) -> bytes:
    """The challenge that an answer says it is to, when it was given out and is used for the first time."""
    try:
        if len(answer) > _MOST:
            raise ValueError
        told = msgspec.json.decode(base64url_to_bytes(msgspec.json.decode(answer)["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(told["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Forbidden("That is no answer of a passkey.") from None
    if not await accounts.redeem(db, challenge):
        raise Forbidden("The answer is too old, or was used before.")
    return challenge


def _host(request: Request) -> str:
    return request.url.hostname or ""


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def address(request: Request, path: str) -> str:
    """A page of ours as another machine reaches it: by the name by which this one did."""
    return _origin(request) + path
