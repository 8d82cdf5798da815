"""What a text is found by: its words as they stand, their stems, the parts of compounds, and where they stand."""

from __future__ import annotations

import re
from importlib.resources import files

import asyncpg
import pytest

from samjournal.db.postgres import Postgres
from samjournal.fhir import compounds
from samjournal.fhir.compounds import parts
from samjournal.fhir.stemming import stem
from samjournal.fhir.words import MAX_WORDS, Text, sought, vector, words

WHOLE = (
    "pasienten medisin sykehuset behandling forandring operasjon tilstanden undersøkelsen ikke sommeren farlig målet "
    "marginal roman benyttet handling mellomkjøtt hender armering innleggelse oppholdet benken undersøking "
    "planlegger morgenen ettermiddag patient respiratory wheelchairs"
)


def _places(literal: str) -> dict[str, list[str]]:
    return {word: places.split(",") for word, places in re.findall(r"'([^']+)':(\S+)", literal)}


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("hjertesvikt", {"hjerte", "svikt"}),
        ("hjertesvikten", {"hjerte", "svikten"}),
        ("hjartesvikt", {"hjarte", "svikt"}),
        ("lungebetennelse", {"lunge", "betennelse"}),
        ("blodtrykksmåling", {"blodtrykk", "måling"}),
        ("barneavdelingen", {"barn", "avdelingen"}),
        ("urinveisinfeksjon", {"urinvei", "infeksjon"}),
        ("sjukeheimsopphald", {"sjukeheim", "opphald"}),
        ("brystsmerter", {"bryst", "smerter"}),
        ("vekttap", {"vekt", "tap"}),
        ("trykksår", {"trykk", "sår"}),
        ("livmorhalsen", {"livmor", "halsen"}),
        ("sengepost", {"seng", "post"}),
        ("atrieflimmer", {"atrie", "flimmer"}),
        ("etterkontroll", {"kontroll"}),
        ("hjerteinfarktbehandling", {"hjerte", "infarkt", "behandling", "hjerteinfarkt", "infarktbehandling"}),
    ],
)
def test_a_compound_is_what_it_is_put_together_of(word: str, found: set[str]) -> None:
    assert set(parts(word)) >= found - {word}


@pytest.mark.parametrize("word", WHOLE.split())
def test_what_is_no_compound_of_our_words_stays_whole(word: str) -> None:
    assert parts(word) == ()


def _listed() -> list[str]:
    lines = files("samjournal.fhir").joinpath("stems.txt").read_text("utf-8").splitlines()
    return [word for line in lines if not line.startswith("#") for word in line.split()]


def test_parts_are_the_same_every_time_and_lie_in_the_word() -> None:
    listed = _listed()
    for first, last in zip(listed, reversed(listed), strict=True):
        for joint in ("", "s", "e"):
            word = first + joint + last
            parts.cache_clear()
            found = parts(word)
            parts.cache_clear()
            assert parts(word) == found
            assert all(part in word and part != word for part in found)


def test_what_can_be_parted_in_very_many_ways_is_looked_at_once_at_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nyre` is a word, and `ny` and `re` are beginnings: repeated, it doubled the work with each four letters."""
    asked = list[str]()
    monkeypatch.setattr(compounds, "_is_last", lambda word: asked.append(word) or False)
    assert parts("nyre" * 12 + "q") == ()
    assert len(asked) < 64


@pytest.mark.parametrize("data", ["bi" * 3000 + "q", "æ" * 900_000, "a-" * 400_000 + "b"])
def test_data_that_stands_where_words_do_is_found_by_its_beginning_and_takes_no_time(data: str) -> None:
    long = data.replace("-", "").casefold()[:100]
    assert long in "".join(vector([Text(data)]))


@pytest.mark.anyio
async def test_stems_are_those_of_postgresql(postgres: Postgres) -> None:
    listed = _listed()
    texts = files("samjournal.terminology").joinpath("texts.tsv").read_text("utf-8")
    asked = sorted({word for word in [*listed, *words(texts), *_ENDINGS.split()] if word.isalpha()})
    assert len(asked) > 1000
    connection = await asyncpg.connect(postgres.dsn)
    try:
        await connection.execute("CREATE TEXT SEARCH DICTIONARY pg_temp.no (TEMPLATE = snowball, LANGUAGE = norwegian)")
        rows = await connection.fetch(
            "SELECT word, (ts_lexize('pg_temp.no', word))[1] AS stem FROM unnest($1::text[]) AS asked(word)", asked
        )
    finally:
        await connection.close()
    assert {row["word"]: stem(row["word"]) for row in rows} == {row["word"]: row["stem"] for row in rows}


_ENDINGS = (
    "havnedistriktene kontoristene sviktende sviktet svikten sviktenes trappens eksistert opererte hardt levd lovt "
    "vennlig vennlige vennlighet hjelpsomhetens fattigslig øks taks aks mors kokks tiks stoffs fedres dets lenges vers"
)


def test_case_accents_and_composed_letters_do_not_count_and_norwegian_letters_do() -> None:
    assert words("Ménières, Å-lesund e\u0301n") == ["menieres", "å", "lesund", "en"]
    assert words("Åsen") != words("Asen")


def test_a_word_is_found_by_its_stem_and_by_those_of_its_parts() -> None:
    found = _places(vector([Text("Hjertesvikten forverres")]))
    assert found == {"hjertesvikt": ["1"], "hjert": ["1"], "svikt": ["1"], "forverr": ["2"]}
    assert [sought(word) for word in ("svikten", "hjerte", "hjertesvikt")] == ["svikt", "hjert", "hjertesvikt"]


def test_forms_of_a_word_find_each_other() -> None:
    for forms in (
        "senter senteret sentrene",
        "svikt svikten sviktende",
        "lege leger legen",
        "måling målinger målingene",
    ):
        assert len({sought(word) for word in forms.split()}) <= 2
    assert sought("senteret") == sought("senter")
    assert sought("pasientene") == sought("pasienter") == sought("pasient")


def test_where_the_beginnings_of_words_are_asked_for_they_are_there_as_they_stand_too() -> None:
    assert {"forverres", "forverr"} == set(_places(vector([Text("forverres")], as_written=True)))


def test_what_a_hyphen_joins_is_found_together_and_apart() -> None:
    found = _places(vector([Text("hjerte-svikt")]))
    assert found["hjertesvikt"] == ["1"]
    assert (found["hjert"], found["svikt"]) == (["1"], ["1", "2"])


def test_no_phrase_reaches_from_one_text_into_the_next_and_narrative_weighs_more() -> None:
    found = _places(vector([Text("akutt", narrative=True), Text("bronkitt")]))
    assert (found["akutt"], found["bronkitt"]) == (["1A"], ["3"])


def test_of_an_endless_text_the_beginning_is_found() -> None:
    found = _places(vector([Text(" ".join(f"ord{number}" for number in range(MAX_WORDS * 2)))]))
    assert "ord0" in found
    assert f"ord{MAX_WORDS * 2 - 1}" not in found
    assert sum(len(word) for word in found) < 1_000_000
