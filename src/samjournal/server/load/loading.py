"""The load itself: reads, plans, resolves, sends batch after batch, and at the end what had to wait."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.fhir.errors import FhirError, Invalid, Issue
from samjournal.fhir.parsing import parse
from samjournal.record import Arrival, Door, Taken, remembered
from samjournal.server.load.aside import Aside, Waiting
from samjournal.server.load.bundles import Bundle
from samjournal.server.load.entries import Entry, Refused, Spot
from samjournal.server.load.files import Source, digest
from samjournal.server.load.flights import Flights, Patience
from samjournal.server.load.lookups import Lookups
from samjournal.server.load.naming import Naming, Plan
from samjournal.server.load.progress import Progress
from samjournal.server.load.reading import NotFhir, contents
from samjournal.server.load.resolving import Names, resolved
from samjournal.server.load.standing import Standing, Verdict
from samjournal.server.load.tally import FileTally, Tally

MOST = 500
"""So many resources make a batch, or so many bytes: well under a second's work for the database."""
_MOST_BYTES = 1024 * 1024
_FILES = 100
_FILES_BYTES = 16 * 1024 * 1024
_LINE = re.compile(r"\(line (\d+),")
_BREATH = 16
"""After so many resources others get their turn: the batches that are under way."""


@dataclass(slots=True)
class _Item:
    """One resource on its way, with what its references stand for."""

    file: FileTally
    entry: Entry
    id: str
    names: Names
    raw: bytes
    missing: list[str]


@dataclass(slots=True)
class _Batch:
    items: list[_Item] = field(default_factory=list)
    bytes: int = 0

    @property
    def references(self) -> frozenset[str]:
        return frozenset(f"{one.entry.type}/{one.id}" for one in self.items)

    @property
    def types(self) -> frozenset[str]:
        return frozenset(one.entry.type for one in self.items)


