"""A FHIR document of a patient summary from resources of a record: pure. hl7.org/fhir/R4/documents.html

    document(patient, found, withheld=…, base=…, language=…, made=…, id_=…) -> Bundle as a dict
    USED        the types that are read for it; BROUGHT those that come along when something names them

Every reference in it leads to something in it, or is a name alone; what a profile of the IPS wants and the record does
not have says so by its extension (data-absent-reason). hl7.org/fhir/uv/ips
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from samjournal.extracts.sections import (
    ABSENT,
    LANGUAGES,
    LOINC,
    SECTIONS,
    SNOMED,
    Names,
    Resource,
    Section,
    entries,
    rows,
    says_none,
    when,
)
from samjournal.fhir.narrative import XHTML
from samjournal.ui.formats import OSLO

COMPOSITION: Final = "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"
BROUGHT: Final = ("Device", "Medication", "Organization", "Practitioner", "PractitionerRole")
USED: Final = (*sorted({type_ for section in SECTIONS for type_ in section.types}), "Patient", *BROUGHT)
_ABSENT_REASON: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_EMPTY: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_TITLE: Final = ("Pasientsammendrag", "Pasientsamandrag", "International Patient Summary")
_MADE: Final[Names] = (
    "Laget av Samjournal {at} av det som den som ba om det, kan lese. Ingen har gått gjennom det.",
    "Laga av Samjournal {at} av det som den som bad om det, kan lese. Ingen har gått gjennom det.",
    "Made by Samjournal {at} of what whoever asked for it may read. Nobody has reviewed it.",
)
_NONE: Final[Names] = (
    "Spurt, og ingen er kjent.",
    "Spurt, og ingen er kjend.",
    "Asked, and none is known.",
)
_WITHHELD: Final[Names] = (
    "Dette får ikke den som ba om sammendraget, lese. Det kan finnes noe.",
    "Dette får ikkje den som bad om samandraget, lese. Det kan finnast noko.",
    "Whoever asked for this summary may not read this. There may be something.",
)


def document(
    patient: Resource,
    found: Iterable[Resource],
    *,
    withheld: Collection[str],
    base: str,
    language: str,
    made: datetime,
    id_: str,
    same: Collection[str] = (),
) -> Resource:
    """The Bundle. `found` is what was read, `withheld` the types that were not for the reader, `same` other ids of the
    patient, `base` the address that ids lie under, `id_` the number of this document."""
    known = {f"{one['resourceType']}/{one['id']}": one for one in found}
    chosen: dict[str, Resource] = {f"Patient/{patient['id']}": patient}
    composed = []
    for section in SECTIONS:
        shown = entries(section, known.values())
        if made_section := _section(section, shown, patient, withheld, language):
            told, extra = made_section
            composed.append(told)
            chosen |= {f"{one['resourceType']}/{one['id']}": one for one in (*shown, *extra)}
    chosen |= _along(chosen.values(), known)
    aliases = {f"Patient/{other}": f"Patient/{patient['id']}" for other in same}
    resources = [_fitted(_referring(one, chosen, aliases)) for one in chosen.values()]
    author = {"resourceType": "Device", "id": "samjournal", "deviceName": [{"name": "Samjournal", "type": "other"}]}
    composition = _composition(patient, composed, author, language, made, id_)
    return {
        "resourceType": "Bundle",
        "language": language,
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id_}"},
        "type": "document",
        "timestamp": made.isoformat(timespec="seconds"),
        "entry": [
            {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one}
            for one in (composition, *resources, author)
        ],
    }


def _composition(
    patient: Resource, sections: list[Resource], author: Resource, language: str, made: datetime, id_: str
) -> Resource:
    at = made.astimezone(OSLO).strftime("%d.%m.%Y kl. %H.%M" if language != "en" else "%d.%m.%Y at %H:%M")
    return {
        "resourceType": "Composition",
        "id": id_,
        "meta": {"profile": [COMPOSITION]},
        "language": language,
        "text": {"status": "generated", "div": _div(f"<p>{_said(_MADE, language).format(at=at)}</p>", language)},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{id_}"},
        "status": "final",
        "type": {"coding": [{"system": LOINC, "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": f"Patient/{patient['id']}"},
        "date": made.isoformat(timespec="seconds"),
        "author": [{"reference": f"Device/{author['id']}", "display": "Samjournal"}],
        "title": _said(_TITLE, language),
        "confidentiality": "N",
        "event": [
            {
                "code": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActClass", "code": "PCPR"}]}],
                "period": {"end": made.isoformat(timespec="seconds")},
            }
        ],
        "section": sections,
    }


def _section(
    section: Section, shown: list[Resource], patient: Resource, withheld: Collection[str], language: str
) -> tuple[Resource, list[Resource]] | None:
    """A section, and what had to be made for it; None when it holds nothing and need not be there."""
    told: Resource = {
        "title": _said(section.titles, language),
        "code": {"coding": [{"system": LOINC, "code": section.code, "display": section.display}]},
    }
    closed = all(type_ in withheld for type_ in section.types)
    if not shown and (section.empty is None or closed):
        if section.empty is None:
            return None
        reason = {"system": _EMPTY, "code": "withheld", "display": "Information Withheld"}
        text = {"status": "generated", "div": _div(f"<p>{_said(_WITHHELD, language)}</p>", language)}
        return told | {"text": text, "emptyReason": {"coding": [reason]}}, []
    extra: list[Resource] = []
    if not shown or (section.empty and all(says_none(one) for one in shown)):
        assert section.empty is not None
        words = _said(_NONE if shown else section.empty.said, language)
        inner = f"<p>{words}</p>"
        if not shown:
            extra = [_unknown(section, patient, section.empty.unknown)]
        else:
            _add_code(shown, section.empty.known)
    else:
        inner = _table(section, shown, language)
    named = [{"reference": f"{one['resourceType']}/{one['id']}"} for one in (*shown, *extra)]
    return told | {"text": {"status": "generated", "div": _div(inner, language)}, "entry": named}, extra


def _unknown(section: Section, patient: Resource, code: tuple[str, str]) -> Resource:
    """That nothing is known, as the IPS says it: a resource of the section's type with a code for that."""
    type_ = section.types[-1]
    concept = {"coding": [{"system": ABSENT, "code": code[0], "display": code[1]}]}
    whose = {"reference": f"Patient/{patient['id']}"}
    made: Resource = {"resourceType": type_, "id": str(uuid5(NAMESPACE_URL, f"{code[0]}|{patient['id']}"))}
    if type_ == "MedicationStatement":
        absent = {"extension": [{"url": _ABSENT_REASON, "valueCode": "unknown"}]}
        return made | {
            "status": "unknown",
            "medicationCodeableConcept": concept,
            "subject": whose,
            "_effectiveDateTime": absent,
        }
    kind = "allergyintolerance" if type_ == "AllergyIntolerance" else "condition"
    active = {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{kind}-clinical", "code": "active"}]}
    who = "patient" if type_ == "AllergyIntolerance" else "subject"
    return made | {"clinicalStatus": active, "code": concept, who: whose}


def _add_code(shown: list[Resource], code: tuple[str, str]) -> None:
    """Beside the record's own code for it stands that of the IPS."""
    for place, one in enumerate(shown):
        name = "medicationCodeableConcept" if "medicationCodeableConcept" in one else "code"
        codings = one[name]["coding"]
        if all(each.get("system") != ABSENT for each in codings):
            added = [*codings, {"system": ABSENT, "code": code[0], "display": code[1]}]
            shown[place] = one | {name: one[name] | {"coding": added}}


def _along(shown: Iterable[Resource], known: Mapping[str, Resource]) -> dict[str, Resource]:
    """What they name of the registers, medicines and devices, and what these name."""
    along: dict[str, Resource] = {}
    waiting: list[Any] = list(shown)
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            named = str(value.get("reference"))
            if named in known and named not in along and named.partition("/")[0] in BROUGHT:
                along[named] = known[named]
                waiting.append(known[named])
    return along


def _referring(value: Any, chosen: Collection[str], aliases: Mapping[str, str]) -> Any:
    """The same, where every reference leads to what is in the document or is a name alone."""
    if isinstance(value, list):
        return [_referring(one, chosen, aliases) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _referring(one, chosen, aliases) for name, one in value.items()}
    named = found.get("reference")
    if not isinstance(named, str) or named.startswith("#") or "resourceType" in found:
        return found
    named = aliases.get(named, named)
    if named in chosen:
        return found | {"reference": named}
    del found["reference"]
    # What is left must say something: an element without content is none.
    type_ = named.partition("/")[0]
    return found if found else {"display": type_ if type_.isalpha() and type_[:1].isupper() else "?"}


def _fitted(resource: Resource) -> Resource:
    """What a profile of the IPS wants and is not there, said to be absent."""
    absent = {"extension": [{"url": _ABSENT_REASON, "valueCode": "unknown"}]}
    type_ = resource["resourceType"]
    if type_ == "Patient":
        made = resource if resource.get("birthDate") or "_birthDate" in resource else resource | {"_birthDate": absent}
        return made if made.get("name") else made | {"name": [absent | {"text": "?"}]}
    if "medicationReference" in resource and "reference" not in resource["medicationReference"]:
        name = str(resource["medicationReference"].get("display", "?"))
        resource = {one: value for one, value in resource.items() if one != "medicationReference"}
        resource["medicationCodeableConcept"] = {"text": name}
    if type_ == "MedicationStatement" and not any(name.lstrip("_").startswith("effective") for name in resource):
        return resource | {"_effectiveDateTime": absent}
    if type_ == "Procedure" and not any(name.startswith("performed") for name in resource):
        return resource | {"_performedDateTime": absent}
    if type_ in ("Observation", "DiagnosticReport"):
        if not any(name.lstrip("_").startswith("effective") for name in resource):
            resource = resource | {"_effectiveDateTime": absent}
        if type_ == "Observation" and not resource.get("performer"):
            resource = resource | {"performer": [absent]}
    return resource


def _table(section: Section, shown: Sequence[Resource], language: str) -> str:
    head = "".join(f"<th>{escape(_said(one, language))}</th>" for one in section.heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row)}</tr>" for row in rows(section, shown, language)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _div(inner: str, language: str) -> str:
    return f'<div xmlns="{XHTML}" lang="{language}" xml:lang="{language}">{inner}</div>'


def _said(names: Names, language: str) -> str:
    return names[LANGUAGES.index(language)]


def newest(observations: Iterable[Resource]) -> list[Resource]:
    """The newest Observation of each kind: a summary is no curve."""
    found: dict[str, Resource] = {}
    for one in observations:
        concept = one.get("code") or {}
        codings = concept.get("coding") or [{}]
        kind = (
            f"{codings[0].get('system')}|{codings[0].get('code')}"
            if codings[0].get("code")
            else concept.get("text", "")
        )
        if kind not in found or when(one) > when(found[kind]):
            found[kind] = one
    return list(found.values())


__all__ = ["BROUGHT", "COMPOSITION", "SNOMED", "USED", "document", "newest"]
