"""What kind of installation this is, and the key of its owner.

A demo lets everybody sign in as anybody; a production installation gives out tokens to whoever has the owner's key
file, which is written once beside the data and can be read by its owner only.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from samjournal.accounts.installation import Installation, create, installation
from samjournal.db.pool import Pool
from samjournal.server.exits import NotReady, Refused

KEY_FILE = "owner.key"


async def settled(pool: Pool, *, demo: bool, data_dir: Path | None) -> Installation:
    """The installation, made on the first call. Refuses to make a demo of one that is not."""
    found = await installation(pool)
    if found is None:
        found = await create(pool, kind="demo" if demo else "production")
    if demo and not found.demo:
        raise Refused(
            "This database is not a demo and does not become one: synthetic people would lie among real ones."
            " Name another data folder: make run DATA=demo"
        )
    if not found.demo and data_dir is not None:
        _write_key(data_dir / KEY_FILE, owner_key(found))
    return found


async def known(pool: Pool) -> Installation:
    """The installation of a database that was set up before."""
    found = await installation(pool)
    if found is None:
        raise NotReady("Nothing is installed in this database yet. Start it once with `samjournal serve`.")
    return found


def owner_key(of: Installation) -> str:
    """The key that the owner's key file must hold."""
    return hmac.digest(of.secret, b"owner key", "sha256").hex()


def check_owner(of: Installation, *, key_file: Path | None) -> None:
    """Raise unless this is a demo, or the caller has the owner's key."""
    if of.demo:
        return
    if key_file is None:
        raise Refused(f"This is not a demo: name the owner's key file with --key-file ({KEY_FILE} in the data folder).")
    try:
        key = key_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"The key file {key_file} cannot be read: {error}.") from None
    if not hmac.compare_digest(key.encode(), owner_key(of).encode()):
        raise Refused(f"The key in {key_file} is not the key of this installation.")


def _write_key(path: Path, key: str) -> None:
    if path.exists():
        return
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(key + "\n")
