"""JSON parted in steps: the same values whatever the steps, each with its line; what is broken is told by line."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samjournal.fhir.errors import Invalid
from samjournal.server.load import pieces
from samjournal.server.load.pieces import Text, TooLong, lines, walk

strings = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    ['"', "\\", "}]", "[{", "\n"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(strings.filter(lambda name: name != "entry"), values, max_size=4)


def text_of(content: str, step: int) -> Text:
    """A text that is read a few bytes at a time."""
    body = io.BytesIO(content.encode())
    return Text(lambda _: body.read(step))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(objects, st.lists(values, max_size=4), st.sampled_from([None, 0, 2]), st.sampled_from([1, 3, 17, 4096]))
def test_members_and_entries_come_out_as_they_went_in(
    members: dict[str, Any], entries: list[Any], indent: int | None, step: int
) -> None:
    content = json.dumps({**members, "entry": entries}, indent=indent, ensure_ascii=False)
    found = [(name, json.loads(piece.raw)) for name, piece in walk(text_of(content, step))]
    assert found == [*members.items(), *(("entry", value) for value in entries)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.dictionaries(strings, values), min_size=1, max_size=5), st.sampled_from([1, 5, 4096]))
def test_lines_come_out_as_they_went_in_with_their_numbers(rows: list[Any], step: int) -> None:
    content = "\n\n".join(json.dumps(row) for row in rows)
    found = [(json.loads(piece.raw), piece.line) for piece in lines(text_of(content, step)) if not _bad(piece)]
    assert found == [(row, 1 + 2 * number) for number, row in enumerate(rows)]


def _bad(piece: object) -> bool:
    return isinstance(piece, Invalid)


def test_every_piece_knows_the_line_on_which_it_begins() -> None:
    content = '{\n"a": 1,\n\n"entry": [\n{\n},\n 5, 6\n]}'
    assert [(name, piece.line) for name, piece in walk(text_of(content, 2))] == [
        ("a", 2),
        ("entry", 5),
        ("entry", 7),
        ("entry", 7),
    ]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert [name for name, _ in walk(text_of("\ufeff{}", 1))] == []
    assert [name for name, _ in walk(text_of('\ufeff{"a":1}', 1))] == ["a"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"a":1', "cut off"),
        ('{"a":', "the text ends"),
        ('{"entry":[{"a":1},\n{"b":2', "line 2"),
        ('{"entry":[{}\n{}]}', "line 2"),
        ('{"entry":[1,]}', "not JSON"),
        ('{"a" 1}', ": should follow"),
        ("{a:1}", "should follow"),
        ('{"a":\n\ntru}', "line 3"),
        ('{"a":1,}', "should follow"),
    ],
)
@pytest.mark.parametrize("step", [1, 4096])
def test_what_is_broken_is_told_by_line(content: str, said: str, step: int) -> None:
    with pytest.raises(Invalid) as told:
        list(walk(text_of(content, step)))
    assert said in told.value.text or (said == "the text ends" and "ends in the middle" in told.value.text)


def test_a_value_beyond_the_limit_is_not_held() -> None:
    with pytest.raises(TooLong):
        text_of('{"a":"' + "x" * 5000 + '"}', 100).value(limit=1000)


def test_a_line_beyond_the_limit_is_told_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MAX_PIECE", 100)
    long, short = lines(text_of('{"a":"' + "x" * 5000 + '"}\n{"b":1}', 40))
    assert isinstance(long, Invalid)
    assert not isinstance(short, Invalid)
    assert (short.raw, short.line) == (b'{"b":1}', 2)
