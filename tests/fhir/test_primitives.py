"""What fits each primitive type, at its edges."""

from __future__ import annotations

from typing import Any

import pytest

from fhir.samples import VALUES
from samjournal.fhir.primitives import CHECKS, RIGHT, wrong

SOUND: dict[str, list[Any]] = {
    "base64Binary": ["QQ==", "QUJD", "QUJD\r\nQUJD", "QU JD", "A" * 4_000_000],
    "boolean": [False],
    "canonical": ["http://a.no/q|2.0", "#inni", "urn:oid:1.2"],
    "code": ["a b", "<=", "æ"],
    "date": ["2024-02-29", "2026", "2026-12", "0001-01-01", "9999-12-31"],
    "dateTime": ["2026", "2026-02-28", "2026-02-28T00:00:00Z", "2026-02-28T23:59:60.5+14:00"],
    "decimal": [0, -1, 1e-10, 12345678901234567890],
    "id": ["a", "A-1.b", "x" * 64],
    "instant": ["2026-02-28T00:00:00Z"],
    "integer": [0, 2**31 - 1, -(2**31)],
    "oid": ["urn:oid:2.16.578.1.12.4.1.4.1", "urn:oid:1.0"],
    "positiveInt": [2**31 - 1],
    "string": [" ", "a\nb", "x" * 2**20],
    "time": ["00:00:00", "23:59:60", "07:30:00.123"],
    "unsignedInt": [2**31 - 1],
    "uri": ["urn:isbn:7", "mailto:a@b.no", "relativ/sti"],
    "uuid": ["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
}
WRONG: dict[str, list[Any]] = {
    "base64Binary": ["", "QQ", "Q=Q?", "æ", 7],
    "boolean": ["true", 1, 0],
    "canonical": ["", "a b", 7],
    "code": ["", " a", "a ", "a  b", 7],
    "date": ["2025-02-29", "2026-13", "2026-00", "2026-1-1", "0000", "26", "2026-01-01T00:00:00Z", "２０２６", 2026],
    "dateTime": ["2026-02-28T10:00Z", "2026-02-28T10:00:00", "2026-02-29T10:00:00Z", "2026-02-28T10:00:00+15:00"],
    "decimal": ["1", True, None],
    "id": ["", "a_b", "x" * 65, "a\n", 7],
    "instant": ["2026", "2026-02-28", "2026-02-30T00:00:00Z", "2026-02-28 00:00:00Z"],
    "integer": [2**31, 1.0, True, "1"],
    "markdown": ["", 7],
    "oid": ["2.16.578", "urn:oid:3.1", "urn:oid:2", "urn:oid:2.01"],
    "positiveInt": [0, -1, 1.0, True],
    "string": ["", 7, True, "x" * (2**20 + 1)],
    "time": ["7:30:00", "24:00:00", "07:30"],
    "unsignedInt": [-1, True],
    "uri": ["", "a b", "a\n"],
    "url": ["", 7],
    "uuid": ["c757873d-ec9a-4326-a141-556f43239520", "urn:uuid:C757873D-EC9A-4326-A141-556F43239520"],
}


def cases(table: dict[str, list[Any]]) -> list[Any]:
    return [pytest.param(type_, value, id=f"{type_}-{value!r:.30}") for type_ in table for value in table[type_]]


@pytest.mark.parametrize(("type_", "value"), [*cases(SOUND), *VALUES.items()])
def test_what_fits(type_: str, value: Any) -> None:
    assert CHECKS[type_](value)


@pytest.mark.parametrize(("type_", "value"), cases(WRONG))
def test_what_does_not_fit_and_what_would(type_: str, value: Any) -> None:
    assert not CHECKS[type_](value)
    assert RIGHT[type_] in wrong(type_, value)
