"""`samjournal exchange`: messages as files in and out, places that are tested, and the round of a night by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from samjournal import access, accounts, exchange, messages, rounds
from samjournal.db.pool import Pool
from samjournal.exchange.connections import connections
from samjournal.exchange.folder import Folder
from samjournal.exchange.keeping import keep, kept
from samjournal.exchange.outbox import Outbox, step
from samjournal.exchange.outgoing import rendered
from samjournal.exchange.register import Party
from samjournal.exchange.table import Misconfigured
from samjournal.exchange.transport import Unreachable
from samjournal.fhir.errors import Conflict, NotFound
from samjournal.record import Door, open_door
from samjournal.server import exits

Tell = Callable[[str], None]


async def receive(
    pool: Pool,
    paths: Sequence[Path],
    out: Path,
    *,
    tell: Tell,
    part: tuple[int, int] = (1, 1),
    file: Path | None = None,
) -> int:
    """Take every file, or those of a part; the exit code says whether each has its line, which says what came of it.
    `file` says whom messages may be signed by."""
    try:
        trust = connections(file).trust if file is not None else None
    except Misconfigured as error:
        raise exits.Usage(str(error)) from None
    door = await _door(pool)
    permit = access.for_job("messages")
    schemas = await exchange.schemas(door, permit)
    validate = schemas.wrong if schemas else None
    await exchange.take(door, permit, paths, out, tell, validate=validate, trust=trust, part=part)
    return exits.OK


async def send(pool: Pool, out: Path, *, tell: Tell) -> int:
    """Make and send what waits, as files; what goes by other ways waits on."""
    door = await _door(pool)
    permit = access.for_job("messages")
    schemas = await exchange.schemas(door, permit)
    outbox = Outbox(door, permit, rendered, {Folder.name: Folder(out)}, schemas.wrong if schemas else None, leaves=True)
    done = 0
    while more := await step(outbox, datetime.now(UTC)):
        done += more
    tell(f"{done} steps were done; what is sent lies in {out / 'ut'}")
    return exits.OK


async def addresses(pool: Pool, file: Path, hers: Sequence[str], *, tell: Tell) -> int:
    """Ask the register for each party, keep what it says, and tell a line for each: HER-id, name, organisation above,
    what hinders sending (`-` for nothing), how many kinds of messages it takes, until when its certificate holds. Ends
    with 5 when something hinders sending to one of them, or nobody could say."""
    try:
        register = connections(file).register
    except Misconfigured as error:
        raise exits.Usage(str(error)) from None
    if register is None:
        raise exits.Usage(f"{file} has no table [register].")
    door = await _door(pool)
    permit, now, worst = access.for_job("messages"), datetime.now(UTC), exits.OK
    for her in hers:
        try:
            party = await keep(door, permit, register, her, now)
        except Unreachable as error:
            last = await kept(door, permit, her)
            since = f"; what is kept is of {last.asked:%Y-%m-%d %H:%M} UTC" if last else ""
            tell("\t".join((her, "-", "-", f"{error}{since}", "-", "-")))
            worst = exits.FINDINGS
            continue
        if party is None:
            tell("\t".join((her, "-", "-", "the register has nobody with this HER-id", "-", "-")))
            worst = exits.FINDINGS
            continue
        line = _party(party, now)
        tell("\t".join(line))
        worst = worst if line[3] == "-" else exits.FINDINGS
    return worst


def _party(party: Party, now: datetime) -> tuple[str, ...]:
    certificate = party.certificate(now)
    return (
        party.her,
        party.name,
        party.parent_name or "-",
        party.unfit(min(party.kinds or (), default=""), now) or "-",
        "not said" if party.kinds is None else str(len(party.kinds)),
        f"{certificate.not_valid_after_utc:%Y-%m-%d}" if certificate else "-",
    )


async def activate(pool: Pool, ids: Sequence[str], *, tell: Tell) -> int:
    """Ask places to show that they read what comes."""
    door = await _door(pool)
    permit = access.for_job("messages")
    code = exits.OK
    for id_ in ids:
        try:
            unit = await messages.activate(door, permit, id_, datetime.now(UTC))
            tell(f"{id_}\tasked\t{unit}")
        except (Conflict, NotFound) as error:
            tell(f"{id_}\tnot asked\t{error}")
            code = exits.REFUSED
    return code


async def make_rounds(pool: Pool, *, tell: Tell) -> int:
    """Make the round of a night now, and say how much each rule found."""
    door = await _door(pool)
    counts = await rounds.make_rounds(door, access.for_job("rounds"), datetime.now(UTC))
    for rule, found in counts.items():
        tell(f"{rule}\t{found}")
    return exits.FINDINGS if any(counts.values()) else exits.OK


async def _door(pool: Pool) -> Door:
    installation = await accounts.installation(pool)
    assert installation is not None
    return await open_door(pool, secret=installation.secret)
