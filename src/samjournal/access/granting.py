"""Who gets which permit: a signed-in person in the active role, the holder of a token, a system, a named action.

    for_session(db, session), for_work(db, …)          a person, as himself or as who acts for somebody
    for_system(client, scope)                          a system, within its scopes
    acting(permit, *types), keeping(permit, *types)    the same person, for one named action
    for_job(name), restoring(permit)                   no second person: a job of ours, and who undoes his own act
    as_reader(db, patient, holder)                     for jobs: what a citizen, or who acts for him, would be shown
    within(permit, scopes, …)                          the same, as far as the scopes of an app go and no further
    in_general(code)                               what a role may do, for telling people of it

A permit is decided anew at each request, so that what has ended is closed in the middle of a session.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from msgspec import structs

from samjournal.access import mandates, surroundings
from samjournal.access.deaths import is_dead
from samjournal.access.mandates import Represented
from samjournal.access.narrowing import Narrow, Restriction, Searched
from samjournal.access.permits import Permit
from samjournal.access.representing import BY_PROFESSIONALS, BY_THE_PATIENT
from samjournal.access.roles import ROLES
from samjournal.access.scopes import Scopes, parse
from samjournal.accounts import RoleAt, Session
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, NotRepresenting
from samjournal.fhir.keys import key, patient_key
from samjournal.fhir.reserved import ORDINARY

_SQL = queries("samjournal.access")


async def for_session(db: Pool, session: Session, *, request: str) -> Permit | None:
    """The permit of a signed-in person in the active role; None until a role is chosen, and for the dead. Raises
    NotRepresenting when he acts for somebody and may not any longer, Forbidden for a child without a login of its
    own."""
    if session.role is None or await _is_over(db, session.kind, session.patient_id):
        return None
    who = (session.login, session.name, session.kind, session.role, session.patient_id, session.acts_for)
    return await _for_person(db, *who, request, session.id)


async def for_work(
    db: Pool,
    *,
    login: str,
    name: str,
    kind: str,
    role: RoleAt,
    patient_id: str | None,
    request: str,
    acts_for: str | None = None,
) -> Permit:
    """The permit behind a person's bearer token: the same rights as on the page. Raises as `for_session`, and Forbidden
    for a citizen who is dead."""
    if await _is_over(db, kind, patient_id):
        raise Forbidden("The person is dead, and the access has ended.")
    return await _for_person(db, login, name, kind, role, patient_id, acts_for, request, "")


def for_job(name: str) -> Permit:
    """The permit of a job that sees to work on time. It is nobody's colleague: a relation that somebody made for
    himself stays so when the job moves it on."""
    return structs.replace(for_system(name, scope=None, request=name), keeps_marks=True)


def restoring(permit: Permit) -> Permit:
    """The permit of somebody who undoes what he did himself: what stood before was decided then, and opens no more."""
    return structs.replace(permit, keeps_marks=True)


async def as_reader(db: Pool, patient_id: str, holder: str = "") -> Permit | None:
    """What a citizen would be shown of his own record, or the `holder` (a patient id) who acts for him; None when that
    one may not, or is too young for a login of his own. For a job that asks whether there is anything to be told
    (`record.beside`): nobody signs in with it, and it writes nothing."""
    now, own = datetime.now(UTC), await _keys_of(db, patient_id)
    if await is_dead(db, own[0]):
        return None
    role, represents = replace(ROLES["citizen"], writes=frozenset()), None
    if holder:
        try:
            represents = await mandates.represented(db, await _keys_of(db, holder), patient_id, at=now)
        except NotRepresenting:
            return None
        role = replace(role, reads=represents.level.reads)
    elif not await mandates.has_own_login(db, own, at=now):
        return None
    return Permit(
        actor="", name="", kind="citizen", role="citizen", organization="", unit="", practitioner_role="", request="",
        own=tuple(own), patient=patient_id, represents=represents, _role=role,
    )  # fmt: skip


async def _is_over(db: Pool, kind: str, patient_id: str | None) -> bool:
    """Whether a citizen's own access has ended: nobody signs in for the dead."""
    return kind == "citizen" and patient_id is not None and await is_dead(db, patient_key(patient_id))


def acting(permit: Permit, *types: str, beside: Collection[int] = ()) -> Permit:
    """The permit for a named action of the same person, which reads and writes types that decide about access, and
    nothing else. What it may be done with is the action's to say; it concerns the patients `beside` too, whose records
    stay closed."""
    assert permit._role is not None
    role = replace(permit._role, reads=frozenset(types), writes=frozenset(types))
    return structs.replace(permit, changes_access=True, beside=frozenset(beside), _role=role)


def keeping(permit: Permit, *types: str, sees_protected: bool = False, why: str = "identity") -> Permit:
    """The permit for a named action about who somebody is, or who comes when: these types of anybody, whatever relation
    there is and whatever the patient has blocked. Who may do it, and what is shown of it, is the action's to say; `why`
    is what the log calls it."""
    named = acting(permit, *types)
    return structs.replace(named, keeps=True, keeps_for=why, sees_parts=True, sees_protected=sees_protected)


