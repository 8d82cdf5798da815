"""Signing in by somebody else's proof: an OpenID Connect relying party, as pure protocol. Requirement 2.4

    Party(client)                           one provider, as one client of it knows it
    await party.begin(…) -> Begun           where to send the browser, and what must be kept until it is back
    await party.finish(begun, answer)       who came back, after everything was checked: Proven
    await party.ended(logout_token)         whose session the provider has ended: Ended
    await party.leave(…) -> str | None      where to send the browser so that the provider's session ends too

Nothing is stored here, and nothing is known of accounts. Pushed authorization requests (RFC 9126), PKCE with S256
(RFC 7636), keys instead of secrets (`private_key_jwt`, RFC 7523) and the issuer in the answer (RFC 9207) are not
choices; DPoP (RFC 9449) is one. openid.net/specs/openid-connect-core-1_0.html · docs/decisions/0053
"""

from samjournal.openid.client import ALGORITHMS, Client, Key, key_of
from samjournal.openid.discovery import is_safe
from samjournal.openid.errors import Away, Declined, Problem, Unproven
from samjournal.openid.party import Begun, Party
from samjournal.openid.tokens import Ended, Proven
from samjournal.openid.web import Web

__all__ = [
    "ALGORITHMS",
    "Away",
    "Begun",
    "Client",
    "Declined",
    "Ended",
    "Key",
    "Party",
    "Problem",
    "Proven",
    "Unproven",
    "Web",
    "is_safe",
    "key_of",
]
