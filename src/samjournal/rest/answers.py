"""Answers: bytes as they lie in the record, Bundles put together around them, OperationOutcomes for errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import quote_plus

import msgspec
from msgspec.structs import replace

from samjournal.fhir.errors import SYSTEM, Erased, FhirError, Issue, NotSupported
from samjournal.record import Page, Pages, Stored, Version
from samjournal.rest.formats import MEDIA

_encode = msgspec.json.Encoder().encode
Links = list[tuple[str, str]]


class Answer(msgspec.Struct, frozen=True):
    """Status, headers and body of a response; the body is FHIR's JSON until it is sent in another format."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    media: str = MEDIA["json"]
    is_bare: bool = False
    """Whether a search found nothing that may be shown."""


def resource(stored: Stored, *, status: int = 200, base: str = "", location: bool = False) -> Answer:
    """One version, with its ETag and time."""
    headers = {"etag": etag(stored), "last-modified": _http_date(stored.at)}
    if location:
        headers["location"] = f"{base}/{stored.reference}/_history/{stored.version}"
    return Answer(status, stored.body or b"", headers)


def etag(stored: Stored) -> str:
    return f'W/"{stored.version}"'


def _http_date(moment: datetime) -> str:
    """RFC 9110 section 5.6.7, of a moment in UTC: names of days and months are English in every language."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    clock = f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    return f"{day}, {moment.day:02} {month} {moment.year:04} {clock} GMT"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def searchset(
    page: Page | Pages,
    where: str,
    base: str,
    asked: Sequence[tuple[str, str]],
    *,
    ignored: Sequence[str] = (),
    told: Sequence[str] = (),
) -> Answer:
    """One page of a search at an address: links, total where known, matches, what they brought along, and in words what
    was left out, and what else is `told`."""
    links = paged(where, asked, ("_cursor", page.next_cursor) if page.next_cursor else None)
    entries = [
        *_entries(page.matches, base, "match"),
        *_entries(page.included, base, "include"),
        *_left_out(ignored, told),
    ]
    made = _bundle("searchset", entries, total=page.total, links=links)
    return made if page.matches else replace(made, is_bare=True)


def counted(
    total: int,
    where: str,
    asked: Sequence[tuple[str, str]],
    *,
    ignored: Sequence[str] = (),
    told: Sequence[str] = (),
) -> Answer:
    """`_summary=count`: the total alone, and in words what was left out, and what else is `told`."""
    made = _bundle("searchset", _left_out(ignored, told), total=total, links=paged(where, asked))
    return made if total else replace(made, is_bare=True)


def _left_out(ignored: Sequence[str], told: Sequence[str]) -> list[bytes]:
    """hl7.org/fhir/R4/search.html#lenient: what was asked for and is not known, as an entry of its own."""
    if not ignored and not told:
        return []
    issues = [
        Issue("not-supported", f"The parameter “{name[:120]}” is not known here and was left out.", severity="warning")
        for name in ignored
    ]
    issues += [Issue("informational", text, severity="information") for text in told]
    return [_encode({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})]


def collected(
    matches: Sequence[Stored],
    included: Sequence[Stored],
    base: str,
    *,
    links: Sequence[tuple[str, str]],
    total: int | None = None,
    ignored: Sequence[str] = (),
) -> Answer:
    """What an operation found, what belongs with it, and in words what was left out."""
    entries = [*_entries(matches, base, "match"), *_entries(included, base, "include"), *_left_out(ignored, ())]
    return _bundle("searchset", entries, total=total, links=links)


def history(
    versions: Sequence[Version],
    *,
    base: str,
    links: Sequence[tuple[str, str]],
    total: int | None = None,
    settled: datetime | None = None,
) -> Answer:
    """Versions, newest first; `settled` is the moment that the Bundle tells of itself."""
    return _bundle(
        "history", [_version(one, base.encode()) for one in versions], total=total, links=links, settled=settled
    )


def _version(one: Version, base: bytes) -> bytes:
    stored, (verb, status) = one.stored, _CAME[one.method]
    reference = stored.reference.encode()
    # A create by PUT is told as PUT: its url names the resource.
    url = stored.type.encode() if one.method == "C" else reference
    body = b',"resource":' + stored.body if stored.body is not None else b""
    told = b""
    if one.erased is not None:
        outcome = operation_outcome([Issue(Erased.code, one.erased, severity="information")])
        told = b',"outcome":' + _encode(outcome)
    return (
        b'{"fullUrl":"%b/%b"%b,"request":{"method":"%b","url":"%b"}'
        b',"response":{"status":"%b","etag":"W/\\"%d\\"","lastModified":"%b"%b}}'
    ) % (base, reference, body, verb, url, status, stored.version, _instant(stored.at), told)


