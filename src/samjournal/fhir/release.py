"""When a patient sees what was written: release rules by kind of note and result. Requirement 2.7

    released(resource) -> datetime | None       the moment; None: at once; NEVER: when somebody releases it
    rule_of(resource) -> Rule | None            which rule holds it back
    has_label(resource, label) -> bool          whether a security label stands on it
    RULES                                       the rules as readable data

Whoever writes may hold something back (label NOPAT, which is a decision under pbrl section 5-1 and takes a reason) or
let it go at once (tag `released`). The first rule that fits holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal.fhir.dates import span
from samjournal.fhir.reserved import ACT_CODE

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
RELEASE = "urn:samjournal:release"
RELEASED = {"system": RELEASE, "code": "released"}
"""The tag of what is released before its time."""
NOPAT = {"system": ACT_CODE, "code": "NOPAT"}
"""The label of what is held back from the patient by decision. v3 ActCode."""
_LOINC = "http://loinc.org"
_SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
NOTES = frozenset({"Composition", "DocumentReference"})
RESULTS = frozenset({"DiagnosticReport", "Observation"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for which types, by which state or codes (system, code) of type, category or code, and how long after
    it was written or issued the patient sees it (None: when somebody releases it)."""

    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English: when the patient sees it
    types: frozenset[str]
    after: timedelta | None
    statuses: frozenset[str] = frozenset()
    codes: frozenset[tuple[str, str]] = frozenset()
    unless_his: bool = False
    """It holds for what neither comes from the patient nor goes to him."""


RULES = (
    Rule(
        "unsigned",
        (
            "Pasienten ser det når det er signert",
            "Pasienten ser det når det er signert",
            "The patient sees it when it is signed",
        ),
        NOTES | {"DiagnosticReport"},
        None,
        statuses=frozenset({"preliminary", "registered", "partial"}),
    ),
    Rule(
        "mental-health-note",
        (
            "Pasienten ser det etter 7 dager",
            "Pasienten ser det etter 7 dagar",
            "The patient sees it after 7 days",
        ),
        NOTES,
        timedelta(days=7),
        codes=frozenset({(_LOINC, "34788-0"), (_LOINC, "34791-4"), (_LOINC, "68814-1")}),
    ),
    Rule(
        "pathology",
        (
            "Pasienten ser det etter 14 dager",
            "Pasienten ser det etter 14 dagar",
            "The patient sees it after 14 days",
        ),
        RESULTS,
        timedelta(days=14),
        codes=frozenset({(_SERVICE, code) for code in ("CP", "PAT", "SP")} | {(_LOINC, "11526-1")}),
    ),
    Rule(
        "genetics",
        (
            "Pasienten ser det når noen har snakket med henne eller ham om det",
            "Pasienten ser det når nokon har snakka med henne eller han om det",
            "The patient sees it when somebody has talked about it",
        ),
        RESULTS,
        None,
        codes=frozenset({(_SERVICE, "GE"), (_LOINC, "51969-4")}),
    ),
    Rule(
        "correspondence",
        (
            "Pasienten ser meldinger som er fra eller til pasienten",
            "Pasienten ser meldingar som er frå eller til pasienten",
            "The patient sees messages that are from or to the patient",
        ),
        frozenset({"Communication"}),
        None,
        unless_his=True,
    ),
)
_STATUS = ("status", "docStatus")
_CODED = ("type", "category", "code")
_WHEN = ("issued", "date", "effectiveDateTime", "effectivePeriod")


def rule_of(resource: Mapping[str, Any]) -> Rule | None:
    """The rule that holds a resource back from the patient, or did; None: the patient sees it at once."""
    type_ = resource["resourceType"]
    if type_ not in _OF_TYPE:
        return None
    codes: set[tuple[str, str]] | None = None
    statuses = [resource.get(name) for name in _STATUS]
    for rule in _OF_TYPE[type_]:
        if rule.unless_his and not _is_his(resource):
            return rule
        if rule.statuses and not rule.statuses.isdisjoint(statuses):
            return rule
        if rule.codes:
            codes = _codes(resource) if codes is None else codes
            if not rule.codes.isdisjoint(codes):
                return rule
    return None


_OF_TYPE = {type_: [one for one in RULES if type_ in one.types] for rule in RULES for type_ in rule.types}


def released(resource: Mapping[str, Any]) -> datetime | None:
    """When the patient sees a resource: None at once, NEVER when somebody releases it."""
    meta = resource.get("meta")
    if meta and has_label(resource, NOPAT):
        return NEVER
    rule = rule_of(resource)
    if rule is None:
        return None
    # What is not signed yet is nobody's to release.
    if not rule.statuses and meta and _has(meta.get("tag"), RELEASED):
        return None
    written = _written(resource)
    return NEVER if rule.after is None or written is None else written + rule.after


def _is_his(message: Mapping[str, Any]) -> bool:
    """Whether a message was sent by the patient whom it is about, or to him."""
    whose = (message.get("subject") or {}).get("reference")
    parties = [message.get("sender") or {}, *message.get("recipient", ())]
    return whose is not None and any(one.get("reference") == whose for one in parties)


def has_label(resource: Mapping[str, Any], label: dict[str, str]) -> bool:
    """Whether a resource carries a security label."""
    return _has(resource.get("meta", {}).get("security"), label)


def _has(labels: Any, wanted: dict[str, str]) -> bool:
    return any(one.get("system") == wanted["system"] and one.get("code") == wanted["code"] for one in labels or ())


def _codes(resource: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The codes of what kind of note or result it is."""
    found: set[tuple[str, str]] = set()
    for name in _CODED:
        value = resource.get(name)
        for concept in value if isinstance(value, list) else [value] if value else ():
            found.update((one.get("system", ""), one.get("code", "")) for one in concept.get("coding", ()))
    return found


def _written(resource: Mapping[str, Any]) -> datetime | None:
    """When a note was written or a result issued, the last moment that it may mean."""
    for name in _WHEN:
        value = resource.get(name)
        said = value.get("end") or value.get("start") if isinstance(value, dict) else value
        if said:
            return span(said).hi
    return None
