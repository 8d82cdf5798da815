"""What somebody wrote to the patient about a result, what was decided because of it, when results are shown. Row 3.3

    explanations(result, reports, messages, language) -> list[Explanation]   each signed by a person, the newest first
    decided(result, reports, lists, language) -> list[Next]                  what refers to the result or its report
    rules(language) -> list[str]                                             the release rules, of every patient alike

The rules say nothing of a result that is held back: not even that there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from samjournal.fhir.release import RESULTS, RULES
from samjournal.portal import appointments, facts, medicines
from samjournal.portal.facts import Resource
from samjournal.portal.words import capital
from samjournal.ui.formats import order
from samjournal.ui.language import Language, marked

_SIGNED: Final = ("final", "amended", "corrected", "appended")
_WHY: Final = ("reasonReference", "supportingInformation", "supportingInfo", "basedOn", "about")
AT_ONCE: Final = marked("Blodprøver og de fleste andre svar vises med en gang, også før legen har sett dem.")
WORDS: Final = {
    "unsigned": marked("Svar som ikke er signert, vises når de er signert."),
    "pathology": marked(
        "Svar på vevsprøver og celleprøver vises {days} dager etter at de er klare, så legen kan snakke med deg først."
    ),
    "genetics": marked("Svar på gentester vises når noen har snakket med deg om dem."),
}
"""The release rules of results as the patient reads them, by their codes."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Words about a result, by whom, and when as a FHIR date."""

    paragraphs: tuple[str, ...]
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Next:
    """Something that was decided because of a result: what, more about it, the sign of its kind, where it is read."""

    what: str
    more: str
    sign: str
    address: str
    when: str


def explanations(
    result: Resource, reports: Sequence[Resource], letters: Sequence[Resource], _: Language
) -> list[Explanation]:
    """What stands on the result, in its report, and in what was sent to the patient about either. What nobody put his
    name to is left out: it says what the laboratory thinks, and not what somebody says to the patient."""
    listing = [one for one in reports if _names(one, ("result",), {_reference(result)})]
    found = [*_of_result(result), *(each for one in listing for each in _of_report(one))]
    meant = {_reference(result), *map(_reference, listing)}
    found += [each for one in letters if _names(one, _WHY, meant) for each in _of_letter(one)]
    return sorted((one for one in found if one.paragraphs and one.by), key=lambda one: order(one.at), reverse=True)


def _of_result(result: Resource) -> Iterator[Explanation]:
    for note in result.get("note") or ():
        by = facts.named(note.get("authorReference")) or str(note.get("authorString") or "")
        yield Explanation(_lines(str(note.get("text") or "")), by, str(note.get("time") or ""))


def _of_report(report: Resource) -> Iterator[Explanation]:
    if report.get("status") in _SIGNED:
        by = facts.first_named(report.get("resultsInterpreter") or ()) or ""
        yield Explanation(_lines(str(report.get("conclusion") or "")), by, facts.when(report, "issued") or "")


def _of_letter(letter: Resource) -> Iterator[Explanation]:
    if letter.get("status") != "completed" or facts.points_at(letter.get("sender")) == "Patient":
        return
    texts = [str(one["contentString"]) for one in letter.get("payload") or () if one.get("contentString")]
    by = facts.named(letter.get("sender")) or ""
    yield Explanation(tuple(line for text in texts for line in _lines(text)), by, facts.when(letter, "sent") or "")


def decided(
    result: Resource, reports: Sequence[Resource], lists: Mapping[str, Sequence[Resource]], _: Language
) -> list[Next]:
    """Medicines, orders and appointments (`medicines`, `requests`, `appointments`) whose reason is the result or its
    report, the newest first."""
    listing = [one for one in reports if _names(one, ("result",), {_reference(result)})]
    meant = {_reference(result), *map(_reference, listing)}
    found = [
        *(_medicine(one, _) for one in _because(lists.get("medicines", ()), meant)),
        *(_request(one, _) for one in _because(lists.get("requests", ()), meant)),
        *(_appointment(one, _) for one in _because(lists.get("appointments", ()), meant)),
    ]
    return sorted(found, key=lambda one: order(one.when), reverse=True)


def _because(found: Iterable[Resource], meant: set[str]) -> list[Resource]:
    over = ("cancelled", "revoked", "draft", "stopped")
    return [one for one in found if facts.stands(one) and one.get("status") not in over and _names(one, _WHY, meant)]


def _medicine(one: Resource, _: Language) -> Next:
    read = medicines.read(one, _)
    return Next(read.name, read.dose or "", "pill", "/portal/medicines", read.since or "")


def _request(one: Resource, _: Language) -> Next:
    what = facts.words(one.get("code")) or facts.words(next(iter(one.get("category") or ()), None)) or _("Bestilling")
    when = facts.when(one, "occurrenceDateTime", "occurrencePeriod") or ""
    more = str(one.get("patientInstruction") or "") or facts.first_named(one.get("performer") or ()) or ""
    return Next(capital(what), more, "flask", "/portal/referrals", when)


def _appointment(one: Resource, _: Language) -> Next:
    read = appointments.read(one, _)
    return Next(
        read.about,
        read.with_whom or ", ".join(read.where),
        "calendar",
        "/portal/appointments",
        str(one.get("start") or ""),
    )


def _names(one: Resource, elements: Iterable[str], meant: set[str]) -> bool:
    return any(each.get("reference") in meant for name in elements for each in one.get(name) or ())


def _reference(one: Resource) -> str:
    return f"{one['resourceType']}/{one['id']}"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())


def rules(_: Language) -> list[str]:
    """When results are shown, by the rules that hold."""
    held = [one for one in RULES if one.types & RESULTS]
    return [_(AT_ONCE), *(_(WORDS[one.code], days=one.after.days if one.after else "") for one in held)]
