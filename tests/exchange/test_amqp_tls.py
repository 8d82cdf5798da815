"""Queues behind TLS: a certificate is asked after on either side, and who shows none that is known is not spoken to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from assets.broker import PASSWORD, USER, Broker
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from exchange.authorities import Authority
from exchange.queues import OURS
from exchange.test_connections import FILE, etc  # noqa: F401
from samjournal.exchange import wire
from samjournal.exchange.amqp import Amqp
from samjournal.exchange.cms import Key
from samjournal.exchange.connections import connections
from samjournal.exchange.table import Misconfigured

pytestmark = pytest.mark.anyio
CA, OTHER = Authority("Line CA"), Authority("Another CA")


def put(folder: Path, name: str, key: Key) -> None:
    (folder / f"{name}.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    path = folder / f"{name}.key"
    path.write_bytes(key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)


@pytest.fixture
async def guarded(broker: Broker, tmp_path: Path) -> AsyncIterator[int]:
    """The port of what stands before the broker: TLS alone, for who shows a certificate of its authority."""
    put(tmp_path, "front", CA.speaking("front"))
    (tmp_path / "front-ca.pem").write_bytes(CA.certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "front-ca.pem")
    context.load_cert_chain(tmp_path / "front.pem", tmp_path / "front.key")
    context.verify_mode = ssl.CERT_REQUIRED

    async def handed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection("127.0.0.1", broker.port)
            async with asyncio.TaskGroup() as both:
                both.create_task(_carried(reader, to_broker))
                both.create_task(_carried(from_broker, writer))
        except* OSError:
            writer.close()

    server = await asyncio.start_server(handed_on, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _carried(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


def place(
    folder: Path, port: int, *, ca: Authority = CA, ours: Authority | None = CA, host: str = "127.0.0.1"
) -> wire.Place:
    """Where the broker is, as an operator writes it down."""
    (folder / "line-ca.pem").write_bytes(ca.certificate.public_bytes(Encoding.PEM))
    lines = [f'broker = "amqps://{USER}@{host}:{port}"', 'ca = "line-ca.pem"']
    if ours is not None:
        put(folder, "client", ours.speaking("us"))
        lines += ['client-certificate = "client.pem"', 'client-key = "client.key"']
    (folder / "broker.password").write_text(PASSWORD)
    file = folder / "connections.toml"
    file.write_text(FILE.replace('broker = "amqps://oss@broker.example"', "\n".join(lines)))
    found = connections(file).transports["no-amqp"]
    assert isinstance(found, Amqp)
    return found.place


async def test_who_shows_his_certificate_speaks_with_the_broker(guarded: int, etc: Path) -> None:  # noqa: F811
    line = await wire.connected(place(etc, guarded))
    await line.receiver(f"{OURS}_async", 0)
    await line.close()


@pytest.mark.parametrize(
    "how",
    [{"ca": OTHER}, {"host": "localhost"}, {"ours": None}, {"ours": OTHER}],
    ids=["a broker of another authority", "a broker of another name", "no certificate of ours", "one of another"],
)
async def test_nobody_speaks_with_whom_he_does_not_know(
    guarded: int,
    etc: Path,  # noqa: F811
    how: dict[str, Authority | str | None],
) -> None:
    with pytest.raises(wire.Lost) as told:
        await wire.connected(place(etc, guarded, **how))  # type: ignore[arg-type]
    assert PASSWORD not in str(told.value)


async def test_a_broker_that_speaks_in_the_open_is_told_nothing(broker: Broker, etc: Path) -> None:  # noqa: F811
    with pytest.raises(wire.Lost):
        await wire.connected(place(etc, broker.port))


def test_a_key_of_the_line_that_others_can_read_is_refused(etc: Path) -> None:  # noqa: F811
    place(etc, 5671)
    (etc / "client.key").chmod(0o644)
    with pytest.raises(Misconfigured, match=r"client-key .* can be read by others: chmod 600"):
        connections(etc / "connections.toml")
