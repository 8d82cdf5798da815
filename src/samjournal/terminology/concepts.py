"""From a CodeSystem to what we keep of its codes, from a NamingSystem to names that mean the same. Pure.

hl7.org/fhir/R4/codesystem.html, hl7.org/fhir/R4/codesystem-concept-properties.html, hl7.org/fhir/R4/namingsystem.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from samjournal.fhir.folding import fold
from samjournal.terminology import systems

Resource = dict[str, Any]
LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn", "en": "en"}
"""The languages of pages, by how resources name them; `no` alone is read as bokmål."""

_GONE = {"retired", "deprecated", "inactive", "withdrawn"}
_WORDS = re.compile(r"[^\W_]+")


class System(NamedTuple):
    """A CodeSystem as a whole."""

    source: str
    system: str
    version: str
    title: str
    supplement: bool
    retired: bool


class Concept(NamedTuple):
    """One code: as stored, so that what stands can be compared with what should."""

    code: str
    key: str
    display: str | None
    nb: str | None
    nn: str | None
    en: str | None
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]
    active: bool
    folded: str
    words: tuple[str, ...]


def system(resource: Resource) -> System | None:
    """The CodeSystem as a whole; None for one that has no name or no codes, or is an example only."""
    url = resource.get("supplements", "").partition("|")[0] or resource.get("url")
    if not url or not resource.get("concept") or resource.get("content") == "example":
        return None
    return System(
        resource["id"],
        systems.canonical(url),
        resource.get("version", ""),
        resource.get("title") or resource.get("name") or systems.title(url),
        resource.get("content") == "supplement",
        resource.get("status") == "retired",
    )


def concepts(resource: Resource) -> list[Concept]:
    """Every code of a CodeSystem, in its order; of a code that stands twice the first."""
    whole = system(resource)
    if whole is None:
        return []
    language = _language(resource.get("language"))
    found: dict[str, _Found] = {}
    for concept, under in walk(resource):
        if concept.get("code"):
            one = _found(concept, under, language, whole)
            found.setdefault(one.code, one)
    _turn_children(found)
    return [_concept(one, whole) for one in found.values()]


def aliases(resource: Resource) -> list[tuple[str, str]]:
    """The names of a code system that a NamingSystem says are the same: each with the first."""
    if resource.get("kind") != "codesystem":
        return []
    names = [name for one in resource.get("uniqueId", ()) if (name := _address(one))]
    named = list(dict.fromkeys(systems.canonical(name) for name in names))
    return [(named[0], other) for other in named[1:]]


def key(code: str) -> str:
    """A code as somebody types it in haste: small letters and digits only."""
    return "".join(_WORDS.findall(fold(code)))


def words(text: str) -> list[str]:
    """The words of a text as search compares them."""
    return _WORDS.findall(fold(text))


def walk(resource: Resource) -> Iterator[tuple[Resource, str | None]]:
    """Each concept of a CodeSystem with the code that it is nested in."""
    waiting: list[tuple[Resource, str | None]] = [(one, None) for one in reversed(resource.get("concept", ()))]
    while waiting:
        concept, under = waiting.pop()
        yield concept, under
        waiting += [(one, concept.get("code")) for one in reversed(concept.get("concept", ()))]


def is_active(concept: Resource) -> bool:
    """Whether a concept may be chosen: it is not withdrawn, and is no mere heading."""
    return _is_active(properties(concept))


def _is_active(told: Iterable[tuple[str, Any]]) -> bool:
    for code, value in told:
        if code in ("inactive", "notSelectable") and value is True:
            return False
        if code == "status" and value in _GONE:
            return False
    return True


def properties(concept: Resource) -> Iterator[tuple[str, Any]]:
    """Code and value of each property of a concept."""
    for one in concept.get("property", ()):
        value = next((value for name, value in one.items() if name.startswith("value")), None)
        yield one.get("code", ""), value


@dataclass(slots=True)
class _Found:
    """A code while its resource is being read."""

    code: str
    display: str | None
    names: dict[str, str]
    synonyms: list[str]
    parents: list[str]
    children: list[str]
    active: bool


def _found(concept: Resource, under: str | None, language: str | None, whole: System) -> _Found:
    display = concept.get("display")
    names = {language: display} if language and display else {}
    synonyms: list[str] = []
    for designation in concept.get("designation", ()):
        value, spoken = designation.get("value"), _language(designation.get("language"))
        if value and spoken and spoken not in names and _is_name(designation):
            names[spoken] = value
        elif value and value != display:
            synonyms.append(value)
    told = list(properties(concept))
    return _Found(
        systems.written(whole.system, concept["code"]),
        display,
        names,
        list(dict.fromkeys(synonyms)),
        [*([under] if under else []), *(str(value) for code, value in told if code == "parent")],
        [str(value) for code, value in told if code == "child"],
        _is_active(told) and not whole.retired,
    )


def _is_name(designation: Resource) -> bool:
    """Whether a designation is what the code is called, not another word for it."""
    return designation.get("use", {}).get("code") in (None, "display", "preferredForLanguage", "900000000000003001")


def _turn_children(found: dict[str, _Found]) -> None:
    """`child` properties say the same as `parent`, from the other side."""
    for one in found.values():
        for child in one.children:
            if child in found:
                found[child].parents.append(one.code)


def _concept(one: _Found, whole: System) -> Concept:
    parents = [systems.written(whole.system, parent) for parent in one.parents]
    if not parents and (above := systems.above(whole.system, one.code)):
        parents = [above]
    names = [fold(name) for name in dict.fromkeys((one.display, *one.names.values(), *one.synonyms)) if name]
    return Concept(
        one.code,
        key(one.code),
        one.display,
        one.names.get("nb"),
        one.names.get("nn"),
        one.names.get("en"),
        tuple(one.synonyms),
        tuple(dict.fromkeys(parents)),
        one.active,
        "\n".join(names),
        tuple(sorted({word[:200] for name in names for word in _WORDS.findall(name)})),
    )


def _language(written: str | None) -> str | None:
    return LANGUAGES.get(written.replace("_", "-").partition("-")[0].lower()) if written else None


def _address(unique: Resource) -> str | None:
    value = unique.get("value")
    if not value or unique.get("type") not in ("oid", "uuid", "uri"):
        return None
    prefix = {"oid": "urn:oid:", "uuid": "urn:uuid:"}.get(unique["type"], "")
    return str(value) if str(value).startswith(prefix) else f"{prefix}{value}"
