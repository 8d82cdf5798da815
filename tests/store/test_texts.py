"""`:text`, `_text` and `_content` find what fits and nothing else, and what they keep is right whoever writes at once.

hl7.org/fhir/R4/search.html#modifiers, hl7.org/fhir/R4/search.html#content
"""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from anyio.lowlevel import checkpoint

from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.store.rows import index
from samjournal.store.search import display
from samjournal.store.search.display import MAX_FOUND
from samjournal.store.writing import NewVersion, put
from store.searching import find, store

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]
LONG = "Undersøkt på mottakelsen og på nytt samme kveld, uten at noe nytt kom fram om natten."
ICD = "http://hl7.org/fhir/sid/icd-10"


def _div(text: str) -> Resource:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}


def _condition(id_: str, display_: str, **members: Any) -> Resource:
    code = {"coding": [{"system": ICD, "code": id_, "display": display_}]}
    return {"resourceType": "Condition", "id": id_, "code": code, **members}


def _note(id_: str, *texts: str, **members: Any) -> Resource:
    sections = [{"text": _div(text)} for text in texts]
    return {"resourceType": "Composition", "id": id_, "status": "final", "section": sections, **members}


@pytest.fixture(scope="module")
async def filled(pool: Pool) -> Pool:
    data = base64.b64encode(b"Utskrevet etter lungeembolisme").decode()
    await store(
        pool,
        [
            _condition("heart", "Hjertesvikt, uspesifisert"),
            _condition("weak", "Svikt i hjertet", category=[{"text": "Problem"}]),
            _condition("lung", "Pneumoni (bakteriell)", note=[{"text": f"Ingen tegn til hjertesvikt. {LONG}"}]),
            _condition("short", "Angst", note=[{"text": "Bedre i dag"}, {"text": "Sover"}]),
            _condition("plain", "Ménières sykdom", subject={"reference": "Patient/1", "display": "Åse Øyen"}),
            {
                "resourceType": "Condition",
                "id": "group",
                "subject": {"reference": "Group/1", "display": "Gruppe én"},
            },
            {"resourceType": "Condition", "id": "said", "code": {"text": "Vondt i 100 % av ryggen"}},
            _note("first", "Innlagt med hjertesvikt og økende ødemer. Ikke brystsmerter."),
            _note("second", "Hjarta sviktar, pasienten har det betre.", "The patient has pneumonia"),
            _note("third", "Akutt", "Bronkitt", title="Epikrise"),
            {
                "resourceType": "DocumentReference",
                "id": "paper",
                "text": _div("Et brev"),
                "content": [{"attachment": {"contentType": "text/plain", "data": data}}],
            },
            {
                "resourceType": "Patient",
                "id": "typed",
                "identifier": [
                    {
                        "system": "urn:a",
                        "value": "7|8",
                        "type": {"coding": [{"system": "urn:t", "code": "MR"}], "text": "Journalnummer"},
                    },
                    {"system": "urn:b", "value": "9", "type": {"coding": [{"system": "urn:t", "code": "PPN"}]}},
                ],
                "generalPractitioner": [{"display": "Doktor Li"}, {"reference": "#x"}],
            },
        ],
    )
    return pool


