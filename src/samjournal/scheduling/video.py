"""The room of a video visit: made once for each appointment, under a name that nobody guesses. Requirement 12.3

    room(secret, id) -> str                 the name of an appointment's room: always the same, and nobody's to guess
    Rooms.link(room) -> str                 where it is; raises Unreachable (try again), Refused (never)
    Jitsi(address), Pexip(address, manager)     adapters; docs/how-to/connect-video.md
    follow(door, permit, rooms, changes)    writes the link into appointments that are held by video and have none
    link_of(appointment) -> str             the link as pages show it, '' where there is none to follow

The link is written when its room can be opened, by a job that follows the feed: so it is there however an appointment
was booked, it is the same for staff and patient, and a crash makes no second room; a room that is refused is work of
the unit (`roomless`). Decision 0048.
"""

from __future__ import annotations

import json
import logging
from base64 import b32encode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest
from typing import Any, Final, Protocol

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Unprocessable, VersionMoved
from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.http import asked
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import resources
from samjournal.record.feed import Changed
from samjournal.scheduling import roomless
from samjournal.scheduling.making import VIDEO, way_of, with_extension

_log = logging.getLogger("samjournal.video")
ROOM: Final = "{room}"
_LENGTH: Final = 24
"""Letters and digits of a name: 120 bits."""
_HELD: Final = frozenset({"booked", "arrived", "checked-in"})
_CREATED, _IS_THERE, _FAULT = 201, 400, 500
_BUSY: Final = frozenset({408, 429})


class Rooms(Protocol):
    """Where video visits are held."""

    async def link(self, room: str) -> str:
        """Where the room of this name is; it can be opened by who has the link. Raises Unreachable, Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Jitsi:
    """Rooms of Jitsi Meet, which are there when somebody opens them. `address` has `{room}` where the name goes."""

    address: str

    async def link(self, room: str) -> str:
        return self.address.replace(ROOM, room)


@dataclass(frozen=True, slots=True)
class Manager:
    """The management interface of Pexip Infinity, in which rooms are made (docs.pexip.com/api_manage)."""

    address: str
    user: str
    password: str = field(repr=False)

    async def make(self, room: str) -> None:
        """A room of this name; one that is there already is the one that was made before."""
        said = {
            "name": f"Samjournal {room}",
            "service_type": "conference",
            "tag": "samjournal",
            "aliases": [{"alias": room}],
        }
        basic = b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {basic}"}
        url = f"{self.address.rstrip('/')}/api/admin/configuration/v1/conference/"
        answer = await asked("POST", url, json.dumps(said).encode(), headers)
        if answer.status == _CREATED or (answer.status == _IS_THERE and b"already" in answer.data):
            return
        if answer.status >= _FAULT or answer.status in _BUSY:
            raise Unreachable(f"the manager of video rooms answered {answer.status}")
        raise Refused(f"the manager of video rooms answered {answer.status}")


@dataclass(frozen=True, slots=True)
class Pexip:
    """Rooms of Pexip Infinity. Without a manager they are made by a rule of Pexip's own for names of this form."""

    address: str
    manager: Manager | None = None

    async def link(self, room: str) -> str:
        if self.manager is not None:
            await self.manager.make(room)
        return self.address.replace(ROOM, room)


def room(secret: bytes, id_: str) -> str:
    """The name of an appointment's room. Who knows the id cannot tell it."""
    return b32encode(digest(secret, f"video:{id_}".encode(), sha256))[:_LENGTH].decode().lower()


async def follow(door: Door, permit: Permit, rooms: Rooms, changes: Iterable[Changed]) -> int:
    """Write the link into those changed appointments that are held by video; how many. What is changed meanwhile comes
    again by the feed. Raises Unreachable: then all of it is to be tried again."""
    ids = dict.fromkeys(one.id for one in changes if one.type == "Appointment")
    found = await resources(door, permit, [("Appointment", id_) for id_ in ids])
    done = 0
    for one in found.values():
        if not _wants(one.resource()):
            continue
        try:
            done += await _linked(door, permit, rooms, one)
        except Refused as error:
            _log.error("no room was made for a video visit", extra={"why": str(error)})
            await _tell(door, permit, one)
        except (Conflict, Unprocessable, VersionMoved):
            _log.info("a video visit was changed while its link was made")
    return done


def link_of(appointment: Mapping[str, Any]) -> str:
    """The link of a video visit that is to be held. What is no address of the web is none: it would be run, not
    opened."""
    if appointment.get("status") not in _HELD or way_of(dict(appointment)) != "video":
        return ""
    links = (str(one.get("valueUrl", "")) for one in appointment.get("extension", ()) if one.get("url") == VIDEO)
    return next((one for one in links if one.startswith(("https://", "http://"))), "")


def _wants(appointment: dict[str, Any]) -> bool:
    """Whether an appointment of somebody is held by video, and has no link."""
    has = any(one.get("url") == VIDEO for one in appointment.get("extension", ()))
    return not has and appointment.get("status") in _HELD and way_of(appointment) == "video"


async def _linked(door: Door, permit: Permit, rooms: Rooms, one: Stored) -> int:
    link = await rooms.link(room(door.secret, one.id))
    made = with_extension(bare(one.resource()), VIDEO, {"url": VIDEO, "valueUrl": link})
    changes = [Change.update(made, if_match=one.version)]
    if (work := await roomless.settled(door, permit, one.id, datetime.now(UTC))) is not None:
        changes.append(work)
    await change(door, permit, changes)
    return 1


async def _tell(door: Door, permit: Permit, one: Stored) -> None:
    """Somebody of the unit sees to it; who did already is not asked again."""
    work = await roomless.to_do(door, permit, one, datetime.now(UTC))
    if work is None:
        return
    try:
        await change(door, permit, [work])
    except Conflict:
        _log.info("a video visit without a room is work already")
