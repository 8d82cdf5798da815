"""What the record says now of one patient, for phrases and blocks of a note: with its time, and where it stands.

    LIVE                                            what can be pulled, by shortcut: `bt`, `med`, `diag` …
    pulled(door, permit, patient_id, codes, code)   the facts of each, in one snapshot through the door, one look
    said(live, facts, code, now)                    as words for a note: a value always bears its own time

A value is never told without its time, and what is not of today (in Oslo) says so: a number from last month must not
read as measured now. What is entered in error, cancelled or preliminary is no fact. What the reader may not see is not
there for him. Times in a note are whole dates, since a note is read long after "today".
hl7.org/fhir/R4/observation.html, medicationrequest.html, condition.html, allergyintolerance.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from samjournal.access import Permit
from samjournal.record import Door, Snapshot, Want, open_chart
from samjournal.terminology.texts import text as code_text
from samjournal.ui import formats
from samjournal.ui.language import Language, language

Resource = Mapping[str, Any]
LOINC: Final = "http://loinc.org"
SYSTOLIC: Final = "8480-6"
DIASTOLIC: Final = "8462-4"
STANDS: Final = "status=final,amended,corrected&_sort=-date"
NOTHING: Final = {"nb": "ikke funnet i journalen", "nn": "ikkje funne i journalen"}
RESULTS: Final = 8
"""So many different results are the last ones."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing as the record has it: words, the version that says so (`Observation/7/_history/2`), and its own time
    (a FHIR dateTime, '' where it has none)."""

    words: str
    source: str
    at: str


Reading = Callable[[Sequence[Resource], Language], list[Fact]]


@dataclass(frozen=True, slots=True)
class Live:
    """One thing that can be pulled: its shortcut, names (bokmål, nynorsk, English), the list to ask for, how it is
    read. `is_list` where all of it counts as of now, instead of one value with a time."""

    code: str
    names: tuple[str, str, str]
    want: Want
    read: Reading
    is_list: bool = False

    def name(self, code: str) -> str:
        return self.names[{"nb": 0, "nn": 1}.get(code, 2)]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was pulled: the patient, the facts by code, and the moment."""

    patient: Resource
    facts: Mapping[str, list[Fact]]
    at: datetime


def tongue(code: str) -> Literal["nb", "nn"]:
    """The language that a note is written in by who reads the pages in another: Norwegian, as the record is."""
    return "nn" if code == "nn" else "nb"


async def pulled(door: Door, permit: Permit, patient_id: str, codes: Iterable[str], code: str) -> Pulled:
    """The facts of some codes of `LIVE`, as they stand now. Raises what `open_chart` raises."""
    asked = [LIVE[each] for each in dict.fromkeys(codes) if each in LIVE]
    snapshot = await open_chart(door, permit, patient_id, [each.want for each in asked])
    _ = language(tongue(code))
    facts = {each.code: each.read(_standing(snapshot, each), _) for each in asked}
    return Pulled(snapshot.patient, facts, snapshot.at)


def said(live: Live, facts: Sequence[Fact], code: str, now: datetime) -> str:
    """`Blodtrykk 142/86 mmHg (29.11.2026 kl. 04.10)`; of another day `(sist målt 12.10.2026 kl. 09.10)`."""
    _ = tongue(code)
    name = live.name(_)
    if not facts:
        return f"{name}: {NOTHING[_]}"
    if live.is_list:
        return f"{name} per {_day(now)}: {'; '.join(one.words for one in facts)}"
    return f"{name} {facts[0].words} ({_time(facts[0].at, now, _)})"


def stamp(at: str) -> str:
    """The time of a fact, whole: `29.11.2026 kl. 04.10`."""
    moment = formats.moment(at)
    return f"{formats.full_date(at)}{f' kl. {moment:%H.%M}' if isinstance(moment, datetime) else ''}"


def _time(at: str, now: datetime, code: str) -> str:
    if not at:
        return {"nb": "tid ikke oppgitt", "nn": "tid ikkje oppgitt"}[code]
    is_today = formats.order(at).astimezone(formats.OSLO).date() == now.astimezone(formats.OSLO).date()
    return stamp(at) if is_today else f"sist målt {stamp(at)}"


def _day(now: datetime) -> str:
    return f"{now.astimezone(formats.OSLO):%d.%m.%Y}"


