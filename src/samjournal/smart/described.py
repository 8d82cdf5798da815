"""What the server says of itself to apps, before they ask for anything.

hl7.org/fhir/smart-app-launch/conformance.html, openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from typing import Any

from samjournal.smart.clients import ALGORITHMS

AUTHORIZE, TOKEN, INTROSPECT, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/introspect", "/oauth/revoke"
KEYS, STYLE = "/oauth/jwks", "/oauth/style"
CAPABILITIES = (
    "client-confidential-asymmetric",
    "permission-v1",
    "permission-v2",
)
_GRANTS = ("client_credentials",)


def configuration(base: str) -> dict[str, Any]:
    """`/.well-known/smart-configuration` of the server at the address `base`."""
    return {
        "token_endpoint": f"{base}{TOKEN}",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": f"{base}{INTROSPECT}",
        "revocation_endpoint": f"{base}{REVOKE}",
        "grant_types_supported": list(_GRANTS),
        "scopes_supported": ["system/*.cruds"],
        "capabilities": list(CAPABILITIES),
    }
