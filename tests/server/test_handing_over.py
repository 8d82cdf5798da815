"""The log is handed over whole, and leaves the database only where an export holds it as it was sealed."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from samjournal import audit
from samjournal.audit import Look, retiring
from samjournal.db.cluster import USER
from samjournal.db.partitions import make_months
from samjournal.db.pool import connect
from samjournal.db.rights import as_role
from samjournal.server import exits, sealing
from samjournal.server.handing_over import LOOKS, MANIFEST, SEALS, export, refuse_early, retire
from world import World

pytestmark = pytest.mark.anyio


def today() -> date:
    """Asked each time: a run may go on past midnight."""
    return datetime.now(UTC).date()


def next_month() -> date:
    """What is sealed today was sealed before it."""
    return (today().replace(day=1) + timedelta(days=32)).replace(day=1)


class Log:
    """A log that is sealed, with what the commands say."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.pool, self.folder = world, world.pool, folder
        self.key = sealing.key_of(folder)
        self.said: list[str] = []

    async def look(self, *actors: str, patients: tuple[int, ...] = ()) -> None:
        for actor in actors:
            some = {"patients": patients} if patients else {"patient": 7}
            look = Look(
                "r", actor, "Bø, “Å”\\;", "nurse", "W", "read", "stay", "Patient/x", organization_id="w", **some
            )
            async with self.pool.transaction() as db:
                await audit.write(db, [look])
        async with self.pool.transaction() as db:
            await audit.unfold(db)

    async def seal(self) -> None:
        async with self.pool.transaction() as db:
            made = await audit.seal(db, self.key)
        assert made is not None
        sealing._append(self.folder / sealing.HEADS, made)

    async def export(self, target: Path, end: date | None = None) -> int:
        return await export(self.pool, self.folder, target, None, end or today(), tell=self.said.append)

    async def retire(self, *exports: Path, before: date | None = None) -> int:
        owner = await connect(as_role(self.pool.dsn, USER), size=2)
        try:
            return await retire(
                owner, self.folder, exports, before or next_month(), actor="kari", tell=self.said.append
            )
        finally:
            await owner.close(patience=2)

    async def verify(self) -> int:
        self.said.clear()
        return await sealing.verify(self.pool, self.folder, tell=self.said.append)

    async def actors(self) -> list[str]:
        return [row["actor"] for row in await self.pool.fetch("SELECT actor FROM audit.look ORDER BY xact, id")]


@pytest.fixture
async def log(world: World, tmp_path: Path) -> Log:
    """Two seals over four looks, one of them at several patients; one look that is not sealed yet."""
    await world.as_owner("TRUNCATE audit.look, audit.seal, audit.handed, audit.seen, audit.pending")
    await make_months(world.pool)
    made = Log(world, tmp_path / "audit")
    await made.look("a", "b")
    await made.seal()
    await made.look("c")
    await made.look("d", patients=(7, 8))
    await made.seal()
    await made.look("e")
    return made


