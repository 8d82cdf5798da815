"""A discharge summary goes to whoever referred the patient and to the GP, once for each version. Row 7.9"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import access, accounts, messages, notes, tasks
from samjournal.fhir.errors import Conflict, Forbidden, VersionMoved
from samjournal.fhir.identifiers import HER
from samjournal.messages.outgoing import steps_of
from samjournal.messages.states import KIND, VERSION
from samjournal.notes import BUILT_IN, Changed, Dispatch, NotChosen, Section, SentAlready, Written
from samjournal.record import Stored, change
from samjournal.record.beside import matches, resources
from workspace.test_notes import posts
from world import World, made, to

pytestmark = pytest.mark.anyio
JOB = access.for_job("summaries")
HOSPITAL = to("Organization/hospital")
NOW = datetime.now(UTC)
Resource = dict[str, Any]


def place(id_: str, unit: str, way: str, name: str, **more: Any) -> Resource:
    """Where a unit takes discharge summaries."""
    said = {
        "status": "active",
        "connectionType": {"system": "urn:samjournal:connection", "code": way},
        "managingOrganization": {"reference": f"Organization/{unit}", "display": name},
        "payloadType": [{"coding": [{"system": KIND, "code": "EPIKRISE"}]}],
        "name": name,
        "address": "920001",
    }
    return made("Endpoint", id_, **{**said, **more})


async def furnish(world: World) -> None:
    """Kari's stay is based on the referral of a specialist outside, and her GP works in this record."""
    await posts(world)
    physio = accounts.RoleAt("physiotherapist", "ward", "physio-role", "Ward")
    gp = accounts.RoleAt("gp", "office", "gp-role", "Legekontoret")
    async with world.pool.transaction() as db:
        await accounts.add(
            db,
            [
                accounts.Account("gp", "Frida Fastlege", "staff", (gp,), practitioner_id="gp"),
                accounts.Account("physio", "Fysio", "staff", (physio,), practitioner_id="physio"),
            ],
        )
    stands = (await resources(world.door, JOB, [("Patient", "kari")]))["Patient/kari"].resource()
    visit = (await resources(world.door, JOB, [("Encounter", "kari-stay")]))["Encounter/kari-stay"].resource()
    request = made(
        "ServiceRequest",
        "kari-referral",
        status="active",
        intent="order",
        subject=to("Patient/kari"),
        requester=to("PractitionerRole/heart-role"),
    )
    await world.put(
        made("Organization", "hospital", name="Hospital", identifier=[{"system": HER, "value": "800001"}]),
        made("Organization", "ward", name="Ward", identifier=[{"system": HER, "value": "800002"}], partOf=HOSPITAL),
        made("Organization", "office", name="Legekontoret"),
        made("Organization", "heart", name="Hjertespesialisten"),
        made("PractitionerRole", "gp-role", organization=to("Organization/office"), practitioner=to("Practitioner/gp")),
        made("PractitionerRole", "heart-role", organization=to("Organization/heart")),
        place("office-here", "office", "shared", "Legekontoret"),
        place("heart-out", "heart", "folder", "Hjertespesialisten"),
        request,
        {**stands, "generalPractitioner": [to("PractitionerRole/gp-role"), to("Organization/office")]},
        {**visit, "basedOn": [to("ServiceRequest/kari-referral")]},
    )


@pytest.fixture(scope="module")
async def region(world: World) -> World:
    await furnish(world)
    return world


def summary(**how: Any) -> Written:
    """What somebody wrote as a discharge summary."""
    parts = tuple(Section(one.name["nb"], f"Tekst {at}") for at, one in enumerate(BUILT_IN["epikrise"].heading))
    return Written(**{"title": "Epikrise", "kind": "discharge", "template": "epikrise", "sections": parts, **how})


BOTH = Dispatch(("heart", "office"))


async def signed(world: World, dispatch: Dispatch | None = None, by: str = "doctor", **how: Any) -> Stored:
    template = BUILT_IN["epikrise"]
    return await notes.sign_note(
        world.door, await world.permit(by), "kari", summary(**how), template=template, dispatch=dispatch
    )


async def about(world: World, note: Stored) -> list[Resource]:
    """The messages about a note, the oldest first."""
    asked = [("identifier", f"urn:samjournal:document-id|{note.id}"), ("_sort", "sent")]
    return [one.resource() for one in await matches(world.door, JOB, "Communication", asked)]


def version(message: Resource) -> str:
    codes = [one for each in message["category"] for one in each["coding"]]
    return next(str(one["code"]) for one in codes if one["system"] == VERSION)


async def work(world: World, note: Stored, code: str) -> list[tasks.Said]:
    asked = [("focus", note.reference), ("code", f"urn:samjournal:summary|{code}")]
    return [tasks.said(one.resource()) for one in await matches(world.door, JOB, "Task", asked)]


async def went(world: World, note: Stored, by: str = "doctor") -> notes.Deliveries:
    permit = await world.permit(by)
    stands = (await resources(world.door, JOB, [("Composition", note.id)]))[note.reference].resource()
    return await notes.deliveries(world.door, permit, stands)


