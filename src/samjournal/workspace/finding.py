"""Searching for words in one record: notes, results, medicines, diagnoses, letters, with the words around."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from samjournal.fhir import text_query
from samjournal.fhir.errors import Invalid
from samjournal.fhir.free_text import free
from samjournal.fhir.words import pieces, sought, words
from samjournal.record import Snapshot, Want, codes_called, open_chart
from samjournal.terminology.loaded import Language as Code
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import BANNER
from samjournal.workspace.desk import Desk
from samjournal.workspace.entries import Entry, entry, sort_of
from samjournal.workspace.facts import Reader, Resource
from samjournal.workspace.page import framed, notes_at, reader_of

SHORTEST: Final = 2
EACH: Final = 40
"""So many hits of a type are shown."""
AROUND: Final = 70
"""Letters that are shown before and after the first hit."""
CODED: Final = {
    "AllergyIntolerance": "code",
    "Appointment": "",
    "CarePlan": "",
    "Communication": "",
    "Composition": "",
    "Condition": "code",
    "DiagnosticReport": "code",
    "DocumentReference": "",
    "Encounter": "reason-code",
    "EpisodeOfCare": "",
    "Flag": "",
    "Goal": "",
    "Immunization": "vaccine-code",
    "MedicationAdministration": "code",
    "MedicationRequest": "code",
    "MedicationStatement": "code",
    "Observation": "code",
    "Procedure": "code",
    "QuestionnaireResponse": "",
    "ServiceRequest": "code",
    "Task": "",
}
"""The types that are searched, each with the parameter of its code, by which it is found in whatever language."""
GROUPS: Final = (
    (marked("Notater og brev"), ("Composition", "DocumentReference", "Communication", "QuestionnaireResponse")),
    (marked("Prøvesvar og målinger"), ("Observation", "DiagnosticReport")),
    (marked("Legemidler og vaksiner"), tuple(one for one in CODED if one.startswith(("Medication", "Immunization")))),
    (marked("Diagnoser, allergier og varsler"), ("Condition", "AllergyIntolerance", "Flag")),
    (marked("Kontakter og tjenester"), ("Encounter", "EpisodeOfCare")),
    (
        marked("Planer, henvisninger og annet"),
        ("CarePlan", "Goal", "ServiceRequest", "Appointment", "Task", "Procedure"),
    ),
)
_SIGNS: Final = re.compile(r"[,$|\\\x00]")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line with the words around what was found, in pieces of which some are marked; `by_code` says that it is found
    by what its code is called elsewhere."""

    entry: Entry
    context: tuple[tuple[str, bool], ...]
    by_code: bool
    is_line: bool = False  # the words are those of the line itself


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of a kind, or all of them."""

    name: str
    hits: tuple[Hit, ...]


async def show(request: Request, desk: Desk) -> Response:
    """GET `q`: the hits, the newest first; `by=kind` in groups."""
    _ = language(desk.language)
    patient_id = str(request.path_params["id"])
    typed = " ".join(request.query_params.get("q", "").split())[:200]
    by_kind = request.query_params.get("by") == "kind"
    asked, error = _understood(typed, desk.language)
    found = await codes_called(desk.door, typed, cast(Code, desk.language)) if asked else []
    wants = _wants(asked, [f"{one.system}|{one.code}" for one in found]) if asked else []
    snapshot = await open_chart(desk.door, desk.permit, patient_id, [*BANNER, *wants], action="search")
    reader = reader_of(desk, snapshot)
    hits = _hits(snapshot, wants, asked, reader, notes_at(patient_id))
    names = {want.name for want in wants}
    return render(
        request,
        "workspace/find.html",
        status=422 if error else 200,
        **framed(desk, snapshot, reader, here=""),
        words=typed,
        error=error,
        groups=_groups(hits, reader) if by_kind else [Group("", tuple(hits))] if hits else [],
        count=len(hits),
        is_cut=any(name in names for name in snapshot.more),
        also=_also(typed, [one.text for one in found]),
        by_kind=by_kind,
        searched=bool(asked),
    )


def _understood(typed: str, code: str) -> tuple[str, str]:
    """What is searched for as a value of `_content`, and what is wrong with it in words."""
    _ = language(code)
    asked = _SIGNS.sub(" ", typed).strip()
    if not typed:
        return "", ""
    if sum(map(len, words(asked))) < SHORTEST:
        return "", _("Skriv minst to bokstaver.")
    try:
        text_query.parse(asked)
    except Invalid:
        return "", _("Søket er ikke helt: en parentes eller et anførselstegn mangler, eller alle ord har minus foran.")
    return asked, ""


def _wants(asked: str, codes: list[str]) -> list[Want]:
    """Two lists of each type: what says it in words, and what has a code that is called so."""
    lists = []
    for type_, coded in CODED.items():
        sort = ("_sort", f"-{sort_of(type_)}")
        lists.append(Want(f"words {type_}", type_, urlencode([("_content", asked), sort]), EACH))
        if coded and codes:
            lists.append(Want(f"codes {type_}", type_, urlencode([(coded, ",".join(codes)), sort]), EACH))
    return lists


def _hits(snapshot: Snapshot, wants: list[Want], asked: str, reader: Reader, notes: str) -> list[Hit]:
    """Each resource once, the newest first."""
    roots = {word for leaf in text_query.leaves(text_query.parse(asked)) for word in leaf.words} if asked else set()
    found: dict[tuple[str, str], Hit] = {}
    for want in wants:
        for resource in snapshot.lists[want.name]:
            line = entry(resource, reader, notes=notes)
            found.setdefault((line.type, line.id), _hit(line, resource, roots))
    return sorted(found.values(), key=lambda hit: formats.order(hit.entry.at), reverse=True)


def _hit(line: Entry, resource: Resource, roots: set[str]) -> Hit:
    said = f"{line.title} {line.rest}".strip()
    for text in (*line.text, *(one.text for one in free(resource)), said):
        parts = pieces(text, roots)
        if any(is_hit for _, is_hit in parts):
            return Hit(line, _around(parts), by_code=False, is_line=text == said)
    return Hit(line, ((said, False),), by_code=True, is_line=True)


def _around(parts: list[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """What stands around the first hit, cut between words."""
    first = next(place for place, (_, is_hit) in enumerate(parts) if is_hit)
    before = "".join(text for text, _ in parts[:first])
    if len(before) > AROUND:
        before = "… " + before[-AROUND:].partition(" ")[2]
    shown, room = [(before, False)] if before else [], 2 * AROUND
    for text, is_hit in parts[first:]:
        if len(text) > room:
            shown.append((text[:room].rpartition(" ")[0] + " …", is_hit))
            break
        shown.append((text, is_hit))
        room -= len(text)
    return tuple((re.sub(r"\s+", " ", text), is_hit) for text, is_hit in shown)


def _groups(hits: list[Hit], reader: Reader) -> list[Group]:
    _ = reader.language
    made = [Group(_(name), tuple(hit for hit in hits if hit.entry.type in types)) for name, types in GROUPS]
    return [group for group in made if group.hits]


def _also(typed: str, names: list[str]) -> list[str]:
    """What else was looked for: names of codes that are not what was typed."""
    own = set(map(sought, words(typed)))
    others = [name for name in dict.fromkeys(names) if set(map(sought, words(name))) != own]
    return others[:6]
