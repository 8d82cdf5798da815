"""The CapabilityStatement is sound, and what it says can be done. hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

import pytest

from samjournal.fhir import xml
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from samjournal.rest.routes import ROUTES
from world import World

pytestmark = pytest.mark.anyio


async def test_it_is_sound_in_json_and_in_xml(world: World) -> None:
    async with world.anonymous() as client:
        json = parse((await client.get("/metadata")).content).resource
        same = xml.read((await client.get("/metadata?_format=xml")).content).resource
    assert check(json) == []
    assert same == json


async def test_every_interaction_is_that_of_a_route(world: World) -> None:
    async with world.anonymous() as client:
        (rest,) = (await client.get("/metadata")).json()["rest"]
    told = {one["code"] for resource in rest["resource"] for one in resource["interaction"]}
    told |= {one["code"] for one in rest["interaction"]}
    assert told == {route.code for route in ROUTES if not route.code.startswith("$")}
