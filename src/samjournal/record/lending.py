"""A confidential address of one id of a person hides those of all: the label is lent to the other records. House rule 2

    to_lend(stored, db) -> list[Lent]      the Patients that lack a label which another id of the person has

It is asked of what was stored, in the same transaction and on every path, so that there is no moment between. To take
a label away it goes from all ids of the person in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import asyncpg
import msgspec

from samjournal import access
from samjournal.db.pool import Connection
from samjournal.fhir.keys import patient_key
from samjournal.fhir.protection import CONFIDENTIALITY, is_protected
from samjournal.store import writing


class Lent(NamedTuple):
    """A Patient that gets the label: its row, held until the transaction ends; with the label, decoded and as bytes."""

    row: asyncpg.Record
    resource: dict[str, Any]
    compact: bytes


async def to_lend(stored: Collection[str], db: Connection) -> list[Lent]:
    """`stored` are the ids of the Patients that were stored just now."""
    persons = await access.persons_of(db, [patient_key(id_) for id_ in stored]) if stored else {}
    found: list[Lent] = []
    for ids in persons.values():
        rows = await writing.lock(db, [("Patient", id_) for id_ in ids])
        there = [(row, msgspec.json.decode(row["body"])) for row in rows.values() if not row["deleted"]]
        code = max((_code(patient) for _, patient in there if is_protected(patient)), default=None)
        if code is not None:
            found += [Lent(row, *_labelled(row["body"], code)) for row, patient in there if not is_protected(patient)]
    return found


def _code(patient: dict[str, Any]) -> str:
    labels: list[dict[str, str]] = patient["meta"]["security"]
    return max(one["code"] for one in labels if one.get("system") == CONFIDENTIALITY and one.get("code") in ("R", "V"))


def _labelled(body: bytes, code: str) -> tuple[dict[str, Any], bytes]:
    """The same bytes with one label more."""
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    meta: dict[str, Any] = msgspec.json.decode(members["meta"])
    meta["security"] = [*meta.get("security", ()), {"system": CONFIDENTIALITY, "code": code}]
    members["meta"] = msgspec.Raw(msgspec.json.encode(meta))
    compact = msgspec.json.encode(members)
    return msgspec.json.decode(compact), compact
