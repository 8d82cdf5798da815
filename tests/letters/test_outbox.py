"""From a change in the record to what somebody gets: who is told, once, by what, and when."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from letters.town import Town, citizen, peopled, town, town_of, visit
from samjournal import access, letters
from samjournal.access import representing as rules
from samjournal.fhir.errors import Forbidden
from samjournal.letters.contacts import Contact, Remembering
from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.wishes import Wish
from samjournal.record import Change, change
from world import CONFIDENTIALITY, World, made, to

__all__ = ["peopled", "town"]
pytestmark = pytest.mark.anyio


async def test_who_gets_an_appointment_is_told_once_without_a_word_of_it(town: Town) -> None:
    await town.world.put(visit("v1"))
    await town.follow()
    await town.follow()
    await town.pass_by(minutes=1)
    assert town.told() == [], "more may come"
    await town.pass_by(minutes=2)
    await town.pass_by(hours=5)
    (parcel,) = town.sms.parcels
    assert parcel.to == "90000001"
    assert parcel.text == "Du har en ny melding hos Samjournal. Logg inn: https://samjournal.example/portal"


async def test_the_feed_read_again_after_a_crash_tells_nothing_anew(town: Town) -> None:
    await town.world.put(visit("v2"))
    begin = town.cursor
    await town.run()
    town.cursor = begin
    await town.run(hours=2)
    assert len(town.sms.parcels) == 1


async def test_many_at_once_are_one_message_and_the_next_waits(town: Town) -> None:
    await town.world.put(visit("v3"), visit("v4"), visit("v5"))
    await town.run()
    assert len(town.sms.parcels) == 1
    await town.world.put(visit("v6"))
    await town.run(minutes=5)
    assert len(town.sms.parcels) == 1, "half an hour apart"
    await town.pass_by(minutes=30)
    assert len(town.sms.parcels) == 2


async def test_what_is_soon_is_urgent_and_waits_for_nobody(town: Town) -> None:
    await town.world.put(visit("v7", days=0.5), visit("v8"))
    await town.run()
    await town.world.put(visit("v7", days=0.5, status="cancelled"))
    await town.run(seconds=1)
    assert [one.is_urgent for one in town.sms.parcels] == [False, True]


async def test_who_did_it_himself_is_not_told(town: Town) -> None:
    permit = access.keeping(await town.world.permit("kari"), "Appointment")
    await change(town.world.door, permit, [Change.update(visit("v9"))])
    await town.run()
    assert town.told() == []


async def test_what_was_brought_by_a_load_is_no_news(town: Town) -> None:
    load = access.for_system("load", scope=None, request="load")
    await change(town.world.door, load, [Change.update(visit("v10"))])
    assert await town.follow() == 0


async def test_both_parents_are_told_of_a_child_and_it_is_not(town: Town) -> None:
    await town.world.put(visit("b1", "barn"), visit("b2", "barn"))
    await town.run()
    assert sorted(town.told()) == ["90000002", "90000003"]


async def test_parents_of_who_is_thirteen_are_not_told_what_they_do_not_read(town: Town) -> None:
    await town.world.put(visit("u1", "ungdom"))
    await town.run()
    assert town.told() == []


async def test_a_parent_who_booked_is_not_told_and_the_other_is(town: Town) -> None:
    permit = access.keeping(await town.world.permit("mina", acts_for="barn"), "Appointment")
    await change(town.world.door, permit, [Change.update(visit("b3", "barn"))])
    await town.run()
    assert town.told() == ["90000003"]


async def test_a_right_that_ends_before_it_is_told_ends_the_notice(town: Town) -> None:
    await town.world.put(visit("b4", "barn"))
    await town.follow()
    today = citizen("barn")["birthDate"]
    await town.world.put(citizen("barn", born="2000-01-01"))
    await town.pass_by(minutes=3)
    await town.world.put(citizen("barn", born=str(int(today[:4]) + 30) + "-01-01"))
    assert town.told() == []
    assert {row["why"] for row in await town.rows("notice")} == {"no-longer"}


async def test_what_is_not_shown_to_the_patient_is_not_told(town: Town) -> None:
    report = made("DiagnosticReport", "r1", status="final", code={"text": "x"}, subject=to("Patient/kari"))
    report["issued"] = town.now.isoformat()
    await town.world.put(report)
    await town.follow()
    nopat = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPAT"}]
    await town.world.put({**report, "meta": {"security": nopat}})
    await town.pass_by(minutes=3)
    assert [(row["state"], row["why"]) for row in await town.rows("notice")] == [("dropped", "not-shown")]
    await town.world.put(report)
    await town.run(hours=1)
    assert len(town.sms.parcels) == 1


async def test_a_kind_that_is_off_is_not_told_and_one_that_must_be_is(town: Town) -> None:
    kari = await town.world.permit("kari")
    await letters.keep(
        town.world.door, kari, "kari", Wish({"appointment-booked": (), "appointment-cancelled": ("email",)})
    )
    await town.world.put(visit("v11"))
    await town.run()
    assert town.told() == []
    await town.world.put(visit("v11", status="cancelled"))
    await town.run()
    assert [one.channel for one in await sendings(town)] == ["letter"], "no e-mail is known: what is fixed is a letter"


async def sendings(town: Town) -> list[letters.Line]:
    return [one for one in await letters.own(town.world.door, await town.world.permit("kari")) if one.channel]


async def test_how_one_is_told_is_ones_own_to_choose(town: Town) -> None:
    acting = await town.world.permit("mina", acts_for="barn")
    for permit, whose in ((acting, "mina"), (acting, "barn"), (await town.world.permit("mina"), "jon")):
        with pytest.raises(Forbidden):
            await letters.keep(town.world.door, permit, whose, Wish())


async def test_who_does_not_want_to_hear_of_others_does_not(town: Town) -> None:
    await letters.keep(town.world.door, await town.world.permit("jon"), "jon", Wish(others=False))
    await town.world.put(visit("b5", "barn"))
    await town.run()
    assert town.told() == ["90000002"]


async def test_the_language_is_the_citizens_choice(town: Town) -> None:
    await letters.keep(town.world.door, await town.world.permit("kari"), "kari", Wish(language="nn"))
    await town.world.put(visit("v12"))
    await town.run()
    assert town.sms.parcels[0].text.startswith("Du har ei ny melding")


async def test_a_fault_is_tried_again_later_and_later_with_the_same_key(town: Town) -> None:
    town.sms.faults = [Unreachable("the SMS gateway answers 503")] * 3
    await town.world.put(visit("v13"))
    await town.run()
    (row,) = await town.rows("sending")
    assert (row["attempts"], row["fault"]) == (1, "the SMS gateway answers 503")
    for minutes in (1, 2, 4):
        await town.pass_by(minutes=minutes)
    (row,) = await town.rows("sending")
    assert (row["state"], row["attempts"]) == ("delivered", 4)
    assert [one.id for one in town.sms.parcels] == [row["id"]]


async def test_a_channel_that_refuses_gives_way_to_the_next_and_at_last_to_a_letter(town: Town) -> None:
    town.sms.faults, town.mail.faults = [Refused("no")], [Refused("no")]
    telecom = [{"system": "phone", "value": "90000001", "use": "mobile"}, {"system": "email", "value": "k@x.no"}]
    await town.world.put({**citizen("kari"), "telecom": telecom})
    await town.world.put(visit("v14"))
    await town.run()
    assert [row["channel"] for row in await town.rows("sending")] == ["sms", "email", "letter"]
    assert [row["state"] for row in await town.rows("sending")] == ["failed", "failed", "delivered"]
    assert town.post.parcels[0].data.startswith(b"%PDF")
    await town.world.put(citizen("kari", phone="90000001"))


async def test_who_has_neither_phone_nor_mail_gets_a_letter_with_his_address(town: Town) -> None:
    await town.world.put(visit("o1", "odd"))
    await town.run()
    (letter,) = town.post.parcels
    assert letter.to == ""
    assert letter.data.startswith(b"%PDF")


async def test_a_letter_that_would_come_too_late_is_work_for_the_unit(town: Town) -> None:
    await town.world.put(visit("o2", "odd", days=3))
    await town.run()
    assert town.post.parcels == []
    (row,) = await town.rows("sending")
    assert (row["channel"], row["state"]) == ("person", "waiting")
    task = await task_of(town, row["task"])
    assert task["owner"]["reference"] == "Organization/ward"
    assert task["for"]["reference"] == "Patient/odd"
    await town.world.put({**task, "status": "completed"})
    await town.run()
    (row,) = await town.rows("sending")
    assert row["state"] == "delivered"


async def test_who_has_no_address_at_all_is_work_and_a_crash_makes_it_once(town: Town) -> None:
    await town.world.put(visit("o3", "ola"))
    await town.run()
    (row,) = await town.rows("sending")
    await town.world.as_owner("UPDATE letters.sending SET task = '', next = made")
    await town.pass_by(minutes=5)
    (again,) = await town.rows("sending")
    assert again["task"] == row["task"] != ""


async def task_of(town: Town, reference: str) -> dict[str, object]:
    from samjournal.record.beside import resources

    found = await resources(town.world.door, town.job, [tuple(reference.split("/"))])  # type: ignore[list-item]
    return {name: value for name, value in found[reference].resource().items() if name != "meta"}


async def test_without_a_printing_house_letters_are_printed_by_the_unit(peopled: World) -> None:
    town = await town_of(peopled)
    town.channels.by_name.pop("letter")  # type: ignore[attr-defined]
    await town.world.put(visit("o4", "odd"))
    await town.run()
    nurse = await peopled.permit("nurse")
    (waits,) = await letters.listed(peopled.door, nurse)
    assert (waits.channel, waits.patient) == ("hand", "odd")
    pdf = await letters.envelope(peopled.door, nurse, town.channels, waits.task, town.now)
    assert pdf.startswith(b"%PDF")
    assert await letters.listed(peopled.door, await peopled.permit("homenurse")) == []
    await letters.posted(peopled.door, nurse, waits.task, waits.version)
    await town.follow()
    assert await letters.listed(peopled.door, nurse) == []
    (row,) = await town.rows("sending")
    assert row["state"] == "delivered"


async def test_who_is_reserved_gets_letters_and_reminders_of_what_was_agreed(peopled: World) -> None:
    async def register(numbers: object) -> dict[str, Contact]:
        return {"11834826226": Contact("90000001", is_reserved=True)}

    town = await town_of(peopled, register=register)
    await peopled.put(
        {**citizen("kari", phone="90000001"), "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1",
          "value": "11834826226"}]}, visit("v15")
    )  # fmt: skip
    await town.run()
    assert [row["channel"] for row in await town.rows("sending")] == ["letter"]


async def test_a_register_that_is_away_delays_and_loses_nothing(peopled: World) -> None:
    away = True

    async def register(numbers: object) -> dict[str, Contact]:
        if away:
            raise Unreachable("away")
        return {"11834826226": Contact("90000001")}

    town = await town_of(peopled, register=register)
    await peopled.put(
        {**citizen("kari"), "identifier": [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "11834826226"}]},
        visit("v16"),
    )
    await town.run()
    assert (await town.rows("sending"), town.told()) == ([], [])
    away = False
    await town.pass_by(minutes=3)
    assert town.told() == ["90000001"]


async def test_who_has_a_confidential_address_is_told_less_and_gets_no_letter(town: Town) -> None:
    label = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    hidden = {**citizen("odd", phone="90000009"), "meta": label}
    await town.world.put(hidden, visit("p1", "odd"))
    await town.run()
    (parcel,) = town.sms.parcels
    assert parcel.text == "Du har en ny melding. Logg inn der du pleier."
    town.sms.faults = [Refused("no")]
    await town.world.put(visit("p2", "odd"))
    await town.run(hours=1)
    assert town.post.parcels == []
    assert [row["channel"] for row in await town.rows("sending")] == ["sms", "sms", "person"]
    await town.world.put(citizen("odd"))


async def test_the_dead_are_told_nothing(town: Town) -> None:
    await town.world.put(visit("o5", "odd"))
    await town.follow()
    await town.world.put({**citizen("odd"), "deceasedBoolean": True})
    await town.pass_by(minutes=3)
    await town.world.put(citizen("odd"))
    assert (await town.rows("sending"), town.post.parcels) == ([], [])


async def test_who_asked_is_told_that_the_record_was_opened_by_a_reason(town: Town) -> None:
    from samjournal.record import state_reason

    await letters.follow_looks(town.world.door, (0, 0), town.now)
    await letters.keep(town.world.door, await town.world.permit("jon"), "jon", Wish({"looked": ("sms",)}))
    for who in ("jon", "mina"):
        await state_reason(
            town.world.door, await town.world.permit("doctor"), who, reason="Ringte vakta i natt", emergency=False
        )
    while await letters.follow_looks(town.world.door, (0, 0), town.now):
        pass
    await town.pass_by(hours=25)
    assert town.told() == ["90000003"]
    assert [(row["person_id"], row["why"]) for row in await town.rows("notice") if row["state"] == "dropped"] == [
        ("mina", "not-wanted")
    ]


async def test_a_crash_between_sending_and_noting_it_sends_the_same_key(town: Town) -> None:
    await town.world.put(visit("v17"))
    await town.follow()
    town.now += timedelta(minutes=3)
    await letters.gather(town.world.door, town.job, town.channels, town.now)
    sent = town.sms.send

    async def broken(parcel: object) -> str:
        await sent(parcel)  # type: ignore[arg-type]
        raise asyncio.CancelledError

    town.sms.send = broken  # type: ignore[method-assign]
    await letters.send(town.world.door, town.job, town.channels, town.now)
    town.sms.send = sent  # type: ignore[method-assign]
    await town.pass_by(minutes=2)
    await town.pass_by(hours=2)
    first, second = town.sms.parcels
    assert first.id == second.id
    (row,) = await town.rows("sending")
    assert row["state"] == "delivered"


async def test_two_processes_at_once_make_and_send_one(town: Town) -> None:
    await town.world.put(visit("v19"), visit("v20"))
    await asyncio.gather(town.follow(), town.follow())
    town.now += timedelta(minutes=3)
    for job in (letters.gather, letters.send):
        await asyncio.gather(*(job(town.world.door, town.job, town.channels, town.now) for _ in range(4)))
    assert len(town.sms.parcels) == 1
    assert [row["state"] for row in await town.rows("sending")] == ["delivered"]


async def test_who_holds_a_power_is_told_what_its_level_reads_and_till_it_is_withdrawn(town: Town) -> None:
    coded = [(rules.KINDS, "power-of-attorney"), (rules.LEVEL_CODES, "communicate-only")]
    power = made(
        "Consent",
        "odd-power",
        status="active",
        scope={"coding": [rules.SCOPE]},
        patient=to("Patient/kari"),
        category=[{"coding": [{"system": system, "code": code}]} for system, code in coded],
        provision={"type": "permit", "actor": [{"role": {"text": "x"}, "reference": to("Patient/jon")}]},
    )
    report = made("DiagnosticReport", "r2", status="final", code={"text": "x"}, subject=to("Patient/kari"))
    await town.world.put(power)
    try:
        await town.world.put(visit("p3"), {**report, "issued": town.now.isoformat()})
        await town.run()
        told = {(row["person_id"], row["kind"]) for row in await town.rows("notice")}
        assert told == {("kari", "appointment-booked"), ("kari", "result"), ("jon", "appointment-booked")}
        assert sorted(town.told()) == ["90000001", "90000003"]
        await town.world.put(visit("p4"))
        await town.follow()
    finally:
        await town.world.put({**power, "status": "inactive"})
    await town.pass_by(hours=1)
    assert sorted(town.told()) == ["90000001", "90000001", "90000003"]


async def test_the_register_is_asked_once_for_many(peopled: World) -> None:
    asked: list[list[str]] = []

    async def register(numbers: list[str]) -> dict[str, Contact]:
        asked.append(list(numbers))
        return {one: Contact("90000001") for one in numbers}

    town = await town_of(peopled, register=Remembering(register))  # type: ignore[arg-type]
    await town.world.put(visit("v21"), visit("v22", "mina"), visit("v23", "jon"))
    await town.run()
    assert [len(one) for one in asked] == [3]
    assert len(town.told()) == 3
