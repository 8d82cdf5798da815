"""Batches: resources resolved, read, sent through the door; what must wait for others is tried again at the end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import msgspec

from samjournal.fhir.errors import Issue
from samjournal.record import Arrival, Door, Taken
from samjournal.server.load.aside import Aside, Waiting
from samjournal.server.load.entries import Entry, Spot
from samjournal.server.load.flights import Carry, Flights, Patience
from samjournal.server.load.lookups import Lookups
from samjournal.server.load.progress import Progress
from samjournal.server.load.resolving import Names, may_refer, resolved
from samjournal.server.load.tally import FileTally, Tally

MOST = 500
"""So many resources make a batch, or so many bytes: well under a second's work for the database."""
_MOST_BYTES = 1024 * 1024
_LINE = re.compile(r"(?<=^The body is not JSON \(line )\d+|(?<=^The body is not UTF-8 \(line )\d+")
BREATH = 16
"""After so many resources others get their turn: the batches that are under way."""


class _Identifier(msgspec.Struct):
    value: str
    system: str | None = None


class _Identified(msgspec.Struct):
    identifier: list[_Identifier] = []


_identified = msgspec.json.Decoder(_Identified)


@dataclass(slots=True)
class Item:
    """One resource on its way, with what its references stand for."""

    file: FileTally
    entry: Entry
    id: str
    names: Names
    raw: bytes
    missing: list[str]
    is_new: bool = False
    """A moment ago the record had nothing under its id."""
    refused: Sequence[Issue] | None = None
    """What became of it: why it was refused, empty when it is stored, None while it is under way."""
    twins: list[Item] = field(default_factory=list)
    """The same content under the same id, which came while it was under way."""

    @property
    def reference(self) -> str:
        return f"{self.entry.type}/{self.id}"


@dataclass(slots=True)
class _Batch:
    items: list[Item] = field(default_factory=list)
    bytes: int = 0

    @property
    def references(self) -> frozenset[str]:
        return frozenset(one.reference for one in self.items)

    @property
    def types(self) -> frozenset[str]:
        return frozenset(one.entry.type for one in self.items)


