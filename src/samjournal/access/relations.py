"""Relations: who has a service need, derived from what stands in the record. Requirement 2.1, house rule 9.

Each rule is a pure function from one resource to the relations it makes. `project` writes them in the transaction that
stores the resource, on every path (REST, page, load), and marks what a person made for himself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from samjournal.access import blocks, deaths, mandates, representing, results, waiting
from samjournal.access.blocks import ALWAYS, FOREVER
from samjournal.access.permits import Permit
from samjournal.access.representing import REASON
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.dates import span
from samjournal.fhir.errors import IdTaken, Unprocessable
from samjournal.fhir.keys import key, local, patient_key
from samjournal.fhir.reserved import ORDINARY, PARTS, part_of, part_of_labels
from samjournal.fhir.stored import Stored

_SQL = queries("samjournal.access")
_PARTIES = ("Practitioner", "PractitionerRole", "Organization", "HealthcareService", "Location")
_UNITS = {
    "Organization": "partOf",
    "HealthcareService": "providedBy",
    "Location": "managingOrganization",
    "PractitionerRole": "organization",
}
"""What belongs to a unit, and the element that says to which: a relation with any of them is the unit's."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One party's service need for one patient, both as keys, from and until. `made_by` is the login of somebody who
    made it for himself: it does not count for that login until somebody else has acted on it."""

    patient: int
    party: int
    kind: str
    starts: datetime
    ends: datetime
    made_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How one kind of relation is made: by what, what starts it, what ends it, how long it runs out."""

    kind: str
    made_by: str
    starts: str
    ends: str
    run_out: timedelta
    before: timedelta = timedelta()


OWN_PART = "own-part"
"""The kind of all relations that a service makes which is not health care: they open that service's part only."""

RULES = {
    rule.kind: rule
    for rule in (
        Rule(
            "stay",
            "Encounter, inpatient (IMP, ACUTE, NONAC, OBSENC, SS)",
            "admission",
            "discharge",
            timedelta(days=30),
            timedelta(days=1),
        ),
        Rule(
            "contact",
            "Encounter, any other class",
            "start of the contact",
            "its end",
            timedelta(days=14),
            timedelta(days=1),
        ),
        Rule(
            "appointment",
            "Appointment; on a waiting list the time that is asked for",
            "14 days before",
            "its end",
            timedelta(days=14),
            timedelta(days=14),
        ),
        Rule("referral", "ServiceRequest, for its performer", "sent", "closed", timedelta(days=30)),
        Rule("gp-list", "Patient.generalPractitioner", "on the list", "off the list", timedelta()),
        Rule("home-care", "EpisodeOfCare", "decision", "end of the service", timedelta(days=30)),
        Rule("care-team", "CareTeam, for its members", "start of its period", "end of its period", timedelta()),
        Rule("task", "Task, for its owner and who stands in", "given", "done", timedelta(days=14)),
        Rule(
            OWN_PART,
            "any of these, labelled as of a service that is not health care",
            "as there",
            "as there",
            timedelta(days=30),
        ),
    )
}
"""Every kind of relation that the record makes; `samjournal access rules` prints them."""

_OPEN = {
    "Encounter": {"planned", "arrived", "triaged", "in-progress", "onleave", "finished"},
    "Appointment": {"booked", "arrived", "checked-in", "fulfilled", "pending", "proposed", "waitlist"},
    "ServiceRequest": {"active", "on-hold", "completed"},
    "EpisodeOfCare": {"planned", "active", "onhold", "finished"},
    "CareTeam": {"active", "suspended"},
    "Task": {"requested", "received", "accepted", "ready", "in-progress", "on-hold", "completed"},
}
_INPATIENT = {"IMP", "ACUTE", "NONAC", "OBSENC", "SS"}


def relations(resource: dict[str, Any]) -> list[Relation]:
    """The relations that a resource makes; none for most types and for what was cancelled or entered in error."""
    derive = _DERIVE.get(resource["resourceType"])
    if derive is None:
        return []
    if resource.get("status") not in _OPEN.get(resource["resourceType"], {resource.get("status")}):
        return []
    made = dict.fromkeys(derive(resource))
    part = part_of(resource)
    if part != ORDINARY and PARTS[part].is_separate:
        made = dict.fromkeys(_of_own_part(one) for one in made)
    return list(made)


def _of_own_part(one: Relation) -> Relation:
    """The same relation as a service makes it that is not health care: it runs out as such ones do."""
    longer = RULES[OWN_PART].run_out - RULES[one.kind].run_out
    return replace(one, kind=OWN_PART, ends=_later(one.ends, longer))


