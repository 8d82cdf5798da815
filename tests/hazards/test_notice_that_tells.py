"""Hazard: what leaves the house tells somebody who looks over a shoulder, reads a gateway's log or opens an envelope
what it is about, which unit it is from, or where somebody hides. Requirement 5.1, issue 8

Everything goes over real wires to real servers here, and all that they got is read.
"""

from __future__ import annotations

import email
import email.policy
import re
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from letters.servers import MailServer, PushService, SmsGateway, http
from letters.town import AWAKE, KARI, Town, citizen, peopled, town_of, visit
from samjournal import access, letters
from samjournal.letters.channels import Channels
from samjournal.letters.mail import Mail, Server
from samjournal.letters.printing import Folder
from samjournal.letters.push import Push, b64
from samjournal.letters.sms import Gateway, Sms
from world import CONFIDENTIALITY, World, made, to

__all__ = ["peopled"]
pytestmark = pytest.mark.anyio
SECRET = re.compile(
    r"kari|nordmann|odd\b|psyk|ward|clinic|hospital|tunvegen|steinkjer|kreft|svulst|henvis|11834826226|patient"
    r"|appointment|communication|diagnostic|reminder",
    re.IGNORECASE,
)
_NUMBERS = count()
TEMPLATE = {"to": "{to}", "text": "{text}", "ref": "{id}"}


async def everything_new(town: Town, who: str) -> None:
    """One of each kind, full of words that tell."""
    patient, n = to(f"Patient/{who}"), next(_NUMBERS)
    await town.world.put(
        visit(f"h-{who}-{n}", who, description="Psykiatrisk poliklinikk", comment="Ta med prøve"),
        made("Communication", f"h-m-{who}-{n}", status="completed", subject=patient, recipient=[patient],
             sender=to("Organization/ward"), topic={"text": "Kreft"}, payload=[{"contentString": "Svulst"}]),
        made("DiagnosticReport", f"h-r-{who}-{n}", status="final", code={"text": "Kreftprøve"}, subject=patient,
             issued=town.now.isoformat()),
        made("Composition", f"h-c-{who}-{n}", status="final", type={"text": "Epikrise"}, title="Psykiatri",
             subject=patient, date=town.now.isoformat(), author=[to("Practitioner/doctor")]),
    )  # fmt: skip
    await town.follow()


async def later(town: Town, channels: Channels, **time: float) -> None:
    town.now += timedelta(**time)
    await letters.gather(town.world.door, town.job, channels, town.now)
    while await letters.send(town.world.door, town.job, channels, town.now):
        pass


async def test_no_channel_carries_a_word_of_it(peopled: World, tmp_path: Path) -> None:
    town, gateway, mail, service = await town_of(peopled), SmsGateway(), MailServer(), PushService()
    key = ec.generate_private_key(ec.SECP256R1())
    async with http(gateway) as sms_port, http(service) as push_port, mail.running() as mail_port:
        push = Push(key, "mailto:drift@example.org", ("127.0.0.1",))
        channels = Channels(
            {
                "sms": Sms(Gateway(f"http://127.0.0.1:{sms_port}/", TEMPLATE, {"X-Api-Key": "hemmelig"})),
                "email": Mail(Server("127.0.0.1", mail_port, "varsel@samjournal.example", security="none")),
                "letter": Folder(tmp_path),
            },
            push,
            address="https://samjournal.example",
            quiet=AWAKE,
        )
        kari = await peopled.permit("kari")
        mailed = {"telecom": [{"system": "email", "value": "k@example.org"}]}
        for ways in ({}, mailed, {"telecom": [{"system": "phone", "use": "mobile", "value": "90000001"}]}):
            await peopled.put({name: value for name, value in KARI.items() if name != "telecom"} | ways)
            await everything_new(town, "kari")
            await later(town, channels, hours=30)
            await peopled.as_owner("TRUNCATE letters.notice, letters.sending")
        endpoint = f"http://127.0.0.1:{push_port}/p/1"
        device = service.device
        await letters.subscribe(
            peopled.door, kari, "kari", push, endpoint, b64(device.p256dh), b64(device.auth), "Firefox"
        )
        await everything_new(town, "kari")
        await later(town, channels, hours=30)
    printed = [path.stem for path in tmp_path.iterdir()]  # noqa: ASYNC240
    assert (len(gateway.sent), len(mail.messages), len(service.shown), len(printed)) == (1, 1, 1, 1)
    (_, _, data) = mail.messages[0]
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    body = parsed.get_body()
    assert body is not None
    seen = [str(next(iter(gateway.sent.values()))), str(service.shown), str(service.heads), body.get_content()]
    seen += [f"{name}: {value}" for name, value in parsed.items() if name != "To"]
    for one in seen:
        assert SECRET.search(one) is None, one
    assert printed[0].count("-") == 4, "a name that says nothing"


async def test_what_is_kept_of_it_and_what_faults_say_has_no_address(peopled: World) -> None:
    town = await town_of(peopled)
    gone = Sms(Gateway("http://127.0.0.1:1/", TEMPLATE, {}, patience=1))
    channels = Channels({"sms": gone}, address="https://samjournal.example", quiet=AWAKE)
    await town.world.put(visit("h-fault"))
    await town.follow()
    await later(town, channels, minutes=3)
    (row,) = await town.rows("sending")
    assert row["fault"]
    assert "90000001" not in str(dict(row))


async def test_who_hides_is_not_told_from_whom_and_nothing_of_him_is_printed(peopled: World, tmp_path: Path) -> None:
    town, gateway = await town_of(peopled), SmsGateway()
    label = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    async with http(gateway) as port:
        channels = Channels(
            {
                "sms": Sms(Gateway(f"http://127.0.0.1:{port}/", TEMPLATE, {"X-Api-Key": "hemmelig"})),
                "letter": Folder(tmp_path / "print"),
            },
            address="https://samjournal.example",
            quiet=AWAKE,
        )
        await peopled.put({**citizen("odd", phone="90000009"), "meta": label})
        await everything_new(town, "odd")
        await later(town, channels, hours=30)
        await peopled.put({**citizen("odd"), "meta": label})
        await peopled.as_owner("TRUNCATE letters.notice, letters.sending")
        await everything_new(town, "odd")
        await later(town, channels, hours=30)
    await peopled.put(citizen("odd"))
    (sent,) = gateway.sent.values()
    assert "samjournal" not in str(sent).lower()
    assert "http" not in str(sent)
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240
    assert "person" in {row["channel"] for row in await town.rows("sending")}


async def test_the_task_of_who_is_not_reached_does_not_say_what_is_new(peopled: World) -> None:
    from samjournal.record.beside import matches

    town = await town_of(peopled)
    channels = Channels(address="https://samjournal.example", quiet=AWAKE)
    await peopled.put(visit("h-task", "odd", description="Psykiatrisk poliklinikk"))
    await town.follow()
    await later(town, channels, minutes=3)
    tasks = await matches(peopled.door, access.for_job("notices"), "Task", [("patient", "Patient/odd")])
    words = [one.resource()["description"] for one in tasks if one.id.startswith("notice-")]
    assert words
    assert not any("syk" in one for one in words)
