"""`samjournal load`: FHIR bundles from files and folders into the record."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.fhir.errors import FhirError, Invalid, PreconditionFailed
from samjournal.fhir.parsing import Parsed, parse
from samjournal.record import Change, Door, Entry, change, entries_of, open_door, transaction
from samjournal.server import exits

FIRST = ("hospitalInformation", "practitionerInformation")
"""Synthea's own files that others refer to."""


async def load(pool: Pool, paths: Sequence[Path], *, tell: Callable[[str], None]) -> int:
    """Load every bundle under `paths`, each in one transaction, and return an exit code (0, or 5 if some were refused).

    A file that was loaded before, by what is in it, is not loaded again: an interrupted load is repeated as it was.
    """
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    permit = access.for_system("load", scope=None, request="load")
    files = await asyncio.to_thread(lambda: list(_files(paths)))
    if not files:
        tell("There is no .json file at the places named.")
        return exits.FINDINGS
    began = time.monotonic()
    stored: Counter[str] = Counter()
    refused = again = done = 0
    waiting: list[Path] = []
    todo = deque(files)
    while todo:
        file = todo.popleft()
        try:
            types = await _load_one(door, permit, file)
        except PreconditionFailed as error:
            # What it refers to may be in a file that comes later: it is tried once more after the others.
            if file not in waiting:
                waiting.append(file)
                todo.append(file)
                continue
            refused += _tell_refused(tell, file, error)
        except (FhirError, OSError) as error:
            refused += _tell_refused(tell, file, error)
        else:
            again += types is None
            stored += types or Counter()
        done += 1
        if done % 10 == 0 or done == len(files):
            rate = stored.total() / max(time.monotonic() - began, 0.001)
            tell(f"  {done} of {len(files)} files, {stored.total()} resources, {rate:.0f} a second")
    for type_, count in sorted(stored.items()):
        tell(f"  {type_:<28}{count:>9}")
    known = f", {again} loaded before" if again else ""
    tell(f"{len(files) - refused - again} files loaded{known}, {refused} refused.")
    return exits.FINDINGS if refused else exits.OK


def _tell_refused(tell: Callable[[str], None], file: Path, error: Exception) -> int:
    """What is wrong, where, and of each file no more than the first few things."""
    issues = getattr(error, "issues", ())
    tell(f"REFUSED {file}: {error}" if not issues or not issues[0].path else f"REFUSED {file}:")
    for issue in issues[:5]:
        if issue.path:
            tell(f"        {issue.path}: {issue.text}")
    return 1


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.rglob("*.json"))
            yield from sorted(found, key=lambda file: (not file.name.startswith(FIRST), file.name))
        else:
            yield path


async def _load_one(door: Door, permit: Permit, file: Path) -> Counter[str] | None:
    """What was stored of each type; None when the file was loaded before."""
    body = await asyncio.to_thread(file.read_bytes)
    claim = sha256(b"load\n" + body).digest()
    parsed = parse(body)
    if parsed.resource["resourceType"] != "Bundle":
        id_ = parsed.resource.get("id")
        made = Change.received("update" if id_ else "create", parsed, id_=id_)
        done = await change(door, permit, [made], action="import", claim=claim)
    else:
        entries = _writing(parsed)
        told = await transaction(door, permit, entries, claim=claim)
        done = told or []
    return Counter(one.type for one in done) if done else None


def _writing(bundle: Parsed) -> list[Entry]:
    """The entries of a batch or transaction that write; a Bundle of another kind is stored entry by entry."""
    kind = bundle.resource.get("type")
    if kind in ("batch", "transaction"):
        return [entry for entry in entries_of(bundle) if entry.method not in ("GET", "HEAD")]
    if kind not in ("collection", "searchset"):
        raise Invalid(f"A Bundle of type {kind} cannot be loaded: transaction, batch, collection or searchset can.")
    return entries_of(bundle, as_writes=True)
