"""The keys: one meaning for each in the whole product, and help tells those that do something."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from samjournal import workspace
from samjournal.workspace.shortcuts import MARK, SHORTCUTS, TEMPLATES, marks, told

SCRIPTS = Path(workspace.__file__).parent / "assets"
TAKEN = {
    "ctrl+n", "ctrl+t", "ctrl+w", "ctrl+p", "ctrl+f", "ctrl+r", "ctrl+l", "ctrl+c", "ctrl+v", "ctrl+x", "ctrl+z", "f5"
}  # fmt: skip
"""What browsers use themselves."""


def test_no_key_has_two_meanings_and_no_meaning_two_keys() -> None:
    for values in ([each.key for each in SHORTCUTS], [each.does for each in SHORTCUTS]):
        assert {value: n for value, n in Counter(values).items() if n > 1} == {}


def test_no_key_is_taken_from_the_browser() -> None:
    assert TAKEN.isdisjoint(each.key for each in SHORTCUTS)


def test_a_key_without_ctrl_can_be_switched_off() -> None:
    wrong = [each.key for each in SHORTCUTS if len(each.key) == 1 and not each.single]
    assert wrong == []


def test_every_key_on_a_page_has_its_meaning_in_the_one_file() -> None:
    unknown = marks() - {each.key for each in SHORTCUTS}
    assert not unknown, f"give {sorted(unknown)} a meaning in workspace/shortcuts.py, or take them off the page"


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_a_key_that_is_printed_on_a_button_is_the_key_that_acts(path: Path) -> None:
    """`<kbd>M</kbd>` stands inside the element that has `data-key="m"`."""
    printed = re.findall(r"data-key=\"([a-z])\"(?:(?!data-key|<kbd>).)*<kbd>(.)</kbd>", path.read_text("utf-8"), re.S)
    assert all(key == shown.lower() for key, shown in printed), printed


def test_only_one_script_listens_to_single_keys() -> None:
    """Scripts of pages act on arrows, Enter and Esc in their own fields; letters belong to keys.js."""
    letters = re.compile(r"\.key(?:\.toLowerCase\(\))?\s*===\s*\"(\w)\"")
    wrong = {path.name: found for path in SCRIPTS.glob("*.js") if (found := letters.findall(path.read_text("utf-8")))}
    assert wrong == {}


def test_help_tells_the_keys_that_are_on_some_page_and_no_others() -> None:
    keys = {each.key for each in told()}
    assert {"ctrl+k", "?", "m", "n", "escape"} <= keys
    assert keys - marks() <= {"escape", "enter", "j", "k"}


def test_a_mark_is_written_out_so_that_it_can_be_found() -> None:
    computed = [
        found for path in TEMPLATES.glob("*.html") for found in MARK.findall(path.read_text("utf-8")) if "{" in found
    ]
    assert computed == []
