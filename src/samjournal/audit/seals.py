"""The log of looks, sealed: a chain of hashes over what was written, each signed with a key that the database lacks.

    seal(db, key) -> Seal | None              cover what was written since the last seal; None when that is nothing
    check(pool, public, heads) -> Checked     compare all seals with what stands, and with the heads kept elsewhere
    sealed_rows(pool, first, last)            what some seals cover, with the very text that each look was sealed as

A seal covers the looks of the transactions that ended since the one before, so that it is complete and nothing comes
later. Whoever changes, removes or adds a look within it, or cuts the end of log and seals off, is found: the first by
the digest, the last by the heads, which are copied outside the database. docs/explanation/sealed-log.md
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.audit")
_LOCK = 7_265_766_005
_AT_ONCE = 500
_BEGINNING = b"\x00" * 32
_MOST_FINDINGS = 100
Heads = Mapping[int, Collection[bytes]]
"""Hashes of seals, by number."""

# Written out here and not as a function in the database, which whoever changes the log could change as well.
_OF_LOOK = """l.id, (extract(epoch FROM l.at) * 1000000)::bigint, l.request, l.actor, l.name, l.role, l.organization,
        l.action, l.patient, l.patients, l.why, l.reason, l.shown, l.page, l.xact"""
_DIGEST = """SELECT count(*) AS rows, sha256(coalesce(string_agg(sha256(convert_to({row}, 'UTF8')), ''::bytea
    ORDER BY l.xact, l.id), ''::bytea)) AS digest
FROM audit.look l WHERE l.xact >= {since} AND l.xact < {upto}"""
FORM = 3
"""How a seal is made today. One of form 1 was made before a look had an organisation and an agent, of form 2 before it
had an app, or by a server of then: to say another form of a seal than its own gives another digest, so it needs no seal
itself."""
_SECOND = f"ROW({_OF_LOOK}, l.organization_id, l.agent)::text"
_ROW = f"ROW({_OF_LOOK}, l.organization_id, l.agent, l.app)::text"
_OF_ANY_FORM = f"CASE s.form WHEN 1 THEN ROW({_OF_LOOK})::text WHEN 2 THEN {_SECOND} ELSE {_ROW} END"
_TO_SEAL = f"""WITH ended AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS upto)
SELECT ended.upto, found.rows, found.digest
FROM ended CROSS JOIN LATERAL ({_DIGEST.format(row=_ROW, since="$1", upto="ended.upto")}) found"""
_ROWS = f"""SELECT s.number AS seal, l.*, {_OF_ANY_FORM} AS sealed
FROM (SELECT *, coalesce(lag(upto) OVER (ORDER BY number), $3) AS since FROM audit.seal
      WHERE number > $1 ORDER BY number LIMIT $2) s
JOIN audit.look l ON l.xact >= s.since AND l.xact < s.upto ORDER BY l.xact, l.id"""
_SEALS = f"""SELECT s.number, s.at, s.upto, s.rows, s.digest, s.hash, s.signature,
    found.rows AS standing, found.digest AS found
FROM (SELECT *, coalesce(lag(upto) OVER (ORDER BY number), $3) AS since FROM audit.seal
      WHERE number > $1 ORDER BY number LIMIT $2) s
