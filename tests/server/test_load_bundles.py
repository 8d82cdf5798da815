"""A Bundle in memory goes away with whoever needs it: no load holds more of them than it works on."""

from __future__ import annotations

import gc
import json
import weakref

from samjournal.server.load.bundles import Held
from samjournal.server.load.entries import Entry
from samjournal.server.load.pieces import Piece


def test_a_bundle_goes_away_without_the_collector() -> None:
    entries = [{"resource": {"resourceType": "Patient", "id": str(number)}} for number in range(3)]
    raw = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, indent=1).encode()
    gc.disable()
    try:
        bundle = Held(Piece(raw, 10), "seed")
        *_, last = bundle.entries()
        assert isinstance(last, Entry)
        assert last.line == 10 + raw[: raw.rindex(b'{\n    "resourceType"')].count(b"\n"), "and its lines are known"
        gone = weakref.ref(bundle)
        del bundle
        assert gone() is None
    finally:
        gc.enable()