@pytest.mark.parametrize(
    ("type_", "code", "value", "found"),
    [
        ("Condition", "code:text", "hjerte", ["heart", "weak"]),
        ("Condition", "code:text", "HJERTESVIKT", ["heart"]),
        ("Condition", "code:text", "svikt", ["weak"]),
        ("Condition", "code:text", "svikt i hjertet", ["weak"]),
        ("Condition", "code:text", "uspes hjerte", ["heart"]),
        ("Condition", "code:text", "jertesvikt", []),
        ("Condition", "code:text", "bakt", ["lung"]),
        ("Condition", "code:text", "menieres", ["plain"]),
        ("Condition", "code:text", "pneu,ménière", ["lung", "plain"]),
        ("Condition", "code:text", "100 %", ["said"]),
        ("Condition", "code:text", "problem", []),
        ("Condition", "category:text", "problem", ["weak"]),
        ("Condition", "subject:text", "øyen", ["plain"]),
        ("Condition", "patient:text", "åse", ["plain"]),
        ("Condition", "subject:text", "oyen", []),
        ("Condition", "patient:text", "gruppe", []),
        ("Condition", "subject:text", "gruppe", ["group"]),
        ("Condition", "_content", "gruppe", []),
        ("Patient", "identifier:text", "journal", ["typed"]),
        ("Patient", "general-practitioner:text", "li", ["typed"]),
        ("Patient", "general-practitioner:missing", "false", ["typed"]),
        ("Patient", "identifier:of-type", "urn:t|MR|7\\|8", ["typed"]),
        ("Patient", "identifier:of-type", "urn:t|PPN|9,urn:x|y|z", ["typed"]),
        ("Patient", "identifier:of-type", "urn:t|MR|9", []),
        ("Patient", "identifier:of-type", "urn:other|PPN|9", []),
        # _content: words of notes and of what codes are called, compounds from within, negation
        ("Condition", "_content", "svikt", ["heart", "lung", "weak"]),
        ("Condition", "_content", "hjerte", ["heart", "lung", "weak"]),
        ("Condition", "_content", "hjertesvikt -tegn", ["heart"]),
        ("Condition", "_content", "hjertesvikt -uspesifisert", ["lung"]),
        ("Condition", "_content", "svikt problem", ["weak"]),
        ("Condition", "_content", "pneumoni svikt", ["lung"]),
        ("Condition", "_content", "pneumoni OR problem", ["lung", "weak"]),
        ("Condition", "_content", "pneumoni,problem", ["lung", "weak"]),
        ("Condition", "_content", '"svikt i hjertet"', ["weak"]),
        ("Condition", "_content", '"hjertet svikt"', []),
        ("Condition", "_content", "(pneumoni or svikt) and problem", ["weak"]),
        ("Condition", "_content", "finnes-ikke", []),
        ("Condition", "_content", "ryggen", ["said"]),
        ("Condition", "_content", "angst bedre", ["short"]),
        ("Condition", "_content", '"bedre i dag" -sover', []),
        ("Condition", "_text", "bedre", []),
        ("Condition", "code:text", "bedre", []),
        ("Condition", "_text", "hjertesvikt", []),
        ("Composition", "_content", "hjerte", ["first"]),
        ("Composition", "_content", "smerter", ["first"]),
        ("Composition", "_content", "ødem", ["first"]),
        ("Composition", "_content", '"ikke brystsmerter"', ["first"]),
        ("Composition", "_content", "hjarta betre", ["second"]),
        ("Composition", "_content", "pneumonia", ["second"]),
        ("Composition", "_content", "akutt bronkitt", ["third"]),
        ("Composition", "_content", '"akutt bronkitt"', []),
        ("Composition", "_content", "epikrise", ["third"]),
        ("Composition", "_text", "epikrise", []),
        ("Composition", "_text", "bronkitt", ["third"]),
        ("Composition", "_text", "bronkitt -akutt,pneumonia", ["second"]),
        ("DocumentReference", "_content", "emboli", []),
        ("DocumentReference", "_content", "lungeembolisme brev", ["paper"]),
        ("DocumentReference", "_text", "brev", ["paper"]),
        ("DocumentReference", "_text", "utskrevet", []),
    ],
)
async def test_a_search_finds_what_fits_and_nothing_else(
    filled: Pool, type_: str, code: str, value: str, found: list[str]
) -> None:
    assert await find(filled, type_, [(code, value)]) == found


