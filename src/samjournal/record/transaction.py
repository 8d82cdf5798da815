"""Transactions: entries as one set of changes, criteria and references between them resolved.

hl7.org/fhir/R4/http.html#transaction. All is done or nothing; ids are given first, so entries may refer to each other
in any order. A conditional request is a transaction of one entry.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from samjournal.access import Permit
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import (
    Conflict,
    FhirError,
    IdTaken,
    Invalid,
    Issue,
    NotFound,
    PreconditionFailed,
    SeveralFit,
)
from samjournal.fhir.parsing import rewrite_references
from samjournal.fhir.structure import check
from samjournal.record.bundle import Entry
from samjournal.record.change import Change, change, existing
from samjournal.record.conditional import Assumed, Criterion, Moved, criterion, look_up
from samjournal.record.door import Door, Stored
from samjournal.record.ids import new_id
from samjournal.record.made import Made
from samjournal.record.patch import patched
from samjournal.record.read import absent
from samjournal.record.turns import in_turn

_ATTEMPTS = 5
_NEEDS = {"POST": "c", "PATCH": "u", "DELETE": "d"}
_URN = re.compile(rb"urn:(?:uuid|oid):[A-Za-z0-9.\-]+")
_RELATIVE = re.compile(rb"""["'\\=](?=[A-Z])([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})["'\\]""")
_LITERAL = re.compile(rb"/[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}")
_TARGET = re.compile(r"/?([A-Z][A-Za-z]+)(?:/([A-Za-z0-9\-.]{1,64}))?")


@dataclass(frozen=True, slots=True)
class _Step:
    """An entry, and where it points: at an id, or at what a criterion finds."""

    entry: Entry
    type: str
    id: str | None
    criterion: Criterion | None
    force: bool
    own: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a step comes to: what its criterion found, what is to be changed, and the id that references to it get."""

    step: _Step
    found: tuple[Stored, ...]
    changes: tuple[Change, ...]
    id: str | None


async def transaction(
    door: Door, permit: Permit, entries: Sequence[Entry], *, own: Sequence[str] = ()
) -> list[tuple[Stored, ...]]:
    """Do all POST, PUT, PATCH and DELETE entries or none. For each, in order, what now stands: one resource, or what a
    conditional delete removed. `own` are our addresses.

    Raises what `change` raises; Invalid and PreconditionFailed name the entry.
    """
    steps = [_step(one, own) async for one in in_turn(entries)]
    _refuse_same_criterion(steps)
    for _ in range(_ATTEMPTS):
        plans = [await _plan(door, permit, step) async for step in in_turn(steps)]
        try:
            return await _done(door, permit, plans)
        except Moved:
            continue
        except PreconditionFailed:
            # A patch fits the version that it was made of; somebody wrote another meanwhile, so it is made anew.
            if not any(step.entry.patch is not None and step.entry.condition is None for step in steps):
                raise
    raise Conflict("Others keep changing what this is about. Try again in a moment.")


def _step(one: Entry, own: Sequence[str]) -> _Step:
    """What an entry asks for. Raises Invalid."""
    path, _, query = _without_own(one.url, own).partition("?")
    type_, id_ = _target(one, path)
    pairs = parse_qsl(query, keep_blank_values=True)
    force = one.method == "DELETE" and ("_force", "true") in pairs
    text: str | None = urlencode([pair for pair in pairs if one.method != "DELETE" or pair[0] != "_force"])
    if one.method == "POST" and id_ is None and not query and one.parsed is not None:
        text = one.if_none_exist
    elif one.method not in ("PUT", "PATCH", "DELETE") or (one.method == "PUT" and one.parsed is None):
        raise Invalid(one.told(f"{one.method} {one.url[:80]} cannot be done here."), path=one.under("request"))
    elif id_ is not None:
        if text:
            told = f"{one.url[:80]} names an id and a criterion. Name one of them."
            raise Invalid(one.told(told), path=one.under("request.url"))
        text = None
    return _Step(one, type_, id_, None if text is None else _criterion(one, type_, text, own), force, own)


def _target(one: Entry, path: str) -> tuple[str, str | None]:
    target = _TARGET.fullmatch(path)
    where = one.under("request.url")
    if target is None:
        told = f"request.url “{one.url[:80]}” is not Type, Type/id or Type?criteria."
        raise Invalid(one.told(told), path=where)
    if target[1] not in load().resources:
        raise Invalid(one.told(f"“{target[1]}” is not a resource type of FHIR R4."), path=where)
    sent = one.parsed.resource["resourceType"] if one.parsed is not None else target[1]
    if sent != target[1]:
        raise Invalid(one.told(f"the url says {target[1]}, the resource {sent}."), path=where)
    return target[1], target[2]


def _criterion(one: Entry, type_: str, text: str, own: Sequence[str]) -> Criterion:
    try:
        return criterion(type_, text, own=own, many=one.method == "DELETE")
    except Invalid as problem:
        raise Invalid(one.told(problem.text), path=one.under("request")) from None


def _without_own(url: str, own: Sequence[str]) -> str:
    for base in own:
        if url.startswith(f"{base}/"):
            return url.removeprefix(base)
    return url


def _refuse_same_criterion(steps: Sequence[_Step]) -> None:
    """Two conditional entries by one criterion: what the first does would change what the second finds."""
    seen: set[int] = set()
    for step in steps:
        if step.criterion is not None:
            if step.criterion.key in seen:
                told = f"the criterion {step.criterion.text[:80]} stands twice in the Bundle."
                raise Invalid(step.entry.told(told), path=step.entry.path)
            seen.add(step.criterion.key)


async def _plan(door: Door, permit: Permit, step: _Step) -> _Plan:
    if step.entry.method in _NEEDS:  # Asked before the criterion is: it may find nothing to refuse.
        permit.demand(_NEEDS[step.entry.method], step.type)
    found = await _found(door, permit, step)
    if step.entry.method == "DELETE":
        return _Plan(step, found, tuple(_deletes(step, found)), None)
    if step.entry.method == "POST" and found:
        return _Plan(step, found, (), found[0].id)
    if step.entry.patch is not None:
        return _Plan(step, found, (made := await _patched(door, permit, step, found),), made.id)
    made = _create(step) if step.entry.method == "POST" else await _update(door, permit, step, found)
    return _Plan(step, found, (made,), made.id)


async def _found(door: Door, permit: Permit, step: _Step) -> tuple[Stored, ...]:
    if step.criterion is None:
        return ()
    try:
        return tuple(await look_up(door, permit, step.criterion))
    except SeveralFit as problem:
        raise SeveralFit(step.entry.told(problem.text), path=step.entry.under("request")) from None


def _deletes(step: _Step, found: Sequence[Stored]) -> Iterator[Change]:
    for id_ in [there.id for there in found] if step.id is None else [step.id]:
        yield Change.delete(step.type, id_, condition=step.entry.condition, force=step.force)


def _create(step: _Step) -> Change:
    assert step.entry.parsed is not None
    return Change.received("create", step.entry.parsed, id_=new_id())


async def _patched(door: Door, permit: Permit, step: _Step, found: Sequence[Stored]) -> Change:
    """A PATCH by id, or of what its criterion finds."""
    one = step.entry
    assert one.patch is not None
    id_ = found[0].id if found else step.id
    if id_ is None:
        raise NotFound(one.told(f"no {step.type} fits the criterion, so there is nothing to patch."))
    try:
        return await patched(door, permit, step.type, id_, one.patch, condition=one.condition, own=step.own)
    except FhirError as problem:
        if one.path is None:
            raise
        raise type(problem)(one.told(problem.text), path=one.path) from None


async def _update(door: Door, permit: Permit, step: _Step, found: Sequence[Stored]) -> Change:
    """A PUT by id, or of what its criterion finds; when that is nothing, it creates."""
    one = step.entry
    assert one.parsed is not None
    sent: str | None = one.parsed.resource.get("id")
    aimed = found[0].id if found else step.id
    if aimed is not None:
        if sent not in (None, aimed):
            told = f"the {'criterion finds' if found else 'url says'} {aimed}, the resource {sent}."
            raise Invalid(one.told(told), path=one.under("resource.id") or f"{step.type}.id")
        return Change.received("update", one.parsed, id_=aimed, condition=one.condition)
    if sent is not None:
        if not permit.unrestricted:
            raise absent(step.type, sent)  # Only systems choose ids.
        if await existing(door, step.type, [sent]):
            raise IdTaken(one.told(f"{step.type}/{sent} is there, and the criterion does not find it."))
    return Change.received("create", one.parsed, id_=sent or new_id(), condition=one.condition)


async def _done(door: Door, permit: Permit, plans: Sequence[_Plan]) -> list[tuple[Stored, ...]]:
    mapping = _mapping(plans)
    mapping |= await _conditional_references(door, permit, plans, mapping)
    _refuse_lost(plans)
    changes = await _sound(plans, mapping)
    assumed = [
        Assumed(plan.step.criterion, tuple(there.id for there in plan.found))
        for plan in plans
        if plan.step.criterion is not None
    ]
    rest = iter(await change(door, permit, changes, checked=True, assumed=assumed) if changes else ())
    return [tuple(next(rest) for _ in plan.changes) or _there(plan) for plan in plans]


def _there(plan: _Plan) -> tuple[Stored, ...]:
    """What a conditional create found; a conditional delete that found nothing leaves nothing."""
    return plan.found if plan.step.entry.method == "POST" else ()


def _mapping(plans: Sequence[_Plan]) -> dict[str, str]:
    """What the full urls of entries stand for from now on."""
    mapping: dict[str, str] = {}
    for plan in plans:
        one, url = plan.step.entry, plan.step.entry.full_url
        if not url or plan.id is None:
            continue
        if url in mapping:
            raise Invalid(one.told(f"fullUrl {url[:80]} stands twice in the Bundle."), path=one.under("fullUrl"))
        becomes = f"{plan.step.type}/{plan.id}"
        mapping[url] = becomes
        old = references.parse(url)
        if old.kind == "absolute" and old.type == plan.step.type and old.id:
            mapping.setdefault(f"{old.type}/{old.id}", becomes)
    return mapping


def _refuse_lost(plans: Sequence[_Plan]) -> None:
    """A conditional create must not answer with what another entry deletes."""
    leaving = {(made.type, made.id) for plan in plans for made in plan.changes if made.method == "delete"}
    for plan in plans:
        for there in plan.found if not plan.changes else ():
            if (there.type, there.id) in leaving:
                told = f"it is there as {there.reference}, which another entry deletes. Send one of the two."
                raise Invalid(plan.step.entry.told(told), path=plan.step.entry.path)


async def _conditional_references(
    door: Door, permit: Permit, plans: Sequence[_Plan], known: dict[str, str]
) -> dict[str, str]:
    """What conditional references (`Practitioner?identifier=…`) stand for: each must fit exactly one resource."""
    changes = [made for plan in plans for made in plan.changes]
    there = Made(changes, shows_protected=permit.shows_protected)
    leaving = {f"{made.type}/{made.id}" for made in changes if made.method == "delete"}
    asked: dict[str, Entry] = {}
    for plan in plans:
        for made in plan.changes:
            for text in references.texts(made.compact) if b"?" in made.compact and made.type != "Bundle" else ():
                if text not in known and references.read(text).kind == "conditional":
                    asked.setdefault(text, plan.step.entry)
    mapping = {}
    for text, one in asked.items():
        try:
            mapping[text] = await _referred(door, permit, text, there, leaving)
        except FhirError as problem:
            raise type(problem)(one.told(f"the reference {text[:200]}: {problem.text}"), path=one.path) from None
    return mapping


async def _referred(door: Door, permit: Permit, text: str, there: Made, leaving: Collection[str]) -> str:
    wanted = references.read(text)
    assert wanted.type is not None
    asked = criterion(wanted.type, references.query_of(wanted))
    matches = {one.reference for one in await look_up(door, permit, asked)}.difference(leaving) | there.fitting(asked)
    if not matches:
        raise PreconditionFailed("no resource fits it.")
    if len(matches) > 1:
        raise PreconditionFailed("more than one fits it. Name what you mean more narrowly.")
    return matches.pop()


def _links(compact: bytes, bases: Collection[bytes]) -> set[str]:
    """Addresses below one of the bases, and relative ones, wherever they stand: in canonicals, uris and narratives
    too. Only entries with an address of their own can be meant by these."""
    if not bases:
        return set()
    found = {text.decode() for text in _RELATIVE.findall(compact)}
    plain = compact.replace(b"\\/", b"/")
    for base in bases:
        at = plain.find(base)
        while at >= 0:
            if (link := _LITERAL.match(plain, at + len(base))) is not None:
                found.add((base + link[0]).decode())
            at = plain.find(base, at + 1)
    return found


def _bases(mapping: Mapping[str, str]) -> set[bytes]:
    """The servers that full urls of entries name."""
    return {url.rsplit("/", 2)[0].encode() for url in mapping if url.startswith(("http://", "https://"))}


def _resolved(one: Entry, made: Change, mapping: dict[str, str], bases: Collection[bytes]) -> Change:
    """The change with references to other entries replaced by what these became. Those in a Bundle that is stored as
    it is are its own."""
    if made.resource is None or made.type == "Bundle":
        return made
    found = set(references.texts(made.compact))
    versioned = {text: text.partition("/_history/")[0] for text in found if "/_history/" in text}
    urns = [text for text in found if text.startswith("urn:") and text not in mapping]
    if urns:
        told = f"no entry of the Bundle has the fullUrl {urns[0][:80]}."
        raise Invalid(one.told(told), path=one.path)
    found |= {text.decode() for text in _URN.findall(made.compact)}
    found |= _links(made.compact, bases)
    mine = {text: mapping[text] for text in found if text in mapping}
    # The version was one of the old address; what it became has versions of its own.
    mine |= {text: mapping[whole] for text, whole in versioned.items() if whole in mapping}
    if not mine:
        return made
    compact = rewrite_references(made.compact, mine)
    if compact == made.compact:
        return made
    resource: dict[str, Any] = msgspec.json.decode(compact)
    return replace(made, resource=resource, compact=compact)


async def _sound(plans: Sequence[_Plan], mapping: dict[str, str]) -> list[Change]:
    """The changes with their references resolved. Raises Invalid that tells all that is not sound in them."""
    bases = _bases(mapping)
    changes: list[Change] = []
    issues: list[Issue] = []
    async for one, made in in_turn([(plan.step.entry, made) for plan in plans for made in plan.changes]):
        changes.append(_resolved(one, made, mapping, bases))
        if changes[-1].resource is not None:
            problems = [issue for issue in check(changes[-1].resource) if issue.severity == "error"]
            issues += [_placed(one, issue) for issue in problems[: 5 if one.path else 50]]
    if issues:
        raise Invalid(issues[0].text, issues=issues[:50])
    return changes


def _placed(one: Entry, issue: Issue) -> Issue:
    return Issue(issue.code, issue.text, f"{one.path}.resource: {issue.path}") if one.path else issue
