"""The table of what each role has first: made of things there are, for roles there are."""

from __future__ import annotations

from samjournal.access import ROLES
from samjournal.workspace.first import THINGS
from samjournal.workspace.layouts import LAYOUTS


def test_every_role_that_opens_charts_has_its_own_layout() -> None:
    opens = {code for code, role in ROLES.items() if role.may_read("Observation") and code != "citizen"}
    assert set(LAYOUTS) == opens


def test_a_layout_names_things_there_are_and_no_thing_is_made_for_nobody() -> None:
    named = [name for things in LAYOUTS.values() for name in things]
    assert set(named) == set(THINGS)
    assert len(named) == len(set(named)), "two roles share a thing"
