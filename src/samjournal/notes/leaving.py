"""What somebody leaves behind who is out: unsigned notes and drafts become the team's work.

    hand_over(door, permit, who, now) -> int    how many notes and drafts were handed over

Nobody signs for him: what he wrote stays his, unsigned, and whoever of the team sees to it writes what is needed in the
own name. A draft, which he alone could read, becomes an unsigned note of his. Done twice it does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, Invalid, PreconditionFailed
from samjournal.fhir.keys import key
from samjournal.fhir.reserved import ORDINARY as OPEN_PART
from samjournal.fhir.reserved import label_of
from samjournal.notes.kinds import KINDS
from samjournal.notes.text import UNTITLED, sections_of, unpacked
from samjournal.record import Change, Door, change, new_id
from samjournal.record.beside import matches
from samjournal.record.leaving import Left, drafts_left, end_left
from samjournal.tasks import DEADLINES, written
from samjournal.tasks.manned import manned

Resource = dict[str, Any]
_KIND: Final = "do"


@dataclass(frozen=True, slots=True)
class Post:
    """A post that somebody has no longer: ids of the PractitionerRole and of the unit, and what that is called."""

    id: str
    organization: str
    unit: str

    @property
    def reference(self) -> str:
        return f"PractitionerRole/{self.id}"


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who is out of some posts; `drafts`: of all, so that his drafts are nobody's any longer."""

    login: str
    name: str
    posts: Sequence[Post]
    drafts: bool


async def hand_over(door: Door, permit: Permit, who: Leaver, now: datetime) -> int:
    """Have the units see to what somebody has left unsigned."""
    done = 0
    by_key = {key(post.reference): post for post in who.posts}
    for left in await drafts_left(door, permit, who.login) if who.drafts else ():
        post = by_key.get(left.agent) or (who.posts[0] if who.posts else None)
        if post is not None and left.draft.about.startswith("Composition") and left.draft.body:
            done += await _draft(door, permit, who, post, left, now)
    for post in who.posts:
        asked = [("author", post.reference), ("status", "preliminary"), ("_count", "100")]
        for note in await matches(door, permit, "Composition", asked):
            done += await _note(door, permit, who, post, note.resource(), now)
    return done


async def _draft(door: Door, permit: Permit, who: Leaver, post: Post, left: Left, now: datetime) -> int:
    """A draft becomes a note that is not signed, with work about it."""
    try:
        said = unpacked(left.draft.body)
    except Invalid:
        return 0
    sections = sections_of(said)
    if not sections:
        return 0
    kind = KINDS.get(said.kind, KINDS["progress"])
    labels = [*kind.security, *([label_of(left.part)] if left.part != OPEN_PART else [])]
    title = said.title or left.draft.title or UNTITLED
    note: Resource = {
        "resourceType": "Composition",
        "id": new_id(),
        **({"meta": {"security": labels}} if labels else {}),
        "status": "preliminary",
        "type": {"coding": [kind.coding], "text": title},
        "subject": {"reference": f"Patient/{left.draft.patient_id}"},
        "date": left.draft.saved.isoformat(timespec="milliseconds"),
        "author": [{"reference": post.reference, "display": who.name}],
        "title": title,
        "custodian": {"reference": f"Organization/{post.organization}", "display": post.unit},
        "section": sections,
    }
    task = await _work(door, permit, who, post, note, now, "Utkastet")

    async def along(db: Connection) -> None:
        await end_left(db, who.login, left, f"Composition/{note['id']}")

    changes = [Change.update(note), Change.create(task)]
    return await _done(door, permit, changes, _claim("draft", str(left.draft.id), str(left.draft.version)), along)


async def _note(door: Door, permit: Permit, who: Leaver, post: Post, note: Resource, now: datetime) -> int:
    """An unsigned note on which nobody has work yet."""
    open_ = [("focus", f"Composition/{note['id']}"), ("status", "requested,in-progress,on-hold"), ("_count", "1")]
    if await matches(door, permit, "Task", open_):
        return 0
    task = await _work(door, permit, who, post, note, now, "Notatet")
    claim = _claim("note", note["id"], str(note.get("meta", {}).get("versionId", "")))
    return await _done(door, permit, [Change.create(task)], claim, None)


async def _work(
    door: Door, permit: Permit, who: Leaver, post: Post, note: Resource, now: datetime, what: str
) -> Resource:
    unit: Resource = {"reference": f"Organization/{post.organization}", "display": post.unit}
    task = written(
        kind=_KIND,
        patient=str(note["subject"]["reference"]).removeprefix("Patient/"),
        owner=await manned(door, permit, unit, _KIND) or unit,
        at=now,
        due=now + DEADLINES[_KIND],
        words=f"{what} er ikke signert, og {who.name} har sluttet her: les det, og skriv det som trengs i eget navn",
        focus=f"Composition/{note['id']}",
    )
    if labels := note.get("meta", {}).get("security"):
        task["meta"] = {"security": labels}
    return task


async def _done(door: Door, permit: Permit, changes: list[Change], claim: bytes, along: Any) -> int:
    try:
        return 1 if await change(door, permit, changes, action="hand-over", claim=claim, along=along) else 0
    except (Conflict, PreconditionFailed):
        return 0  # Somebody was at it at the same moment: it is looked at again.


def _claim(*parts: str) -> bytes:
    return sha256("\n".join(("left behind", *parts)).encode()).digest()
