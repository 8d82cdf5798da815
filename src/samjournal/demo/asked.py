# ruff: noqa: E501 - sentences stay on one line
"""What a citizen of the demo wrote to those who help her, one conversation in each state, and what units promise.

talks(chart)            conversations: answered and not read, read and waiting, late, a wish for a prescription, told
promises(region)        what units say of messages: the register has them
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from samjournal.demo.chart import Chart, Resource, to
from samjournal.demo.clock import instant
from samjournal.demo.staff import Staff, worker
from samjournal.demo.units import units
from samjournal.tasks import after, written

_KIND, _STEP, _UNIT = "urn:samjournal:conversation-kind", "urn:samjournal:step", "urn:samjournal:of-unit"
_PROMISES = (
    ("furutoppen-legesenter", True, 3, "Spørsmål om medisiner, prøvesvar og sykmelding"),
    ("egge-hjemmesykepleie", True, 1, "Endringer i besøk og hjelp hjemme"),
    ("legevakt", False, 1, ""),
)


def promises(region: int = 0) -> Iterator[Resource]:
    """Those that say something; the others take messages and answer within five working days."""
    known = units(region)
    for unit, takes, days, words in _PROMISES:
        if unit in known:
            yield {
                "resourceType": "HealthcareService",
                "id": f"{unit}-messages",
                "extension": [{"url": "urn:samjournal:answer-days", "valuePositiveInt": days}],
                "active": takes,
                "providedBy": {"reference": f"Organization/{unit}", "display": known[unit].name},
                "category": [{"coding": [{"system": "urn:samjournal:service", "code": "messages"}]}],
                "name": "Meldinger fra innbyggere",
                **({"comment": words} if words else {}),
            }


def talks(chart: Chart) -> None:
    """Five conversations, each with the work that it is or was."""
    clock, now = chart.clock, chart.clock.now
    magnus, solveig, ward = worker("magnus"), worker("solveig"), worker("henrik", "medisin-3")
    asked = clock.at(-2, 9, 12)
    first = _asks(
        chart,
        magnus.unit,
        asked,
        "Svimmel om morgenen",
        "Jeg er svimmel når jeg står opp. Kan det være de nye tablettene?",
    )
    answered = clock.at(-1, 15, 40)
    reply = _answers(
        chart,
        magnus,
        first,
        answered,
        "Det kan det. Sitt litt på sengekanten før du reiser deg, og mål blodtrykket før frokost i tre dager. Skriv tallene til meg her.",
    )
    _work(chart, magnus.unit, first, asked, 3, done=(magnus, answered, reply))
    wait = clock.at(-1, 8, 5)
    second = _asks(
        chart,
        solveig.unit,
        wait,
        "Nøkkel til naboen",
        "Naboen har fått nøkkel mens jeg er på sykehuset. Kan dere skrive det opp?",
    )
    second["extension"] = [_step("opened", min(wait + timedelta(hours=2), now))]
    _work(chart, solveig.unit, second, wait, 1)
    late = clock.at(-12, 11, 30)
    third = _asks(
        chart, ward.unit, late, "Papirer fra sist", "Jeg har ikke fått brevet fra forrige opphold. Kan dere sende det?"
    )
    _work(chart, ward.unit, third, late, 5)
    known = next((one for one in chart.resources if _is_prescribed(one)), None)
    if known is not None:
        name = (
            known["medicationCodeableConcept"].get("text") or known["medicationCodeableConcept"]["coding"][0]["display"]
        )
        wish = clock.at(-1, 10, 50)
        fourth = _asks(
            chart,
            magnus.unit,
            wish,
            f"Ny resept: {name}",
            f"Ønsker ny resept på:\n- {name}\nHenting: Vitusapotek Steinkjer",
            kind="renewal",
        )
        fourth["about"] = [to(known, name)]
        _work(chart, magnus.unit, fourth, wish, 3)
    _tells(
        chart,
        solveig,
        clock.at(-1, 12, 0),
        "Besøk når du kommer hjem",
        "Vi kommer klokka åtte den første morgenen hjemme, med vekt og dosett.",
    )


def _is_prescribed(one: Resource) -> bool:
    """Whether it is a prescription, and not given in hospital."""
    if one["resourceType"] != "MedicationRequest" or one["status"] != "active":
        return False
    return not any(each.get("code") == "inpatient" for of in one.get("category", ()) for each in of.get("coding", ()))


def _asks(chart: Chart, unit: Resource, at: datetime, topic: str, words: str, *, kind: str = "question") -> Resource:
    return chart.put(
        "Communication", "talk", status="completed", category=[_category(kind)], topic={"text": topic}, sent=instant(at),
        sender=chart.reference, recipient=[unit], payload=[{"contentString": words}],
    )  # fmt: skip


def _answers(chart: Chart, by: Staff, asked: Resource, at: datetime, words: str) -> Resource:
    return chart.put(
        "Communication", "talk", extension=[{"url": _UNIT, "valueReference": by.unit}], status="completed",
        category=asked["category"], topic=asked["topic"], sent=instant(at), partOf=[to(asked)], inResponseTo=[to(asked)],
        sender=by.reference, recipient=[chart.reference], payload=[{"contentString": words}],
    )  # fmt: skip


def _tells(chart: Chart, by: Staff, at: datetime, topic: str, words: str) -> None:
    chart.put(
        "Communication", "talk", extension=[{"url": _UNIT, "valueReference": by.unit}], status="completed",
        category=[_category("told")], topic={"text": topic}, sent=instant(at), sender=by.reference,
        recipient=[chart.reference], payload=[{"contentString": words}],
    )  # fmt: skip


def _work(
    chart: Chart,
    unit: Resource,
    asked: Resource,
    at: datetime,
    days: int,
    *,
    done: tuple[Staff, datetime, Resource] | None = None,
) -> None:
    task = written(
        kind="answer", patient=chart.id, owner=unit, at=at, due=after(at, days), focus=to(asked)["reference"]
    )  # fmt: skip
    if done is not None:
        by, when, reply = done
        output = {
            "type": {"coding": [{"system": "urn:samjournal:task", "code": "answer"}]},
            "valueReference": to(reply),
        }
        task |= {
            "status": "completed",
            "owner": by.reference,
            "executionPeriod": {"end": instant(when)},
            "output": [output],
        }
    chart.put("Task", "work", **{name: value for name, value in task.items() if name not in ("resourceType", "for")})


def _category(kind: str) -> Resource:
    return {"coding": [{"system": _KIND, "code": kind}]}


def _step(state: str, at: datetime) -> Resource:
    return {
        "url": _STEP,
        "extension": [{"url": "state", "valueCode": state}, {"url": "at", "valueInstant": instant(at)}],
    }
