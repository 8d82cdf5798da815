"""`samjournal access`: the rules as tables, today's and of a past day; who held which role; and why a record is open to
somebody or is not. docs/reference/access.md"""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from samjournal import accounts, record
from samjournal.access import LEVELS, REPRESENTATION, ROLES, RULES, Bond, Level, Role, for_system, for_work, past
from samjournal.access.relations import Rule
from samjournal.access.representing import Rule as Representation
from samjournal.access.roles import ANY
from samjournal.db.pool import Pool
from samjournal.fhir.release import RULES as RELEASES
from samjournal.fhir.reserved import PARTS
from samjournal.record import open_door
from samjournal.server import exits
from samjournal.ui.formats import OSLO

Tell = Callable[[str], None]
STATES = {
    "open": "opens the record",
    "blocked": "opens nothing, since the patient has blocked the record",
    "self-made": "made by the reader, so it counts when somebody else has acted on it",
    "later": "has not begun",
    "over": "has run out",
    "elsewhere": "opens the part of its own service only",
}


def rules(tell: Tell) -> None:
    """Print every role, every kind of relation, and who may act for whom."""
    tell("Roles: one is active at a time, and says which types may be read and written at all.\n")
    _tell_roles(ROLES.values(), tell)
    tell("Relations: each opens a patient's record to a practitioner, a role or a unit, and to the units above.\n")
    rows = [("kind", "made by", "starts", "ends", "runs out after"), *map(_row, RULES.values())]
    rows.append(("reason", "a person who states why", "at once", "after 4 hours", ""))
    for line in _table(rows):
        tell(line)
    tell("\nWhat somebody makes for himself opens nothing to him until somebody else has acted on it.")
    tell("\nParts of a record with access of their own, by the label on a resource:\n")
    for line in _table([("part", "open to"), *((part.code, part.description) for part in PARTS.values())]):
        tell(line)
    tell("\nWhat the patient does not see at once:\n")
    released = ((rule.code, ", ".join(sorted(rule.types)), rule.names[-1]) for rule in RELEASES)
    for line in _table([("rule", "of", "when"), *released]):
        tell(line)
    tell("\nRepresentation: a citizen acts for one other person at a time, decided anew at each request.\n")
    kinds = [("kind", "made by", "starts", "ends", "levels"), *map(_representation, REPRESENTATION.values())]
    for line in _table(kinds):
        tell(line)
    tell("")
    for level in LEVELS.values():
        tell(f"{level.code} ({', '.join(level.names)})")
        for line in _allowed(level):
            tell(f"  {line}")


def _tell_roles(roles: Iterable[Role], tell: Tell) -> None:
    for role in roles:
        tell(f"{role.code} ({', '.join(role.names)})")
        tell(f"  {role.description}")
        for line in _rights(role):
            tell(f"  {line}")
        tell("")


async def rules_at(pool: Pool, day: date, *, tell: Tell) -> int:
    """Print every role as it was at the end of a day (in Oslo)."""
    end = _end(day)
    roles = await past.roles_at(pool, end)
    if not roles:
        tell(f"What roles could do on {day} was not kept: it is kept since a server first started with this record.")
        return exits.OK
    tell(f"Roles as they were at the end of {day}:\n")
    _tell_roles(roles, tell)
    return exits.OK


async def roles(pool: Pool, login: str, day: date | None, *, tell: Tell) -> int:
    """Print which roles somebody held on a day, or ever."""
    begin = _end(day) - timedelta(days=1) if day else datetime(1900, 1, 1, tzinfo=OSLO)
    end = _end(day) if day else datetime.now(OSLO)
    held = await accounts.roles_held(pool, login, begin, end)
    if not held:
        tell(f"{login} held no role{f' on {day}' if day else ''}.")
    for one in held:
        place = f" at {one.at.unit_name} (Organization/{one.at.organization_id})" if one.at.organization_id else ""
        until = f"until {_moment(one.ends)}" if one.ends else "and holds it still"
        tell(
            f"{one.at.code}{place}, PractitionerRole/{one.at.practitioner_role_id}: from {_moment(one.starts)} {until}."
        )
    return exits.OK


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), OSLO)


