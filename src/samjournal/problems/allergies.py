"""Allergies: what, how it showed, how sure, how dangerous, who says so. Asked and none is not the same as not asked.

    record_allergy(door, permit, patient, Coded("Penicillin"), Reaction(…))   takes «none known» away with it
    none_known(door, permit, patient)                                         refused while an allergy stands
    change_allergy(door, permit, patient, id, Reaction(…), certainty=, …)     what is known of it by now
    rule_out(door, permit, patient, id, …)                                    it was ruled out, or never was

Both are one transaction and hold the same criterion, so of two who write at once one sees what the other wrote: «none
known» never comes to stand beside an allergy. hl7.org/fhir/R4/allergyintolerance.html#nocandor
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Invalid, Unprocessable, VersionMoved
from samjournal.patients.linking import changed
from samjournal.problems.adding import LONGEST, Coded, now, status
from samjournal.record import Assumed, Change, Door, Stored, change, criterion, look_up, read
from samjournal.tasks import himself
from samjournal.terminology import systems

SNOMED: Final = "http://snomed.info/sct"
NO_KNOWN_ALLERGY: Final = "716186003"
"""SNOMED CT: no known allergy."""
SEVERITIES: Final = ("mild", "moderate", "severe")
"""AllergyIntolerance.reaction.severity. What was severe is of high criticality."""
ALLERGY_CERTAINTIES: Final = ("unconfirmed", "confirmed")
"""AllergyIntolerance.verificationStatus of what is recorded; `refuted` comes by ruling out."""
WRONG: Final = "entered-in-error"


class Reaction(msgspec.Struct, frozen=True):
    """How it showed: words, how severe (one of SEVERITIES, or not known), since when (a FHIR date), and its code and
    system where it has one."""

    text: str = ""
    severity: str = ""
    since: str = ""
    code: str = ""
    system: str = ""


class AllergyStands(Conflict):
    """It cannot be said that none is known: these allergies stand."""

    def __init__(self, allergies: list[Stored]) -> None:
        super().__init__("An allergy stands in the record. Rule it out first, if it is wrong.")
        self.allergies = allergies


async def record_allergy(
    door: Door,
    permit: Permit,
    patient: str,
    substance: Coded,
    reaction: Reaction,
    *,
    certainty: str = "confirmed",
    source: str = "self",
) -> Stored:
    """Record an allergy. What said that none is known is inactive from then on. Raises Invalid, Conflict (the same
    substance stands already, or somebody else wrote at this moment), and what `record.change` raises."""
    permit.demand("c", "AllergyIntolerance")
    patient = door.persons.stays(patient)
    if not substance.text.strip() or max(len(substance.text), len(reaction.text)) > LONGEST:
        raise Invalid(f"Write what the patient does not tolerate and what happened, in at most {LONGEST} letters.")
    if reaction.severity not in ("", *SEVERITIES) or certainty not in ALLERGY_CERTAINTIES:
        raise Invalid("Choose how severe it was, and how sure it is, from the lists.")
    if reaction.since and reaction.since[:10] > now()[:10]:
        raise Invalid("The day lies in the future. Write when it happened.")
    assumed, there = await _there(door, permit, patient)
    if same := [one for one in there if is_current(one.resource()) and _same(one.resource(), substance)]:
        raise AllergyStands(same)
    denied = [one for one in there if is_current(one.resource()) and says_none(one.resource())]
    made = Change.create(_allergy(permit, patient, substance, reaction, certainty, source))
    taken = [changed(one, {"clinicalStatus": status("allergyintolerance-clinical", "inactive")}) for one in denied]
    stored = await change(door, permit, [made, *taken], assumed=[assumed])
    return stored[0]


async def none_known(door: Door, permit: Permit, patient: str) -> Stored:
    """The patient was asked and has no known allergy. Raises AllergyStands while one stands, Conflict when somebody
    else wrote at this moment. Asked once more, it is of today."""
    permit.demand("c", "AllergyIntolerance")
    patient = door.persons.stays(patient)
    assumed, there = await _there(door, permit, patient)
    current = [one for one in there if is_current(one.resource())]
    if allergies := [one for one in current if not says_none(one.resource())]:
        raise AllergyStands(allergies)
    made = Change.create(
        {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": status("allergyintolerance-clinical", "active"),
            "verificationStatus": status("allergyintolerance-verification", "confirmed"),
            "code": Coded("Ingen kjent allergi", NO_KNOWN_ALLERGY, SNOMED).concept(),
            "patient": {"reference": f"Patient/{patient}"},
            "recordedDate": now(),
            "recorder": himself(permit),
            "asserter": {"reference": f"Patient/{patient}"},
        }
    )
    older = [changed(one, {"clinicalStatus": status("allergyintolerance-clinical", "inactive")}) for one in current]
    stored = await change(door, permit, [made, *older], assumed=[assumed])
    return stored[0]


async def change_allergy(
    door: Door, permit: Permit, patient: str, id_: str, reaction: Reaction, *, certainty: str, version: int
) -> Stored:
    """What is known of an allergy by now: how it showed, how severe, how sure. One that was ruled out and is likely
    after all holds again; `refuted` and `entered-in-error` rule it out. Raises Invalid, and as `rule_out`."""
    if certainty in ("refuted", WRONG):
        return await rule_out(door, permit, patient, id_, version=version, by_mistake=certainty == WRONG)
    if reaction.severity not in ("", *SEVERITIES) or certainty not in ALLERGY_CERTAINTIES:
        raise Invalid("Choose how severe it was, and how sure it is, from the lists.")
    was = await _of_patient(door, permit, patient, id_, version)
    resource = was.resource()
    if _code(resource, "verificationStatus") == WRONG or says_none(resource):
        raise Conflict("It is marked as an error, or says that none is known.")
    first, *others = resource.get("reaction") or [{}]
    text = reaction.text.strip()[:LONGEST]
    shown = {name: value for name, value in first.items() if name != "severity"}
    if text != showed(resource):
        shown["manifestation"] = [{"text": text or "Ikke oppgitt"}]
    if reaction.severity:
        shown["severity"] = reaction.severity
    becoming: dict[str, Any] = {
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", certainty),
        "criticality": {"severe": "high", "": "unable-to-assess"}.get(reaction.severity, "low"),
        "reaction": [{"manifestation": [{"text": "Ikke oppgitt"}], **shown}, *others] if shown else others or None,
    }
    if reaction.severity == severity_of(resource):
        del becoming["criticality"]
    (stored,) = await change(door, permit, [changed(was, becoming)])
    return stored


def showed(allergy: Mapping[str, Any]) -> str:
    """How an allergy showed the first time that is told of, in words; '' where nobody said."""
    first: Mapping[str, Any] = next(iter(allergy.get("reaction") or ()), {})
    symptoms: list[Mapping[str, Any]] = list(first.get("manifestation") or ())
    names = [str(each.get("text") or next((c.get("display") for c in each.get("coding", ())), "")) for each in symptoms]
    said = ", ".join(name for name in names if name)
    return "" if said == "Ikke oppgitt" else said


def severity_of(allergy: Mapping[str, Any]) -> str:
    """How severe it was then; '' where nobody said."""
    first: Mapping[str, Any] = next(iter(allergy.get("reaction") or ()), {})
    return str(first.get("severity", ""))


async def _of_patient(door: Door, permit: Permit, patient: str, id_: str, version: int) -> Stored:
    """An allergy of a patient in the version that was seen. Raises Unprocessable, VersionMoved, NotFound."""
    permit.demand("u", "AllergyIntolerance")
    was = await read(door, permit, "AllergyIntolerance", id_)
    whose = str(was.resource().get("patient", {}).get("reference", "")).rpartition("Patient/")[2]
    if door.persons.stays(whose) != door.persons.stays(patient):
        raise Unprocessable(f"AllergyIntolerance/{id_} is about another patient.")
    if was.version != version:
        raise VersionMoved(f"AllergyIntolerance/{id_} was changed since you opened the page. Look at it again.")
    return was


async def rule_out(
    door: Door, permit: Permit, patient: str, id_: str, *, version: int, by_mistake: bool = False
) -> Stored:
    """An allergy was ruled out, or `by_mistake` never was: it stands in the history. Nobody has then been asked anew:
    that none is known is said on its own. Raises Unprocessable, VersionMoved, Conflict."""
    was = await _of_patient(door, permit, patient, id_, version)
    resource = was.resource()
    if not is_current(resource):
        raise Conflict("It is ruled out already.")
    becoming: dict[str, Any] = {
        "clinicalStatus": None if by_mistake else status("allergyintolerance-clinical", "inactive"),
        "verificationStatus": status("allergyintolerance-verification", WRONG if by_mistake else "refuted"),
    }
    (stored,) = await change(door, permit, [changed(was, becoming)])
    return stored


def is_current(allergy: dict[str, Any]) -> bool:
    """Whether it holds: it is not over, not ruled out and no error."""
    over = _code(allergy, "clinicalStatus") in ("inactive", "resolved")
    return not over and _code(allergy, "verificationStatus") not in ("refuted", WRONG)


def says_none(allergy: dict[str, Any]) -> bool:
    """Whether it says that no allergy is known."""
    codings = allergy.get("code", {}).get("coding", ())
    return any((one.get("system"), one.get("code")) == (SNOMED, NO_KNOWN_ALLERGY) for one in codings)


async def _there(door: Door, permit: Permit, patient: str) -> tuple[Assumed, list[Stored]]:
    """Everything that the patient has, and that nobody else may change it until the transaction ends."""
    asked = criterion("AllergyIntolerance", f"patient={patient}", many=True)
    found = await look_up(door, permit, asked)
    return Assumed(asked, tuple(one.id for one in found)), found


def _same(allergy: dict[str, Any], substance: Coded) -> bool:
    code = allergy.get("code", {})
    if any(
        one.get("code") == substance.code and one.get("system") == substance.system for one in code.get("coding", ())
    ):
        return True
    return str(code.get("text", "")).strip().casefold() == substance.text.strip().casefold()


def _allergy(
    permit: Permit, patient: str, substance: Coded, reaction: Reaction, certainty: str, source: str
) -> dict[str, Any]:
    criticality = {"severe": "high", "": "unable-to-assess"}.get(reaction.severity, "low")
    asserters = {"patient": {"reference": f"Patient/{patient}"}, "relative": _RELATIVE}
    shown = {
        "manifestation": [Coded(reaction.text.strip() or "Ikke oppgitt", reaction.code, reaction.system).concept()],
        **({"severity": reaction.severity} if reaction.severity else {}),
        **({"onset": reaction.since} if reaction.since else {}),
    }
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": status("allergyintolerance-clinical", "active"),
        "verificationStatus": status("allergyintolerance-verification", certainty),
        "type": "allergy",
        **({"category": ["medication"]} if substance.system == systems.ATC else {}),
        "criticality": criticality,
        "code": substance.concept(),
        "patient": {"reference": f"Patient/{patient}"},
        **({"onsetDateTime": reaction.since} if reaction.since else {}),
        "recordedDate": now(),
        "recorder": himself(permit),
        "asserter": asserters.get(source, himself(permit)),
        **({"reaction": [shown]} if reaction.text.strip() or reaction.severity else {}),
    }


_RELATIVE: Final = {"type": "RelatedPerson", "display": "Pårørende"}


def _code(resource: dict[str, Any], element: str) -> str:
    return next((str(one.get("code", "")) for one in resource.get(element, {}).get("coding", ())), "")
