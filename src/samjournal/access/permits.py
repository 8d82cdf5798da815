"""The Permit: who you are, the one active role, and the SQL condition that both compile to.

A permit is decided once for a request and goes with it through the door. `condition` is added wherever a row is
touched; `why` names, beside a row, the relation that opens it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

import msgspec

from samjournal.access.mandates import Represented
from samjournal.access.narrowing import Narrow
from samjournal.access.representing import WITHHELD
from samjournal.access.roles import NAMED_ACTIONS, REGISTERS, Role
from samjournal.access.scopes import Scopes
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import number
from samjournal.fhir.protection import NUMBERED
from samjournal.fhir.release import NOPAT
from samjournal.fhir.reserved import ORDINARY, PARTS

_SQL = queries("samjournal.access")


class Permit(msgspec.Struct, frozen=True):
    """May read and write what `condition` allows. Only `access` makes one.

    `actor` is a login or a client's name; `parties` are the keys that a relation may name (the practitioner, the role,
    the unit and the units under it), `faces` those that a block may name (the unit and those above it instead); `own`
    are a citizen's own patient keys, or those of the person whom he `represents`; `beside` are patients whom a named
    action concerns though their records stay closed; `knows` are the units, places and people of the own organisation.
    All keys are `fhir.keys`. `part` is the part of the record that the unit writes in (`fhir.reserved`); `sees_parts`
    says of a system that it sees all of them. `app` is the client id of the app that a person uses, `narrow` what its
    scopes leave of what he sees.
    """

    actor: str
    name: str
    kind: str  # staff, citizen, system
    role: str
    organization: str  # Organization id, '' for systems and citizens
    unit: str
    practitioner_role: str
    request: str
    practitioner: str = ""
    parties: tuple[int, ...] = ()
    faces: tuple[int, ...] = ()
    own: tuple[int, ...] = ()
    patient: str | None = None
    scopes: Scopes | None = None
    session: str = ""
    changes_access: bool = False
    sees_protected: bool = False
    sees_parts: bool = False
    part: int = ORDINARY
    represents: Represented | None = None
    beside: frozenset[int] = frozenset()
    keeps: bool = False  # a named action about anybody, whatever relation there is: `keeping`
    keeps_for: str = "identity"  # what that action is called in the log
    knows: frozenset[int] = frozenset()
    keeps_marks: bool = False  # no second person: what somebody made for himself stays so
    app: str = ""
    narrow: Narrow | None = None
    _role: Role | None = None

    def may(self, interaction: str, type_: str) -> bool:
        """Whether role and scopes allow `interaction` (c, r, u, d, s) on `type_` at all."""
        if self.scopes is not None and not self.scopes.allow(interaction, type_):
            return False
        if self._role is None:
            return True
        return self._role.may_read(type_) if interaction in "rs" else self._role.may_write(type_)

    def demand(self, interaction: str, type_: str) -> None:
        """Refuse what the role may never do. Raises Forbidden."""
        if interaction in "cud" and type_ in NAMED_ACTIONS and not self.changes_access:
            raise Forbidden(f"{type_} decides who may see a record: people change it by named actions only.")
        if interaction == "d" and type_ == "Patient" and not self.changes_access:
            raise Forbidden("A patient is not deleted: a record is kept. Erasure is a decision of its own.")
        if not self.may(interaction, type_):
            verb = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}[interaction]
            raise Forbidden(f"The role {self.role} may not {verb} {type_}.")

    @property
    def reader(self) -> tuple[object, ...]:
        """What `condition` and `why` follow from: permits with the same reader see the same."""
        who = self.kind, self.actor, self.parties, self.faces, self.own, self.represents, self.sees_parts, self.keeps
        return who if self.narrow is None else (*who, self.narrow, self.practitioner_role)

    @property
    def agent(self) -> str:
        """Who it is as a reference, for the log; '' for systems, which are known by name."""
        if self.kind == "citizen":
            return f"Patient/{self.patient}"
        return f"PractitionerRole/{self.practitioner_role}" if self.kind == "staff" else ""

    @property
    def unrestricted(self) -> bool:
        """Every patient: a system within its scopes, a named action about who somebody is within its types."""
        return self.kind == "system" or self.keeps

    @property
    def blanket(self) -> str:
        """What opens the record of everybody to whom nothing is restricted, as `why` says it."""
        return self.keeps_for if self.keeps else "system"

    def shows_protected(self, type_: str) -> bool:
        """Whether the protected fields of a type are found and shown. The patient's own are; those of somebody who is
        named in his record, and of those who work here, are not his to know."""
        return self.sees_protected and (self.unrestricted or type_ not in _OF_OTHERS)

    @property
    def rights(self) -> str:
        """Whom it stands for and what that may do, as one text: alike for alike rights."""
        acts = f" {self.represents.kind} {sorted(self.represents.level.reads)}" if self.represents else ""
        of = sorted(self.narrow.patients) if self.narrow else ""
        who = f"{self.kind} {self.role} {self.organization} {self.practitioner_role} {self.patient}"
        return f"{who} {self.scopes}{of}{acts}"

    def writes_unread(self, type_: str) -> bool:
        """Whether this role may write `type_` for a patient whose chart it may not read."""
        return self._role is not None and type_ in self._role.writes_unread

    @property
    def finds(self) -> bool:
        """Whether it may look people up by name, birth date and number: everybody, so not within some Patients."""
        if self.narrow is not None and (self.narrow.scopes.is_of_patient or self.narrow.scopes.narrows("Patient")):
            return False
        return self._role is None or self._role.finds

    @property
    def is_separate(self) -> bool:
        """Whether it stands for a service that is not health care: it opens no record, only that service's own part."""
        return self.part != ORDINARY and PARTS[self.part].is_separate

    @property
    def states_reason(self) -> bool:
        """Whether it may open a chart by stating a reason."""
        return self._role is not None and self._role.states_reason and not self.is_separate

    @property
    def opens_in_emergency(self) -> bool:
        """Whether it may open a blocked record when life or health is in danger."""
        return self._role is not None and self._role.emergency and not self.is_separate

    @property
    def registers(self) -> bool:
        """Whether it may register somebody new, give a new number, and propose that two records are one person."""
        return self._role is not None and self._role.registers and not self.app

    @property
    def merges(self) -> bool:
        """Whether it decides that two records are one person, and that they were not."""
        return self._role is not None and self._role.merges and not self.app

    @property
    def operates(self) -> bool:
        """Whether it runs the connections to others."""
        return self._role is not None and self._role.operates and not self.app

    @property
    def plans(self) -> bool:
        """Whether it plans its unit: what can be booked there, when and with whom."""
        return self._role is not None and self._role.plans and self.kind == "staff"

    @property
    def oversees(self) -> bool:
        """Whether it answers for the access of others: why they read, and what is to be looked over."""
        return self._role is not None and self._role.oversees and not self.app

    @property
    def erases(self) -> bool:
        """Whether it may propose to erase something, and confirm what somebody else proposed."""
        return self._role is not None and self._role.erases and not self.app

    @property
    def signs(self) -> bool:
        """Whether it signs notes of its own, and countersigns those of others."""
        return self._role is not None and self._role.signs and self.kind == "staff"

    @property
    def prepares(self) -> bool:
        """Whether it writes notes for somebody who signs."""
        return self._role is not None and self._role.prepares and self.kind == "staff"

    @property
    def known(self) -> frozenset[int] | None:
        """The units and people that may be named to it of those whose address is confidential; None: all."""
        return None if self.sees_protected else self.knows

    @property
    def bond(self) -> str:
        """By what a citizen sees a record: his own, or as what he acts for another."""
        return self.represents.kind if self.represents else "self"

    @property
    def decides(self) -> bool:
        """Whether it decides about a record as the patient does: blocks it, and lets in again."""
        return self.kind == "citizen" and (self.represents is None or self.represents.level.decides)

    @property
    def sends(self) -> bool:
        """Whether it writes to those who help the patient: the patient himself, and who acts for him at a level that
        may."""
        return self.kind == "citizen" and (self.represents is None or "Communication" in self.represents.level.writes)

    @property
    def reads_log(self) -> bool:
        """Whether it reads who has read the record."""
        return self.kind == "citizen" and (self.represents is None or self.represents.level.reads_log)

    def why(self, patient: str, arguments: Arguments) -> str:
        """SQL: the kind of relation that opens the record of the patient key `patient`, or NULL."""
        if (only := self._only) is not None:
            return (
                f"CASE WHEN {patient} = ANY({arguments.add(only, 'bigint[]')}) THEN {self._why(patient, arguments)} END"
            )
        return self._why(patient, arguments)

    @property
    def _only(self) -> tuple[int, ...] | None:
        """The keys of the patient to whom an app is confined; None: to nobody."""
        return self.narrow.patients if self.narrow is not None and self.narrow.scopes.is_of_patient else None

    def among(self, patients: Collection[int]) -> Collection[int]:
        """Those of some patients (keys) to whom its scopes reach."""
        return patients if self._only is None else [one for one in patients if one in self._only]

    def _why(self, patient: str, arguments: Arguments) -> str:
        if self.unrestricted:
            return f"'{self.blanket}'"
        if self.kind == "citizen":
            own, bond = arguments.add(self.own, "bigint[]"), arguments.add(self.bond, "text")
            return f"CASE WHEN {patient} = ANY({own}) THEN {bond} END"
        if self.is_separate:
            return "NULL::text"
        return f"access.why({patient}, {self._who(arguments)})"

    def opens(self, patient: str, arguments: Arguments) -> str:
        """SQL: whether anything opens the record, as `why` without which: the first relation found will do, however
        many there are. Somebody may have thousands of contacts at one unit."""
        if self._only is not None or self.unrestricted or self.kind == "citizen":
            return f"({self.why(patient, arguments)} IS NOT NULL)"
        if self.is_separate:
            return "false"
        return f"access.opens({patient}, {self._who(arguments)})"

    def _who(self, arguments: Arguments) -> str:
        """SQL: what the functions that open a record are told of who asks."""
        parties, faces = arguments.add(self.parties, "bigint[]"), arguments.add(self.faces, "bigint[]")
        return f"{parties}, {arguments.add(self.actor, 'text')}, {faces}"

    def condition(self, row: str, arguments: Arguments, *, opened: str | None = None, mostly: int | None = None) -> str:
        """SQL: whether the row (alias of store.current) may be seen. Of what lies under no patient, the registers are
        for everybody and the rest for the unit that answers for it. `opened` is SQL of whether the record that the row
        lies under is open, where a statement has asked that (`why`) before; `mostly` is the patient key under which
        most rows lie, of whom it is asked once for all of them, and of whose record `opened` tells where both are
        given. Narrow scopes are one condition more."""
        shown = self._condition(row, arguments, opened, mostly)
        return shown if self.narrow is None else f"({shown} AND {self.narrow.seen(row, arguments)})"

    def _condition(self, row: str, arguments: Arguments, opened: str | None, mostly: int | None) -> str:
        if self.unrestricted:
            return "true" if self.sees_parts else f"({row}.part = {ORDINARY})"
        parties = arguments.add(self.parties, "bigint[]")
        nobodys = f"{row}.type = ANY({_registers()}) OR {row}.owner = ANY({parties})"
        others = f"""({row}.others = '{{}}' OR NOT EXISTS (SELECT 1 FROM unnest({row}.others) other(patient)
            WHERE NOT {self.opens("other.patient", arguments)}
                {self._blocked_by("other.patient", row, arguments, mostly)}))"""
        if mostly is not None:
            most = arguments.add(mostly, "bigint")
            his = opened or f"(SELECT {self.opens(most, arguments)})"
            opened = f"CASE WHEN {row}.patient = {most} THEN {his} ELSE {self.opens(f'{row}.patient', arguments)} END"
        opened = opened or self.opens(f"{row}.patient", arguments)
        if self.kind == "citizen":
            opened = f"({opened} AND {self._shown(row, arguments)})"
        else:
            opened = self._reserved(row, opened, arguments, mostly)
        mine = f"CASE WHEN {row}.patient = 0 THEN {nobodys} ELSE {opened} END"
        return f"({mine} AND {others}{self._withheld(row, arguments)})"

    def _shown(self, row: str, arguments: Arguments) -> str:
        """SQL: whether a row of the own record is shown to the patient by now. What somebody reports is shown with the
        report; most reports are shown at once, and list nothing here."""
        shown = f"({row}.released IS NULL OR {row}.released <= now())"
        own, nopat = arguments.add(self.own, "bigint[]"), arguments.add(_nopat_token(), "bigint")
        listed = f"SELECT 1 FROM access.result r WHERE r.id = {row}.id AND r.patient = ANY({own})"
        with_it = f"access.shows_result({own}, {row}.id, {shown}, {nopat} = ANY({row}.tokens))"
        is_listed = f"{row}.type = {number('Observation')} AND EXISTS ({listed})"
        return f"CASE WHEN {is_listed} THEN {with_it} ELSE {shown} END"

    def _withheld(self, row: str, arguments: Arguments) -> str:
        """SQL: and is not kept from those who represent the patient. The label of the newest version rules them all."""
        if self.represents is None:
            return ""
        labels = arguments.add(_withheld_tokens(self.represents.level.reads), "bigint[]")
        return f" AND NOT coalesce({row}.tokens && {labels}, false)"

    def _reserved(self, row: str, opened: str, arguments: Arguments, mostly: int | None) -> str:
        """SQL: whether a row under a patient may be seen, where `opened` is whether the record is open: what lies in a
        part of its own has its own rule, and what the patient has blocked is kept back. Most rows are neither, and
        nothing but that is asked of them."""
        parties, faces = (arguments.add(keys, "bigint[]") for keys in (self.parties, self.faces))
        part = f"""({row}.part = ANY('{{{",".join(map(str, self._parts()))}}}') AND access.opens_part(
            {row}.patient, {row}.owner, {_KINDS.format(row=row)}, {self._who(arguments)}))"""
        blocked = f"""access.part_blocked({row}.patient, {row}.type, {row}.id, {row}.tokens, {row}.lo, {row}.hi,
            {parties}, {faces})"""
        blocks = _BLOCKS_PARTS.format(patient=f"{row}.patient")
        if mostly is not None:
            most = arguments.add(mostly, "bigint")
            his = f"(SELECT {_BLOCKS_PARTS.format(patient=most)})"
            # Of the few other rows the function is asked at once: a plan is prepared anew each time, used or not.
            blocks = f"CASE WHEN {row}.patient = {most} THEN {his} ELSE true END"
        return f"""(CASE WHEN {row}.part = {ORDINARY} THEN {opened} ELSE {part} END
            AND NOT ({blocks} AND {blocked}))"""

    def _blocked_by(self, patient: str, row: str, arguments: Arguments, mostly: int | None) -> str:
        """SQL: or the patient key `patient`, whom the row names beside the one it lies under, has blocked it."""
        if self.kind == "citizen":
            return ""
        parties, faces = (arguments.add(keys, "bigint[]") for keys in (self.parties, self.faces))
        blocks = f"{_BLOCKS_PARTS.format(patient=patient)} AND" if mostly is None else ""
        return f""" OR {blocks} access.part_blocked({patient},
            {row}.type, {row}.id, {row}.tokens, {row}.lo, {row}.hi, {parties}, {faces})"""

    def _parts(self) -> list[int]:
        """The parts of which it may see anything: those of the health service, or the one of its own service."""
        return [self.part] if self.is_separate else [one.number for one in PARTS.values() if not one.is_separate]


