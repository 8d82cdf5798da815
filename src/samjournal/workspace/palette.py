"""The one search box: patients, pages, actions and help; what matched is said. Requirement 8.2

    GET /workspace/palette?q=…&patient=…      the hits as a fragment, while somebody types
    listed(request, desk, text, patient_id)   what fits among pages, actions and help, for the search page too

An entry is shown when this server has its page and the role may use it; what is about a patient when one is open.
People are looked for from three letters on: each look-up is logged, so no more are made than say something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from samjournal.access import ROLES, in_general
from samjournal.accounts import RoleAt, Session
from samjournal.fhir.errors import FhirError, Forbidden, TooMany
from samjournal.fhir.folding import fold
from samjournal.patients import find
from samjournal.record import Door
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk
from samjournal.workspace.shortcuts import told
from samjournal.workspace.why import KINDS

PATIENT: Final = "/workspace/patients/{id}"
FIND: Final = f"{PATIENT}/find"
SHORTEST: Final = 3
MOST: Final = 20
ID: Final = re.compile(r"[A-Za-z0-9.\-]{1,64}")
ACTION, PAGE, HELP = marked("Handlinger"), marked("Sider"), marked("Hjelp")


def _anybody(_desk: Desk) -> bool:
    return True


def _opens(desk: Desk) -> bool:
    return not (desk.permit.oversees or desk.permit.merges or desk.permit.operates)


def _writes(type_: str) -> Callable[[Desk], bool]:
    return lambda desk: desk.may_write(type_)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page or an action: the path of its route (`{id}` is the open patient), other words for it, and for whom."""

    group: str
    name: str
    path: str
    words: str = ""
    may: Callable[[Desk], bool] = _anybody
    key: str = ""
    place: str = ""


