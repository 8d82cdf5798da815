"""What the server says of itself to apps, before they ask for anything.

hl7.org/fhir/smart-app-launch/conformance.html, openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from typing import Any

from samjournal.access.scopes import CONTEXT
from samjournal.smart.clients import ALGORITHMS
from samjournal.smart.identity import ALGORITHM

AUTHORIZE, TOKEN, INTROSPECT, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/introspect", "/oauth/revoke"
KEYS, STYLE = "/oauth/jwks", "/oauth/style"
CAPABILITIES = (
    "launch-ehr", "launch-standalone",
    "client-public", "client-confidential-asymmetric", "sso-openid-connect",
    "context-banner", "context-style", "context-ehr-patient", "context-ehr-encounter", "context-standalone-patient",
    "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1",
    "permission-v2",
)  # fmt: skip
_GRANTS = ("authorization_code", "client_credentials", "refresh_token")


def configuration(base: str) -> dict[str, Any]:
    """`/.well-known/smart-configuration` of the server at the address `base`."""
    return {
        "issuer": f"{base}/fhir",
        "jwks_uri": f"{base}{KEYS}",
        "authorization_endpoint": f"{base}{AUTHORIZE}",
        "token_endpoint": f"{base}{TOKEN}",
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": f"{base}{INTROSPECT}",
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint": f"{base}{REVOKE}",
        "grant_types_supported": list(_GRANTS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "claims_supported": ["iss", "aud", "sub", "iat", "exp", "nonce", "fhirUser", "profile"],
        "scopes_supported": [*sorted(CONTEXT), "patient/*.cruds", "user/*.cruds", "system/*.cruds"],
        "capabilities": list(CAPABILITIES),
    }


def style() -> dict[str, str]:
    """`smart_style_url`: how the pages around an app look. hl7.org/fhir/smart-app-launch/scopes-and-launch-context"""
    return {
        "color_background": "#f5f7f8",
        "color_error": "#c01b1b",
        "color_highlight": "#1c5d75",
        "color_modal_backdrop": "",
        "color_success": "#0f7a4d",
        "color_text": "#22303a",
        "dim_border_radius": "8px",
        "dim_font_size": "16px",
        "dim_spacing_size": "16px",
        "font_family_body": "Inter, system-ui, sans-serif",
        "font_family_heading": "Inter, system-ui, sans-serif",
    }
