"""The family of errors: each knows its FHIR issue type and HTTP status. hl7.org/fhir/R4/valueset-issue-type.html

Raised anywhere, translated once: to an OperationOutcome in `rest`, to a page in `ui`.
Raise = roll back; return = commit. Each has a `kind`, a code of ours that programs go by and that stays as it is:
docs/reference/errors.md tells them what to do about each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SYSTEM = "urn:samjournal:error"
"""The code system of the kinds."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: `text` says what and what to do, `path` is a FHIRPath to the element."""

    code: str
    text: str
    path: str | None = None
    severity: str = "error"


class FhirError(Exception):
    """What went wrong, told so that the caller can act on it. Subclasses fix `status`, `code` and `kind`."""

    status = 500
    code = "exception"
    kind = "error"
    retry_after: int | None = None

    def __init__(self, text: str, *, path: str | None = None, issues: Sequence[Issue] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.issues: tuple[Issue, ...] = tuple(issues) or (Issue(self.code, text, path),)


class Invalid(FhirError):
    """The request or its content is not valid FHIR: nothing was stored."""

    status, code, kind = 400, "invalid", "invalid"


class Misdirected(FhirError):
    """The request names a host that this server is not called by."""

    status, code, kind = 421, "processing", "misdirected"


class UnknownParameter(Invalid):
    """A search parameter that is not there; left out where the sender allows it, and then said so."""

    code, kind = "not-supported", "parameter-unknown"


class Unprocessable(FhirError):
    """Well-formed, but against a rule of the record (a changed subject, a broken business rule)."""

    status, code, kind = 422, "business-rule", "rule-broken"


class Unauthenticated(FhirError):
    """No token or session, or one that is no longer valid."""

    status, code, kind = 401, "login", "token-needed"


class Forbidden(FhirError):
    """The active role may not do this."""

    status, code, kind = 403, "forbidden", "forbidden"


class ReasonNeeded(Forbidden):
    """The patient may be found but not opened without a stated reason."""

    kind = "reason-needed"


class NotRepresenting(Forbidden):
    """Somebody acts for another, and may not, or not any longer."""

    kind = "not-representing"


class NotFound(FhirError):
    """Absent, blocked or not for this reader: the answers are identical on purpose."""

    status, code, kind = 404, "not-found", "not-found"


class NotSupported(FhirError):
    """An interaction that this server does not have; `allow` names the methods that it has at the address."""

    status, code, kind = 405, "not-supported", "interaction-not-supported"
    allow = ""


class NotAcceptable(FhirError):
    """The answer cannot be given in the format asked for."""

    status, code, kind = 406, "not-supported", "format-not-written"


class UnsupportedMedia(FhirError):
    """The body is in a format that this server does not read."""

    status, code, kind = 415, "not-supported", "format-not-read"


class TooSlow(FhirError):
    """The body came more slowly than the server waits for."""

    status, code, kind = 408, "timeout", "body-too-slow"


class Conflict(FhirError):
    """Somebody else's change stands in the way: read again and try anew."""

    status, code, kind = 409, "conflict", "conflict"


class IdTaken(Conflict):
    """Something else has the id that was asked for."""

    kind = "id-taken"


class NumberHeld(Conflict):
    """A national number that somebody shall get is another's: `ids` are the patients who have it."""

    kind = "number-held"

    def __init__(self, ids: Sequence[str]) -> None:
        super().__init__("Another record has this number. If both are the same person, the records are to be merged.")
        self.ids = tuple(ids)


class TimeTaken(Conflict):
    """Somebody or something in an appointment has the time already. It is never told by what."""

    kind = "time-taken"


class StillReferredTo(Conflict):
    """What is to be deleted is named by something that stays."""

    kind = "still-referred-to"


class Gone(FhirError):
    """The resource was deleted."""

    status, code, kind = 410, "deleted", "deleted"


class Erased(Gone):
    """The resource, or the version, was erased by decision: it does not come back."""

    kind = "erased"


class PreconditionFailed(FhirError):
    """Something that the request takes for given is not so."""

    status, code, kind = 412, "conflict", "precondition-failed"


class VersionMoved(PreconditionFailed):
    """If-Match named another version than the newest."""

    kind = "version-moved"


class SeveralFit(PreconditionFailed):
    """A criterion fits more than the interaction may touch."""

    kind = "several-fit"


class TooLarge(FhirError):
    """The body is larger than the server reads."""

    status, code, kind = 413, "too-long", "body-too-large"


class HeadTooLarge(FhirError):
    """The address and headers are larger than the server reads."""

    status, code, kind = 431, "too-long", "head-too-large"


class TooMany(FhirError):
    """More requests than one reader may send. Nothing was done; try again when the time said is over."""

    status, code, kind, retry_after = 429, "throttled", "too-many-requests", 30


class Busy(FhirError):
    """Try again: the database or the look log is not to be had just now. Nothing was lost or done."""

    status, code, kind, retry_after = 503, "transient", "busy", 1


class Unsettled(Busy):
    """What was asked may have been done, or not: the connection broke, or the time was over. Read before repeating."""

    kind = "outcome-unknown"


class Fault(FhirError):
    """Our mistake. The request id in the answer finds it in the log."""

    kind = "fault"
