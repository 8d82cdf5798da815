"""The load itself: reads, plans, resolves, sends batch after batch, and at the end what had to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid, Issue
from samjournal.record import Door, remembered
from samjournal.server.load.aside import Aside
from samjournal.server.load.batches import BREATH, MOST, Batches, Item, joined
from samjournal.server.load.bundles import Bundle
from samjournal.server.load.entries import Entry, Refused
from samjournal.server.load.files import Source, digest
from samjournal.server.load.flights import Carry, Patience
from samjournal.server.load.lookups import Lookups
from samjournal.server.load.naming import Naming, Plan
from samjournal.server.load.progress import Progress
from samjournal.server.load.reading import NotFhir, contents
from samjournal.server.load.resolving import Names, resolved
from samjournal.server.load.standing import Standing, Verdict
from samjournal.server.load.tally import FileTally, Tally

_FILES = 100
_FILES_BYTES = 16 * 1024 * 1024
"""So many files, or bytes of them, are asked for at once whether they are loaded already."""


class Loading:
    """One run over some files."""

    def __init__(
        self,
        door: Door,
        permit: Permit,
        carry: Carry,
        aside: Aside,
        tally: Tally,
        progress: Progress,
        *,
        dry_run: bool,
    ) -> None:
        self._door = door
        self._aside = aside
        self._tally = tally
        self._progress = progress
        self._patience = Patience(progress.tell)
        self._lookups = Lookups(door, permit, aside)
        self._batches = Batches(door, carry, aside, tally, progress, self._lookups, self._patience, dry_run=dry_run)
        self._standing = Standing(door, permit, datetime.now(UTC))
        self._naming = Naming(self._lookups, self._standing, self._batches)
        self._loose: list[Item] = []
        self._seen: set[bytes] = set()

    async def run(self, sources: Sequence[Source]) -> None:
        """Load the files. Raises NotReady when the database stays away."""
        try:
            for some in _groups(sources):
                await self._files(some)
            await self._send_loose()
            await self._batches.drain()
            if self._batches.wait_for_others:
                await self._recall(sources)
                await self._batches.rounds()
        finally:
            await self._batches.stop()

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
            await self._batches.remember(file)

    async def _file(self, source: Source, file: FileTally) -> None:
        try:
            await self._contents(source, file)
        except NotFhir as error:
            self._not_fhir(source, file, str(error))
        except Invalid as error:
            self._refuse(file, 0, "", error.issues)
        except OSError as error:
            self._unreadable(file, error)

    async def _recall(self, sources: Sequence[Source]) -> None:
        """Something refers to what is nowhere yet: files that were loaded before may have it under another name."""
        for source, file in zip(sources, self._tally.files, strict=True):
            if file.before:
                for one in contents(source, file.key.hex(), lambda _: None):
                    if isinstance(one, Bundle):
                        names = Names()
                        for entry in one.entries():
                            if isinstance(entry, Entry) and entry.criterion is None:
                                names.add(entry, entry.id)
                        self._aside.name(_other_names(names))
                await asyncio.sleep(0)

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
        plan = await self._patience(lambda: self._naming.plan(bundle))
        for entry in plan.moved:
            came = entry.full_url or entry.path
            told = f"What came as {came} is {entry.reference} now: the record has something else there."
            self._tally.note(file, entry.line, entry.path, told)
        self._aside.name(_other_names(plan.names))
        for count, one in enumerate(bundle.entries()):
            file.found += 1
            if isinstance(one, Refused):
                self._refuse(file, one.spot.line_of(), one.spot.path, one.error.issues)
            elif one.path in plan.faults:
                self._refuse(file, one.line, one.path, plan.faults[one.path].issues)
            else:
                await self._add_planned(one, plan, file, is_compact=bundle.is_compact)
            if count % BREATH == 0:
                self._progress.show()
                await asyncio.sleep(0)

    async def _add_planned(self, entry: Entry, plan: Plan, file: FileTally, *, is_compact: bool) -> None:
        verdict = plan.verdicts.get(entry.path)
        if verdict in (Verdict.SAME, Verdict.LEFT):
            self._stands(file, plan.at(entry), verdict)
            return
        if (twin := plan.twins.get(entry.path)) is not None:
            await self._batches.follow(twin, Item(file, entry, entry.id, plan.names, entry.raw, []))
            return
        raw, missing = b"", list[str]()
        if entry.raw:
            raw, missing = resolved(entry.raw, plan.names, self._lookups.known, is_compact=is_compact)
        item = Item(file, entry, plan.at(entry).id, plan.names, raw, missing)
        item.is_new = item.reference not in plan.there
        await self._batches.add(item)

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
        self._loose.append(Item(file, entry, entry.id, names, raw, missing))
        if len(self._loose) >= MOST:
            await self._send_loose()

    async def _send_loose(self) -> None:
        items, self._loose = self._loose, []
        if not items:
            return
        await self._batches.settled([one.entry for one in items])
        verdicts = await self._patience(lambda: self._judged(items))
        for place, one in enumerate(items):
            one.file.open -= 1
            verdict = verdicts.get(place)
            if verdict in (Verdict.SAME, Verdict.LEFT):
                self._stands(one.file, one.entry, verdict)
                await self._batches.remember(one.file)
            else:
                one.is_new = place not in verdicts
                await self._batches.add(one)

    async def _judged(self, items: Sequence[Item]) -> dict[int, Verdict]:
        """What the record says to those that it has, by their place."""
        there = await self._standing.there([one.entry for one in items])
        asked = [place for place, one in enumerate(items) if one.entry.reference in there]
        verdicts = await self._standing.judge([(items[place].entry, items[place].raw) for place in asked])
        return dict(zip(asked, verdicts, strict=True))

    # Faults

    def _refuse(self, file: FileTally, line: int, path: str, issues: Sequence[Issue]) -> None:
        file.outcomes["refused"] += 1
        for issue in issues:
            if issue.severity in ("error", "fatal"):
                self._tally.fault(file, line, joined(path, issue.path), issue.code, issue.text)


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


def _other_names(names: Names) -> list[tuple[str, str]]:
    """The uuids under which other files may refer to what has another id here."""
    return [
        (text, reference)
        for text, reference in names.of.items()
        if text.startswith("urn:uuid:") and reference.partition("/")[2] != text.removeprefix("urn:uuid:")
    ]


def _key(source: Source) -> bytes | OSError:
    try:
        return digest(source)
    except OSError as error:
        return error
