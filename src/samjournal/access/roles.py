"""Roles as readable data: what each is called, what it is for, and what it may do. Requirements 2.1, 2.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ANY = "*"

CLINICAL_READ = frozenset({ANY})
"""Clinical roles read every type of a patient they have a relation to."""

NOT_FOR_PEOPLE = frozenset({"AuditEvent", "Provenance"})
"""The record's own: people neither write nor read them as resources. The log has a page of its own."""

NAMED_ACTIONS = frozenset({"Consent", "CareTeam"})
"""Change who may see a record, so people change them by named actions only (house rule 9)."""

NAMED_TASKS = "urn:samjournal:named-action"
"""The system of the codes of Tasks in which a named action keeps what is proposed and what is to be followed up."""


def is_named_action(task: dict[str, Any] | None) -> bool:
    """Whether a Task belongs to a named action."""
    return any(one.get("system") == NAMED_TASKS for one in ((task or {}).get("code") or {}).get("coding") or ())


REGISTERS = frozenset(
    {
        "CodeSystem",
        "Endpoint",
        "HealthcareService",
        "Location",
        "Medication",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Questionnaire",
        "Schedule",
        "Slot",
        "Substance",
        "ValueSet",
    }
)
"""What lives under no patient and everybody at work may read."""

_CARE = frozenset(
    {
        "AllergyIntolerance",
        "CarePlan",
        "Communication",
        "CommunicationRequest",
        "Composition",
        "Condition",
        "DetectedIssue",
        "DeviceUseStatement",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "FamilyMemberHistory",
        "Flag",
        "Goal",
        "Immunization",
        "List",
        "MedicationAdministration",
        "MedicationStatement",
        "NutritionOrder",
        "Observation",
        "Patient",
        "Procedure",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RiskAssessment",
        "ServiceRequest",
        "Appointment",
        "Task",
    }
)
_MEDICAL = _CARE | {
    "ChargeItem",
    "ClinicalImpression",
    "DiagnosticReport",
    "ImagingStudy",
    "MedicationRequest",
    "Media",
    "Specimen",
    "VisionPrescription",
}
_OFFICE = frozenset(
    {
        "Appointment",
        "ChargeItem",
        "Communication",
        "Composition",
        "DocumentReference",
        "Encounter",
        "ServiceRequest",
        "Task",
    }
)
_OWN = frozenset(
    {
        "AllergyIntolerance",
        "Appointment",
        "CarePlan",
        "Communication",
        "Composition",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "Goal",
        "Immunization",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
        "Procedure",
        "RelatedPerson",
        "ServiceRequest",
    }
)


@dataclass(frozen=True, slots=True)
class Role:
    """What a role is called and what it may do. `writes_unread`: types that it may write for a patient whose chart
    it may not read (booking, admission); what it so writes opens nothing for itself. `oversees`: answers for the
    access of others. `emergency`: may open what is blocked when life or health is in danger. `erases`: proposes to
    erase, or confirms what another proposed. `signs`: signs notes of its own, corrects them, and countersigns those of
    others when it is asked to; `prepares`: writes notes for somebody who signs, and asks for countersignatures.
    `registers`: registers people and their numbers, and proposes that two
    records are one person; `merges`: decides that they are, or were not; `operates`: runs the connections to
    others; `plans`: says what the unit can be booked for, when it is open, who works when and which rooms it has (who
    leads the unit by the register does so in any role). Who oversees, merges or operates has no relation to anybody by
    the unit."""

    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English
    description: str
    reads: frozenset[str]
    writes: frozenset[str]
    writes_unread: frozenset[str] = frozenset()
    finds: bool = True
    states_reason: bool = True
    oversees: bool = False
    emergency: bool = False
    erases: bool = False
    signs: bool = False
    prepares: bool = False
    registers: bool = False
    merges: bool = False
    operates: bool = False
    plans: bool = False

    def may_read(self, type_: str) -> bool:
        if type_ in NOT_FOR_PEOPLE:
            return False
        return ANY in self.reads or type_ in self.reads or type_ in REGISTERS

    def may_write(self, type_: str) -> bool:
        return type_ in self.writes or type_ in self.writes_unread


