"""The table of receipts, row by row, and what becomes of a message in the record. HISD 1168."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import HOSPITAL, KARI, WARD, dialog, message, referral
from exchange.test_envelope import OLD
from following import changes_since
from samjournal import access, referrals, tasks
from samjournal.exchange import Outcome, apprec, receive, xml
from samjournal.fhir.identifiers import HER
from samjournal.messages import state_of
from samjournal.record import Change, change
from samjournal.record.beside import matches
from samjournal.record.feed import feed_end
from world import World, made, to

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)
OTHER = "800003"
Take = Callable[[bytes], Any]


@pytest.fixture(scope="module")
async def addressed(world: World) -> World:
    """The hospital and two of its units have HER-ids; the home care has one, and belongs to nobody."""

    def her(value: str) -> list[dict[str, str]]:
        return [{"system": HER, "value": value}]

    await world.put(
        made("Organization", "hospital", name="Sykehuset", identifier=her(HOSPITAL)),
        made("Organization", "ward", name="Medisin 3", identifier=her(WARD), partOf=to("Organization/hospital")),
        made("Organization", "clinic", name="Poliklinikken", partOf=to("Organization/hospital")),
        made("HealthcareService", "clinic-out", identifier=her(OTHER), providedBy=to("Organization/clinic")),
        made("Organization", "homecare", name="Hjemmetjenesten", identifier=her("810001")),
        made(
            "PractitionerRole",
            "doctor-role",
            identifier=her("800010"),
            organization=to("Organization/ward"),
            practitioner=to("Practitioner/doctor"),
        ),
    )
    return world


async def took(world: World, data: bytes, *, now: datetime = NOW, valid: str = "") -> Outcome:
    return await receive(world.door, access.for_job("messages"), data, now=now, validate=lambda _: valid)


def receipts(outcome: Outcome) -> list[tuple[str, ...]]:
    read = [apprec.read(xml.parse(data)) for _, data in outcome.receipts]
    return [(one.role, one.status, *(error.code for error in one.errors)) for one in read]


async def kept(world: World, type_: str, id_: str) -> list[dict[str, Any]]:
    asked = [("identifier", f"urn:samjournal:message-id|{id_}")]
    return [one.resource() for one in await matches(world.door, access.for_job("messages"), type_, asked)]


async def open_tasks(world: World, id_: str) -> list[tasks.Said]:
    """What waits by a message itself."""
    return await _waiting(world, [f"Communication/{one['id']}" for one in await kept(world, "Communication", id_)])


async def on_list(world: World, id_: str) -> list[tasks.Said]:
    """What waits by the referral that a message became."""
    about = [each["reference"] for one in await kept(world, "Communication", id_) for each in one.get("about", ())]
    return await _waiting(world, [one for one in about if one.startswith("ServiceRequest/")])


async def _waiting(world: World, references: list[str]) -> list[tasks.Said]:
    if not references:
        return []
    asked = [("focus", ",".join(references)), ("status", "requested")]
    return [tasks.said(one.resource()) for one in await matches(world.door, access.for_job("messages"), "Task", asked)]


async def test_a_sound_message_is_taken_over_and_waits_on_the_unit(addressed: World) -> None:
    id_ = str(uuid4())
    outcome = await took(addressed, message(dialog(), id_=id_, attached="JVBERi0xLjQK"))
    assert (outcome.state, outcome.owner, receipts(outcome)) == ("received", "Medisin 3", [("PRIM", "1")])
    (said,) = await kept(addressed, "Communication", id_)
    assert (state_of(said), said["subject"]["reference"]) == ("received", "Patient/kari")
    assert "Hun faller oftere enn før." in said["payload"][0]["contentString"]
    (document,) = await kept(addressed, "DocumentReference", id_)
    assert [one["attachment"]["contentType"] for one in document["content"]] == ["application/xml", "application/pdf"]
    (task,) = await open_tasks(addressed, id_)
    assert (task.kind, task.owner, task.patient) == ("answer", "Organization/ward", "Patient/kari")
    assert task.due is not None


async def test_the_bytes_stay_as_they_came(addressed: World) -> None:
    id_ = str(uuid4())
    data = message(dialog("Blåbær og smør."), id_=id_).decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    await took(addressed, data)
    (document,) = await kept(addressed, "DocumentReference", id_)
    import base64

    assert base64.b64decode(document["content"][0]["attachment"]["data"]) == data
    (said,) = await kept(addressed, "Communication", id_)
    assert "Blåbær og smør." in said["payload"][0]["contentString"]


REFUSED: dict[str, tuple[dict[str, Any], list[tuple[str, ...]]]] = {
    "the first HER-id is missing": ({"to": (None, WARD)}, [("PRIM", "2", "E21")]),
    "the second HER-id is missing": ({"to": (HOSPITAL, None)}, [("PRIM", "2", "E21")]),
    "the service is unknown": ({"to": (HOSPITAL, "899999")}, [("PRIM", "2", "E21")]),
    "the service is of another body": ({"to": (HOSPITAL, "810001")}, [("PRIM", "2", "E21")]),
    "the doctor is not of this body": ({"to": (HOSPITAL, "899998"), "to_person": True}, [("PRIM", "2", "E20")]),
    "the message id is none": ({"id_": "12345"}, [("PRIM", "2", "E10")]),
    "nobody has a name": ({"patient": ("", "", *KARI[2:])}, [("PRIM", "2", "E32")]),
    "no family name": ({"patient": ("", *KARI[1:])}, [("PRIM", "2", "E33")]),
    "no given name": ({"patient": (KARI[0], "", *KARI[2:])}, [("PRIM", "2", "E34")]),
    "neither number nor birth date": ({"patient": (*KARI[:2], "", "", "FNR", "")}, [("PRIM", "2", "E36")]),
    "several faults": ({"id_": "x", "to": (HOSPITAL, "899999")}, [("PRIM", "2", "E10", "E21")]),
}


@pytest.mark.parametrize(("how", "answer"), REFUSED.values(), ids=REFUSED)
async def test_what_cannot_be_taken_over_is_refused_with_its_code(
    addressed: World, how: dict[str, Any], answer: list[tuple[str, ...]]
) -> None:
    outcome = await took(addressed, message(dialog(f"{uuid4()}"), **how))
    assert (outcome.state, receipts(outcome), outcome.owner) == ("refused", answer, "")


async def test_what_cannot_be_taken_over_and_names_no_sender_is_seen_to_by_a_person(addressed: World) -> None:
    nameless = message(dialog(f"{uuid4()}"), to=(HOSPITAL, "899999"))
    begin, end = nameless.index(b"<Sender>"), nameless.index(b"</Sender>") + len(b"</Sender>")
    id_ = str(uuid4())
    outcome = await took(
        addressed, message(dialog(), id_=id_).replace(b"Sender>", b"Zender>"), valid="line 7: no sender"
    )
    assert (outcome.state, outcome.receipts, outcome.owner) == ("unplaced", (), "Meldingssentralen")
    (said,) = await open_tasks(addressed, id_)
    assert "ingen avsender som kan få svar" in said.words
    outcome = await took(addressed, nameless[:begin] + nameless[end:])
    assert (outcome.state, outcome.receipts, outcome.owner) == ("unplaced", (), "Meldingssentralen")


async def test_a_referral_about_nobody_is_refused_and_other_messages_may_be_about_nobody(addressed: World) -> None:
    nobodys = message(referral(str(uuid4())), kind="HENVISNING_NYTILSTAND", patient=None)
    outcome = await took(addressed, nobodys)
    assert (outcome.state, receipts(outcome)) == ("refused", [("PRIM", "2", "E36")])
    assert (await took(addressed, message(dialog(), patient=None))).state == "received"


async def test_a_file_that_cannot_be_decoded_holds_up_nothing_of_its_message(addressed: World) -> None:
    id_, other = str(uuid4()), str(uuid4())
    outcome = await took(addressed, message(dialog(), id_=id_, attached="this!is no file"))
    assert (outcome.state, receipts(outcome)) == ("received", [("PRIM", "1")])
    (document,) = await kept(addressed, "DocumentReference", id_)
    assert document["content"][1]["attachment"]["title"] == "Røntgen (skadet: ikke base64)"
    await took(addressed, message(dialog(), id_=other, attached="JVBERi0xLjQ"))
    (document,) = await kept(addressed, "DocumentReference", other)
    assert document["content"][1]["attachment"]["data"] == "JVBERi0xLjQ="


async def test_what_is_not_valid_is_refused_and_says_where(addressed: World) -> None:
    outcome = await took(addressed, message(dialog()), valid="line 7: no such element")
    assert receipts(outcome) == [("PRIM", "2", "T02")]
    assert apprec.read(xml.parse(outcome.receipts[0][1])).errors[0].words == "line 7: no such element"


async def test_of_some_senders_it_is_borne_with(addressed: World) -> None:
    clinic = made("Organization", "sloppy", name="Fjordgløtt", identifier=[{"system": HER, "value": "900055"}])
    said = {"url": "urn:samjournal:not-validated", "valueBoolean": True}
    theirs = message(dialog()).replace(b"900001", b"900055")
    await addressed.put(clinic)
    assert receipts(await took(addressed, theirs, valid="line 7")) == [("PRIM", "2", "T02")]
    await addressed.put({**clinic, "extension": [said]})
    again = message(dialog()).replace(b"900001", b"900055")
    outcome = await took(addressed, again, valid="line 7")
    assert (outcome.state, receipts(outcome)) == ("received", [("PRIM", "1")])


async def test_broken_xml_is_refused_when_it_tells_whom_to_answer(addressed: World) -> None:
    whole = message(dialog())
    outcome = await took(addressed, whole[: whole.index(b"</TekstNotatInnhold>")])
    assert (outcome.state, receipts(outcome)) == ("refused", [("PRIM", "2", "T01")])


async def test_what_tells_nothing_is_kept_and_somebody_looks(addressed: World) -> None:
    outcome = await took(addressed, b"MSH|^~&|LAB|")
    assert (outcome.state, outcome.receipts, outcome.owner) == ("unplaced", (), "Meldingssentralen")
    assert (await took(addressed, b"MSH|^~&|LAB|")).state == "duplicate"


async def test_a_format_that_is_unknown(addressed: World) -> None:
    outcome = await took(addressed, b'<Ukjent xmlns="urn:x"/>')
    assert (outcome.state, outcome.owner) == ("unplaced", "Meldingssentralen")


async def test_a_message_for_nobody_here_is_not_answered(addressed: World) -> None:
    outcome = await took(addressed, message(dialog(), to=("700001", "700002")))
    assert (outcome.state, outcome.receipts, outcome.owner) == ("unplaced", (), "Meldingssentralen")


HELD = {
    "unknown": ("Ukjent", "Per", "1990-01-01", "1", "FNR", "21016400952"),
    "a faulty number": (*KARI[:5], "11834826227"),
    "another name": ("Hansen", "Per", *KARI[2:]),
    "another birth date": (*KARI[:2], "1951-01-01", *KARI[3:]),
    "a number of nobody's kind": (*KARI[:4], "PNR", "X1234567"),
    "no number": (*KARI[:4], "FNR", ""),
}


@pytest.mark.parametrize("who", HELD.values(), ids=HELD)
async def test_a_patient_who_is_not_found_is_found_by_a_person_in_time(
    addressed: World, who: tuple[str, str, str, str, str, str]
) -> None:
    id_ = str(uuid4())
    made_at = NOW - timedelta(hours=60)
    outcome = await took(addressed, message(dialog(), id_=id_, patient=who, made=made_at))
    assert (outcome.state, outcome.receipts, outcome.owner) == ("held", (), "Medisin 3")
    (said,) = await kept(addressed, "Communication", id_)
    assert "subject" not in said
    (task,) = await open_tasks(addressed, id_)
    assert task.words.startswith("Finn pasienten: ")
    assert task.due is not None
    assert NOW < task.due <= made_at + timedelta(hours=96)


async def test_a_referral_for_immediate_help_is_taken_over_however_little_it_tells(addressed: World) -> None:
    body = referral(str(uuid4()), urgency="0")
    outcome = await took(addressed, message(body, kind="HENVISNING", patient=(*KARI[:2], "", "", "FNR", "")))
    assert (outcome.state, receipts(outcome), outcome.owner) == ("held", [("PRIM", "1")], "Medisin 3")


async def test_each_receiver_here_answers_in_his_role_and_those_elsewhere_do_not(addressed: World) -> None:
    outcome = await took(addressed, message(dialog(), copies=[(HOSPITAL, OTHER), ("700001", "700002")]))
    assert receipts(outcome) == [("PRIM", "1"), ("COP", "1")]
    assert outcome.owner == "Medisin 3, Poliklinikken, Meldingssentralen"


async def test_a_service_and_a_person_are_their_unit(addressed: World) -> None:
    assert (await took(addressed, message(dialog(), to=(HOSPITAL, OTHER)))).owner == "Poliklinikken"
    assert (await took(addressed, message(dialog(), to=(HOSPITAL, "800010"), to_person=True))).owner == "Medisin 3"


async def test_the_same_message_twice_does_nothing_twice(addressed: World) -> None:
    id_ = str(uuid4())
    data = message(dialog(), id_=id_)
    first, second = await took(addressed, data), await took(addressed, data)
    assert (first.state, second.state, second.owner) == ("received", "duplicate", "")
    # Nobody said that the receipt was sent: it is given again, the same.
    assert second.receipts == first.receipts
    assert len(await open_tasks(addressed, id_)) == 1


async def test_another_message_under_the_same_id_is_seen_to_by_a_person(addressed: World) -> None:
    id_ = str(uuid4())
    await took(addressed, message(dialog("Den første."), id_=id_))
    other = message(dialog("Den andre."), id_=id_)
    outcome = await took(addressed, other)
    assert (outcome.state, outcome.owner, outcome.receipts) == ("clash", "Meldingssentralen", ())
    assert (await took(addressed, other)).state == "duplicate"


async def test_a_change_takes_the_place_of_what_it_changes(addressed: World) -> None:
    document, first, second = (str(uuid4()) for _ in range(3))
    await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    await took(addressed, message(referral(document, "M"), kind="HENVISNING", id_=second))
    (one,), (two,) = await kept(addressed, "Communication", first), await kept(addressed, "Communication", second)
    assert (state_of(one), state_of(two)) == ("superseded", "received")
    assert await open_tasks(addressed, first) == []
    (task,) = await open_tasks(addressed, second)
    assert task.words.startswith("Endret av avsender: ")


async def test_a_cancellation_ends_what_it_cancels_and_is_told(addressed: World) -> None:
    document, first, second = (str(uuid4()) for _ in range(3))
    await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    assert len(await on_list(addressed, first)) == 1
    assert await open_tasks(addressed, first) == [], "on its own list, and no other"
    before = await feed_end(addressed.door)
    await took(addressed, message(referral(document, "C"), kind="HENVISNING", id_=second))
    (one,) = await kept(addressed, "Communication", first)
    assert state_of(one) == "cancelled"
    changes, _ = await changes_since(addressed.door, before)
    await referrals.follow(addressed.door, access.for_job("referrals"), changes, NOW)
    assert await on_list(addressed, first) == []
    (task,) = await open_tasks(addressed, second)
    assert task.words.startswith("Kansellert av avsender: ")


async def test_a_cancellation_before_the_original_waits_for_it(addressed: World) -> None:
    document, first, second = (str(uuid4()) for _ in range(3))
    outcome = await took(addressed, message(referral(document, "C"), kind="HENVISNING", id_=second))
    assert (outcome.state, receipts(outcome), outcome.owner) == ("parked", [("PRIM", "1")], "Medisin 3")
    outcome = await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    assert (outcome.state, receipts(outcome), outcome.owner) == ("cancelled", [("PRIM", "1")], "")
    assert await open_tasks(addressed, second) == []


async def test_a_change_before_the_original_stands(addressed: World) -> None:
    document, first, second = (str(uuid4()) for _ in range(3))
    await took(addressed, message(referral(document, "M"), kind="HENVISNING", id_=second))
    outcome = await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    assert (outcome.state, outcome.owner) == ("superseded", "")
    assert len(await on_list(addressed, second)) == 1


async def test_nobody_cancels_what_another_sent(addressed: World) -> None:
    document, first = str(uuid4()), str(uuid4())
    await took(addressed, message(referral(document), kind="HENVISNING", id_=first))
    other = message(referral(document, "C"), kind="HENVISNING").replace(b"900001", b"900077")
    assert (await took(addressed, other)).state == "parked"
    assert len(await on_list(addressed, first)) == 1


async def test_an_old_message_without_her_ids_is_placed_by_the_number_of_the_organisation(addressed: World) -> None:
    enh = [{"system": "urn:oid:2.16.578.1.12.4.1.4.101", "value": "974744570"}]
    hospital = made("Organization", "balsam", name="Balsam sykehus", identifier=enh)
    await change(addressed.door, addressed.system, [Change.update(hospital)])
    outcome = await took(addressed, OLD.encode())
    assert (outcome.state, receipts(outcome), outcome.owner) == ("received", [("SPR", "1")], "Balsam sykehus")


async def test_a_receipt_is_no_message(addressed: World) -> None:
    outcome = await took(addressed, message(dialog()))
    again = await took(addressed, outcome.receipts[0][1])
    assert (again.state, again.kind, again.receipts) == ("receipt", "APPREC", ())


async def test_staff_of_the_unit_read_what_waits_and_others_do_not(addressed: World) -> None:
    id_ = str(uuid4())
    await took(addressed, message(dialog(), id_=id_, patient=HELD["unknown"]))
    address = f"/Communication?identifier=urn:samjournal:message-id|{id_}&_summary=count"
    async with await addressed.client("doctor") as ours, await addressed.client("homenurse") as theirs:
        assert (await ours.get(address)).json()["total"] == 1
        assert (await theirs.get(address)).json()["total"] == 0
