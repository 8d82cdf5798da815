"""Where a discharge summary went and how far it came, and who did not get it. Rows 7.8, 7.9

    deliveries(door, permit, note) -> Deliveries            of a note; two looks, both logged
    told(note, communications, tasks) -> Deliveries         the same of what was read already

Whoever reads in this record has a Task, and everybody else a message; both are told in the words of messages. Who was
left out, and who could not be reached, stands in the Communication that keeps what was chosen (`dispatching`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from samjournal import messages
from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.messages.outgoing import SENT_BY, SIGNED_BY
from samjournal.messages.states import DOCUMENT
from samjournal.notes.summaries import SYSTEM, document_of, own_id, unknown_id
from samjournal.notes.tasks import is_open
from samjournal.record import Door, query_of, search

Resource = Mapping[str, Any]
READ, UNREACHED, UNSENT, SENT = "read", "unreached", "unsent", "sent"
"""Codes of SYSTEM: a Task to read it, one about who could not be reached, one about what was never sent; and the
Communication that keeps what was chosen."""
EDITION: Final = "urn:samjournal:edition"
SHARED: Final = "urn:samjournal:read-here"
LEFT_OUT: Final = "urn:samjournal:left-out"
UNREACHABLE: Final = "urn:samjournal:unreachable"
"""Extensions of that Communication: which version, who reads it in this record, who was left out (`who`, `why`), who
could not be reached (the same)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One receiver of one version. `state` is as of `messages.states`; `steps` when it came to which. `is_here`: he
    reads it in this record. `message` is the id of the Communication, "" where none was needed."""

    id: str
    name: str
    state: str
    steps: tuple[tuple[str, datetime], ...]
    is_here: bool
    edition: int
    by: str
    signer: str
    why: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Somebody who did not get it: left out for a reason that somebody gave (`by`, `at`), or not reached (a code of
    WHY), which is work for the unit as long as `waits`."""

    id: str
    name: str
    why: str
    is_left_out: bool
    by: str
    at: datetime
    edition: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Where a summary went, the newest first; `editions` are the versions about which somebody has chosen."""

    sent: tuple[Delivery, ...] = ()
    not_sent: tuple[NotSent, ...] = ()
    editions: frozenset[int] = frozenset()

    def has(self, edition: int) -> dict[str, Literal["earlier", "this"]]:
        """What each receiver has, by id."""
        found: dict[str, Literal["earlier", "this"]] = {}
        for one in self.sent:
            if one.edition == edition or found.get(one.id) != "this":
                found[one.id] = "this" if one.edition == edition else "earlier"
        return found


async def deliveries(door: Door, permit: Permit, note: Resource) -> Deliveries:
    """Where a summary went. Both looks are logged."""
    document = document_of(note)
    asked = [("identifier", f"{SYSTEM}|{document},{DOCUMENT}|{document}"), ("_sort", "-sent"), ("_count", "100")]
    page = await search(door, permit, query_of("Communication", asked))
    tasks = await tasks_about(door, permit, note)
    return told(note, [one.resource() for one in page.matches], tasks)


async def tasks_about(door: Door, permit: Permit, note: Resource) -> list[dict[str, Any]]:
    if not permit.may("s", "Task"):
        return []
    codes = ",".join(f"{SYSTEM}|{code}" for code in (READ, UNREACHED, UNSENT))
    asked = [("focus", f"Composition/{note['id']}"), ("code", codes), ("_count", "100")]
    return [one.resource() for one in (await search(door, permit, query_of("Task", asked))).matches]


def told(note: Resource, communications: Iterable[Resource], tasks: Iterable[Resource]) -> Deliveries:
    """Where a summary went, by what is kept of it; without Tasks whoever reads here has it, and no more is known."""
    document, by_id = document_of(note), {str(one["id"]): one for one in tasks}
    sent: list[Delivery] = []
    not_sent: list[NotSent] = []
    mine = [one for one in communications if document in _documents(one)]
    choices = [one for one in mine if _is_choice(one)]
    editions = {_edition(one) for one in choices}
    of_message = _editions(note, choices)
    for one in mine:
        if _is_choice(one):
            sent += [_read_here(note, one, each, by_id) for each in _referred(one, SHARED)]
            not_sent += _not_sent(note, one, by_id)
        elif state := messages.state_of(dict(one)):
            to: Resource = next(iter(one.get("recipient", ())), {})
            sent.append(
                Delivery(
                    id=_id(to),
                    name=str(to.get("display", "")),
                    state=state,
                    steps=tuple(messages.steps_of(dict(one))),
                    is_here=False,
                    edition=of_message.get(str(one["id"]), max(editions, default=1)),
                    by=_name(one, SENT_BY),
                    signer=_name(one, SIGNED_BY),
                    why=str(one.get("statusReason", {}).get("text", "")),
                    message=str(one["id"]),
                )
            )
    return Deliveries(tuple(sent), _last(not_sent, sent), frozenset(editions))


def _last(not_sent: Sequence[NotSent], sent: Sequence[Delivery]) -> tuple[NotSent, ...]:
    """What was chosen last of each who did not get it; nothing of whom it went to after all."""
    got = {(one.id, one.edition) for one in sent}
    found: dict[tuple[str, int], NotSent] = {}
    for one in sorted(not_sent, key=lambda each: each.at, reverse=True):
        if (one.id, one.edition) not in got:
            found.setdefault((one.id, one.edition), one)
    return tuple(found.values())


def _editions(note: Resource, choices: Sequence[Resource]) -> dict[str, int]:
    """Of which version each first message was."""
    return {
        own_id(note, _edition(one), SENT, _id(each)): _edition(one)
        for one in choices
        for each in one.get("recipient", ())
    }


def _read_here(note: Resource, choice: Resource, to: Resource, tasks: Mapping[str, Resource]) -> Delivery:
    """How far somebody came who reads in this record, by his Task; in the words of messages."""
    at, edition = datetime.fromisoformat(choice["sent"]), _edition(choice)
    steps = [("accepted", at)]
    task = tasks.get(own_id(note, edition, READ, _id(to)))
    if task is not None and task["status"] != "requested":
        state = "acted" if task["status"] == "completed" else "opened"
        steps.append((state, datetime.fromisoformat(task.get("lastModified") or choice["sent"])))
    return Delivery(
        id=_id(to),
        name=str(to.get("display", "")),
        state=steps[-1][0],
        steps=tuple(steps),
        is_here=True,
        edition=edition,
        by=_name(choice, SENT_BY),
        signer=_name(choice, SIGNED_BY),
    )


def _not_sent(note: Resource, choice: Resource, tasks: Mapping[str, Resource]) -> list[NotSent]:
    found = []
    for each in choice.get("extension", ()):
        if each.get("url") not in (LEFT_OUT, UNREACHABLE):
            continue
        inside = {one["url"]: one.get("valueReference") or one.get("valueString") for one in each["extension"]}
        who, edition = inside["who"], _edition(choice)
        task = tasks.get(own_id(note, edition, UNREACHED, _id(who)))
        found.append(
            NotSent(
                id=_id(who),
                name=str(who.get("display", "")),
                why=str(inside["why"]),
                is_left_out=each["url"] == LEFT_OUT,
                by=_name(choice, SENT_BY),
                at=datetime.fromisoformat(choice["sent"]),
                edition=edition,
                waits=each["url"] == UNREACHABLE and task is not None and is_open(task),
            )
        )
    return found


def _is_choice(one: Resource) -> bool:
    return any(each.get("system") == SYSTEM for each in one.get("identifier", ()))


def _documents(one: Resource) -> set[str]:
    return {each.get("value", "") for each in one.get("identifier", ()) if each.get("system") in (SYSTEM, DOCUMENT)}


def _edition(choice: Resource) -> int:
    return next((int(one["valueInteger"]) for one in choice.get("extension", ()) if one.get("url") == EDITION), 1)


def _referred(one: Resource, url: str) -> list[Resource]:
    return [each["valueReference"] for each in one.get("extension", ()) if each.get("url") == url]


def _name(one: Resource, url: str) -> str:
    return next((str(each.get("display", "")) for each in _referred(one, url)), "")


def _id(reference: Resource) -> str:
    """As `Recipient.id` has it."""
    named = local(str(reference.get("reference", ""))) or ""
    return named.removeprefix("Organization/") if named else unknown_id(str(reference.get("display", "")))


def code_in(task: Resource) -> str:
    return next((str(one["code"]) for one in task["code"]["coding"] if one.get("system") == SYSTEM), "")
