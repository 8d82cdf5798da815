"""The whole record on paper, in plain words: pure, from resources by type to the parts of a document.

    record_paper(patient, lists, language, made=…, acts=…) -> data for `letters.pdf`
    WORDED      the types that have words here; of others it is told how many there are

What was entered in error stands in the FHIR files alone; how much that is, is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from samjournal.letters.document import Block, heading, line, lines, paper, part, quiet, table, words
from samjournal.notes.paper import moment as at
from samjournal.notes.paper import note_blocks
from samjournal.portal import appointments, facts, medicines, messages, notes, overview, results, vaccines
from samjournal.portal.facts import Resource
from samjournal.portal.words import KINDS, capital, kinds
from samjournal.ui import formats
from samjournal.ui.language import Language

Lists = Mapping[str, Sequence[Resource]]
WORDED: Final = frozenset(
    (
        "AllergyIntolerance",
        "Appointment",
        "CarePlan",
        "Communication",
        "Composition",
        "Condition",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "Flag",
        "Goal",
        "Immunization",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
        "Procedure",
        "RelatedPerson",
        "ServiceRequest",
    )
)


def record_paper(
    patient: Resource, lists: Lists, _: Language, *, made: datetime, acts: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The document. `lists` has all that the reader sees, by type; `acts` is as what somebody acts for the patient, and
    what of the record he sees, in words."""
    name, when = facts.name(patient), at(made, _)
    lead = [
        _("Dette er det som står i journalen, og som du kan lese, slik det var da filen ble laget."),
        _(
            "Ikke med er notater som ikke er signert, svar og notater som vises først senere etter reglene for det, og"
            " det som er holdt tilbake for deg ved en beslutning."
        ),
    ]
    if acts:
        lead.append(_("Laget av en som opptrer for {name} ({level}). Bare dette er med: {sees}.", name=name, **acts))
    return paper(
        title=_("Journalen til {name}", name=name),
        language=_.code,
        date=when,
        facts=[
            (_("Navn"), name),
            (_("Født"), formats.full_date(patient.get("birthDate"))),
            (_("Laget"), when),
        ],
        lead=lead,
        contents=_("Innholdsliste"),
        parts=[part(title, blocks) for title, blocks in _parts(patient, lists, _) if blocks],
        foot=_("{name} · laget {when}", name=name, when=when),
    )


def _parts(patient: Resource, lists: Lists, _: Language) -> Iterable[tuple[str, list[Block]]]:
    def of(*types: str) -> list[Resource]:
        return [one for type_ in types for one in lists.get(type_, ())]

    yield _("Allergier"), _allergies(of("AllergyIntolerance"), _)
    yield _("Viktig å vite for alle som hjelper deg"), _lines(overview.warnings(of("Flag")), _)
    now, over = overview.illnesses(of("Condition"), _)
    yield _("Sykdommer"), _lines(now, _)
    yield _("Det du har hatt før"), _lines(over, _)
    yield _("Medisiner"), _medicines(of("MedicationRequest", "MedicationStatement"), _)
    yield _("Vaksiner"), _vaccines(of("Immunization"), _)
    yield _("Undersøkelser og behandling"), _procedures(of("Procedure"), _)
    yield _("Rapporter"), _reports(of("DiagnosticReport"), _)
    laboratory = [one for one in of("Observation") if _is_laboratory(one)]
    yield _("Prøvesvar"), _results(laboratory, _)
    yield _("Målinger"), _results([one for one in of("Observation") if not _is_laboratory(one)], _)
    yield _("Skrevet om deg"), _notes(of("Composition"), _)
    yield _("Planer og mål"), _plans(of("CarePlan"), of("Goal"), _)
    yield _("Henvisninger og bestillinger"), _requests(of("ServiceRequest"), _)
    yield _("Timer"), _appointments(of("Appointment"), _)
    yield _("Opphold og besøk"), _lines(overview.contacts(of("Encounter"), _), _)
    yield _("Meldinger"), _messages(of("Communication"), _)
    yield _("Dokumenter"), _documents(of("DocumentReference"), _)
    by_type = {"home-care": of("EpisodeOfCare")}
    yield _("De som hjelper deg"), _lines(overview.helpers(patient, by_type, _), _)
    yield _("Pårørende"), _lines(overview.relatives(of("RelatedPerson"), _), _)
    yield _("Hva som er med"), _counted(lists, _)