async def test_an_export_holds_each_look_as_it_was_sealed_and_is_the_same_each_time(log: Log, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert await log.export(one) == exits.OK
    assert await log.export(other) == exits.OK
    assert {file.name for file in one.iterdir()} == {LOOKS, SEALS, MANIFEST}
    assert all((one / name).read_bytes() == (other / name).read_bytes() for name in (LOOKS, SEALS, MANIFEST))
    lines = [json.loads(line) for line in (one / LOOKS).read_text().splitlines()]
    assert [(line["seal"], line["actor"]) for line in lines] == [(1, "a"), (1, "b"), (2, "c"), (2, "d")]
    assert lines[3]["patients"] == ["7", "8"]
    manifest = json.loads((one / MANIFEST).read_text())
    assert (manifest["first"], manifest["last"], manifest["looks"]) == (1, 2, 4)
    for seal in map(
        json.loads, (one / SEALS).read_text().splitlines()
    ):  # As an archive checks it, with this page alone.
        mine = [line["sealed"] for line in lines if line["seal"] == seal["number"]]
        digest = hashlib.sha256(b"".join(hashlib.sha256(text.encode()).digest() for text in mine)).hexdigest()
        assert digest == seal["digest"]
        public = load_pem_public_key(manifest["public_key"].encode())
        public.verify(bytes.fromhex(seal["signature"]), bytes.fromhex(seal["hash"]))  # type: ignore[union-attr,call-arg]
    assert await log.export(one) == exits.OK
    assert "is there already, whole" in log.said[-1]
    await log.seal()
    with pytest.raises(exits.Refused, match="holds seals 1 to 2"):
        await log.export(one)


async def test_a_log_that_was_tampered_with_is_not_exported(log: Log, tmp_path: Path) -> None:
    await log.world.as_owner("UPDATE audit.look SET actor = 'x' WHERE actor = 'b'")
    with pytest.raises(exits.Refused, match="a look that it covers was changed"):
        await log.export(tmp_path / "one")
    assert not (tmp_path / "one").exists()
    await log.world.as_owner("UPDATE audit.look SET actor = 'b' WHERE actor = 'x'")
    with pytest.raises(exits.Refused, match="Nothing was sealed"):
        await log.export(tmp_path / "one", today() - timedelta(days=1))


async def test_what_was_handed_over_goes_and_the_chain_stands(log: Log, tmp_path: Path) -> None:
    await log.export(tmp_path / "one")
    assert await log.retire(tmp_path / "one") == exits.OK
    assert await log.actors() == ["e"], "what is not sealed yet, and so in no export, stays"
    assert await log.pool.fetchval("SELECT to_regclass($1)", f"audit.look_{today():%Y_%m}") is None
    assert await log.pool.fetchval("SELECT count(*) FROM audit.seen") == 0
    assert await log.pool.fetchval("SELECT count(*) FROM audit.seal") == 2
    assert await log.verify() == exits.OK
    assert "2 seals (1 to 2) cover 4 looks that were handed over" in log.said[0]
    assert hashlib.sha256((tmp_path / "one" / MANIFEST).read_bytes()).hexdigest() in log.said[0]
    await log.look("f")
    await log.seal()
    assert await log.verify() == exits.OK
    await log.export(tmp_path / "two")
    assert json.loads((tmp_path / "two" / MANIFEST).read_text())["first"] == 3, "it goes on where the last ended"
    assert await log.retire(tmp_path / "two") == exits.OK
    assert (await log.actors(), await log.verify()) == ([], exits.OK)


async def test_nothing_goes_that_no_export_holds(log: Log, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    await log.export(part)
    await log.seal()
    with pytest.raises(exits.Refused, match="Seals 3 to 3 are in none"):
        await log.retire(part)
    await log.export(whole)
    lines = (whole / LOOKS).read_text().splitlines(keepends=True)
    (whole / LOOKS).write_text("".join(lines[:-1]))
    with pytest.raises(exits.Refused, match="not as its manifest says"):
        await log.retire(whole)
    manifest = json.loads((whole / MANIFEST).read_text())
    manifest["files"][LOOKS] = hashlib.sha256((whole / LOOKS).read_bytes()).hexdigest()
    (whole / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(exits.Refused, match="does not hold what seal 3 covers"):
        await log.retire(whole)
    with pytest.raises(exits.Refused, match="is no export of the log"):
        await log.retire(tmp_path)
    assert await log.actors() == ["a", "b", "c", "d", "e"]


async def test_who_says_without_the_key_that_looks_were_handed_over_is_found(log: Log, tmp_path: Path) -> None:
    await log.world.as_owner("DELETE FROM audit.look WHERE actor IN ('a', 'b')")
    await log.world.as_owner("INSERT INTO audit.handed VALUES (1, 1, 2, '{x}', now(), 'kari', sha512('x'))")
    assert await log.verify() == exits.FINDINGS
    assert any("is not signed" in one for one in log.said)
    assert any("it covered 2 looks, and 0 stand there" in one for one in log.said)


@pytest.mark.parametrize("tampering", ["last = last + 1", "looks = 1", "manifests = '{x}'", "actor = 'x'"])
async def test_what_was_said_of_a_handing_over_cannot_be_changed(log: Log, tmp_path: Path, tampering: str) -> None:
    await log.seal()
    await log.export(tmp_path / "one", today())
    await log.retire(tmp_path / "one")
    await log.look("g")
    await log.seal()
    await log.world.as_owner(f"UPDATE audit.handed SET {tampering}")
    assert await log.verify() == exits.FINDINGS


async def test_a_look_that_is_put_back_among_those_that_went_is_found(log: Log, tmp_path: Path) -> None:
    await log.export(tmp_path / "one")
    await log.retire(tmp_path / "one")
    await log.pool.execute(
        "INSERT INTO audit.look (at, request, actor, name, role, organization, action, why, shown, xact)"
        " VALUES (now(), 'r', 'scapegoat', '', '', '', 'read', 'stay', '', 1)"
    )
    assert await log.verify() == exits.FINDINGS
    assert any("1 of these stand here still, or were added" in one for one in log.said)


async def test_a_retiring_that_was_cut_off_is_finished_by_the_same_command(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.export(tmp_path / "one")

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retiring, "_drop", killed)
        with pytest.raises(KeyboardInterrupt):
            await log.retire(tmp_path / "one")
    assert await log.verify() == exits.FINDINGS
    assert await log.retire(tmp_path / "one") == exits.OK
    assert (await log.actors(), await log.verify()) == (["e"], exits.OK)


@pytest.mark.parametrize(
    ("now", "early"),
    [("2026-11-30T12:00:00Z", True), ("2026-12-02T23:59:59Z", True), ("2026-12-03T00:00:00Z", False)],
)
def test_a_month_stays_until_its_looks_were_counted_and_judged(now: str, early: bool) -> None:
    with pytest.raises(exits.Refused, match="2026-12-03") if early else nullcontext():
        refuse_early(date(2026, 12, 1), now=datetime.fromisoformat(now))
