"""Scopes as SMART writes them, and what two of them give together."""

from __future__ import annotations

import pytest

from samjournal.access import Scopes
from samjournal.access.scopes import parse
from samjournal.fhir.errors import Invalid

APP = ("patient", "user")


def scopes(text: str, *levels: str) -> Scopes:
    made = parse(text, levels=levels or (*APP, "system"))
    assert made is not None
    return made


def test_both_editions_of_smart_are_read() -> None:
    first, second = (
        scopes("patient/*.read user/Observation.write system/*.*"),
        scopes("patient/*.rs user/Observation.cud"),
    )
    assert [one.letters for one in first.grants] == ["rs", "cud", "cruds"]
    assert [one.letters for one in second.grants] == ["rs", "cud"]
    assert not first.is_of_patient
    assert scopes("patient/*.rs").is_of_patient


@pytest.mark.parametrize(
    "word",
    [
        "patient/Observation", "patient/Observation.", "patient/Observation.sr", "patient/Nothing.rs", "Observation.rs",
        "patient/*.rs?category=x", "patient/Observation.rs?", "patient/Observation.rs?a",
        "patient/Observation.rs?a=%ff", "clinic/Observation.rs", "patient/Observation.RS", "",
    ],
)  # fmt: skip
def test_a_scope_that_cannot_be_read_is_named(word: str) -> None:
    with pytest.raises(Invalid):
        scopes(word)


def test_a_token_of_a_system_takes_system_scopes_alone() -> None:
    with pytest.raises(Invalid):
        parse("patient/Observation.rs")
    assert parse(None) is None


@pytest.mark.parametrize(
    ("asked", "allowed", "given"),
    [
        ("patient/Observation.rs", "patient/Observation.rs", "patient/Observation.rs"),
        ("patient/Observation.read", "patient/*.cruds", "patient/Observation.read"),
        ("patient/*.cruds", "patient/Observation.rs patient/Patient.r", "patient/Observation.rs patient/Patient.r"),
        ("patient/Observation.cruds", "patient/*.rs", "patient/Observation.rs"),
        ("patient/Observation.rs", "patient/Observation.rs?category=laboratory",
         "patient/Observation.rs?category=laboratory"),
        ("patient/Observation.rs?category=vital-signs", "patient/Observation.rs",
         "patient/Observation.rs?category=vital-signs"),
        ("patient/Observation.rs?category=a", "patient/Observation.rs?code=http://loinc.org|1",
         "patient/Observation.rs?category=a&code=http://loinc.org|1"),
        ("user/Observation.rs", "patient/Observation.rs", ""),
        ("patient/Observation.c", "patient/Observation.rs", ""),
        ("patient/*.rs", "patient/Observation.rs?category=a", "patient/Observation.rs?category=a"),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_given_as_far_as_it_is_allowed(asked: str, allowed: str, given: str) -> None:
    made = scopes(asked).within(scopes(allowed))
    assert made.words == given
    assert scopes(allowed).cover(made)
    if given:
        assert scopes(given) == made or {*given.split()} == {*made.words.split()}


def test_the_log_is_given_whole_or_not_at_all() -> None:
    assert not scopes("patient/*.rs").allow("s", "AuditEvent")
    assert not scopes("user/AuditEvent.rs?action=R").allow("s", "AuditEvent")
    assert scopes("user/AuditEvent.rs").allow("s", "AuditEvent")


def test_a_value_that_no_scope_can_hold_is_escaped_and_read_again() -> None:
    both = scopes("patient/Observation.rs?code:text=%22a%20b%22").within(scopes("patient/Observation.rs?status=final"))
    assert len(both.words.split()) == 1
    assert scopes(both.words).grants[0].query == (("code:text", '"a b"'), ("status", "final"))
