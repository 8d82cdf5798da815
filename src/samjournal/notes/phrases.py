"""Standard phrases: a shortcut that stands for text, with what the record says of this patient filled in. Row 4.3

    phrases(door, permit)                                     one's own and the unit's, those of `LIVE` first
    save_phrase(door, permit, shortcut, text, scope, version) make or change one
    drop_phrase(door, permit, shortcut, scope, version)       take one out of use
    fill(door, permit, patient_id, text, code)                a text with its shortcuts filled in

`.bt` in a text is a shortcut; what no phrase is called stays as typed. A phrase may hold shortcuts of live values, and
no other phrases. A personal phrase goes before the unit's of the same name; live values cannot be renamed.

A phrase of the unit is a Questionnaire with one `display` item, which everybody at work may read; whose it is stands as
`useContext` (docs/decisions/0030). A personal one is a Basic that its author answers for, and nobody else reads
(docs/decisions/0034). hl7.org/fhir/R4/questionnaire.html, basic.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from samjournal.access import Permit, acting
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Forbidden, Gone, Invalid, NotFound
from samjournal.fhir.keys import hash64
from samjournal.notes.live import LIVE, pulled, said
from samjournal.record import Change, Door, Stored, change, query_of, read, search, vread

Scope = Literal["own", "unit"]
SHORTCUT: Final = re.compile(r"(?<![\w.])\.([a-zæøå][a-zæøå0-9-]{0,23})(?![\w-])", re.IGNORECASE)
NAME: Final = re.compile(r"[a-zæøå][a-zæøå0-9-]{0,23}")
LONGEST: Final = 4000
KIND: Final = "urn:samjournal:text"
OWNERS: Final = {"own": "urn:samjournal:practitioner", "unit": "urn:samjournal:unit"}
TYPES: Final = {"own": "Basic", "unit": "Questionnaire"}
_EXTENSION: Final = "urn:samjournal:phrase"
_USAGE: Final = "http://terminology.hl7.org/CodeSystem/usage-context-type"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase: what is typed after the point, its text, whose it is, and the version that was read."""

    shortcut: str
    text: str
    scope: Literal["live", "own", "unit"]
    version: int = 0


async def phrases(door: Door, permit: Permit) -> list[Phrase]:
    """Live values first, then one's own, then the unit's, by shortcut. Logged as searches. Raises Busy."""
    live = [Phrase(one.code, one.names[0], "live") for one in LIVE.values()]
    return [*live, *(await _kept(door, permit, "own")), *(await _kept(door, permit, "unit"))]


async def _kept(door: Door, permit: Permit, scope: Scope) -> list[Phrase]:
    if not _owner(permit, scope):
        return []
    asked = {
        "own": [("code", f"{KIND}|phrase"), ("author", f"Practitioner/{permit.practitioner}")],
        "unit": [
            ("context", f"{KIND}|phrase"),
            ("context", f"{OWNERS['unit']}|{permit.organization}"),
            ("status", "active"),
        ],
    }[scope]
    rights = acting(permit, "Basic") if scope == "own" else permit
    found = (await search(door, rights, query_of(TYPES[scope], [*asked, ("_count", "500")]))).matches
    made = [phrase_from(one.resource(), scope, one.version) for one in found if _is_active(one.resource())]
    return sorted(made, key=lambda one: one.shortcut)


def _owner(permit: Permit, scope: Scope) -> str:
    return permit.practitioner if scope == "own" else permit.organization


def _is_active(resource: Mapping[str, Any]) -> bool:
    return status_of(resource) == "active"


def status_of(resource: Mapping[str, Any]) -> str:
    """Whether a stored phrase is `active`, or out of use (`retired`)."""
    return str(resource.get("status") or _said(resource, "status", "valueCode"))


def _said(basic: Mapping[str, Any], name: str, value: str) -> str:
    """What an extension of a personal phrase says."""
    found = (one.get(value) for one in basic.get("extension", ()) if one.get("url") == f"{_EXTENSION}:{name}")
    return str(next(found, None) or "")


def _id(permit: Permit, scope: Scope, shortcut: str) -> str:
    """One phrase of a name for each owner, however many make it at once."""
    return f"phrase-{hash64(f'{OWNERS[scope]}|{_owner(permit, scope)}|{shortcut}') & (2**64 - 1):016x}"


async def save_phrase(
    door: Door, permit: Permit, *, shortcut: str, text: str, scope: Scope, version: int = 0
) -> Stored:
    """Make a phrase, or change the one whose `version` was read. Raises Invalid (no name, the name of a live value, no
    text, a name that is in use), VersionMoved, Forbidden, Busy."""
    name = shortcut.strip().removeprefix(".").lower()
    if not NAME.fullmatch(name):
        raise Invalid("A shortcut is a word of at most 24 letters, digits and hyphens, and begins with a letter.")
    if name in LIVE:
        raise Invalid(f".{name} is a value from the record. Choose another shortcut.")
    body = text.replace("\r\n", "\n").strip()
    if not body or len(body) > LONGEST:
        raise Invalid(f"A phrase has text, at most {LONGEST} characters.")
    if version == 0:
        version = await _retired(door, permit, scope, _id(permit, scope, name))
    return await _store(door, permit, name, body, scope, version, "active")