def _kinds() -> str:
    """SQL: the kinds of relation that open a row's part to others than the unit that answers for it."""
    opened_by = (f"WHEN {one.number} THEN string_to_array('{' '.join(one.opened_by)}', ' ')" for one in PARTS.values())
    return f"CASE {{row}}.part {' '.join(opened_by)} END"


_KINDS = _kinds()


# Whether a person, by any id, has blocked any part. In place, since a function for each row costs more than all of it.
_BLOCKS_PARTS = """(EXISTS (SELECT 1 FROM access.part_block b WHERE b.patient = {patient})
    OR EXISTS (SELECT 1 FROM access.person mine
        JOIN access.person same ON same.person = mine.person AND same.patient <> mine.patient
        JOIN access.part_block b ON b.patient = same.patient WHERE mine.patient = {patient}))"""


_OF_OTHERS = ("Person", "RelatedPerson", NUMBERED)


@cache
def _registers() -> str:
    """SQL: the numbers of the types that everybody reads, the same for all."""
    return f"'{{{','.join(str(one) for one in sorted(number(type_) for type_ in REGISTERS))}}}'::smallint[]"


@cache
def _nopat_token() -> int:
    """The token of an Observation that is held back by decision."""
    return hash64(f"Observation._security={NOPAT['system']}|{NOPAT['code']}")


