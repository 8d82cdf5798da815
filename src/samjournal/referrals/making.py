"""What is stored of a referral: what is asked, and the work, both as resources.

requested(...) -> dict      the ServiceRequest; hl7.org/fhir/R4/servicerequest.html
waiting(...) -> dict        its Task, under the same id
moved(task, ...) -> dict    the Task when a step was taken
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from samjournal.messages.making import bare
from samjournal.referrals.limits import due
from samjournal.referrals.states import CATEGORY, ENDED, FROM, TO, WAY, State, Way, party, step, steps_of
from samjournal.tasks import SYSTEM, written
from samjournal.tasks.saying import to_give, without_also

Resource = Mapping[str, Any]
DOCUMENT: Final = "urn:samjournal:document-id"
LONGEST: Final = 20_000
"""Letters of the text of a referral."""
MOST_QUESTIONS: Final = 20
PRIORITIES: Final = ("routine", "urgent", "asap", "stat")
STATUS: Final[dict[State, str]] = {"done": "completed", "rejected": "rejected", "withdrawn": "cancelled"}
_HURRIES = frozenset({"urgent", "asap", "stat"})


class Written(msgspec.Struct, frozen=True):
    """A referral as somebody writes it, and as its draft keeps it. `about` is what it is about in words, with a code
    and its system where there is one; `condition` the id of the problem that it is; `help_by` a date or ""; `receiver`
    an id of an Organization; `with_it` what comes along (`Type/id`), each with what it is called. `typed` and `when`
    are what the form has of it still: words that no code was chosen for, and the choice of when."""

    about: str = ""
    code: str = ""
    system: str = ""
    condition: str = ""
    priority: str = "routine"
    help_by: str = ""
    receiver: str = ""
    text: str = ""
    questions: tuple[str, ...] = ()
    with_it: tuple[tuple[str, str], ...] = ()
    encounter: str = ""
    typed: str = ""
    when: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.about or self.text or self.questions)


def packed(written: Written) -> bytes:
    return msgspec.json.encode(written)


def unpacked(data: bytes) -> Written:
    return msgspec.json.decode(data, type=Written)


def requested(
    written: Written,
    *,
    id_: str,
    patient: str,
    requester: Resource,
    receiver: Resource,
    document: str,
    at: datetime,
) -> dict[str, Any]:
    """What is asked, of whom, and what comes along."""
    coding = [{"system": written.system, "code": written.code, "display": written.about}] if written.code else []
    period = {"start": at.isoformat(timespec="seconds"), **({"end": written.help_by} if written.help_by else {})}
    return {
        "resourceType": "ServiceRequest",
        "id": id_,
        "identifier": [{"system": DOCUMENT, "value": document}],
        "status": "active",
        "intent": "order",
        "category": [CATEGORY],
        "priority": written.priority,
        "orderDetail": [{"text": one} for one in written.questions],
        "subject": {"reference": f"Patient/{patient}"},
        **({"encounter": {"reference": f"Encounter/{written.encounter}"}} if written.encounter else {}),
        "occurrencePeriod": period,
        "authoredOn": at.isoformat(timespec="milliseconds"),
        "requester": dict(requester),
        "performer": [dict(receiver)],
        "reasonCode": [{**({"coding": coding} if coding else {}), "text": written.about}],
        **({"reasonReference": [{"reference": f"Condition/{written.condition}"}]} if written.condition else {}),
        "supportingInfo": [{"reference": one, "display": name} for one, name in written.with_it],
        "note": [{"text": written.text}] if written.text else [],
    }


def without_empty(resource: dict[str, Any]) -> dict[str, Any]:
    """A resource without lists that have nothing in them, which FHIR has no place for."""
    return {name: value for name, value in resource.items() if value != []}


def waiting(
    request: Resource,
    *,
    sender: Resource | None,
    receiver: Resource,
    requester: Resource | None,
    way: Way,
    steps: Sequence[dict[str, Any]],
    now: datetime,
    words: str,
) -> dict[str, Any]:
    """The Task of a referral when it is sent, or has come."""
    priority = str(request.get("priority") or "routine")
    made = written(
        kind="assess",
        patient=str(request["subject"]["reference"]).partition("/")[2],
        owner=receiver,
        at=now,
        due=now,
        words=words,
        focus=f"ServiceRequest/{request['id']}",
        requester=requester,
        urgent=priority in ("asap", "stat"),
    )
    made["id"] = request["id"]
    made["priority"] = priority if priority in PRIORITIES else "routine"
    made["identifier"] = [
        party(TO, receiver),
        *([party(FROM, sender)] if sender else []),
        {"system": WAY, "value": way},
    ]
    if end := (request.get("occurrencePeriod") or {}).get("end"):
        made["input"] = [to_give("help-by", valueDateTime=end)]
    made["output"] = list(steps)
    if labels := (request.get("meta") or {}).get("security"):
        made["meta"] = {"security": labels}
    state = steps_of(made)[-1].state
    return timed(made, due(state, priority=priority, received=now, now=now))


def timed(task: Resource, until: datetime) -> dict[str, Any]:
    """The Task with another deadline, of which nobody was told yet."""
    return {**without_also(task), "restriction": {"period": {"end": until.isoformat(timespec="milliseconds")}}}


def moved(
    task: Resource,
    *steps: dict[str, Any],
    until: datetime | None,
    now: datetime,
    owner: Resource | None = None,
    receiver: Resource | None = None,
) -> dict[str, Any]:
    """The Task when steps were taken: with the deadline of the next, or ended. `receiver` has it from now on."""
    changed = bare(without_also(task))
    changed["output"] = [*changed.get("output", ()), *steps]
    changed["lastModified"] = now.isoformat(timespec="milliseconds")
    last = steps_of(changed)[-1].state
    if owner or receiver:
        changed["owner"] = dict(owner or receiver or {})
    if receiver:
        others = [one for one in changed.get("identifier", ()) if one.get("system") != TO]
        changed["identifier"] = [party(TO, receiver), *others]
    if last in ENDED:
        changed["status"] = STATUS[last]
        changed["executionPeriod"] = {"end": now.isoformat(timespec="seconds")}
    else:
        changed["status"] = "in-progress" if last in ("opened", "assessed", "booked") else "requested"
    return timed(changed, until) if until else changed


def ended(request: Resource, status: str, now: datetime) -> dict[str, Any]:
    """The ServiceRequest when nobody waits for it any longer. What was done says when, so that who saw the patient has
    the record open for as long after it as after any contact."""
    changed = bare(request)
    changed["status"] = status
    if status == "completed":
        changed.pop("occurrencePeriod", None)
        changed["occurrenceDateTime"] = now.isoformat(timespec="seconds")
    return changed


__all__ = [
    "DOCUMENT", "LONGEST", "MOST_QUESTIONS", "PRIORITIES", "SYSTEM", "Written", "ended", "moved", "packed",
    "requested", "step", "timed", "unpacked", "waiting", "without_empty",
]  # fmt: skip
