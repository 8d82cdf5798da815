"""`samjournal load`: FHIR resources from files and folders into the record."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from samjournal import access, accounts, tasks
from samjournal.db.pool import Pool
from samjournal.record import Door, bulk, open_door
from samjournal.record.feed import Cursor, feed_place, keep_place
from samjournal.server import exits
from samjournal.server.aside import WORTH
from samjournal.server.load import report as reports
from samjournal.server.load.aside import Aside
from samjournal.server.load.beside import carriers
from samjournal.server.load.files import find
from samjournal.server.load.flights import AT_ONCE, Patience, in_this_process
from samjournal.server.load.loading import Loading
from samjournal.server.load.progress import Progress, duration
from samjournal.server.load.tally import OUTCOMES, Tally
from samjournal.server.loaded import LOADS, WINDOW, work_of_loads

__all__ = ["AT_ONCE", "load"]


async def load(
    pool: Pool,
    paths: Sequence[Path],
    *,
    tell: Callable[[str], None],
    terminal: TextIO | None = None,
    dry_run: bool = False,
    report: Path | None = None,
    beside: int = 0,
    results: timedelta = WINDOW,
) -> int:
    """Load every resource under `paths`, each for itself, and return an exit code (0, or 5 if something was refused).

    A file that was loaded whole before, by what is in it, is not loaded again; of others, what is stored already stays
    as it is. So a load that was interrupted is repeated as it was. Much is brought in by so many processes `beside`
    this one. Final results that are no older than `results`, and that nobody has acknowledged, become work for people;
    0: none of them. Raises NotReady when the database stays away.
    """
    if report is not None:
        reports.places(report)
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    client = tasks.LOADED if results else tasks.LOADED_AS_HISTORY
    permit = access.for_system(client, scope=None, request=client)
    sources = await asyncio.to_thread(find, paths)
    progress = Progress(tell, terminal)
    began = datetime.now(UTC)
    aside = Aside()
    tally = Tally(aside, progress.tell)
    progress.begin(tally, sources)
    begun: Cursor | None = None
    work: int | None = None
    stopped = "It was interrupted."
    try:
        async with AsyncExitStack() as around:
            if not dry_run:
                begun = await feed_place(door, LOADS) if results else None
                await around.enter_async_context(bulk(door))
            carry = in_this_process(door, permit, dry_run=dry_run)
            if beside and not dry_run and sum(one.size for one in sources) >= WORTH:
                carry = await around.enter_async_context(carriers(pool.dsn, installation.secret, beside, client))
            with _seldom_collected():
                await Loading(door, permit, carry, aside, tally, progress, dry_run=dry_run).run(sources)
            if begun is not None:
                work = await _make_work(door, begun, results, progress)
        stopped = ""
    except exits.NotReady as error:
        stopped = str(error)
        raise
    finally:
        progress.end()
        _tell_counts(tell, tally, dry_run=dry_run, stopped=stopped)
        _tell_work(tell, work, results, dry_run=dry_run)
        if report is not None:
            reports.write(report, reports.Run(tally, aside, began, dry_run, stopped))
            tell(f"Report: {' and '.join(map(str, reports.places(report)))}")
        aside.close()
    return exits.FINDINGS if tally.faults or not sources else exits.OK


async def _make_work(door: Door, begun: Cursor, window: timedelta, progress: Progress) -> int:
    """Results that wait for people now. The database may be away for a while."""
    job = access.for_job("results of loads")
    made, end = await Patience(progress.tell)(lambda: work_of_loads(door, job, begun, window))
    await keep_place(door, LOADS, end)
    return made


def _tell_work(tell: Callable[[str], None], work: int | None, window: timedelta, *, dry_run: bool) -> None:
    """How many results wait for people, or that none does and why."""
    days = f"{window.days} day{'' if window.days == 1 else 's'}"
    if dry_run:
        tell(f"Nothing was stored; a load makes work of results of the last {days} (--results-as-work).")
    elif not window:
        tell("No result was made work for people: all of it came as history (--results-as-work 0).")
    elif work is None:
        tell("Results were not made work yet: repeat the load, or the server does it when it runs.")
    else:
        tell(f"{work:,} results of the last {days} wait for people to acknowledge them (--results-as-work).")


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Cycles looked for seldom: a batch is a hundred thousand objects without any, and to go through them again and
    again was a sixth of the time."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _tell_counts(tell: Callable[[str], None], tally: Tally, *, dry_run: bool, stopped: str) -> None:
    """The end of it on the terminal: by type, then all."""
    if tally.types:
        tell(f"  {'':<28}{'stored':>10}{'unchanged':>11}{'left':>7}{'refused':>9}")
    for type_, counts in sorted(tally.types.items()):
        stored, unchanged, left, refused = (counts[outcome] for outcome in OUTCOMES)
        tell(f"  {type_:<28}{stored:>10,}{unchanged:>11,}{left:>7,}{refused:>9,}")
    if tally.notes:
        tell(f"  {tally.notes:,} notes: something was stored under another id, or left as it stands (see --report).")
    states = [file.state for file in tally.files]
    whole_ones = f"{states.count('loaded')} {'sound' if dry_run else 'loaded'}"
    parts = [f"{len(states)} file{'' if len(states) == 1 else 's'}: {whole_ones}"]
    for state in ("loaded before", "with faults", "passed over", "not read"):
        if state in states:
            parts.append(f"{states.count(state)} {state}")
    rate = tally.resources / tally.seconds
    whole = f"{tally.resources:,} resources in {duration(tally.seconds)}, {rate:,.0f} a second"
    tell(f"{', '.join(parts)}. {whole}.{' Nothing was written.' if dry_run else ''}")
    if not tally.files:
        tell("There is no file at the places named.")
    if stopped:
        tell("The load did not come to its end. Repeat the command: it goes on where it stopped.")
