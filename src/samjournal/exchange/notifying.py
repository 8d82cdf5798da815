"""How notices leave, as the operator set it up: the table [notices] of the TOML file. docs/reference/notices.md

channels(table) -> Channels         raises Misconfigured, which names the table and the key
"""

from __future__ import annotations

from typing import Final, Literal, cast
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from samjournal.exchange.table import Misconfigured, Table
from samjournal.letters import Channels
from samjournal.letters.channels import Channel
from samjournal.letters.contacts import Register, Remembering
from samjournal.letters.krr import Krr, Maskinporten, Source
from samjournal.letters.mail import Mail, Server
from samjournal.letters.printing import Folder
from samjournal.letters.push import HOSTS, Push
from samjournal.letters.sms import Gateway, Sms

_NEAR: Final = ("127.0.0.1", "::1", "localhost")


def channels(one: Table) -> Channels:
    """Everything the table names."""
    by_name: dict[str, Channel] = {}
    if "sms" in one:
        by_name["sms"] = _sms(one.table("sms"))
    if "email" in one:
        by_name["email"] = _mail(one.table("email"))
    if "letters" in one:
        by_name["letter"] = _letters(one.table("letters"))
    push = _push(one.table("push")) if "push" in one else None
    register = _register(one.table("register")) if "register" in one else None
    quiet = one.numbers("quiet", (21, 8))
    if len(quiet) != 2 or not all(0 <= hour <= 23 for hour in quiet):
        raise Misconfigured(f"{one.where}: quiet is two hours, from and until.")
    address = _url(one, "address", one.text("address"))
    found = Channels(by_name, push, register, address.rstrip("/"), one.text("phone", ""), (quiet[0], quiet[1]))
    one.finish()
    return found


def _sms(one: Table) -> Sms:
    headers = one.value("headers") if "headers" in one else {}
    body = one.value("body")
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise Misconfigured(f"{one.where}: headers is a table of texts.")
    if not isinstance(body, dict | list) or "{to}" not in str(body) or "{text}" not in str(body):
        raise Misconfigured(f"{one.where}: body is the JSON of a message, with {{to}} and {{text}} in it.")
    made = Sms(
        Gateway(
            url=_url(one, "url", str(one.value("url"))),
            template=body,
            headers=headers,
            receipt=tuple(one.texts("receipt", ())),
            country=one.text("country", "+47"),
            patience=float(one.text("patience", "10")),
        )
    )
    one.finish()
    return made


def _mail(one: Table) -> Mail:
    security, host = one.text("security", "starttls"), one.text("host")
    if security not in ("starttls", "tls", "none"):
        raise Misconfigured(f"{one.where}: security is starttls, tls or none, not {security}.")
    if security == "none" and host not in _NEAR:
        raise Misconfigured(f"{one.where}: the mail server is on another machine: use starttls or tls.")
    sender = one.text("sender")
    if "@" not in sender:
        raise Misconfigured(f"{one.where}: sender is an e-mail address.")
    password = one.secret("password-file") or (str(one.value("password")) if "password" in one else "")
    made = Mail(
        Server(
            host=host,
            port=int(one.text("port", "465" if security == "tls" else "587")),
            sender=sender,
            name=one.text("name", "Samjournal"),
            user=one.text("user", ""),
            password=password,
            security=cast(Literal["starttls", "tls", "none"], security),
            patience=float(one.text("patience", "20")),
        )
    )
    one.finish()
    return made


def _push(one: Table) -> Push:
    key = _private(one)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Misconfigured(f"{one.where}: key is a private key of P-256: openssl ecparam -genkey -name prime256v1.")
    subject = one.text("subject")
    if not subject.startswith(("mailto:", "https:")):
        raise Misconfigured(f"{one.where}: subject is mailto:ADDRESS or https:PAGE of whom push services write to.")
    made = Push(key, subject, tuple(one.texts("hosts", HOSTS)), float(one.text("patience", "10")))
    one.finish()
    return made


def _letters(one: Table) -> Channel:
    way = one.text("way")
    made: Channel
    if way == "folder":
        made = Folder(one.path("path"))
    elif way == "sftp":
        from samjournal.letters.sftp import Sftp

        made = Sftp(
            host=one.text("host"),
            user=one.text("user"),
            key=one.private("key"),
            known_hosts=one.path("known-hosts"),
            port=int(one.text("port", "22")),
            base=one.text("base", "."),
        )
    else:
        raise Misconfigured(f"{one.where}: way is folder or sftp, not {way}.")
    one.finish()
    return made


def _register(one: Table) -> Register | None:
    way = one.text("way", "krr")
    if way == "none":
        one.finish()
        return None
    if way != "krr":
        raise Misconfigured(f"{one.where}: way is krr or none, not {way}.")
    source = Source(
        people=_url(one, "people", one.text("people")),
        maskinporten=_maskinporten(one.table("maskinporten")) if "maskinporten" in one else None,
        bearer=str(one.value("bearer")) if "bearer" in one else "",
        patience=float(one.text("patience", "10")),
    )
    if source.maskinporten is None and not source.bearer:
        raise Misconfigured(f"{one.where}: a table maskinporten is missing (or bearer, for a register of a test).")
    one.finish()
    return Remembering(Krr(source))


def _maskinporten(one: Table) -> Maskinporten:
    key = _private(one)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Misconfigured(f"{one.where}: key is an RSA key, as it is registered there.")
    made = Maskinporten(
        token=_url(one, "token", one.text("token")),
        audience=one.text("audience"),
        client=one.text("client"),
        key=key,
        key_id=one.text("key-id"),
    )
    one.finish()
    return made


def _private(one: Table) -> object:
    password = one.secret("password-file")
    try:
        return load_pem_private_key(one.private("key").read_bytes(), password.encode() or None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise Misconfigured(f"{one.where}: key is no PEM, or the password is another.") from None


def _url(one: Table, name: str, told: str) -> str:
    """An address that may carry secrets: encrypted, or on this machine."""
    parts = urlsplit(told)
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise Misconfigured(f"{one.where}: {name} is an address that begins with https.")
    if parts.scheme == "http" and parts.hostname not in _NEAR:
        raise Misconfigured(f"{one.where}: {name} is on another machine: use https.")
    return told
