"""What a municipality decides to give: the decision, and the service that follows it.

hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from samjournal.demo.chart import Resource, note, period, to
from samjournal.demo.clock import instant
from samjournal.demo.illnesses import Both
from samjournal.demo.sites import reference, service, someone
from samjournal.demo.timeline import Life
from samjournal.demo.unit import Unit


def decide(
    life: Life,
    what: Both,
    why: Both,
    unit: Unit,
    start: datetime,
    *,
    until: date | None = None,
    over: bool = False,
    at_once: bool = False,
) -> Resource:
    """A decision by the allocation office, in force from `start`; without `until` it lasts.

    `at_once`: made the same day, as when somebody leaves hospital.
    """
    office = someone(service(life.person, "Tildeling"), "case-worker", life.rng)
    authored = start - timedelta(days=life.rng.randint(1, 6))
    if at_once or authored.date() <= life.chart.born:
        authored = start - timedelta(hours=2)
    found = life.chart.put(
        "ServiceRequest",
        "decision",
        office,
        status="completed" if over else "active",
        intent="order",
        category=[{"text": "Vedtak"}],
        code={"text": life.say(what)},
        authoredOn=instant(authored),
        occurrencePeriod=period(start.date(), until),
        performer=[reference(unit)],
        note=[{"text": life.say(why)}],
    )
    told = f"{life.say(why)} {life.say(_RULED).format(what=life.say(what)[0].lower() + life.say(what)[1:])}"
    note(life.chart, office, authored, life.say(("Vedtak", "Vedtak")), told, life.say(_COMPLAIN), kind="Vedtak")
    return found


def replace(old: Resource, when: datetime) -> None:
    """A decision that another takes the place of."""
    old["status"] = "completed"
    old["occurrencePeriod"]["end"] = str((when - timedelta(days=1)).date())


def give(life: Life, decision: Resource, what: Both, unit: Unit, start: datetime, end: date | None) -> Resource:
    """The service that a decision begins."""
    leader = someone(unit, "home-nurse" if "jukepleie" in unit.what or "sykepleie" in unit.what else "nurse", life.rng)
    return life.chart.put(
        "EpisodeOfCare",
        "service",
        leader,
        status="finished" if end else "active",
        period=period(start.date(), end),
        type_=[{"text": life.say(what)}],
        referralRequest=[to(decision)],
    )


_RULED = (
    "Vedtak om {what} etter helse- og omsorgstjenesteloven § 3-2.",
    "Vedtak om {what} etter helse- og omsorgstenestelova § 3-2.",
)
_COMPLAIN = (
    "Klagefrist fire uker. Behovet vurderes på nytt ved endring.",
    "Klagefrist fire veker. Behovet blir vurdert på nytt ved endring.",
)
