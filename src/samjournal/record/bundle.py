"""Transactions: the entries of a Bundle as one set of changes, references between them resolved.

hl7.org/fhir/R4/http.html#transaction. All is done or nothing; ids are given first, so entries may refer to each
other in any order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from samjournal.access import Permit
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid, Issue, PreconditionFailed
from samjournal.fhir.parsing import Parsed, rewrite_references
from samjournal.fhir.structure import check
from samjournal.record.change import Change, change, new_id
from samjournal.record.door import Door, Stored
from samjournal.record.search import search
from samjournal.store.search import query as searching

MAX_ENTRIES = 20_000
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')
_URN = re.compile(rb"urn:(?:uuid|oid):[A-Za-z0-9.\-]+")
_CRITERIA = ("_id", "_tag", "_profile", "_security", "_source", "_lastUpdated")
_TARGET = re.compile(r"/?([A-Z][A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a batch or transaction: what is asked for, and the resource that goes with it."""

    place: int
    method: str
    url: str
    full_url: str | None
    parsed: Parsed | None
    if_match: int | None
    if_none_exist: str | None

    @property
    def path(self) -> str:
        return f"Bundle.entry[{self.place}]"


class _Slot(msgspec.Struct):
    resource: msgspec.Raw = msgspec.Raw(b"")


class _Envelope(msgspec.Struct):
    entry: list[_Slot] = []