def _by(who: str | None, when: str | None, _: Language) -> str:
    return ", ".join(filter(None, (who, at(when, _))))


def _lines(found: Iterable[overview.Line], _: Language) -> list[Block]:
    shown = [line(one.what, one.more or "", _by(one.by, one.when, _), grave=one.grave) for one in found]
    return [lines(shown)] if shown else []


def _allergies(found: Sequence[Resource], _: Language) -> list[Block]:
    told = overview.allergies(found, _)
    if told.answer == "asked-none":
        return [words(_("Du er spurt, og har ingen kjente allergier."))]
    return _lines(told.lines, _) or [words(_("Om du har allergier, står ikke i det som er med her."))]


def _medicines(found: Sequence[Resource], _: Language) -> list[Block]:
    requests = [{**one, "dosageInstruction": one.get("dosageInstruction") or one.get("dosage") or []} for one in found]
    told = medicines.view(requests, _)
    blocks: list[Block] = []
    for title, some in (
        (_("Du bruker nå"), told.using),
        (_("Satt på pause"), told.paused),
        (_("Du har brukt før"), told.before),
    ):
        shown = [
            line(one.name, ". ".join(filter(None, (one.dose, one.reason, one.state))), _by(one.by, one.since, _))
            for one in some
        ]
        blocks += [heading(title), lines(shown)] if shown else []
    return blocks


def _vaccines(found: Sequence[Resource], _: Language) -> list[Block]:
    given, refused = vaccines.view(found, _)
    shown = [
        line(
            one.name + (f", {_('dose {n}', n=one.dose)}" if one.dose else ""),
            "\n".join(
                filter(
                    None,
                    (
                        _("Mot {disease}", disease=one.against) if one.against else "",
                        _("parti {batch}", batch=one.batch) if one.batch else "",
                        f"{_('Ikke gitt')} {one.refused}".strip() if one.refused is not None else "",
                    ),
                )
            ),
            _by(one.by, one.when, _),
        )
        for one in (*given, *refused)
    ]
    return [lines(shown)] if shown else []


def _procedures(found: Sequence[Resource], _: Language) -> list[Block]:
    shown = [
        line(
            capital(facts.words(one.get("code")) or _("Uten navn")),
            "",
            _by(
                facts.first_named(each.get("actor") for each in one.get("performer") or ()),
                facts.when(one, "performedDateTime", "performedPeriod"),
                _,
            ),
        )
        for one in facts.newest_first(found, "performedDateTime", "performedPeriod")
    ]
    return [lines(shown)] if shown else []


def _reports(found: Sequence[Resource], _: Language) -> list[Block]:
    shown = [
        line(
            capital(facts.words(one.get("code")) or _("Uten navn")),
            str(one.get("conclusion") or ""),
            _by(
                facts.first_named((*(one.get("resultsInterpreter") or ()), *(one.get("performer") or ()))),
                facts.when(one, "issued", "effectiveDateTime"),
                _,
            ),
        )
        for one in facts.newest_first(found, "issued", "effectiveDateTime")
        if one.get("conclusion") or not one.get("result")  # Else it is its results, which stand below.
    ]
    return [lines(shown)] if shown else []


def _is_laboratory(one: Resource) -> bool:
    return any(code == "laboratory" for concept in one.get("category") or () for _, code in facts.codings(concept))


