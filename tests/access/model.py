"""The rules of access once more, in plain Python over a list of facts, to compare the program with.

    Model(facts).sees(reader, thing) -> bool         whether this reader may see this thing, now
    Model(facts).why(reader, thing) -> str           by what, or what keeps it from him
    Model(facts).address(reader, patient) -> bool    whether he is shown where a patient lives

Written from docs/reference/access.md alone, as simply as can be. It imports nothing of the program and knows no SQL:
where the two differ, one of them is wrong, or the page is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
ALWAYS, FOREVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# "Roles" and "Relations" of the page: which types a role reads, and kind: (days before the start, days after the end).
CLINICAL = ("doctor", "gp", "nurse", "home-nurse", "secretary")
FINDS_ONLY = ("privacy-officer", "record-keeper")
NOBODY_AT_WORK = {"AuditEvent", "Provenance"}
REGISTERS = {
    "CodeSystem", "Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Practitioner",
    "PractitionerRole", "Questionnaire", "Schedule", "Slot", "Substance", "ValueSet",
}  # fmt: skip
CITIZEN = {
    "AllergyIntolerance", "Appointment", "CarePlan", "Communication", "Composition", "Condition", "DiagnosticReport",
    "DocumentReference", "Encounter", "EpisodeOfCare", "Goal", "Immunization", "MedicationRequest",
    "MedicationStatement", "Observation", "Patient", "Procedure", "RelatedPerson", "ServiceRequest",
}  # fmt: skip
LEVELS = {"child": CITIZEN, "youth": {"AllergyIntolerance", "Immunization", "Patient"}}
AROUND = {
    "stay": (1, 30), "contact": (1, 14), "appointment": (14, 14), "referral": (0, 30), "gp-list": (0, 0),
    "home-care": (0, 30), "care-team": (0, 0), "task": (0, 14), "reason": (0, 0), "emergency": (0, 0),
}  # fmt: skip
OWN_PART = 30

# "Parts with access of their own", the strictest last.
SENSITIVE = {"BH", "ETH", "GDIS", "HIV", "MH", "PSY", "PSYTHPN", "SDV", "SEX", "STD", "SUD", "VIO"}
PARTS = ("ordinary", "sensitive", "prison-health", "child-welfare", "not-health")
SEPARATE = ("child-welfare", "not-health")
WHO = {"Patient", "RelatedPerson", "Person"}

# "What the patient sees": codes, and after how many days (None: when somebody releases it).
NOTES, RESULTS = {"Composition", "DocumentReference"}, {"DiagnosticReport", "Observation"}
HELD = (
    (NOTES, {"34788-0", "34791-4", "68814-1"}, 7),
    (RESULTS, {"CP", "PAT", "SP", "11526-1"}, 14),
    (RESULTS, {"GE", "51969-4"}, None),
)


@dataclass(frozen=True)
class Unit:
    """An organisation; `part` is the part of the record that it works in."""

    id: str
    under: str | None = None
    part: str = "ordinary"


@dataclass(frozen=True)
class Reader:
    """Somebody who asks: staff in a role at a unit, a citizen, who may act for another, or a system."""

    login: str
    kind: str
    role: str = ""
    unit: str = ""
    patient: str = ""
    level: str = ""  # of a citizen who acts for `patient`
    reads: frozenset[str] | None = None  # of a system with scopes; None: every type
    sees_parts: bool = False
    sees_addresses: bool = False
    app: str = ""  # the patient to whom an app of staff is confined

    @property
    def himself(self) -> tuple[str, str]:
        return f"Practitioner/{self.login}", f"PractitionerRole/{self.login}-role"


@dataclass(frozen=True)
class Relation:
    """What stands in the record between a patient and a party. `part` is what it is labelled with."""

    patient: str
    party: str
    kind: str
    start: datetime = ALWAYS
    end: datetime = FOREVER
    part: str = "ordinary"
    made_by: str = ""  # by himself, and nobody else acted on it


@dataclass(frozen=True)
class Block:
    """Whom a patient keeps out (nobody named: everybody), and of what; nothing named: the whole record."""

    patient: str
    parties: frozenset[str] = frozenset()
    start: datetime = ALWAYS
    end: datetime = FOREVER
    document: str = ""
    type: str = ""
    code: str = ""
    label: str = ""
    time: tuple[datetime, datetime] | None = None

    @property
    def whole(self) -> bool:
        return not (self.document or self.type or self.code or self.label or self.time)


@dataclass(frozen=True)
class Thing:
    """A resource as it is now. `owner` is the unit that it names as answering for it, `others` the other patients whom
    it names; `written` is when a note was written or a result issued; `date` the date that it has of its own; `lists`
    the results of a report, and the members of an Observation."""

    type: str
    id: str
    patient: str | None = None
    others: frozenset[str] = frozenset()
    owner: str = ""
    labels: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    unsigned: bool = False
    released: bool = False
    written: datetime | None = None
    date: datetime | None = None
    deleted: bool = False
    lists: frozenset[str] = frozenset()  # the Observations that a report has as results, or an Observation as members

    @property
    def name(self) -> str:
        return f"{self.type}/{self.id}"

    @property
    def part(self) -> str:
        if self.type in WHO or self.type in REGISTERS:
            return "ordinary"
        named = ["sensitive" if label in SENSITIVE else label for label in self.labels]
        return max((label for label in named if label in PARTS), key=PARTS.index, default="ordinary")


@dataclass
class Facts:
    now: datetime
    units: dict[str, Unit] = field(default_factory=dict)
    belongs: dict[str, str] = field(default_factory=dict)  # a service or place: the unit that has it
    relations: list[Relation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    same: list[frozenset[str]] = field(default_factory=list)  # ids that are one person
    listing: list[Thing] = field(default_factory=list)  # what lists Observations, and is not deleted


class Model:
    """The rules over some facts."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def sees(self, reader: Reader, thing: Thing) -> bool:
        return self.why(reader, thing).startswith("+")

    def why(self, reader: Reader, thing: Thing) -> str:
        """`+` and what opens it, or `-` and what keeps it from him."""
        if reader.kind == "system":
            if reader.reads is not None and thing.type not in reader.reads:
                return "-scope"
            return "+system" if thing.part == "ordinary" or reader.sees_parts else "-part"
        if not self.reads(reader, thing.type):
            return "-role"
        if reader.app and not self._is_of_app(reader, thing):
            return "-app"
        if thing.patient is None and thing.type in REGISTERS:
            return "+register"
        if reader.kind == "staff" and self._is_kept_back(reader, thing):
            return "-part-block"
        if thing.patient is None:
            mine = reader.kind == "staff" and thing.owner in self._under(reader.unit)
            return "+unit" if mine and self._opens_all(reader, thing.others) else "-unit"
        if not self._opens_all(reader, thing.others):
            return "-other"
        return self._citizen(reader, thing) if reader.kind == "citizen" else self._staff(reader, thing)

    def _is_of_app(self, reader: Reader, thing: Thing) -> bool:
        """Whether the scopes of an app reach so far: what lives under its patient and names no other, and registers."""
        mine = self.person(reader.app)
        if thing.patient is None:
            return thing.type in REGISTERS and not thing.others - set(mine)
        return thing.patient in mine and not thing.others - set(mine)

    def address(self, reader: Reader, patient: str) -> bool:
        """Whether a protected address is shown: to the person himself, and to systems without scopes."""
        himself = reader.kind == "citizen" and not reader.level and patient in self.person(reader.patient)
        return himself or reader.sees_addresses

    # The patient, and who acts for him.

    def _citizen(self, reader: Reader, thing: Thing) -> str:
        if thing.patient not in self.person(reader.patient):
            return "-other"
        if not self._shown(thing):
            return "-not-released"
        if reader.level and thing.labels & {"PRS", "PHY", "NOPAT"}:
            return "-withheld"
        return "+representation" if reader.level else "+self"

    def _shown(self, thing: Thing) -> bool:
        """Whether the patient sees it by now: results with all the reports that list them, and members likewise."""
        above = self._listing(thing, set()) if thing.type == "Observation" else {}
        early = any(one.released and self._rule(one) and self._own(one) for one in above.values())
        for one in above.values():
            if not self._own(one) and (one.type != "Observation" or "NOPAT" in one.labels or not early):
                return False
        return self._own(thing) or (early and "NOPAT" not in thing.labels)

    def _listing(self, thing: Thing, seen: set[str]) -> dict[str, Thing]:
        """What lists an Observation of the same person, and what lists that."""
        found: dict[str, Thing] = {}
        for one in self.facts.listing:
            assert thing.patient is not None
            mine = one.patient is not None and one.patient in self.person(thing.patient)
            if mine and thing.name in one.lists and one.name not in seen:
                seen.add(one.name)
                found |= {one.name: one, **self._listing(one, seen)}
        return found

    def _own(self, thing: Thing) -> bool:
        """Whether it is shown by what it says itself."""
        if "NOPAT" in thing.labels or thing.unsigned:
            return False
        if thing.type == "Communication":  # Between others than the patient, in the whole of the model's world.
            return thing.released
        rule = self._rule(thing)
        if rule is None:
            return True
        days = rule[2]
        in_time = days is not None and thing.written is not None and thing.written + days * DAY <= self.facts.now
        return thing.released or in_time

    @staticmethod
    def _rule(thing: Thing) -> tuple[set[str], set[str], int | None] | None:
        """The rule for this kind of note or result."""
        return next((rule for rule in HELD if thing.type in rule[0] and thing.codes & rule[1]), None)

    # Staff.

    def _staff(self, reader: Reader, thing: Thing) -> str:
        assert thing.patient is not None
        if thing.part == "ordinary":
            return self._opened(reader, thing.patient)
        held = self._held(reader, thing.patient)
        if thing.part in SEPARATE:
            its = thing.part == self._part(reader) and thing.owner in self._under(reader.unit)
            return "+own-part" if its and held else "-separate"
        if self._part(reader) in SEPARATE:
            return "-separate"
        opens = {"sensitive": ("reason", "emergency"), "prison-health": ("emergency",)}[thing.part]
        kinds = {one.kind for one in held if one.part not in SEPARATE}
        if kinds & set(opens) or (thing.owner in self._under(reader.unit) and kinds - {"reason", "emergency"}):
            return "+part"
        return "-part"

    def _opens_all(self, reader: Reader, patients: frozenset[str]) -> bool:
        if reader.kind == "citizen":
            return all(one in self.person(reader.patient) for one in patients)
        return all(self._opened(reader, one).startswith("+") for one in patients)

    def _opened(self, reader: Reader, patient: str) -> str:
        """What opens the ordinary record of a patient."""
        if self._part(reader) in SEPARATE:
            return "-separate"
        kinds = sorted(one.kind for one in self._held(reader, patient) if one.part not in SEPARATE)
        return f"+{kinds[0]}" if kinds else "-relation"

    def _held(self, reader: Reader, patient: str) -> list[Relation]:
        """The relations that hold now; against a block of the whole record only an emergency does."""
        blocked = any(block.whole for block in self.blocks(reader, {patient}))
        return [
            one
            for one in self.facts.relations
            if one.patient in self.person(patient)
            and self._is_party(reader, one.party)
            and self._lasts(one)
            and one.made_by != reader.login
            and (one.kind == "emergency" or not blocked)
        ]

    def _lasts(self, one: Relation) -> bool:
        before, after = AROUND[one.kind]
        after = OWN_PART if one.part in SEPARATE else after
        return one.start - before * DAY <= self.facts.now < one.end + after * DAY

    def blocks(self, reader: Reader, patients: set[str]) -> list[Block]:
        """The blocks that some patients have against this reader now: by name, role, unit, or a unit above it."""
        named = {*reader.himself, *(f"Organization/{unit}" for unit in self._above(reader.unit))}
        return [
            one
            for one in self.facts.blocks
            if any(one.patient in self.person(patient) for patient in patients)
            and one.start <= self.facts.now < one.end
            and (not one.parties or one.parties & named)
        ]

    def _is_kept_back(self, reader: Reader, thing: Thing) -> bool:
        """Whether any patient whom a thing names has blocked it."""
        named = {*([thing.patient] if thing.patient else ()), *thing.others}
        return any(self._keeps_back(block, reader, thing) for block in self.blocks(reader, named))

    def _keeps_back(self, block: Block, reader: Reader, thing: Thing) -> bool:
        """Whether a block of a part fits a thing. An emergency opens it."""
        if block.whole or any(one.kind == "emergency" for one in self._held(reader, block.patient)):
            return False
        return (
            (not block.document or block.document == thing.name)
            and (not block.type or block.type == thing.type)
            and (not block.code or block.code in thing.codes)
            and (not block.label or block.label in thing.labels)
            and (block.time is None or (thing.date is not None and block.time[0] <= thing.date <= block.time[1]))
        )

    # Who is who, and what belongs to what.

    @staticmethod
    def reads(reader: Reader, type_: str) -> bool:
        """Whether the role of a person reads a type at all."""
        if reader.kind == "citizen":
            types = LEVELS[reader.level] if reader.level else CITIZEN
            return type_ in types or type_ in REGISTERS
        if reader.role in FINDS_ONLY:
            return type_ == "Patient" or type_ in REGISTERS
        return reader.role in CLINICAL and type_ not in NOBODY_AT_WORK

    def _is_party(self, reader: Reader, party: str) -> bool:
        if reader.role in FINDS_ONLY:
            return False
        unit = self.facts.belongs.get(party, party.removeprefix("Organization/"))
        return party in reader.himself or unit in self._under(reader.unit)

    def _part(self, reader: Reader) -> str:
        """The part that a unit works in, or one above it does."""
        return max((self.facts.units[unit].part for unit in self._above(reader.unit)), key=PARTS.index)

    def _above(self, unit: str) -> list[str]:
        above = self.facts.units[unit].under
        return [unit, *(self._above(above) if above else ())]

    def _under(self, unit: str) -> set[str]:
        return {one for one in self.facts.units if unit in self._above(one)} if unit else set()

    def person(self, patient: str) -> frozenset[str]:
        return next((ids for ids in self.facts.same if patient in ids), frozenset({patient}))
