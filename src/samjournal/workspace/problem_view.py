"""The problem list and the allergies as a page shows them: pure functions from FHIR to rows in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from samjournal.problems import (
    NO_DAY,
    NO_KNOWN_ALLERGY,
    Coded,
    Problem,
    called_of,
    certainty_of,
    duplicates,
    is_ended,
    is_under_work,
    merged,
    merged_into,
    over_since,
    severity_of,
    showed,
)
from samjournal.ui import formats
from samjournal.ui.language import Language, marked
from samjournal.workspace.facts import (
    ATC,
    ICD_10,
    ICPC_2,
    SNOMED,
    Reader,
    Resource,
    actor_name,
    code,
    id_of,
    joined,
    name_of,
    newest_first,
    said,
    standing,
    status,
    when,
)
from samjournal.workspace.settling import Field

CERTAIN: Final = {
    "provisional": marked("arbeidsdiagnose"),
    "differential": marked("mulig"),
    "confirmed": marked("sikker"),
    "refuted": marked("avkreftet"),
}
WRONG: Final = "entered-in-error"
UNSURE: Final = {"unconfirmed": marked("ikke bekreftet"), "confirmed": marked("bekreftet"), **CERTAIN}
SEVERE: Final = {"mild": marked("mild"), "moderate": marked("moderat"), "severe": marked("alvorlig")}
SOURCES: Final = {
    "self": marked("den som skriver"),
    "patient": marked("pasienten forteller"),
    "relative": marked("pårørende forteller"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One problem, operation or allergy: what it is, in words; `id` and `version` for changing it; `under` are those
    that were merged into it, as lines of their own."""

    id: str
    version: int
    name: str
    code: str = ""
    certainty: str = ""
    certainty_code: str = ""
    since: str = ""
    until: str = ""
    detail: str = ""
    by: str = ""
    ended: bool = False
    grave: bool = False
    severity: str = ""
    reaction: str = ""
    under: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with its lines; `empty` says in words that there are none."""

    id: str
    title: str
    lines: tuple[Line, ...]
    empty: str


def sections(conditions: Iterable[Resource], procedures: Iterable[Resource], reader: Reader) -> list[Section]:
    """The problem list under plain headings."""
    _ = reader.language
    listed = merged(newest_first(conditions, "onsetDateTime", "onsetPeriod", "recordedDate"))
    over = [one for one in listed if is_ended(one.condition)]
    unsure = [one for one in listed if not is_ended(one.condition) and is_under_work(one.condition)]
    sure = [one for one in listed if not is_ended(one.condition) and not is_under_work(one.condition)]
    done = newest_first(procedures, "performedDateTime", "performedPeriod")
    return [
        Section("now", _("Pågår nå"), _lines(sure, reader), _("Ingen sykdommer er ført opp.")),
        Section("unsure", _("Under utredning"), _lines(unsure, reader), _("Ingenting er under utredning.")),
        Section("over", _("Tidligere"), _lines(over, reader), _("Ingen tidligere sykdommer er ført opp.")),
        Section(
            "operations",
            _("Operasjoner"),
            tuple(_operation(one, reader) for one in done),
            _("Ingen operasjoner er ført opp."),
        ),
    ]


def same(conditions: Iterable[Resource], reader: Reader) -> list[tuple[Line, Line]]:
    """What is likely on the list twice: the one that was written first, and the other."""
    listed = merged(standing(conditions))
    return [(line(one, reader), line(other, reader)) for one, other in duplicates(listed)]


def line(problem: Problem, reader: Reader) -> Line:
    """One problem in words."""
    _, condition = reader.language, problem.condition
    everything = (condition, *problem.merged)
    begun = [since for one in everything if (since := when(one, "onsetDateTime", "onsetPeriod"))]
    certainty = status(condition, "verificationStatus")
    return Line(
        id=problem.id,
        version=int((condition.get("meta") or {}).get("versionId") or 0),
        name=said(condition.get("code"), _) or _("uten navn"),
        code=code(condition.get("code"), ICD_10, ICPC_2),
        certainty=_(UNSURE[certainty]) if certainty in UNSURE else "",
        certainty_code=certainty,
        since=formats.full_date(min(begun)) if begun else "",
        until=formats.full_date(when(condition, "abatementDateTime", "abatementPeriod")),
        detail=_(str(condition["abatementString"])) if condition.get("abatementString") else "",
        by=_by(condition, reader),
        ended=is_ended(condition),
        under=tuple(line(Problem(one), reader) for one in problem.merged),
    )


def carried(called: Coded) -> str:
    """What a problem is called, as a form carries it."""
    return "|".join((called.system, called.code, called.text))


def uncarried(value: str) -> Coded:
    """What a form carried; words without a code where it was no such thing."""
    parts = value[:400].split("|", 2)
    return Coded(parts[2], parts[1], parts[0]) if len(parts) == 3 else Coded(value)


def differences(seen: Resource, there: Resource, wanted: Mapping[str, str], _: Language) -> tuple[Field, ...]:
    """A problem as somebody saw it, as he wants it (`certainty`, `over`, `called`) and as it stands by now: what may be
    chosen, and what else was changed of it."""
    certain = {**CERTAIN, **UNSURE, WRONG: marked("feilført"), "": marked("ikke oppgitt")}
    sure = [wanted["certainty"], certainty_of(there), certainty_of(seen)]
    over = [wanted["over"], over_since(there), over_since(seen)]
    told = [
        Field("", label, mine, theirs)
        for label, mine, theirs in (
            (_("Slått sammen"), *(_("ja") if merged_into(one) else _("nei") for one in (seen, there))),
        )
        if mine != theirs
    ]
    words = [_(certain.get(one, one)) for one in sure]
    since = [_over(one, _) for one in over]
    called = [wanted["called"], *(carried(called_of(one)) for one in (there, seen))]
    names = [joined(one.text, one.code) for one in map(uncarried, called)]
    return (
        Field("called", _("Hva det heter"), called[0], called[1], called[2], (names[0], names[1])),
        Field("certainty", _("Hvor sikker"), sure[0], sure[1], sure[2], (words[0], words[1])),
        Field("over", _("Over siden"), over[0], over[1], over[2], (since[0], since[1])),
        *told,
    )


ALLERGY_FIELDS: Final = ("reaction", "severity", "certainty")
"""What is changed of an allergy that stands."""


def allergy_differences(seen: Resource, there: Resource, form: Mapping[str, Any], _: Language) -> tuple[Field, ...]:
    """An allergy as somebody saw it, as the form would have it, and as it stands by now."""
    had, has = (
        {"reaction": showed(one), "severity": severity_of(one), "certainty": status(one, "verificationStatus")}
        for one in (seen, there)
    )
    does = {"refuted": {"certainty": "refuted"}, "wrong": {"certainty": WRONG}}
    wanted = had | does.get(str(form.get("do")), {name: str(form.get(name, ""))[:100] for name in ALLERGY_FIELDS})
    labels = {"reaction": _("Hva som skjedde"), "severity": _("Hvor alvorlig"), "certainty": _("Hvor sikker")}
    called = {"": _("ikke kjent"), WRONG: _("feilført")} | {each: _(words) for each, words in (UNSURE | SEVERE).items()}
    found = [
        Field(
            name,
            label,
            wanted[name],
            has[name],
            had[name],
            (called.get(wanted[name], wanted[name]), called.get(has[name], has[name]))
            if name != "reaction"
            else ("", ""),
        )
        for name, label in labels.items()
    ]
    was, now = (said(one.get("code"), _) for one in (seen, there))
    return (*found, *([Field("", _("Hva pasienten ikke tåler"), was, now)] if was != now else ()))


def flag_differences(seen: Resource, there: Resource, _: Language) -> tuple[Field, ...]:
    """Critical information that somebody wanted to end, as he saw it and as it stands by now."""
    holds = {"active": _("gjelder"), "inactive": _("gjelder ikke lenger")}
    now = "active" if status(there) == "active" else "inactive"
    was, is_now = (said(one.get("code"), _) for one in (seen, there))
    return (
        Field("state", _("Om det gjelder"), "inactive", now, "active", (holds["inactive"], holds[now])),
        *([Field("", _("Hva som er kritisk"), was, is_now)] if was != is_now else ()),
    )


def _over(day: str, _: Language) -> str:
    if day == NO_DAY:
        return _("over, dagen er ikke oppgitt")
    return formats.full_date(day) if day else _("pågår")


def _lines(problems: Iterable[Problem], reader: Reader) -> tuple[Line, ...]:
    return tuple(line(one, reader) for one in problems)


def _operation(procedure: Resource, reader: Reader) -> Line:
    _ = reader.language
    performers = [one.get("actor") for one in procedure.get("performer") or ()]
    by = procedure.get("recorder") or next(iter(performers), None)
    return Line(
        id=str(procedure["id"]),
        version=int((procedure.get("meta") or {}).get("versionId") or 0),
        name=said(procedure.get("code"), _) or _("uten navn"),
        code=code(procedure.get("code"), ICD_10, ICPC_2),
        since=formats.full_date(when(procedure, "performedDateTime", "performedPeriod")),
        by=joined(actor_name(by), _told(procedure, _)),
    )


def allergies(resources: Iterable[Resource], reader: Reader) -> tuple[list[Line], list[Line]]:
    """The allergies that hold, the gravest first, and those that do not any more; «none known» among neither unless it
    was taken away."""
    found = newest_first(resources, "recordedDate")
    holding = [one for one in found if not _is_over(one)]
    listed = [one for one in holding if code(one.get("code"), SNOMED) != NO_KNOWN_ALLERGY]
    listed.sort(key=lambda one: one.get("criticality") != "high")
    return [_allergy(one, reader) for one in listed], [_allergy(one, reader) for one in found if _is_over(one)]


def _is_over(allergy: Resource) -> bool:
    ended = status(allergy, "clinicalStatus") in ("resolved", "inactive")
    return ended or status(allergy, "verificationStatus") == "refuted"


def _allergy(allergy: Resource, reader: Reader) -> Line:
    _ = reader.language
    reactions = allergy.get("reaction") or ()
    shown = [said(symptom, _) for one in reactions for symptom in one.get("manifestation") or ()]
    severe = next((str(one["severity"]) for one in reactions if one.get("severity")), "")
    certainty = status(allergy, "verificationStatus")
    happened = when(allergy, "onsetDateTime", "lastOccurrence") or next(
        (str(one["onset"]) for one in reactions if one.get("onset")), ""
    )
    return Line(
        id=str(allergy["id"]),
        version=int((allergy.get("meta") or {}).get("versionId") or 0),
        name=said(allergy.get("code"), _) or _("uten navn"),
        code=code(allergy.get("code"), ATC),
        certainty=_(UNSURE[certainty]) if certainty in UNSURE else "",
        certainty_code=certainty,
        since=formats.full_date(happened),
        detail=joined(", ".join(filter(None, shown)), _(SEVERE[severe]) if severe in SEVERE else ""),
        by=_by(allergy, reader),
        ended=_is_over(allergy),
        grave=allergy.get("criticality") == "high",
        severity=severity_of(allergy),
        reaction=showed(allergy),
    )


def critical(flags: Iterable[Resource], reader: Reader) -> list[Line]:
    """What is critical and holds now."""
    return [
        Line(
            id=str(one["id"]),
            version=int((one.get("meta") or {}).get("versionId") or 0),
            name=said(one.get("code"), reader.language),
            since=reader.day(when(one, "period")),
            by=actor_name(one.get("author")),
        )
        for one in newest_first(flags, "period")
        if status(one) == "active"
    ]


def _by(resource: Resource, reader: Reader) -> str:
    """Who wrote it and when, and who says so where that is another."""
    recorder: Mapping[str, Any] = resource.get("recorder") or {}
    wrote = actor_name(recorder) or (actor_name(resource.get("asserter")) if name_of(resource.get("asserter")) else "")
    return joined(wrote, reader.day(when(resource, "recordedDate")), _told(resource, reader.language))


def _told(resource: Resource, _: Language) -> str:
    """Whose word it is, where it is not that of whoever wrote it."""
    asserter = resource.get("asserter") or {}
    if id_of(asserter, "Patient"):
        return _(SOURCES["patient"])
    is_close = asserter.get("type") == "RelatedPerson" or id_of(asserter, "RelatedPerson")
    return _(SOURCES["relative"]) if is_close else ""