def _results(found: Sequence[Resource], _: Language) -> list[Block]:
    """Each test by itself, so that its numbers stand below each other."""
    heads = (_("Dato"), _("Svar"), _("Vanlig"), _("Vurdering"), _("Fra"))
    blocks: list[Block] = []
    for test in sorted(results.grouped(found, _), key=lambda one: one.latest.name.casefold()):
        rows = [
            (
                at(one.taken, _),
                one.measured + (f" ({_('foreløpig')})" if one.preliminary else ""),
                one.usual or "",
                one.verdict,
                one.by or "",
            )
            for one in test.all
        ]
        blocks += [heading(test.latest.name), table(heads, rows, (2.2, 2, 1.7, 1.8, 2.2))]
    return blocks


def _notes(found: Sequence[Resource], _: Language) -> list[Block]:
    return [
        block
        for one in notes.standing(found)
        for block in (heading(notes.read(one, _).title), *note_blocks(one, _.code))
    ]


def _plans(plans: Sequence[Resource], goals: Sequence[Resource], _: Language) -> list[Block]:
    wanted = [line(one) for one in overview.goals(goals)]
    return [*([lines(wanted)] if wanted else []), *_lines(overview.plans(plans, _), _)]


def _requests(found: Sequence[Resource], _: Language) -> list[Block]:
    shown = []
    for one in facts.newest_first(found, "authoredOn"):
        category = next(iter(one.get("category") or ()), None)
        said = [str(note["text"]) for note in one.get("note") or () if note.get("text")]
        to = facts.first_named(one.get("performer") or ())
        shown.append(
            line(
                capital(facts.words(one.get("code")) or facts.words(category) or _("Henvisning")),
                "\n".join([*([_("Til {who}", who=to)] if to else []), *said]),
                _by(facts.named(one.get("requester")), facts.when(one, "authoredOn"), _),
            )
        )
    return [lines(shown)] if shown else []


def _appointments(found: Sequence[Resource], _: Language) -> list[Block]:
    shown = [
        line(read.about, ". ".join(filter(None, (*read.where, read.state))), _by(read.with_whom, one.get("start"), _))
        for one in facts.newest_first(found, "start")
        if (read := appointments.read(one, _))
    ]
    return [lines(shown)] if shown else []


def _messages(found: Sequence[Resource], _: Language) -> list[Block]:
    blocks: list[Block] = []

    def told(one: messages.Message, title: str) -> None:
        by = one.by or _("Deg")
        blocks.extend((heading(title), quiet(_by(by, one.sent, _)), words("\n".join(one.paragraphs))))
        for answer in one.answers:
            told(answer, _("Svar"))

    for one in messages.view(found, _):
        told(one, one.topic or _("Melding"))
    return blocks


def _documents(found: Sequence[Resource], _: Language) -> list[Block]:
    shown = [
        line(
            str(one.get("description") or facts.words(one.get("type")) or _("Dokument")),
            "\n".join(
                str(each["attachment"]["title"])
                for each in one.get("content") or ()
                if (each.get("attachment") or {}).get("title")
            ),
            _by(facts.first_named(one.get("author") or ()), facts.when(one, "date"), _),
        )
        for one in facts.newest_first(found, "date")
        if one.get("status") == "current"
    ]
    return [words(_("Selve filene ligger i FHIR-filene.")), lines(shown)] if shown else []


def _counted(lists: Lists, _: Language) -> list[Block]:
    """How much of each kind there is, so that nothing is missing without a word."""
    rows = [
        (capital(", ".join(kinds([type_], _))) if type_ in KINDS else type_, str(len(found)))
        for type_, found in sorted(lists.items())
        if found and type_ != "Patient"
    ]
    wrong = sum(not facts.stands(one) for found in lists.values() for one in found)
    rest = sorted(type_ for type_, found in lists.items() if found and type_ not in WORDED)
    blocks = [table((_("Slags opplysning"), _("Antall")), rows, (4, 1))]
    if wrong:
        blocks.append(words(_("{n} av dem er merket som feil og står bare i FHIR-filene.", n=wrong)))
    if rest:
        blocks.append(words(_("Disse står bare i FHIR-filene: {kinds}.", kinds=", ".join(rest))))
    return blocks