async def test_referrer_and_gp_are_who_shall_have_it_each_once(region: World) -> None:
    note = await signed(region)
    found = await notes.recipients(region.door, await region.permit("doctor"), note.resource(), NOW)
    said = [(one.id, one.name, one.because, one.way, one.why) for one in found]
    assert said == [
        ("heart", "Hjertespesialisten", ("referrer",), "folder", ""),
        ("office", "Legekontoret", ("gp",), "shared", ""),
    ]


async def test_it_is_signed_and_sent_in_one_transaction(region: World) -> None:
    note = await signed(region, BOTH)
    (message,) = await about(region, note)
    assert messages.state_of(message) == "signed"
    assert message["about"] == [{"reference": note.reference}]
    assert message["recipient"][0]["reference"] == "Organization/heart"
    assert [one["coding"][0]["code"] for one in message["category"]] == ["EPIKRISE", "N"]
    (read,) = await work(region, note, "read")
    assert (read.owner, read.focus, read.kind) == ("Organization/office", note.reference, "do")
    assert read.due is not None
    rows = await region.pool.fetch(
        "SELECT DISTINCT v.at FROM store.version v WHERE v.id = ANY($1::text[])", [note.id, message["id"], read.id]
    )
    assert len(rows) == 1
    found = await went(region, note)
    assert {(one.name, one.state, one.is_here) for one in found.sent} == {
        ("Hjertespesialisten", "signed", False),
        ("Legekontoret", "accepted", True),
    }


async def test_nothing_is_sent_when_it_is_not_signed(region: World) -> None:
    asked = [("title", "Ingen får vite det")]
    with pytest.raises(NotChosen):
        await signed(region, Dispatch(("heart",)), title="Ingen får vite det")
    found = await matches(region.door, JOB, "Composition", asked)
    assert found == [], "the GP shall have it, and nobody said why not"


async def test_what_waits_for_a_countersignature_is_sent_with_it(region: World) -> None:
    note = await signed(region, BOTH, by="nurse", countersigner="doctor-role")
    assert await about(region, note) == []
    with pytest.raises(Conflict):
        await notes.send_summary(region.door, await region.permit("nurse"), note.id, note.version, BOTH)
    changed = Changed(note.version, dispatch=BOTH)
    await notes.countersign(region.door, await region.permit("doctor"), note.id, changed)
    (message,) = await about(region, note)
    assert {one["url"]: one["valueReference"]["reference"] for one in message["extension"] if "-by" in one["url"]} == {
        "urn:samjournal:sent-by": "PractitionerRole/doctor-role",
        "urn:samjournal:signed-by": "PractitionerRole/nurse-role",
    }


async def test_the_same_to_the_same_is_refused_and_a_new_version_is_a_change(region: World) -> None:
    note = await signed(region, BOTH)
    doctor = await region.permit("doctor")
    with pytest.raises(SentAlready):
        await notes.send_summary(region.door, doctor, note.id, note.version, Dispatch(("heart",)))
    added = Written(sections=(Section("", "Svar på prøve: normalt."),))
    newer = await notes.add_to(region.door, doctor, note.id, Changed(note.version, added))
    with pytest.raises(VersionMoved):
        await notes.send_summary(region.door, doctor, note.id, note.version, BOTH)
    await notes.send_summary(region.door, doctor, note.id, newer.version, BOTH)
    first, second = await about(region, note)
    assert [version(one) for one in (first, second)] == ["N", "M"]
    assert len(await work(region, note, "read")) == 2
    found = await went(region, note)
    assert [(one.id, one.edition) for one in found.sent if not one.is_here] == [("heart", 2), ("heart", 1)]


async def test_of_two_who_send_at_once_one_is_refused(region: World) -> None:
    note = await signed(region)
    stands, permit = note.resource(), await region.permit("doctor")
    both = [await notes.dispatched(region.door, permit, stands, BOTH, NOW) for _ in range(2)]
    await change(region.door, permit, both[0])
    with pytest.raises(Conflict):
        await change(region.door, permit, both[1])
    assert len(await about(region, note)) == 1


async def test_who_cannot_be_reached_is_work_for_the_sender(region: World) -> None:
    await region.put(place("heart-out", "heart", "folder", "Hjertespesialisten", status="suspended"))
    note = await signed(region, Dispatch(("office",)))
    (lost,) = await work(region, note, "unreached")
    assert lost.owner == "Organization/ward"
    assert "Hjertespesialisten" in lost.words
    found = await went(region, note)
    (other,) = found.not_sent
    assert (other.name, other.why, other.is_left_out, other.waits) == ("Hjertespesialisten", "closed", False, True)
    await region.put(place("heart-out", "heart", "folder", "Hjertespesialisten"))
    secretary = await region.permit("secretary")
    await notes.send_summary(region.door, secretary, note.id, note.version, Dispatch(("heart",)))
    (lost,) = await work(region, note, "unreached")
    assert lost.status == "completed"
    assert (await went(region, note)).not_sent == ()