def _encounter(resource: dict[str, Any]) -> Iterator[Relation]:
    kind = "stay" if resource.get("class", {}).get("code") in _INPATIENT else "contact"
    parties = [
        resource.get("serviceProvider"),
        *(p.get("individual") for p in resource.get("participant", ())),
    ]
    return _made(kind, resource.get("subject"), parties, _ended(resource))


def _appointment(resource: dict[str, Any]) -> Iterator[Relation]:
    actors = [participant.get("actor") for participant in resource.get("participant", ())]
    period = {"start": resource.get("start"), "end": resource.get("end") or resource.get("start")}
    if resource["status"] == "waitlist" and "start" not in resource:  # Whoever waits is in need of the unit so long.
        period = next(iter(resource.get("requestedPeriod", ())), {"start": _LONG_AGO, "end": _LONG_AGO})
    for patient in actors:
        yield from _made("appointment", patient, actors, period)


def _referral(resource: dict[str, Any]) -> Iterator[Relation]:
    done = resource["status"] == "completed"
    start = resource.get("authoredOn") or resource.get("occurrenceDateTime")
    period = {"start": start, "end": resource.get("occurrenceDateTime", start) if done else None}
    return _made("referral", resource.get("subject"), [*resource.get("performer", ())], period)


def _gp_list(resource: dict[str, Any]) -> Iterator[Relation]:
    patient = {"reference": f"Patient/{resource['id']}"}
    ended = deaths.died(resource)
    for one in _made("gp-list", patient, resource.get("generalPractitioner", ()), {}):
        if ended != ALWAYS:  # Dead, and nobody knows since when: no longer on the list.
            yield replace(one, ends=ended) if ended is not None else one


def _home_care(resource: dict[str, Any]) -> Iterator[Relation]:
    parties = [resource.get("managingOrganization"), resource.get("careManager")]
    return _made("home-care", resource.get("patient"), parties, _ended(resource))


def _care_team(resource: dict[str, Any]) -> Iterator[Relation]:
    period: dict[str, Any] = resource.get("period", {})
    yield from _made("care-team", resource.get("subject"), resource.get("managingOrganization", ()), period)
    for one in resource.get("participant", ()):
        # Who leaves sooner than the team has a period of his own.
        yield from _made("care-team", resource.get("subject"), [one.get("member")], {**period, **one.get("period", {})})


def _task(resource: dict[str, Any]) -> Iterator[Relation]:
    start = resource.get("authoredOn") or resource.get("executionPeriod", {}).get("start")
    ended = resource.get("executionPeriod", {}).get("end") or resource.get("lastModified") or start or _LONG_AGO
    period = {"start": start, "end": ended if resource["status"] == "completed" else None}
    also = waiting.also_on(resource) if resource["status"] != "completed" else None
    parties = [resource.get("owner"), {"reference": also} if also else None]
    return _made("task", resource.get("for"), parties, period)


def _ended(resource: dict[str, Any]) -> dict[str, Any]:
    """The period; what is finished without saying when ended as it began, and opens nothing for ever."""
    period: dict[str, Any] = resource.get("period", {})
    if resource["status"] != "finished" or "end" in period:
        return period
    return {"start": period.get("start", _LONG_AGO), "end": period.get("start", _LONG_AGO)}


_LONG_AGO = "1900-01-01"
_DERIVE: dict[str, Callable[[dict[str, Any]], Iterator[Relation]]] = {
    "Encounter": _encounter,
    "Appointment": _appointment,
    "ServiceRequest": _referral,
    "Patient": _gp_list,
    "EpisodeOfCare": _home_care,
    "CareTeam": _care_team,
    "Task": _task,
}


def _made(
    kind: str,
    patient: dict[str, Any] | None,
    parties: Iterable[dict[str, Any] | None],
    period: dict[str, Any],
) -> Iterator[Relation]:
    """The relations of one patient with each party that is a person or a unit, for a FHIR Period."""
    who = _of_type(patient, ("Patient",))
    if who is None:
        return
    rule = RULES[kind]
    start, end = period.get("start"), period.get("end")
    starts = _earlier(span(start).lo, rule.before) if start else ALWAYS
    ends = _later(span(end).hi, rule.run_out) if end else FOREVER
    for party in parties:
        name = _of_type(party, _PARTIES)
        if name is not None:
            yield Relation(key(who), key(name), kind, starts, ends)


def _earlier(moment: datetime, by: timedelta) -> datetime:
    return moment - by if moment > ALWAYS + by else ALWAYS


def _later(moment: datetime, by: timedelta) -> datetime:
    return moment + by if moment < FOREVER - by else FOREVER


