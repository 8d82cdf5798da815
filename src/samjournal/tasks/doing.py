"""What people do with work: each is one change of one Task, in one transaction, of the version that was seen.

    make(door, permit, ...)                         something for somebody to do, himself or his team too
    take(door, permit, id, version)                 one person takes it from the team
    hand_on(door, permit, id, version, owner, words)    to another, with a word
    send_back(door, permit, id, version, words)     to whoever asked for it
    need_visit(door, permit, id, version, needed)   somebody must go there
    finish(door, permit, id, version, words)        it is done, by him
    undo(door, permit, id, version)                 what he did last with it is undone

All raise what `record.change` raises; VersionMoved when somebody else did something with it meanwhile, Conflict when it
is not to be done any longer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from samjournal import accounts
from samjournal.access import ROLES, Permit, acting, is_named_action, restoring
from samjournal.fhir.errors import Conflict, Forbidden, Gone, Invalid, VersionMoved
from samjournal.fhir.keys import local
from samjournal.record import Change, Door, Stored, change, query_of, read, search, vread
from samjournal.tasks.kinds import DEADLINES, TAKEN, VISIT, Kind
from samjournal.tasks.saying import (
    Resource,
    Said,
    beside,
    given,
    himself,
    said,
    team,
    to_give,
    with_note,
    without_also,
    written,
)

OPEN = frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold"})
WAITING = ",".join(sorted(OPEN))
"""The same, as a search asks for them."""
SIGNED = frozenset({"sign", "countersign"})
"""What is done by a signature, on the page of the note."""
HELD = "on-hold"
_SHORTEST = 3


async def make(
    door: Door,
    permit: Permit,
    *,
    patient: str,
    words: str,
    owner: str,
    kind: Kind = "do",
    focus: str = "",
    due: datetime | None = None,
    urgent: bool = False,
) -> Stored:
    """Something for `owner` (the reference of a colleague's role or of the own unit) to do, until `due` (aware). Raises
    Invalid for too few words, a deadline that is over, and for an owner who is no colleague."""
    text = " ".join(words.split())[:200]
    if len(text) < _SHORTEST:
        raise Invalid("Write what is to be done.")
    now = datetime.now(UTC)
    until = due or now + DEADLINES[kind]
    if until <= now:
        raise Invalid("The deadline is over already. Choose a later one.")
    whose = await _colleague(door, permit, owner, kind=kind)
    task = written(
        kind=kind,
        patient=patient,
        owner=whose,
        at=now,
        due=until,
        words=text,
        focus=focus,
        requester=himself(permit),
        urgent=urgent,
    )
    return (await change(door, permit, [Change.create(task)]))[0]


async def take(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    """He has it from now on. Of two who take it at once the second gets VersionMoved."""
    task, what = await opened(door, permit, id_, version)
    me, ours = himself(permit)["reference"], team(permit)["reference"]
    if what.owner == me:
        raise Conflict("It is yours already.")
    if what.kind == "sign" or (what.kind == "countersign" and not permit.signs):
        raise Conflict("It is signed by who is asked to, so nobody else takes it.")
    if what.kind == "acknowledge" and permit.prepares:
        raise Forbidden(f"The role {permit.role} acknowledges no results, so it takes none.")
    if not {me, ours} & {what.owner, what.also}:
        raise Conflict("It waits on somebody else, and not on your team.")
    his = {**_seen_by_team(task, what, permit), "status": "in-progress", "owner": himself(permit)}
    return await _put(door, permit, his, version)


def _seen_by_team(task: dict[str, Any], what: Said, permit: Permit) -> dict[str, Any]:
    """The Task as it goes from a team to one person. A message is the unit's still: all there see who has it."""
    is_message = what.focus.startswith("Communication/")
    if is_message and team(permit)["reference"] in (what.owner, what.also):
        return beside(task, team(permit), TAKEN)
    return without_also(task)


async def need_visit(door: Door, permit: Permit, id_: str, version: int, *, needed: bool, words: str = "") -> Stored:
    """Somebody must go there, and what for; or nobody must any longer. It stands on the list, whoever has the Task."""
    task, _ = await opened(door, permit, id_, version)
    kept = [one for one in task.get("input", ()) if one is not given(task, VISIT)]
    if needed:
        kept.append(to_give(VISIT, valueString=permit.name))
    said_so = {**{name: value for name, value in task.items() if name != "input"}, **({"input": kept} if kept else {})}
    return await _put(door, permit, with_note(said_so, permit, words, datetime.now(UTC)), version)


async def hand_on(door: Door, permit: Permit, id_: str, version: int, owner: str, words: str = "") -> Stored:
    """`owner` has it from now on: a colleague's role, or the own unit."""
    task, what = await opened(door, permit, id_, version)
    if what.kind in SIGNED:
        raise Conflict("Who signs a note is chosen on its page.")
    whose = await _colleague(door, permit, owner, kind=what.kind)
    plain = without_also(task) if whose == team(permit) else _seen_by_team(task, what, permit)
    handed = {**plain, "status": "requested", "owner": whose}
    return await _put(door, permit, with_note(handed, permit, words, datetime.now(UTC)), version)


async def send_back(door: Door, permit: Permit, id_: str, version: int, words: str) -> Stored:
    """Whoever asked for it has it from now on, and is told why. What somebody prepared to be signed he gets back to
    correct: the signature stays its author's, who alone can give it, and waits for that (`on-hold`)."""
    task, what = await opened(door, permit, id_, version)
    if what.kind == "assess":
        raise Conflict("A referral is sent back on its page, where it is rejected with a reason.")
    if what.kind == "countersign":
        raise Conflict("A note is sent back to its author on its page, where he is asked to sign it anew.")
    if not what.requester or what.requester == himself(permit)["reference"]:
        raise Conflict("Nobody else asked for this, so there is nobody to send it back to.")
    if len(" ".join(words.split())) < _SHORTEST:
        raise Invalid("Write why you send it back.")
    if not what.requester.startswith(("PractitionerRole/", "Practitioner/", "Organization/")):
        raise Conflict("Whoever asked for this does no work here, so there is nobody to send it back to.")
    if what.kind == "sign":
        return await _sent_to_correct(door, permit, task, what, words)
    back = {**without_also(task), "status": "requested", "owner": task["requester"], "requester": himself(permit)}
    return await _put(door, permit, with_note(back, permit, words, datetime.now(UTC)), version)


async def _sent_to_correct(door: Door, permit: Permit, task: dict[str, Any], what: Said, words: str) -> Stored:
    """The Task to sign, which waits; whoever prepared it has one to correct it."""
    if what.status == HELD:
        raise Conflict("It is sent back already.")
    now = datetime.now(UTC)
    correct = written(
        kind="do",
        patient=what.patient.partition("/")[2],
        owner=task["requester"],
        at=now,
        due=now + DEADLINES["do"],
        focus=what.focus,
        requester=himself(permit),
    )
    labels = {"meta": {"security": task["meta"]["security"]}} if task.get("meta", {}).get("security") else {}
    correct |= {"partOf": [{"reference": f"Task/{what.id}"}], **labels}
    held = _unstamped({**without_also(task), "status": HELD})
    changes = [
        Change.update(with_note(held, permit, words, now), if_match=what.version),
        Change.create(with_note(correct, permit, words, now)),
    ]
    return (await change(door, acting(permit, "Task") if labels else permit, changes))[0]


async def _to_sign_again(door: Door, permit: Permit, task: dict[str, Any], words: str) -> list[Change]:
    """Of what was sent back to be corrected, and is: the signature, which is asked for again."""
    named = [local(one.get("reference", "")) or "" for one in task.get("partOf", ())]
    found: list[Change] = []
    for reference in named:
        type_, _, id_ = reference.partition("/")
        if type_ != "Task":
            continue
        stored = await read(door, permit, type_, id_)
        held = stored.resource()
        if held["status"] == HELD and said(held).kind == "sign":
            now = datetime.now(UTC)
            end = {"restriction": {"period": {"end": (now + DEADLINES["sign"]).isoformat(timespec="milliseconds")}}}
            again = with_note(_unstamped({**without_also(held), **end, "status": "requested"}), permit, words, now)
            found.append(Change.update(again, if_match=stored.version))
    return found


async def finish(door: Door, permit: Permit, id_: str, version: int, words: str = "") -> Stored:
    """It is done, and he did it, whoever it waited on. What is to be acknowledged must be open to him; what is to be
    signed is done by signing it, as long as it stands unsigned."""
    task, what = await opened(door, permit, id_, version)
    if what.kind == "assess":
        raise Conflict("A referral is ended on its page: assessed, rejected, sent on, or done.")
    if what.kind in SIGNED and await _is_unsigned(door, permit, what.focus):
        raise Conflict("It is done by signing the note. Open it, and sign.")
    if what.kind in SIGNED and not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes.")
    if what.kind == "acknowledge" and not may_acknowledge(permit, what):
        raise Forbidden(f"The role {permit.role} acknowledges no results that wait on others.")
    if what.kind == "acknowledge" and what.focus:
        type_, _, focus = what.focus.partition("/")
        await read(door, permit, type_, focus)
    if what.kind == "answer" and len(" ".join(words.split())) < _SHORTEST:
        raise Invalid("Write how it was answered, or write the answer.")
    if what.kind == "answer" and await _asked_by_patient(door, permit, what.focus):
        raise Conflict("The patient asked this, and is answered: write the answer, which says how it was answered too.")
    now = datetime.now(UTC)
    done = completed(task, permit, now)
    again = await _to_sign_again(door, permit, task, words) if what.kind == "do" else []
    return await _put(door, permit, with_note(done, permit, words, now), version, *again)


def completed(task: Resource, permit: Permit, now: datetime) -> dict[str, Any]:
    """A Task that he did now."""
    return _unstamped(
        {
            **without_also(task),
            "status": "completed",
            "owner": himself(permit),
            "executionPeriod": {**task.get("executionPeriod", {}), "end": now.isoformat(timespec="seconds")},
        }
    )


async def undo(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    """As it was before what he did last with it: made, taken, handed on, sent back or done. Raises Conflict when the
    last was another's, or a job's."""
    stored = await read(door, permit, "Task", id_)
    task = stored.resource()
    if stored.version != version or is_named_action(task):
        raise VersionMoved("Somebody else did something with it meanwhile, so it is not undone.")
    if task["status"] == "completed" and said(task).kind in SIGNED:
        raise Conflict("A signature is not undone: correct the note.")
    if task["status"] == "completed" and said(task).kind == "answer" and task.get("output"):
        raise Conflict("An answer that was sent is not undone: write once more.")
    me = himself(permit)["reference"]
    if version == 1:
        if said(task).requester != me:
            raise Conflict("You did not make this.")
        return await _put(door, restoring(permit), {**task, "status": "cancelled"}, version)
    if not _was_his(task, me, permit.practitioner):
        raise Conflict("The last that was done with this was not yours.")
    before = (await vread(door, permit, "Task", id_, version - 1)).resource()
    sent_back = await sent_to_correct(door, permit, id_) if task["status"] == HELD else []
    others = [one for one in sent_back if one.resource()["status"] in OPEN]
    gone = [
        Change.update({**_unstamped(one.resource()), "status": "cancelled"}, if_match=one.version) for one in others
    ]
    return await _put(door, restoring(permit), before, version, *gone)


async def sent_to_correct(door: Door, permit: Permit, id_: str) -> list[Stored]:
    """What was asked of whoever prepared a note when its author sent back the Task `id_` to sign it."""
    asked = query_of("Task", [("part-of", f"Task/{id_}"), ("_count", "20")])
    return [one for one in (await search(door, permit, asked)).matches if said(one.resource()).kind == "do"]


async def _is_unsigned(door: Door, permit: Permit, focus: str) -> bool:
    """Whether a note stands that is not signed. Raises NotFound for one that is closed to him."""
    type_, _, id_ = focus.partition("/")
    if type_ != "Composition":
        return False
    try:
        note = (await read(door, permit, type_, id_)).resource()
    except Gone:
        return False
    return bool(note["status"] == "preliminary")


async def _asked_by_patient(door: Door, permit: Permit, focus: str) -> bool:
    """Whether the patient sent a message, or somebody for the patient. Raises NotFound for one that is closed to
    him."""
    type_, _, id_ = focus.partition("/")
    if type_ != "Communication":
        return False
    try:
        message = (await read(door, permit, type_, id_)).resource()
    except Gone:
        return False
    return (local(str((message.get("sender") or {}).get("reference") or "")) or "").startswith("Patient/")


def _was_his(task: Resource, me: str, practitioner: str) -> bool:
    """Whether the last was his: he has it and begun or did it, or his word is the last."""
    what = said(task)
    if what.owner == me and what.status in ("in-progress", "completed"):
        return True
    if what.requester == me:
        return True
    notes = task.get("note", ())
    return bool(notes) and notes[-1].get("authorReference", {}).get("reference") == f"Practitioner/{practitioner}"


async def opened(door: Door, permit: Permit, id_: str, version: int) -> tuple[dict[str, Any], Said]:
    """A Task that is still to be done, as it was seen. Named actions have pages of their own."""
    stored = await read(door, permit, "Task", id_)
    task = stored.resource()
    if is_named_action(task):
        raise Forbidden("This Task belongs to a named action: it is done by that alone.")
    if task["status"] not in OPEN:
        raise Conflict("It is done already, or is not to be done any longer.")
    if stored.version != version:
        raise VersionMoved("Somebody else did something with it meanwhile. Look at it again.")
    return task, said(task)


def _unstamped(task: dict[str, Any]) -> dict[str, Any]:
    """A Task that was changed, to be stored: its meta is the record's, but for what somebody put there."""
    changed = {name: value for name, value in task.items() if name != "meta"}
    if kept := {name: task["meta"][name] for name in ("security", "tag", "profile") if name in task.get("meta", {})}:
        changed["meta"] = kept
    changed["lastModified"] = datetime.now(UTC).isoformat(timespec="seconds")
    return changed


async def _put(door: Door, permit: Permit, task: dict[str, Any], version: int, *more: Change) -> Stored:
    return (await change(door, permit, [Change.update(_unstamped(task), if_match=version), *more]))[0]


async def _colleague(door: Door, permit: Permit, owner: str, *, kind: Kind) -> dict[str, Any]:
    """The reference to his own unit, or to somebody who works there, can sign in, and may do it."""
    if owner == team(permit)["reference"]:
        return team(permit)
    for who in await accounts.colleagues(door.pool, permit.organization):
        for at in who.roles:
            if owner == f"PractitionerRole/{at.practitioner_role_id}" and may_have(kind, at.code):
                return {"reference": owner, "display": who.name}
    raise Invalid("Choose your team, or somebody who works there.")


def may_acknowledge(permit: Permit, what: Said) -> bool:
    """Whether somebody may say that a result was seen to, by what its Task says."""
    me = himself(permit)["reference"]
    return permit.signs or (not permit.prepares and me in (what.owner, what.also))


def may_have(kind: Kind, role: str) -> bool:
    """Whether work of a kind may wait on a role: a result does not wait on who prepares notes for others."""
    return kind != "acknowledge" or not ROLES[role].prepares