@cache
def _withheld_tokens(types: frozenset[str]) -> tuple[int, ...]:
    """The tokens of labels that keep a resource of some types from representatives."""
    return tuple(hash64(f"{type_}._security={system}|{code}") for type_ in sorted(types) for system, code in WITHHELD)


async def decide(db: Connection, permit: Permit, patients: Collection[int]) -> dict[int, str]:
    """The patients (keys) whose record is open now, each with the kind of relation that opens it."""
    patients = permit.among(patients)
    if permit.unrestricted or not patients:
        return dict.fromkeys(patients, permit.blanket)
    if permit.kind == "citizen":
        mine = {patient: permit.bond for patient in patients if patient in permit.own}
        return dict.fromkeys(permit.beside & set(patients), "representation") | mine
    arguments = Arguments()
    asked = arguments.add(sorted(patients), "bigint[]")
    text = (
        f"SELECT asked.patient, {permit.why('asked.patient', arguments)} AS why FROM unnest({asked}) AS asked(patient)"
    )
    found = {row["patient"]: row["why"] for row in await db.fetch(text, *arguments.values) if row["why"]}
    return dict.fromkeys(permit.beside & set(patients), "representation") | found


async def serves(db: Connection, permit: Permit, patients: Collection[int]) -> set[int]:
    """The patients (keys) for whom a unit of a separate part has a service to do, so that it may write in that part.
    None for units of the health service."""
    if not permit.is_separate or not patients:
        return set()
    asked = (list(patients), list(permit.parties), permit.actor, list(permit.faces))
    return {row["patient"] for row in await db.fetch(_SQL.serves, *asked)}