def _of_type(reference: dict[str, Any] | None, types: Sequence[str]) -> str | None:
    """A literal reference as `Type/id` when it is to one of `types`."""
    found = local(reference["reference"]) if reference and "reference" in reference else None
    return found if found is not None and found.partition("/")[0] in types else None


def attribute(
    new: Sequence[Relation], old: Sequence[Relation], *, author: str | None, parties: Collection[int] = ()
) -> list[Relation]:
    """Who each relation counts for. `author` is the person who wrote, None for systems; `parties` are his keys.

    What stood before, as wide or wider, keeps its mark, and loses it when somebody else acts on it. All else is new and
    marked as made by its author. What he had by his unit he has as himself, and the other way about: who takes a task
    from his team opens nothing by it.
    """
    marked = []
    for relation in new:
        same = [
            was
            for was in old
            if was.patient == relation.patient
            and (was.party == relation.party or (was.party in parties and relation.party in parties))
            and was.starts <= relation.starts
            and was.ends >= relation.ends
        ]
        if any(was.made_by is None or was.made_by != author for was in same):
            marked.append(relation)
        else:
            marked.append(replace(relation, made_by=author))
    return marked


TYPES = frozenset({*_DERIVE, *_UNITS, "Consent", *mandates.TYPES, *results.TYPES})
"""The types that `project` wants to be told of."""

UNITS = frozenset(_UNITS)


async def project(db: Connection, permit: Permit, stored: Sequence[Stored]) -> None:
    """Make the relations, persons and units of stored resources anew, in the transaction that stores them.

    Raises IdTaken when a new patient's key is another patient's: astronomically rare, never silent; Unprocessable when
    patients would be replaced by one another in a circle.
    """
    wanted = [one for one in stored if one.type in TYPES]
    if not wanted:
        return
    units = [
        (one.reference, _above(one), _part_written(one), key(one.reference)) for one in wanted if one.type in _UNITS
    ]
    if units:
        await db.executemany(_SQL.put_unit, units)
    for one in wanted:
        if one.type == "PractitionerRole":
            await _put_post(db, one)
    await _put_persons(db, [one.resource for one in wanted if one.type == "Patient" and one.resource])
    await _put_relations(db, permit, [one for one in wanted if one.type in _DERIVE])
    await results.project(db, wanted)
    await waiting.project(db, wanted)
    for one in wanted:
        if one.type == "Consent":
            await _put_blocks(db, permit, one)
    # A Consent is written by named actions and by systems with the right to; a parent is one by the register.
    sure = [one for one in wanted if one.type == "Consent"]
    if permit.kind == "staff":
        await _review_powers(db, permit, sure)
    await mandates.project(db, sure, author=None)
    told = [one for one in wanted if one.type in mandates.TYPES and one.type != "Consent"]
    counts = permit.unrestricted and permit.changes_access
    await mandates.project(db, told, author=None if counts else permit.actor)


async def _put_blocks(db: Connection, permit: Permit, one: Stored) -> None:
    await blocks.put(db, one.reference, one.resource)
    if one.resource and blocks.is_unenforced(one.resource):
        patient = local(one.resource.get("patient", {}).get("reference", ""))
        await db.execute(_SQL.unenforced, permit.actor, permit.role, key(patient) if patient else None, one.reference)


async def key_units(db: Pool | Connection) -> int:
    """Give units that were stored by an earlier release their keys; how many. Safe to repeat."""
    done = 0
    while ids := [row["id"] for row in await db.fetch(_SQL.keyless_units)]:
        await db.execute(_SQL.put_keys, ids, [key(id_) for id_ in ids])
        done += len(ids)
    return done


async def _review_powers(db: Connection, permit: Permit, consents: Sequence[Stored]) -> None:
    """What staff registered for somebody without capacity goes on the review list, with the reason."""
    for one in consents:
        for made in representing.mandates(one.resource) if one.resource else ():
            said = next((e["valueString"] for e in one.resource["extension"] if e["url"] == REASON), None)  # type: ignore[index]
            about = (permit.actor, permit.role, made.patient, one.reference, said, permit.organization)
            await db.execute(_SQL.registered_power, *about)


async def _put_post(db: Connection, role: Stored) -> None:
    who = _practitioner(role)
    if who is None:
        await db.execute(_SQL.forget_post, role.reference)
    else:
        await db.execute(_SQL.put_post, role.reference, who)


def _practitioner(role: Stored) -> str | None:
    return local((role.resource or {}).get("practitioner", {}).get("reference", ""))


def _above(unit: Stored) -> str | None:
    above = (unit.resource or {}).get(_UNITS[unit.type], {})
    return local(above.get("reference", ""))


def _part_written(unit: Stored) -> int:
    """In which part of a record an organisation writes: the one that it is labelled with."""
    if unit.type != "Organization" or unit.resource is None:
        return ORDINARY
    return part_of_labels(unit.resource.get("meta", {}).get("security", []))


