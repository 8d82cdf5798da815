"""TLS that the server speaks itself, on a real socket. samjournal.server.tls"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from samjournal.server.exits import Usage
from samjournal.server.serve import Server
from samjournal.server.tls import Tls, tls_of

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Place:
    port: int
    trusting: ssl.SSLContext


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Tls(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    made.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    made.key.chmod(0o600)
    return made


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    else:
        await PlainTextResponse(scope["scheme"])(scope, receive, send)


@pytest.fixture(scope="module")
async def place(files: Tls, anyio_backend: str) -> AsyncIterator[Place]:
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        server = Server()
        server.configure(hello, tls=files)
        work = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            assert not work.done()
            await asyncio.sleep(0.005)
        yield Place(bound.getsockname()[1], ssl.create_default_context(cafile=str(files.certificate)))
        server.should_exit = True
        await work


async def test_a_request_over_tls_is_answered_as_one_over_https(place: Place) -> None:
    async with httpx.AsyncClient(verify=place.trusting) as client:
        assert (await client.get(f"https://127.0.0.1:{place.port}/")).text == "https"


async def test_what_is_wrong_is_told_over_tls_too(place: Place) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port, ssl=place.trusting)
    writer.write(b"NOT HTTP\r\n\r\n")
    head = (await reader.read()).lower()
    writer.close()
    assert head.startswith(b"http/1.1 400")
    assert b"x-content-type-options: nosniff" in head


async def test_plain_http_gets_no_answer(place: Place) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.TransportError):
            await client.get(f"http://127.0.0.1:{place.port}/")


@pytest.mark.parametrize(
    ("most", "suites", "version"),
    [
        (ssl.TLSVersion.TLSv1_3, None, "TLSv1.3"),
        (ssl.TLSVersion.TLSv1_2, None, "TLSv1.2"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA:AES256-SHA:AES128-GCM-SHA256", None),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA", None),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", None),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_only_versions_and_suites_that_are_sound_are_spoken(
    place: Place, files: Tls, most: ssl.TLSVersion, suites: str | None, version: str | None
) -> None:
    asking = ssl.create_default_context(cafile=str(files.certificate))
    asking.minimum_version, asking.maximum_version = ssl.TLSVersion.TLSv1, most
    if suites:
        asking.set_ciphers(suites)
    if version is None:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", place.port, ssl=asking)
        return
    _, writer = await asyncio.open_connection("127.0.0.1", place.port, ssl=asking)
    assert writer.get_extra_info("ssl_object").version() == version
    assert "GCM" in writer.get_extra_info("cipher")[0] or "CHACHA20" in writer.get_extra_info("cipher")[0]
    writer.close()


def test_half_a_pair_a_wrong_file_and_a_key_for_everybody_are_refused(files: Tls) -> None:
    with pytest.raises(Usage, match="both"):
        tls_of(files.certificate, None)
    with pytest.raises(Usage, match="no certificate with its key"):
        tls_of(files.key, files.key)
    files.key.chmod(0o644)
    with pytest.raises(Usage, match="read by others"):
        tls_of(files.certificate, files.key)
    files.key.chmod(0o600)
    assert tls_of(files.certificate, files.key) == files
    assert tls_of(None, None) is None


def test_where_it_answers_is_named_when_nobody_says_it(files: Tls) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert files.address("127.0.0.1", bound) == f"https://127.0.0.1:{bound.getsockname()[1]}"