def _rights(role: Role) -> list[str]:
    told = [f"reads: {'every type' if ANY in role.reads else _listed(role.reads)}"]
    told.append(f"writes: {_listed(role.writes) or 'nothing'}")
    if role.writes_unread:
        told.append(f"writes without opening the record: {_listed(role.writes_unread)}")
    if role.finds:
        told.append("looks people up by name, birth date and number")
    if role.states_reason:
        told.append("opens a record by stating why")
    if role.emergency:
        told.append("opens in an emergency what the patient has blocked")
    if role.registers:
        told.append("registers people and their numbers; proposes that two records are one person's")
    if role.merges:
        told.append("decides that records are merged, parted or closed")
    if role.operates:
        told.append("runs the connections to others")
    if role.plans:
        told.append("plans the unit: what can be booked there, when and with whom")
    if role.oversees:
        told.append("answers for the access of others")
        told.append("reads the log of looks that were made in the organisation")
    if role.erases:
        told.append("decides on erasure, together with another")
    return told


def _representation(rule: Representation) -> tuple[str, ...]:
    return rule.kind, rule.made_by, rule.starts, rule.ends, ", ".join(rule.levels)


def _allowed(level: Level) -> list[str]:
    everything = level.reads == ROLES["citizen"].reads
    told = [f"reads: {'what the citizen reads' if everything else _listed(level.reads)}"]
    if level.code == "parts":
        told[0] += ", and the types that were chosen"
    told.append(f"writes, as far as citizens write: {_listed(level.writes) or 'nothing'}")
    if level.reads_log:
        told.append("reads who has read")
    if level.decides:
        told.append("blocks the record, and lets in again")
    return told


def _listed(types: Iterable[str]) -> str:
    return ", ".join(sorted(types))


def _row(rule: Rule) -> tuple[str, ...]:
    days = rule.before.days
    before = f", {days} day{'' if days == 1 else 's'} before" if days and str(days) not in rule.starts else ""
    return rule.kind, rule.made_by, f"{rule.starts}{before}", rule.ends, f"{rule.run_out.days} days"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


async def explain(pool: Pool, login: str, role: str | None, patient_id: str, *, tell: Tell) -> int:
    """Tell why a record is open to somebody, or what would open it. The answer is logged as a look at the patient."""
    installation = await accounts.installation(pool)
    assert installation is not None
    who, at = await accounts.in_role(pool, login, role)
    reader = await for_work(
        pool,
        login=who.login,
        name=who.name,
        kind=who.kind,
        role=at,
        patient_id=who.patient_id,
        request="access explain",
    )
    door = await open_door(pool, secret=installation.secret)
    asker = for_system(f"access explain ({operator()})", scope=None, request="access explain")
    found = await record.explain(door, asker, patient_id.removeprefix("Patient/"), reader=reader)
    place = f" at {at.unit_name}" if at.unit_name else ""
    tell(f"{login}, {at.code}{place}: Patient/{patient_id.removeprefix('Patient/')} is {_said(found.opens)}.")
    if found.blocked:
        tell("  The patient has blocked the record for this person, this role, this unit or a unit above it.")
    for bond in found.bonds:
        tell(f"  {_bond(bond)}")
    if who.kind == "staff" and not found.bonds:
        tell("  Nothing in the record binds this person, this role, this unit or a unit under it to the patient.")
    if who.kind == "staff" and found.opens is None and ROLES[at.code].states_reason and not found.blocked:
        tell("  To state a reason opens it for four hours; the patient sees that, and somebody looks it over.")
    return exits.OK


def _said(opens: str | None) -> str:
    if opens is None:
        return "closed"
    return {"self": "open: it is the own record", "reason": "open by a stated reason"}.get(opens, f"open by {opens}")


def _bond(bond: Bond) -> str:
    begun = f"from {_moment(bond.starts)} " if bond.starts else ""
    until = f"until {_moment(bond.ends)}" if bond.ends else "with no end"
    source = f" by {bond.source}" if "/" in bond.source else ""
    said = f", who said: {bond.reason}" if bond.reason else ""
    return f"{bond.kind}{source}, {begun}{until}: {STATES[bond.state]}{said}."


def _moment(at: datetime) -> str:
    return at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M")


def operator() -> str:
    """Who sits at the terminal, for the log."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
