"""The family of errors: each knows its FHIR issue type and HTTP status. hl7.org/fhir/R4/valueset-issue-type.html

Raised anywhere, translated once: to an OperationOutcome in `rest`, to a page in `ui`.
Raise = roll back; return = commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: `text` says what and what to do, `path` is a FHIRPath to the element."""

    code: str
    text: str
    path: str | None = None
    severity: str = "error"


class FhirError(Exception):
    """What went wrong, told so that the caller can act on it. Subclasses fix `status` and `code`."""

    status = 500
    code = "exception"
    retry_after: int | None = None

    def __init__(self, text: str, *, path: str | None = None, issues: Sequence[Issue] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.issues: tuple[Issue, ...] = tuple(issues) or (Issue(self.code, text, path),)


class Invalid(FhirError):
    """The request or its content is not valid FHIR: nothing was stored."""

    status, code = 400, "invalid"


class UnknownParameter(Invalid):
    """A search parameter that is not there; left out where the sender allows it, and then said so."""

    code = "not-supported"


class Unprocessable(FhirError):
    """Well-formed, but against a rule of the record (a changed subject, a broken business rule)."""

    status, code = 422, "business-rule"


class Unauthenticated(FhirError):
    """No token or session, or one that is no longer valid."""

    status, code = 401, "login"


class Forbidden(FhirError):
    """The active role may not do this."""

    status, code = 403, "forbidden"


class ReasonNeeded(Forbidden):
    """The patient may be found but not opened without a stated reason."""


class NotFound(FhirError):
    """Absent, blocked or not for this reader: the answers are identical on purpose."""

    status, code = 404, "not-found"


class NotSupported(FhirError):
    """An interaction that this server does not have; `allow` names the methods that it has at the address."""

    status, code = 405, "not-supported"
    allow = ""


class NotAcceptable(FhirError):
    """The answer cannot be given in the format asked for."""

    status, code = 406, "not-supported"


class UnsupportedMedia(FhirError):
    """The body is in a format that this server does not read."""

    status, code = 415, "not-supported"


class TooSlow(FhirError):
    """The body came more slowly than the server waits for."""

    status, code = 408, "timeout"


class Conflict(FhirError):
    """Somebody else's change stands in the way: read again and try anew."""

    status, code = 409, "conflict"


class Gone(FhirError):
    """The resource was deleted."""

    status, code = 410, "deleted"


class PreconditionFailed(FhirError):
    """If-Match named another version than the newest."""

    status, code = 412, "conflict"


class TooLarge(FhirError):
    """The body is larger than the server reads."""

    status, code = 413, "too-long"


class HeadTooLarge(FhirError):
    """The address and headers are larger than the server reads."""

    status, code = 431, "too-long"


class TooMany(FhirError):
    """More requests than one reader may send. Nothing was done; try again when the time said is over."""

    status, code, retry_after = 429, "throttled", 30


class Busy(FhirError):
    """Try again: the database or the look log is not to be had just now. Nothing was lost or done."""

    status, code, retry_after = 503, "transient", 1


class Fault(FhirError):
    """Our mistake. The request id in the answer finds it in the log."""