class Loading:
    """One run over some files."""

    def __init__(
        self, door: Door, permit: Permit, aside: Aside, tally: Tally, progress: Progress, *, dry_run: bool
    ) -> None:
        self._door = door
        self._aside = aside
        self._tally = tally
        self._progress = progress
        self._dry_run = dry_run
        self._patience = Patience(progress.tell)
        self._flights = Flights(door, permit, self._patience, dry_run=dry_run)
        self._lookups = Lookups(door, permit, aside)
        self._standing = Standing(door, permit, datetime.now(UTC))
        self._naming = Naming(self._lookups, self._standing)
        self._batch = _Batch()
        self._loose: list[_Item] = []
        self._round = 0
        self._seen: set[bytes] = set()

    async def run(self, sources: Sequence[Source]) -> None:
        """Load the files. Raises NotReady when the database stays away."""
        try:
            for some in _groups(sources):
                await self._files(some)
            await self._drain()
            await self._rounds()
        finally:
            await self._flights.stop()

    # Files

    async def _files(self, sources: Sequence[Source]) -> None:
        """Some files: which of them are loaded already is asked of all at once."""
        keys = await asyncio.to_thread(lambda: [_key(source) for source in sources])
        made = [key for key in keys if isinstance(key, bytes)]
        before = await self._patience(lambda: remembered(self._door, made))
        for source, key in zip(sources, keys, strict=True):
            file = FileTally(len(self._tally.files), str(source.path), source.size)
            self._tally.files.append(file)
            if isinstance(key, OSError):
                self._unreadable(file, key)
            else:
                file.key, file.before = key, key in before or key in self._seen
                self._seen.add(key)
                if not file.before:
                    await self._file(source, file)
            file.read = True
            self._progress.file_done(source)
            await self._remember(file)

    async def _file(self, source: Source, file: FileTally) -> None:
        try:
            await self._contents(source, file)
        except NotFhir as error:
            self._not_fhir(source, file, str(error))
        except Invalid as error:
            self._refuse(file, 0, "", error.issues)
        except OSError as error:
            self._unreadable(file, error)

    def _unreadable(self, file: FileTally, error: OSError) -> None:
        told = f"It cannot be read: {error.strerror or error}. See that it is there and may be read."
        self._tally.fault(file, 0, "", "exception", told)

    def _not_fhir(self, source: Source, file: FileTally, why: str) -> None:
        """A file that was named is refused; one that lies in a folder is passed over."""
        if source.named:
            self._tally.fault(file, 0, "", "not-supported", f"The file is not loaded: {why}.")
        else:
            file.passed = why

    async def _contents(self, source: Source, file: FileTally) -> None:
        for one in contents(source, file.key.hex(), self._progress.at):
            match one:
                case Refused():
                    file.found += 1
                    self._refuse(file, one.spot.line_of(), one.spot.path, one.error.issues)
                case Bundle():
                    await self._bundle(one, file)
                case Entry():
                    file.found += 1
                    await self._add_loose(one, file)
            self._progress.show()

    async def _bundle(self, bundle: Bundle, file: FileTally) -> None:
        await self._send_loose()
        plan = await self._patience(lambda: self._naming.plan(bundle, self._settled))
        for entry, id_ in plan.moved:
            told = f"{entry.reference} is something else in the record: this one is {entry.type}/{id_} now."
            self._tally.note(file, entry.line, entry.path, told)
        self._aside.name(
            [
                (text, new)
                for text, new in plan.names.of.items()
                if text.startswith("urn:uuid:") and new[-36:] != text[9:]
            ]
        )
        for count, one in enumerate(bundle.entries()):
            file.found += 1
            if isinstance(one, Refused):
                self._refuse(file, one.spot.line_of(), one.spot.path, one.error.issues)
            elif one.path in plan.faults:
                self._refuse(file, one.line, one.path, plan.faults[one.path].issues)
            else:
                await self._add_planned(one, plan, file)
            if count % _BREATH == 0:
                self._progress.show()
                await asyncio.sleep(0)

    async def _add_planned(self, entry: Entry, plan: Plan, file: FileTally) -> None:
        verdict = plan.verdicts.get(entry.path)
        if verdict in (Verdict.SAME, Verdict.LEFT):
            self._stands(file, entry, verdict)
            return
        id_ = plan.ids.get(entry.path, entry.id)
        raw, missing = resolved(entry.raw, plan.names, self._lookups.known) if entry.raw else (b"", [])
        await self._add(_Item(file, entry, id_, plan.names, raw, missing))

    def _stands(self, file: FileTally, entry: Entry, verdict: Verdict | None) -> None:
        """The record has it already."""
        left = verdict is Verdict.LEFT
        self._tally.count(file, entry.type, "left" if left else "unchanged")
        if left:
            told = f"{entry.reference} had this content before and was changed since: it is left as it stands."
            self._tally.note(file, entry.line, entry.path, told)

    # Resources that stand for themselves: what the record has of them is asked for many at once

    async def _add_loose(self, entry: Entry, file: FileTally) -> None:
        names = Names()
        raw, missing = resolved(entry.raw, names, self._lookups.known)
        file.open += 1
        self._loose.append(_Item(file, entry, entry.id, names, raw, missing))
        if len(self._loose) >= MOST:
            await self._send_loose()

    async def _send_loose(self) -> None:
        items, self._loose = self._loose, []
        if not items:
            return
        await self._settled([one.entry for one in items])
        verdicts = await self._patience(lambda: self._judged(items))
        for place, one in enumerate(items):
            one.file.open -= 1
            verdict = verdicts.get(place)
            if verdict in (Verdict.SAME, Verdict.LEFT):
                self._stands(one.file, one.entry, verdict)
                await self._remember(one.file)
            else:
                await self._add(one)

    async def _judged(self, items: Sequence[_Item]) -> dict[int, Verdict]:
        """What the record says to those that it has, by their place."""
        there = await self._standing.there([one.entry for one in items])
        asked = [place for place, one in enumerate(items) if one.entry.reference in there]
        verdicts = await self._standing.judge([(items[place].entry, items[place].raw) for place in asked])
        return dict(zip(asked, verdicts, strict=True))

    # Batches

    async def _add(self, item: _Item) -> None:
        item.file.open += 1
        self._batch.items.append(item)
        self._batch.bytes += len(item.raw)
        if len(self._batch.items) >= MOST or self._batch.bytes >= _MOST_BYTES:
            await self._send()

    async def _settled(self, entries: Sequence[Entry]) -> None:
        """Wait until what was sent of the same resources is stored, and what a criterion could find."""
        references = frozenset(one.reference for one in entries)
        types = frozenset(one.type for one in entries if one.criterion is not None)
        waiting = not self._batch.references.isdisjoint(references) or not self._batch.types.isdisjoint(types)
        if waiting:
            await self._send()
        if waiting or self._flights.carries(references, types):
            await self._flights.all_landed()

    async def _drain(self) -> None:
        await self._send_loose()
        await self._send()
        await self._flights.all_landed()
        await self._flights.note()

    async def _send(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if texts := {text for one in batch.items for text in one.missing}:
            await self._patience(lambda: self._lookups.look(texts))
        arrivals: list[Arrival] = []
        sent: list[_Item] = []
        for count, one in enumerate(batch.items):
            arrival = await self._arrival(one)
            if arrival is not None:
                arrivals.append(arrival)
                sent.append(one)
            if count % _BREATH == 0:
                await asyncio.sleep(0)
        if arrivals:
            if self._dry_run:
                self._aside.name([name for one in arrivals for name in _names_of(one)])
            await self._flights.send(arrivals, lambda taken: self._landed(sent, taken))

    async def _arrival(self, one: _Item) -> Arrival | None:
        """What goes to the door; None for what is at fault, or must wait for what it refers to."""
        if one.entry.kind == "delete":
            return Arrival(one.entry.type, one.id, None)
        if one.missing:
            one.raw, one.missing = resolved(one.raw, one.names, self._lookups.known)
        if one.missing:
            await self._wait(one)
            return None
        try:
            return Arrival.of(parse(one.raw), one.id)
        except FhirError as error:
            await self._refuse_item(one, [_placed(issue, one.entry.line) for issue in error.issues])
            return None

    async def _landed(self, sent: Sequence[_Item], taken: Sequence[Taken]) -> None:
        for one, what in zip(sent, taken, strict=True):
            if what.outcome == "refused":
                await self._refuse_item(one, what.issues)
            else:
                self._tally.count(one.file, one.entry.type, what.outcome)
                await self._closed(one)
        self._lookups.forget_absent({what.type for what in taken if what.outcome == "stored"})
        self._progress.show()

    async def _closed(self, one: _Item) -> None:
        one.file.open -= 1
        await self._remember(one.file)

    async def _remember(self, file: FileTally) -> None:
        if file.whole and not file.before and not file.passed and file.found:
            await self._flights.remember(file.key)

    # What waits for other files

    async def _wait(self, one: _Item) -> None:
        for text in one.missing:
            if (why := self._lookups.refusal(text)) is not None:
                await self._refuse_item(one, [_unresolved(text, why)])
                return
        waiting = Waiting(
            one.file.number, one.entry.path, one.entry.line, one.entry.type, one.id, one.raw, tuple(one.missing)
        )
        self._aside.wait(waiting, self._round + 1)
        self._aside.name([(f"urn:uuid:{one.id}", f"{one.entry.type}/{one.id}")])

    async def _rounds(self) -> None:
        """Try what waits again and again, as long as something of it finds what it refers to."""
        while True:
            self._lookups.forget_all_absent()
            taken = 0
            self._round += 1
            while some := self._aside.waiting(self._round, MOST):
                taken += len(some)
                for one in some:
                    await self._add(self._again(one))
            await self._drain()
            if self._aside.count(self._round + 1) in (0, taken):
                break
        await self._give_up()

    def _again(self, one: Waiting) -> _Item:
        file = self._tally.files[one.file]
        file.open -= 1
        entry = Entry(Spot(one.path, lambda: one.line), "update", one.type, one.id, one.raw)
        return _Item(file, entry, one.id, Names(), one.raw, list(one.missing))

    async def _give_up(self) -> None:
        """What it refers to is not there, and does not come."""
        while some := self._aside.waiting(self._round + 1, MOST):
            for waiting in some:
                one = self._again(waiting)
                one.file.open += 1
                why = "nothing that is stored or in these files fits it. Load what it means as well, or mend it"
                await self._refuse_item(one, [_unresolved(text, why) for text in one.missing])

    # Faults

    def _refuse(self, file: FileTally, line: int, path: str, issues: Sequence[Issue]) -> None:
        file.outcomes["refused"] += 1
        for issue in issues:
            if issue.severity in ("error", "fatal"):
                self._tally.fault(file, line, _joined(path, issue.path), issue.code, issue.text)

    async def _refuse_item(self, one: _Item, issues: Sequence[Issue]) -> None:
        self._tally.count(one.file, one.entry.type, "refused")
        for issue in issues:
            if issue.severity in ("error", "fatal"):
                path = one.entry.path if one.entry.path == one.entry.type else f"{one.entry.path}.resource"
                self._tally.fault(one.file, one.entry.line, _joined(path, issue.path), issue.code, issue.text)
        await self._closed(one)


def _groups(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The files in their order, many small ones together."""
    group: list[Source] = []
    for source in sources:
        group.append(source)
        if len(group) >= _FILES or sum(one.size for one in group) >= _FILES_BYTES:
            yield group
            group = []
    if group:
        yield group


def _key(source: Source) -> bytes | OSError:
    try:
        return digest(source)
    except OSError as error:
        return error


def _joined(path: str, inner: str | None) -> str:
    """Where a fault lies: the entry, then the element in it."""
    if not inner or inner.startswith(path):
        return inner or path
    return f"{path}: {inner}" if path else inner


def _placed(issue: Issue, line: int) -> Issue:
    """A line that was counted within a resource becomes the line in the file."""
    told = _LINE.sub(lambda match: f"(line {int(match[1]) + line - 1},", issue.text)
    return replace(issue, text=told) if line else issue


def _unresolved(text: str, why: str) -> Issue:
    return Issue("not-found", f"The reference “{text[:200]}” leads nowhere: {why}.")


def _names_of(one: Arrival) -> Iterator[tuple[str, str]]:
    """What a resource that is not stored in a dry run would be found by."""
    reference = f"{one.type}/{one.id}"
    yield f"urn:uuid:{one.id}", reference
    held = one.parsed.resource.get("identifier") if one.parsed else None
    for each in held if isinstance(held, list) else [held]:
        if isinstance(each, dict) and "value" in each:
            yield f"{one.type}?identifier={each['value']}", reference
            if "system" in each:
                yield f"{one.type}?identifier={each['system']}|{each['value']}", reference
