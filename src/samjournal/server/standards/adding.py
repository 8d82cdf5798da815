"""Adding standards: each code system once, the newest edition first, through the door like everything else.

hl7.org/fhir/R4/codesystem.html#versioning. Repeated it changes nothing; what is wrong is told by file and line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from samjournal import access, accounts, exchange, terminology
from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.fhir.errors import FhirError
from samjournal.fhir.parsing import Parsed, compact_of, parse
from samjournal.record import Arrival, Door, open_door, query_of, read, search, take_in
from samjournal.server import exits
from samjournal.server.standards import files
from samjournal.server.standards.files import Contents
from samjournal.server.standards.telling import Tally
from samjournal.terminology import systems
from samjournal.terminology.concepts import system
from samjournal.terminology.editions import Edition, code_system, compared, id_of, laid_over
from samjournal.terminology.lists import Fault

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asked for. `part`: the lists are no whole editions, so nothing is withdrawn."""

    paths: Sequence[Path]
    system: str | None = None
    version: str | None = None
    part: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Coming:
    """A CodeSystem on its way in; `parsed` when it is a resource as somebody sent it."""

    file: Path
    id: str
    resource: Resource
    dated: bool
    parsed: Parsed | None = None


async def add(pool: Pool, wish: Wish, *, tell: Callable[[str], None]) -> int:
    """Add what lies at the paths, and return an exit code: 5 when there was something that could not be taken."""
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    adding = _Adding(door, access.for_system("standards", scope=None, request="standards"), wish, Tally(tell))
    found = await adding.contents()
    if any(one.people for one in found) and not installation.demo:
        raise exits.Refused("Test persons are for demos: here they would lie among real people. Leave out that file.")
    await adding.code_systems(found)
    await adding.others(found)
    await adding.people(found)
    await adding.schemas(found)
    await adding.flush()
    await terminology.LOADED.refresh(pool)
    adding.tally.end(dry_run=wish.dry_run)
    return exits.FINDINGS if adding.tally.faults else exits.OK


async def listed(pool: Pool, *, tell: Callable[[str], None]) -> int:
    """Tell which code systems are there, with their versions and codes."""
    rows = await terminology.standing(pool)
    for row in rows:
        state = " (supplement)" if row.supplement else " (retired)" if row.retired else ""
        codes = f"{row.active} codes" + (f" and {row.codes - row.active} withdrawn" if row.codes > row.active else "")
        tell(f"{row.title}{state}: {row.system}, version {row.version or 'unknown'}, {codes}, CodeSystem/{row.source}")
    tell(f"{len(rows)} code systems." if rows else "No code system was added; our own texts are used.")
    return exits.OK


