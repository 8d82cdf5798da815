"""Three things first for each role: facts of the columns, chosen for the work at hand (requirement 1.2).

A thing is made by a function from what the columns already hold, so that no value can differ between roles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from samjournal.record import Snapshot
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.current import Now, current_stay
from samjournal.workspace.facts import (
    ICD_10,
    ICPC_2,
    LOINC,
    Block,
    Reader,
    Row,
    author,
    code,
    joined,
    newest_first,
    said,
    standing,
    status,
    unit,
    when,
)
from samjournal.workspace.history import ENDED, relative
from samjournal.workspace.layouts import LAYOUTS
from samjournal.workspace.measured import Measure, usable, written_value
from samjournal.workspace.plan import Plan, called, coming, deadline, open_tasks, with_whom

SHOWN: Final = 3
CHANGED: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Thing:
    """One of the three: lines, or the words for none; `form` puts the blood pressure entry inside it."""

    title: str
    rows: tuple[Row, ...]
    empty: str = ""
    form: bool = False
    link: str = ""
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What the things are made of."""

    snapshot: Snapshot
    now: Now
    plan: Plan
    reader: Reader


def first(material: Material) -> list[Thing]:
    """The three things of the reader's role, as `layouts` has them."""
    return [THINGS[name](material) for name in LAYOUTS.get(material.reader.role, LAYOUTS["doctor"])]


def abnormal_results(material: Material) -> Thing:
    """Doctor and GP: results outside the range, the newest sample first."""
    _ = material.reader.language
    outside = usable([*material.now.labs, *material.now.more_labs])
    return Thing(
        _("Svar å se på"),
        tuple(_result(each) for each in _newest(outside))[:SHOWN],
        _("Ingen svar utenfor grensene."),
    )


def medicine_decisions(material: Material) -> Thing:
    """Doctor: what is paused or was changed, and waits for a decision."""
    _ = material.reader.language
    rows = material.now.medicines.rows + material.now.medicines.more
    open_ = [row for row in rows if row.quiet or row.new]
    return Thing(
        _("Legemidler å ta stilling til"),
        tuple(open_[:SHOWN]),
        _("Ingen på pause eller nylig endret."),
        link="#medicines",
        link_text=_("Alle {n} legemidler", n=len(rows)) if rows else "",
    )


def decide_today(material: Material) -> Thing:
    """Doctor: what has its deadline today or is late, and the day of discharge."""
    _, reader = material.reader.language, material.reader
    end_of_day = reader.now.astimezone(formats.OSLO).replace(hour=23, minute=59)
    due = [
        task for task in open_tasks(material.snapshot) if deadline(task) and formats.order(deadline(task)) <= end_of_day
    ]
    aim = material.plan.aim
    rows = [Row(_("Utskriving"), aim.day, new=aim.new)] if aim and aim.day and _is_in(material) else []
    rows += [_due(task, reader) for task in due]
    return Thing(_("Avgjøres i dag"), tuple(rows[:SHOWN]), _("Ingen frister i dag."))


def measure_now(material: Material) -> Thing:
    """Nurse: how old the last set is, and the entry of a new one."""
    _ = material.reader.language
    whole = f"/workspace/patients/{material.snapshot.patient['id']}/measurements"
    row = _last_set(material.now, material.reader)
    return Thing(_("Mål nå"), (row,), form=True, link=whole, link_text=_("Hele settet, NEWS2 og kurver"))


def shift_tasks(material: Material) -> Thing:
    """Nurse: what is to be done, the most urgent first."""
    _, reader = material.reader.language, material.reader
    rows = [_due(task, reader) for task in open_tasks(material.snapshot)]
    return Thing(_("Gjøres på vakten"), tuple(rows[:SHOWN]), _("Ingen oppgaver står åpne."))


def fluids(material: Material) -> Thing:
    """Nurse: weight with its change, and what runs into and out of the patient."""
    _ = material.reader.language
    weight = _measure(material.now, _("Vekt"))
    rows = [
        Row(
            f"{weight.name} {weight.value} {weight.unit}",
            _("{change} på {span}", change=weight.change, span=material.now.span) if weight.change else "",
            right=weight.when,
            state="warn" if weight.old else "",
            new=weight.new,
        )
        if weight and weight.value
        else Row(_("Vekt"), _("ikke målt"), state="warn")
    ]
    rows += [Row("", words) for words in material.now.ongoing[:2]]
    return Thing(_("Vekt, væske og utstyr"), tuple(rows), "")


