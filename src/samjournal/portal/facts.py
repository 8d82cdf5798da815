"""What a FHIR resource says, as plain values a page can word. hl7.org/fhir/R4/datatypes.html

Every function answers None (or an empty list) where the resource says nothing: the pages put words to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from samjournal.terminology import text as code_text
from samjournal.ui.formats import moment, order

Resource = Mapping[str, Any]

LOINC = "http://loinc.org"
ATC = "http://www.whocc.no/atc"
NO_KNOWN_ALLERGY = "716186003"


def day_of(when: str | None) -> date | None:
    """The calendar day in Norway."""
    found = moment(when)
    return found.date() if isinstance(found, datetime) else found


def codings(concept: Resource | None) -> Iterator[tuple[str, str]]:
    """System and code of each coding that has both."""
    for coding in (concept or {}).get("coding") or ():
        if coding.get("system") and coding.get("code"):
            yield coding["system"], coding["code"]


def code(concept: Resource | None, system: str) -> str | None:
    """The code the concept has in one system."""
    return next((code for found, code in codings(concept) if found == system), None)


def words(concept: Resource | None) -> str | None:
    """What the author called it: the text, else the first display; without either what its code is called."""
    if not concept:
        return None
    if text := concept.get("text"):
        return str(text)
    displays = [str(c["display"]) for c in concept.get("coding") or () if c.get("display")]
    known = (code_text(system, code, "nb") for system, code in codings(concept))
    return displays[0] if displays else next((text for text in known if text), None)


def named(reference: Resource | None) -> str | None:
    """The name that came with a reference."""
    display = (reference or {}).get("display")
    return str(display) if display else None


def points_at(reference: Resource | None) -> str:
    """The type a reference points at, or nothing."""
    parts = str((reference or {}).get("reference", "")).split("/")
    return parts[-2] if len(parts) > 1 else ""


def names(references: Iterable[Resource | None]) -> list[str]:
    """The names among several references, each once."""
    return list(dict.fromkeys(name for reference in references if (name := named(reference))))


def first_named(references: Iterable[Resource | None]) -> str | None:
    """The first name among several references."""
    return next((name for reference in references if (name := named(reference))), None)


def name(patient: Resource) -> str:
    """Given and family name as the person uses it, or nothing."""
    names = patient.get("name") or ()
    chosen = next((n for n in names if n.get("use") in ("official", "usual")), names[0] if names else {})
    full = " ".join([*(chosen.get("given") or ()), chosen.get("family") or ""]).strip()
    return full or str(chosen.get("text") or "")


def given_name(patient: Resource) -> str:
    """The name to greet somebody with."""
    return name(patient).split(" ")[0]


def initials(full: str) -> str:
    """The first letters of the first and last name."""
    parts = full.split()
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper() if parts else ""


def status(resource: Resource, element: str) -> str | None:
    """The code of a status that R4 gives as a concept (clinicalStatus, verificationStatus)."""
    coding = ((resource.get(element) or {}).get("coding") or [{}])[0]
    found = coding.get("code")
    return str(found) if found else None


def stands(resource: Resource) -> bool:
    """False for what was entered in error: a reader must never take it for a fact."""
    return resource.get("status") != "entered-in-error" and status(resource, "verificationStatus") != "entered-in-error"


def newest_first(resources: Iterable[Resource], *elements: str) -> list[Resource]:
    """Those that stand, by the first of the date elements each one has."""
    kept = [resource for resource in resources if stands(resource)]
    return sorted(kept, key=lambda resource: order(when(resource, *elements)), reverse=True)


def when(resource: Resource, *elements: str) -> str | None:
    """The first date the resource has among the elements, as it was written; a period counts by its start.

    A year alone stays a year: the pages show no more of a date than is known.
    """
    for element in elements:
        value = resource.get(element)
        found = value.get("start") if isinstance(value, Mapping) else value
        if moment(found):
            return str(found)
    return None
