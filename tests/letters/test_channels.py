"""Each channel against a real server: what goes over the wire, what is tried again, and what is refused."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncssh
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from letters.servers import Device, MailServer, PushService, SmsGateway, http
from samjournal.letters.channels import Parcel
from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.mail import Mail, Server
from samjournal.letters.printing import Folder
from samjournal.letters.push import HOSTS, Browser, Gone, Push, encrypted
from samjournal.letters.sftp import Sftp
from samjournal.letters.sms import Gateway, Sms, filled

pytestmark = pytest.mark.anyio
ID = UUID("0193e000-0000-7000-8000-000000001234")
PARCEL = Parcel(ID, "90 00 00 00", "Ny melding", "Du har en ny melding hos Samjournal. Æøå", "nb")
TEMPLATE = {"messages": [{"to": "{to}", "text": "{text}", "ref": "sj-{id}", "plain": "{other}"}]}


def sms(port: int, key: str = "hemmelig") -> Sms:
    headers = {"X-Api-Key": key}
    return Sms(Gateway(f"http://127.0.0.1:{port}/send", TEMPLATE, headers, ("messages", "0", "id"), patience=2))


async def test_an_sms_is_what_the_operator_said_with_number_text_and_key() -> None:
    gateway = SmsGateway()
    async with http(gateway) as port:
        assert await sms(port).send(PARCEL) == "g-1234"
    (sent,) = gateway.sent.values()
    told = sent["messages"][0]
    assert told == {"to": "+4790000000", "text": PARCEL.text, "ref": f"sj-{ID}", "plain": "{other}"}


async def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key_and_sent_once() -> None:
    gateway = SmsGateway(answers=[0, 201])
    async with http(gateway) as port:
        with pytest.raises(Unreachable):
            await sms(port).send(PARCEL)
        await sms(port).send(PARCEL)
    assert (gateway.asked, len(gateway.sent)) == (2, 1)


@pytest.mark.parametrize(
    ("status", "fault"), [(503, Unreachable), (429, Unreachable), (400, Refused), (404, Refused), (0, Unreachable)]
)
async def test_what_is_tried_again_and_what_is_not(status: int, fault: type[Exception]) -> None:
    async with http(SmsGateway(answers=[status])) as port:
        with pytest.raises(fault):
            await sms(port).send(PARCEL)


async def test_a_key_that_is_wrong_gives_nobody_a_letter() -> None:
    async with http(SmsGateway()) as port:
        with pytest.raises(Unreachable, match="401"):
            await sms(port, "gammel").send(PARCEL)


async def test_a_number_that_is_none_is_refused_without_being_told() -> None:
    with pytest.raises(Refused) as told:
        await sms(1).send(Parcel(ID, "12", "", "", "nb"))
    assert "12" not in str(told.value)


def test_a_template_is_filled_wherever_it_stands_and_only_once() -> None:
    assert filled(["{to}", {"a": 1}, None], {"to": "{id}x", "id": "7"})[0] in ("{id}x", "7x")
    assert filled({"a": "{ }"}, {"to": "x"}) == {"a": "{ }"}


def mail(port: int) -> Mail:
    return Mail(Server("127.0.0.1", port, "varsel@samjournal.example", security="none", patience=3))


async def test_a_mail_is_plain_text_of_a_machine_with_the_key_as_its_id() -> None:
    server = MailServer()
    async with server.running() as port:
        receipt = await mail(port).send(Parcel(ID, "kari@example.org", "Ny melding", "Æøå https://x/portal", "nn"))
    ((sender, to, data),) = server.messages
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert (sender, to) == ("varsel@samjournal.example", ["kari@example.org"])
    assert message["Message-ID"] == receipt == f"<{ID}@samjournal.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "nn"
    assert message["Subject"] == "Ny melding"
    body = message.get_body()
    assert body is not None
    assert body.get_content().startswith("Æøå https://x/portal")


@pytest.mark.parametrize(("answer", "fault"), [("550 no such", Refused), ("451 later", Unreachable)])
async def test_a_mail_server_that_says_no_is_believed(answer: str, fault: type[Exception]) -> None:
    server = MailServer(rcpt=[answer])
    async with server.running() as port:
        with pytest.raises(fault) as told:
            await mail(port).send(Parcel(ID, "kari@example.org", "a", "b", "nb"))
    assert "kari" not in str(told.value)


@pytest.mark.parametrize("to", ["kari", "kari@", "a@b\r\nBcc: c@d", "@x"])
async def test_an_address_that_is_none_reaches_no_server(to: str) -> None:
    with pytest.raises(Refused):
        await mail(1).send(Parcel(ID, to, "a", "b", "nb"))


async def test_no_mail_server_is_tried_again() -> None:
    with pytest.raises(Unreachable):
        await mail(1).send(Parcel(ID, "kari@example.org", "a", "b", "nb"))


def push(*hosts: str) -> Push:
    return Push(ec.generate_private_key(ec.SECP256R1()), "mailto:drift@example.org", hosts or HOSTS, patience=2)


async def test_only_the_browser_reads_what_is_shown_there() -> None:
    service = PushService()
    browser = Browser("", service.device.p256dh, service.device.auth)
    async with http(service) as port:
        to = Browser(f"http://127.0.0.1:{port}/p/1", browser.p256dh, browser.auth)
        await push("127.0.0.1").send(
            to, ID, title="Ny melding", text="Æ", link="/portal", language="nb", is_urgent=True, seconds=60
        )
    assert service.shown == [
        {"title": "Ny melding", "text": "Æ", "link": "/portal", "language": "nb", "tag": "samjournal"}
    ]
    (head,) = service.heads
    assert (head["ttl"], head["urgency"], head["content-encoding"]) == ("60", "high", "aes128gcm")


async def test_a_browser_that_is_gone_is_told_apart_from_a_service_that_is_away() -> None:
    for status, fault in ((410, Gone), (404, Gone), (503, Unreachable), (413, Refused)):
        service = PushService(answers=[status])
        async with http(service) as port:
            to = Browser(f"http://127.0.0.1:{port}/p/1", service.device.p256dh, service.device.auth)
            with pytest.raises(fault):
                await push("127.0.0.1").send(
                    to, ID, title="a", text="b", link="/", language="nb", is_urgent=False, seconds=60
                )


def test_the_same_words_are_never_the_same_bytes_and_of_one_length() -> None:
    device = Device()
    first, second = (encrypted(b"x" * 20, device.p256dh, device.auth) for _ in range(2))
    assert first != second
    assert len(first) == len(encrypted(b"x" * 300, device.p256dh, device.auth))
    with pytest.raises(Refused):
        encrypted(b"x", b"\x04" + bytes(64), device.auth)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x",
        "https://user@fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:5432/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
    ],
)
def test_nobody_makes_the_server_ask_elsewhere(endpoint: str) -> None:
    assert not push().may_go_to(endpoint)
    assert push().may_go_to("https://updates.push.services.mozilla.com/wpush/v2/x")


async def test_a_letter_is_whole_or_not_there_and_twice_is_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "print")
    for _ in range(2):
        assert await folder.send(Parcel(ID, "", "", "", "nb", data=b"%PDF-1")) == f"{ID}.pdf"
    (file,) = (tmp_path / "print").iterdir()
    assert file.read_bytes() == b"%PDF-1"
    assert file.stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Unreachable):
        await Folder(tmp_path / "file" / "print").send(Parcel(ID, "", "", "", "nb", data=b"x"))


async def test_a_letter_goes_to_a_printing_house_over_sftp_and_only_to_the_one_we_know(tmp_path: Path) -> None:
    for name in ("host", "ours", "other"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(tmp_path / name))
        key.write_public_key(str(tmp_path / f"{name}.pub"))
    house = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[str(tmp_path / "host")],
        authorized_client_keys=str(tmp_path / "ours.pub"),
        sftp_factory=asyncssh.SFTPServer,
    )
    async with house:
        port = house.get_port()
        known = {name: tmp_path / f"known-{name}" for name in ("host", "other")}
        for name, path in known.items():
            path.write_text(f"[127.0.0.1]:{port} {(tmp_path / f'{name}.pub').read_text()}")
        to = Sftp("127.0.0.1", "sj", tmp_path / "ours", known["host"], port, str(tmp_path / "print"), patience=5)
        parcel = Parcel(ID, "", "", "", "nb", data=b"%PDF-1")
        for _ in range(2):
            assert await to.send(parcel) == f"{ID}.pdf"
        with pytest.raises(Unreachable):
            await replace(to, known_hosts=known["other"]).send(parcel)
    (file,) = (tmp_path / "print").iterdir()
    assert file.read_bytes() == b"%PDF-1"
