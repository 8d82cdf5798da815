"""Free times never offer what is taken, and never miss what is free: compared with a grid of minutes."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from samjournal.scheduling.calendars import Calendar, Calendars
from samjournal.scheduling.freeing import possible
from samjournal.scheduling.hours import Hours
from samjournal.scheduling.intervals import Times, difference, holds, intersection, on_grid, starts, union
from samjournal.scheduling.visits import Need, VisitType

DAY = 240
"""A short day, in which each whole number is a second of its own."""

stretches = st.lists(
    st.tuples(st.integers(0, DAY), st.integers(0, 40)).map(lambda pair: (pair[0], min(DAY, pair[0] + pair[1]))),
    max_size=8,
)


def seconds(times: Times) -> set[int]:
    return {second for lo, hi in times for second in range(lo, hi)}


def is_tidy(times: Times) -> bool:
    return all(lo < hi for lo, hi in times) and all(a[1] < b[0] for a, b in pairwise(times))


@given(stretches, stretches)
def test_they_are_what_sets_of_seconds_are(one: Times, other: Times) -> None:
    a, b = union(one), union(other)
    assert is_tidy(a)
    assert seconds(a) == seconds([(lo, hi) for lo, hi in one if lo < hi])
    assert seconds(intersection(a, b)) == seconds(a) & seconds(b)
    assert seconds(difference(a, b)) == seconds(a) - seconds(b)
    assert is_tidy(difference(a, b))
    assert all(holds(a, second) == (second in seconds(a)) for second in range(-1, DAY + 2))


@given(stretches, stretches, st.integers(1, 30), st.integers(0, 9), st.integers(0, 9))
def test_something_begins_exactly_when_its_hours_are_open_and_its_people_are_free(
    open_: Times, taken: Times, length: int, before: int, after: int
) -> None:
    hours, busy = union(open_), seconds(union(taken))
    naive = {
        second
        for second in range(-10, DAY + 10)
        if any(lo <= second and second + length <= hi for lo, hi in hours)
        and not busy & set(range(second - before, second + length + after))
    }
    assert seconds(starts(hours, taken, length, before, after)) == naive


@given(stretches, stretches, st.integers(1, 20))
def test_what_is_offered_is_on_the_grid_of_the_hours_in_which_it_lies(begin: Times, more: Times, step: int) -> None:
    anchors = union([*begin, *more])
    possible_ = intersection(union(begin), anchors)
    naive = [
        second
        for lo, hi in anchors
        for second in range(lo, hi)
        if second in seconds(possible_) and (second - lo) % step == 0
    ]
    assert list(on_grid(possible_, anchors, step)) == naive


# Several who are needed at once, of pools that share people

MINUTES = 120
people = st.lists(
    st.lists(
        st.tuples(st.integers(0, MINUTES), st.integers(1, 30)).map(
            lambda pair: (pair[0] * 60, (pair[0] + pair[1]) * 60)
        ),
        max_size=6,
    ),
    min_size=3,
    max_size=5,
)


@given(
    people,
    st.lists(st.sets(st.integers(0, 4), min_size=1, max_size=3), min_size=1, max_size=3),
    st.lists(st.tuples(st.integers(0, MINUTES), st.integers(1, 20)), max_size=3),
    st.integers(5, 40),
    st.sampled_from([0, 5, 10]),
)
def test_of_several_who_are_needed_all_are_free_and_nobody_has_two_places(
    taken: list[Times], pools: list[set[int]], his: list[tuple[int, int]], minutes: int, after: int
) -> None:
    pools = [{one for one in pool if one < len(taken)} for pool in pools]
    hours = _always()
    calendars = {
        f"PractitionerRole/{at}": Calendar(f"PractitionerRole/{at}", "", "person", hours=hours, taken=union(some))
        for at, some in enumerate(taken)
    }
    needs = tuple(
        Need("person", tuple({"reference": f"PractitionerRole/{at}"} for at in sorted(pool))) for pool in pools
    )
    needs = tuple(need for need in needs if need.any)
    if not needs:
        return
    patient = union((lo * 60, (lo + length) * 60) for lo, length in his)
    visit = VisitType("v", {}, {"nb": "V"}, minutes=minutes, after=after, step=5, needs=needs)
    can = possible(visit, Calendars(calendars, {}, patient), (0, MINUTES * 60))
    naive = [
        start * 60
        for start in range(MINUTES)
        if (start + 24 * 60) % 5 == 0
        and not seconds_taken(patient, start * 60, (start + minutes) * 60)
        and _can_all([
            [
                one["reference"]
                for one in need.any
                if not seconds_taken(calendars[one["reference"]].taken, start * 60, (start + minutes + after) * 60)
            ]
            for need in needs
        ])
    ]  # fmt: skip
    assert list(can.offered()) == naive
    for second in naive:
        chosen = can.choose(second)
        assert chosen is not None
        assert len({one.reference for one in chosen}) == len(needs)


def _always() -> Hours:
    return ALWAYS


class _Always(Hours):
    """Open at all times, so that a plain grid of minutes can be compared with."""

    __slots__ = ()

    def within(self, since: int, until: int) -> Times:
        return [(since, until)]


ALWAYS = _Always((), ())


def seconds_taken(times: Times, lo: int, hi: int) -> bool:
    return any(a < hi and lo < b for a, b in times)


def _can_all(fit: list[list[str]], had: frozenset[str] = frozenset()) -> bool:
    if not fit:
        return True
    return any(_can_all(fit[1:], had | {one}) for one in fit[0] if one not in had)
