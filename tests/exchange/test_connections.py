"""Connections from a file: all keys, what is wrong said by table and key, and secrets in nobody else's sight."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from exchange.queues import CA, KEYS, OURS, SIGNING
from samjournal.exchange.amqp import Amqp
from samjournal.exchange.cms import Key
from samjournal.exchange.connections import connections
from samjournal.exchange.table import Misconfigured

FILE = f"""
[register]
form = "rest"
details = "https://register.example/{{her}}"
user = "oss"
password-file = "register.password"

[trust]
authorities = "authorities"
revocation-lists = "lists"

[[connection]]
way = "no-amqp"
broker = "amqps://oss@broker.example"
password-file = "broker.password"
her = ["{OURS}"]
form = "/amq/queue/{{name}}"
registered = "tb.test.nhn.no/NHN/{{name}}"
signing = {{ certificate = "sign.pem", key = "sign.key", password-file = "keys.password" }}
decryption = [{{ certificate = "decrypt.pem", key = "decrypt.key", password-file = "keys.password" }}]

[[connection]]
way = "sftp"
host = "filer.example"
user = "oss"
key = "ssh.key"
known-hosts = "known"

[[connection]]
way = "folder"
path = "messages"
"""
SECRET = "correct horse battery staple"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    for folder, data in (
        ("authorities", CA.certificate.public_bytes(Encoding.PEM)),
        ("lists", CA.list_().public_bytes(Encoding.DER)),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ca.crl").write_bytes(data)
    private(tmp_path, "sign", SIGNING[OURS])
    private(tmp_path, "decrypt", KEYS[OURS])
    for name in ("register.password", "broker.password", "keys.password", "ssh.key"):
        secret(tmp_path / name, SECRET.encode())
    (tmp_path / "connections.toml").write_text(FILE)
    return tmp_path


def private(folder: Path, name: str, key: Key) -> None:
    (folder / f"{name}.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    secret(folder / f"{name}.key", locked(key))


@cache
def locked(key: Key) -> bytes:
    return key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET.encode()))


def secret(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)


def test_every_way_is_set_up_from_one_file(etc: Path) -> None:
    found = connections(etc / "connections.toml")
    assert set(found.transports) == {"no-amqp", "sftp", "folder"}
    amqp = found.transports["no-amqp"]
    assert isinstance(amqp, Amqp)
    setting = amqp._setting
    assert (setting.place.host, setting.place.port, setting.place.user) == ("broker.example", 5671, "oss")
    assert setting.place.tls is not None
    assert setting.address("tb.test.nhn.no/NHN/93238_async") == "/amq/queue/93238_async"
    assert setting.signing.certificate == SIGNING[OURS].certificate
    assert [one.subject for one in setting.trust().roots] == [CA.certificate.subject]
    assert found.trust is setting.trust
    assert SECRET not in repr(setting)
    assert found.register is not None
    assert SECRET not in repr(found.register._source)


def test_revocation_lists_are_read_anew_when_they_changed(etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samjournal.exchange.connections._REREAD", 0.0)
    amqp = connections(etc / "connections.toml").transports["no-amqp"]
    assert isinstance(amqp, Amqp)
    assert len(amqp._setting.trust().lists) == 1
    (etc / "lists" / "second.crl").write_bytes(CA.list_().public_bytes(Encoding.PEM))
    assert len(amqp._setting.trust().lists) == 2


def test_lists_may_be_fetched_in_place_of_a_folder(etc: Path) -> None:
    file = etc / "connections.toml"
    file.write_text(FILE.replace('revocation-lists = "lists"', "fetch-lists = true"))
    trust = connections(file).trust
    assert trust is not None
    assert (trust().lists, trust().fetch is not None, trust().checks) == ((), True, True)


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ('way = "folder"', 'way = "pigeon"', "connection.*3: way is"),
        ('path = "messages"', "", "connection.*3: path is missing"),
        ('path = "messages"', 'path = "messages"\npaht = "x"', "no setting paht"),
        ("amqps://oss@", "amqp://oss@", "use amqps"),
        ("amqps://oss@", "amqps://oss:word@", "password in password-file"),
        ('form = "rest"', 'form = "fax"', "register.*form is soap or rest"),
        ('certificate = "sign.pem"', 'certificate = "decrypt.pem"', "signing.*does not belong"),
        ('way = "sftp"', 'way = "folder"\npath = "x"', "no setting host|folder already"),
        ("[trust]", "[rust]", "need the tables|no setting rust"),
        ('authorities = "authorities"', 'authorities = "lists"', "cannot be read|no root"),
        ("[register]", "[register", "no TOML"),
        (f'her = ["{OURS}"]', 'her = "1"', "her is a list"),
    ],
)
def test_a_slip_is_told_by_its_table_and_key(etc: Path, wrong: str, right: str, words: str) -> None:
    (etc / "connections.toml").write_text(FILE.replace(wrong, right))
    with pytest.raises(Misconfigured, match=words) as error:
        connections(etc / "connections.toml")
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("name", ["sign.key", "broker.password", "register.password", "ssh.key"])
def test_a_secret_that_others_can_read_is_refused(etc: Path, name: str) -> None:
    (etc / name).chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        connections(etc / "connections.toml")


def test_a_password_that_is_another_says_nothing_of_itself(etc: Path) -> None:
    secret(etc / "keys.password", b"wrong")
    with pytest.raises(Misconfigured, match=r"signing.*password is another") as error:
        connections(etc / "connections.toml")
    assert "wrong" not in str(error.value)
