"""Blocks (sperringer): whom a patient keeps out of the record. hl7.org/fhir/R4/consent.html, pasientjournalloven § 17

    blocks(consent) -> list[Block]             whom it keeps out of the whole record: persons, roles, units, everybody
    part_blocks(consent) -> list[PartBlock]    whom it keeps out of what: documents, types, codes, labels, a time
    is_unenforced(consent) -> bool             whether it says something that no block can hold

A Consent of the scope patient-privacy that is active and whose provision denies. It is a projection like relations.
That something cannot be enforced is no reason to lose the patient's word: such a Consent is stored, blocks nothing, and
goes on the review list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir import parameters
from samjournal.fhir.dates import span
from samjournal.fhir.definitions import load
from samjournal.fhir.keys import key, local, token_key
from samjournal.fhir.numbers import number

_SQL = queries("samjournal.access")
EVERYBODY = 0
_SCOPE = "patient-privacy"
PARTIES = ("Practitioner", "PractitionerRole", "Organization")
_TYPES = "http://hl7.org/fhir/resource-types"
_ENFORCED = frozenset({"type", "period", "actor", "data", "class", "code", "dataPeriod", "securityLabel", "id"})
"""What of a provision is enforced; with anything else, such as a purpose or an exception, all of it is not."""
_PARTS = ("data", "class", "code", "dataPeriod", "securityLabel")
ALWAYS = datetime(2, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Open ends. Not the least and greatest moments there are: the driver turns those into infinity, without zone."""


class Block(NamedTuple):
    """Whom a patient keeps out (keys; EVERYBODY for all), from and until."""

    patient: int
    party: int
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class What:
    """What of a record is blocked: it fits all that is said here; None: that is not said. `things` are resources as
    number of the type/id, `types` numbers, `codes` and `labels` tokens of search (`fhir.keys.token_key`)."""

    things: tuple[str, ...] | None = None
    types: tuple[int, ...] | None = None
    codes: tuple[int, ...] | None = None
    labels: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


class PartBlock(NamedTuple):
    """Whom a patient keeps out of what."""

    block: Block
    what: What


def blocks(consent: dict[str, Any]) -> list[Block]:
    """Whom a Consent keeps out of the whole record."""
    provision = _denying(consent)
    if provision is None or is_unenforced(consent) or any(part in provision for part in _PARTS):
        return []
    return _parties(consent, provision)


def part_blocks(consent: dict[str, Any]) -> list[PartBlock]:
    """Whom a Consent keeps out of some of the record."""
    provision = _denying(consent)
    if provision is None or is_unenforced(consent) or not any(part in provision for part in _PARTS):
        return []
    what = _what(provision)
    return [PartBlock(block, what) for block in _parties(consent, provision)]


def _parties(consent: dict[str, Any], provision: dict[str, Any]) -> list[Block]:
    patient = local((consent.get("patient") or {}).get("reference") or "")
    if patient is None:
        return []
    period = provision.get("period", {})
    starts = span(period["start"]).lo if period.get("start") else ALWAYS
    ends = span(period["end"]).hi if period.get("end") else FOREVER
    parties = [key(named) for named in _named(provision)] if provision.get("actor") else [EVERYBODY]
    return [Block(key(patient), party, starts, ends) for party in dict.fromkeys(parties)]


def is_unenforced(consent: dict[str, Any]) -> bool:
    """Whether it says something that no block can hold: an actor whom none knows, a purpose, an action, an exception,
    what is related to a document, a kind of content that is no resource type."""
    provision = _denying(consent)
    if provision is None:
        return False
    named = len(_named(provision)) == len(provision.get("actor", ()))
    things = all(_is_instance(one) for one in provision.get("data", ()))
    types = all(
        one.get("system") == _TYPES and one.get("code") in load().resources for one in provision.get("class", ())
    )
    coded = all(one.get("coding") for one in provision.get("code", ()))
    return not (named and things and types and coded and _ENFORCED.issuperset(provision))


def _is_instance(data: dict[str, Any]) -> bool:
    return data.get("meaning") == "instance" and local(data.get("reference", {}).get("reference", "")) is not None


