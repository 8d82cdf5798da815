"""How often a code is used: the own unit's alone, in numbers."""

from __future__ import annotations

import pytest

from samjournal.record import used
from world import World

pytestmark = pytest.mark.anyio
CODE = "urn:samjournal:template|visitt"


async def test_what_the_own_unit_has_is_counted_and_what_others_have_is_not(world: World) -> None:
    note = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"coding": [{"system": "urn:samjournal:template", "code": "visitt"}]},
        "subject": {"reference": "Patient/kari"},
        "date": "2026-11-29T08:00:00+01:00",
        "author": [{"reference": "PractitionerRole/doctor-role"}],
        "title": "Visitt",
        "custodian": {"reference": "Organization/ward"},
    }
    await world.make(note)
    await world.make({**note, "custodian": {"reference": "Organization/homecare"}})
    other = "urn:samjournal:template|epikrise"
    found = await used(world.door, await world.permit("doctor"), "Composition", "type", [CODE, other])
    assert found == {CODE: 1, other: 0}
