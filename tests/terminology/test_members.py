"""Sets of codes: which are in them, what is left, and how resources may have them."""

from __future__ import annotations

from samjournal.terminology.members import Members, code
from samjournal.terminology.systems import ICD_10

FOOD = "urn:food"
APPLE, PEAR = (FOOD, "apple"), (FOOD, "pear")


def _set(*codes: tuple[str, str], whole: tuple[str, ...] = ()) -> Members:
    return Members(frozenset(codes), frozenset(whole))


def test_a_code_goes_by_one_name_of_its_system_and_is_written_as_that_writes_it() -> None:
    assert code("urn:oid:2.16.578.1.12.4.1.1.7110", "I509") == (ICD_10, "I50.9")


def test_what_is_in_both_is_what_each_has_be_it_as_a_whole_system() -> None:
    assert _set(APPLE, PEAR) & _set(APPLE) == _set(APPLE)
    assert _set(APPLE) & _set(whole=(FOOD,)) == _set(APPLE)
    assert _set(whole=(FOOD,)) & _set(PEAR, whole=("urn:x",)) == _set(PEAR)
    assert _set(whole=(FOOD,)) & _set(whole=(FOOD,)) == _set(whole=(FOOD,))
    assert _set(APPLE) & _set(PEAR) == _set()


def test_what_is_left_has_nothing_of_the_other() -> None:
    assert _set(APPLE, PEAR).without(_set(APPLE)) == _set(PEAR)
    assert _set(APPLE).without(_set(whole=(FOOD,))) == _set()
    assert _set(APPLE, whole=(FOOD,)).without(_set(whole=(FOOD,))) == _set()


def test_old_records_are_found_by_every_name_of_a_system_and_every_spelling_of_a_code() -> None:
    tokens = set(_set((ICD_10, "I50.9")).tokens())
    assert {f"{ICD_10}|I50.9", f"{ICD_10}|I509", "urn:oid:2.16.578.1.12.4.1.1.7110|I509"} <= tokens
    assert set(_set(APPLE).tokens()) == {f"{FOOD}|apple"}
    assert set(_set(whole=(FOOD,)).tokens()) == {f"{FOOD}|"}