async def drop_phrase(door: Door, permit: Permit, *, shortcut: str, scope: Scope, version: int) -> Stored:
    """Take a phrase out of use; notes that it stands in keep their text. Raises VersionMoved, NotFound, Forbidden."""
    there = await phrase_stored(door, permit, shortcut=shortcut, scope=scope)
    text = phrase_from(there.resource(), scope, version).text
    return await _store(door, permit, shortcut, text, scope, version, "retired")


async def phrase_stored(door: Door, permit: Permit, *, shortcut: str, scope: Scope, version: int = 0) -> Stored:
    """A phrase as it stands, out of use or not, or in one version. Raises NotFound, Gone, Busy."""
    rights, id_ = acting(permit, TYPES[scope]), _id(permit, scope, shortcut)
    if version:
        return await vread(door, rights, TYPES[scope], id_, version)
    return await read(door, rights, TYPES[scope], id_)


def phrase_from(resource: Mapping[str, Any], scope: Scope, version: int) -> Phrase:
    """What a stored phrase says."""
    if scope == "own":
        shortcut, text = (_said(resource, name, "valueString") for name in ("shortcut", "text"))
        return Phrase(shortcut, text, scope, version)
    item: Mapping[str, Any] = next(iter(resource.get("item", ())), {})
    return Phrase(str(resource.get("title", "")), str(item.get("text", "")), scope, version)


async def _read(door: Door, permit: Permit, scope: Scope, id_: str) -> Stored:
    return await read(door, acting(permit, TYPES[scope]), TYPES[scope], id_)


async def _retired(door: Door, permit: Permit, scope: Scope, id_: str) -> int:
    """The version of a phrase of this name that is out of use, 0 when there never was one."""
    try:
        there = await _read(door, permit, scope, id_)
    except (NotFound, Gone):
        return 0
    if _is_active(there.resource()):
        raise Invalid("There is a phrase with this shortcut. Change that one, or choose another shortcut.")
    return there.version


async def _store(door: Door, permit: Permit, name: str, text: str, scope: Scope, version: int, status: str) -> Stored:
    owner = _owner(permit, scope)
    if permit.kind != "staff" or not owner or not permit.may("c", "Composition"):
        raise Forbidden(f"The role {permit.role} writes no notes, and has no phrases.")
    at = datetime.now(UTC)
    unit = {
        "resourceType": "Questionnaire",
        "title": name,
        "status": status,
        "date": at.isoformat(timespec="seconds"),
        "publisher": permit.unit,
        "useContext": [context("workflow", KIND, "phrase"), context("venue", OWNERS["unit"], owner)],
        "item": [{"linkId": "text", "text": text, "type": "display"}],
    }
    own = {
        "resourceType": "Basic",
        "code": {"coding": [{"system": KIND, "code": "phrase"}]},
        "author": {"reference": f"Practitioner/{owner}", "display": permit.name},
        "created": at.astimezone(OSLO).date().isoformat(),
        "extension": [
            {"url": f"{_EXTENSION}:shortcut", "valueString": name},
            {"url": f"{_EXTENSION}:text", "valueString": text},
            {"url": f"{_EXTENSION}:status", "valueCode": status},
        ],
    }
    resource = {**(own if scope == "own" else unit), "id": _id(permit, scope, name)}
    made = (
        Change.update(resource, if_match=version)
        if version
        else replace(Change.create(resource), id=str(resource["id"]))
    )
    (stored,) = await change(door, acting(permit, TYPES[scope]), [made])
    return stored


def context(kind: str, system: str, code: str) -> dict[str, Any]:
    """One Questionnaire.useContext: searched by `context=system|code`."""
    return {
        "code": {"system": _USAGE, "code": kind},
        "valueCodeableConcept": {"coding": [{"system": system, "code": code}]},
    }


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its shortcuts filled in, and which they were."""

    texts: tuple[str, ...]
    names: tuple[str, ...]


async def fill(door: Door, permit: Permit, patient_id: str, texts: Sequence[str], code: str) -> Filled:
    """Fill in the shortcuts of texts with what stands now in the record of this patient, and of no other. Nothing is
    looked up where there are none. Raises what `search` and `open_chart` raise."""
    typed = names_in(texts)
    if not typed:
        return Filled(tuple(texts), ())
    kept: dict[str, str] = {}
    if typed - set(LIVE):
        scopes: tuple[Scope, ...] = ("unit", "own")
        for scope in scopes:
            kept |= {one.shortcut: one.text for one in await _kept(door, permit, scope)}
    used = {name: kept[name] for name in typed if name in kept and name not in LIVE}
    wanted = (typed | names_in(used.values())) & set(LIVE)
    values: dict[str, str] = {}
    if wanted:
        found = await pulled(door, permit, patient_id, sorted(wanted), code)
        values = {name: said(LIVE[name], found.facts[name], code, found.at) for name in wanted}
    whole = {**{name: _replaced(text, values) for name, text in used.items()}, **values}
    names = tuple(sorted(typed & set(whole)))
    return Filled(tuple(_replaced(text, whole) for text in texts), names)


def names_in(texts: Iterable[str]) -> set[str]:
    """What may be shortcuts in some texts, in small letters: phones begin a line with a capital."""
    return {found[1].lower() for text in texts for found in SHORTCUT.finditer(text)}


def _replaced(text: str, by: Mapping[str, str]) -> str:
    return SHORTCUT.sub(lambda found: by.get(found[1].lower(), found[0]), text)
