"""The code systems that Norwegian health care uses, and the other names they go by.

hl7.org/fhir/R4/terminologies-systems.html
The same codes come under several names (ICPC-2 has a FHIR name and two OIDs). One of them is used inside; the others
are read as it. What is not listed here goes by the name that it came with, and a NamingSystem can make two names one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

VOLVEN = "urn:oid:2.16.578.1.12.4.1.1."
"""The Norwegian register of code systems; a number follows."""

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
ATC = "http://www.whocc.no/atc"
NLK = f"{VOLVEN}7280"
SNOMED = "http://snomed.info/sct"


@dataclass(frozen=True, slots=True)
class Known:
    """A code system that we know: the id of its CodeSystem here, its canonical name, what else it is called, how files
    with it are usually named, and how long the codes are that its codes lie under."""

    id: str
    url: str
    title: str
    aliases: tuple[str, ...]
    files: re.Pattern[str]
    levels: tuple[int, ...] = ()


KNOWN = (
    Known(
        "icd-10",
        ICD_10,
        "ICD-10",
        ("http://hl7.org/fhir/sid/icd-10-no", f"{VOLVEN}7110", "urn:oid:2.16.840.1.113883.6.3"),
        re.compile(r"icd-?10|7110", re.IGNORECASE),
        levels=(5, 3),
    ),
    Known(
        "icpc-2",
        ICPC_2,
        "ICPC-2",
        (f"{VOLVEN}7170", "urn:oid:2.16.840.1.113883.6.139"),
        re.compile(r"icpc-?2|7170", re.IGNORECASE),
        levels=(3, 1),
    ),
    Known(
        "atc",
        ATC,
        "ATC",
        (f"{VOLVEN}7180", "urn:oid:2.16.840.1.113883.6.73"),
        re.compile(r"(?<![a-z])atc(?![a-z])|7180", re.IGNORECASE),
        levels=(5, 4, 3, 1),
    ),
    Known(
        "nlk",
        NLK,
        "NLK, Norsk laboratoriekodeverk",
        (
            "http://ehelse.no/fhir/CodeSystem/no-kodeverk-7280-nlk",
            "http://helsedir.no/fhir/CodeSystem/no-kodeverk-7280-nlk",
            "http://helsenorge.no/fhir/CodeSystem/no-kodeverk-7280-nlk.codesystem",
        ),
        re.compile(r"(?<![a-z])nlk(?![a-z])|laboratoriekodeverk|7280", re.IGNORECASE),
    ),
    Known("loinc", "http://loinc.org", "LOINC", ("urn:oid:2.16.840.1.113883.6.1",), re.compile("loinc", re.IGNORECASE)),
    Known(
        "snomed-ct",
        SNOMED,
        "SNOMED CT",
        ("urn:oid:2.16.840.1.113883.6.96",),
        re.compile("snomed", re.IGNORECASE),
    ),
)

_BY_URL = {known.url: known for known in KNOWN}
_CANONICAL = {alias: known.url for known in KNOWN for alias in known.aliases}
_BY_ID = {known.id: known for known in KNOWN}
_VOLVEN_NUMBER = re.compile(r"(?<![0-9])([0-9]{4})(?![0-9])")
_UNDOTTED = re.compile(r"[A-Z][0-9]{2}[0-9A-Z]{1,3}")
_ICD_10 = re.compile(r"[A-Z][0-9]{2}(\.[0-9A-Z]{1,3})?")


def canonical(system: str) -> str:
    """The name that a code system goes by here."""
    return _CANONICAL.get(system, system)


def names(system: str) -> list[str]:
    """Every name that we know of a code system."""
    about = known(system)
    return [about.url, *about.aliases] if about else [system]


def spellings(system: str, code: str) -> list[str]:
    """How a code may be written in old records: that of ICD-10 with its point and without."""
    undotted = code.replace(".", "", 1)
    return [code, undotted] if system == ICD_10 and written(system, undotted) == code != undotted else [code]


def known(system: str) -> Known | None:
    """What we know of a code system, whichever of its names is used."""
    return _BY_URL.get(canonical(system))


def written(system: str, code: str) -> str:
    """A code as its system writes it: messages and lists leave out the point of ICD-10, `I509` is `I50.9`."""
    if system == ICD_10 and _UNDOTTED.fullmatch(code):
        return f"{code[:3]}.{code[3:]}"
    return code


def above(system: str, code: str) -> str | None:
    """The code that a code lies under by how it is written; None where the system's codes do not tell."""
    about = _BY_URL.get(system)
    if about is None or not about.levels or (system == ICD_10 and not _ICD_10.fullmatch(code)):
        return None
    return next((code[:length] for length in about.levels if length < len(code)), None)


def resource_id(system: str) -> str | None:
    """The id of the CodeSystem of a system here: `icd-10`, `volven-8116`; None for others than these."""
    about = known(system)
    if about is not None:
        return about.id
    number = system.removeprefix(VOLVEN)
    return f"volven-{number}" if number != system and number.isdigit() else None


def named(text: str) -> str | None:
    """The system that a word stands for: its address, its id here, or the number of a Volven code system."""
    if text in _BY_ID:
        return _BY_ID[text].url
    if re.fullmatch(r"[0-9]{4}", text):
        return canonical(f"{VOLVEN}{text}")
    return canonical(text) if ":" in text else None


def of_file(name: str) -> str | None:
    """The system that the name of a file tells: `ICD10.json`, `kommunenummer-3402.csv`."""
    for about in KNOWN:
        if about.files.search(name):
            return about.url
    number = _VOLVEN_NUMBER.search(name)
    # A four-digit number in a file name is a year more often than a code system of that number.
    if number is None or number[1].startswith(("19", "20")):
        return None
    return canonical(f"{VOLVEN}{number[1]}")


def title(system: str) -> str:
    """What to call a system when the list itself does not say."""
    about = known(system)
    if about is not None:
        return about.title
    number = system.removeprefix(VOLVEN)
    return f"Volven {number}" if number != system else system