def _role(code: str, names: tuple[str, str, str], description: str, **rights: object) -> Role:
    return Role(code, names, description, **{"reads": CLINICAL_READ, **rights})  # type: ignore[arg-type]


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role(
            "doctor",
            ("Lege", "Lege", "Doctor"),
            "Reads and writes all of the record of patients in care of the unit; orders medicines.",
            writes=_MEDICAL,
            writes_unread=frozenset({"Encounter", "ServiceRequest"}),
            emergency=True,
            erases=True,
            signs=True,
            registers=True,
        ),
        _role(
            "gp",
            ("Fastlege", "Fastlege", "GP"),
            "Reads and writes all of the record of patients on the list; orders medicines; refers.",
            writes=_MEDICAL,
            writes_unread=frozenset({"Appointment"}),
            emergency=True,
            erases=True,
            signs=True,
            registers=True,
            plans=True,
        ),
        _role(
            "nurse",
            ("Sykepleier", "Sjukepleiar", "Nurse"),
            "Reads the record of patients in care of the ward; writes observations, notes, plans and tasks.",
            writes=_CARE,
            writes_unread=frozenset({"Encounter"}),
            emergency=True,
            signs=True,
            registers=True,
        ),
        _role(
            "home-nurse",
            ("Hjemmesykepleier", "Heimesjukepleiar", "Home nurse"),
            "Reads the record of people who have home care from the unit; writes observations, notes, plans and tasks.",
            writes=_CARE,
            emergency=True,
            signs=True,
        ),
        _role(
            "physiotherapist",
            ("Fysioterapeut", "Fysioterapeut", "Physiotherapist"),
            "Reads the record of patients in care of the unit; writes observations, notes, plans and tasks.",
            writes=_CARE,
            emergency=True,
            plans=True,
        ),
        _role(
            "health-visitor",
            ("Helsesykepleier", "Helsesjukepleiar", "Health visitor"),
            "Reads the record of children and young people in care of the unit; writes observations, notes and plans.",
            writes=_CARE,
            emergency=True,
            plans=True,
        ),
        _role(
            "secretary",
            ("Helsesekretær", "Helsesekretær", "Medical secretary"),
            "Reads the record of patients in care of the unit; books, receives, sends; prepares notes for others to "
            "sign. Booking opens no chart.",
            writes=_OFFICE,
            writes_unread=frozenset({"Appointment", "Encounter"}),
            prepares=True,
            registers=True,
            plans=True,
        ),
        Role(
            "record-keeper",
            ("Journalansvarlig", "Journalansvarleg", "Record keeper"),
            "Answers for who is who: registers people, decides whether two records are one person. Opens no record.",
            reads=frozenset({"Patient"}),
            writes=frozenset(),
            states_reason=False,
            registers=True,
            merges=True,
        ),
        Role(
            "privacy-officer",
            ("Personvernombud", "Personvernombod", "Privacy officer"),
            "Sees why a record is open to whom, and looks over what was opened by a reason. Opens no record.",
            reads=frozenset({"Patient"}),
            writes=frozenset(),
            states_reason=False,
            oversees=True,
            erases=True,
        ),
        Role(
            "operator",
            ("Drift", "Drift", "Operations"),
            "Runs the connections to others: sees what waits and what stopped. Opens no record, and sees no patient.",
            reads=frozenset(),
            writes=frozenset(),
            finds=False,
            states_reason=False,
            operates=True,
        ),
        Role(
            "citizen",
            ("Innbygger", "Innbyggjar", "Citizen"),
            "Reads the own record in the portal, and who has read it.",
            reads=_OWN,
            writes=frozenset(),
            finds=False,
            states_reason=False,
        ),
    )
}
