"""The lists that the portal's pages ask of the record. hl7.org/fhir/R4/search.html"""

from __future__ import annotations

from samjournal.messages.states import KIND
from samjournal.notes.summaries import SYSTEM as SUMMARY
from samjournal.record import Want

APPOINTMENTS = Want("appointments", "Appointment", "_sort=-date", 100)
CARE_PLANS = Want("care-plans", "CarePlan", "status=active", 20)
HOME_CARE = Want("home-care", "EpisodeOfCare", "", 20)
LABS = Want("labs", "Observation", "category=laboratory&_sort=-date", 200)
MEDICINES = Want("medicines", "MedicationRequest", "", 200)
MESSAGES = Want("messages", "Communication", "_sort=-sent", 100)
NOTES = Want("notes", "Composition", "_sort=-date", 100)
SENDINGS = Want(
    "sendings",
    "Communication",
    f"category={SUMMARY}|sent,{KIND}|EPIKRISE&_sort=-sent",
    200,
)
REPORTS = Want("reports", "DiagnosticReport", "_sort=-date", 100)
REQUESTS = Want("requests", "ServiceRequest", "_sort=-authored", 100)
REFERRALS = Want("referrals", "ServiceRequest", "status=active", 50)
STAYS = Want("stays", "Encounter", "_sort=-date", 50)
OWN_REFERRALS = Want("own-referrals", "ServiceRequest", "category=urn:samjournal:request|referral&_sort=-authored", 100)
TASKS = Want("tasks", "Task", "", 50)
VITALS = Want("vitals", "Observation", "category=vital-signs&_sort=-date", 200)
RECORD = (
    Want("allergies", "AllergyIntolerance"),
    CARE_PLANS,
    Want("conditions", "Condition", "", 100),
    Want("goals", "Goal"),
    HOME_CARE,
    Want("relatives", "RelatedPerson"),
    STAYS,
    Want("vaccines", "Immunization", "_sort=-date", 100),
    Want("warnings", "Flag"),
)
