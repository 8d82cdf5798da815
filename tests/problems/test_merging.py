"""Duplicates: shown, merged with all they say, and two again. Requirement 7.15"""

from __future__ import annotations

import pytest

from samjournal import problems
from samjournal.fhir.errors import Conflict, Unprocessable
from samjournal.problems import Coded
from world import World

pytestmark = pytest.mark.anyio
ICD_10 = "http://hl7.org/fhir/sid/icd-10"


def condition(id_: str, code: str = "", text: str = "", into: str = "", **rest: object) -> dict[str, object]:
    coding = {"coding": [{"system": ICD_10, "code": code}]} if code else {}
    link = {"url": "urn:samjournal:merged-into", "valueReference": {"reference": f"Condition/{into}"}}
    return {"id": id_, "code": {**coding, "text": text}, **({"extension": [link]} if into else {}), **rest}


def test_the_same_code_and_the_same_words_are_likely_the_same() -> None:
    listed = problems.merged(
        [condition("a", "I50.9", "Hjertesvikt"), condition("b", "I509", "Svikt"), condition("c", text="Gikt"),
         condition("d", text="gikt."), condition("e", "I48.9", "Flimmer")]
    )  # fmt: skip
    assert [(one.id, other.id) for one, other in problems.duplicates(listed)] == [("a", "b"), ("c", "d")]


def test_what_was_merged_comes_with_the_other_and_is_never_lost() -> None:
    both = [condition("a", into="b"), condition("b")]
    (one,) = problems.merged(both)
    assert (one.id, [each["id"] for each in one.merged]) == ("b", ["a"])
    assert [each.id for each in problems.merged(both[:1])] == ["a"]
    error = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    assert [each.id for each in problems.merged([both[0], condition("b", **error)])] == ["a"]
    ring = [condition("a", into="b"), condition("b", into="a"), condition("c", into="c")]
    assert {each.id for each in problems.merged(ring)} == {"a", "b", "c"}
    chain = [condition("a", into="b"), condition("b", into="c"), condition("c")]
    assert [(each.id, len(each.merged)) for each in problems.merged(chain)] == [("c", 2)]


async def test_merged_and_two_again(world: World) -> None:
    door, permit = world.door, await world.permit("doctor")
    failure = Coded("Hjertesvikt", "I50.9", ICD_10)
    one = (await problems.add(door, permit, "kari", failure)).condition
    other = (await problems.add(door, permit, "kari", failure, another=True)).condition
    third = (await problems.add(door, permit, "kari", Coded("Gikt"))).condition
    with pytest.raises(Unprocessable):
        await problems.merge(door, permit, "kari", third.id, one.id)
    with pytest.raises(Unprocessable):
        await problems.merge(door, permit, "kari", one.id, one.id)
    merged = (await problems.merge(door, permit, "kari", other.id, one.id)).resource()
    assert problems.merged_into(merged) == one.id
    same = ("code", "recordedDate", "clinicalStatus", "verificationStatus", "recorder")
    assert all(merged[name] == other.resource()[name] for name in same)
    with pytest.raises(Conflict):
        await problems.merge(door, permit, "kari", other.id, one.id)
    parted = (await problems.part(door, permit, "kari", other.id)).resource()
    without = ("meta",)
    assert {k: v for k, v in parted.items() if k not in without} == {
        k: v for k, v in other.resource().items() if k not in without
    }
    with pytest.raises(Conflict):
        await problems.part(door, permit, "kari", other.id)
