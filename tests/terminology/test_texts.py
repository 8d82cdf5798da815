"""Code texts: written in three languages, complete for the demo, nothing guessed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from samjournal.demo.region import generate
from samjournal.terminology.texts import SYSTEMS, all_texts, text

NOW = datetime.fromisoformat("2026-11-24T09:45:00+01:00")


def test_a_code_has_its_text_in_each_language() -> None:
    found = [text("http://hl7.org/fhir/sid/icd-10", "I50.9", language) for language in ("nb", "nn", "en")]
    assert found == ["Hjertesvikt", "Hjartesvikt", "Heart failure"]


def test_an_unknown_code_has_no_text() -> None:
    assert text("http://loinc.org", "0-0", "nb") is None
    assert text("http://example.org", "718-7", "nb") is None


def test_there_are_some_three_hundred_and_no_text_is_empty() -> None:
    assert len(all_texts()) >= 300
    assert all(part and part == part.strip() for texts in all_texts().values() for part in texts)


def test_nynorsk_is_written_and_not_copied() -> None:
    differing = [texts for texts in all_texts().values() if texts.nb != texts.nn]
    assert len(differing) > len(all_texts()) / 5
    assert not [texts.nn for texts in all_texts().values() if "sykdom" in texts.nn.lower()]


def test_every_code_of_the_demo_in_these_systems_has_a_text() -> None:
    used = {pair for resource in generate(500, 2026, NOW) for pair in _codings(resource)}
    missing = {(system, code) for system, code in used if system in SYSTEMS.values()} - set(all_texts())
    assert missing == set()


def _codings(value: Any) -> set[tuple[str, str]]:
    if isinstance(value, dict):
        own = {(value["system"], value["code"])} if {"system", "code"} <= set(value) else set()
        return own.union(*(_codings(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(_codings(part) for part in value))
    return set()
