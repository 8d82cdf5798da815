"""Staff answer a citizen, and what they decide is told with it.

    answer(door, permit, task, version, words, outcome, outside=…) -> Answered
    may_decide(kind, first) -> tuple[Outcome, ...]      what an answer to such a message may decide

All other messages are answered as ever (`tasks.answer`): what comes from a colleague, or from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from samjournal.access import Permit
from samjournal.conversations.kinds import (
    ABOUT_RECORD,
    OUTCOME,
    OUTCOMES,
    UNIT,
    Kind,
    Outcome,
    Resource,
    begins,
    category,
    is_from_patient,
    kind_of,
    root_of,
)
from samjournal.fhir.errors import Gone, Invalid, NotFound
from samjournal.record import Change, Door, read
from samjournal.tasks import Answered, after, written
from samjournal.tasks import answer as to_answer
from samjournal.tasks.replying import Outside
from samjournal.tasks.saying import himself, said, team

SHORTEST_REASON: Final = 10
CARRIED_OUT: Final = ("granted", "partly")
CARRIED_OUT_WITHIN: Final = 3
"""Working days until what was granted is to stand in the record."""
CARRY_OUT: Final[Mapping[str, str]] = {
    "correction": "Skriv rettelsen av «{name}» i journalen.",
    "deletion": "Foreslå at «{name}» slettes, og få det bekreftet.",
    "hiding": "Sperr «{name}».",
}
"""Work for staff, in bokmål as all Tasks are described."""


def may_decide(message: Resource) -> tuple[Outcome, ...]:
    """What an answer to a message may decide: the first of a wish or a demand must be decided, a later message may be
    noted, a question decides nothing."""
    if not is_from_patient(message):
        return ()
    if begins(message):
        return OUTCOMES.get(kind_of(message) or "question", ())
    return ("noted",)


async def answer(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    words: str,
    outcome: str = "",
    *,
    outside: Outside | None = None,
) -> Answered:
    """Answer what a Task is about. Raises Invalid (no words, nothing decided, a refusal without its reason), and what
    `tasks.answer` raises."""
    message = await _asked(door, permit, id_)
    if message is None or kind_of(message) is None:
        return await to_answer(door, permit, id_, version, words, outside=outside)
    may = may_decide(message)
    if outcome and outcome not in may:
        raise Invalid("Choose what was decided from the list.")
    kind: Kind = kind_of(message) or "question"
    if begins(message) and may and not outcome:
        raise Invalid("Choose what was decided.")
    if kind in ABOUT_RECORD and begins(message) and len(" ".join(words.split())) < SHORTEST_REASON:
        raise Invalid("Write the reason for the decision, which the patient reads.")
    decided = [category(OUTCOME, outcome)] if outcome else []
    more = {
        "extension": [{"url": UNIT, "valueReference": team(permit)}],
        "category": [*message.get("category", ()), *decided],
        "partOf": [{"reference": f"Communication/{root_of(message)}"}],
    }
    also = [_to_carry_out(permit, message, kind, outcome)] if outcome in CARRIED_OUT and kind in ABOUT_RECORD else []
    return await to_answer(door, permit, id_, version, words or _noted(outcome), more=more, also=also)


def _to_carry_out(permit: Permit, message: Resource, kind: Kind, outcome: str) -> Change:
    """What was granted is done by whoever granted it, or by his team when its deadline passes."""
    now = datetime.now(UTC)
    about: Resource = next(iter(message.get("about", ())), {})
    name, medhold = (
        str(about.get("display") or "noe i journalen"),
        "medhold" if outcome == "granted" else "delvis medhold",
    )
    task = written(
        kind="do",
        patient=str((message.get("subject") or {}).get("reference", "")).partition("/")[2],
        owner=himself(permit),
        requester=himself(permit),
        at=now,
        due=after(now, CARRIED_OUT_WITHIN),
        words=f"{CARRY_OUT[kind].format(name=name)} Pasienten har fått {medhold}.",
        focus=str(about.get("reference") or ""),
    )
    if labels := (message.get("meta") or {}).get("security"):
        task["meta"] = {"security": labels}
    return Change.create(task)


def _noted(outcome: str) -> str:
    return "Lest. Det trenger ikke noe svar fra oss." if outcome == "noted" else ""


async def _asked(door: Door, permit: Permit, id_: str) -> Resource | None:
    what = said((await read(door, permit, "Task", id_)).resource())
    type_, _, focus = what.focus.partition("/")
    if type_ != "Communication":
        return None
    try:
        return (await read(door, permit, type_, focus)).resource()
    except (Gone, NotFound):
        return None
