"""Videre plan: where this is going, the next steps with their owner, what we wait for, and what is agreed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from samjournal.record import Snapshot
from samjournal.referrals import is_referral
from samjournal.scheduling.video import link_of
from samjournal.tasks import SYSTEM
from samjournal.ui import formats
from samjournal.ui.language import Language, marked
from samjournal.workspace.current import current_stay
from samjournal.workspace.facts import (
    Block,
    Reader,
    Resource,
    Row,
    actor_name,
    author,
    block,
    code,
    id_of,
    joined,
    name_of,
    newest_first,
    said,
    standing,
    status,
    unit,
    when,
)

OPEN_TASK: Final = frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold", "draft"})
OPEN_REFERRAL: Final = frozenset({"active", "on-hold", "draft"})
BOOKED: Final = frozenset({"booked", "proposed", "pending", "arrived", "waitlist"})


@dataclass(frozen=True, slots=True)
class Aim:
    """The box at the top: the aim and its day, in the plan's own words."""

    title: str
    day: str
    words: str
    goals: tuple[str, ...]
    new: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The right column."""

    revised: str
    aim: Aim | None
    blocks: tuple[Block, ...]


def plan(snapshot: Snapshot, reader: Reader) -> Plan:
    """The right column from the snapshot."""
    _, lists = reader.language, snapshot.lists
    plans = [
        each
        for each in newest_first(lists.get("plans", ()), "created", "period")
        if status(each) in ("active", "draft")
    ]
    leading = leading_plan(plans, stay=current_stay(lists.get("encounters", ())))
    return Plan(
        revised=_revised(leading, reader),
        aim=_aim(leading, lists.get("goals", ()), reader) if leading else None,
        blocks=(
            block(
                _("Neste steg"),
                next_steps(snapshot, reader),
                empty=_("Ingen neste steg er satt opp."),
                source=_("ansvarlig"),
                show=3,
            ),
            block(
                _("Venter på"),
                waiting(lists.get("referrals", ()), lists.get("services", ()), reader),
                empty=_("Ingenting er sendt som vi venter svar på."),
            ),
            block(
                _("Planer og oppfølging"),
                [
                    *follow_up(snapshot, reader),
                    *(_other_plan(each, reader) for each in plans if each is not leading),
                ],
                empty=_("Ingen andre planer."),
                show=5,
            ),
            block(
                _("Varsler og avklart behandling"),
                [
                    _agreed(each, reader)
                    for each in newest_first(lists.get("flags", ()), "period")
                    if status(each) == "active"
                ],
                empty=_("Ingen varsler, og ingen behandlingsgrenser er avklart."),
            ),
        ),
    )


def leading_plan(plans: list[Resource], *, stay: Resource | None) -> Resource | None:
    """The plan that leads now: the ward's while the patient is there, else the newest."""
    ward = id_of((stay or {}).get("serviceProvider"), "Organization")
    with_end = [each for each in plans if (each.get("period") or {}).get("end")]
    of_ward = [each for each in with_end if ward and ward in str(each.get("author")) + str(each.get("meta"))]
    return next(iter(of_ward or (with_end if stay else []) or plans), None)


def next_steps(snapshot: Snapshot, reader: Reader) -> list[Row]:
    """Tasks and appointments in the order of time, each with its owner."""
    _ = reader.language
    steps = [(deadline(task), _task(task, reader)) for task in open_tasks(snapshot)]
    steps += [(str(each.get("start") or ""), _appointment(each, reader)) for each in coming(snapshot, reader)]
    return [row for _at, row in sorted(steps, key=lambda step: (not step[0], formats.order(step[0])))]


def open_tasks(snapshot: Snapshot) -> list[Resource]:
    """Tasks that somebody still has to do, the most urgent first. Where a referral stands is told with the referral."""
    found = [
        task
        for task in standing(snapshot.lists.get("tasks", ()))
        if status(task) in OPEN_TASK and code(task.get("code"), SYSTEM) != "assess"
    ]
    return sorted(found, key=lambda task: (not deadline(task), formats.order(deadline(task))))


def coming(snapshot: Snapshot, reader: Reader) -> list[Resource]:
    """Appointments that have not been, the first one first."""
    found = [
        each
        for each in standing(snapshot.lists.get("appointments", ()))
        if status(each) in BOOKED and formats.order(each.get("start")) > reader.now - timedelta(hours=1)
    ]
    return sorted(found, key=lambda each: formats.order(each.get("start")))


def deadline(task: Resource) -> str:
    """When the task must be done, or nothing."""
    limit = ((task.get("restriction") or {}).get("period") or {}).get("end")
    return str(limit or (task.get("executionPeriod") or {}).get("end") or "")


def waiting(referrals: Iterable[Resource], services: Iterable[Resource], reader: Reader) -> list[Row]:
    """What was sent and is not answered, with where it lies and until when.

    A decision that a service is given by is open as long as the service lasts, and nobody waits for it.
    """
    given = {id_of(each, "ServiceRequest") for service in services for each in service.get("referralRequest") or ()}
    found = [
        each
        for each in newest_first(referrals, "authoredOn")
        if status(each) in OPEN_REFERRAL and each.get("id") not in given
    ]
    return [_referral(each, reader) for each in found]


