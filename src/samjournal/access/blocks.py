"""Blocks (sperringer): whom a patient keeps out of the record. hl7.org/fhir/R4/consent.html, pasientjournalloven § 17

    blocks(consent) -> list[Block]        whom it keeps out: persons, roles, units, or everybody
    is_unenforced(consent) -> bool        whether it keeps somebody from a part only, which is not enforced yet

A Consent of the scope patient-privacy that is active and whose provision denies. It is a projection like relations.
That a part cannot be kept from anybody yet is no reason to lose the patient's word: such a Consent is stored, blocks
nothing, and goes on the review list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.dates import span
from samjournal.fhir.keys import key, local

_SQL = queries("samjournal.access")
EVERYBODY = 0
_SCOPE = "patient-privacy"
PARTIES = ("Practitioner", "PractitionerRole", "Organization")
_PARTS = ("data", "class", "code", "action", "purpose", "dataPeriod", "securityLabel", "provision")
"""What makes a provision one about a part of the record, or with exceptions."""
ALWAYS = datetime(2, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Open ends. Not the least and greatest moments there are: the driver turns those into infinity, without zone."""


class Block(NamedTuple):
    """Whom a patient keeps out (keys; EVERYBODY for all), from and until."""

    patient: int
    party: int
    starts: datetime
    ends: datetime


def blocks(consent: dict[str, Any]) -> list[Block]:
    """Whom a Consent keeps out of the whole record."""
    provision = _denying(consent)
    patient = local((consent.get("patient") or {}).get("reference") or "")
    if provision is None or patient is None or is_unenforced(consent):
        return []
    period = provision.get("period", {})
    starts = span(period["start"]).lo if period.get("start") else ALWAYS
    ends = span(period["end"]).hi if period.get("end") else FOREVER
    parties = [key(named) for named in _named(provision)] if provision.get("actor") else [EVERYBODY]
    return [Block(key(patient), party, starts, ends) for party in dict.fromkeys(parties)]


def is_unenforced(consent: dict[str, Any]) -> bool:
    """Whether it keeps somebody from a part of the record only, or somebody whom no block knows."""
    provision = _denying(consent)
    if provision is None:
        return False
    unknown = len(_named(provision)) < len(provision.get("actor", ()))
    return unknown or any(part in provision for part in _PARTS)


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


async def put(db: Connection, source: str, made: Sequence[Block]) -> None:
    """Keep what one Consent blocks, in place of what it blocked."""
    await db.execute(_SQL.forget_blocks, source)
    if made:
        await db.executemany(_SQL.add_block, [(*one, source) for one in made])


async def standing(db: Connection, sources: Sequence[str]) -> dict[str, set[Block]]:
    """What is kept of some Consents."""
    found: dict[str, set[Block]] = {}
    for row in await db.fetch(_SQL.blocks_from, list(sources)):
        found.setdefault(row["source"], set()).add(Block(row["patient"], row["party"], row["starts"], row["ends"]))
    return found


async def are_blocked(db: Connection, patient: int, faces: Sequence[int]) -> bool:
    """Whether the record of a patient key is blocked for somebody, by what he is."""
    return bool(await db.fetchval(_SQL.is_blocked, patient, list(faces)))
