"""How long to look for faults: the same examples each time in a usual run, many more and new ones in a drill."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

SHORT = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
LONG = settings(SHORT, max_examples=3000, derandomize=False, print_blob=True)


def only_when_asked_for(config: pytest.Config) -> None:
    """Skip what takes minutes, unless the run is one of drills."""
    if "drill" not in config.option.markexpr:
        pytest.skip("takes minutes: make prove runs it")