CROSS JOIN LATERAL ({_DIGEST.format(row=_OF_ANY_FORM, since="s.since", upto="s.upto")}) found ORDER BY s.number"""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal: its number, what it covers (looks of transactions below `upto`), and the hash that was signed."""

    number: int
    at: datetime
    upto: int
    rows: int
    hash: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: seals and looks that stand as sealed, seals and looks that were `handed` over, looks that no
    seal covers yet, and what is wrong."""

    seals: int
    looks: int
    unsealed: int
    since: datetime | None
    findings: tuple[str, ...]
    handed: tuple[Handed, ...] = ()
    left_behind: int = 0
    """Looks that were handed over and stand here still: to remove them was cut off, or somebody added some."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Seals, first to last, whose looks were handed over by exports (SHA-256 of their manifests), and are not here."""

    first: int
    last: int
    looks: int
    manifests: tuple[str, ...]
    at: datetime
    actor: str

    def said(self, hash_: bytes) -> bytes:
        """What is signed of it; `hash_` is that of the last seal, and so of all before."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        told = f"handed {self.first} {self.last} {self.looks} {' '.join(self.manifests)} {at} {self.actor}"
        return sha256(hash_ + told.encode()).digest()


def chained(before: bytes, number: int, at: datetime, upto: int, rows: int, digest: bytes) -> bytes:
    """The hash of a seal: of all that it says, and of the seal before."""
    told = f"{number} {at.astimezone(UTC).isoformat(timespec='microseconds')} {upto} {rows} "
    return sha256(before + told.encode() + digest).digest()


async def seal(db: Connection, key: Ed25519PrivateKey) -> Seal | None:
    """Cover what was written since the last seal, in a transaction that the caller holds. None when that is nothing, or
    another process is at it."""
    if not await db.fetchval(_SQL.sealing, _LOCK):
        return None
    last = await db.fetchrow(_SQL.last_seal)
    number, since, before = (last["number"], last["upto"], last["hash"]) if last else (0, 0, _BEGINNING)
    found = await db.fetchrow(_TO_SEAL, since)
    if not found["rows"]:
        return None
    number, at = number + 1, datetime.now(UTC)
    upto, rows, digest = found["upto"], found["rows"], found["digest"]
    hash_ = chained(before, number, at, upto, rows, digest)
    made = Seal(number, at, upto, rows, hash_, key.sign(hash_))
    await db.execute(_SQL.add_seal, number, at, upto, rows, digest, hash_, made.signature, FORM)
    return made


async def newest(pool: Pool) -> tuple[int, bytes] | None:
    """The number and the hash of the last seal."""
    row = await pool.fetchrow(_SQL.last_seal)
    return (row["number"], row["hash"]) if row else None


async def check(pool: Pool, public: Ed25519PublicKey, heads: Heads) -> Checked:
    """Go through all seals. `heads` are the hashes that were copied outside the database, by number: more than one
    where a seal was made again, after the first was taken away."""
    handed, findings = await _handed_over(pool, public)
    gone = max((one.last for one in handed), default=0)
    number, since, before, looks, seals, left_behind = 0, 0, _BEGINNING, 0, 0, 0
    standing: set[int] = set()
    while rows := await pool.fetch(_SEALS, number, _AT_ONCE, since):
        for row in rows:
            is_gone = row["number"] <= gone
            findings += _wrong(row, number, before, public, heads, is_gone=is_gone)
            number, since, before = row["number"], row["upto"], row["hash"]
            standing.add(number)
            seals, looks = seals + (not is_gone), looks + (0 if is_gone else row["standing"])
            left_behind += row["standing"] if is_gone else 0
        if len(findings) >= _MOST_FINDINGS:
            break
    else:
        cut = sorted(heads.keys() - standing)
        if cut and cut[-1] > number:
            told = f"seals {max(cut[0], number + 1)} to {cut[-1]}"
            findings.append(f"The end is cut off: {told} were made and are not there, nor what they covered.")
    (left,) = await pool.fetch(_SQL.unsealed, since)
    return Checked(seals, looks, left["rows"], left["since"], tuple(findings[:_MOST_FINDINGS]), handed, left_behind)


async def _handed_over(pool: Pool | Connection, public: Ed25519PublicKey) -> tuple[tuple[Handed, ...], list[str]]:
    """What was handed over, in a row from the first seal on, as far as that is signed; and what is wrong with it."""
    found: list[Handed] = []
    for row in await pool.fetch(_SQL.handed):
        one = Handed(row["first"], row["last"], row["looks"], tuple(row["manifests"]), row["at"], row["actor"])
        follows = one.first == (found[-1].last + 1 if found else 1)
        try:
            public.verify(bytes(row["signature"]), one.said(row["hash"] or b""))
        except InvalidSignature:
            follows = False
        if not follows:
            return tuple(found), [f"That the looks of seals {one.first} to {one.last} were handed over is not signed."]
        found.append(one)
    return tuple(found), []


async def handed_over(pool: Pool | Connection, public: Ed25519PublicKey) -> tuple[Handed, ...]:
    """What was handed over, as far as that is signed."""
    found, _ = await _handed_over(pool, public)
    return found


async def sealed_rows(
    pool: Pool | Connection, first: int, last: int, *, at_once: int = 50
) -> AsyncIterator[list[Mapping[str, Any]]]:
    """The looks that seals `first` to `last` cover, in their order, each with its seal and the very text it was sealed
    as (`sealed`); those of some seals at a time."""
    before = await pool.fetchrow(_SQL.upto, first - 1)
    number, since = first - 1, before["upto"] if before else 0
    while number < last:
        count = min(at_once, last - number)
        yield [dict(row) for row in await pool.fetch(_ROWS, number, count, since)]
        number += count
        since = await pool.fetchval(_SQL.upto, number)


def _wrong(
    row: Mapping[str, object],
    number: int,
    before: bytes,
    public: Ed25519PublicKey,
    heads: Heads,
    *,
    is_gone: bool,
) -> Sequence[str]:
    """What is wrong with one seal, in words; `is_gone` where its looks were handed over."""
    here, at = row["number"], row["at"]
    assert isinstance(here, int)
    assert isinstance(at, datetime)
    name = f"Seal {here} of {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    found = []
    if here != number + 1:
        found.append(f"{name}: the seals between {number} and {here} are missing.")
    if is_gone:
        pass
    elif row["standing"] != row["rows"]:
        found.append(f"{name}: it covered {row['rows']} looks, and {row['standing']} stand there now.")
    elif row["found"] != row["digest"]:
        found.append(f"{name}: a look that it covers was changed.")
    if here == number + 1 and row["hash"] != chained(before, here, at, *_covered(row)):
        found.append(f"{name}: the seal itself was changed, or the one before it.")
    if any(head != row["hash"] for head in heads.get(here, ())):
        found.append(f"{name}: it is another than the one whose head was copied.")
    try:
        public.verify(bytes(row["signature"]), bytes(row["hash"]))  # type: ignore[call-overload]
    except InvalidSignature:
        found.append(f"{name}: it is not signed with the key of this installation.")
    return found


def _covered(row: Mapping[str, object]) -> tuple[int, int, bytes]:
    upto, rows, digest = row["upto"], row["rows"], row["digest"]
    assert isinstance(upto, int)
    assert isinstance(rows, int)
    assert isinstance(digest, bytes)
    return upto, rows, digest
