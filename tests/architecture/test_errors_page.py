"""The catalogue of errors tells every error that there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from architecture.test_documentation import rows
from samjournal.fhir import errors

PAGE = "docs/reference/errors.md"
REPEAT = re.compile(r"(yes|no|read first)\b|^$")


def family(of: type[errors.FhirError]) -> Iterator[type[errors.FhirError]]:
    yield of
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from family(child)


ALL = sorted(set(family(errors.FhirError)), key=lambda one: one.__name__)


@pytest.mark.parametrize("error", ALL, ids=lambda one: one.__name__)
def test_every_error_is_in_the_catalogue_with_its_status_and_issue_type(error: type[errors.FhirError]) -> None:
    status, issue, when, what, repeat = rows(PAGE)[error.kind]
    assert status == str(error.status)
    assert f"`{error.code}`" in issue
    assert when
    assert what or error is errors.FhirError
    assert REPEAT.match(repeat)


@pytest.mark.parametrize("error", ALL, ids=lambda one: one.__name__)
def test_every_error_has_a_code_of_its_own(error: type[errors.FhirError]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", vars(error)["kind"])


def test_no_two_errors_share_a_code() -> None:
    assert len({error.kind for error in ALL}) == len(ALL)


def test_the_catalogue_names_no_error_that_does_not_exist() -> None:
    listed = {first for first, cells in rows(PAGE).items() if cells[0].isdigit()}
    assert listed == {error.kind for error in ALL}


@pytest.mark.parametrize("error", [one for one in ALL if one.retry_after], ids=lambda one: one.__name__)
def test_what_says_when_to_come_again_is_not_told_never_to_be_repeated(error: type[errors.FhirError]) -> None:
    assert rows(PAGE)[error.kind][-1] in ("yes", "read first")
