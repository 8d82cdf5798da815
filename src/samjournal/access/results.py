"""Results that the patient sees with what lists them: a report's Observations, and those that an Observation has as
members. Kept as a projection, asked wherever a citizen's row is an Observation. hl7.org/fhir/R4/diagnosticreport.html

    listed(resource) -> list[Listed]        what a resource lists, and when the patient sees it by its own rules
    project(db, stored)                     keep what resources say now, in the transaction that stores them
    differing(db, stored) -> set[str]       references of those of which something else is kept

In SQL it is `access.shows_result`. Which of them came first does not matter, since nothing is written on the
Observation; one that comes alone, before any report lists it, follows its own rules until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from samjournal.access.blocks import ALWAYS
from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.keys import key, local
from samjournal.fhir.release import NOPAT, has_label, released, rule_of
from samjournal.fhir.stored import Stored

_SQL = queries("samjournal.access")
_LISTS = {"DiagnosticReport": "result", "Observation": "hasMember"}
TYPES = frozenset(_LISTS)

FIRM, RULE, EARLY = "firm", "rule", "early"
"""How `released` came about: it holds, whatever else lists the same; or it is the rule of an Observation, which a
report that is released before its time lifts; or it was released so, and lifts the rules of what it lists."""


class Listed(NamedTuple):
    """One Observation (id) as something under a patient (key) lists it: when the patient sees that, and how it came
    about."""

    patient: int
    id: str
    released: datetime
    how: str


def listed(resource: dict[str, Any]) -> list[Listed]:
    """What a report lists while a rule or a decision is about it, and what an Observation has as members always: what
    holds these back may lie above. Each once, whoever lists it twice."""
    type_ = resource["resourceType"]
    found = [local(one["reference"]) for one in resource.get(_LISTS[type_], ()) if "reference" in one]
    ids = [text.partition("/")[2] for text in found if text is not None and text.startswith("Observation/")]
    patient = local(resource.get("subject", {}).get("reference", ""))
    if not ids or patient is None or not patient.startswith("Patient/"):
        return []
    when, rule = released(resource), rule_of(resource)
    if when is None and rule is None and type_ == "DiagnosticReport":
        return []
    how = FIRM
    if when is None and rule is not None:
        how = EARLY
    elif type_ == "Observation" and not has_label(resource, NOPAT):
        how = RULE
    return list(dict.fromkeys(Listed(key(patient), id_, when or ALWAYS, how) for id_ in ids))


async def project(db: Connection, stored: Sequence[Stored]) -> None:
    """Keep what stored resources list now."""
    wanted = [one for one in stored if one.type in TYPES]
    before = [one.reference for one in wanted if one.existed and _may_have_listed(one)]
    if before:
        await db.execute(_SQL.forget_results, before)
    now = [(*made, one.reference) for one in wanted if one.resource for made in listed(one.resource)]
    if now:
        await db.executemany(_SQL.add_result, now)


def _may_have_listed(one: Stored) -> bool:
    """Most Observations never had members: to forget what they listed would be a statement for each that is changed.
    The bytes are as the sender wrote them: JSON may escape any sign of the name."""
    return one.before is None or b'"%b"' % _LISTS[one.type].encode() in one.before or b"\\u" in one.before


async def differing(db: Connection, stored: Iterable[Stored]) -> set[str]:
    """Of stored resources those of which something else is kept than they list."""
    wanted = {one.reference: one for one in stored if one.type in TYPES}
    kept: dict[str, set[Listed]] = {}
    for row in await db.fetch(_SQL.results_from, list(wanted)) if wanted else ():
        kept.setdefault(row["source"], set()).add(Listed(*list(row)[1:]))
    return {
        reference
        for reference, one in wanted.items()
        if kept.get(reference, set()) != set(listed(one.resource) if one.resource else ())
    }
