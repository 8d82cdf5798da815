"""How large a region becomes is said before it is made, and one that does not fit is not begun."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from samjournal.demo.region import Depth, generate
from samjournal.server.demo_size import Size, refuse_if_too_big, size_of
from samjournal.server.exits import REFUSED, Refused

NOW = datetime.fromisoformat("2026-11-24T09:45:00+01:00")


@pytest.mark.parametrize(("inhabitants", "depth"), [(1_500, "register"), (10_000, "register"), (1_000, "years")])
def test_the_number_of_resources_is_right_within_a_fifth(inhabitants: int, depth: Depth) -> None:
    made = sum(1 for _ in generate(inhabitants, 2026, NOW, depth))
    assert size_of(inhabitants, depth).resources == pytest.approx(made, rel=0.2)


def test_the_size_is_told_in_words() -> None:
    told = str(size_of(300_000, "register"))
    assert "resources" in told
    assert "GB of disk" in told
    assert " min " in told


def test_what_fits_on_the_disk_is_not_refused(tmp_path: Path) -> None:
    refuse_if_too_big(Size(1, 1, 1.0), 100, "register", tmp_path)


def test_what_does_not_fit_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        Refused, match=r"There is no room .* Make room, choose fewer inhabitants \([\d,]+ fit\)"
    ) as found:
        refuse_if_too_big(Size(10**9, 10**16, 1e9), 150_000, "register", tmp_path)
    assert found.value.code == REFUSED


def test_the_disk_of_a_server_elsewhere_is_not_judged() -> None:
    refuse_if_too_big(Size(10**9, 10**16, 1e9), 720_000, "register", None)
