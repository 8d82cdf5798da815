"""What of the record goes along in a message, as words: a line or some for each resource, under a kind of 8233.

    told(resource) -> Passage           with the kind of clinical information that it is
    called(concept) -> str              what something coded is called
    coding_of(concept) -> Coded         its code in a national system, with its name; words alone where it has none

Measurements, reports and medicines are words in letters: who gets them reads the same as who sent them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from samjournal.exchange.kinds import Passage
from samjournal.exchange.xml import Coded
from samjournal.fhir.narrative import to_text
from samjournal.terminology import text as named

Resource = dict[str, Any]
_OID: Final = re.compile(r"urn:oid:([0-9.]+)$")
FINDING: Final = Coded("FUNN", name="Funn og undersøkelsesresultat")
HISTORY: Final = Coded("ANAM", name="Sykehistorie")
OTHER: Final = Coded("OPPL", name="Klinisk opplysning")
_KINDS: Final = {
    "Observation": FINDING,
    "DiagnosticReport": FINDING,
    "MedicationStatement": Coded("MEDB", name="Legemiddelopplysning"),
    "MedicationRequest": Coded("MEDB", name="Legemiddelopplysning"),
    "AllergyIntolerance": Coded("CAVE", name="Cave-opplysninger"),
    "Procedure": Coded("OPIN", name="Operasjon/inngrep"),
    "Condition": HISTORY,
}


def told(resource: Resource) -> Passage:
    """A resource as words under its kind."""
    return Passage(_KINDS.get(resource["resourceType"], OTHER), _words(resource))


def _words(resource: Resource) -> str:
    match resource["resourceType"]:
        case "Observation":
            return _observation(resource)
        case "DiagnosticReport":
            lines = [_dated(called(resource.get("code")), resource), resource.get("conclusion", "")]
            return "\n".join(filter(None, (*lines, *_contained(resource))))
        case "MedicationStatement" | "MedicationRequest":
            return _medicine(resource)
        case "Composition":
            return "\n\n".join(filter(None, (resource.get("title", ""), *sections(resource))))
        case _:
            return _anything(resource)


def sections(composition: Resource) -> list[str]:
    """The texts of a note, each under its heading."""
    return ["\n".join(filter(None, one)) for one in _sections(composition) if one[1]]


def _sections(composition: Resource) -> Iterator[tuple[str, str]]:
    for one in composition.get("section", ()):
        yield str(one.get("title", "")), to_text(str((one.get("text") or {}).get("div", "")))


def _contained(report: Resource) -> Iterator[str]:
    for one in report.get("contained", ()):
        if one.get("resourceType") == "Observation":
            yield _observation(one)


def _observation(resource: Resource) -> str:
    parts = [f"{called(one.get('code'))} {_value(one)}" for one in resource.get("component", ()) if _value(one)]
    value = ", ".join(filter(None, (_value(resource), *parts))) or called(resource.get("dataAbsentReason"))
    marks = " ".join(called(one) for one in resource.get("interpretation", ()))
    notes = " ".join(one.get("text", "") for one in resource.get("note", ()))
    said = f"{_dated(called(resource.get('code')), resource)}: {value}"
    return " ".join(filter(None, (said, f"({marks})" if marks else "", notes)))


def _value(holder: Resource) -> str:
    quantity = holder.get("valueQuantity")
    if quantity:
        number = str(quantity.get("value", "")).replace(".", ",")
        return f"{quantity.get('comparator', '')}{number} {quantity.get('unit') or quantity.get('code', '')}".strip()
    if "valueBoolean" in holder:
        return "ja" if holder["valueBoolean"] else "nei"
    for plain in ("valueString", "valueInteger", "valueDateTime", "valueTime"):
        if plain in holder:
            return str(holder[plain])
    return called(holder.get("valueCodeableConcept"))


def _medicine(resource: Resource) -> str:
    name = called(resource.get("medicationCodeableConcept")) or _shown(resource.get("medicationReference"))
    doses = [*resource.get("dosage", ()), *resource.get("dosageInstruction", ())]
    texts = [one.get("text", "") for one in doses]
    reasons = [called(one) for one in resource.get("reasonCode", ())]
    status = {"stopped": "seponert", "on-hold": "på pause"}.get(resource.get("status", ""), "")
    return ", ".join(filter(None, (name, *texts, *reasons, status)))


def _anything(resource: Resource) -> str:
    """What is coded and what is written, whatever it is."""
    coded = [called(resource.get("code")), *(called(each) for each in _several(resource, "reaction", "manifestation"))]
    notes = [one.get("text", "") for one in resource.get("note", ())]
    description = [str(resource.get("description", ""))] if isinstance(resource.get("description"), str) else []
    first, *rest = [*filter(None, (*coded, *description)), *filter(None, notes)] or [""]
    return ", ".join((_dated(first, resource), *rest)) if first else ""


def _several(resource: Resource, outer: str, inner: str) -> Iterator[Resource]:
    for one in resource.get(outer, ()):
        yield from one.get(inner, ())


def _dated(words: str, resource: Resource) -> str:
    for element in ("effectiveDateTime", "performedDateTime", "onsetDateTime", "recordedDate", "issued", "date"):
        if at := str(resource.get(element, ""))[:10]:
            year, _, rest = at.partition("-")
            return f"{words} {'.'.join(reversed([year, *rest.split('-')]))}" if len(at) == len("2026-11-29") else words
    return words


def _shown(reference: Resource | None) -> str:
    return str((reference or {}).get("display", ""))


def called(concept: Resource | None) -> str:
    """The author's words, what the code is called, or the code."""
    if not concept:
        return ""
    if concept.get("text"):
        return str(concept["text"])
    codings = concept.get("coding") or ()
    for one in codings:
        if found := one.get("display") or named(str(one.get("system", "")), str(one.get("code", "")), "nb"):
            return str(found)
    return str(codings[0].get("code", "")) if codings else ""


def coding_of(concept: Resource | None) -> Coded:
    """The first code of a national system (urn:oid:…), with its name; else the words alone."""
    for one in (concept or {}).get("coding", ()):
        system = _OID.match(str(one.get("system", "")))
        if system and one.get("code"):
            name = one.get("display") or named(one["system"], one["code"], "nb") or (concept or {}).get("text", "")
            return Coded(str(one["code"]), system[1], str(name))
    return Coded(words=called(concept))
