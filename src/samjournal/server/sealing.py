"""The key that seals the log, and the heads of its seals, outside the database. docs/explanation/sealed-log.md

    folder/key           the private key, for the account that runs the server alone
    folder/key.pub       the public one: give it to whoever checks
    folder/heads.ndjson  a line for each seal, appended when it is made; copy it elsewhere

`samjournal audit verify` compares them with the log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from samjournal import audit
from samjournal.audit import Seal
from samjournal.db.pool import Pool
from samjournal.server import exits
from samjournal.server.metrics import sealed
from samjournal.server.worker import SECOND, repeat

KEY, PUBLIC, HEADS = "key", "key.pub", "heads.ndjson"
LATE = timedelta(minutes=1)
"""A look is sealed within a second or two; what is older and not sealed means that nobody seals."""
_log = logging.getLogger("samjournal.sealing")
_PEM = serialization.Encoding.PEM


class _Head(msgspec.Struct):
    number: int
    at: datetime
    rows: int
    hash: str
    signature: str


_head = msgspec.json.Decoder(_Head)


def folder_of(data_dir: Path | None, audit_dir: Path | None) -> Path | None:
    """Where key and heads are: as it was said, else in the data folder; None with a server of one's own and nothing
    said."""
    return audit_dir or (data_dir / "audit" if data_dir else None)


def key_of(folder: Path) -> Ed25519PrivateKey:
    """The key in a folder, made when there is none. Raises Refused for what is no key."""
    file = folder / KEY
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate()
        private = made.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(folder / PUBLIC, made.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        _write(file, private)
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except (ValueError, TypeError, OSError) as error:
        raise exits.Refused(f"The key that seals the log, {file}, cannot be read: {error}.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise exits.Refused(f"The key that seals the log, {file}, is not an Ed25519 key.")
    return key


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def on_disk(file: Path) -> None:
    """Wait until what was written to a file is on the disk."""
    with file.open("rb") as written:
        os.fsync(written.fileno())


async def seal_looks(pool: Pool, folder: Path, stopping: asyncio.Event) -> None:
    """Seal what was logged, every second."""
    key = await asyncio.to_thread(key_of, folder)
    heads = await asyncio.to_thread(_heads, folder)
    last = await audit.newest(pool)
    if heads and (last is None or last[0] < max(heads) or {last[1]} != set(heads.get(last[0], {last[1]}))):
        _log.error("the log does not end as it was sealed: run `samjournal audit verify`")

    async def step() -> bool:
        async with pool.transaction() as db:
            made = await audit.seal(db, key)
        if made is not None:
            # After the commit: a head of what was never sealed would look like a cut.
            await asyncio.to_thread(_append, folder / HEADS, made)
        sealed.set(datetime.now(UTC).timestamp())
        return False

    await repeat("the sealing of the log", step, every=SECOND, stopping=stopping)


def _append(file: Path, made: Seal) -> None:
    line = msgspec.json.encode(_Head(made.number, made.at, made.rows, made.hash.hex(), made.signature.hex()))
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        out.write(line + b"\n")
        out.flush()
        os.fsync(out.fileno())


async def verify(pool: Pool, folder: Path, *, tell: Callable[[str], None]) -> int:
    """Compare the log with its seals and with the heads that were copied; tell what is wrong, and end accordingly."""
    public, heads = await asyncio.to_thread(kept, folder)
    found = await audit.check(pool, public, heads)
    for one in found.findings:
        tell(one)
    for over in found.handed:
        seals = f"{over.last - over.first + 1} seals ({over.first} to {over.last})"
        told = f"cover {over.looks} looks that were handed over on {over.at:%Y-%m-%d} by {over.actor}"
        tell(f"{seals} {told}; manifest {', '.join(over.manifests)}.")
    if found.left_behind:
        tell(f"{found.left_behind} of these stand here still, or were added: run `samjournal audit retire` again.")
    late = found.since is not None and datetime.now(UTC) - found.since > LATE
    if late:
        tell(f"{found.unsealed} looks since {found.since:%Y-%m-%d %H:%M} UTC are not sealed: no server seals the log.")
    elif found.unsealed:
        tell(f"{found.unsealed} looks of the last moments are not sealed yet.")
    if found.findings or late:
        tell("The log is not as it was sealed. Keep it as it is, and the heads; find out who had the database.")
        return exits.FINDINGS
    if found.left_behind:
        return exits.FINDINGS
    if not found.seals and not found.unsealed and not found.handed:
        tell("The log is empty.")
        return exits.OK
    tell(f"{found.looks} looks stand as they were sealed, in {found.seals} seals; {len(heads)} heads were compared.")
    return exits.OK


def kept(folder: Path) -> tuple[Ed25519PublicKey, dict[int, set[bytes]]]:
    """The public key and the heads in a folder. Raises Refused."""
    file = folder / PUBLIC
    try:
        public = serialization.load_pem_public_key(file.read_bytes())
    except (ValueError, OSError) as error:
        raise exits.Refused(
            f"The public key {file} cannot be read: {error}. Name its folder with --audit-dir."
        ) from None
    if not isinstance(public, Ed25519PublicKey):
        raise exits.Refused(f"The public key {file} is not an Ed25519 key.")
    return public, _heads(folder)


def _heads(folder: Path) -> dict[int, set[bytes]]:
    """The hashes that were copied, by the number of their seal."""
    heads: dict[int, set[bytes]] = {}
    file = folder / HEADS
    for line in file.read_bytes().splitlines() if file.exists() else ():
        # The last line of a server that was killed may be half.
        with contextlib.suppress(msgspec.DecodeError, ValueError):
            head: _Head = _head.decode(line)
            heads.setdefault(head.number, set()).add(bytes.fromhex(head.hash))
    return heads