def within(
    permit: Permit,
    scopes: Scopes,
    restrictions: Mapping[Searched, Restriction],
    *,
    app: str = "",
    patients: Collection[int] = (),
) -> Permit:
    """The permit of somebody as an app has it: within its scopes, and never more than he has himself. `patients` are
    the keys of the patient whom it was opened for, `restrictions` the searches that the scopes name."""
    narrow = Narrow(scopes, tuple(patients), restrictions) if scopes.is_narrow else None
    return structs.replace(permit, scopes=scopes, narrow=narrow, app=app)


def in_general(code: str) -> Permit:
    """What a role may do wherever somebody has it, for telling people of it. It is nobody's, and opens nothing."""
    return Permit(
        actor="", name="", kind="staff", role=code, organization="", unit="", practitioner_role="", request="",
        _role=ROLES[code],
    )  # fmt: skip


def may_withhold(permit: Permit, labels: Collection[tuple[object, object]]) -> bool:
    """Whether somebody may put these labels on a resource, or take them off, that keep it from those who act for the
    patient: the patient the own one, and professionals theirs on what they write."""
    if permit.kind == "citizen":
        return bool(labels) and permit.represents is None and BY_THE_PATIENT.issuperset(labels)
    return bool(labels) and permit.kind == "staff" and BY_PROFESSIONALS.issuperset(labels)


def for_system(client: str, *, scope: str | None, request: str) -> Permit:
    """The permit of a system token. Without scope it reads and writes every type, access included; raises Invalid
    for a scope that cannot be read. One with a search is of use only when the door has made its SQL (`within`)."""
    scopes = parse(scope)
    return Permit(
        actor=client,
        name=client,
        kind="system",
        role="system",
        organization="",
        unit="",
        practitioner_role="",
        request=request,
        scopes=scopes,
        changes_access=scopes is None or scopes.changes_access,
        sees_protected=scopes is None,
        sees_parts=scopes is None or scopes.changes_access,
        narrow=Narrow(scopes) if scopes is not None and scopes.is_narrow else None,
    )


async def _for_person(
    db: Pool,
    login: str,
    name: str,
    kind: str,
    at: RoleAt,
    patient_id: str | None,
    acts_for: str | None,
    request: str,
    session: str,
) -> Permit:
    role = ROLES[at.code]
    represents: Represented | None = None
    knows: frozenset[int] = frozenset()
    own: Sequence[int] = ()
    parties: Sequence[int] = ()
    faces: Sequence[int] = ()
    part = ORDINARY
    if kind == "citizen":
        if patient_id is None:
            raise Forbidden("This account has no record of its own.")
        own = await _keys_of(db, patient_id)
        now = datetime.now(UTC)
        if not await mandates.has_own_login(db, own, at=now):
            raise Forbidden("A child has a login of its own from 16, or from 13 when a parent has agreed to it.")
        if acts_for is not None:
            # Of one's own rights none goes along, so that nobody acts through a chain of others.
            represents = await mandates.represented(db, own, acts_for, at=now)
            own, patient_id = await _keys_of(db, acts_for), acts_for
            level = represents.level
            role = replace(role, reads=level.reads, writes=level.writes & role.writes)
    elif role.oversees or role.merges or role.operates:
        knows = await surroundings.known(db, f"Organization/{at.organization_id}")
    else:
        unit = f"Organization/{at.organization_id}"
        under = [row["id"] for row in await db.fetch(_SQL.units_under, unit)]
        rising = await db.fetch(_SQL.units_above, unit)
        above = [row["id"] for row in rising]
        part = max(row["part"] for row in rising)
        himself = [key(f"Practitioner/{at.practitioner_id}"), key(f"PractitionerRole/{at.practitioner_role_id}")]
        parties = [*himself, *(key(reference) for reference in sorted({unit, *under}))]
        faces = [*himself, *(key(reference) for reference in sorted({unit, *above}))]
        knows = await surroundings.known(db, unit)
        if not knows.issuperset(himself):
            knows |= frozenset(himself)
    return Permit(
        actor=login,
        name=name,
        kind=kind,
        role=role.code,
        organization=at.organization_id if kind == "staff" else "",
        unit=at.unit_name,
        practitioner_role=at.practitioner_role_id,
        request=request,
        practitioner=at.practitioner_id,
        parties=tuple(parties),
        faces=tuple(faces),
        own=tuple(own),
        patient=patient_id if kind == "citizen" else None,
        session=session,
        sees_protected=kind == "citizen" and represents is None,
        represents=represents,
        part=part,
        knows=knows,
        _role=role,
    )


async def _keys_of(db: Pool, patient_id: str) -> list[int]:
    """Every key of a person, that of the given id first."""
    mine = patient_key(patient_id)
    return [mine, *(row["patient"] for row in await db.fetch(_SQL.same_person, mine))]