def appointments(material: Material) -> Thing:
    """Secretary: what is booked, and with whom."""
    _, reader = material.reader.language, material.reader
    rows = [
        Row(
            str(each.get("description") or _("Time")),
            with_whom(each),
            when=reader.when(str(each["start"])),
            new=reader.newness(each),
        )
        for each in coming(material.snapshot, reader)
    ]
    return Thing(_("Timer"), tuple(rows[:SHOWN]), _("Ingen timer er bestilt."))


def letters(material: Material) -> Thing:
    """Secretary: referrals on their way, with receiver and deadline."""
    _ = material.reader.language
    return Thing(
        _("Henvisninger"),
        _block(material.plan, _("Venter på")).rows[:SHOWN],
        _("Ingen henvisninger er åpne."),
    )


def missing(material: Material) -> Thing:
    """Secretary: what the record lacks before it can be closed and reported."""
    _, lists = material.reader.language, material.snapshot.lists
    uncoded = [
        each
        for each in standing(lists.get("problems", ()))
        if not code(each.get("code"), ICD_10, ICPC_2) and status(each, "clinicalStatus") not in ENDED
    ]
    rows = [Row(said(each.get("code"), _), _("uten kode"), right=author(each), state="warn") for each in uncoded]
    if not any(each.get("value") for each in material.snapshot.patient.get("telecom") or ()):
        rows.append(Row(_("Telefon"), _("mangler"), state="warn"))
    if not material.snapshot.patient.get("identifier"):
        rows.append(Row(_("Fødselsnummer"), _("mangler"), state="warn"))
    rows += [row for row in _block(material.plan, _("Planer og oppfølging")).rows if row.state == "warn"]
    return Thing(_("Mangler"), tuple(rows[:SHOWN]), _("Ingenting mangler: koder, nummer og telefon er på plass."))


def elsewhere(material: Material) -> Thing:
    """GP: what others than the own office wrote last."""
    _, office = material.reader.language, material.reader.unit_id
    rows = [
        Row(f"{note.title}:", note.first, when=note.when, right=note.by, new=note.new)
        for note in (*material.now.notes, *material.now.more_notes)
        if not office or note.unit_id != office
    ]
    return Thing(_("Siste fra andre"), tuple(rows[:SHOWN]), _("Ingen andre har skrevet noe."))


def medicine_list(material: Material) -> Thing:
    """GP: what was changed in the list in the last two weeks, and by whom."""
    _, reader = material.reader.language, material.reader
    changed = [
        each
        for each in newest_first(material.snapshot.lists.get("medicines", ()), "authoredOn")
        if reader.now - formats.order(when(each, "authoredOn")) < CHANGED
    ]
    rows = [
        Row(
            said(each.get("medicationCodeableConcept"), _),
            {"on-hold": _("satt på pause"), "stopped": _("seponert"), "active": _("ny eller endret")}.get(
                status(each), _("avsluttet")
            ),
            right=joined(reader.day(when(each, "authoredOn")), author(each)),
            new=reader.newness(each),
        )
        for each in changed
    ]
    count = len(material.now.medicines.rows + material.now.medicines.more)
    return Thing(
        _("Endret i legemiddellisten"),
        tuple(rows[:SHOWN]),
        _("Ingen endringer siste 14 dager."),
        link="#medicines",
        link_text=_("Alle {n} legemidler", n=count) if count else "",
    )


