"""Where a referral stands: one state, one owner, one deadline, all in its Task. House rule 5.

    referral(task, request) -> Referral     both as plain values
    state_of(task) -> State                 the last step that was taken
    step(state, at, ...) -> dict            a step, as an output of the Task
    is_referral(request) -> bool            whether a ServiceRequest is one of ours

The Task of a referral has the id of its ServiceRequest, so that there is never a second one. hl7.org/fhir/R4/task.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from samjournal.fhir.dates import span
from samjournal.fhir.keys import local
from samjournal.messages.states import FAILED
from samjournal.messages.states import SYSTEM as MESSAGE
from samjournal.tasks import said
from samjournal.tasks.saying import given

Resource = Mapping[str, Any]
State = Literal[
    "signed", "sent", "received", "opened", "assessed", "booked", "done", "rejected", "forwarded", "withdrawn"
]
STATES: Final[tuple[State, ...]] = (
    "signed", "sent", "received", "opened", "assessed", "booked", "done", "rejected", "forwarded", "withdrawn",
)  # fmt: skip
SYSTEM: Final = "urn:samjournal:referral-state"
REQUEST: Final = "urn:samjournal:request"
CATEGORY: Final[dict[str, Any]] = {"coding": [{"system": REQUEST, "code": "referral"}], "text": "Henvisning"}
FROM: Final = "urn:samjournal:referral-from"
TO: Final = "urn:samjournal:referral-to"
"""Systems of two identifiers of the Task: the unit that sent it and the one that has it, so that lists are found."""
WAY: Final = "urn:samjournal:referral-way"
"""The system of the identifier that says how it goes: in this record (`shared`), or as a `message`."""
BY: Final = "urn:samjournal:by"
WORDS: Final = "urn:samjournal:words"
RIGHT: Final = "urn:samjournal:right"
UNTIL: Final = "urn:samjournal:until"
LEADS_TO: Final = "urn:samjournal:leads-to"
"""Extensions of a step: who took it, what he said, whether there is a right to help, until when, what came of it."""
NEXT: Final[dict[State, State]] = {
    "signed": "sent",
    "sent": "received",
    "received": "opened",
    "forwarded": "opened",
    "opened": "assessed",
    "assessed": "booked",
    "booked": "done",
}
"""What a referral waits for in each state; in the others it waits for nothing."""
ENDED: Final[frozenset[State]] = frozenset({"done", "rejected", "withdrawn"})
Way = Literal["shared", "message"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, by whom, what he said. `right` and `until` are those of an assessment, `leads_to` the letter or
    the appointment (`Type/id`) that came of it."""

    state: State
    at: datetime
    by: str = ""
    words: str = ""
    right: bool | None = None
    until: str = ""
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral in plain values; references are `Type/id` or "". `id` is that of the ServiceRequest and of the Task;
    `sender` the unit it came from ("" when it came from outside), `receiver` who has it now; `owner` on whom it waits:
    the receiver, or somebody there who took it; `late`: its deadline passed and people were told; `help_by` when help
    is wanted; `way`: in this record, or as a message;
    `stuck` is the state of its message when that goes no further (`messages.states.FAILED`), "" otherwise."""

    id: str
    version: int
    request_version: int
    state: State
    steps: tuple[Step, ...]
    patient: str
    sender: str
    sender_name: str
    requester: str
    requester_name: str
    receiver: str
    receiver_name: str
    owner: str
    owner_name: str
    due: datetime | None
    late: bool
    priority: str
    help_by: str
    about: Resource
    way: Way
    document: str
    stuck: str = ""

    @property
    def waits_for(self) -> State | None:
        """The step that its deadline is for."""
        return NEXT.get(self.state)

    @property
    def is_sent(self) -> bool:
        """Whether it left: the receiver works in this record, or what carries messages has taken it."""
        return any(one.state == "sent" for one in self.steps)

    @property
    def is_on_its_way(self) -> bool:
        """Whether it goes as a message that nobody has taken responsibility for yet: until then it is its sender's."""
        states = {step.state for step in self.steps}
        return self.way == "message" and self.state in ("signed", "sent") and "forwarded" not in states

    @property
    def holder(self) -> str:
        """The name of the unit that answers for it now."""
        return self.sender_name if self.is_on_its_way and self.sender_name else self.receiver_name

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def at(self, state: State) -> datetime | None:
        """When a step was taken last."""
        return next((one.at for one in reversed(self.steps) if one.state == state), None)

    def last(self, state: State) -> Step | None:
        return next((one for one in reversed(self.steps) if one.state == state), None)