ENTRIES: Final = (
    Entry(ACTION, marked("Ny måling"), f"{PATIENT}/measurements",
          marked("blodtrykk puls temperatur saturasjon vekt høyde smerte blodsukker respirasjon news2"),
          _writes("Observation"), "m", "#set-heading"),
    Entry(ACTION, marked("Nytt notat"), f"{PATIENT}/notes/new", marked("skriv journalnotat innkomst visitt"),
          _writes("Composition"), "n"),
    Entry(ACTION, marked("Ny diagnose"), f"{PATIENT}/problems", marked("problem sykdom kode icd icpc"),
          _writes("Condition"), "d", "#problem-q"),
    Entry(ACTION, marked("Feil pasient: flytt det som er skrevet"), f"{PATIENT}/wrong",
          marked("rett flytt forveksling"), _writes("Observation")),
    Entry(ACTION, marked("Hvem kan opptre for pasienten?"), f"{PATIENT}/representation",
          marked("fullmakt verge pårørende"), lambda desk: desk.may_register_power),
    Entry(PAGE, marked("Oversikt"), PATIENT, marked("historikk nå videre plan journal"), _opens),
    Entry(PAGE, marked("Målinger og kurver"), f"{PATIENT}/measurements", marked("graf trend news2 vitale"), _opens),
    Entry(PAGE, marked("Prøvesvar"), PATIENT, marked("lab blodprøver hb hemoglobin crp svar"), _opens, place="#labs"),
    Entry(PAGE, marked("Legemidler"), PATIENT, marked("medisiner resept faste"), _opens, place="#medicines"),
    Entry(PAGE, marked("Notater"), f"{PATIENT}/notes", marked("journalnotat tekst"), _opens),
    Entry(PAGE, marked("Tidslinje"), f"{PATIENT}/timeline", marked("forløp hendelser opphold"), _opens),
    Entry(PAGE, marked("Sykdommer"), f"{PATIENT}/problems", marked("diagnoser problemliste"), _opens),
    Entry(PAGE, marked("Allergier og kritisk informasjon"), f"{PATIENT}/allergies", marked("cave overfølsom"), _opens),
    Entry(PAGE, marked("Hvorfor ser jeg dette?"), f"{PATIENT}/access", marked("tilgang relasjon"), _opens),
    Entry(PAGE, marked("Pasienter"), "/workspace", marked("liste i vår behandling")),
    Entry(PAGE, marked("Innboks"), "/workspace/inbox", marked("oppgaver signer kontrasigner svar"), _opens),
    Entry(PAGE, marked("Meldinger"), "/workspace/messages", marked("e-melding sendt"), _opens),
    Entry(ACTION, marked("Bestill time"), f"{PATIENT}/book", marked("avtale flytt avlys ledig tid"),
          lambda desk: desk.permit.may("c", "Appointment"), "b"),
    Entry(PAGE, marked("Timebok"), "/workspace/calendar", marked("kalender timer uke dag"), _opens),
    Entry(PAGE, marked("Timetyper og tider"), "/workspace/visit-types",
          marked("åpningstid arbeidstid fravær rom utstyr"), _opens),
    Entry(PAGE, marked("Forbindelser"), "/workspace/connections", marked("kø meldinger drift"),
          lambda desk: desk.permit.operates),
    Entry(PAGE, marked("Rolleendringer"), "/workspace/role-changes", marked("godkjenn rolle tilgang leder"),
          lambda desk: desk.permit.operates),
    Entry(PAGE, marked("Organisasjoner"), "/workspace/organisations", marked("virksomhet enhet her-id katalog gruppe"),
          lambda desk: desk.permit.operates),
    Entry(PAGE, marked("Om portalen"), "/workspace/feedback", marked("tilbakemelding innbygger side"),
          lambda desk: desk.permit.operates),
    Entry(PAGE, marked("Varsler til innbyggere"), "/workspace/notices", marked("sms e-post brev drift kø"),
          lambda desk: desk.permit.operates),
    Entry(PAGE, marked("Brev og påminnelser"), "/workspace/letters", marked("utskrift post varsel time"), _opens),
    Entry(PAGE, marked("Varsler om pasienten"), f"{PATIENT}/notices", marked("sms e-post brev påminnelse"), _opens),
    Entry(PAGE, marked("Maler for notater"), "/workspace/templates", marked("notatmal skjema"), _opens),
    Entry(PAGE, marked("Fraser"), "/workspace/phrases", marked("standardfrase autotekst"), _opens),
    Entry(PAGE, marked("Rettelser"), "/workspace/corrections", marked("feil journal beskjed"), _opens),
    Entry(PAGE, marked("Registrer pasient"), "/workspace/register", marked("ny nyfødt ukjent"),
          lambda desk: desk.permit.registers),
    Entry(PAGE, marked("Identitet"), "/workspace/identity", marked("slå sammen dobbel nummer"),
          lambda desk: desk.permit.registers or desk.permit.merges),
    Entry(PAGE, marked("Tilsyn"), "/workspace/oversight", marked("logg innsyn"), lambda desk: desk.permit.oversees),
    Entry(PAGE, marked("Statistikk over tilgang"), "/workspace/oversight/statistics", marked("tall åpnet"),
          lambda desk: desk.permit.oversees),
    Entry(PAGE, marked("Bytt rolle"), "/workspace/role", marked("enhet avdeling")),
    Entry(PAGE, marked("Logg ut"), "/signout", marked("avslutt")),
    Entry(HELP, marked("Hjelp og taster"), "/workspace/help", marked("hurtigtaster tastatur"), key="?"),
    Entry(HELP, marked("Slå av enkelttaster"), "/workspace/help", marked("hurtigtaster tastatur"), place="#help-keys"),
    Entry(HELP, marked("Tegn og ord på sidene"), "/workspace/help", marked("ny endret symbol"), place="#help-signs"),
    Entry(HELP, marked("Språk: bokmål, nynorsk, engelsk"), "/workspace/help", marked("language nynorsk english"),
          place="#help-language"),
)  # fmt: skip


def pages_of(codes: Iterable[str]) -> list[Entry]:
    """The pages and actions that somebody with these roles has, by the same question as when they are looked for."""
    desks = [
        Desk(cast(Session, None), RoleAt(code, "", "", ""), in_general(code), cast(Door, None), "nb")
        for code in codes
        if code in ROLES
    ]
    return [entry for entry in ENTRIES if entry.group != HELP and any(entry.may(desk) for desk in desks)]


@dataclass(frozen=True, slots=True)
class Hit:
    """One line: where it leads, what it is called, and why it is there."""

    group: str
    name: str
    href: str
    why: str = ""
    key: str = ""
    rank: int = 0


async def show(request: Request, desk: Desk) -> Response:
    """GET the hits for what was typed."""
    text = " ".join(request.query_params.get("q", "").split())[:100]
    patient_id = open_patient(request)
    hits = listed(request, desk, text, patient_id)
    people, refused = await _people(desk, text)
    return render(
        request,
        "workspace/_palette.html",
        desk=desk,
        groups=_grouped([*hits[:1], *people, *hits[1:]] if _is_find(hits) else [*people, *hits], desk),
        query=text,
        count=len(hits) + len(people),
        short=len(text) < SHORTEST,
        full=len(people) >= MOST,
        refused=refused,
    )