def _standing(snapshot: Snapshot, live: Live) -> list[Resource]:
    return [one for one in snapshot.lists.get(live.want.name, ()) if "entered-in-error" not in _statuses(one)]


def _statuses(resource: Resource) -> set[str]:
    found = {str(resource.get("status", ""))}
    for element in ("verificationStatus", "clinicalStatus"):
        found |= {str(one.get("code", "")) for one in (resource.get(element) or {}).get("coding", ())}
    return found


def described(resource: Resource, code: str) -> Fact | None:
    """What one resource says, as a block says it; None when it does not stand any more."""
    _ = language(tongue(code))
    if _statuses(resource) & {"entered-in-error", "cancelled", "stopped", "refuted", "inactive", "resolved"}:
        return None
    parts = {one.get("code") for part in resource.get("component", ()) for one in part["code"].get("coding", ())}
    read = {"MedicationRequest": _medicines, "Condition": _problems, "AllergyIntolerance": _allergies}.get(
        resource["resourceType"], _pressure if SYSTOLIC in parts else _results
    )
    return next(iter(read([resource], _)), None)


def worded(resource: Resource, code: str) -> list[str]:
    """The words that one resource may stand with in a line, whatever has become of it since."""
    _ = language(tongue(code))
    made = {"MedicationRequest": _medicines, "Condition": _problems, "AllergyIntolerance": _allergies}
    if resource["resourceType"] in made:
        return [one.words for one in made[resource["resourceType"]]([resource], _)]
    found = [*_pressure([resource], _), *_measured([resource], _), *_results([resource], _)]
    return [one.words for one in found]


def source(resource: Resource) -> str:
    """Where a fact stands, with the version."""
    version = (resource.get("meta") or {}).get("versionId", "1")
    return f"{resource['resourceType']}/{resource['id']}/_history/{version}"


def _when(resource: Resource, *elements: str) -> str:
    for element in elements:
        value = resource.get(element)
        value = (value.get("end") or value.get("start")) if isinstance(value, dict) else value
        if value:
            return str(value)
    return ""


def _taken(observation: Resource) -> str:
    return _when(observation, "effectiveDateTime", "effectiveInstant", "effectivePeriod", "issued")


def _called(concept: Resource | None, _: Language) -> str:
    """The author's words, our text for a code, the display, the code itself."""
    if not concept:
        return ""
    if concept.get("text"):
        return str(concept["text"])
    codings = concept.get("coding") or ()
    for one in codings:
        if known := code_text(str(one.get("system", "")), str(one.get("code", "")), cast(Any, _.code)):
            return known
    first: Resource = next(iter(codings), {})
    return str(first.get("display") or first.get("code") or "")


def _value(holder: Resource, _: Language) -> str:
    quantity = holder.get("valueQuantity")
    if quantity and quantity.get("value") is not None:
        number = formats.number(round(quantity["value"], 2), language=_)
        unit = str(quantity.get("unit") or quantity.get("code") or "")
        gap = "" if unit.startswith("/") else " "
        return f"{quantity.get('comparator', '')}{number}{gap}{unit}".strip()
    if "valueInteger" in holder:
        return str(holder["valueInteger"])
    return str(holder.get("valueString") or _called(holder.get("valueCodeableConcept"), _))


def _newest(observations: Iterable[Resource]) -> list[Resource]:
    return sorted(observations, key=lambda one: formats.order(_taken(one)), reverse=True)


def _pressure(observations: Sequence[Resource], _: Language) -> list[Fact]:
    for one in _newest(observations):
        parts = {
            str(coding.get("code")): part
            for part in one.get("component") or ()
            for coding in (part.get("code") or {}).get("coding") or ()
        }
        both = [(parts.get(loinc, {}).get("valueQuantity") or {}).get("value") for loinc in (SYSTOLIC, DIASTOLIC)]
        if any(value is not None for value in both):
            words = "/".join("?" if value is None else f"{value:.0f}" for value in both)
            return [Fact(f"{words} mmHg", source(one), _taken(one))]
    return []


def _measured(observations: Sequence[Resource], _: Language) -> list[Fact]:
    return next(
        ([Fact(words, source(one), _taken(one))] for one in _newest(observations) if (words := _value(one, _))), []
    )


