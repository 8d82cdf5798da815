"""The entries of a batch or transaction Bundle: what each asks for. hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import Parsed
from samjournal.fhir.patching import Patch, of_resource
from samjournal.fhir.structure import check
from samjournal.record.preconditions import Condition, condition

MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a batch or transaction: what is asked for, and the resource that goes with it. A request that is
    done as a transaction of its own has no place."""

    place: int | None
    method: str
    url: str
    full_url: str | None
    parsed: Parsed | None
    condition: Condition | None = None
    if_none_exist: str | None = None
    unless: dict[str, str] = field(default_factory=dict)
    """The headers If-None-Match and If-Modified-Since of a read, by their names in small letters."""
    wrong: str | None = None
    """What its conditions mean that cannot be meant; told when the entry is done."""
    patch: Patch | None = None

    @property
    def path(self) -> str | None:
        return None if self.place is None else f"Bundle.entry[{self.place}]"

    def under(self, element: str) -> str | None:
        """The path of an element of the entry."""
        return f"{self.path}.{element}" if self.path else None

    def refuse_wrong(self) -> None:
        """Raises Invalid for conditions that mean nothing."""
        if self.wrong is not None:
            raise Invalid(self.told(self.wrong), path=self.under("request"))

    def told(self, text: str) -> str:
        """What is wrong, with the entry in front."""
        return f"{self.path}: {text}" if self.path else text


class _Slot(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Envelope(msgspec.Struct):
    entry: list[_Slot] = []


def entries_of(bundle: Parsed) -> list[Entry]:
    """The entries of a batch or transaction Bundle, in order. Raises Invalid that names the entry."""
    asked: list[dict[str, Any]] = bundle.resource.get("entry", [])
    envelope = {**bundle.resource, "entry": [_without_resource(one) for one in asked]} if asked else bundle.resource
    issues = [issue for issue in check(envelope) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    if len(asked) > MAX_ENTRIES:
        raise Invalid(f"The Bundle has {len(asked)} entries; at most {MAX_ENTRIES} are taken at once.")
    slots = msgspec.json.decode(bundle.compact, type=_Envelope).entry
    read = _alone if bundle.resource.get("type") == "batch" else _entry
    return [read(place, one, slot) for place, (one, slot) in enumerate(zip(asked, slots, strict=True))]


def _without_resource(entry: Any) -> Any:
    if not isinstance(entry, dict) or len(entry) == 1:
        return entry
    return {name: value for name, value in entry.items() if name != "resource"}


def _alone(place: int, one: dict[str, Any], slot: _Slot) -> Entry:
    """An entry of a batch. What cannot be read is told when it is done: the others are done."""
    try:
        return _entry(place, one, slot)
    except Invalid as problem:
        told = problem.text.removeprefix(f"Bundle.entry[{place}]").lstrip(" .")
        return Entry(place, "", "", None, None, wrong=told)


def _entry(place: int, one: dict[str, Any], slot: _Slot) -> Entry:
    path = f"Bundle.entry[{place}]"
    request = one.get("request")
    if not isinstance(request, dict):
        raise Invalid(f"{path} has no request: say what to do, for example POST Observation.", path=f"{path}.request")
    resource = one.get("resource")
    parsed = None
    if resource is not None:
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise Invalid(f"{path}.resource has no resourceType.", path=f"{path}.resource")
        parsed = Parsed(resource, bytes(slot.resource))
    method = request.get("method", "")
    if method in ("POST", "PUT", "PATCH") and parsed is None and not (method == "POST" and _may_be_bare(request)):
        raise Invalid(f"{path} is a {method} without a resource.", path=f"{path}.resource")
    unless = {header: request[name] for name, header in _UNLESS.items() if name in request}
    url, none_exist = request.get("url", ""), request.get("ifNoneExist")
    only, wrong = _conditions(method, request)
    made = Entry(place, method, url, one.get("fullUrl"), parsed, only, none_exist, unless, wrong)
    return _patching(made) if method == "PATCH" else made


def _may_be_bare(request: dict[str, Any]) -> bool:
    """Whether a POST has all that it needs in its url: an operation, or a search."""
    last = str(request.get("url", "")).partition("?")[0].rpartition("/")[2]
    return last.startswith("$") or last == "_search"


def _patching(entry: Entry) -> Entry:
    """An entry with its patch. What is no patch is told when it is done: the others of a batch are done."""
    assert entry.parsed is not None
    try:
        return replace(entry, parsed=None, patch=of_resource(entry.parsed))
    except Invalid as problem:
        return replace(entry, parsed=None, wrong=problem.text)


_UNLESS = {"ifNoneMatch": "if-none-match", "ifModifiedSince": "if-modified-since"}
_READS = ("GET", "HEAD")
_HEEDED = {
    "GET": ("ifNoneMatch", "ifModifiedSince"),
    "HEAD": ("ifNoneMatch", "ifModifiedSince"),
    "POST": ("ifNoneExist",),
    "PUT": ("ifMatch", "ifNoneMatch"),
    "PATCH": ("ifMatch",),
    "DELETE": ("ifMatch",),
}


def _conditions(method: str, request: dict[str, Any]) -> tuple[Condition | None, str | None]:
    """The version that may stand, and what is wrong with the conditions of a request: one that its method does not
    heed, or that is no list of ETags."""
    for name in ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist"):
        if name in request and name not in _HEEDED.get(method, ()):
            return None, f"{name} means nothing for {method}."
    if method in _READS:
        return None, None
    try:
        return condition(request.get("ifMatch"), request.get("ifNoneMatch")), None
    except Invalid as problem:
        return None, problem.text
