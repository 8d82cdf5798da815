"""Where video visits are held, from the operator's file: docs/how-to/connect-video.md

rooms(table) -> Rooms | None        of the table [video]; None where none are to be made
"""

from __future__ import annotations

from urllib.parse import urlsplit

from samjournal.exchange.table import Misconfigured, Table
from samjournal.scheduling.video import ROOM, Jitsi, Manager, Pexip, Rooms


def rooms(one: Table) -> Rooms | None:
    """Raises Misconfigured."""
    kind = one.text("kind")
    if kind not in ("none", "jitsi", "pexip"):
        raise Misconfigured(f"{one.where}: kind is none, jitsi or pexip, not {kind}.")
    if kind == "none":
        one.finish()
        return None
    address = _https(one, "address")
    if ROOM not in address:
        raise Misconfigured(f"{one.where}: address has {ROOM} where the name of the room goes.")
    manager = None
    if kind == "pexip" and "manager" in one:
        manager = Manager(_https(one, "manager"), one.text("user"), one.secret("password-file"))
    one.finish()
    return Jitsi(address) if kind == "jitsi" else Pexip(address, manager)


def _https(one: Table, name: str) -> str:
    """An address that is not listened to on its way; on this machine it may be without TLS."""
    address = one.text(name)
    parts = urlsplit(address)
    if parts.password or parts.scheme not in ("https", "http") or not parts.hostname:
        raise Misconfigured(f"{one.where}: {name} is https://HOST/…, a password in password-file.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise Misconfigured(f"{one.where}: {name} is on another machine: use https.")
    return address