def _results(observations: Sequence[Resource], _: Language) -> list[Fact]:
    """The last value of each test, the newest first."""
    found: dict[str, Fact] = {}
    for one in _newest(observations):
        name, words = _called(one.get("code"), _), _value(one, _)
        if name and words and name not in found:
            found[name] = Fact(f"{name} {words}", source(one), _taken(one))
    return list(found.values())[:RESULTS]


def _medicines(requests: Sequence[Resource], _: Language) -> list[Fact]:
    paused = {"nb": "på pause", "nn": "på pause"}[tongue(_.code)]
    facts = []
    for one in requests:
        name = _called(one.get("medicationCodeableConcept"), _) or str(
            (one.get("medicationReference") or {}).get("display", "")
        )
        dose = next((str(each["text"]) for each in one.get("dosageInstruction") or () if each.get("text")), "")
        state = f" ({paused})" if one.get("status") == "on-hold" else ""
        if name:
            facts.append(Fact(f"{name} {dose}".strip() + state, source(one), _when(one, "authoredOn")))
    return sorted(facts, key=lambda one: one.words.lower())


def _problems(conditions: Sequence[Resource], _: Language) -> list[Fact]:
    doubt = {"nb": "ikke sikker", "nn": "ikkje sikker"}[tongue(_.code)]
    facts = []
    for one in conditions:
        states = _statuses(one)
        if states & {"refuted", "inactive", "resolved", "remission"}:
            continue
        name = _called(one.get("code"), _)
        unsure = f" ({doubt})" if states & {"provisional", "differential", "unconfirmed"} else ""
        if name:
            facts.append(Fact(name + unsure, source(one), _when(one, "recordedDate", "onsetDateTime")))
    return facts


def _allergies(allergies: Sequence[Resource], _: Language) -> list[Fact]:
    doubt = {"nb": "ikke sikker", "nn": "ikkje sikker"}[tongue(_.code)]
    facts = []
    for one in allergies:
        states = _statuses(one)
        if states & {"refuted", "inactive", "resolved"}:
            continue
        reactions = ", ".join(
            name
            for reaction in one.get("reaction") or ()
            for each in reaction.get("manifestation") or ()
            if (name := _called(each, _))
        )
        unsure = doubt if states & {"unconfirmed", "presumed"} else ""
        more = "; ".join(part for part in (reactions, unsure) if part)
        if name := _called(one.get("code"), _):
            facts.append(Fact(f"{name} ({more})" if more else name, source(one), _when(one, "recordedDate")))
    return facts


def _measure(code: str, names: tuple[str, str, str], *loincs: str, read: Reading = _measured) -> Live:
    asked = ",".join(f"{LOINC}|{one}" for one in loincs)
    return Live(code, names, Want(code, "Observation", f"combo-code={asked}&{STANDS}", 5), read)


LIVE: Final[Mapping[str, Live]] = {
    live.code: live
    for live in (
        _measure("bt", ("Blodtrykk", "Blodtrykk", "Blood pressure"), SYSTOLIC, read=_pressure),
        _measure("puls", ("Puls", "Puls", "Pulse"), "8867-4"),
        _measure("spo2", ("SpO₂", "SpO₂", "SpO₂"), "59408-5", "2708-6"),
        _measure("rf", ("Respirasjonsfrekvens", "Respirasjonsfrekvens", "Respiratory rate"), "9279-1"),
        _measure("temp", ("Temperatur", "Temperatur", "Temperature"), "8310-5"),
        _measure("vekt", ("Vekt", "Vekt", "Weight"), "29463-7"),
        _measure("høyde", ("Høyde", "Høgd", "Height"), "8302-2"),
        Live(
            "med",
            ("Legemidler", "Legemiddel", "Medicines"),
            Want("med", "MedicationRequest", "status=active,on-hold&_sort=-authoredon", 100),
            _medicines,
            is_list=True,
        ),
        Live(
            "diag", ("Diagnoser", "Diagnosar", "Problems"), Want("diag", "Condition", "", 100), _problems, is_list=True
        ),
        Live(
            "cave",
            ("Allergier", "Allergiar", "Allergies"),
            Want("cave", "AllergyIntolerance", "", 50),
            _allergies,
            is_list=True,
        ),
        Live(
            "prøver",
            ("Siste prøvesvar", "Siste prøvesvar", "Last results"),
            Want("prøver", "Observation", f"category=laboratory&{STANDS}", 60),
            _results,
        ),
    )
}