def entries_of(bundle: Parsed, *, as_writes: bool = False) -> list[Entry]:
    """The entries of a batch or transaction Bundle, in order. With `as_writes` those of another kind of Bundle, each as
    a PUT by its id or a POST without. Raises Invalid that names the entry."""
    asked: list[dict[str, Any]] = bundle.resource.get("entry", [])
    envelope = {**bundle.resource, "entry": [_without_resource(one) for one in asked]} if asked else bundle.resource
    issues = [issue for issue in check(envelope) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    if len(asked) > MAX_ENTRIES:
        raise Invalid(f"The Bundle has {len(asked)} entries; at most {MAX_ENTRIES} are taken at once.")
    slots = msgspec.json.decode(bundle.compact, type=_Envelope).entry
    if as_writes:
        asked = [{**one, "request": _write_of(one.get("resource"))} for one in asked]
    return [_entry(place, one, slot) for place, (one, slot) in enumerate(zip(asked, slots, strict=True))]


def _write_of(resource: Any) -> dict[str, str]:
    type_, id_ = (resource.get("resourceType"), resource.get("id")) if isinstance(resource, dict) else ("", None)
    return {"method": "PUT", "url": f"{type_}/{id_}"} if id_ else {"method": "POST", "url": str(type_)}


def _without_resource(entry: Any) -> Any:
    if not isinstance(entry, dict) or len(entry) == 1:
        return entry
    return {name: value for name, value in entry.items() if name != "resource"}


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
    if method in ("POST", "PUT") and parsed is None:
        raise Invalid(f"{path} is a {method} without a resource.", path=f"{path}.resource")
    return Entry(
        place,
        method,
        request.get("url", ""),
        one.get("fullUrl"),
        parsed,
        version_of(request["ifMatch"], path=f"{path}.request.ifMatch") if "ifMatch" in request else None,
        request.get("ifNoneExist"),
    )


def version_of(etag: str, *, path: str | None = None) -> int:
    """The version in an ETag such as W/"3"."""
    match = _ETAG.fullmatch(etag.strip())
    if not match:
        raise Invalid(f'If-Match is an ETag such as W/"3", not {etag[:40]}.', path=path)
    return int(match[1])


async def transaction(
    door: Door, permit: Permit, entries: Sequence[Entry], *, claim: bytes | None = None
) -> list[Stored] | None:
    """Do all POST, PUT and DELETE entries or none; what each stored, in order. None when `claim` was used before.

    Raises what `change` raises; Invalid and PreconditionFailed name the entry.
    """
    _refuse_same_condition(entries)
    found = [await _if_none_exist(door, permit, one) for one in entries]
    changes, mapping = _numbered(entries, found)
    mapping |= await _conditional(door, permit, entries, mapping)
    resolved = [_resolved(one, made, mapping) if made else None for one, made in zip(entries, changes, strict=True)]
    issues: list[Issue] = []
    for one, made in zip(entries, resolved, strict=True):
        if made is not None and made.resource is not None:
            problems = [issue for issue in check(made.resource) if issue.severity == "error"]
            issues += [Issue(issue.code, issue.text, f"{one.path}.resource: {issue.path}") for issue in problems[:5]]
    if issues:
        raise Invalid(issues[0].text, issues=issues[:50])
    stored = await change(door, permit, [made for made in resolved if made], claim=claim, checked=True)
    if claim is not None and not stored:
        return None
    done = iter(stored)
    return [there or next(done) for there in found]


def _refuse_same_condition(entries: Sequence[Entry]) -> None:
    """Two conditional creates by one criterion would both find nothing."""
    seen: set[tuple[str, str]] = set()
    for one in entries:
        if one.if_none_exist is not None:
            criterion = (one.url, one.if_none_exist)
            if criterion in seen:
                raise Invalid(
                    f"{one.path}: ifNoneExist {one.if_none_exist[:80]} stands twice in the Bundle.", path=one.path
                )
            seen.add(criterion)


def _numbered(entries: Sequence[Entry], found: Sequence[Stored | None]) -> tuple[list[Change | None], dict[str, str]]:
    """A change with an id for each entry, and what the full urls stand for from now on."""
    changes: list[Change | None] = []
    mapping: dict[str, str] = {}
    for one, there in zip(entries, found, strict=True):
        target = _TARGET.fullmatch(one.url)
        if target is None:
            raise Invalid(f"{one.path}.request.url “{one.url[:80]}” is not Type or Type/id.", path=one.path)
        type_, id_ = target[1], target[2]
        if type_ not in load().resources:
            raise Invalid(f"{one.path}.request.url: “{type_}” is not a resource type of FHIR R4.", path=one.path)
        if one.parsed is not None and one.parsed.resource["resourceType"] != type_:
            raise Invalid(f"{one.path}: the url says {type_}, the resource {one.parsed.resource['resourceType']}.")
        if one.method == "POST" and id_ is None and one.parsed is not None:
            id_ = there.id if there else new_id()
            changes.append(None if there else Change.received("create", one.parsed, id_=id_))
        elif one.method == "PUT" and id_ is not None and one.parsed is not None:
            if one.parsed.resource.get("id", id_) != id_:
                raise Invalid(f"{one.path}: the url says {id_}, the resource {one.parsed.resource['id']}.")
            changes.append(Change.received("update", one.parsed, id_=id_, if_match=one.if_match))
        elif one.method == "DELETE" and id_ is not None:
            changes.append(Change.delete(type_, id_, if_match=one.if_match))
            continue
        else:
            raise Invalid(f"{one.path}: {one.method} {one.url[:80]} cannot be done here.", path=f"{one.path}.request")
        if one.full_url:
            if one.full_url in mapping:
                raise Invalid(f"{one.path}.fullUrl {one.full_url[:80]} stands twice in the Bundle.", path=one.path)
            mapping[one.full_url] = f"{type_}/{id_}"
            old = references.parse(one.full_url)
            if old.kind == "absolute" and old.type == type_ and old.id:
                mapping.setdefault(f"{type_}/{old.id}", f"{type_}/{id_}")
    return changes, mapping


async def _if_none_exist(door: Door, permit: Permit, one: Entry) -> Stored | None:
    """The resource that a conditional create found, when there is exactly one."""
    if one.if_none_exist is None or one.method != "POST" or one.parsed is None:
        return None
    matches = await _matches(door, permit, one.parsed.resource["resourceType"], one.if_none_exist)
    if len(matches) > 1:
        raise PreconditionFailed(f"{one.path}: more than one resource fits ifNoneExist.")
    return matches[0] if matches else None


async def _conditional(door: Door, permit: Permit, entries: Sequence[Entry], known: dict[str, str]) -> dict[str, str]:
    """What conditional references (`Practitioner?identifier=…`) stand for: each must fit exactly one resource."""
    asked: dict[str, Entry] = {}
    for one in entries:
        if one.parsed is not None and b"?" in one.parsed.compact:
            for reference in references.find(one.parsed.resource):
                if references.parse(reference.text).kind == "conditional" and reference.text not in known:
                    asked.setdefault(reference.text, one)
    mapping = {}
    for text, one in asked.items():
        wanted = references.parse(text)
        assert wanted.type is not None
        matches = await _matches(door, permit, wanted.type, references.query_of(wanted))
        if len(matches) != 1:
            many = "no resource fits" if not matches else "several resources fit"
            raise PreconditionFailed(f"{one.path}: {many} the reference {text[:200]}.")
        mapping[text] = matches[0].reference
    return mapping


async def _matches(door: Door, permit: Permit, type_: str, text: str) -> list[Stored]:
    asked = parse_qsl(text.lstrip("?"), keep_blank_values=True)
    if not asked or any(name.startswith("_") and name not in _CRITERIA for name, _ in asked):
        raise Invalid(f"“{text[:120]}” is no criterion: name at least one parameter, and none that shapes an answer.")
    pairs = [*asked, ("_count", "2"), ("_total", "none")]
    return (await search(door, permit, searching.parse(type_, pairs))).matches


def _resolved(one: Entry, made: Change, mapping: dict[str, str]) -> Change:
    """The change with references to other entries replaced by what these became."""
    if made.resource is None:
        return made
    found = {reference.text for reference in references.find(made.resource)}
    urns = [text for text in found if text.startswith("urn:") and text not in mapping]
    if urns:
        raise Invalid(f"{one.path}: no entry of the Bundle has the fullUrl {urns[0][:80]}.", path=one.path)
    found |= {text.decode() for text in _URN.findall(made.compact)}
    mine = {text: mapping[text] for text in found if text in mapping}
    if not mine:
        return made
    compact = rewrite_references(made.compact, mine)
    if compact == made.compact:
        return made
    resource: dict[str, Any] = msgspec.json.decode(compact)
    return Change(made.method, made.type, made.id, resource, compact, made.if_match)