def gp_follow_up(material: Material) -> Thing:
    """GP: what the office has to do, and when the patient comes."""
    _, reader = material.reader.language, material.reader
    office = {str(each.get("reference")) for each in material.snapshot.patient.get("generalPractitioner") or ()}
    mine = [
        each
        for each in coming(material.snapshot, reader)
        if office & {str((part.get("actor") or {}).get("reference")) for part in each.get("participant") or ()}
    ]
    rows = [
        Row(
            str(each.get("description") or _("Time")),
            right=reader.when(str(each["start"])),
            state="ok",
            icon="calendar",
        )
        for each in mine
    ]
    rows = rows or [Row(_("Kontroll hos oss"), right=_("ikke bestilt"), state="warn", icon="warning")]
    rows += [
        _due(task, reader)
        for task in open_tasks(material.snapshot)
        if str((task.get("owner") or {}).get("reference")) in office
    ]
    return Thing(_("Oppfølging hos oss"), tuple(rows[:SHOWN]), "")


def next_visit(material: Material) -> Thing:
    """Home nurse: when the next visit is, or that visits wait while the patient is in hospital."""
    _, reader = material.reader.language, material.reader
    visits = [each for each in coming(material.snapshot, reader) if reader.unit_id in str(each.get("participant"))]
    rows = [
        Row(str(each.get("description") or _("Besøk")), with_whom(each), when=reader.when(str(each["start"])))
        for each in visits
    ]
    if _is_in(material):
        aim = material.plan.aim
        day = aim.day if aim and aim.day else _("dag ikke satt")
        rows.insert(
            0,
            Row(_("Innlagt nå"), _("besøk venter"), right=_("hjem {day}", day=day), state="warn", icon="bed"),
        )
    return Thing(_("Neste besøk"), tuple(rows[:SHOWN]), _("Ingen besøk er satt opp."))


def measure_at_visit(material: Material) -> Thing:
    """Home nurse: the entry with the last value beside it."""
    _ = material.reader.language
    return Thing(_("Mål ved besøket"), (_last_set(material.now, material.reader),), form=True)


def home_service(material: Material) -> Thing:
    """Home nurse: what the person is granted, and what is to be done at home."""
    _, lists = material.reader.language, material.snapshot.lists
    rows = [
        Row(
            ", ".join(filter(None, (said(kind, _) for kind in each.get("type") or ()))) or _("Kommunal tjeneste"),
            right=joined(unit(each), formats.full_date(when(each, "period"))[-4:]),
            new=material.reader.newness(each),
        )
        for each in newest_first(lists.get("services", ()), "period")
        if status(each) == "active"
    ]
    rows += _block(material.plan, _("Planer og oppfølging")).rows
    return Thing(_("Tjenester og tiltak hjemme"), tuple(rows[:SHOWN]), _("Ingen vedtak om tjenester."))


def goals(material: Material) -> Thing:
    """Physiotherapist: where the patient is going, and by when."""
    _, aim = material.reader.language, material.plan.aim
    rows = [Row(aim.title, right=aim.day, new=aim.new), *(Row("", goal) for goal in aim.goals)] if aim else []
    return Thing(_("Mål og plan"), tuple(rows[:SHOWN]), _("Ingen plan er skrevet."))


def from_us(material: Material) -> Thing:
    """Physiotherapist: what the own unit wrote last."""
    _, own = material.reader.language, material.reader.unit_id
    rows = [
        Row(f"{note.title}:", note.first, when=note.when, right=note.by, new=note.new)
        for note in (*material.now.notes, *material.now.more_notes)
        if note.unit_id == own
    ]
    return Thing(_("Siste fra oss"), tuple(rows[:SHOWN]), _("Enheten din har ikke skrevet noe ennå."))


def heed(material: Material) -> Thing:
    """Physiotherapist: what to mind before the patient gets up."""
    _ = material.reader.language
    names = (_("Blodtrykk"), _("SpO₂"), _("Puls"))
    found = [measure for name in names if (measure := _measure(material.now, name)) and measure.value]
    rows = [
        Row(
            measure.name,
            f"{measure.value} {measure.unit} {measure.mark}".strip(),
            right=measure.old or measure.when,
            state="warn" if measure.old else "",
            icon="clock-dashed" if measure.old else "",
            new=measure.new,
        )
        for measure in found
    ]
    return Thing(_("Ta hensyn til"), tuple(rows), _("Ingen målinger er gjort."))


