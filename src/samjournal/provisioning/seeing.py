"""What is seen to beside the requests: roles that begin and end by the clock, and what people leave behind.

see_to_people(door, permit, now) -> int    how many people were seen to; more may be left when it is MOST
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from samjournal import accounts
from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.notes.leaving import Leaver, Post, hand_over
from samjournal.provisioning.people import Person, person
from samjournal.provisioning.proposing import close_tasks, overdue
from samjournal.provisioning.putting import settle
from samjournal.record import Door
from samjournal.tasks import rehouse

_SQL = queries("samjournal.provisioning")
MOST: Final = 50
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def see_to_people(door: Door, permit: Permit, now: datetime) -> int:
    """Give and take what is due, and make the team's work of what those leave behind who are out of a post."""
    late = await overdue(door, MOST)
    await close_tasks(door, permit, [one.task for one in late if one.task], now)
    logins = [row["login"] for row in await door.pool.fetch(_SQL.to_settle, MOST)]
    for login in logins:
        await settle(door, permit, login)
        standing = await person(door.pool, login, gone=True)
        if standing is None or standing.unsettled is None:
            continue
        left = await _leaver(door, standing, now)
        if left.posts:
            await hand_over(door, permit, left, now)
        await door.pool.execute(_SQL.settled, login, standing.unsettled)
    if logins:
        await rehouse(door, permit, now)
    return len(logins)


async def _leaver(door: Door, who: Person, now: datetime) -> Leaver:
    """The posts that somebody had and has no longer."""
    has = {at.practitioner_role_id for at, _ in who.roles}
    held = await accounts.roles_held(door.pool, who.login, _EVER, now)
    ended = {one.at.practitioner_role_id: one.at for one in reversed(held)}
    posts = [
        Post(at.practitioner_role_id, at.organization_id, at.unit_name) for id_, at in ended.items() if id_ not in has
    ]
    return Leaver(who.login, who.name, posts, drafts=not who.gets_in)
