"""The types of AMQP 1.0 as bytes. docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-types-v1.0-os.html

decode(data, at) -> value, at           one value, and where the next begins; raises Malformed
described(code, *fields) -> bytes       a described list whose fields are bytes already; None for null
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

NULL: Final = b"\x40"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DEEPEST: Final = 32


class Malformed(Exception):
    """The bytes are no value of AMQP."""


class Symbol(str):
    """A word of a fixed vocabulary, which the wire tells from other text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Described:
    """A value with what it is: performatives, sections of a message, sources, outcomes."""

    code: int | str
    value: Any

    def field(self, place: int) -> Any:
        """A field of a described list; None beyond its end."""
        return self.value[place] if isinstance(self.value, list) and place < len(self.value) else None


# --- Writing ----------------------------------------------------------------------------------------------------------


def boolean(value: bool) -> bytes:
    return b"\x41" if value else b"\x42"


def ubyte(value: int) -> bytes:
    return struct.pack(">BB", 0x50, value)


def ushort(value: int) -> bytes:
    return struct.pack(">BH", 0x60, value)


def uint(value: int) -> bytes:
    return struct.pack(">BI", 0x70, value & 0xFFFFFFFF)


def ulong(value: int) -> bytes:
    return struct.pack(">BQ", 0x80, value)


def long(value: int) -> bytes:
    return struct.pack(">Bq", 0x81, value)


def moment(value: datetime) -> bytes:
    return struct.pack(">Bq", 0x83, int((value - _EPOCH) / timedelta(milliseconds=1)))


def binary(value: bytes) -> bytes:
    return _sized(0xA0, 0xB0, value)


def string(value: str) -> bytes:
    return _sized(0xA1, 0xB1, value.encode())


def symbol(value: str) -> bytes:
    return _sized(0xA3, 0xB3, value.encode("ascii"))


def listed(fields: Iterable[bytes | None]) -> bytes:
    parts = [NULL if field is None else field for field in fields]
    body = b"".join(parts)
    return struct.pack(">BII", 0xD0, len(body) + 4, len(parts)) + body


def mapped(pairs: Mapping[str, bytes]) -> bytes:
    """A map of names to values that are bytes already."""
    body = b"".join(string(name) + value for name, value in pairs.items())
    return struct.pack(">BII", 0xD1, len(body) + 4, 2 * len(pairs)) + body


def described(code: int, *fields: bytes | None) -> bytes:
    return _descriptor(code) + listed(fields)


def section(code: int, value: bytes) -> bytes:
    """A described value that is no list: the body of a message, its application properties."""
    return _descriptor(code) + value


def of(value: object) -> bytes:
    """A plain value of Python, as application properties have it."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return boolean(value)
    if isinstance(value, int):
        return long(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bytes):
        return binary(value)
    return string(str(value))


def _descriptor(code: int) -> bytes:
    return b"\x00" + struct.pack(">BB", 0x53, code)


def _sized(short: int, wide: int, value: bytes) -> bytes:
    if len(value) < 256:
        return struct.pack(">BB", short, len(value)) + value
    return struct.pack(">BI", wide, len(value)) + value


# --- Reading ----------------------------------------------------------------------------------------------------------

_FIXED: Final[dict[int, str]] = {
    0x50: ">B",
    0x60: ">H",
    0x70: ">I",
    0x80: ">Q",
    0x51: ">b",
    0x61: ">h",
    0x71: ">i",
    0x81: ">q",
    0x52: ">B",
    0x53: ">B",
    0x54: ">b",
    0x55: ">b",
    0x72: ">f",
    0x82: ">d",
}
_CONSTANTS: Final[dict[int, Any]] = {0x40: None, 0x41: True, 0x42: False, 0x43: 0, 0x44: 0}


def decode(data: bytes | memoryview, at: int = 0) -> tuple[Any, int]:
    """One value. Binary comes as bytes, symbols as Symbol, times as datetime in UTC, maps as dict."""
    try:
        return _value(memoryview(data), at, 0)
    except (struct.error, IndexError, UnicodeDecodeError, ValueError, TypeError, OverflowError) as error:
        raise Malformed(f"no value of AMQP: {error}") from None


def _value(data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise Malformed("values inside values without end")
    code = data[at]
    if code == 0x00:
        what, at = _value(data, at + 1, depth + 1)
        value, at = _value(data, at, depth + 1)
        return Described(what, value), at
    return _typed(code, data, at + 1, depth)


def _typed(code: int, data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    if code in _CONSTANTS:
        return _CONSTANTS[code], at
    if code == 0x45:
        return [], at
    if code in _FIXED:
        form = _FIXED[code]
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if code == 0x56:
        return data[at] == 1, at + 1
    if code == 0x83:
        return _EPOCH + timedelta(milliseconds=struct.unpack_from(">q", data, at)[0]), at + 8
    if code == 0x98:
        return UUID(bytes=_bytes(data, at, 16)), at + 16
    if code >> 4 in (0xA, 0xB):
        return _variable(code, data, at)
    if code >> 4 in (0xC, 0xD):
        return _compound(code, data, at, depth)
    if code >> 4 in (0xE, 0xF):
        return _array(code, data, at, depth)
    raise Malformed(f"no type of AMQP has the code {code:#04x}")


def _variable(code: int, data: memoryview, at: int) -> tuple[Any, int]:
    size, at = (data[at], at + 1) if code >> 4 == 0xA else (struct.unpack_from(">I", data, at)[0], at + 4)
    raw = _bytes(data, at, size)
    kind = code & 0xF
    if kind == 0:
        return raw, at + size
    if kind == 1:
        return raw.decode(), at + size
    if kind == 3:
        return Symbol(raw.decode("ascii")), at + size
    raise Malformed(f"no type of AMQP has the code {code:#04x}")


def _compound(code: int, data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    size, count, begins = _header(code >> 4 == 0xC, data, at)
    items = []
    at = begins
    for _ in range(min(count, size)):
        item, at = _value(data, at, depth + 1)
        items.append(item)
    if code & 0xF == 0:
        return items, at
    return dict(zip(items[::2], items[1::2], strict=True)), at


def _array(code: int, data: memoryview, at: int, depth: int) -> tuple[Any, int]:
    size, count, at = _header(code >> 4 == 0xE, data, at)
    inner = data[at]
    if inner == 0x00:
        raise Malformed("arrays of described values are not read")
    at += 1
    items = []
    for _ in range(min(count, size)):
        item, at = _typed(inner, data, at, depth + 1)
        items.append(item)
    return items, at


def _header(is_short: bool, data: memoryview, at: int) -> tuple[int, int, int]:
    if is_short:
        return data[at], data[at + 1], at + 2
    size, count = struct.unpack_from(">II", data, at)
    return size, count, at + 8


def _bytes(data: memoryview, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise Malformed("a value ends before its size says")
    return bytes(data[at : at + size])