async def state_reason(
    db: Connection, permit: Permit, patient: int, *, reason: str, until: datetime, emergency: bool = False
) -> None:
    """Open a record for one person until a time, with the reason as stated, and put it on the review list. In an
    emergency it opens in spite of blocks."""
    kind = "emergency" if emergency else "reason"
    asked = (patient, permit.parties[0], until, reason, permit.actor, permit.role, permit.organization, kind)
    await db.execute(_SQL.state_reason, *asked)


async def known(db: Connection, patient: int) -> bool:
    """Whether a patient of this key is stored."""
    return bool(await db.fetchval(_SQL.known_patient, patient))


async def mine(db: Pool | Connection, permit: Permit, *, count: int) -> list[tuple[str, str]]:
    """Ids of the patients whom this role has in care now, each with the kind of relation, newest first."""
    rows = await db.fetch(_SQL.mine, list(permit.parties), permit.actor, count)
    return [(row["id"], row["kind"]) for row in rows]


async def open_to(db: Pool | Connection, permit: Permit, *, after: str, count: int) -> list[str]:
    """Ids of the patients whose record is open to this permit, by id, from the one after `after` on."""
    if permit.unrestricted:
        return [row["id"] for row in await db.fetch(_SQL.patients_after, after, count)]
    if permit.kind == "citizen":
        return [row["id"] for row in await db.fetch(_SQL.own_after, list(permit.own), after, count)]
    return [row["id"] for row in await db.fetch(_SQL.related_after, list(permit.parties), permit.actor, after, count)]


async def note_access_change(db: Connection, permit: Permit, patient: int, *, source: str) -> None:
    """Put on the review list that a system changed what decides who may see a record."""
    await db.execute(_SQL.access_changed, permit.actor, permit.role, patient, source)


async def note_decision(
    db: Connection,
    permit: Permit,
    kind: str,
    patient: int,
    source: str,
    *,
    reason: str,
    of: tuple[str, str, str] | None = None,
) -> None:
    """Put on the review list what a person decided about a patient, and why; `of` is whose doing it is (login, role,
    organization), where that is another's."""
    actor, role, organization = of or (permit.actor, permit.role, permit.organization)
    matter = (kind, actor, role, patient, source, reason, organization)
    await db.execute(_SQL.decision, *matter)
