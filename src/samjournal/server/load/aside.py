"""What a load must remember until its end, on the disk: what waits for other files, names, faults.

A nameless database of SQLite: its file has no name either, so a load that is killed leaves nothing of anybody behind.
sqlite.org/inmemorydb.html#temp_db
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class Waiting:
    """A resource that refers to what is not there yet. `raw` is resolved as far as it went."""

    file: int
    path: str
    line: int
    type: str
    id: str
    raw: bytes
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: in which file, on which line, in which entry and element. `rule` is the FHIR code of
    what is wrong, `text` says what and what to do; `severity` is error, or note for what was loaded all the same."""

    file: str
    line: int
    path: str
    rule: str
    text: str
    severity: str = "error"


class Aside:
    """Set aside until the end of the load."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript("""
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
            CREATE TABLE waiting (seq INTEGER PRIMARY KEY, round INTEGER, told BLOB);
            CREATE INDEX waiting_round ON waiting (round);
            CREATE TABLE name (text TEXT PRIMARY KEY, reference TEXT, several INTEGER) WITHOUT ROWID;
            CREATE TABLE fault (seq INTEGER PRIMARY KEY, told BLOB);
        """)
        self._encoder = msgspec.msgpack.Encoder()
        self._waiting = msgspec.msgpack.Decoder(Waiting)
        self._fault = msgspec.msgpack.Decoder(Fault)

    def close(self) -> None:
        self._db.close()

    def wait(self, one: Waiting, round_: int) -> None:
        """Set a resource aside for a round of attempts."""
        self._db.execute("INSERT INTO waiting (round, told) VALUES (?, ?)", (round_, self._encoder.encode(one)))

    def waiting(self, round_: int, count: int) -> list[Waiting]:
        """Take out some that wait for a round, in their order."""
        rows = self._db.execute(
            "SELECT seq, told FROM waiting WHERE round = ? ORDER BY seq LIMIT ?", (round_, count)
        ).fetchall()
        self._db.executemany("DELETE FROM waiting WHERE seq = ?", [(seq,) for seq, _ in rows])
        return [self._waiting.decode(told) for _, told in rows]

    def count(self, round_: int) -> int:
        """How many wait for a round."""
        (count,) = self._db.execute("SELECT count(*) FROM waiting WHERE round = ?", (round_,)).fetchone()
        return int(count)

    def name(self, names: Sequence[tuple[str, str]]) -> None:
        """Remember what texts stand for. A text with two meanings is remembered as such."""
        self._db.executemany(
            "INSERT INTO name VALUES (?, ?, 0)"
            " ON CONFLICT DO UPDATE SET several = several OR reference <> excluded.reference",
            names,
        )

    def named(self, text: str) -> str | None:
        """What a text stands for; None when it is not known, or stands for several."""
        row = self._db.execute("SELECT reference FROM name WHERE text = ? AND NOT several", (text,)).fetchone()
        return row[0] if row else None

    def fault(self, one: Fault) -> None:
        self._db.execute("INSERT INTO fault (told) VALUES (?)", (self._encoder.encode(one),))

    def faults(self) -> Iterator[Fault]:
        """All faults, in the order in which they were found."""
        for (told,) in self._db.execute("SELECT told FROM fault ORDER BY seq"):
            yield self._fault.decode(told)