class _Adding:
    """One run: what waits for the next transaction, and what was told."""

    def __init__(self, door: Door, permit: Permit, wish: Wish, tally: Tally) -> None:
        self.tally = tally
        self._door, self._permit, self._wish = door, permit, wish
        self._waiting: list[tuple[Path, Arrival]] = []
        self._bytes = 0
        self._there: list[terminology.Standing] = []
        self._today = datetime.now(UTC).date()

    async def contents(self) -> list[Contents]:
        """What lies in each file."""
        found = []
        for file in await asyncio.to_thread(lambda: list(files.files(self._wish.paths))):
            one = await asyncio.to_thread(
                files.read, file, system=self._wish.system, version=self._wish.version, today=self._today
            )
            self.tally.contents(one)
            found.append(one)
        return found

    async def code_systems(self, found: Sequence[Contents]) -> None:
        """Lay all editions of each system over each other and over what stands, and store what changed."""
        self._there = await terminology.standing(self._door.pool)
        coming: dict[str, list[_Coming]] = {}
        for one in found:
            for edition in _coming(one, self._today):
                coming.setdefault(edition.id, []).append(edition)
        for editions in coming.values():
            await self._code_system(editions, among=len(coming))

    async def _code_system(self, editions: Sequence[_Coming], *, among: int) -> None:
        """Store what the editions of one system make of what stands."""
        id_, standing = await self._standing(editions[0])
        made, newest = self._joined(editions)
        dated = all(one.dated for one in editions) or made.get("version") != self._today.isoformat()
        try:
            edition = laid_over(standing, made, part=self._wish.part, dated=dated)
            parsed = _parsed(edition, newest)
        except FhirError as error:
            self.tally.fault(newest.file, Fault(made["url"], error.text))
            return
        self.tally.edition(edition, among=among)
        if edition.same:
            self.tally.unchanged += 1
        else:
            await self._put(newest.file, parsed, id_)

    def _joined(self, editions: Sequence[_Coming]) -> tuple[Resource, _Coming]:
        """The editions of one system that came in this run laid over each other, and the newest of them."""
        newest, *more = editions
        made = newest.resource
        for one in more:
            try:
                made = laid_over(made, one.resource, part=self._wish.part).resource
            except FhirError as error:
                self.tally.fault(one.file, Fault(one.resource["url"], error.text))
            newest = one if made is one.resource else newest
        return made, newest

    async def _standing(self, one: _Coming) -> tuple[str, Resource | None]:
        """The id under which a CodeSystem lies here, and what lies there."""
        there = {row.system: row.source for row in reversed(self._there) if not row.supplement}
        known = {row.source for row in self._there}
        id_ = one.id if one.id in known else there.get(systems.canonical(one.resource["url"]))
        if id_ is not None and one.resource.get("content") != "supplement":
            return id_, (await read(self._door, self._permit, "CodeSystem", id_)).resource()
        if one.parsed is None:
            return one.id, None
        page = await search(self._door, self._permit, query_of("CodeSystem", [("url", one.resource["url"])]))
        return (page.matches[0].id, page.matches[0].resource()) if page.matches else (one.id, None)

    async def others(self, found: Sequence[Contents]) -> None:
        """Value sets, naming systems and maps, each under its own id, or that of the one with the same address. Of
        two in one run the newer is taken."""
        newest: dict[tuple[str, str], tuple[Path, Parsed]] = {}
        for one in found:
            for parsed in one.resources:
                if parsed.resource["resourceType"] == "CodeSystem" and parsed.resource.get("url"):
                    continue
                id_ = await self._id(parsed.resource)
                if id_ is None:
                    type_ = parsed.resource["resourceType"]
                    self.tally.fault(one.file, Fault(type_, "it has neither an address (url) nor an id: give it one"))
                    continue
                key = (parsed.resource["resourceType"], id_)
                was = newest.get(key)
                if was is None or compared(_version(parsed), _version(was[1])) >= 0:
                    newest[key] = (one.file, parsed)
        for (_, id_), (file, parsed) in newest.items():
            await self._put(file, parsed, id_)

    async def _id(self, resource: Resource) -> str | None:
        url = resource.get("url")
        if url and resource["resourceType"] != "NamingSystem":
            page = await search(self._door, self._permit, query_of(resource["resourceType"], [("url", url)]))
            if page.matches:
                return page.matches[0].id
        own = resource.get("id")
        return str(own) if own else id_of(url) if url else None

    async def people(self, found: Sequence[Contents]) -> None:
        """The fictive test persons."""
        for one in found:
            for parsed in one.people:
                await self._put(one.file, parsed, parsed.resource["id"])

    async def schemas(self, found: Sequence[Contents]) -> None:
        """The schemas of messages, beside those that stand."""
        coming = {_under(self._wish.paths, one.file): one for one in found if one.schema}
        if not coming:
            return
        read = {name: one.schema for name, one in coming.items()}
        made, faults = await exchange.with_schemas(self._door, self._permit, read)
        for name, why in faults.items():
            self.tally.fault(coming[name].file, Fault("", why))
        self.tally.tell(f"{len(coming) - len(faults)} schemas of messages; {len(made['content'])} are there now.")
        await self._put(next(iter(coming.values())).file, parse(compact_of(made)), made["id"])

    async def _put(self, file: Path, parsed: Parsed, id_: str) -> None:
        if self._waiting and (len(self._waiting) >= _AT_ONCE or self._bytes + len(parsed.compact) > _BYTES):
            await self.flush()
        self._waiting.append((file, Arrival.of(parsed, id_)))
        self._bytes += len(parsed.compact)

    async def flush(self) -> None:
        """Store what waits."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        arrivals = [arrival for _, arrival in waiting]
        taken = await take_in(self._door, self._permit, arrivals, dry_run=self._wish.dry_run)
        for (file, _), one in zip(waiting, taken, strict=True):
            self.tally.taken(file, one)


_AT_ONCE = 100
_BYTES = 2**20
"""What goes into one transaction: so many resources or bytes, less than a second's work; or one large system."""


def _coming(found: Contents, today: date) -> list[_Coming]:
    """The CodeSystems of a file. A list without a version is of the day on which it is added."""
    coming = []
    for one in found.lists:
        dated = bool(one.version)
        one.version = one.version or today.isoformat()
        made = code_system(one)
        if one.items:
            coming.append(_Coming(found.file, made["id"], made, dated))
    for parsed in found.resources:
        resource = parsed.resource
        if resource["resourceType"] == "CodeSystem" and resource.get("url"):
            coming.append(_Coming(found.file, _id_of(resource), resource, dated=True, parsed=parsed))
    return coming


def _under(paths: Sequence[Path], file: Path) -> str:
    """The name of a file from the path that was given."""
    above = next((path for path in paths if path in file.parents), file.parent)
    return file.relative_to(above).as_posix()


def _id_of(resource: Resource) -> str:
    """The id of a CodeSystem here: that of a system we know, its own, or one from its address."""
    whole = system({**resource, "id": ""})
    if whole is not None and not whole.supplement and (ours := systems.resource_id(whole.system)):
        return ours
    return str(resource.get("id") or id_of(resource["url"]))


def _version(parsed: Parsed) -> str:
    return str(parsed.resource.get("version", ""))


def _parsed(edition: Edition, newest: _Coming) -> Parsed:
    """What goes to the door: as it was sent where nothing was laid over it."""
    if newest.parsed is not None and edition.resource is newest.resource:
        return newest.parsed
    return parse(compact_of(edition.resource))
