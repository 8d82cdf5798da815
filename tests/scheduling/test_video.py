"""The rooms of video visits: names that nobody guesses, links written once, adapters. samjournal.scheduling.video"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import msgspec
import pytest

from following import changes_since
from samjournal import access, tasks
from samjournal.letters.faults import Refused, Unreachable
from samjournal.record import read
from samjournal.record.feed import feed_end
from samjournal.scheduling.video import Jitsi, Manager, Pexip, follow, link_of, room
from scheduling.places import booked, clinic
from world import Resource, World

pytestmark = pytest.mark.anyio
WAY, VIDEO = "urn:samjournal:way", "urn:samjournal:video"
MEET = "https://meet.example/{room}"


def held(id_: str, way: str = "video", **more: Any) -> Resource:
    """An appointment of Kari's that is to come."""
    start = datetime.now(UTC) + timedelta(days=len(id_))
    return {**booked("kari", start=start), "id": id_, "extension": [{"url": WAY, "valueCode": way}], **more}


async def link(world: World, id_: str) -> str:
    return link_of((await read(world.door, world.system, "Appointment", id_)).resource())


async def test_each_video_visit_gets_one_link_and_no_other_visit_does(world: World) -> None:
    since = await feed_end(world.door)
    await world.put(held("a"), held("bb"), held("ccc", way="phone"), held("dddd", status="cancelled"))
    changes, _ = await changes_since(world.door, since)
    job = access.for_job("video")
    assert await follow(world.door, job, Jitsi(MEET), changes) == 2
    first = await link(world, "a")
    assert first == MEET.replace("{room}", room(world.door.secret, "a"))
    assert first != await link(world, "bb")
    assert await link(world, "ccc") == ""
    # What comes once more, as after a crash, makes nothing anew.
    assert await follow(world.door, job, Jitsi(MEET), changes) == 0
    assert await link(world, "a") == first


async def test_a_moved_visit_keeps_its_room(world: World) -> None:
    since = await feed_end(world.door)
    await world.put(held("eeeee"))
    changes, _ = await changes_since(world.door, since)
    await follow(world.door, access.for_job("video"), Jitsi(MEET), changes)
    before = await link(world, "eeeee")
    made = (await read(world.door, world.system, "Appointment", "eeeee")).resource()
    made.pop("meta")
    day = timedelta(days=30)
    later = {name: (datetime.fromisoformat(made[name]) + day).isoformat() for name in ("start", "end")}
    await world.put({**made, **later})
    changes, _ = await changes_since(world.door, since)
    assert await follow(world.door, access.for_job("video"), Jitsi("https://other.example/{room}"), changes) == 0
    assert await link(world, "eeeee") == before


def test_a_name_follows_from_the_visit_and_the_secret_and_tells_neither() -> None:
    one = room(b"secret", "kari-visit")
    assert one == room(b"secret", "kari-visit")
    assert one != room(b"other", "kari-visit")
    assert one != room(b"secret", "kari-visiu")
    assert len(one) == 24
    assert one.isalnum()
    assert "kari" not in one


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "meet.example/x"])
def test_what_is_no_address_of_the_web_is_no_link(address: str) -> None:
    made = held("x")
    made["extension"].append({"url": VIDEO, "valueUrl": address})
    assert link_of(made) == ""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        said = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
        server: Any = self.server
        server.asked.append((self.path, self.headers["Authorization"], said))
        status, body = server.answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def manager() -> Iterator[Any]:
    """A management interface that answers what it was told to."""
    server: Any = HTTPServer(("127.0.0.1", 0), _Handler)
    server.asked, server.answers = [], []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def pexip(manager: Any) -> Pexip:
    address = f"http://127.0.0.1:{manager.server_port}"
    return Pexip("https://video.example/webapp3/m/{room}", Manager(address, "samjournal", "hemmelig"))


async def test_a_room_is_made_in_pexip_before_its_link_is_told(manager: Any) -> None:
    manager.answers = [(201, b"")]
    assert await pexip(manager).link("abc") == "https://video.example/webapp3/m/abc"
    [(path, authorization, said)] = manager.asked
    assert path == "/api/admin/configuration/v1/conference/"
    assert authorization.startswith("Basic ")
    assert (said["service_type"], said["aliases"]) == ("conference", [{"alias": "abc"}])


async def test_a_room_that_was_made_before_a_crash_is_taken_for_made(manager: Any) -> None:
    manager.answers = [(400, b'{"conference": {"name": ["Conference with this Name already exists."]}}')]
    assert await pexip(manager).link("abc") == "https://video.example/webapp3/m/abc"


@pytest.mark.parametrize(("status", "error"), [(503, Unreachable), (429, Unreachable), (401, Refused), (400, Refused)])
async def test_what_the_manager_does_not_do_is_told_and_no_link_with_it(
    manager: Any, status: int, error: type[Exception]
) -> None:
    manager.answers = [(status, b"{}")]
    with pytest.raises(error) as told:
        await pexip(manager).link("abc")
    assert "hemmelig" not in str(told.value)


async def test_one_visit_whose_room_is_refused_stops_no_other(world: World, manager: Any) -> None:
    since = await feed_end(world.door)
    await world.put(held("ffffff"), held("ggggggg"))
    changes, _ = await changes_since(world.door, since)
    manager.answers = [(400, b"{}"), (201, b"")]
    assert await follow(world.door, access.for_job("video"), pexip(manager), changes) == 1


async def test_a_visit_whose_room_is_refused_is_work_of_its_unit_until_it_has_its_link(
    world: World, manager: Any
) -> None:
    await clinic(world)
    since = await feed_end(world.door)
    start, job = datetime.now(UTC) + timedelta(days=12), access.for_job("video")
    visit = {**booked("kari", "PractitionerRole/doctor-role", start=start), "id": "roomless"}
    await world.put({**visit, "extension": [{"url": WAY, "valueCode": "video"}]})
    changes, _ = await changes_since(world.door, since)
    manager.answers = [(400, b"{}"), (400, b"{}")]
    assert await follow(world.door, job, pexip(manager), changes) == 0
    assert await follow(world.door, job, pexip(manager), changes) == 0, "it is asked of nobody twice"
    task = tasks.said((await read(world.door, world.system, "Task", "video-roomless")).resource())
    assert (task.focus, task.status, task.patient) == ("Appointment/roomless", "requested", "")
    assert task.owner.startswith("Organization/")
    assert task.due is not None
    assert task.due < start

    manager.answers = [(201, b"")]
    assert await follow(world.door, job, pexip(manager), changes) == 1
    assert (await read(world.door, world.system, "Task", "video-roomless")).resource()["status"] == "completed"


def test_the_password_of_the_manager_is_in_no_text() -> None:
    assert "hemmelig" not in repr(Pexip("https://video.example/{room}", Manager("https://m.example", "u", "hemmelig")))
