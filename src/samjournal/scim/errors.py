"""What went wrong, as SCIM says it. RFC 7644 section 3.12"""

from __future__ import annotations

from typing import Any, Final

from samjournal.fhir.errors import FhirError, PreconditionFailed
from samjournal.provisioning import Taken

SCHEMA: Final = "urn:ietf:params:scim:api:messages:2.0:Error"


class Refused(Exception):
    """A request that cannot be done: nothing was changed. `kind` is one of the standard's words (scimType)."""

    def __init__(self, text: str, *, status: int = 400, kind: str | None = None) -> None:
        super().__init__(text)
        self.text, self.status, self.kind = text, status, kind


def bad_filter(text: str) -> Refused:
    return Refused(text, kind="invalidFilter")


def bad_value(text: str) -> Refused:
    return Refused(text, kind="invalidValue")


def bad_syntax(text: str) -> Refused:
    return Refused(text, kind="invalidSyntax")


def bad_path(text: str) -> Refused:
    return Refused(text, kind="invalidPath")


def told(error: Refused | FhirError) -> dict[str, Any]:
    """The body of the answer."""
    kind = error.kind if isinstance(error, Refused) else _kind(error)
    return {
        "schemas": [SCHEMA],
        "status": str(error.status),
        **({"scimType": kind} if kind else {}),
        "detail": error.text,
    }


def _kind(error: FhirError) -> str | None:
    if isinstance(error, Taken):
        return "uniqueness"
    if isinstance(error, PreconditionFailed):
        return None
    return "invalidValue" if error.status == 400 else None
