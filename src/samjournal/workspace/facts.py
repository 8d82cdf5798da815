"""What a FHIR resource says, as plain values for the chart. hl7.org/fhir/R4/datatypes.html

Nothing is guessed: what the resource does not say comes back empty, and the page puts words to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from samjournal.terminology.texts import text as code_text
from samjournal.ui import formats
from samjournal.ui.language import Language

Resource = Mapping[str, Any]

LOINC: Final = "http://loinc.org"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
ICPC_2: Final = "http://hl7.org/fhir/sid/icpc-2"
ATC: Final = "http://www.whocc.no/atc"
SNOMED: Final = "http://snomed.info/sct"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a block: what is said first and strongest, what follows, source or state at the right."""

    strong: str
    rest: str = ""
    code: str = ""
    when: str = ""
    right: str = ""
    state: str = ""  # "", "ok", "warn", "danger": the colour beside the words in `right`
    icon: str = ""
    new: str = ""  # "", "Ny", "Endret"
    quiet: bool = False
    video: str = ""  # the link of a video visit


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, when, in which language, and since when a thing counts as new to them."""

    role: str
    language: Language
    now: datetime
    since: datetime | None = None
    unit_id: str = ""

    def day(self, value: str | None) -> str:
        """A day as this reader's page writes it."""
        return formats.day(value, now=self.now, language=self.language)

    def when(self, value: str | None) -> str:
        """A day with clock as this reader's page writes it."""
        return formats.when(value, now=self.now, language=self.language)

    def newness(self, resource: Resource) -> str:
        """`Ny` or `Endret` when the record took the resource in since the reader's last look."""
        meta = resource.get("meta") or {}
        if self.since is None or formats.order(meta.get("lastUpdated")) <= self.since:
            return ""
        return self.language("Ny") if meta.get("versionId") in (None, "1") else self.language("Endret")


def codings(concept: Resource | None) -> Iterator[tuple[str, str]]:
    """System and code of each coding that has both."""
    for coding in (concept or {}).get("coding") or ():
        if coding.get("system") and coding.get("code"):
            yield str(coding["system"]), str(coding["code"])


def code(concept: Resource | None, *systems: str) -> str:
    """The code of the concept in the first of the systems that it is coded in."""
    found = dict(codings(concept))
    return next((found[system] for system in systems if system in found), "")


def said(concept: Resource | None, language: Language) -> str:
    """What the concept is called: the author's words, our text for a code, the display, the code itself."""
    if not concept:
        return ""
    if concept.get("text"):
        return str(concept["text"])
    for system, found in codings(concept):
        known = code_text(system, found, cast(Any, language.code))
        if known:
            return known
    first: Resource = next(iter(concept.get("coding") or ()), {})
    return str(first.get("display") or first.get("code") or "")


def status(resource: Resource, element: str = "status") -> str:
    """The code of a status, whether R4 gives it as a code or as a concept."""
    value = resource.get(element)
    if isinstance(value, dict):
        return next((found for _system, found in codings(value)), "")
    return str(value or "")


def stands(resource: Resource) -> bool:
    """False for what was entered in error: nobody may take it for a fact."""
    return "entered-in-error" not in (status(resource), status(resource, "verificationStatus"))


def standing(resources: Iterable[Resource]) -> list[Resource]:
    """The resources that stand."""
    return [resource for resource in resources if stands(resource)]


def when(resource: Resource, *elements: str) -> str:
    """The first date among the elements, as it was written; a period counts by its start."""
    for element in elements:
        value = resource.get(element)
        if isinstance(value, dict):
            value = value.get("start")
        if value:
            return str(value)
    return ""


def newest_first(resources: Iterable[Resource], *elements: str) -> list[Resource]:
    """Those that stand, the newest date first."""
    return sorted(standing(resources), key=lambda each: formats.order(when(each, *elements)), reverse=True)


def name_of(reference: Resource | None) -> str:
    """The name that came with a reference."""
    return str((reference or {}).get("display") or "")


def id_of(reference: Resource | None, type_: str) -> str:
    """The id that a reference to this type points at."""
    found_type, _, found = str((reference or {}).get("reference") or "").rpartition("/")
    return found if found_type.rpartition("/")[2] == type_ else ""


def short_name(name: str) -> str:
    """`A. Demir` for `Ayla Demir`, and for `Ayla Demir, sykepleier`; one word stays as it is."""
    words = name.split(",")[0].split()
    return name if len(words) < 2 else f"{words[0][0]}. {words[-1]}"


def actor_name(reference: Resource | None) -> str:
    """A person short, a unit by its own name without the house it belongs to."""
    name = name_of(reference)
    is_person = id_of(reference, "PractitionerRole") or id_of(reference, "Practitioner")
    return short_name(name) if is_person else name.split(",")[0]


def author(resource: Resource) -> str:
    """Who wrote, measured or asked for it, short; empty when the resource does not say."""
    for element in ("performer", "author", "recorder", "requester", "asserter", "owner"):
        value = resource.get(element)
        for reference in value if isinstance(value, list) else [value]:
            actor = (reference or {}).get("actor", reference)
            if name_of(actor):
                return actor_name(actor)
    return ""


def unit(resource: Resource) -> str:
    """The unit that a contact, service or plan belongs to."""
    for element in ("serviceProvider", "managingOrganization", "performer", "author"):
        value = resource.get(element)
        for reference in value if isinstance(value, list) else [value]:
            if id_of(reference, "Organization") and name_of(reference):
                return name_of(reference).split(",")[0]
    return ""


def joined(*parts: str) -> str:
    """The parts that say something, with a middle dot between them."""
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with its lines; `empty` says in words that there are none, `more` lies folded below."""

    title: str
    rows: tuple[Row, ...]
    empty: str
    source: str = ""
    more: tuple[Row, ...] = ()


def block(title: str, rows: Iterable[Row], *, empty: str, source: str = "", show: int = 6) -> Block:
    """A block of the first `show` lines with the rest folded; one line too many is shown all the same."""
    lines = tuple(rows)
    cut = show if len(lines) > show + 1 else len(lines)
    return Block(title, lines[:cut], empty, source, lines[cut:])
