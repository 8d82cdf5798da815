"""Handing the log over to an archive: `samjournal audit export`, and `samjournal audit retire` of what was exported.

    PATH/looks.ndjson    a line for each look: its columns, the ids of its patients, and the text it was `sealed` as
    PATH/seals.ndjson    the seals that cover them
    PATH/manifest.json   which seals, how many looks, and the SHA-256 of both files

The same seals give the same bytes each time. Whoever has an export and the public key can check it without us:
docs/reference/audit-log.md tells how. Times are UTC, as the months of the log are.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from samjournal import access, audit
from samjournal.audit import Handed, retiring
from samjournal.db.pool import Pool
from samjournal.server import exits, sealing

Tell = Callable[[str], None]
LOOKS, SEALS, MANIFEST = "looks.ndjson", "seals.ndjson", "manifest.json"
FORMAT = 1
_FIRST = date(2000, 1, 1)
_AT_ONCE = 1000
_encode = msgspec.json.Encoder(order="deterministic").encode


class Manifest(msgspec.Struct, kw_only=True):
    """What an export holds. It says no time of its own, so that the same export is the same bytes."""

    format: int
    first: int
    last: int
    looks: int
    public_key: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Export:
    """An export that was read: its manifest and that one's SHA-256."""

    manifest: Manifest
    digest: str


_RIPE = timedelta(days=2)
"""So long after its end at least the looks of a month stay."""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def export(pool: Pool, folder: Path, target: Path, begin: date | None, end: date | None, *, tell: Tell) -> int:
    """Write what was sealed from a day to another, both included, to the folder `target`; by default from the first
    look that is not handed over, to yesterday. What is there whole already is left as it is. Raises Refused."""
    public, heads = await asyncio.to_thread(sealing.kept, folder)
    found = await audit.check(pool, public, heads)
    if found.findings:
        raise exits.Refused(f"The log is not as it was sealed, so it is not exported: {found.findings[0]}")
    last = max((one.last for one in found.handed), default=0)
    until = _midnight((end or datetime.now(UTC).date() - timedelta(days=1)) + timedelta(days=1))
    stretch = await retiring.sealed_between(pool, _midnight(begin or _FIRST), until, after=last)
    if stretch is None:
        raise exits.Refused(f"Nothing was sealed in these days that was not handed over: before {until:%Y-%m-%d} UTC.")
    if await asyncio.to_thread(target.exists):
        return await asyncio.to_thread(_there_already, target, stretch, tell)
    part = target.with_name(f"{target.name}.part")
    try:
        await asyncio.to_thread(_begin, part)
        looks = await _write_looks(pool, part / LOOKS, stretch)
        await _write_seals(pool, part / SEALS, stretch)
        manifest = await asyncio.to_thread(_describe, part, stretch, looks, folder / sealing.PUBLIC)
        await asyncio.to_thread(part.rename, target)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, part, True)
        raise
    tell(f"{manifest.looks} looks of seals {stretch.first} to {stretch.last} are in {target}. Keep its manifest.")
    return exits.OK