_CAME = {
    "C": (b"POST", b"201 Created"),
    "U": (b"PUT", b"200 OK"),
    "D": (b"DELETE", b"204 No Content"),
    "X": (b"DELETE", b"410 Gone"),
}


def _instant(moment: datetime) -> bytes:
    """A moment in UTC to the millisecond. The standard library takes ten times as long to write it."""
    text = _encode(moment)
    return text[1:24] + b"Z" if moment.microsecond else text[1:20] + b".000Z"


def _entries(many: Sequence[Stored], base: str, mode: str) -> list[bytes]:
    """Resources as entries; one without a body is a fault, and raises TypeError."""
    before, after = b'{"fullUrl":"%b/' % base.encode(), b',"search":{"mode":"%b"}}' % mode.encode()
    return [
        b'%b%b","resource":%b%b' % (before, f"{one.type}/{one.id}".encode(), cast("bytes", one.body), after)
        for one in many
    ]


def paged(where: str, asked: Sequence[tuple[str, str]], following: tuple[str, str] | None = None) -> Links:
    """The links of a page: its own address, and that of the next one, which has one parameter more."""
    said = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in asked])
    links = [("self", f"{where}?{said}" if asked else where)]
    if following is not None:
        name, value = following
        links.append(("next", f"{where}?{said}{'&' if asked else ''}{_quoted(name)}={_quoted(value)}"))
    return links


def _quoted(text: str) -> str:
    """As `quote_plus` has it, which goes sign by sign."""
    return text.translate(_WRITTEN) if text.isascii() else quote_plus(text)


_WRITTEN = {code: quote_plus(chr(code)) for code in range(128)}


def _bundle(
    type_: str,
    entries: Sequence[bytes],
    *,
    total: int | None = None,
    links: Sequence[tuple[str, str]] = (),
    settled: datetime | None = None,
) -> Answer:
    parts = [b'{"resourceType":"Bundle"']
    if settled is not None:
        parts.append(b',"meta":{"lastUpdated":"%b"}' % _instant(settled))
    parts.append(b',"type":"%b"' % type_.encode())
    if total is not None:
        parts.append(b',"total":%d' % total)
    if links:
        parts.append(b',"link":' + _encode([{"relation": relation, "url": url} for relation, url in links]))
    if entries:
        parts.append(b',"entry":[' + b",".join(entries) + b"]")
    return Answer(200, b"".join([*parts, b"}"]))


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one entry of a batch or transaction; `told` is said in words instead of the resource."""

    status: str
    stored: Stored | None = None
    body: bytes | None = None
    error: FhirError | None = None
    told: str | None = None
    etag: str | None = None


def responses(type_: str, done: Sequence[Done], base: str) -> Answer:
    """The answer to a batch or transaction: one response per entry, in order."""
    return _bundle(f"{type_}-response", [_response(one, base) for one in done])


def _response(one: Done, base: str) -> bytes:
    response: dict[str, object] = {"status": one.status}
    if one.stored is not None:
        stored = one.stored
        response["location"] = f"{base}/{stored.reference}/_history/{stored.version}"
        response |= {"etag": etag(stored), "lastModified": _instant(stored.at).decode()}
    if one.etag is not None:
        response["etag"] = one.etag
    if one.error is not None:
        response["outcome"] = operation_outcome(one.error.issues, one.error.kind)
    if one.told is not None:
        response["outcome"] = operation_outcome([_well(one.told)])
    body = one.body if one.body is not None else one.stored.body if one.stored else None
    return b'{%b"response":%b}' % (b'"resource":%b,' % body if body else b"", _encode(response))


def all_is_well(text: str) -> bytes:
    """An OperationOutcome of something that was done."""
    return _encode(operation_outcome([_well(text)]))


def _well(text: str) -> Issue:
    return Issue("informational", text, severity="information")


def operation_outcome(issues: Sequence[Issue], kind: str = "") -> dict[str, object]:
    """Issues as an OperationOutcome; `kind` is the code of the error that they tell of."""
    details = {"details": {"coding": [{"system": SYSTEM, "code": kind}]}} if kind else {}
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": issue.severity,
                "code": issue.code,
                **details,
                "diagnostics": issue.text,
                **({"expression": [issue.path]} if issue.path else {}),
            }
            for issue in issues
        ],
    }


def error(problem: FhirError, *, request_id: str) -> Answer:
    """An error as the client is told it: what is wrong, where, what to do."""
    outcome = {**operation_outcome(problem.issues, problem.kind), "id": request_id}
    headers = {"retry-after": str(problem.retry_after)} if problem.retry_after else {}
    if isinstance(problem, NotSupported) and problem.allow:
        headers["allow"] = problem.allow
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="samjournal"'
    return Answer(problem.status, _encode(outcome), headers)
