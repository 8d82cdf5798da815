"""A message out comes from state to state, and whatever stops it becomes work for its sender. README 7.1"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import dialog, message
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import access, messages, tasks
from samjournal.exchange import apprec, envelope, receive, xml
from samjournal.exchange.folder import Folder
from samjournal.exchange.outbox import CannotWrite, Outbox, hearing, step, taking
from samjournal.exchange.transport import Arrived, Failed, Parcel, Refused, Taken, Unreachable
from samjournal.fhir.errors import Conflict, Invalid, NotFound, VersionMoved
from samjournal.fhir.identifiers import HER
from samjournal.messages import Outgoing, state_of
from samjournal.messages.outgoing import number_of, steps_of
from samjournal.messages.states import KIND
from samjournal.record import change
from samjournal.record.beside import matches, resources
from world import World, made, to

pytestmark = pytest.mark.anyio
JOB = access.for_job("messages")
NOW = datetime.now(UTC)
Resource = dict[str, Any]


def endpoint(id_: str, organisation: str, *, way: str = "folder", **more: Any) -> Resource:
    payload = [{"coding": [{"system": KIND, "code": "DIALOG_HELSEFAGLIG"}]}]
    return made(
        "Endpoint",
        id_,
        **{
            "status": "active",
            "connectionType": {"system": "urn:samjournal:connection", "code": way},
            "name": id_,
            "managingOrganization": {"reference": f"Organization/{organisation}", "display": organisation},
            "payloadType": payload,
            "address": "920001",
            **more,
        },
    )


@pytest.fixture(scope="module")
async def connected(addressed: World) -> World:  # noqa: F811
    """A specialist outside takes dialogue messages by a folder."""
    await addressed.put(
        made("Organization", "outside", name="Spesialistene", identifier=[{"system": HER, "value": "920000"}]),
        made(
            "Organization",
            "outside-heart",
            name="Hjertespesialisten",
            identifier=[{"system": HER, "value": "920001"}],
            partOf=to("Organization/outside"),
        ),
        endpoint("outside-heart", "outside-heart"),
    )
    return addressed


async def rendered(_door: Any, _permit: Any, communication: Resource, _now: datetime) -> bytes:
    return message(dialog("Hei."), id_=number_of(communication), to=("920000", "920001"))


@pytest.fixture
def outbox(connected: World, tmp_path: Path) -> Outbox:
    return Outbox(connected.door, JOB, rendered, {"folder": Folder(tmp_path)})


def outgoing(**how: Any) -> Outgoing:
    said: dict[str, Any] = {
        "kind": ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"),
        "about": "Patient/kari",
        "patient": "kari",
        "sender": {"reference": "Organization/ward", "display": "Medisin 3"},
        "by": {"reference": "PractitionerRole/doctor-role", "display": "Doctor"},
        "receiver": {"reference": "Organization/outside-heart", "display": "Hjertespesialisten"},
        "endpoint": "outside-heart",
        "document": str(uuid4()),
        "text": "Hei.",
    }
    return Outgoing(**{**said, **how})


async def signed(world: World, **how: Any) -> Outgoing:
    message = outgoing(**how)
    await change(world.door, await world.permit("doctor"), messages.sending(message, datetime.now(UTC)))
    return message


async def standing(world: World, id_: str) -> Resource:
    return (await resources(world.door, JOB, [("Communication", id_)]))[f"Communication/{id_}"].resource()


async def work(world: World, id_: str, status: str = "requested") -> list[tasks.Said]:
    asked = [("focus", f"Communication/{id_}"), ("status", status)]
    return [tasks.said(one.resource()) for one in await matches(world.door, JOB, "Task", asked)]


def answer(sent: bytes, *errors: str, by: tuple[str, str] | None = None) -> bytes:
    """The receipt of whoever the message went to, or of somebody else."""
    read = envelope.read(xml.parse(sent))
    party, role = read.receivers[0]
    if by:
        ids = [envelope.Ident(one, "HER") for one in by]
        party = envelope.Party("Andre", (ids[0],), within=envelope.Party("Noen", (ids[1],)))
    return apprec.write(apprec.answering(read, (party, role), [apprec.fault(one) for one in errors], NOW))


def in_folder(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "ut" / "920001").glob("*.xml"))


async def test_it_goes_from_signed_to_accepted_and_each_step_has_its_time(
    connected: World, outbox: Outbox, tmp_path: Path
) -> None:
    out = await signed(connected)
    assert state_of(await standing(connected, out.id)) == "signed"
    await step(outbox, NOW)
    assert state_of(await standing(connected, out.id)) == "transported"
    (file,) = in_folder(tmp_path)
    document = (await resources(connected.door, JOB, [("DocumentReference", out.id)]))[f"DocumentReference/{out.id}"]
    import base64

    assert base64.b64decode(document.resource()["content"][0]["attachment"]["data"]) == file.read_bytes()
    outcome = await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)
    assert outcome.state == "accepted"
    said = await standing(connected, out.id)
    assert [state for state, _ in steps_of(said)] == ["signed", "queued", "transported", "accepted"]
    assert said["status"] == "completed"
    assert await work(connected, out.id) == []
    assert (await receive(connected.door, JOB, answer(file.read_bytes(), "X99"), now=NOW)).state == "duplicate", "final"
    assert state_of(await standing(connected, out.id)) == "accepted"


async def test_a_receipt_that_comes_while_it_is_noted_that_the_message_went_counts_at_once(
    connected: World, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, moved = await signed(connected), 0

    async def moving(*given: Any, **named: Any) -> Any:
        nonlocal moved
        moved += 1
        if moved == 1:
            raise VersionMoved("Somebody else was quicker.")
        return await change(*given, **named)

    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    monkeypatch.setattr("samjournal.messages.delivery.change", moving)
    assert (await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)).state == "accepted"
    assert moved == 2
    assert state_of(await standing(connected, out.id)) == "accepted"


async def test_the_receiver_who_writes_back_has_acted(connected: World, outbox: Outbox, tmp_path: Path) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)
    stranger = message(dialog("Ikke fra mottakeren."), conversation=out.number)
    await receive(connected.door, JOB, stranger, now=NOW)
    assert state_of(await standing(connected, out.id)) == "accepted"
    back = stranger.replace(b"900001", b"920000").replace(b"900002", b"920001")
    await receive(connected.door, JOB, back, now=NOW)
    assert state_of(await standing(connected, out.id)) == "acted"


async def test_who_wrote_back_before_his_receipt_came_has_acted_when_it_comes(
    connected: World, outbox: Outbox, tmp_path: Path
) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    back = message(dialog("Takk."), conversation=out.number)
    await receive(connected.door, JOB, back.replace(b"900001", b"920000").replace(b"900002", b"920001"), now=NOW)
    assert state_of(await standing(connected, out.id)) == "transported"
    await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)
    said = await standing(connected, out.id)
    assert [state for state, _ in steps_of(said)] == ["signed", "queued", "transported", "accepted", "acted"]


async def test_one_that_cannot_be_worked_on_now_holds_up_no_other(
    connected: World, outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await signed(connected), await signed(connected)

    async def faulty(door: Any, permit: Any, communication: Resource, now: datetime) -> bytes:
        if communication["id"] == bad.id:
            raise RuntimeError(communication["payload"][0]["contentString"])
        return await rendered(door, permit, communication, now)

    shaky = replace(outbox, render=faulty)
    assert await step(shaky, NOW) > 0
    assert state_of(await standing(connected, good.id)) == "transported"
    assert state_of(await standing(connected, bad.id)) == "signed"
    (told,) = [one for one in caplog.records if one.message == "a message could not be worked on"]
    assert told.__dict__["why"] == "RuntimeError"
    assert await step(shaky, NOW) == 0, "it rests, and is no work meanwhile"
    await step(replace(outbox, resting=shaky.resting), NOW + timedelta(seconds=3))
    assert state_of(await standing(connected, bad.id)) == "transported"
    assert len(in_folder(tmp_path)) == 2


async def test_that_a_sender_cannot_be_told_of_what_was_taken_is_work_of_the_desk_once(
    connected: World, outbox: Outbox
) -> None:
    came = message(dialog("Hei."), id_=str(uuid4()))
    for _ in range(2):
        taken = await taking(outbox)(Arrived("1", came))
        (receipt,) = taken.receipts
        assert taken.refused is not None
        await taken.refused(receipt, "Han har ikke noe sertifikat.")
    asked = [("focus", f"DocumentReference/{receipt.id}")]
    (task,) = [tasks.said(one.resource()) for one in await matches(connected.door, JOB, "Task", asked)]
    assert "Han har ikke noe sertifikat." in task.words
    assert task.due is not None


class Noting:
    """A transport that gives ids of its own."""

    name = "folder"

    async def send(self, parcel: Parcel) -> str:
        return f"wire {parcel.id}"

    async def receive(self, take: Any, stopping: Any, failed: Any = None) -> None:
        raise AssertionError


async def test_a_fault_that_is_quicker_than_our_note_finds_its_message_and_one_about_nothing_the_desk(
    connected: World, outbox: Outbox
) -> None:
    noted = replace(outbox, transports={"folder": Noting()})
    out, heard = await signed(connected), hearing(outbox)
    fault = Failed(f"wire {out.number}", "transport:decryption-failed", "")
    for _ in range(3):
        with pytest.raises(NotFound):
            await heard(fault)
    await step(noted, NOW)
    await heard(fault)
    assert state_of(await standing(connected, out.id)) == "no-route"
    nothing = replace(fault, id=f"wire {uuid4()}", words=str(uuid4()))
    for _ in range(4):
        with pytest.raises(NotFound):
            await heard(nothing)
    await heard(nothing)
    asked = [("owner", "Organization/message-desk"), ("_count", "100")]
    found = [tasks.said(one.resource()).words for one in await matches(connected.door, JOB, "Task", asked)]
    assert [nothing.words in words for words in found].count(True) == 1


async def test_what_was_refused_is_work_for_the_sending_unit(connected: World, outbox: Outbox, tmp_path: Path) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    outcome = await receive(connected.door, JOB, answer(file.read_bytes(), "E35"), now=NOW)
    assert (outcome.state, outcome.owner) == ("rejected", "Medisin 3")
    (task,) = await work(connected, out.id)
    assert (task.kind, task.owner, task.patient) == ("deliver", "Organization/ward", "Patient/kari")
    assert "E35" in task.words
    doctor = await connected.permit("doctor")
    what = await messages.undelivered(connected.door, doctor, out.id)
    assert (what.state, what.receiver) == ("rejected", "Hjertespesialisten")
    await messages.resend(connected.door, doctor, out.id, what.version)
    assert state_of(await standing(connected, out.id)) == "resent"
    assert await work(connected, out.id) == []
    assert [one.status for one in await work(connected, out.id, "completed")] == ["completed"]
    await step(outbox, NOW)
    first, second = in_folder(tmp_path)
    assert envelope.read(xml.parse(first.read_bytes())).id != envelope.read(xml.parse(second.read_bytes())).id


async def test_nobody_else_answers_for_the_receiver(connected: World, outbox: Outbox, tmp_path: Path) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    outcome = await receive(connected.door, JOB, answer(file.read_bytes(), by=("999001", "999002")), now=NOW)
    assert (outcome.state, bool(outcome.owner)) == ("receipt", True), "the desk looks at it"
    assert state_of(await standing(connected, out.id)) == "transported"


async def test_after_96_hours_without_answer_it_counts_as_not_delivered(
    connected: World, outbox: Outbox, tmp_path: Path
) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    late = datetime.now(UTC) + timedelta(hours=96, minutes=1)
    assert await messages.time_out(connected.door, JOB, late - timedelta(hours=1)) == 0
    assert await messages.time_out(connected.door, JOB, late) >= 1
    assert await messages.time_out(connected.door, JOB, late) == 0, "once"
    assert state_of(await standing(connected, out.id)) == "timed-out"
    assert [task.owner for task in await work(connected, out.id)] == ["Organization/ward"]
    doctor = await connected.permit("doctor")
    what = await messages.undelivered(connected.door, doctor, out.id)
    await messages.resend(connected.door, doctor, out.id, what.version)
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    assert envelope.read(xml.parse(file.read_bytes())).id == out.number, "the same MsgId: it is taken once"
    assert state_of(await standing(connected, out.id)) == "transported"


async def test_a_late_receipt_still_counts_and_ends_the_work(connected: World, outbox: Outbox, tmp_path: Path) -> None:
    out = await signed(connected)
    await step(outbox, NOW)
    await messages.time_out(connected.door, JOB, datetime.now(UTC) + timedelta(hours=97))
    assert len(await work(connected, out.id)) == 1
    (file,) = in_folder(tmp_path)
    await receive(connected.door, JOB, answer(file.read_bytes()), now=NOW)
    assert state_of(await standing(connected, out.id)) == "accepted"
    assert await work(connected, out.id) == []


async def _cannot(_door: Any, _permit: Any, _communication: Resource, _now: datetime) -> bytes:
    raise CannotWrite("Avsenderenheten har ingen HER-id.")


async def test_what_cannot_be_written_or_carried_is_work(connected: World, outbox: Outbox, tmp_path: Path) -> None:
    cases: list[tuple[Callable[[Outbox], Outbox], str]] = [
        (lambda box: replace(box, render=_cannot), "HER-id"),
        (lambda box: replace(box, validate=lambda _: "linje 3: Patient"), "linje 3"),
        (lambda box: replace(box, transports={}), "folder"),
        (lambda box: replace(box, transports={"folder": _Refusing()}), "sertifikat"),
    ]
    for how, words in cases:
        out = await signed(connected)
        await step(how(outbox), NOW)
        assert state_of(await standing(connected, out.id)) == "no-route", words
        (task,) = await work(connected, out.id)
        assert words in task.words
    assert not (tmp_path / "ut" / "920001").exists()


class _Refusing:
    name = "folder"

    async def send(self, parcel: Parcel) -> None:
        raise Refused("Mottakeren har ikke noe sertifikat.")

    async def receive(self, take: Any, stopping: Any) -> None:
        raise NotImplementedError


class _Down(_Refusing):
    tries = 0

    async def send(self, parcel: Parcel) -> None:
        self.tries += 1
        raise Unreachable("no network")


async def test_a_receiver_that_cannot_be_reached_is_tried_again_later_each_time(
    connected: World, outbox: Outbox, tmp_path: Path
) -> None:
    down = _Down()
    box = replace(outbox, transports={"folder": down})
    first, _ = await signed(connected), await signed(connected)
    await step(box, NOW)
    await step(box, NOW + timedelta(seconds=1))
    assert down.tries == 1, "one try tells that the place is down"
    await step(box, NOW + timedelta(seconds=3))
    assert down.tries == 2
    assert state_of(await standing(connected, first.id)) == "queued"
    await step(replace(box, transports=outbox.transports), NOW + timedelta(minutes=1))
    assert len(in_folder(tmp_path)) == 2


async def test_cut_off_after_sending_it_is_sent_again_as_the_same(
    connected: World, outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = await signed(connected)

    async def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(messages, "transported", cut_off)
        with pytest.raises(KeyboardInterrupt):
            await step(outbox, NOW)
    before = [(file.name, file.read_bytes()) for file in in_folder(tmp_path)]
    await step(outbox, NOW)
    assert [(file.name, file.read_bytes()) for file in in_folder(tmp_path)] == before
    assert state_of(await standing(connected, out.id)) == "transported"


async def test_a_person_ends_it_by_paper_or_phone_with_words_and_by_another_receiver(
    connected: World, outbox: Outbox
) -> None:
    doctor = await connected.permit("doctor")
    broken = replace(outbox, render=_cannot)
    out = await signed(connected)
    await step(broken, NOW)
    with pytest.raises(Invalid):
        await messages.by_phone(connected.door, doctor, out.id, 2, " ")
    with pytest.raises(VersionMoved):
        await messages.by_phone(connected.door, doctor, out.id, 1, "Ringte sekretæren")
    await messages.by_phone(connected.door, doctor, out.id, 2, "Ringte sekretæren kl. 10")
    with pytest.raises(Conflict):
        await messages.by_paper(connected.door, doctor, out.id, 3, "Sendt i posten")
    said = await standing(connected, out.id)
    assert (state_of(said), said["note"][-1]["text"]) == ("phone", "Ringte sekretæren kl. 10")
    assert await work(connected, out.id) == []
    out = await signed(connected)
    await step(broken, NOW)
    found = await messages.receivers(connected.door, doctor, "DIALOG_HELSEFAGLIG", NOW, units=["outside-heart"])
    await messages.other_receiver(connected.door, doctor, out.id, 2, found[0])
    assert state_of(await standing(connected, out.id)) == "other-receiver"
    (again,) = await messages.waiting(connected.door, JOB, "signed")
    names = {one["valueReference"]["reference"] for one in again.resource()["extension"] if "by" in one["url"]}
    assert names == {"PractitionerRole/doctor-role"}, "who sent and who signed are both told"
    await step(outbox, NOW)


async def test_what_comes_by_the_folder_is_taken_answered_and_put_away(
    connected: World, outbox: Outbox, tmp_path: Path
) -> None:
    folder = outbox.transports["folder"]
    assert isinstance(folder, Folder)
    id_ = str(uuid4())
    (tmp_path / "inn" / "a.xml").write_bytes(message(dialog("Mappe."), id_=id_))
    stopping = asyncio.Event()
    take = taking(outbox)

    async def once(arrived: Any) -> Any:
        stopping.set()
        return await take(arrived)

    await folder.receive(once, stopping)
    (receipt,) = (tmp_path / "ut" / "900002").glob("APPREC-*.xml")
    assert apprec.read(xml.parse(receipt.read_bytes())).original == id_
    assert not list((tmp_path / "inn").iterdir())
    assert (tmp_path / "mottatt" / "a.xml").exists()
    (tmp_path / "inn" / "b.xml").write_bytes((tmp_path / "mottatt" / "a.xml").read_bytes())
    stopping.clear()
    await folder.receive(once, stopping)
    assert len(list((tmp_path / "ut" / "900002").glob("APPREC-*.xml"))) == 1, "the same again is not answered again"


async def test_a_file_that_cannot_be_taken_over_stays_and_holds_up_no_other(tmp_path: Path) -> None:
    folder, stopping, came = Folder(tmp_path), asyncio.Event(), list[str]()
    for name in ("a.xml", "b.xml"):
        (tmp_path / "inn" / name).write_bytes(b"<a/>")

    async def handed() -> None:
        stopping.set()

    async def take(arrived: Arrived) -> Taken:
        came.append(arrived.id)
        if arrived.id == "a.xml":
            raise KeyError("a fault of ours")
        return Taken((), handed)

    await folder.receive(take, stopping)
    assert came == ["a.xml", "b.xml"]
    assert [one.name for one in (tmp_path / "inn").iterdir()] == ["a.xml"]
    assert (tmp_path / "mottatt" / "b.xml").exists()
