"""Hazard: a summary says that there are no allergies, illnesses or medicines where nobody has asked, or where whoever
asks for it may not read them; abroad, penicillin is given by it. hl7.org/fhir/uv/ips, requirement 3.3
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from extracts.ips_rules import broken
from samjournal import access
from samjournal.extracts import summary
from world import Resource, World, made, patient, to

pytestmark = pytest.mark.anyio
SNOMED = "http://snomed.info/sct"
STATE = "http://terminology.hl7.org/CodeSystem/allergyintolerance"
CODES = {"11450-4": "no-problem-info", "48765-2": "no-allergy-info", "10160-0": "no-medication-info"}


def allergy(
    id_: str, whose: str, code: dict[str, Any], *, clinical: str = "active", sure: str = "confirmed"
) -> Resource:
    return made(
        "AllergyIntolerance",
        id_,
        patient=to(f"Patient/{whose}"),
        code=code,
        clinicalStatus={"coding": [{"system": f"{STATE}-clinical", "code": clinical}]},
        verificationStatus={"coding": [{"system": f"{STATE}-verification", "code": sure}]},
    )


NONE = {"coding": [{"system": SNOMED, "code": "716186003"}]}


@pytest.fixture(scope="module")
async def asked(world: World) -> World:
    await world.put(
        patient("new", "Ny"), patient("free", "Fri"), patient("both", "Begge"), patient("ruled-out", "Avkreftet"),
        allergy("free-none", "free", NONE),
        allergy("both-none", "both", NONE), allergy("both-real", "both", {"text": "Penicillin"}),
        {**allergy("ruled", "ruled-out", {"text": "Penicillin"}, clinical="inactive", sure="refuted")},
    )  # fmt: skip
    return world


async def of(world: World, id_: str) -> tuple[Resource, dict[str, tuple[list[str], str]]]:
    """The document, and of each section that must be there the codes that it says and its words."""
    bundle = msgspec.json.decode(await summary(world.door, world.system, id_, base="http://test/fhir", language="en"))
    assert broken(bundle) == []
    return bundle, sections(bundle)


def sections(bundle: Resource) -> dict[str, tuple[list[str], str]]:
    by_name = {f"{one['resource']['resourceType']}/{one['resource']['id']}": one["resource"] for one in bundle["entry"]}
    found = {}
    for section in bundle["entry"][0]["resource"]["section"]:
        concepts = [
            (by_name[one["reference"]].get("code") or by_name[one["reference"]].get("medicationCodeableConcept") or {})
            for one in section.get("entry", ())
        ]
        codes = [each["code"] for concept in concepts for each in concept.get("coding", ())]
        codes += [each["code"] for each in section.get("emptyReason", {}).get("coding", ())]
        found[section["code"]["coding"][0]["code"]] = (codes, section["text"]["div"])
    return found


async def test_where_nobody_has_asked_there_is_no_information_and_never_none(asked: World) -> None:
    _, found = await of(asked, "new")
    assert {code: found[code][0] for code in CODES} == {code: [said] for code, said in CODES.items()}
    assert "not known" in found["48765-2"][1]


async def test_asked_and_none_is_said_as_the_ips_says_it_and_who_asked_stays(asked: World) -> None:
    bundle, found = await of(asked, "free")
    assert found["48765-2"][0] == ["716186003", "no-known-allergies"]
    assert "AllergyIntolerance/free-none" in str(bundle["entry"][0]["resource"])


async def test_none_known_beside_an_allergy_is_left_out(asked: World) -> None:
    bundle, found = await of(asked, "both")
    assert "Penicillin" in found["48765-2"][1]
    assert "716186003" not in str(bundle)


async def test_an_allergy_that_was_ruled_out_is_neither_an_allergy_nor_none_known(asked: World) -> None:
    _, found = await of(asked, "ruled-out")
    assert found["48765-2"][0] == ["no-allergy-info"]


async def test_who_may_not_read_them_gets_that_they_are_withheld_and_not_that_there_are_none(asked: World) -> None:
    permit = access.for_system("app", scope="system/Patient.rs system/Immunization.rs", request="test")
    bundle = msgspec.json.decode(await summary(asked.door, permit, "both", base="http://test/fhir", language="en"))
    assert broken(bundle) == []
    found = sections(bundle)
    assert [found[code][0] for code in CODES] == [["withheld"]] * 3
    assert "There may be something" in found["48765-2"][1]
    assert "Penicillin" not in str(bundle)
