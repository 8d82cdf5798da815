"""Who has acknowledged which results, for the chart: pure functions over Tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from samjournal.tasks import said
from samjournal.ui import formats
from samjournal.workspace.facts import Reader, Resource, standing

SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One result or report: what is said of it, whether it waits (`state` "warn") or is done ("ok"), and its page."""

    words: str
    state: str
    link: str = ""


def acknowledged(tasks: Iterable[Resource], reader: Reader) -> list[Acknowledged]:
    """Some of those that wait, then of those that were acknowledged the newest."""
    found = [(said(one), one) for one in standing(tasks) if one.get("status") != "cancelled"]
    found = [pair for pair in found if pair[0].kind == "acknowledge"]
    waiting = [pair for pair in found if pair[0].status != "completed"]
    done = sorted((pair for pair in found if pair[0].status == "completed"), key=_ended, reverse=True)
    return [_said(*pair, reader) for pair in [*waiting[:SHOWN], *done[:SHOWN]]]


def _ended(pair: tuple[Any, Resource]) -> Any:
    return formats.order((pair[1].get("executionPeriod") or {}).get("end"))


def _said(what: Any, task: Resource, reader: Reader) -> Acknowledged:
    _ = reader.language
    came = reader.when(what.since.isoformat()) if what.since else ""
    link = f"/workspace/{what.patient.replace('Patient', 'patients')}/results/{what.focus}" if what.focus else ""
    if what.status == "completed":
        ended = reader.when((task.get("executionPeriod") or {}).get("end"))
        words = _("Svar {came}: kvittert av {name} {when}", came=came, name=what.owner_name, when=ended)
        return Acknowledged(words, "ok", link)
    owner = what.owner_name or _("ingen")
    return Acknowledged(_("Svar {came}: ikke kvittert, ansvarlig: {name}", came=came, name=owner), "warn", link)
