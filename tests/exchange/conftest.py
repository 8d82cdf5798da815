"""`broker`: a real AMQP broker for the run, with the queues of two parties on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from assets import broker as debian

PURPOSES = ("async", "sync", "syncreply", "error", "dl")
PARTIES = ("8141705", "93238")
"""HER-ids of the second level: we, and somebody outside."""


def queues(*parties: str) -> dict[str, dict[str, object]]:
    """As NHN has them: five for each party."""
    return {f"{party}_{purpose}": {} for party in parties or PARTIES for purpose in PURPOSES}


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[debian.Broker]:
    if debian.home() is None:
        pytest.skip(debian.ADVICE)
    with debian.started(tmp_path_factory.mktemp("broker"), queues()) as one:
        yield one