def growth(material: Material) -> Thing:
    """Health visitor: weight, length and head as they were measured last."""
    _, reader = material.reader.language, material.reader
    rows = []
    for loinc, name in GROWTH.items():
        last = next(
            (
                one
                for one in newest_first(material.snapshot.lists.get("vitals", ()), "effectiveDateTime")
                if code(one.get("code"), LOINC) == loinc and one.get("valueQuantity")
            ),
            None,
        )
        value = written_value(last, reader) if last else _("ikke målt")
        right = joined(reader.day(when(last, "effectiveDateTime")), author(last)) if last else ""
        rows.append(Row(_(name), value, right=right, new=reader.newness(last) if last else ""))
    return Thing(_("Vekst"), tuple(rows), "")


def vaccines(material: Material) -> Thing:
    """Health visitor: the newest vaccines, and those that were not given."""
    _, reader = material.reader.language, material.reader
    rows = [
        Row(
            said(one.get("vaccineCode"), _),
            "" if status(one) == "completed" else _("ikke gitt"),
            right=joined(reader.day(when(one, "occurrenceDateTime")), author(one)),
            new=reader.newness(one),
        )
        for one in newest_first(material.snapshot.lists.get("vaccines", ()), "occurrenceDateTime")
    ]
    return Thing(_("Vaksiner"), tuple(rows[:SHOWN]), _("Ingen vaksiner er registrert."))


def family(material: Material) -> Thing:
    """Health visitor: who has the care of the child, and how to reach them."""
    _, lists = material.reader.language, material.snapshot.lists
    rows = [relative(one, material.reader) for one in standing(lists.get("relatives", ()))]
    return Thing(_("Familie"), tuple(rows[:SHOWN]), _("Ingen nærmeste er oppgitt."))


GROWTH: Final = {"29463-7": marked("Vekt"), "8302-2": marked("Lengde"), "9843-4": marked("Hodeomkrets")}
"""What a child's growth is followed by, in LOINC."""


def _is_in(material: Material) -> bool:
    return current_stay(material.snapshot.lists.get("encounters", ())) is not None


def _result(measure: Measure) -> Row:
    return Row(
        measure.name,
        f"{measure.value} {measure.unit} {measure.mark}",
        right=measure.when,
        state="danger" if measure.critical else "",
        icon="warning" if measure.critical else "",
        new=measure.new,
    )


def _newest(measures: list[Measure]) -> list[Measure]:
    return sorted(measures, key=lambda each: (each.critical, formats.order(each.at)), reverse=True)


def _due(task: Any, reader: Reader) -> Row:
    _ = reader.language
    limit = deadline(task)
    is_late = bool(limit) and formats.order(limit) < reader.now
    until = _("over fristen") if is_late else reader.when(limit) if limit else _("uten frist")
    return Row(
        called(task, _),
        right=until,
        state="warn" if is_late else "",
        icon="clock" if is_late else "",
        new=reader.newness(task),
    )


def _last_set(now: Now, reader: Reader) -> Row:
    _ = reader.language
    pressure = now.vitals[0]
    if not pressure.value:
        return Row(_("Blodtrykk"), _("ikke målt"))
    return Row(
        _("Sist {value}", value=pressure.value),
        joined(pressure.when, pressure.by),
        right=joined(pressure.old or ("NEWS2 " + str(now.score.value) if now.score else "")),
        state="warn" if pressure.old else "",
        icon="clock-dashed" if pressure.old else "",
        new=pressure.new,
    )


def _measure(now: Now, name: str) -> Measure | None:
    return next((each for each in now.vitals if each.name == name), None)


def _block(plan: Plan, title: str) -> Block:
    return next(block for block in plan.blocks if block.title == title)


THINGS: Final[Mapping[str, Callable[[Material], Thing]]] = {
    make.__name__.replace("_", " "): make
    for make in (
        abnormal_results,
        appointments,
        decide_today,
        elsewhere,
        family,
        fluids,
        from_us,
        goals,
        gp_follow_up,
        growth,
        heed,
        home_service,
        letters,
        measure_at_visit,
        measure_now,
        medicine_decisions,
        medicine_list,
        missing,
        next_visit,
        shift_tasks,
        vaccines,
    )
}
"""Every thing by the name that a layout calls it."""
