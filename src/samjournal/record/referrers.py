"""What refers to a resource that is about to be deleted. hl7.org/fhir/R4/http.html#delete"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Issue, StillReferredTo
from samjournal.fhir.keys import key, patient_key
from samjournal.fhir.numbers import name
from samjournal.record.door import Door
from samjournal.store import reading

Named = tuple[str, str]
_TELL_OF_IT = ("AuditEvent", "Provenance")
"""Tell what was done to a resource, so they do not keep it from being deleted."""
_SOME = 5


async def refuse_referred(
    permit: Permit, leaving: Sequence[Named], staying: Mapping[Named, Collection[int]], db: Connection
) -> None:
    """Refuse to delete what something refers to that stays. `staying` are the tokens of what the same transaction
    writes: what is deleted with it, or no longer refers to it, does not count. Raises StillReferredTo, with an issue
    for each that names some referrers, as the permit sees them: what is protected may be that they refer to it."""
    tokens = {key(f"@{type_}/{id_}"): (type_, id_) for type_, id_ in leaving}
    if not tokens:
        return
    referring: dict[Named, list[str]] = {}
    for (type_, id_), has in staying.items():
        for token in tokens.keys() & set(has) if type_ not in _TELL_OF_IT else ():
            referring.setdefault(tokens[token], []).append(f"{type_}/{id_}")
    text, values = reading.referring(
        list(tokens), besides=[*leaving, *staying], never=_TELL_OF_IT, may=permit.condition
    )
    for row in await db.fetch(text, *values):
        named = referring.setdefault(tokens[row["token"]], [])
        if row["may"] and permit.may("r", name(row["type"])) and (permit.sees_protected or not row["protected"]):
            named.append(f"{name(row['type'])}/{row['id']}")
    if referring:
        issues = [_issue(one, referring[one]) for one in leaving if one in referring]
        raise StillReferredTo(issues[0].text, issues=issues[:50])


def _issue(one: Named, referring: Sequence[str]) -> Issue:
    reference = "/".join(one)
    some = ", ".join(referring[:_SOME]) + (" and others" if len(referring) > _SOME else "")
    return Issue(
        StillReferredTo.code,
        f"{some or 'Something that you cannot see'} refers to {reference}. Delete or change what refers to it first, "
        "or in the same transaction. With _force=true it is deleted all the same, and these references lead nowhere.",
        reference,
    )


async def referrers(door: Door, permit: Permit, type_: str, id_: str) -> list[str]:
    """Some of what refers to a resource, as `Type/id`, as far as the permit sees it; at most twenty."""
    text, values = reading.referring(
        [key(f"@{type_}/{id_}")], besides=[(type_, id_)], never=_TELL_OF_IT, may=permit.condition
    )
    rows = await door.pool.fetch(text, *values)
    return sorted(
        f"{name(row['type'])}/{row['id']}" for row in rows if row["may"] and permit.may("r", name(row["type"]))
    )


async def living_under(door: Door, patients: Sequence[str], named: Sequence[Named]) -> set[Named]:
    """Which of some resources (type, id) live under some patients (ids)."""
    if not named:
        return set()
    keys = {patient_key(id_) for id_ in patients}
    text, values = reading.homes(named)
    return {(name(row["type"]), row["id"]) for row in await door.pool.fetch(text, *values) if row["patient"] in keys}
