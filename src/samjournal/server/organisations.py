"""`samjournal organisations`: organisations that work in this record, by a file alone. Requirement 2.8"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samjournal import access, accounts, provisioning
from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.fhir.errors import NotFound
from samjournal.record import Door, open_door
from samjournal.record.beside import every
from samjournal.server import exits

Tell = Callable[[str], None]
LARGEST = 2**20


async def add(pool: Pool, file: Path, *, dry: bool, tell: Tell) -> int:
    """Have what a file says work here. What is wrong is told whole, and nothing is done then."""
    text = _text(file)
    door, permit = await _door(pool)
    try:
        units = provisioning.read(text)
        done = await provisioning.add(door, permit, units, dry=dry)
    except provisioning.Wrong as wrong:
        for problem in wrong.problems:
            tell(problem)
        raise exits.Refused(f"Nothing was done: {len(wrong.problems)} to put right in {file}.") from None
    for one in done:
        if one.what != "same":
            tell(f"{one.what}: {one.name}")
    changed = sum(one.what != "same" for one in done)
    would = "would be " if dry else ""
    tell(f"{len(units)} units; {changed} {would}written, {len(done) - changed} as they are.")
    return exits.OK


def _text(file: Path) -> str:
    if not file.is_file():
        raise exits.Usage(f"There is no file {file}.")
    if file.stat().st_size > LARGEST:
        raise exits.Usage(f"{file} is larger than {LARGEST} bytes.")
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise exits.Usage(f"{file} is no text in UTF-8.") from None


async def leave(pool: Pool, id_: str, *, tell: Tell) -> int:
    """Let an organisation leave: what it wrote stays."""
    door, permit = await _door(pool)
    try:
        left = await provisioning.leave(door, permit, id_)
    except NotFound as problem:
        raise exits.Refused(problem.text) from None
    tell(f"{id_} works here no longer: {left.units} units, {left.people} people lost roles there. Its records stay.")
    return exits.OK


async def listed(pool: Pool, *, tell: Tell) -> int:
    """Tell every organisation that is part of none, with its number and whether it works here."""
    door, permit = await _door(pool)
    count = 0
    async for page in every(door, permit, "Organization", [("partof:missing", "true"), ("_sort", "name")]):
        for one in page:
            said = one.resource()
            numbers = ", ".join(each["value"] for each in said.get("identifier", ()) if each.get("value"))
            state = "" if said.get("active", True) else ", has left"
            tell(f"{one.id}: {said.get('name', '')} ({numbers or 'no number'}{state})")
            count += 1
    tell(f"{count} organisations.")
    return exits.OK


async def _door(pool: Pool) -> tuple[Door, Permit]:
    installation = await accounts.installation(pool)
    assert installation is not None
    return await open_door(pool, secret=installation.secret), access.for_job("organisations")
