"""Hazard: somebody who has the database hides that he has read, or writes that another did. House rule 3."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from samjournal import audit
from samjournal.audit import Checked, Look
from samjournal.audit.seals import chained
from world import World

pytestmark = pytest.mark.anyio
KEY = Ed25519PrivateKey.generate()
Heads = dict[int, set[bytes]]


@pytest.fixture(autouse=True)
async def empty(world: World) -> None:
    await world.as_owner("TRUNCATE audit.look CASCADE")
    await world.as_owner("TRUNCATE audit.seal")


async def log(world: World, *actors: str) -> None:
    for actor in actors:
        where = {"organization_id": "ward", "agent": f"PractitionerRole/{actor}"}
        look = Look("r", actor, actor, "nurse", "Ward", "read", "stay", shown="Patient/kari", patient=7, **where)
        async with world.pool.transaction() as db:
            await audit.write(db, [look])


async def sealed(world: World, key: Ed25519PrivateKey = KEY) -> Heads:
    async with world.pool.transaction() as db:
        made = await audit.seal(db, key)
    return {made.number: {made.hash}} if made else {}


async def three(world: World) -> Heads:
    """Three seals over six looks."""
    heads: Heads = {}
    for pair in (("a", "b"), ("c", "d"), ("e", "f")):
        await log(world, *pair)
        heads |= await sealed(world)
    assert list(heads) == [1, 2, 3]
    return heads


async def checked(world: World, heads: Heads) -> Checked:
    return await audit.check(world.pool, KEY.public_key(), heads)


async def findings(world: World, heads: Heads) -> Sequence[str]:
    return (await checked(world, heads)).findings


async def test_what_nobody_touched_stands_as_it_was_sealed(world: World) -> None:
    heads = await three(world)
    await log(world, "g")
    found = await checked(world, heads)
    assert (found.seals, found.looks, found.unsealed, found.findings) == (3, 6, 1, ())
    assert found.since is not None
    assert await sealed(world), "the next seal takes it"
    assert (await checked(world, heads)).unsealed == 0
    assert await sealed(world) == {}, "nothing new, no seal"


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("UPDATE audit.look SET actor = 'somebody else' WHERE actor = 'c'", "Seal 2 of .* a look that it covers was"),
        ("UPDATE audit.look SET at = at - interval '1 second' WHERE actor = 'c'", "a look that it covers was changed"),
        ("UPDATE audit.look SET shown = '' WHERE actor = 'f'", "Seal 3 .* was changed"),
        ("UPDATE audit.look SET organization_id = 'other' WHERE actor = 'c'", "Seal 2 .* was changed"),
        ("UPDATE audit.look SET organization_id = '', agent = '' WHERE actor = 'c'", "Seal 2 .* was changed"),
        ("UPDATE audit.look SET agent = 'PractitionerRole/x' WHERE actor = 'f'", "Seal 3 .* was changed"),
        (
            "UPDATE audit.seal SET form = 1 WHERE number = 2;"
            " UPDATE audit.look SET organization_id = 'other' WHERE actor = 'c'",
            "Seal 2 .* a look that it covers was changed",
        ),
        ("DELETE FROM audit.look WHERE actor = 'b'", "Seal 1 of .* it covered 2 looks, and 1 stand there now"),
        ("DELETE FROM audit.seal WHERE number = 2", "the seals between 1 and 3 are missing"),
        ("DELETE FROM audit.seal WHERE number = 1", "the seals between 0 and 2 are missing"),
        ("UPDATE audit.seal SET rows = 1, digest = sha256('x') WHERE number = 2", "the seal itself was changed"),
        ("UPDATE audit.seal SET upto = upto + 1 WHERE number = 3", "the seal itself was changed"),
        ("UPDATE audit.seal SET at = at - interval '1 hour' WHERE number = 2", "the seal itself was changed"),
        ("UPDATE audit.seal SET signature = sha512('x') WHERE number = 3", "not signed with the key"),
        (
            "DELETE FROM audit.seal WHERE number = 3; DELETE FROM audit.look WHERE actor IN ('e', 'f')",
            "cut off: seals 3 to 3",
        ),
        ("TRUNCATE audit.seal; TRUNCATE audit.look CASCADE", "cut off: seals 1 to 3"),
        (
            "INSERT INTO audit.look (at, request, actor, name, role, organization, action, why, shown, xact)"
            " SELECT at, 'r', 'scapegoat', '', '', '', 'read', 'stay', '', xact FROM audit.look WHERE actor = 'c'",
            "Seal 2 of .* it covered 2 looks, and 3 stand there now",
        ),
    ],
)  # fmt: skip
async def test_what_a_superuser_changes_removes_adds_or_cuts_is_found(world: World, tampering: str, said: str) -> None:
    heads = await three(world)
    await world.as_owner(tampering)
    told = await findings(world, heads)
    assert any(re.search(said, one) for one in told), told


_AS_BEFORE = """INSERT INTO audit.seal (number, at, upto, rows, digest, hash, signature)
SELECT 1, $1, $2, count(*), sha256(string_agg(sha256(convert_to(ROW(
    l.id, (extract(epoch FROM l.at) * 1000000)::bigint, l.request, l.actor, l.name, l.role, l.organization,
    l.action, l.patient, l.patients, l.why, l.reason, l.shown, l.page, l.xact)::text, 'UTF8')), ''::bytea
    ORDER BY l.xact, l.id)), '', '' FROM audit.look l RETURNING rows, digest"""


async def test_what_was_sealed_before_looks_had_an_organisation_stands_and_is_guarded_still(world: World) -> None:
    """A seal as a server of before made it, then one of today over looks of both kinds."""
    old = "INSERT INTO audit.look (at, request, actor, name, role, organization, action, why, shown) VALUES"
    for actor in "ab":
        await world.pool.execute(f"{old} (now(), 'r', '{actor}', '', 'nurse', 'Ward', 'read', 'stay', '')")
    at = datetime.now(UTC)
    upto = await world.pool.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    row = await world.pool.fetchrow(_AS_BEFORE, at, upto)
    hash_ = chained(b"\0" * 32, 1, at, upto, row["rows"], row["digest"])
    await world.as_owner(f"UPDATE audit.seal SET hash = '\\x{hash_.hex()}', signature = '\\x{KEY.sign(hash_).hex()}'")
    await world.pool.execute(f"{old} (now(), 'r', 'c', '', 'nurse', 'Ward', 'read', 'stay', '')")
    await log(world, "d")
    heads = {1: {hash_}} | await sealed(world)
    found = await checked(world, heads)
    assert (found.seals, found.looks, found.unsealed, found.findings) == (2, 4, 0, ())
    await world.as_owner("UPDATE audit.look SET organization_id = 'other' WHERE actor = 'c'")
    assert any("Seal 2" in one for one in await findings(world, heads)), "one of before, sealed today"
    await world.as_owner("UPDATE audit.look SET actor = 'x' WHERE actor = 'a'")
    assert any("Seal 1" in one for one in await findings(world, heads))


async def test_the_end_cut_off_and_sealed_anew_by_the_server_is_found(world: World) -> None:
    heads = await three(world)
    await world.as_owner("DELETE FROM audit.look WHERE actor IN ('e', 'f')")
    await world.as_owner("DELETE FROM audit.seal WHERE number = 3")
    await log(world, "g")
    for number, hashes in (await sealed(world)).items():
        heads.setdefault(number, set()).update(hashes)
    told = await findings(world, heads)
    assert any("it is another than the one whose head was copied" in one for one in told), told


async def test_a_chain_made_anew_with_another_key_is_found_without_the_heads(world: World) -> None:
    await three(world)
    await world.as_owner("UPDATE audit.look SET actor = 'somebody else' WHERE actor = 'c'")
    await world.as_owner("TRUNCATE audit.seal")
    await sealed(world, Ed25519PrivateKey.generate())
    assert any("not signed with the key" in one for one in await findings(world, {}))


async def test_a_look_that_was_under_way_is_in_the_next_seal(world: World) -> None:
    await log(world, "before")
    late = Look("r", "slow", "slow", "nurse", "Ward", "read", "stay")
    async with world.pool.transaction() as slow:
        await audit.write(slow, [late])
        await log(world, "quick")
        heads = await sealed(world)
        assert await world.pool.fetchval("SELECT rows FROM audit.seal") == 1, "what began after it waits for it"
    heads |= await sealed(world)
    found = await checked(world, heads)
    assert (found.seals, found.looks, found.unsealed, found.findings) == (2, 3, 0, ())


async def test_two_servers_do_not_seal_the_same(world: World) -> None:
    await log(world, "a")
    async with world.pool.transaction() as one:
        assert await audit.seal(one, KEY) is not None
        assert await sealed(world) == {}
    assert (await checked(world, {})).findings == ()


async def test_a_seal_is_of_all_that_it_says() -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    said = (b"\0" * 32, 1, at, 5, 2, b"d")
    others = [
        (b"\1" * 32, 1, at, 5, 2, b"d"),
        (b"\0" * 32, 2, at, 5, 2, b"d"),
        (b"\0" * 32, 1, at.replace(hour=1), 5, 2, b"d"),
        (b"\0" * 32, 1, at, 6, 2, b"d"),
        (b"\0" * 32, 1, at, 5, 3, b"d"),
        (b"\0" * 32, 1, at, 5, 2, b"e"),
    ]
    assert len({chained(*one) for one in (said, *others)}) == len(others) + 1