def follow_up(snapshot: Snapshot, reader: Reader) -> list[Row]:
    """Says out loud that nobody has booked the GP after a stay."""
    _ = reader.language
    died = snapshot.patient.get("deceasedDateTime") or snapshot.patient.get("deceasedBoolean")
    if died or current_stay(snapshot.lists.get("encounters", ())) is None:
        return []
    office = {str(each.get("reference")) for each in snapshot.patient.get("generalPractitioner") or ()}
    for each in coming(snapshot, reader):
        actors = {str((part.get("actor") or {}).get("reference")) for part in each.get("participant") or ()}
        if office & actors:
            return [
                Row(
                    _("Kontroll hos fastlege"),
                    right=reader.when(str(each["start"])),
                    state="ok",
                    icon="check-circle",
                )
            ]
    return [
        Row(
            _("Kontroll hos fastlege"),
            _("etter utskriving"),
            right=_("ikke bestilt"),
            state="warn",
            icon="warning",
        )
    ]


def with_whom(appointment: Resource) -> str:
    """Who or what the patient meets."""
    actors = [part.get("actor") or {} for part in appointment.get("participant") or ()]
    names = [actor_name(actor) for actor in actors if name_of(actor) and not id_of(actor, "Patient")]
    return names[0] if names else ""


NAMES: Final = {
    "sign": marked("Signere notat"),
    "countersign": marked("Medsignere notat"),
    "acknowledge": marked("Kvittere prøvesvar"),
    "answer": marked("Besvare melding"),
    "assess": marked("Vurdere henvisning"),
    "deliver": marked("Få fram melding"),
}


def called(task: Resource, _: Language) -> str:
    """What a Task is called: by its words, or by what its code says."""
    kind = code(task.get("code"), SYSTEM)
    named = _(NAMES[kind]) if kind in NAMES else said(task.get("code"), _)
    return str(task.get("description") or named or _("Oppgave"))


def _task(task: Resource, reader: Reader) -> Row:
    _ = reader.language
    limit = deadline(task)
    is_late = bool(limit) and formats.order(limit) < reader.now
    owner = actor_name(task.get("owner"))
    return Row(
        strong=called(task, _),
        when=_short_when(limit, reader) if limit else _("uten frist"),
        right=joined(owner or _("uten ansvarlig"), _("over fristen") if is_late else ""),
        state="warn" if is_late or not owner else "",
        icon="clock" if is_late else "",
        new=reader.newness(task),
    )


def _appointment(appointment: Resource, reader: Reader) -> Row:
    _ = reader.language
    return Row(
        strong=str(appointment.get("description") or said(appointment.get("appointmentType"), _) or _("Time")),
        when=_short_when(str(appointment.get("start") or ""), reader),
        right=with_whom(appointment),
        new=reader.newness(appointment),
        video=link_of(appointment),
    )


def _referral(referral: Resource, reader: Reader) -> Row:
    _ = reader.language
    what = said(referral.get("code"), _) or ", ".join(said(each, _) for each in referral.get("category") or ())
    if is_referral(referral):
        what = next((said(each, _) for each in referral.get("reasonCode") or ()), "") or what
    receiver = next((name_of(each) for each in referral.get("performer") or ()), "").split(",")[0]
    limit = str((referral.get("occurrencePeriod") or {}).get("end") or referral.get("occurrenceDateTime") or "")
    is_late = bool(limit) and formats.order(limit) < reader.now
    sent = _("sendt {day}", day=reader.day(when(referral, "authoredOn")))
    until = (
        _("over fristen {day}", day=reader.day(limit))
        if is_late
        else _("frist {day}", day=reader.day(limit))
        if limit
        else sent
    )
    return Row(
        strong=what or _("Henvisning"),
        rest=sent if limit else "",
        right=joined(receiver or _("mottaker ikke valgt"), until),
        state="warn" if is_late or not receiver else "",
        icon="clock" if is_late else "hourglass",
        new=reader.newness(referral),
    )


def _aim(found: Resource, goals: Iterable[Resource], reader: Reader) -> Aim:
    _ = reader.language
    end = str((found.get("period") or {}).get("end") or "")
    active = [
        each for each in standing(goals) if each.get("lifecycleStatus") in ("active", "accepted", "proposed", "planned")
    ]
    return Aim(
        title=str(found.get("title") or _("Plan")),
        day=formats.long_day(end, language=_),
        words=str(found.get("description") or ""),
        goals=tuple(filter(None, (said(each.get("description"), _) for each in active)))[:3],
        new=reader.newness(found),
    )


def _other_plan(found: Resource, reader: Reader) -> Row:
    _ = reader.language
    return Row(
        strong=str(found.get("title") or _("Plan")),
        rest=str(found.get("description") or ""),
        right=joined(unit(found) or author(found), formats.full_date(when(found, "period"))[-4:]),
        new=reader.newness(found),
    )


def _agreed(flag: Resource, reader: Reader) -> Row:
    return Row(
        strong=said(flag.get("code"), reader.language),
        right=joined(author(flag), reader.day(when(flag, "period"))),
        icon="care",
        new=reader.newness(flag),
    )


def _revised(found: Resource | None, reader: Reader) -> str:
    if found is None:
        return ""
    at = str(found.get("created") or when(found, "period"))
    return reader.language("revidert {when}", when=joined(reader.when(at), author(found))) if at else author(found)


def _short_when(value: str, reader: Reader) -> str:
    """`i dag 13.00`, `ons 25.11`: short, since the owner stands on the same line."""
    found = formats.moment(value)
    if found is None:
        return ""
    said_day = reader.day(value)
    at = formats.clock(value, language=reader.language)
    days = (formats.order(value) - reader.now).days
    if days < 7 and not said_day[0].isdigit():
        return f"{said_day} {at}".strip()
    return f"{formats.weekday(value, language=reader.language)[:3]} {said_day}" if days < 7 else said_day
