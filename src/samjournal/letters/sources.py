"""What of a change is news to the patient: pure, from what stood before and what stands now.

    news(type, old, new, now) -> list[News]     `old` and `new` are resources, None for nothing
    TYPES                                       the types of which anything is news

Whether it is shown to whoever is told is asked when it is told (`outbox`): only when it will be shown is said here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.fhir.dates import span
from samjournal.fhir.keys import local
from samjournal.fhir.release import NEVER, released

Resource = Mapping[str, Any]
TYPES: Final = frozenset({"Appointment", "Communication", "Composition", "DiagnosticReport", "Observation", "Task"})
FINAL: Final = frozenset({"final", "amended", "corrected", "appended"})
HISTORY: Final = timedelta(days=30)
"""A result that is older than so when it comes is no news."""
_HELD: Final = frozenset({"booked", "arrived", "checked-in"})
_OFFER: Final = "urn:samjournal:offer"
_STEPS: Final = "urn:samjournal:referral-state"
_TOLD: Final = frozenset({"received", "assessed", "booked", "done", "rejected", "forwarded", "withdrawn"})
"""Steps of a referral that its patient is told of; that it was opened is none."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that is new for a patient. `source` is what is to be read, `Type/id`; it means nothing any more after
    `before`, and is not shown before `shown`."""

    kind: str
    source: str
    patient: str
    before: datetime | None = None
    shown: datetime | None = None


def news(type_: str, old: Resource | None, new: Resource | None, now: datetime) -> list[News]:
    """What is new to the patient; nothing for most changes."""
    tell = {
        "Appointment": _appointment,
        "Communication": _message,
        "Composition": _document,
        "DiagnosticReport": _result,
        "Observation": _result,
        "Task": _referral,
    }.get(type_)
    return tell(old, new, now) if tell is not None else []


def _appointment(old: Resource | None, new: Resource | None, now: datetime) -> list[News]:
    said = new or old
    start = _moment((said or {}).get("start"))
    if said is None or (start is not None and start <= now):
        return []
    was, is_ = (old or {}).get("status", ""), (new or {}).get("status", "")
    kind = ""
    if was in _HELD and is_ in ("cancelled", "entered-in-error", ""):
        kind = "appointment-cancelled"
    elif is_ == "booked" and was not in _HELD and start is not None:
        kind = "appointment-booked"
    elif is_ in _HELD and was in _HELD and new is not None and old is not None and _where(old) != _where(new):
        kind = "appointment-moved"
    elif is_ == "pending" and (until := _held_until(said)) is not None and was != "pending":
        # Of a time that is held for him he must know while it is.
        kind, start = "appointment-offered", until
    return [News(kind, _to(said), one, before=start) for one in _patients(said)] if kind else []


def _held_until(appointment: Resource) -> datetime | None:
    """Until when an offer from the waiting list is held; None for what is no offer."""
    for one in appointment.get("extension", ()):
        if one.get("url") == _OFFER:
            return next((_moment(each.get("valueInstant")) for each in one.get("extension", ())), None)
    return None


def _where(appointment: Resource) -> tuple[object, ...]:
    """What somebody who comes must know: when, where, and whether he is to come at all."""
    places = {
        one.get("actor", {}).get("reference", "")
        for one in appointment.get("participant", ())
        if str(one.get("actor", {}).get("reference", "")).startswith("Location/")
    }
    ways = [one.get("valueCode") for one in appointment.get("extension", ()) if one.get("url") == "urn:samjournal:way"]
    return _moment(appointment.get("start")), frozenset(places), tuple(ways)


def _message(old: Resource | None, new: Resource | None, now: datetime) -> list[News]:  # noqa: ARG001
    if new is None or new.get("status") not in ("in-progress", "completed") or released(new) is not None:
        return []
    patient = _subject(new)
    to_him = any(local(one.get("reference", "")) == f"Patient/{patient}" for one in new.get("recipient", ()))
    if not patient or not to_him or (new.get("sender") or {}).get("reference") == f"Patient/{patient}":
        return []
    before = old is not None and old.get("status") in ("in-progress", "completed") and released(old) is None
    return [] if before else [News("message", _to(new), patient)]


def _document(old: Resource | None, new: Resource | None, now: datetime) -> list[News]:
    if new is None or new.get("status") not in ("final", "amended"):
        return []
    return _shown("document", old, new, now)


def _result(old: Resource | None, new: Resource | None, now: datetime) -> list[News]:
    if new is None or new.get("status") not in FINAL:
        return []
    if new["resourceType"] == "Observation" and not _is_laboratory(new):
        return []
    at = _moment(new.get("issued") or new.get("effectiveDateTime"))
    if at is not None and at < now - HISTORY:
        return []
    return _shown("result", old, new, now)


def _shown(kind: str, old: Resource | None, new: Resource, now: datetime) -> list[News]:
    """What the patient sees at once or at a known time, and did not see in this state before."""
    when, patient = released(new), _subject(new)
    if when == NEVER or not patient:
        return []
    if old is not None and old.get("status") in FINAL:
        was = released(old)
        corrected = kind == "result" and new.get("status") != "final" and new.get("status") != old.get("status")
        if was != NEVER and (was is None or was <= now or was == when) and not corrected:
            return []
    return [News(kind, _to(new), patient, shown=when)]


def _referral(old: Resource | None, new: Resource | None, now: datetime) -> list[News]:  # noqa: ARG001
    """A step of a referral: its Task has the id of the ServiceRequest, which the patient reads."""
    if new is None:
        return []
    last, before = _step(new), _step(old or {})
    patient = local(new.get("for", {}).get("reference", "")) or ""
    if last == before or last not in _TOLD or not patient.startswith("Patient/"):
        return []
    return [News("referral", f"ServiceRequest/{new['id']}", patient.partition("/")[2])]


def _step(task: Resource) -> str:
    steps = [
        str(code.get("code"))
        for one in task.get("output", ())
        for code in one.get("type", {}).get("coding", ())
        if code.get("system") == _STEPS
    ]
    return steps[-1] if steps else ""


def _is_laboratory(observation: Resource) -> bool:
    coded = (one.get("code") for each in observation.get("category", ()) for one in each.get("coding", ()))
    return "laboratory" in coded


def _patients(appointment: Resource) -> list[str]:
    named = (local(one.get("actor", {}).get("reference", "")) for one in appointment.get("participant", ()))
    return list(dict.fromkeys(one.partition("/")[2] for one in named if one and one.startswith("Patient/")))


def _subject(resource: Resource) -> str:
    found = local((resource.get("subject") or {}).get("reference", "")) or ""
    return found.partition("/")[2] if found.startswith("Patient/") else ""


def _to(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _moment(text: str | None) -> datetime | None:
    return span(text).lo if text else None
