"""Hazard: an allergy that another system sent without saying to what stands in the head of the chart as nothing."""

from __future__ import annotations

import pytest

from workspace.test_pages import Enter, enter
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


async def test_the_head_says_that_there_is_one_and_that_nobody_said_to_what(world: World, enter: Enter) -> None:
    await world.put(made("AllergyIntolerance", "nameless", patient=to("Patient/kari")))
    nurse = enter("nurse")
    assert "mot hva er ikke oppgitt" in (await nurse.get("/workspace/patients/kari")).text
    assert (
        "to what is not stated" in (await nurse.get("/workspace/patients/kari", headers={"accept-language": "en"})).text
    )