async def _put_relations(db: Connection, permit: Permit, stored: Sequence[Stored]) -> None:
    # A citizen who books himself in opens nothing for himself by it, and whom he comes to has been asked.
    author = permit.actor if permit.kind == "staff" else None
    before: dict[str, list[Relation]] = {}
    changed = [one.reference for one in stored if one.existed]
    for row in await db.fetch(_SQL.relations_from, changed) if changed else ():
        before.setdefault(row["source"], []).append(Relation(*list(row)[1:]))
    add: list[tuple[Any, ...]] = []
    forget: list[str] = []
    self_made: list[tuple[str, str, int, str, str]] = []
    for one in stored:
        old = before.get(one.reference, [])
        by = _maker(old) if permit.keeps_marks else author
        new = attribute(relations(one.resource) if one.resource else [], old, author=by, parties=permit.parties)
        if set(old) == set(new):
            continue
        forget += [one.reference] if old else []
        add += [(r.patient, r.party, r.kind, r.starts, r.ends, r.made_by, one.reference) for r in new]
        if any(relation.made_by and relation not in old for relation in new):
            self_made.append((permit.actor, permit.role, new[0].patient, one.reference, permit.organization))
    if forget:
        await db.execute(_SQL.forget_relations, forget)
    if add:
        await db.executemany(_SQL.add_relation, add)
    if self_made:
        await db.executemany(_SQL.self_made, self_made)


def _maker(old: Sequence[Relation]) -> str | None:
    """Who made all of some relations for himself; None when somebody else acted on one of them."""
    made_by = {one.made_by for one in old}
    return made_by.pop() if len(made_by) == 1 else None


async def _put_persons(db: Connection, patients: Sequence[dict[str, Any]]) -> None:
    if not patients:
        return
    rows = [
        (patient_key(patient["id"]), patient["id"], key(_stays(patient)), deaths.died(patient)) for patient in patients
    ]
    stored = await db.fetch(_SQL.put_persons, *map(list, zip(*rows, strict=True)))
    put = {row["patient"] for row in stored}
    for mine, id_, *_ in rows:
        if mine not in put:
            raise IdTaken(f"The id Patient/{id_} cannot be used here: choose another.")
    if any(row["merged"] for row in stored):
        circle = await db.fetchval(_SQL.circle, [mine for mine, *_ in rows])
        if circle is not None:
            raise Unprocessable(f"Patient/{circle} would be replaced by itself, by way of others. One must stay.")
        await db.execute(_SQL.resolve_persons)


def _stays(patient: dict[str, Any]) -> str:
    """The patient who stays when this one was merged, else the patient itself."""
    for link in patient.get("link", ()):
        other = local(link.get("other", {}).get("reference", ""))
        if link.get("type") == "replaced-by" and other:
            return other
    return f"Patient/{patient['id']}"


async def differing(db: Connection, stored: Sequence[Stored]) -> list[Stored]:
    """Those resources whose relations, person or unit are not what stands in the tables."""
    rows = await db.fetch(_SQL.relations_from, [one.reference for one in stored])
    standing: dict[str, set[Relation]] = {}
    for row in rows:
        standing.setdefault(row["source"], set()).add(replace(Relation(*list(row)[1:]), made_by=None))
    units = {
        row["id"]: (row["part_of"], row["part"])
        for row in await db.fetch(_SQL.units, [one.reference for one in stored])
    }
    persons = {row["id"]: (row["link"], row["died"]) for row in await db.fetch(_SQL.links, [one.id for one in stored])}
    blocked = await blocks.standing(db, [one.reference for one in stored if one.type == "Consent"])
    posts = {row["role"]: row["practitioner"] for row in await db.fetch(_SQL.posts, [one.reference for one in stored])}
    apart = await mandates.differing(db, [one for one in stored if one.type in mandates.TYPES])
    apart |= await results.differing(db, stored)
    apart |= await waiting.differing(db, stored)
    wrong = []
    for one in stored:
        right = standing.get(one.reference, set()) == set(relations(one.resource) if one.resource else [])
        if one.type == "Consent":
            right = right and blocked.get(one.reference, set()) == blocks.made(one.resource)
        if one.type in _UNITS:
            right = right and units.get(one.reference) == (_above(one), _part_written(one))
        if one.type == "PractitionerRole":
            right = right and posts.get(one.reference) == _practitioner(one)
        if one.type == "Patient" and one.resource:
            right = right and persons.get(one.id) == (key(_stays(one.resource)), deaths.died(one.resource))
        if not right or one.reference in apart:
            wrong.append(one)
    return wrong