def _what(provision: dict[str, Any]) -> What:
    period = provision.get("dataPeriod", {})
    things = [local(one["reference"]["reference"]) or "" for one in provision.get("data", ())]
    codings = [coding for one in provision.get("code", ()) for coding in one["coding"]]
    return What(
        things=tuple(f"{number(one.partition('/')[0])}/{one.partition('/')[2]}" for one in things) or None,
        types=tuple(number(one["code"]) for one in provision.get("class", ())) or None,
        codes=tuple(_tokens(codings, _coded())) or None,
        labels=tuple(_tokens(provision.get("securityLabel", ()), _labelled())) or None,
        since=(span(period["start"]).lo if period.get("start") else ALWAYS) if period else None,
        until=(span(period["end"]).hi if period.get("end") else FOREVER) if period else None,
    )


def _tokens(codings: Sequence[dict[str, Any]], names: Sequence[str]) -> Iterator[int]:
    for coding in codings:
        for name in names:
            yield token_key(name, f"{coding.get('system', '')}|{coding.get('code', '')}")


@cache
def _coded() -> tuple[str, ...]:
    """Every search parameter by which what lies under a patient may have a code, as `Type.parameter`."""
    return tuple(
        f"{type_}.{one.code}"
        for type_ in sorted(load().resources)
        if load().compartment(type_)
        for one in parameters.for_type(type_).values()
        if one.type == "token" and not one.code.startswith("_") and one.code not in ("identifier", "status", "gender")
    )


@cache
def _labelled() -> tuple[str, ...]:
    return tuple(f"{type_}._security" for type_ in sorted(load().resources) if load().compartment(type_))


def _denying(consent: dict[str, Any]) -> dict[str, Any] | None:
    """What an active Consent about privacy denies."""
    codes = [coding.get("code") for coding in consent.get("scope", {}).get("coding", ())]
    provision: dict[str, Any] = consent.get("provision", {})
    denies = consent.get("status") == "active" and _SCOPE in codes and provision.get("type") == "deny"
    return provision if denies else None


def _named(provision: dict[str, Any]) -> list[str]:
    """The persons, roles and units that a provision names."""
    found = [local((actor.get("reference") or {}).get("reference") or "") for actor in provision.get("actor", ())]
    return [named for named in found if named is not None and named.partition("/")[0] in PARTIES]


def made(consent: dict[str, Any] | None) -> set[Block | PartBlock]:
    """All that a Consent blocks; None: it was deleted."""
    return {*blocks(consent), *part_blocks(consent)} if consent else set()


async def put(db: Connection, source: str, consent: dict[str, Any] | None) -> None:
    """Keep what one Consent blocks, in place of what it blocked."""
    await db.execute(_SQL.forget_blocks, source)
    await db.execute(_SQL.forget_part_blocks, source)
    if consent is None:
        return
    if whole := blocks(consent):
        await db.executemany(_SQL.add_block, [(*one, source) for one in whole])
    if parts := part_blocks(consent):
        await db.executemany(_SQL.add_part_block, [(*block, *_columns(what), source) for block, what in parts])


def _columns(what: What) -> tuple[Any, ...]:
    return what.things, what.types, what.codes, what.labels, what.since, what.until


async def standing(db: Connection, sources: Sequence[str]) -> dict[str, set[Block | PartBlock]]:
    """What is kept of some Consents."""
    found: dict[str, set[Block | PartBlock]] = {}
    for row in await db.fetch(_SQL.blocks_from, list(sources)):
        found.setdefault(row["source"], set()).add(Block(row["patient"], row["party"], row["starts"], row["ends"]))
    for row in await db.fetch(_SQL.part_blocks_from, list(sources)):
        block = Block(row["patient"], row["party"], row["starts"], row["ends"])
        said = {name: tuple(row[name]) for name in ("things", "types", "codes", "labels") if row[name] is not None}
        what = What(**said, since=row["since"], until=row["until"])
        found.setdefault(row["source"], set()).add(PartBlock(block, what))
    return found


async def are_partly_blocked(
    db: Connection, patients: Sequence[int], faces: Sequence[int], parties: Sequence[int]
) -> bool:
    """Whether a person, by all the keys that he has, keeps somebody out of some of the record, who has stated no
    emergency."""
    return bool(await db.fetchval(_SQL.blocks_some, list(patients), list(faces), list(parties)))


async def are_blocked(db: Connection, patient: int, faces: Sequence[int]) -> bool:
    """Whether the record of a patient key is blocked for somebody, by what he is."""
    return bool(await db.fetchval(_SQL.is_blocked, patient, list(faces)))
