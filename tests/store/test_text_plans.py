"""Searches in texts and by large sets of codes go by an index, and one patient's by his own rows alone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from samjournal.db.binding import Arguments
from samjournal.db.pool import Pool
from samjournal.fhir.keys import hash64
from samjournal.store.search import sets, sql
from samjournal.store.search.query import Filter, parse
from samjournal.store.search.resolving import resolve
from store.searching import find, looked_up, plan, statement, store
from world import as_owner

pytestmark = pytest.mark.anyio

NOTES, PATIENTS, CODES = 6000, 60, 3000
SAID = "innlagt pasienten akutt behandling kontroll smerter drikker spiser sover feber medisin hjemmesykepleie"
SYSTEM = "urn:codes"


def _note(number: int, random: Random) -> dict[str, Any]:
    said = " ".join(random.choice(SAID.split()) for _ in range(40))
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{said} sjelden{number % 1000}ord hjertesvikt</p></div>'
    return {
        "resourceType": "Composition",
        "id": f"n{number}",
        "type": {"text": f"Notat {number % 7}"},
        "subject": {"reference": f"Patient/p{number % PATIENTS}"},
        "section": [{"text": {"status": "generated", "div": div}}],
    }


def _condition(number: int, random: Random) -> dict[str, Any]:
    code = {"coding": [{"system": SYSTEM, "code": f"c{random.randrange(CODES)}", "display": f"Navn {number % 300}"}]}
    return {
        "resourceType": "Condition",
        "id": f"d{number}",
        "code": code,
        "subject": {"reference": f"Patient/p{number % PATIENTS}"},
    }


@pytest.fixture(scope="module")
async def many(pool: Pool) -> Pool:
    random = Random(5)
    for make in (_note, _condition):
        for start in range(0, NOTES, 1000):
            await store(pool, [make(number, random) for number in range(start, start + 1000)])
    await as_owner(pool, "VACUUM ANALYZE store.current, store.text, store.display, store.version")
    return pool


async def test_a_rare_word_is_found_by_the_index_of_words(many: Pool) -> None:
    text = await plan(many, "Composition", [("_content", "sjelden17ord hjertesvikt")])
    assert "text_words" in text, text
    assert len(await find(many, "Composition", [("_content", "sjelden17ord svikt")])) == 6


async def test_the_notes_of_one_patient_are_searched_without_those_of_others(many: Pool) -> None:
    pairs = [("patient", "p7"), ("_content", "svikt -sjelden7ord"), ("_count", "1000")]
    text = await plan(many, "Composition", pairs)
    assert "current_of_patient" in text, text
    assert "text_pkey" in text, text
    assert "Seq Scan" not in text, text
    assert "hashed" not in text, text
    assert len(await find(many, "Composition", pairs)) == NOTES // PATIENTS - len(
        [number for number in range(7, NOTES, PATIENTS) if number % 1000 == 7]
    )


async def _of_codes(pool: Pool, pairs: list[tuple[str, str]], codes: range, *, negate: bool = False) -> sql.Statement:
    """A search among the codes of a value set."""
    query = parse("Condition", pairs)

    async def listed(_modifier: str, _values: object) -> list[str]:
        return [f"{SYSTEM}|c{number}" for number in codes]

    wanted = Filter.of(
        parse("Condition", [("code", "x")]).filters[0].parameter, "urn:set", "not-in" if negate else "in"
    )
    async with pool.acquire() as db:
        found = await resolve(db, "Condition", wanted, listed, closed=True)
    made = statement(await looked_up(pool, query))
    made.filter(found, same_person=lambda id_: [id_])
    return made


@pytest.mark.parametrize("size", [40, CODES // 2])
async def test_a_value_set_is_gone_through_by_the_index_of_tokens(many: Pool, size: int) -> None:
    pairs = [("_count", "1000")]
    made = await _of_codes(many, pairs, range(size))
    async with many.acquire() as db:
        text = sql.page(parse("Condition", pairs), made)
        plan_ = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {text}", *made.arguments.values))
        rows = await db.fetch(text, *made.arguments.values)
        counted = await _of_codes(many, pairs, range(size))
        total = await db.fetchval(sql.count(counted), *counted.arguments.values)
        rest = await _of_codes(many, pairs, range(size), negate=True)
        others = await db.fetchval(sql.count(rest), *rest.arguments.values)
    assert "current_tokens" in plan_, plan_
    assert len(rows) == min(total, 1001)
    assert total + others == NOTES


def test_few_tokens_are_asked_for_at_once_and_many_one_by_one() -> None:
    arguments = Arguments()
    assert "&&" in sets.has([hash64("a")] * sets.FEW, "c", arguments)
    assert "unnest" in sets.has([hash64("a")] * (sets.FEW + 1), "c", arguments)
