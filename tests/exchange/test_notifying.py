"""How notices leave is read from the operator's file; what is wrong there is told by table and key, without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from samjournal.exchange.connections import connections
from samjournal.exchange.table import Misconfigured
from samjournal.letters.contacts import Remembering
from samjournal.letters.krr import Krr

WHOLE = """
[notices]
address = "https://samjournal.example/"
phone = "73 00 00 00"
quiet = [22, 7]

[notices.sms]
url = "https://sms.example/send"
headers = { Authorization = "Bearer {env:SMS_KEY}" }
body = { messages = [{ to = "{to}", text = "{text}", ref = "{id}" }] }
receipt = ["messages", "0", "id"]

[notices.email]
host = "smtp.example"
sender = "varsel@samjournal.example"
user = "samjournal"
password = "{env:MAIL_KEY}"

[notices.push]
key = "vapid.pem"
subject = "mailto:drift@samjournal.example"

[notices.letters]
way = "folder"
path = "print"

[notices.register]
people = "https://kontaktregisteret.no/rest/v1/personer"
[notices.register.maskinporten]
token = "https://maskinporten.no/token"
audience = "https://maskinporten.no/"
client = "7f1c"
key = "client.pem"
key-id = "k1"
"""


KEYS = {
    name: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, key in (
        ("vapid.pem", ec.generate_private_key(ec.SECP256R1())),
        ("client.pem", rsa.generate_private_key(65537, 2048)),
    )
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMS_KEY", "hemmelig-1")
    monkeypatch.setenv("MAIL_KEY", "hemmelig-2")
    for name, key in KEYS.items():
        path = tmp_path / name
        path.write_bytes(key)
        path.chmod(0o600)
    return tmp_path


def read(folder: Path, text: str) -> object:
    path = folder / "connections.toml"
    path.write_text(text)
    return connections(path).notices


def test_everything_is_set_up(folder: Path) -> None:
    found = read(folder, WHOLE)
    assert found is not None
    channels = connections(folder / "connections.toml").notices
    assert channels is not None
    assert set(channels.by_name) == {"sms", "email", "letter"}
    assert channels.link == "https://samjournal.example/portal"
    assert channels.quiet == (22, 7)
    assert channels.has("push")
    assert isinstance(channels.register, Remembering)
    assert isinstance(channels.register.register, Krr)
    assert channels.by_name["sms"]._gateway.headers == {"Authorization": "Bearer hemmelig-1"}  # type: ignore[attr-defined]


def test_without_the_table_nothing_is_set_up(folder: Path) -> None:
    assert read(folder, "") is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{env:SMS_KEY}", "{env:ABSENT}", "headers names ABSENT"),
        ("https://sms.example", "http://sms.example", "use https"),
        ('text = "{text}"', 'text = "x"', "with {to} and {text}"),
        ('host = "smtp.example"', 'host = "smtp.example"\nsecurity = "none"', "use starttls or tls"),
        ('sender = "varsel@samjournal.example"', 'sender = "varsel"', "e-mail address"),
        ('key = "vapid.pem"', 'key = "client.pem"', "P-256"),
        ('key = "client.pem"', 'key = "vapid.pem"', "RSA"),
        ('way = "folder"', 'way = "post"', "folder or sftp"),
        ("quiet = [22, 7]", "quiet = [22]", "two hours"),
        ("phone =", "telefon =", "there is no setting telefon"),
        ('audience = "https://maskinporten.no/"', "", "audience is missing"),
        ("mailto:drift", "drift", "mailto:"),
    ],
)
def test_what_is_wrong_is_told_by_table_and_key(folder: Path, old: str, new: str, told: str) -> None:
    assert old in WHOLE
    with pytest.raises(Misconfigured, match=told) as error:
        read(folder, WHOLE.replace(old, new))
    assert "hemmelig" not in str(error.value)


def test_a_key_that_others_can_read_is_refused(folder: Path) -> None:
    (folder / "vapid.pem").chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        read(folder, WHOLE)
