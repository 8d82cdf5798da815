"""Vital signs and laboratory results with units, ranges and flags. hl7.org/fhir/R4/observation.html"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from samjournal.demo.chart import HL7, LOINC, SNOMED, UCUM, Chart, Resource, concept, to
from samjournal.demo.clock import instant
from samjournal.demo.staff import Staff


@dataclass(frozen=True, slots=True)
class Measure:
    """How one thing is measured: LOINC code, unit as written and in UCUM, usual range, decimals."""

    code: str
    unit: str
    ucum: str
    low: float | None = None
    high: float | None = None
    decimals: int = 0


PULSE = Measure("8867-4", "/min", "/min", 50, 100)
TEMPERATURE = Measure("8310-5", "°C", "Cel", 36.0, 37.8, 1)
RESPIRATION = Measure("9279-1", "/min", "/min", 12, 20)
SATURATION = Measure("59408-5", "%", "%", 95, 100)
WEIGHT = Measure("29463-7", "kg", "kg", decimals=1)
HEIGHT = Measure("8302-2", "cm", "cm")
SYSTOLIC = Measure("8480-6", "mmHg", "mm[Hg]")
DIASTOLIC = Measure("8462-4", "mmHg", "mm[Hg]")
OXYGEN = Measure("3151-8", "l/min", "L/min", decimals=1)

CRP = Measure("1988-5", "mg/L", "mg/L", None, 5)
HB_WOMAN = Measure("718-7", "g/dL", "g/dL", 11.7, 15.3, 1)
HB_CHILD = Measure("718-7", "g/dL", "g/dL", 10.5, 14.5, 1)
HB_MAN = Measure("718-7", "g/dL", "g/dL", 13.4, 17.0, 1)
CREATININE_WOMAN = Measure("14682-9", "µmol/L", "umol/L", 45, 90)
CREATININE_CHILD = Measure("14682-9", "µmol/L", "umol/L", 15, 60)
CREATININE_MAN = Measure("14682-9", "µmol/L", "umol/L", 60, 105)
POTASSIUM = Measure("2823-3", "mmol/L", "mmol/L", 3.6, 4.6, 1)
SODIUM = Measure("2951-2", "mmol/L", "mmol/L", 137, 145)
NT_PROBNP = Measure("33762-6", "ng/L", "ng/L", None, 300)
HBA1C = Measure("59261-8", "mmol/mol", "mmol/mol", 28, 40)
TSH = Measure("3016-3", "mIU/L", "m[IU]/L", 0.4, 4.2, 1)
CHOLESTEROL_LDL = Measure("22748-8", "mmol/L", "mmol/L", None, 4.1, 1)
FERRITIN = Measure("20567-4", "µg/L", "ug/L", 15, 200)
ALAT_WOMAN = Measure("1742-6", "U/L", "U/L", 10, 45)
ALAT_MAN = Measure("1742-6", "U/L", "U/L", 10, 70)
ALBUMIN = Measure("1751-7", "g/L", "g/L", 36, 48)
INR = Measure("6301-6", "INR", "{INR}", 0.8, 1.2, 1)
CALCIUM = Measure("2000-8", "mmol/L", "mmol/L", 2.15, 2.51, 2)
PHOSPHATE = Measure("14879-1", "mmol/L", "mmol/L", 0.8, 1.5, 2)
URATE_WOMAN = Measure("14933-6", "µmol/L", "umol/L", 155, 400)
URATE = Measure("14933-6", "µmol/L", "umol/L", 230, 480)
PSA = Measure("2857-1", "µg/L", "ug/L", None, 4.0, 1)
VITAMIN_D = Measure("35365-6", "nmol/L", "nmol/L", 50, 150)
ACR = Measure("14959-1", "mg/mmol", "mg/mmol", None, 3.0, 1)
HEAD = Measure("8287-5", "cm", "cm", decimals=1)
BMI = Measure("39156-5", "kg/m²", "kg/m2", 18.5, 25, 1)
LEUCOCYTES = Measure("6690-2", "10⁹/L", "10*9/L", 3.5, 11.0, 1)
EGFR = Measure("62238-1", "mL/min/1,73 m²", "mL/min/{1.73_m2}", 60, None)

NAMES = {
    CRP.code: "CRP",
    HB_MAN.code: "Hb",
    CREATININE_MAN.code: "Kreatinin",
    HBA1C.code: "HbA1c",
    TSH.code: "TSH",
    FERRITIN.code: "Ferritin",
    CHOLESTEROL_LDL.code: "LDL",
    NT_PROBNP.code: "NT-proBNP",
    EGFR.code: "eGFR",
    URATE.code: "Urat",
    PSA.code: "PSA",
}
"""What doctors call a test in a note."""

SMOKING, ALCOHOL, LIVING = "72166-2", "11331-6", "75274-1"


def hb(woman: bool) -> Measure:
    return HB_WOMAN if woman else HB_MAN


def alat(woman: bool) -> Measure:
    return ALAT_WOMAN if woman else ALAT_MAN


def creatinine(woman: bool) -> Measure:
    return CREATININE_WOMAN if woman else CREATININE_MAN


def vital(
    chart: Chart,
    by: Staff,
    measure: Measure,
    value: float,
    when: datetime,
    *,
    encounter: Resource | None = None,
) -> Resource:
    """One vital sign."""
    return chart.put(
        "Observation",
        "vital",
        by,
        status="final",
        category=[_category("vital-signs")],
        code=concept(LOINC, measure.code),
        encounter=to(encounter) if encounter else None,
        effectiveDateTime=instant(when),
        valueQuantity=quantity(measure, value),
    )


def blood_pressure(
    chart: Chart,
    by: Staff,
    systolic: int,
    diastolic: int,
    when: datetime,
    *,
    encounter: Resource | None = None,
) -> Resource:
    """A blood pressure as one Observation with two components."""
    return chart.put(
        "Observation",
        "bp",
        by,
        status="final",
        category=[_category("vital-signs")],
        code=concept(LOINC, "85354-9"),
        encounter=to(encounter) if encounter else None,
        effectiveDateTime=instant(when),
        component=[
            {"code": concept(LOINC, part.code), "valueQuantity": quantity(part, value)}
            for part, value in ((SYSTOLIC, systolic), (DIASTOLIC, diastolic))
        ],
    )


def lab(
    chart: Chart,
    by: Staff,
    measure: Measure,
    value: float,
    when: datetime,
    *,
    encounter: Resource | None = None,
    requester: Staff | None = None,
) -> Resource:
    """One laboratory result with reference range and a flag when it lies outside.

    Results of one contact and time share the order they answer, and the report when there are several.
    """
    limits = {"low": measure.low, "high": measure.high}
    flag = interpretation(measure, value)
    order, results = _order(chart, by, when, encounter, requester)
    result = chart.put(
        "Observation",
        "lab",
        by,
        status="final",
        category=[_category("laboratory")],
        basedOn=[to(order)],
        code=concept(LOINC, measure.code),
        encounter=to(encounter) if encounter else None,
        effectiveDateTime=instant(when),
        issued=instant(when),
        valueQuantity=quantity(measure, value),
        interpretation=[concept(f"{HL7}v3-ObservationInterpretation", flag)],
        referenceRange=[{side: quantity(measure, limit) for side, limit in limits.items() if limit is not None}],
    )
    results.append(to(result))
    if len(results) == 2:
        _report(chart, by, when, encounter, order, results)
    return result


def comment(by: Staff, text: str, when: datetime) -> Resource:
    """What somebody writes to the patient about a result (Observation.note)."""
    return {
        "text": text,
        "authorReference": {"reference": f"Practitioner/{by.login}", "display": by.name},
        "time": instant(when),
    }


def _order(
    chart: Chart, by: Staff, when: datetime, encounter: Resource | None, requester: Staff | None
) -> tuple[Resource, list[Resource]]:
    """The order that a result answers, with the results it has so far; made with the first one."""
    key = (encounter["id"] if encounter else "", instant(when))
    found = chart.orders.get(key)
    if found is None:
        asked = requester.reference if requester else _who_asked(chart, by, encounter)
        order = chart.put(
            "ServiceRequest",
            "order",
            by,
            status="completed",
            intent="order",
            category=[_category("laboratory")],
            code={"text": "Blodprøver"},
            encounter=to(encounter) if encounter else None,
            authoredOn=instant(when),
            requester=asked,
            performer=[by.unit] if asked != by.reference else None,
        )
        found = chart.orders[key] = order, []
    return found


def _who_asked(chart: Chart, by: Staff, encounter: Resource | None) -> Resource:
    """The doctor of the contact; a laboratory orders nothing itself."""
    if by.profession != "BI":
        return by.reference
    seen_by = encounter["participant"][0]["individual"] if encounter else None
    reference: Resource = seen_by or chart.patient["generalPractitioner"][0]
    return reference


def _report(
    chart: Chart, by: Staff, when: datetime, encounter: Resource | None, order: Resource, results: list[Resource]
) -> Resource:
    return chart.put(
        "DiagnosticReport",
        "report",
        by,
        status="final",
        basedOn=[to(order)],
        category=[_diagnostic("LAB")],
        code=concept(LOINC, "11502-2"),
        encounter=to(encounter) if encounter else None,
        effectiveDateTime=instant(when),
        issued=instant(when),
        performer=[by.unit],
        result=results,
    )


def _diagnostic(code: str) -> Resource:
    return {"coding": [{"system": f"{HL7}v2-0074", "code": code}]}


def news2(chart: Chart, by: Staff, when: datetime, *, encounter: Resource | None = None, **signs: float) -> Resource:
    """The early warning score of one set of vital signs."""
    return chart.put(
        "Observation",
        "news",
        by,
        status="final",
        category=[_category("survey")],
        code=concept(SNOMED, "1104051000000101", "NEWS2"),
        encounter=to(encounter) if encounter else None,
        effectiveDateTime=instant(when),
        valueInteger=news2_score(**signs),
    )


def news2_score(
    *,
    pulse: float,
    respiration: float,
    saturation: float,
    temperature: float,
    systolic: float,
    oxygen: float = 0,
) -> int:
    """NEWS2 by saturation scale 1, for somebody awake. Bands: Royal College of Physicians, 2017."""
    score = _band(respiration, (8, 3), (11, 1), (20, 0), (24, 2), above=3)
    score += _band(saturation, (91, 3), (93, 2), (95, 1), above=0)
    score += 2 if oxygen else 0
    score += _band(systolic, (90, 3), (100, 2), (110, 1), (219, 0), above=3)
    score += _band(pulse, (40, 3), (50, 1), (90, 0), (110, 1), (130, 2), above=3)
    score += _band(temperature, (35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), above=2)
    return score


def _band(value: float, *upper: tuple[float, int], above: int) -> int:
    return next((points for limit, points in upper if value <= limit), above)


def social(chart: Chart, by: Staff, code: str, value: str, when: datetime) -> Resource:
    """A habit or a circumstance, in words."""
    return chart.put(
        "Observation",
        "social",
        by,
        status="final",
        category=[_category("social-history")],
        code=concept(LOINC, code),
        effectiveDateTime=instant(when),
        valueString=value,
    )


def quantity(measure: Measure, value: float) -> dict[str, Any]:
    """A value as it is written: no more decimals than the method has."""
    rounded = round(value, measure.decimals) if measure.decimals else round(value)
    return {"value": rounded, "unit": measure.unit, "system": UCUM, "code": measure.ucum}


def interpretation(measure: Measure, value: float) -> str:
    """H, L or N by the usual range."""
    shown = round(value, measure.decimals)
    if measure.high is not None and shown > measure.high:
        return "H"
    return "L" if measure.low is not None and shown < measure.low else "N"


def _category(code: str) -> Resource:
    return concept(f"{HL7}observation-category", code)


def likely_pressure(rng: Random, years: int, *, high: bool) -> tuple[int, int]:
    """A blood pressure at the GP's that fits age and illness."""
    systolic = round(rng.gauss(112 + years * 0.28 + (7 if high else 0), 9))
    systolic = min(max(systolic, 96), 172)
    return systolic, round(min(max(systolic * 0.58 + rng.gauss(2, 4), 54), systolic - 32))
