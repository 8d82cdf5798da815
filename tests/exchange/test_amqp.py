"""Messages over a real broker: sealed, answered, and off the queue only when they are taken over."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from assets.broker import Broker

from exchange.authorities import DAY, Authority
from exchange.letters import dialog, message
from exchange.queues import (
    CA,
    KEYS,
    OURS,
    SIGNING,
    THEIRS,
    Desk,
    Registered,
    is_empty,
    party,
    place,
    put,
    receiving,
    taken,
    transport,
)
from samjournal.exchange import cms, wire
from samjournal.exchange.amqp import FAULT, id_for
from samjournal.exchange.arriving import SEALED
from samjournal.exchange.certificates import trusted
from samjournal.exchange.transport import Parcel, Refused, Unreachable

pytestmark = pytest.mark.anyio

KIND = "DIALOG_HELSEFAGLIG"


def letter(sender: str = THEIRS) -> bytes:
    return message(dialog(), to=("800001", OURS)).replace(b"900002", sender.encode()).replace(b"900001", b"100")


def parcel(data: bytes | None = None, **changes: object) -> Parcel:
    made = Parcel(str(uuid4()), KIND, THEIRS, OURS, letter() if data is None else data)
    return replace(made, **changes)  # type: ignore[arg-type]


def forged(**changes: object) -> wire.Message:
    """A message that is right but for what is changed."""
    given = {"fromHerId": THEIRS, "toHerId": OURS, "applicationTimeStamp": "2026-11-29T09:00:00Z"}
    made = wire.Message(str(uuid4()), f"{OURS}_async", KIND, f"{THEIRS}_async", content_type=SEALED, properties=given)
    return replace(made, **changes)  # type: ignore[arg-type]


def sealed(data: bytes | None = None, signing: cms.Key | None = None) -> bytes:
    return cms.protected(letter() if data is None else data, signing or SIGNING[THEIRS], KEYS[OURS].certificate)


async def test_a_message_goes_over_sealed_and_its_receipt_comes_back(broker: Broker) -> None:
    sent = parcel()
    receipt = Parcel(str(uuid4()), "APPREC", OURS, THEIRS, b"<receipt/>")
    async with (
        receiving(transport(broker, OURS), Desk(answers=[receipt])) as ours,
        receiving(transport(broker, THEIRS), Desk()) as theirs,
    ):
        id_ = await transport(broker, THEIRS).send(sent)
        await theirs.until("came")
        await ours.until("sent")
    assert [(one.id, one.data, one.sender, one.fault) for one in ours.came] == [(id_, sent.data, THEIRS, None)]
    assert theirs.came[0].data == b"<receipt/>"
    assert theirs.came[0].sender == OURS
    assert ours.sent[0].id == receipt.id


async def test_what_lies_on_the_queue_is_as_the_specification_says(broker: Broker) -> None:
    sent = parcel(sender=OURS, receiver=THEIRS, answers="c0ffee00-0000-4000-8000-000000000000")
    amqp = transport(broker, OURS, registered="tb.test.nhn.no/NHN/{name}")
    id_ = await amqp.send(sent)
    lying = (await taken(broker, f"{THEIRS}_async"))[0]
    assert (lying.id, lying.subject, lying.content_type) == (id_, KIND, SEALED)
    assert (lying.to, lying.reply_to) == (f"{THEIRS}_async", f"tb.test.nhn.no/NHN/{OURS}_async")
    assert lying.correlation == sent.answers
    stamp = datetime.strptime(lying.properties.pop("applicationTimeStamp"), "%Y-%m-%dT%H:%M:%S%z")  # type: ignore[attr-defined]
    assert abs((datetime.now(UTC) - stamp).total_seconds()) < 60
    assert lying.properties == {
        "fromHerId": OURS,
        "toHerId": THEIRS,
        "cpaId": "51795e2c-9d39-44e0-9168-5bee38f20819",
    }
    assert b"Nordmann" not in lying.body
    assert lying.lasts is None


async def test_what_never_got_there_keeps_its_id_and_what_failed_there_gets_another(broker: Broker) -> None:
    amqp, sent = transport(broker, OURS), parcel(sender=OURS, receiver=THEIRS)
    first, again, anew = [await amqp.send(replace(sent, attempt=attempt)) for attempt in (1, 1, 2)]
    lying = await taken(broker, f"{THEIRS}_async", 3)
    assert lying[0].id == lying[1].id == first == again
    assert lying[2].id == anew != first
    assert [first, anew] == [id_for(sent.id), id_for(sent.id, 2)]


@pytest.mark.parametrize("form", ["{name}", "/queue/{name}", "/amq/queue/{name}"])
async def test_addresses_are_written_as_the_broker_wants_them(broker: Broker, form: str) -> None:
    sent = parcel()
    async with receiving(transport(broker, OURS, form=form), Desk()) as ours:
        registered = {"async": f"tb.test.nhn.no/NHN/{OURS}_async"}
        register = Registered({OURS: party(OURS, queues=registered), THEIRS: party(THEIRS)})
        await transport(broker, THEIRS, register, form=form).send(sent)
        await ours.until("came")
    assert ours.came[0].data == sent.data


async def test_a_synchronous_kind_lasts_fifteen_seconds_and_is_answered_where_it_asks(broker: Broker) -> None:
    kinds = frozenset({"DIALOG_INNBYGGER_TIMERESERVASJON"})
    sent = parcel(kind="DIALOG_INNBYGGER_TIMERESERVASJON")
    await transport(broker, THEIRS, sync=kinds).send(sent)
    lying = (await taken(broker, f"{OURS}_sync"))[0]
    assert (lying.lasts, lying.reply_to) == (15_000, f"{THEIRS}_syncreply")
    answer = Parcel(str(uuid4()), "DIALOG_INNBYGGER_TIMERESERVASJON", OURS, THEIRS, b"<svar/>")
    async with receiving(transport(broker, OURS, sync=kinds), Desk(answers=[answer])) as ours:
        await put(broker, f"{OURS}_sync", lying)
        await ours.until("sent")
    reply = (await taken(broker, f"{THEIRS}_syncreply"))[0]
    assert (reply.correlation, reply.lasts) == (lying.id, 15_000)


async def test_nothing_is_off_the_queue_before_it_is_taken_over(broker: Broker) -> None:
    desk = Desk(refuses=3)
    await transport(broker, THEIRS).send(parcel())
    async with receiving(transport(broker, OURS), desk):
        await desk.until("came")
    assert len(desk.refused) == 3
    assert len(desk.came) == 1
    assert await is_empty(broker, f"{OURS}_async")


async def test_what_was_on_its_way_when_we_stopped_comes_again(broker: Broker) -> None:
    sent = parcel()
    await transport(broker, THEIRS).send(sent)
    async with receiving(transport(broker, OURS, longest_wait=30.0, first_wait=30.0), Desk(refuses=1)) as first:
        await first.until("refused")
    async with receiving(transport(broker, OURS), Desk()) as second:
        await second.until("came")
    assert second.came[0].data == sent.data


async def test_a_receipt_that_cannot_be_handed_over_keeps_its_message_on_the_queue(broker: Broker) -> None:
    register = Registered()
    receipt = Parcel(str(uuid4()), "APPREC", OURS, THEIRS, b"<receipt/>")
    amqp = transport(broker, OURS, register)
    sending = amqp.send

    async def away(parcel: Parcel) -> str:
        if len(desk.came) < 3:
            raise Unreachable("the broker is away")
        return await sending(parcel)

    amqp.send = away  # type: ignore[method-assign]
    desk = Desk(answers=[receipt])
    await transport(broker, THEIRS).send(parcel())
    async with receiving(amqp, desk):
        await desk.until("sent")
    assert len({one.id for one in desk.came}) == 1
    assert len(desk.came) == 3
    assert len(await taken(broker, f"{THEIRS}_async")) == 1


async def test_a_receipt_in_the_name_of_somebody_who_is_not_here_is_sent_by_who_got_the_message(broker: Broker) -> None:
    receipt = Parcel(str(uuid4()), "APPREC", "899999", THEIRS, b"<receipt/>")
    await transport(broker, THEIRS).send(parcel())
    async with receiving(transport(broker, OURS), Desk(answers=[receipt])) as desk:
        await desk.until("sent")
    (came,) = await taken(broker, f"{THEIRS}_async")
    assert came.properties["fromHerId"] == OURS


async def test_a_receipt_that_will_never_be_carried_is_told_of(broker: Broker) -> None:
    receipt = Parcel(str(uuid4()), "APPREC", OURS, THEIRS, b"<receipt/>")
    register = Registered({OURS: party(OURS), THEIRS: party(THEIRS, encryption=())})
    await transport(broker, THEIRS).send(parcel())
    async with receiving(transport(broker, OURS, register), Desk(answers=[receipt])) as desk:
        await desk.until("unsent")
    assert desk.unsent[0][0].id == receipt.id
    assert "sertifikat" in desk.unsent[0][1]
    assert await is_empty(broker, f"{OURS}_async")


async def test_what_fails_ten_times_while_others_go_through_is_a_dead_letter(broker: Broker) -> None:
    poison = parcel(letter().replace(b"Tjenesten", b"Giften"))
    sending = transport(broker, THEIRS)
    await sending.send(poison)
    async with receiving(transport(broker, OURS, longest_wait=0.02), Desk(poison=b"Giften")) as desk:
        await desk.until("refused", 12)
        await sending.send(parcel())
        await desk.until("came")
        dead = (await taken(broker, f"{OURS}_dl"))[0]
    assert len(desk.refused) >= 12, "alone it is not given up, for then it may be the record that is away"
    assert cms.decrypted(dead.body, [KEYS[OURS]])
    assert dead.properties["fromHerId"] == THEIRS
    assert await is_empty(broker, f"{OURS}_async")


REVOKED = CA.signing("Tilbakekalt")
EXPIRED = CA.signing("Utløpt", after=-20 * DAY, until=-DAY)
CA.revoked.append(REVOKED.certificate.serial_number)
STRANGER = Authority("Another CA").signing("Fremmed")


@pytest.mark.parametrize(
    ("changes", "condition", "code"),
    [
        ({"properties": {"fromHerId": THEIRS, "toHerId": OURS}}, "transport:invalid-field-value", ""),
        (
            {"properties": {"fromHerId": THEIRS, "toHerId": "1", "applicationTimeStamp": "x"}},
            "transport:invalid-field-value",
            "",
        ),
        ({"id": "7"}, "transport:invalid-field-value", ""),
        ({"subject": ""}, "transport:invalid-field-value", ""),
        ({"content_type": "text/plain"}, "transport:unsupported-message", ""),
        ({"subject": "SVAR_LAB"}, "transport:unsupported-message", ""),
        ({"body": b"<xml/>"}, "transport:invalid-cms-pkcs", ""),
        (
            {"body": cms.protected(letter(), SIGNING[THEIRS], KEYS[THEIRS].certificate)},
            "transport:invalid-certificate",
            "",
        ),
        ({"body": sealed(letter("666"))}, "abuse:spoofing-attack", ""),
        ({"body": sealed(b"<not xml")}, "transport:not-well-formed-xml", None),
        ({"body": sealed(signing=REVOKED)}, "transport:revoked-certificate", "S03"),
        ({"body": sealed(signing=EXPIRED)}, "transport:expired-certificate", "S02"),
        ({"body": sealed(signing=STRANGER)}, "transport:invalid-certificate", "S02"),
        ({"body": sealed(signing=SIGNING[OURS])}, "transport:invalid-certificate", "S02"),
    ],
)
async def test_the_sender_is_told_what_is_wrong_on_his_error_queue(
    broker: Broker, changes: dict[str, object], condition: str, code: str | None
) -> None:
    """ "" is handed over to nobody and put away; None is handed over as it is; a code goes along with it."""
    wrong = forged(**{"body": sealed(), **changes})
    kinds = frozenset({KIND})
    trust = trusted([CA.certificate], [CA.list_()])
    async with receiving(transport(broker, OURS, kinds=kinds, trust=lambda: trust), Desk()) as desk:
        await put(broker, f"{OURS}_async", wrong)
        fault = (await taken(broker, f"{THEIRS}_error"))[0]
    assert (fault.subject, fault.body, fault.correlation) == (FAULT, b"", wrong.id)
    told = fault.properties
    assert (told["errorCondition"], told["originalMessageId"]) == (condition, wrong.id)
    assert (told["fromHerId"], told["toHerId"]) == (OURS, THEIRS)
    assert told["errorDescription"]
    if condition == "abuse:spoofing-attack":
        assert json.loads(told["errorConditionData"]) == [f"amqp:{THEIRS}", "application:666"]
    if code == "":
        assert desk.came == []
        assert (await taken(broker, f"{OURS}_dl"))[0].id == wrong.id
    else:
        assert [one.fault and one.fault[0] for one in desk.came] == [code]
    assert await is_empty(broker, f"{OURS}_async")


async def test_an_unknown_sender_is_told_where_he_wants_answers(broker: Broker) -> None:
    given = {"fromHerId": "404", "toHerId": OURS, "applicationTimeStamp": "2026-11-29T09:00:00Z"}
    async with receiving(transport(broker, OURS), Desk()) as desk:
        await put(broker, f"{OURS}_async", forged(body=sealed(), properties=given))
        fault = (await taken(broker, f"{THEIRS}_error"))[0]
        await taken(broker, f"{OURS}_dl")
    assert fault.properties["errorCondition"] == "transport:invalid-field-value"
    assert desk.came == []


async def test_what_is_no_message_and_what_nobody_listens_for_is_put_away(broker: Broker) -> None:
    out, stopping = wire.Outbound(place(broker)), asyncio.Event()
    reading = asyncio.create_task(transport(broker, OURS).receive(Desk().take, stopping))
    assert await out.send(f"{OURS}_error", wire.written(forged(subject=FAULT))) == wire.ACCEPTED
    assert (await taken(broker, f"{OURS}_dl"))[0].subject == FAULT
    assert await out.send(f"{OURS}_async", wire.written(wire.Message("", body=b"?"))) == wire.ACCEPTED
    assert (await taken(broker, f"{OURS}_dl"))[0].body == b"?"
    stopping.set()
    await reading
    await out.close()


async def test_a_fault_that_others_found_is_heard_with_the_id_of_what_failed(broker: Broker) -> None:
    sender = transport(broker, OURS)
    id_ = await sender.send(parcel(b"<not xml", sender=OURS, receiver=THEIRS))
    async with (
        receiving(transport(broker, OURS), Desk()) as ours,
        receiving(transport(broker, THEIRS), Desk()),
    ):
        await ours.until("failed")
    assert [(one.id, one.condition) for one in ours.failed] == [(id_, "transport:not-well-formed-xml")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_active": False}, "ikke lenger i bruk"),
        ({"is_valid": False}, "ikke satt opp"),
        ({"kinds": frozenset({"EPIKRISE"})}, "tar ikke imot"),
        ({"encryption": ()}, "ikke noe sertifikat"),
        ({"encryption": (SIGNING[OURS].certificate,)}, "ikke laget for denne bruken"),
        ({"encryption": (Authority("Another CA").encryption("Fremmed").certificate,)}, "ikke utstedt av noen"),
    ],
)
async def test_nothing_is_sent_to_who_cannot_take_it_today(
    broker: Broker, changes: dict[str, object], words: str
) -> None:
    register = Registered({OURS: party(OURS, **changes)})
    with pytest.raises(Refused, match=words):
        await transport(broker, THEIRS, register).send(parcel())


async def test_what_cannot_be_found_out_now_is_tried_again_later(broker: Broker) -> None:
    with pytest.raises(Unreachable):
        await transport(broker, THEIRS, Registered(is_away=True)).send(parcel())
    old = trusted([CA.certificate], [CA.list_(until=-DAY)])
    with pytest.raises(Unreachable, match="revocation list"):
        await transport(broker, THEIRS, trust=lambda: old).send(parcel())
    with pytest.raises(Refused, match="404"):
        await transport(broker, THEIRS).send(parcel(receiver="404"))


async def test_what_is_sent_to_a_queue_that_is_not_there_does_not_count_as_sent(broker: Broker) -> None:
    """RabbitMQ says that it accepted it, and drops it."""
    register = Registered({OURS: party(OURS, queues={"async": "tb.test.nhn.no/NHN/nobody_async"})})
    amqp = transport(broker, THEIRS, register, form="/amq/queue/{name}")
    with pytest.raises(Refused, match="nobody_async"):
        await amqp.send(parcel())
