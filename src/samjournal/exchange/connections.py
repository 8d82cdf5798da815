"""The connections that an operator set up, from one TOML file: docs/how-to/connect-messages.md has every key, and
docs/reference/notices.md those of notices.

    connections(path, copy=None) -> Connections     raises Misconfigured, which names the table and the key

Paths are meant from the folder of the file. Keys and passwords stand in files of their own that nobody else may read,
and appear in no log and in no error.
"""

from __future__ import annotations

import ssl
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from samjournal.exchange import wire
from samjournal.exchange.addresses import Addresses, Source, basic
from samjournal.exchange.amqp import Amqp, Setting
from samjournal.exchange.certificates import Trust, Trusted, trusted
from samjournal.exchange.cms import Key
from samjournal.exchange.fetched import Fetched
from samjournal.exchange.folder import Folder
from samjournal.exchange.notifying import channels
from samjournal.exchange.register import Copy
from samjournal.exchange.rooms import rooms
from samjournal.exchange.table import Misconfigured, Table
from samjournal.exchange.transport import Transport
from samjournal.letters import Channels
from samjournal.scheduling.video import Rooms

_REREAD: Final = 30.0
"""Seconds after which it is looked whether certificates and lists changed."""


@dataclass(frozen=True)
class Connections:
    """What is set up: transports by the code of `Endpoint.connectionType`, the address register, whom the operator
    trusts to sign, how notices leave (None: not), and where video visits are held (None: they have no link)."""

    transports: Mapping[str, Transport] = field(default_factory=dict)
    register: Addresses | None = None
    trust: Trusted | None = None
    notices: Channels | None = None
    rooms: Rooms | None = None


def connections(path: Path, copy: Copy | None = None) -> Connections:
    """Everything the file names. `copy` gives what is kept of a party in the record."""
    try:
        told = tomllib.loads(path.read_text())
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is no TOML: {error}.") from None
    whole = Table(told, path.name, path.parent)
    register = _register(whole.table("register"), copy) if "register" in told else None
    trust = _trusting(whole.table("trust")) if "trust" in told else None
    notices = channels(whole.table("notices")) if "notices" in told else None
    made: dict[str, Transport] = {}
    for one in whole.tables("connection"):
        transport = _transport(one, register, trust)
        if transport.name in made:
            raise Misconfigured(f"{one.where}: there is a connection of the way {transport.name} already.")
        made[transport.name] = transport
        one.finish()
    held = rooms(whole.table("video")) if "video" in told else None
    whole.finish()
    return Connections(made, register, trust, notices, held)


def _transport(one: Table, register: Addresses | None, trust: Callable[[], Trust] | None) -> Transport:
    way = one.text("way")
    if way == Folder.name:
        return Folder(one.path("path"))
    if way == "sftp":
        return _sftp(one)
    if way != Amqp.name:
        raise Misconfigured(f"{one.where}: way is no-amqp, sftp or folder, not {way}.")
    if register is None or trust is None:
        raise Misconfigured(f"{one.where}: queues need the tables [register] and [trust].")
    return Amqp(_queues(one, trust), register)


def _queues(one: Table, trust: Callable[[], Trust]) -> Setting:
    names = {purpose: f"{{her}}_{purpose}" for purpose in ("async", "sync", "syncreply", "error")}
    names |= one.texts_by_name("names")
    return Setting(
        place=_place(one),
        hers=tuple(one.texts("her")),
        signing=_key(one.table("signing")),
        keys=tuple(_key(each) for each in one.tables("decryption")),
        trust=trust,
        form=one.text("form", "{name}"),
        registered=one.text("registered", "{name}"),
        names=names,
        dead=one.text("dead", "{her}_dl"),
        sync=frozenset(one.texts("sync", ())),
        kinds=frozenset(one.texts("kinds", ())) or None,
    )


def _place(one: Table) -> wire.Place:
    parts = urlsplit(one.text("broker"))
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname or parts.password:
        raise Misconfigured(f"{one.where}: broker is amqps://USER@HOST:PORT, its password in password-file.")
    tls = _tls(one) if parts.scheme == "amqps" else None
    if tls is None and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Misconfigured(f"{one.where}: broker is on another machine: use amqps.")
    port = parts.port or (5671 if tls else 5672)
    return wire.Place(parts.hostname, port, unquote(parts.username or ""), one.secret("password-file"), tls)