async def test_who_is_not_known_here_is_work_too(region: World) -> None:
    named = await resources(region.door, JOB, [("ServiceRequest", "kari-referral")])
    request = named["ServiceRequest/kari-referral"].resource()
    await region.put({**request, "requester": {"display": "Per Privat, Hudklinikken"}})
    note = await signed(region, Dispatch(("office",)))
    await region.put(request)
    (lost,) = await work(region, note, "unreached")
    assert "Per Privat, Hudklinikken" in lost.words


async def test_who_is_left_out_takes_a_reason_that_is_kept(region: World) -> None:
    with pytest.raises(NotChosen):
        await signed(region, Dispatch(("heart",), {"office": " "}))
    note = await signed(region, Dispatch(("heart",), {"office": "Pasienten vil ikke det"}))
    (out,) = (await went(region, note)).not_sent
    assert (out.name, out.why, out.is_left_out, out.by) == ("Legekontoret", "Pasienten vil ikke det", True, "Doctor")
    assert await work(region, note, "read") == []


async def test_a_secretary_sends_for_who_signed_and_both_stand_in_it(region: World) -> None:
    note = await signed(region)
    await notes.send_summary(region.door, await region.permit("secretary"), note.id, note.version, BOTH)
    assert {(one.by, one.signer) for one in (await went(region, note)).sent} == {("Secretary", "Doctor")}
    other = await signed(region)
    with pytest.raises(Forbidden):
        await notes.send_summary(region.door, await region.permit("physio"), other.id, other.version, BOTH)


async def test_the_patient_sees_where_it_went(region: World) -> None:
    note = await signed(region, BOTH)
    (message,) = await about(region, note)
    named = await resources(region.door, JOB, [("Communication", message["id"])])
    await messages.queue(region.door, JOB, named[f"Communication/{message['id']}"], b"<x/>", NOW)
    kari = await region.client("kari")
    found = (await kari.get(f"/Communication/{message['id']}")).json()
    assert [state for state, _ in steps_of(found)] == ["signed", "queued"]
    bundle = (await kari.get("/Communication", params={"identifier": f"urn:samjournal:summary|{note.id}"})).json()
    assert len(bundle["entry"]) == 1


async def test_what_is_reserved_is_kept_so_on_its_way(region: World) -> None:
    note = await signed(region, BOTH, kind="violence")
    (message,) = await about(region, note)
    labels = {one["code"] for one in message["meta"]["security"]}
    assert labels == {"SDV", "NOPAT"}
    named = await resources(region.door, JOB, [("Communication", message["id"])])
    await messages.queue(region.door, JOB, named[f"Communication/{message['id']}"], b"<x/>", NOW)
    sent = await resources(
        region.door, JOB, [(type_, message["id"]) for type_ in ("Communication", "DocumentReference")]
    )
    assert [{one["code"] for one in each.resource()["meta"]["security"]} for each in sent.values()] == [labels, labels]
    kari = await region.client("kari")
    for reference in sent:
        assert (await kari.get(f"/{reference}")).status_code == 404
    assert await work(region, note, "read") == [], "the GP could not read it"
    (lost,) = await work(region, note, "unreached")
    assert "Legekontoret" in lost.words


async def aged(world: World, note: Stored) -> Stored:
    """The same note, signed a day earlier."""
    yesterday = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat(timespec="milliseconds")
    body = (await resources(world.door, JOB, [("Composition", note.id)]))[note.reference].resource()
    body["attester"] = [{**one, "time": yesterday} for one in body["attester"]]
    return (await world.put(body))[0]


async def test_what_was_signed_and_never_sent_is_work_after_a_day(region: World) -> None:
    out = Dispatch((), {"heart": "Død", "office": "Død"})
    sent, left, fresh = await signed(region, BOTH), await signed(region, out), await signed(region)
    unsent = await aged(region, await signed(region))
    for one in (sent, left):
        await aged(region, one)
    now = datetime.now(UTC)
    assert await notes.unsent_summaries(region.door, JOB, now) == 1
    assert await notes.unsent_summaries(region.door, JOB, now + timedelta(hours=1)) == 0
    assert [await work(region, one, "unsent") for one in (sent, left, fresh)] == [[], [], []]
    (task,) = await work(region, unsent, "unsent")
    assert (task.owner, task.status, task.focus) == ("Organization/ward", "requested", unsent.reference)
    await notes.send_summary(region.door, await region.permit("secretary"), unsent.id, unsent.version, BOTH)
    (task,) = await work(region, unsent, "unsent")
    assert task.status == "completed"


async def test_a_change_that_went_to_nobody_is_work_as_well(region: World) -> None:
    note = await signed(region, BOTH)
    added = Written(sections=(Section("", "Svar på prøve: normalt."),))
    newer = await notes.add_to(region.door, await region.permit("doctor"), note.id, Changed(note.version, added))
    await aged(region, newer)
    assert await notes.unsent_summaries(region.door, JOB, datetime.now(UTC)) == 1
    (task,) = await work(region, note, "unsent")
    assert "endret etter at den ble sendt" in task.words