def open_patient(request: Request) -> str:
    """The patient whose page the box stands on, or ""."""
    asked = request.query_params.get("patient", "")
    return asked if ID.fullmatch(asked) else ""


def listed(request: Request, desk: Desk, text: str, patient_id: str) -> list[Hit]:
    """Pages, actions and help that fit; without a text those that are nearest at hand."""
    _ = language(desk.language)
    here = {getattr(route, "path", "") for route in request.app.routes}
    hits = []
    for entry in ENTRIES:
        about = "{id}" in entry.path
        if entry.path not in here or (about and not patient_id) or not entry.may(desk):
            continue
        why = matched(entry, text, _)
        if why is not None:
            href = entry.path.replace("{id}", quote(patient_id)) + entry.place
            key = entry.key.upper() if about or entry.key == "?" else ""
            hits.append(Hit(entry.group, _(entry.name), href, why[1], key, why[0]))
    hits.sort(key=lambda hit: hit.rank)
    hits += _keys(text, _) if text else []
    if text and patient_id and FIND in here and _opens(desk):
        address = f"{FIND.replace('{id}', quote(patient_id))}?q={quote(text)}"
        hits.insert(0, Hit(marked("I journalen"), _("Søk etter «{text}» i journalen", text=text), address))
    return hits


def matched(entry: Entry, text: str, _: Language) -> tuple[int, str] | None:
    """How well an entry fits, and the other word that did; None when it does not. Each word typed begins a word."""
    wanted = fold(text).split()
    name = fold(_(entry.name))
    names, others = _words(name), _words(fold(_(entry.words))) if entry.words else []
    if not wanted:
        return 0, ""
    if name.startswith(" ".join(wanted)):
        return 0, ""
    if all(any(one.startswith(word) for one in names) for word in wanted):
        return 1, ""
    if all(any(one.startswith(word) for one in (*names, *others)) for word in wanted):
        other = next((one for word in wanted for one in others if one.startswith(word)), "")
        return 2, _("også «{word}»", word=other)
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _keys(text: str, _: Language) -> Iterable[Hit]:
    """What a key does, for who asks for it by its meaning; actions tell their key themselves."""
    names = {entry.name for entry in ENTRIES}
    for shortcut in told():
        if shortcut.does not in names and matched(Entry(HELP, shortcut.does, ""), text, _) is not None:
            yield Hit(HELP, _(shortcut.does), "/workspace/help#help-keys", _("tast"), " ".join(shortcut.parts))


def _is_find(hits: list[Hit]) -> bool:
    return bool(hits) and "/find?" in hits[0].href


async def _people(desk: Desk, text: str) -> tuple[list[Hit], str]:
    """Patients, in the way of the search page; and why there are none where that is not because nobody fits."""
    _ = language(desk.language)
    if len(text) < SHORTEST:
        return [], ""
    try:
        found = await find(desk.door, desk.permit, text)
    except TooMany:
        return [], _("Du har søkt mange ganger på kort tid. Vent et halvt minutt.")
    except Forbidden:
        return [], _("Rollen din søker ikke etter pasienter.")
    except FhirError:
        return [], _("Pasienter kan ikke søkes opp akkurat nå.")
    return [_person(one, desk, _) for one in found], ""


def _person(found: Any, desk: Desk, _: Language) -> Hit:
    """A patient with what *find* shows, and whether the record opens."""
    if desk.permit.oversees:
        href = f"/workspace/oversight?id={quote(found.id)}"
    elif desk.permit.merges:
        href = f"/workspace/identity?one={quote(found.id)}"
    else:
        href = f"/workspace/patients/{quote(found.id)}"
    opens = (
        _(KINDS[found.why]) if found.why in KINDS else _("i vår behandling") if found.relation else _("krever grunn")
    )
    born = _("født {day}", day=formats.full_date(found.birth_date)) if found.birth_date else _("fødselsdato ikke kjent")
    parts = [born, formats.grouped(found.number) if found.number else "", _("død") if found.deceased else "", opens]
    return Hit(marked("Pasienter"), found.name, href, " · ".join(part for part in parts if part))


def _grouped(hits: list[Hit], desk: Desk) -> list[tuple[str, list[Hit]]]:
    _ = language(desk.language)
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.group, []).append(hit)
    return [(_(group), some) for group, some in groups.items()]
