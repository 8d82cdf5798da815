"""Every search parameter of R4 finds what has its value and leaves what has another.

hl7.org/fhir/R4/searchparameter-registry.html
"""

from __future__ import annotations

import pytest

from samjournal.db.pool import Pool
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import for_type
from store.instances import cases, definitions
from store.searching import find, store

pytestmark = pytest.mark.anyio
_ALWAYS = ("_id", "deceased")
"""What every resource has: a Patient of whom nobody says that he is dead is alive."""


def test_no_parameter_is_left_out() -> None:
    for type_ in load().resources:
        walked = {one.code for one in cases(type_)}
        assert {one.code for one in definitions(type_)} - walked == {"_lastUpdated"}, type_
        assert walked | {"_lastUpdated"} == set(for_type(type_)), type_


async def test_every_parameter_finds_its_own_value_and_no_other_and_knows_what_has_none(pool: Pool) -> None:
    failed: list[str] = []
    for type_ in sorted(load().resources):
        walked = list(cases(type_))
        await store(pool, [{**case.found, "id": f"found-{number}"} for number, case in enumerate(walked)])
        await store(pool, [{**case.other, "id": f"other-{number}"} for number, case in enumerate(walked)])
        await store(pool, [{"resourceType": type_, "id": "empty"}])
        for number, case in enumerate(walked):
            text = f"found-{number}" if case.code == "_id" else case.query
            found = await find(pool, type_, [(case.code, text), ("_count", "1000")])
            if f"found-{number}" not in found or f"other-{number}" in found:
                failed.append(f"{case}: {case.found} against {case.other}")
            missing = await find(pool, type_, [(f"{case.code}:missing", "true"), ("_count", "1000")])
            if f"found-{number}" in missing or ("empty" in missing) == (case.code in _ALWAYS):
                failed.append(f"{case.code}:missing for {case.found}")
    assert failed == [], "\n".join(failed)