def _begin(part: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise exits.Refused(f"{part} cannot be made: {error.strerror}.") from None


def _there_already(target: Path, stretch: retiring.Stretch, tell: Tell) -> int:
    there = _read(target)
    if (there.manifest.first, there.manifest.last) != (stretch.first, stretch.last):
        raise exits.Refused(f"{target} holds seals {there.manifest.first} to {there.manifest.last}. Name a new folder.")
    tell(f"{target} is there already, whole: seals {stretch.first} to {stretch.last}, {there.manifest.looks} looks.")
    return exits.OK


async def _write_looks(pool: Pool, file: Path, stretch: retiring.Stretch) -> int:
    count = 0
    with await asyncio.to_thread(file.open, "wb") as out:
        async for rows in audit.sealed_rows(pool, stretch.first, stretch.last):
            keys = {key for row in rows for key in (row["patient"], *(row["patients"] or ())) if key is not None}
            ids = await access.ids_of(pool, keys)
            await asyncio.to_thread(out.write, b"".join(_encode(_line(row, ids)) + b"\n" for row in rows))
            count += len(rows)
    return count


def _line(row: Mapping[str, Any], ids: Mapping[int, str]) -> dict[str, Any]:
    """A look as it lies, and the ids of its patients. Keys are texts: they are too large for many readers' numbers."""
    keys = [row["patient"]] if row["patient"] is not None else list(row["patients"] or ())
    named = {
        "patient": str(row["patient"]) if row["patient"] is not None else None,
        "patients": [str(key) for key in row["patients"]] if row["patients"] is not None else None,
        "patient_ids": [ids.get(key) for key in keys],
    }
    return {**row, **named}


async def _write_seals(pool: Pool, file: Path, stretch: retiring.Stretch) -> None:
    number = stretch.first
    with await asyncio.to_thread(file.open, "wb") as out:
        while rows := await retiring.seals(pool, number, stretch.last, most=_AT_ONCE):
            await asyncio.to_thread(out.write, b"".join(_encode(_hex(row)) + b"\n" for row in rows))
            number = rows[-1]["number"] + 1


def _hex(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}


def _describe(part: Path, stretch: retiring.Stretch, looks: int, public: Path) -> Manifest:
    manifest = Manifest(
        format=FORMAT,
        first=stretch.first,
        last=stretch.last,
        looks=looks,
        public_key=public.read_text(encoding="ascii"),
        files={name: _digest(part / name) for name in (LOOKS, SEALS)},
    )
    (part / MANIFEST).write_bytes(msgspec.json.format(_encode(manifest)) + b"\n")
    for name in (LOOKS, SEALS, MANIFEST):
        sealing.on_disk(part / name)
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _read(target: Path) -> _Export:
    """An export whose files are as its manifest says. Raises Refused."""
    file = target / MANIFEST
    try:
        content = file.read_bytes()
        manifest = msgspec.json.decode(content, type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise exits.Refused(f"{target} is no export of the log: {file} cannot be read ({error}).") from None
    for name in (LOOKS, SEALS):
        if not (target / name).exists() or _digest(target / name) != manifest.files.get(name):
            raise exits.Refused(f"{target / name} is not as its manifest says. Export it anew to another folder.")
    return _Export(manifest, hashlib.sha256(content).hexdigest())


def refuse_early(before: date, *, now: datetime) -> None:
    """Refuse to let a month go whose looks are still asked for: the day's statistics are counted after it is over, and
    whether a relation was taken away is asked a day after the look. Raises Refused."""
    ripe = _midnight(before) + _RIPE
    if now < ripe:
        raise exits.Refused(
            f"What was logged before {before:%Y-%m} is counted and judged until {ripe:%Y-%m-%d} UTC, so nothing is"
            " removed before. Name an earlier month."
        )


async def retire(pool: Pool, folder: Path, exports: Sequence[Path], before: date, *, actor: str, tell: Tell) -> int:
    """Let the looks go that were sealed before a month and are in these exports, each as it was sealed. The seals stay,
    and a signed line says where the looks are. Raises Refused."""
    public, heads = await asyncio.to_thread(sealing.kept, folder)
    key = await asyncio.to_thread(sealing.key_of, folder)
    found = await audit.check(pool, public, heads)
    handed = found.handed
    after = max((one.last for one in handed), default=0)
    if found.findings:
        raise exits.Refused(f"The log is not as it was sealed, so nothing is removed: {found.findings[0]}")
    stretch = await retiring.sealed_between(pool, _midnight(_FIRST), _midnight(before), after=after)
    if stretch is None:
        if handed:
            await retiring.retire(pool, key, handed[-1], before=_midnight(before))
        tell(f"Nothing that was sealed before {before:%Y-%m} is left to hand over.")
        return exits.OK
    read = sorted(await asyncio.to_thread(lambda: [_read(one) for one in exports]), key=lambda one: one.manifest.first)
    _refuse_gaps(read, stretch)
    for path in exports:
        await _compare(pool, path)
    told = tuple(one.digest for one in read)
    said = Handed(stretch.first, stretch.last, stretch.looks, told, datetime.now(UTC), actor)
    await retiring.retire(pool, key, said, before=_midnight(before))
    tell(
        f"{stretch.looks} looks of seals {stretch.first} to {stretch.last} are in the exports alone. Their seals stay."
    )
    return exits.OK


def _refuse_gaps(exports: Sequence[_Export], stretch: retiring.Stretch) -> None:
    """Every seal that goes must be in an export."""
    covered = stretch.first - 1
    for one in exports:
        if one.manifest.first <= covered + 1:
            covered = max(covered, one.manifest.last)
    if covered < stretch.last:
        raise exits.Refused(
            f"Seals {covered + 1} to {stretch.last} are in none of the exports that were named, so nothing is removed."
        )


async def _compare(pool: Pool, path: Path) -> None:
    """Whether an export holds what was sealed: each seal's digest, made of its lines, is the one that was signed."""
    found = await asyncio.to_thread(lambda: dict(_digests(path / LOOKS)))
    manifest = (await asyncio.to_thread(_read, path)).manifest
    number = manifest.first
    while number <= manifest.last:
        rows = await retiring.seals(pool, number, manifest.last, most=_AT_ONCE)
        if not rows:
            break
        for row in rows:
            if found.get(row["number"], hashlib.sha256().digest()) != row["digest"]:
                raise exits.Refused(f"{path} does not hold what seal {row['number']} covers, so nothing is removed.")
        number = rows[-1]["number"] + 1
    if number <= manifest.last:
        raise exits.Refused(f"{path} is not of this log: it has no seal {number}.")


def _digests(file: Path) -> Iterator[tuple[int, bytes]]:
    """The digest of each seal's lines, as it was made when they were sealed."""

    class Line(msgspec.Struct):
        seal: int
        sealed: str

    decoder = msgspec.json.Decoder(Line)
    number, made = 0, hashlib.sha256()
    with file.open("rb") as content:
        for text in _lines(content):
            line = decoder.decode(text)
            if line.seal != number:
                if number:
                    yield number, made.digest()
                number, made = line.seal, hashlib.sha256()
            made.update(hashlib.sha256(line.sealed.encode()).digest())
    if number:
        yield number, made.digest()


def _lines(content: BinaryIO) -> Iterator[bytes]:
    yield from content