@pytest.mark.parametrize(
    ("type_", "code", "value", "says"),
    [
        ("Condition", "code:text", "%", "has no letter or digit to search by"),
        ("Condition", "_content", '"svikt', "a quotation mark that is not closed"),
        ("Condition", "_content", "(svikt", "a parenthesis that is not closed"),
        ("Condition", "_content", "svikt)", "a closing parenthesis too many"),
        ("Condition", "_content", "-svikt", "says only what must not be there"),
        ("Condition", "_content", "a OR -svikt", "says only what must not be there"),
        ("Condition", "_content", "svikt OR", "lacks a word"),
        ("Condition", "_content", "...", "lacks a word"),
        ("Condition", "_content", " ".join("a" * 51), "at most 50 words"),
        ("Condition", "_content", "(" * 30 + "a" + ")" * 30, "at most 20 parentheses"),
        ("Condition", "_content:exact", "a", "takes no modifier"),
        ("Binary", "_text", "a", "has no narrative"),
        ("Patient", "identifier:of-type", "MR|9", "takes three parts"),
        ("Patient", "gender:of-type", "a|b|c", "does not take the modifier"),
        ("Patient", "identifier:in", "urn:x", "does not take the modifier"),
        ("Patient", "name:text", "a", "does not take the modifier"),
        ("Patient", "birthdate:text", "a", "does not take the modifier"),
    ],
)
async def test_what_is_not_understood_is_refused_in_words(
    filled: Pool, type_: str, code: str, value: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await find(filled, type_, [(code, value)])
    assert says in str(refused.value)


async def test_each_text_is_stored_once_however_many_have_it_and_whoever_writes_at_once(pool: Pool) -> None:
    many = [[_condition(f"d{turn}-{number}", f"Diagnose nummer {number}") for number in range(30)] for turn in range(6)]
    await asyncio.gather(*(store(pool, list(some if turn % 2 else reversed(some))) for turn, some in enumerate(many)))
    stored = await pool.fetch(
        "SELECT folded, count(*) AS times FROM store.display WHERE folded LIKE 'diagnose nummer%' GROUP BY 1"
    )
    assert [(row["folded"], row["times"]) for row in sorted(stored)] == sorted(
        (f"diagnose nummer {number}", 1) for number in range(30)
    )
    assert len(await find(pool, "Condition", [("code:text", "diagnose 17"), ("_count", "1000")])) == 6


async def test_a_text_of_a_transaction_that_is_rolled_back_is_stored_by_the_next(pool: Pool) -> None:
    one = _condition("rolled", "Sjelden sykdom")
    rows = index(one, [])
    version = NewVersion("Condition", "rolled", 1, "C", rows.patient, 0, "test", b"{}", rows)
    async with pool.acquire() as db:
        for _ in range(3):
            transaction = db.transaction()
            await transaction.start()
            await put(db, [version], at=datetime.now(UTC))
            await transaction.rollback()
        async with db.transaction():
            await put(db, [version], at=datetime.now(UTC))
    assert await find(pool, "Condition", [("code:text", "sjelden")]) == ["rolled"]


async def test_texts_that_are_known_cost_no_statement(pool: Pool) -> None:
    async with pool.acquire() as db:
        for turn in range(3):
            asked: list[str] = []
            with db.query_logger(lambda record: asked.append(record.query)):  # noqa: B023
                await display.keep(db, index(_condition(f"k{turn}", "Kjent tekst"), []).displays)
                await checkpoint()  # The driver tells its loggers when it is their turn.
            assert len(asked) == (1 if turn < 2 else 0)


async def test_a_new_version_is_found_by_its_own_words_alone(pool: Pool) -> None:
    async def write(version: int, text: str) -> None:
        rows = index(_note("changing", text), [])
        made = NewVersion("Composition", "changing", version, "U", rows.patient, 0, "test", b"{}", rows)
        async with pool.transaction() as db:
            await put(db, [made], at=datetime.now(UTC))

    await write(1, "gammelord")
    await write(2, "nyord")
    assert await find(pool, "Composition", [("_content", "gammelord")]) == []
    assert await find(pool, "Composition", [("_content", "nyord")]) == ["changing"]


async def test_a_beginning_that_fits_too_many_texts_asks_for_more_of_it(pool: Pool) -> None:
    await pool.execute(
        """INSERT INTO store.display SELECT number, 0, 'vanlig', '''vanlig'':1'::tsvector
           FROM generate_series(1, $1::bigint) AS number""",
        MAX_FOUND + 1,
    )
    with pytest.raises(Invalid, match="Write more of it"):
        await find(pool, "Procedure", [("code:text", "van")])
