"""The compartments of R4: which parameters put a resource in one. hl7.org/fhir/R4/compartmentdefinition.html

    COMPARTMENTS                        the five types that have one
    members(compartment) -> Mapping     by type of resource: the parameters that name what the compartment is of

A resource of the compartment's own type is in it when it is that resource (`_id`). The definitions that we build from
have Patient's compartment alone; what R4 says of the other four is told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from samjournal.fhir.definitions import load

COMPARTMENTS = ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson")

_DEVICE = """
Account subject; Appointment actor; AppointmentResponse actor; AuditEvent agent; ChargeItem enterer performer-actor;
Claim procedure-udi item-udi detail-udi subdetail-udi; Communication sender recipient;
CommunicationRequest sender recipient; Composition author; DetectedIssue author; Device _id;
DeviceRequest device subject requester performer; DeviceUseStatement device; DiagnosticReport subject;
DocumentManifest subject author; DocumentReference subject author;
ExplanationOfBenefit procedure-udi item-udi detail-udi subdetail-udi; Flag author; Group member; Invoice participant;
List subject source; Media subject; MedicationAdministration device; MessageHeader target; Observation subject device;
Provenance agent; QuestionnaireResponse author; RequestGroup author; RiskAssessment performer; Schedule actor;
ServiceRequest performer requester; Specimen subject; SupplyRequest requester
"""
_ENCOUNTER = """
CarePlan encounter; CareTeam encounter; ChargeItem context; Claim encounter; ClinicalImpression encounter;
Communication encounter; CommunicationRequest encounter; Composition encounter; Condition encounter;
DeviceRequest encounter; DiagnosticReport encounter; DocumentManifest related-ref; DocumentReference encounter;
Encounter _id; ExplanationOfBenefit encounter; Media encounter; MedicationAdministration context;
MedicationRequest encounter; NutritionOrder encounter; Observation encounter; Procedure encounter;
QuestionnaireResponse encounter; RequestGroup encounter; ServiceRequest encounter; VisionPrescription encounter
"""
_PRACTITIONER = """
Account subject; AdverseEvent recorder; AllergyIntolerance recorder asserter; Appointment actor;
AppointmentResponse actor; AuditEvent agent; Basic author; CarePlan performer; CareTeam participant;
ChargeItem enterer performer-actor; Claim enterer provider payee care-team; ClaimResponse requestor;
ClinicalImpression assessor; Communication sender recipient; CommunicationRequest sender recipient requester;
Composition subject author attester; Condition asserter; CoverageEligibilityRequest enterer provider;
CoverageEligibilityResponse requestor; DetectedIssue author; DeviceRequest requester performer;
DiagnosticReport performer; DocumentManifest subject author recipient; DocumentReference subject author authenticator;
Encounter practitioner participant; EpisodeOfCare care-manager; ExplanationOfBenefit enterer provider payee care-team;
Flag author; Group member; Immunization performer; Invoice participant; Linkage author; List source;
Media subject operator; MedicationAdministration performer; MedicationDispense performer receiver;
MedicationRequest requester; MedicationStatement source; MessageHeader receiver author responsible enterer;
NutritionOrder provider; Observation performer; Patient general-practitioner; PaymentNotice provider;
PaymentReconciliation requestor; Person practitioner; Practitioner _id; PractitionerRole practitioner;
Procedure performer; Provenance agent; QuestionnaireResponse author source; RequestGroup participant author;
ResearchStudy principalinvestigator; RiskAssessment performer; Schedule actor; ServiceRequest performer requester;
Specimen collector; SupplyDelivery supplier receiver; SupplyRequest requester; VisionPrescription prescriber
"""
_RELATED_PERSON = """
AdverseEvent recorder; AllergyIntolerance asserter; Appointment actor; AppointmentResponse actor; Basic author;
CarePlan performer; CareTeam participant; ChargeItem enterer performer-actor; Claim payee;
Communication sender recipient; CommunicationRequest sender recipient requester; Composition author;
Condition asserter; Coverage policy-holder subscriber payor; DocumentManifest author recipient;
DocumentReference author; Encounter participant; ExplanationOfBenefit payee; Invoice recipient;
MedicationAdministration performer; MedicationStatement source; Observation performer; Patient link; Person link;
Procedure performer; Provenance agent; QuestionnaireResponse author source; RelatedPerson _id;
RequestGroup participant; Schedule actor; ServiceRequest performer; SupplyRequest requester
"""
_TOLD = {
    "Device": _DEVICE,
    "Encounter": _ENCOUNTER,
    "Practitioner": _PRACTITIONER,
    "RelatedPerson": _RELATED_PERSON,
}


@cache
def members(compartment: str) -> Mapping[str, tuple[str, ...]]:
    """What is in the compartments of a type: the types of resources, each with its parameters, `_id` for the resource
    itself; KeyError for a type that has none."""
    if compartment == "Patient":
        types = sorted(load().resources)
        found = {type_: tuple(load().compartment(type_)) for type_ in types if load().compartment(type_)}
        return MappingProxyType({**found, "Patient": ("_id", *found.get("Patient", ()))})
    parted = (line.split() for line in _TOLD[compartment].replace("\n", " ").split(";"))
    return MappingProxyType({type_: tuple(codes) for type_, *codes in parted})
