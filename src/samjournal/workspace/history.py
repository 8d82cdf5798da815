"""Historikk: what the patient has and has had, where they have been, and how they live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from samjournal.problems import is_ended, merged
from samjournal.record import Snapshot
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.ages import AGES
from samjournal.workspace.facts import (
    ICD_10,
    ICPC_2,
    Block,
    Reader,
    Resource,
    Row,
    author,
    block,
    code,
    id_of,
    joined,
    name_of,
    newest_first,
    said,
    short_name,
    standing,
    status,
    unit,
    when,
)

CONTACTS: Final = {
    "IMP": marked("Innleggelse"),
    "ACUTE": marked("Innleggelse"),
    "EMER": marked("Legevakt"),
    "AMB": marked("Konsultasjon"),
    "HH": marked("Hjemmebesøk"),
    "VR": marked("Video eller telefon"),
    "OBSENC": marked("Observasjon"),
    "SS": marked("Dagopphold"),
}
ENDED: Final = frozenset({"resolved", "inactive", "remission"})


def history(snapshot: Snapshot, reader: Reader) -> list[Block]:
    """The blocks of the column, each fact once."""
    lists = snapshot.lists
    return [
        problems(lists.get("problems", ()), reader),
        earlier(lists.get("encounters", ()), lists.get("services", ()), reader),
        home(snapshot, reader),
        habits(lists.get("habits", ()), lists.get("vaccines", ()), reader),
    ]


def problems(conditions: Iterable[Resource], reader: Reader) -> Block:
    """The diseases that last, newest first; those that are over lie folded."""
    _ = reader.language
    found = [one.condition for one in merged(newest_first(conditions, "onsetDateTime", "onsetPeriod", "recordedDate"))]
    current = [each for each in found if not is_ended(each)]
    over = [each for each in found if is_ended(each)]
    shown = block(
        _("Sykdommer"),
        [_problem(each, reader) for each in current],
        empty=_("Ingen sykdommer er ført opp."),
        source=_("siden · kilde"),
        show=6,
    )
    past = tuple(_problem(each, reader, over=True) for each in over)
    return Block(shown.title, shown.rows, shown.empty, shown.source, shown.more + past)


def earlier(encounters: Iterable[Resource], services: Iterable[Resource], reader: Reader) -> Block:
    """Earlier stays, contacts and services, without a search (requirement 1.8)."""
    _ = reader.language
    lasting = [
        Row(
            strong=_joined_types(service, reader) or _("Kommunal tjeneste"),
            rest=unit(service),
            when=_("{start} –", start=formats.full_date(when(service, "period"))[-4:]),
            right=_("pågår"),
            new=reader.newness(service),
        )
        for service in newest_first(services, "period")
        if status(service) in ("active", "planned", "onhold")
    ]
    past = [each for each in newest_first(encounters, "period") if status(each) != "in-progress"]
    closed = [each for each in newest_first(services, "period") if status(each) in ("finished", "cancelled")]
    rows = [*lasting, *(_contact(each, reader) for each in past), *(_closed(each, reader) for each in closed)]
    return block(_("Tidligere opphold og forløp"), rows, empty=_("Ingen tidligere kontakter er registrert."), show=5)


def home(snapshot: Snapshot, reader: Reader) -> Block:
    """How the patient lives, who stands nearest, and who the GP is."""
    _ = reader.language
    patient = snapshot.patient
    living = [
        Row(
            strong="",
            rest=joined(str(each.get("valueString") or said(each.get("valueCodeableConcept"), _))),
            right=reader.day(when(each, "effectiveDateTime")),
        )
        for each in newest_first(snapshot.lists.get("habits", ()), "effectiveDateTime")
        if _is_living(each)
    ]
    people = [relative(each, reader) for each in standing(snapshot.lists.get("relatives", ()))]
    rows = [
        *living[:2],
        _address(snapshot, reader),
        *people,
        *([] if people else [Row(_("Nærmeste:"), _("ingen er oppgitt"), quiet=True)]),
        _gp(patient, reader),
    ]
    return block(_("Hjemme og nærmeste"), rows, empty="", show=6)


def habits(observations: Iterable[Resource], vaccines: Iterable[Resource], reader: Reader) -> Block:
    """Tobacco, alcohol and the like with their age in words, and the vaccines."""
    _ = reader.language
    latest: dict[str, Resource] = {}
    for each in newest_first(observations, "effectiveDateTime"):
        if not _is_living(each):
            latest.setdefault(said(each.get("code"), _), each)
    rows = [_habit(name, each, reader) for name, each in latest.items()]
    rows += [_vaccine(each, reader) for each in newest_first(vaccines, "occurrenceDateTime")]
    return block(_("Vaner og vaksiner"), rows, empty=_("Ikke spurt om vaner. Ingen vaksiner er registrert."), show=5)


def _problem(condition: Resource, reader: Reader, *, over: bool = False) -> Row:
    _ = reader.language
    since = formats.full_date(when(condition, "onsetDateTime", "onsetPeriod", "recordedDate"))[-4:]
    unsure = status(condition, "verificationStatus") in ("provisional", "differential", "unconfirmed")
    refuted = status(condition, "verificationStatus") == "refuted"
    source = author(condition)
    return Row(
        strong=said(condition.get("code"), _),
        rest=_("avkreftet") if refuted else _("sannsynlig") if unsure else _("ikke lenger aktuell") if over else "",
        code=code(condition.get("code"), ICD_10, ICPC_2),
        right=joined(since, source),
        new=reader.newness(condition),
        quiet=over,
    )


def _contact(encounter: Resource, reader: Reader) -> Row:
    _ = reader.language
    kind = str((encounter.get("class") or {}).get("code") or "")
    name = _joined_types(encounter, reader) or _(CONTACTS.get(kind, marked("Kontakt")))
    reason = _reason(encounter, reader)
    return Row(
        strong=reason or name,
        rest=joined(unit(encounter)),
        when=_span(encounter, reader),
        right=name if reason else "",
        new=reader.newness(encounter),
    )


def _closed(service: Resource, reader: Reader) -> Row:
    _ = reader.language
    return Row(
        strong=_joined_types(service, reader) or _("Kommunal tjeneste"),
        rest=unit(service),
        when=_span(service, reader),
        right=_("avsluttet"),
        quiet=True,
    )


def _span(resource: Resource, reader: Reader) -> str:
    """`12.–17.05`, or the day alone when it was one."""
    period = resource.get("period") or {}
    start, end = formats.moment(period.get("start")), formats.moment(period.get("end"))
    if start is None:
        return reader.language("ukjent dato")
    if end is None or end.strftime("%Y%m%d") == start.strftime("%Y%m%d"):
        return reader.day(period["start"])
    if (start.year, start.month) == (end.year, end.month):
        return f"{start:%d}.–{reader.day(period['end'])}"
    return f"{start:%d.%m}–{reader.day(period['end'])}"


def _reason(encounter: Resource, reader: Reader) -> str:
    reasons = [said(concept, reader.language) for concept in encounter.get("reasonCode") or ()]
    return ", ".join(reason for reason in reasons[:2] if reason)


def _joined_types(resource: Resource, reader: Reader) -> str:
    return ", ".join(filter(None, (said(concept, reader.language) for concept in resource.get("type") or ())))


def _is_living(observation: Resource) -> bool:
    """True for how somebody lives, which stands with the home and not with the habits."""
    return code(observation.get("code"), "http://loinc.org") in (
        "75274-1",
        "63512-8",
        "89596-1",
        "46595-9",
        "75246-9",
    )


def relative(person: Resource, reader: Reader) -> Row:
    """Somebody near, by name, relation and telephone."""
    _ = reader.language
    relations: Sequence[str] = [said(concept, _) for concept in person.get("relationship") or ()]
    names = (person.get("name") or [{}])[0]
    full = " ".join([*(names.get("given") or ()), names.get("family") or ""]).strip() or str(names.get("text") or "")
    phones = [str(each["value"]) for each in person.get("telecom") or () if each.get("value")]
    return Row(
        strong=full or _("uten navn"),
        rest=", ".join(relation.lower() for relation in relations[:2] if relation),
        right=formats.phone(phones[0]) if phones else _("telefon mangler"),
        state="" if phones else "warn",
    )


def _address(snapshot: Snapshot, reader: Reader) -> Row:
    _ = reader.language
    if snapshot.patient_protected:
        return Row(_("Adresse:"), _("beskyttet, vises ikke"), icon="shield-lock")
    address: Resource = next(iter(snapshot.patient.get("address") or ()), {})
    place = " ".join(filter(None, (address.get("postalCode"), address.get("city"))))
    words = ", ".join([*(str(line) for line in address.get("line") or ()), *([place] if place else ())])
    phone = next((str(each["value"]) for each in snapshot.patient.get("telecom") or () if each.get("value")), "")
    return Row(_("Bor:"), words or _("adresse ikke oppgitt"), right=formats.phone(phone))


def _gp(patient: Resource, reader: Reader) -> Row:
    _ = reader.language
    doctors = patient.get("generalPractitioner") or ()
    person = next((name_of(each) for each in doctors if id_of(each, "PractitionerRole")), "")
    office = next((name_of(each) for each in doctors if id_of(each, "Organization")), "")
    if not person and not office:
        return Row(_("Fastlege:"), _("ingen er oppgitt"), quiet=True)
    return Row(_("Fastlege:"), person.split(",")[0] or office, right=office if person else "")


def _habit(name: str, observation: Resource, reader: Reader) -> Row:
    _ = reader.language
    at = when(observation, "effectiveDateTime")
    is_old = reader.now - formats.order(at) > AGES["habits"]
    value = str(observation.get("valueString") or said(observation.get("valueCodeableConcept"), _) or _("ikke besvart"))
    return Row(
        strong=f"{name}:",
        rest=value,
        right=_("{age} gammel", age=formats.ago(at, now=reader.now, language=_)) if is_old else reader.day(at),
        state="warn" if is_old else "",
        icon="clock-dashed" if is_old else "",
        new=reader.newness(observation),
    )


def _vaccine(immunization: Resource, reader: Reader) -> Row:
    _ = reader.language
    given, name = status(immunization) == "completed", said(immunization.get("vaccineCode"), _)
    kind = "" if _("vaksine").casefold() in name.casefold() else _("vaksine")
    return Row(
        strong=name,
        rest=kind if given else _("ikke gitt"),
        right=joined(
            formats.full_date(
                when(immunization, "occurrenceDateTime") or str(immunization.get("occurrenceString") or "")
            ),
            short_name(author(immunization)),
        ),
        new=reader.newness(immunization),
    )