def _sftp(one: Table) -> Transport:
    from samjournal.exchange.sftp import Login, Sftp

    return Sftp(
        Login(
            host=one.text("host"),
            port=int(one.text("port", "22")),
            user=one.text("user"),
            key=one.private("key"),
            known_hosts=one.path("known-hosts"),
            base=one.text("base", "."),
        )
    )


def _register(one: Table, copy: Copy | None) -> Addresses:
    form = one.text("form")
    if form not in ("soap", "rest"):
        raise Misconfigured(f"{one.where}: form is soap or rest, not {form}.")
    headers = {}
    if user := one.text("user", ""):
        headers["Authorization"] = basic(user, one.secret("password-file"))
    elif token := one.secret("token-file"):
        headers["Authorization"] = f"Bearer {token}"
    pages = (*one.texts("certificates", ("", "")), "", "")
    source = Source(
        form="soap" if form == "soap" else "rest",
        details=one.text("details"),
        profile=one.text("profile", ""),
        agreement=one.text("agreement", ""),
        certificates=(pages[0], pages[1]),
        headers=headers,
        tls=_tls(one),
        patience=float(one.text("patience", "10")),
        old_for=timedelta(hours=float(one.text("old-hours", "72"))),
    )
    one.finish()
    return Addresses(source, copy)


def _tls(one: Table) -> ssl.SSLContext:
    """By the machine's authorities, or by those of a file alone; with a certificate of ours where one is named."""
    try:
        context = ssl.create_default_context(cafile=one.path("ca") if "ca" in one else None)
        if "client-certificate" in one:
            context.load_cert_chain(one.path("client-certificate"), one.private("client-key"))
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"{one.where}: the certificates for TLS cannot be used: {error}.") from None
    return context


# --- Keys and trust ---------------------------------------------------------------------------------------------------


def _key(one: Table) -> Key:
    password = one.secret("password-file")
    try:
        certificate = x509.load_pem_x509_certificate(one.path("certificate").read_bytes())
        key = load_pem_private_key(one.private("key").read_bytes(), password.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise Misconfigured(f"{one.where}: certificate or key is no PEM, or the password is another.") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise Misconfigured(f"{one.where}: the key does not belong to the certificate, or is not RSA.")
    one.finish()
    return Key(certificate, key)


def _trusting(one: Table) -> Callable[[], Trust]:
    authorities, checks = one.path("authorities"), one.text("check-revocation", "true") == "true"
    fetch = Fetched() if one.text("fetch-lists", "false") == "true" and checks else None
    lists = one.path("revocation-lists") if checks and (fetch is None or "revocation-lists" in one) else None
    one.finish()
    known: tuple[object, Trust] | None = None
    looked = 0.0

    def trust() -> Trust:
        """What the folders hold, read anew when they changed."""
        nonlocal known, looked
        if known is not None and time.monotonic() < looked + _REREAD:
            return known[1]
        looked = time.monotonic()
        files = [*_files(authorities), *(_files(lists) if lists else ())]
        stamp = [(str(file), file.stat().st_mtime_ns) for file in files]
        if known is None or known[0] != stamp:
            made = trusted(_authorities(authorities), _lists(lists) if lists else (), checks=checks, fetch=fetch)
            known = (stamp, made)
        return known[1]

    try:
        if not trust().roots:
            raise Misconfigured(f"{one.where}: {authorities} has no root certificate.")
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{one.where}: a certificate or revocation list cannot be read: {error}.") from None
    return trust


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in (".pem", ".cer", ".crt", ".crl"))


def _authorities(folder: Path) -> Iterator[x509.Certificate]:
    for file in _files(folder):
        data = file.read_bytes()
        if b"-----BEGIN" in data:
            yield from x509.load_pem_x509_certificates(data)
        else:
            yield x509.load_der_x509_certificate(data)


def _lists(folder: Path) -> Iterator[x509.CertificateRevocationList]:
    for file in _files(folder):
        data = file.read_bytes()
        yield x509.load_pem_x509_crl(data) if b"-----BEGIN" in data else x509.load_der_x509_crl(data)