def referral(task: Resource, request: Resource) -> Referral:
    """A Task and the ServiceRequest that it is about."""
    what = said(task)
    sender, receiver = _party(task, FROM), _party(task, TO)
    steps = steps_of(task)
    reasons = request.get("reasonCode") or [{}]
    requester = request.get("requester") or {}
    return Referral(
        id=str(request["id"]),
        version=what.version,
        request_version=int((request.get("meta") or {}).get("versionId", 0)),
        state=steps[-1].state if steps else "received",
        steps=steps,
        patient=what.patient,
        sender=_to(sender),
        sender_name=str(sender.get("display") or ""),
        requester=_to(requester),
        requester_name=str(requester.get("display") or ""),
        receiver=_to(receiver),
        receiver_name=str(receiver.get("display") or ""),
        owner=what.owner,
        owner_name=what.owner_name,
        due=what.due,
        late=what.escalated,
        priority=str(request.get("priority") or "routine"),
        help_by=help_by(task, request),
        about=reasons[0],
        way=way_of(task),
        document=document_of(request),
        stuck=stuck_in(task),
    )


def stuck_in(task: Resource) -> str:
    """The state in which the message of a referral goes no further, "" while it does."""
    codes = (task.get("statusReason") or {}).get("coding") or ()
    return next((str(one.get("code")) for one in codes if one.get("system") == MESSAGE), "")


def by_message(task: Resource, state: str) -> dict[str, Any]:
    """The Task of a referral whose message has come to a state."""
    plain = {name: value for name, value in task.items() if name != "statusReason"}
    if state not in FAILED:
        return plain
    return {**plain, "statusReason": {"coding": [{"system": MESSAGE, "code": state}]}}


def help_by(task: Resource, request: Resource) -> str:
    """Until when help was wanted: what is done says when it was instead, so that its Task remembers."""
    wanted = str((request.get("occurrencePeriod") or {}).get("end") or "")
    kept = given(task, "help-by")
    return wanted or (str(kept["valueDateTime"]) if kept else "")


def way_of(task: Resource) -> Way:
    for one in task.get("identifier") or ():
        if one.get("system") == WAY:
            return "message" if one.get("value") == "message" else "shared"
    return "shared"


def by_way(task: Resource, way: Way) -> dict[str, Any]:
    """The Task of a referral that goes another way from now on."""
    others = [one for one in task.get("identifier") or () if one.get("system") != WAY]
    return {**task, "identifier": [*others, {"system": WAY, "value": way}]}


def document_of(request: Resource) -> str:
    """What all messages about a referral have in common."""
    for one in request.get("identifier") or ():
        if one.get("system") == "urn:samjournal:document-id":
            return str(one.get("value") or "")
    return ""


def is_referral(request: Resource) -> bool:
    codes = (one for each in request.get("category") or () for one in each.get("coding") or ())
    return any(one.get("system") == REQUEST and one.get("code") == "referral" for one in codes)


def steps_of(task: Resource) -> tuple[Step, ...]:
    """The steps that were taken, in their order."""
    found = []
    for one in task.get("output") or ():
        code = next((c.get("code") for c in one["type"].get("coding", ()) if c.get("system") == SYSTEM), None)
        if code not in STATES:
            continue
        more = {each["url"]: each for each in one.get("extension") or ()}
        found.append(
            Step(
                cast(State, code),
                span(one["valueDateTime"]).lo,
                str((more.get(BY, {}).get("valueReference") or {}).get("display") or ""),
                str(more.get(WORDS, {}).get("valueString") or ""),
                more.get(RIGHT, {}).get("valueBoolean"),
                str(more.get(UNTIL, {}).get("valueDate") or ""),
                _to(more.get(LEADS_TO, {}).get("valueReference")),
            )
        )
    return tuple(found)


def state_of(task: Resource) -> State:
    steps = steps_of(task)
    return steps[-1].state if steps else "received"


def step(
    state: State,
    at: datetime,
    *,
    by: Resource | None = None,
    words: str = "",
    right: bool | None = None,
    until: str = "",
    leads_to: str = "",
) -> dict[str, Any]:
    """A step that is taken at a moment."""
    more: list[dict[str, Any]] = []
    if by:
        more.append({"url": BY, "valueReference": dict(by)})
    if words:
        more.append({"url": WORDS, "valueString": words})
    if right is not None:
        more.append({"url": RIGHT, "valueBoolean": right})
    if until:
        more.append({"url": UNTIL, "valueDate": until})
    if leads_to:
        more.append({"url": LEADS_TO, "valueReference": {"reference": leads_to}})
    return {
        **({"extension": more} if more else {}),
        "type": {"coding": [{"system": SYSTEM, "code": state}]},
        "valueDateTime": at.isoformat(timespec="milliseconds"),
    }


def party(system: str, unit: Resource) -> dict[str, Any]:
    """The identifier of a Task that says which unit sent a referral, or which has it."""
    return {"system": system, "value": _to(unit).partition("/")[2], "assigner": dict(unit)}


def _party(task: Resource, system: str) -> Resource:
    for one in task.get("identifier") or ():
        if one.get("system") == system:
            found: Resource = one.get("assigner") or {}
            return found
    return {}


def _to(reference: Resource | None) -> str:
    return local(str((reference or {}).get("reference") or "")) or ""