class Batches:
    """Takes resources one by one and brings them into the record many at once."""

    def __init__(
        self,
        door: Door,
        carry: Carry,
        aside: Aside,
        tally: Tally,
        progress: Progress,
        lookups: Lookups,
        patience: Patience,
        *,
        dry_run: bool,
    ) -> None:
        self._aside = aside
        self._tally = tally
        self._progress = progress
        self._lookups = lookups
        self._patience = patience
        self._dry_run = dry_run
        self._flights = Flights(door, carry, patience, dry_run=dry_run)
        self._batch = _Batch()
        self._under_way: dict[str, Item] = {}
        self._round = 0

    async def stop(self) -> None:
        """Give up what is under way."""
        await self._flights.stop()

    async def add(self, item: Item) -> None:
        """One more resource; from a batchful on they go."""
        item.file.open += 1
        self._under_way[item.reference] = item
        self._batch.items.append(item)
        self._batch.bytes += len(item.raw)
        if len(self._batch.items) >= MOST or self._batch.bytes >= _MOST_BYTES:
            await self._send()

    def twin(self, entry: Entry) -> Item | None:
        """What is under way with the same content under the same id, if that means the same from wherever it comes."""
        one = self._under_way.get(entry.reference)
        if one is None or not entry.raw or one.entry.raw != entry.raw or may_refer(entry.raw):
            return None
        return one

    async def follow(self, twin: Item, item: Item) -> None:
        """Let a resource have the outcome of its twin."""
        item.file.open += 1
        if twin.refused is None:
            twin.twins.append(item)
        else:
            await self._follow(twin.refused, item)

    async def settled(self, entries: Sequence[Entry]) -> None:
        """Wait until what was sent of the same resources is stored, and what a criterion could find."""
        references = frozenset(one.reference for one in entries)
        types = frozenset(one.type for one in entries if one.criterion is not None)
        waiting = not self._batch.references.isdisjoint(references) or not self._batch.types.isdisjoint(types)
        if waiting:
            await self._send()
        if waiting or self._flights.carries(references, types):
            await self._flights.all_landed()

    async def drain(self) -> None:
        """Send what there is and wait until all is stored."""
        await self._send()
        await self._flights.all_landed()
        await self._flights.note()

    async def _send(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if texts := {text for one in batch.items for text in one.missing}:
            await self._patience(lambda: self._lookups.look(texts))
        arrivals: list[Arrival] = []
        sent: list[Item] = []
        for count, one in enumerate(batch.items):
            arrival = await self._arrival(one)
            if arrival is not None:
                arrivals.append(arrival)
                sent.append(one)
            if count % BREATH == 0:
                await asyncio.sleep(0)
        if arrivals:
            if self._dry_run:
                self._aside.name([name for one in arrivals for name in _names_of(one)])
            await self._flights.send(arrivals, lambda taken: self._landed(sent, taken))

    async def _arrival(self, one: Item) -> Arrival | None:
        """What goes to the door; None for what is at fault, or must wait for what it refers to."""
        if one.entry.kind == "delete":
            return Arrival(one.entry.type, one.id, None)
        if one.missing:
            one.raw, one.missing = resolved(one.raw, one.names, self._lookups.known)
        if one.missing:
            await self._wait(one)
            return None
        return Arrival(one.entry.type, one.id, one.raw, one.is_new, is_compact=True)

    async def _landed(self, sent: Sequence[Item], taken: Sequence[Taken]) -> None:
        for one, what in zip(sent, taken, strict=True):
            one.refused = what.issues if what.outcome == "refused" else ()
            if what.outcome == "refused":
                await self._refuse_item(one, [_placed(issue, one.entry.line) for issue in what.issues])
            else:
                self._tally.count(one.file, one.entry.type, what.outcome)
                for issue in what.issues:  # It is stored, with something that whoever signs should know.
                    self._tally.note(one.file, one.entry.line, one.entry.path, issue.text)
                await self._closed(one)
            for twin in one.twins:
                await self._follow(one.refused, twin)
        self._lookups.forget_absent({what.type for what in taken if what.outcome == "stored"})
        self._progress.show()

    async def _follow(self, refused: Sequence[Issue], twin: Item) -> None:
        if refused:
            await self._refuse_item(twin, [_placed(issue, twin.entry.line) for issue in refused])
        else:
            self._tally.count(twin.file, twin.entry.type, "unchanged")
            await self._closed(twin)

    async def _closed(self, one: Item) -> None:
        self._forget(one)
        one.file.open -= 1
        await self.remember(one.file)

    def _forget(self, one: Item) -> None:
        if self._under_way.get(one.reference) is one:
            del self._under_way[one.reference]

    async def remember(self, file: FileTally) -> None:
        """Note a file when all of it is in the record."""
        if file.whole and not file.before and not file.passed and file.found:
            await self._flights.remember(file.key)

    # What waits for other files

    async def _wait(self, one: Item) -> None:
        for text in one.missing:
            if (why := self._lookups.refusal(text)) is not None:
                await self._refuse_item(one, [_unresolved(text, why)])
                return
        waiting = Waiting(
            one.file.number, one.entry.path, one.entry.line, one.entry.type, one.id, one.raw, tuple(one.missing)
        )
        self._forget(one)
        self._aside.wait(waiting, self._round + 1)
        self._aside.name([(f"urn:uuid:{one.id}", f"{one.entry.type}/{one.id}")])

    @property
    def wait_for_others(self) -> bool:
        """Whether something refers to what is not there yet."""
        return self._aside.count(self._round + 1) > 0

    async def rounds(self) -> None:
        """Try what waits again and again, as long as something of it finds what it refers to."""
        while True:
            self._lookups.forget_all_absent()
            taken = 0
            self._round += 1
            while some := self._aside.waiting(self._round, MOST):
                taken += len(some)
                for one in some:
                    await self.add(self._again(one))
            await self.drain()
            if self._aside.count(self._round + 1) in (0, taken):
                break
        await self._give_up()

    def _again(self, one: Waiting) -> Item:
        file = self._tally.files[one.file]
        file.open -= 1
        entry = Entry(Spot(one.path, lambda: one.line), "update", one.type, one.id, one.raw)
        return Item(file, entry, one.id, Names(), one.raw, list(one.missing))

    async def _give_up(self) -> None:
        """What it refers to is not there, and does not come."""
        while some := self._aside.waiting(self._round + 1, MOST):
            for waiting in some:
                one = self._again(waiting)
                one.file.open += 1
                why = "nothing that is stored or in these files fits it. Load what it means as well, or mend it"
                await self._refuse_item(one, [_unresolved(text, why) for text in one.missing])

    # Faults

    async def _refuse_item(self, one: Item, issues: Sequence[Issue]) -> None:
        self._tally.count(one.file, one.entry.type, "refused")
        for issue in issues:
            if issue.severity in ("error", "fatal"):
                path = one.entry.path if one.entry.path == one.entry.type else f"{one.entry.path}.resource"
                self._tally.fault(one.file, one.entry.line, joined(path, issue.path), issue.code, issue.text)
        await self._closed(one)


def joined(path: str, inner: str | None) -> str:
    """Where a fault lies: the entry, then the element in it."""
    if not inner or inner.startswith(path):
        return inner or path
    return f"{path}: {inner}" if path else inner


def _placed(issue: Issue, line: int) -> Issue:
    """A line that was counted within a resource becomes the line in the file."""
    told = _LINE.sub(lambda match: str(int(match[0]) + line - 1), issue.text)
    return replace(issue, text=told) if line else issue


def _unresolved(text: str, why: str) -> Issue:
    return Issue("not-found", f"The reference “{text[:200]}” leads nowhere: {why}.")


def _names_of(one: Arrival) -> Iterator[tuple[str, str]]:
    """What a resource that is not stored in a dry run would be found by."""
    reference = f"{one.type}/{one.id}"
    yield f"urn:uuid:{one.id}", reference
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        for each in _identified.decode(one.sent).identifier if isinstance(one.sent, bytes) else ():
            yield f"{one.type}?identifier={each.value}", reference
            if each.system:
                yield f"{one.type}?identifier={each.system}|{each.value}", reference
