"""New versions as the rows that PostgreSQL's binary COPY takes. postgresql.org/docs/current/sql-copy.html

    rows(versions, at) -> dict[str, bytes]     by table: the whole input of its COPY, for tables that get a row
    COLUMNS                                    by table: the columns, in the order of the fields

A field is its length in four bytes and its value, big-endian; the driver's own encoder looks at each number of an array
by itself, which took a third of the time of storing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from struct import Struct

from samjournal.fhir.numbers import number
from samjournal.store.versions import NewVersion

_VERSION = ("patient", "owner", "type", "id", "version", "at", "method", "author", "body")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "version": _VERSION,
    "current": (*_VERSION[:6], "deleted", "others", "tokens", "lo", "hi", "protected", "indexed", "part", "released"),
    "feed": ("at", "patient", "type", "id", "version", "method"),
    "string": ("patient", "param", "type", "id", "folded", "written", "closed"),
    "date": ("patient", "param", "type", "id", "lo", "hi"),
    "number": ("patient", "param", "unit", "type", "id", "lo", "hi"),
}
_FIELDS = {table: Struct(">h").pack(len(columns)) for table, columns in COLUMNS.items()}
_BEGIN, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_FLAGS = {False: b"\0\0\0\1\0", True: b"\0\0\0\1\1"}
_BIGINT = 20
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_length = Struct(">i").pack
_small = Struct(">ih").pack
_int = Struct(">ii").pack
_big = Struct(">iq").pack
_two_big = Struct(">iqiq").pack
_two_floats = Struct(">idid").pack
_named = Struct(">ihi").pack


def rows(versions: Sequence[NewVersion], at: datetime) -> dict[str, bytes]:
    """The input of each COPY that has any; `at` is when they are written."""
    made: dict[str, list[bytes]] = {table: [] for table in COLUMNS}
    for one in versions:
        _add(one, _moment(at), made)
    return {table: b"".join((_BEGIN, *fields, _END)) for table, fields in made.items() if fields}


def _add(one: NewVersion, at: bytes, made: dict[str, list[bytes]]) -> None:
    id_ = one.id.encode()
    patient, owner = _big(8, one.patient), _big(8, one.owner)
    named = _named(2, number(one.type), len(id_)) + id_
    version, method = _int(4, one.version), _length(1) + one.method.encode()
    body = _NULL if one.body is None else _length(len(one.body)) + one.body
    made["version"] += (_FIELDS["version"], patient, owner, named, version, at, method, _text(one.author), body)
    made["feed"] += (_FIELDS["feed"], at, patient, named, version, method)
    index = one.index
    made["current"] += (_FIELDS["current"], patient, owner, named, version, at, _FLAGS[False])
    if index is None:
        made["current"] += (_array(()), _array(()), _NULL, _NULL, _FLAGS[False], _small(2, 0), _small(2, 0), _NULL)
        return
    made["current"] += (_array(index.others), _array(index.tokens), _moment(index.lo), _moment(index.hi))
    made["current"] += (_FLAGS[index.protected], _small(2, index.indexed), _small(2, index.part))
    made["current"].append(_moment(index.released))
    for param, folded, written, closed in index.strings:
        texts = (_text(folded), _text(written), _FLAGS[closed])
        made["string"] += (_FIELDS["string"], patient, _big(8, param), named, *texts)
    for param, lo, hi in index.dates:
        made["date"] += (_FIELDS["date"], patient, _big(8, param), named, _moment(lo), _moment(hi))
    for param, unit, least, most in index.numbers:
        amount = _two_floats(8, least, 8, most)
        made["number"] += (_FIELDS["number"], patient, _two_big(8, param, 8, unit), named, amount)


def _text(text: str) -> bytes:
    written = text.encode()
    return _length(len(written)) + written


def _moment(moment: datetime | None) -> bytes:
    return _NULL if moment is None else _big(8, (moment - _EPOCH) // _MICROSECOND)


def _array(numbers: Sequence[int]) -> bytes:
    """A bigint[]: how many dimensions, no nulls, of what; how long it is, from 1 on; each with its length."""
    count = len(numbers)
    if not count:
        return _EMPTY
    fields = [8] * (2 * count)
    fields[1::2] = numbers
    return _of_length(count)(20 + 12 * count, 1, 0, _BIGINT, count, 1, *fields)


_EMPTY = Struct(">iiii").pack(12, 0, 0, _BIGINT)


@cache
def _of_length(count: int) -> Callable[..., bytes]:
    return Struct(f">iiiiii{'iq' * count}").pack
