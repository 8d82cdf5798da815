"""`samjournal backup` and `restore`: the whole database, byte by byte. postgresql.org/docs/18/app-pgbasebackup.html

A physical backup, because the change feed's order is told by transaction numbers, which a dump would not keep.
A backup is a folder that PostgreSQL's pg_basebackup made, with one file of ours:

    samjournal.json     what it is: program, schema, time, and each file's SHA-256
    base.tar.gz         the database
    pg_wal.tar.gz       what was written while the backup ran
    backup_manifest     PostgreSQL's own list of every file and its checksum
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import asyncpg

from samjournal.db import cluster, folder, postgres
from samjournal.db.pool import connect, translated
from samjournal.server import expunging, roles, sealing
from samjournal.server.exits import NotReady, Refused, Stop
from samjournal.server.unpacking import unpack
from samjournal.server.version import program_version
from samjournal.server.welcome import tell

DESCRIPTION = "samjournal.json"
FORMAT = 1


async def backup(dsn: str, target: Path) -> None:
    """Write a consistent backup to the new folder `target`, checked. The server may be working meanwhile."""
    part = _beginning(target)
    try:
        schema = await _schema(dsn)
        await _copy(dsn, part)
        files = await asyncio.to_thread(_described, part, schema)
        _finish(part, target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    size = sum((target / name).stat().st_size for name in files)
    tell(
        f"Backup written to {target} ({size / 1e6:.1f} MB)."
        f" Restore it with: samjournal restore --from {target} --data-dir NEW"
    )


def _beginning(target: Path) -> Path:
    """A folder beside the target: the target gets its name only when the backup is whole."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} exists already. Name a new folder: a backup is never written over another.")
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise Refused(f"{part} cannot be made: {error.strerror}.") from None
    return part


def _described(part: Path, schema: int) -> dict[str, str]:
    files = _digests(part)
    description = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "program": program_version(),
        "schema": schema,
        "postgresql": cluster.MAJOR,
        "files": files,
    }
    (part / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
    return files


def _finish(part: Path, target: Path) -> None:
    _to_disk(part)
    if target.exists():
        target.rmdir()
    part.rename(target)
    _to_disk(target.parent, contents=False)


async def restore(source: Path, data_dir: Path, *, audit_dir: Path | None = None) -> None:
    """Restore the backup into a data folder that has no record, then start it once to see that it works. What the list
    in `audit_dir` says was erased since is erased again."""
    description = await asyncio.to_thread(_checked, source)
    place = folder.at(data_dir)
    async with folder.owned(place, purpose="restore"):
        if place.cluster.exists():
            raise Refused(f"{data_dir} already holds a record. Restore into an empty folder; nothing was changed.")
        # From here a start would not take the folder for a new one, should this be cut off: restore it again.
        place.made.touch(mode=0o600)
        await cluster.place(place, lambda new: _unpack(source, new))
    # Recovery reads the WAL that was written while the backup ran, and every page it touches has a checksum.
    async with postgres.running(data_dir, purpose="restore") as server:
        found = await _schema(server.dsn)
        if audit_dir is not None and found == description["schema"]:
            await _erase_again(server.dsn, data_dir, audit_dir)
    if found != description["schema"]:
        raise Stop(f"The restored schema is {found}; the backup's was {description['schema']}. Do not use it.")
    if audit_dir is None:
        tell("If anything was erased since the backup, restore with --audit-dir: the list of it lies there.")
    tell(f"Restored into {data_dir}: the record as it was at {description['made']}. Start it with `samjournal serve`.")


async def _erase_again(dsn: str, data_dir: Path, audit_dir: Path) -> None:
    pool = await connect(await roles.ready(dsn, is_own=True, erases=True), size=4, statement_timeout=3600)
    try:
        await expunging.again(pool, audit_dir, tell=tell)
    finally:
        await pool.close()
    folder_ = sealing.folder_of(data_dir, None)
    assert folder_ is not None
    await asyncio.to_thread(expunging.keep, audit_dir, folder_)


async def _schema(dsn: str) -> int:
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(number), 0) FROM migration"))
    except asyncpg.UndefinedTableError:
        raise NotReady("There is no record in this database yet.") from None
    finally:
        await connection.close()


async def _copy(dsn: str, part: Path) -> None:
    address, secrets = without_password(dsn)
    options = ("--format=tar", "--compress=client-gzip:3", "--wal-method=stream", "--checkpoint=fast")
    checked = ("--manifest-checksums=SHA256", "--no-password")
    await _run("pg_basebackup", f"--dbname={address}", f"--pgdata={part}", *options, *checked, secrets=secrets)
    await asyncio.to_thread(_verify, part)


def _verify(part: Path) -> None:
    """Compare every file in the archive with PostgreSQL's list. (The wheel's own pg_verifybackup crashes.)"""
    listed = json.loads((part / "backup_manifest").read_bytes())["Files"]
    wanted = {file["Path"]: file["Checksum"] for file in listed}
    with tarfile.open(part / "base.tar.gz", "r|gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None and member.name in wanted:
                digest = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
                if wanted.pop(member.name) != digest:
                    raise Stop(f"{member.name} is damaged in the backup. No backup was written; try again.")
    if wanted:
        raise Stop(f"{len(wanted)} files are missing in the backup. No backup was written; try again.")


def without_password(dsn: str) -> tuple[str, dict[str, str]]:
    """The DSN as others on the machine may see it in the list of processes, and the password as a variable."""
    parts = urlsplit(dsn)
    query = dict(parse_qsl(parts.query))
    password = parts.password or query.pop("password", None)
    if password is None:
        return dsn, {}
    user = f"{parts.username}@" if parts.username else ""
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{user}{place}{parts.path}?{urlencode(query)}", {"PGPASSWORD": unquote(password)}


async def _run(name: str, *arguments: str, secrets: Mapping[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        cluster.binary(name),
        *arguments,
        env={**cluster.environment(), **secrets},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, complaint = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise Stop(f"{name} failed: {lines[-1] if lines else 'no reason given'}. No backup was written.")


def _digests(part: Path) -> dict[str, str]:
    return {path.name: _digest(path) for path in sorted(part.iterdir()) if path.name != DESCRIPTION}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _to_disk(folder: Path, *, contents: bool = True) -> None:
    for path in [*(folder.iterdir() if contents else ()), folder]:
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _checked(source: Path) -> dict[str, Any]:
    """The backup's description, after every file was found to be what was written."""
    try:
        description: dict[str, Any] = json.loads((source / DESCRIPTION).read_bytes())
        files = dict(description["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"{source} is not a backup: its {DESCRIPTION} is missing or cannot be read.") from None
    if description.get("format") != FORMAT or description.get("postgresql") != cluster.MAJOR:
        raise Refused(
            f"{source} was made with PostgreSQL {description.get('postgresql')} in format {description.get('format')};"
            f" this program restores PostgreSQL {cluster.MAJOR}, format {FORMAT}. Use the release that made it."
        )
    for name, digest in files.items():
        path = source / Path(name).name
        if not path.is_file() or _digest(path) != digest:
            raise Refused(
                f"{path} is missing or was changed after the backup. Use another backup; nothing was changed."
            )
    return description


def _unpack(source: Path, new: Path) -> None:
    for name, place in (("base.tar.gz", new), ("pg_wal.tar.gz", new / "pg_wal")):
        unpack(source / name, place)
    shutil.copyfile(source / "backup_manifest", new / "backup_manifest")
    for path in [new, *new.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
