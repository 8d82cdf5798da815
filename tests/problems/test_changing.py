"""What becomes of a problem that two people changed, once they have chosen: certainty, and since when it is over."""

from __future__ import annotations

import pytest

from samjournal import problems
from samjournal.fhir.errors import Conflict, Invalid, VersionMoved
from samjournal.problems import NO_DAY, Coded
from world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("certainty", "over", "clinical", "since"),
    [
        ("confirmed", "", "active", ""),
        ("provisional", "2026-10", "resolved", "2026-10"),
        ("refuted", "", "inactive", ""),
        ("differential", NO_DAY, "resolved", NO_DAY),
    ],
)
async def test_both_become_what_was_chosen_and_can_be_taken_back(
    world: World, certainty: str, over: str, clinical: str, since: str
) -> None:
    permit = await world.permit("doctor")
    named = f"Valgt {certainty} {over or 'pågår'}"
    made = (await problems.add(world.door, permit, "kari", Coded(named), since="2020")).condition

    async def settle(certainty: str, over: str, version: int) -> dict[str, object]:
        stored = await problems.settle(
            world.door, permit, "kari", made.id, certainty=certainty, over=over, version=version
        )
        return stored.resource()

    became = await settle(certainty, over, 1)
    assert problems.certainty_of(became) == certainty
    assert became["clinicalStatus"]["coding"][0]["code"] == clinical  # type: ignore[index]
    assert problems.over_since(became) == since
    back = await settle("confirmed", "", 2)
    assert back["clinicalStatus"]["coding"][0]["code"] == "active"  # type: ignore[index]
    assert not [name for name in back if name.startswith("abatement")]
    with pytest.raises(VersionMoved):
        await settle("confirmed", "", 2)
    for wrong in (("sikkert", ""), ("confirmed", "2999"), ("confirmed", "2019-12-31")):
        with pytest.raises(Invalid):
            await settle(*wrong, 3)
    assert problems.certainty_of(await settle("entered-in-error", "", 3)) == "entered-in-error"
    with pytest.raises(Conflict):
        await settle("confirmed", "", 4)
