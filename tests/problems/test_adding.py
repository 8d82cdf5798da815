"""A problem is entered once and stands on the list, on the note and on the contact. Requirements 1.3, 7.15"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from samjournal import problems
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, Unprocessable, VersionMoved
from samjournal.problems import AlreadyThere, Coded
from samjournal.record import Change, change, read
from world import World, patient, stay

pytestmark = pytest.mark.anyio
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
FAILURE = Coded("Hjertesvikt", "I50.9", ICD_10)
FLUTTER = Coded("Atrieflimmer", "I48.9", ICD_10)


def note(id_: str, whose: str, **rest: Any) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "id": id_,
        "status": "preliminary",
        "type": {"text": "Notat"},
        "subject": {"reference": f"Patient/{whose}"},
        "date": "2026-11-29T10:00:00+01:00",
        "author": [{"reference": "PractitionerRole/doctor-role"}],
        "title": "Notat",
        "section": [{"title": "Vurdering", "text": {"status": "generated", "div": DIV}}],
        **rest,
    }


DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Tung pust.</p></div>'


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("per", "Berg"), patient("pal", "Dahl"), stay("per-stay", "per"), stay("pal-stay", "pal"))


async def stored(world: World, reference: str) -> dict[str, Any]:
    type_, _, id_ = reference.partition("/")
    return (await read(world.door, world.system, type_, id_)).resource()


async def test_from_a_note_it_stands_on_the_list_the_note_and_the_contact(world: World) -> None:
    await world.put(note("n-1", "per", encounter={"reference": "Encounter/per-stay"}))
    added = await problems.add(world.door, await world.permit("doctor"), "per", FAILURE, note="n-1")
    reference = added.condition.reference
    made = await stored(world, reference)
    assert made["recorder"] == {"reference": "PractitionerRole/doctor-role", "display": "Doctor"}
    assert made["encounter"] == {"reference": "Encounter/per-stay"}
    assert made["clinicalStatus"]["coding"][0]["code"] == "active"
    (section,) = (await stored(world, "Composition/n-1"))["section"]
    assert section["entry"] == [{"reference": reference}]
    assert section["text"]["div"] == DIV
    assert (await stored(world, "Encounter/per-stay"))["diagnosis"] == [{"condition": {"reference": reference}}]


async def test_a_note_that_is_signed_gets_the_problem_and_keeps_its_words_and_signatures(world: World) -> None:
    signed = {"mode": "professional", "party": {"reference": "PractitionerRole/other-role"}}
    await world.put(note("n-signed", "per", status="final", attester=[signed]))
    cough = Coded("Hoste", "R05", ICD_10)
    added = await problems.add(world.door, await world.permit("nurse"), "per", cough, note="n-signed")
    found = await stored(world, "Composition/n-signed")
    assert found["section"][0]["entry"] == [{"reference": added.condition.reference}]
    assert (found["section"][0]["text"]["div"], found["attester"], found["status"]) == (DIV, [signed], "final")


async def test_what_stands_there_is_offered_and_then_used_and_another_is_made_when_it_is_one(world: World) -> None:
    permit = await world.permit("doctor")
    await world.put(note("n-2", "per"))
    first = await problems.add(world.door, permit, "per", FLUTTER)
    with pytest.raises(AlreadyThere) as told:
        await problems.add(
            world.door, permit, "per", Coded("Flimmer", "I489", ICD_10), note="n-2", certainty="confirmed"
        )
    assert told.value.existing.id == first.condition.id
    assert "entry" not in (await stored(world, "Composition/n-2"))["section"][0]
    used = await problems.add(world.door, permit, "per", FLUTTER, note="n-2", existing=first.condition.id)
    assert used.stood
    entry = (await stored(world, "Composition/n-2"))["section"][0]["entry"]
    assert entry == [{"reference": first.condition.reference}]
    again = await problems.add(world.door, permit, "per", FLUTTER, note="n-2", existing=first.condition.id)
    assert again.condition.version == first.condition.version
    other = await problems.add(world.door, permit, "per", FLUTTER, another=True)
    assert other.condition.id != first.condition.id


async def test_words_are_the_same_as_words_and_case_does_not_count(world: World) -> None:
    permit = await world.permit("nurse")
    await problems.add(world.door, permit, "per", Coded("Vondt i hofta"), certainty="provisional")
    with pytest.raises(AlreadyThere):
        await problems.add(world.door, permit, "per", Coded("vondt i  Hofta."))


async def test_nothing_is_stored_when_something_cannot_be(world: World) -> None:
    permit = await world.permit("doctor")
    await world.put(note("n-pal", "pal"), note("n-wrong", "per", status="entered-in-error"))
    fresh = Coded("Gikt", "M10.9", ICD_10)
    for refused in ({"note": "n-pal"}, {"note": "n-wrong"}, {"encounter": "pal-stay"}, {"existing": "never"}):
        with pytest.raises(Unprocessable):
            await problems.add(world.door, permit, "per", fresh, **refused)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await problems.add(world.door, permit, "per", fresh, note="never")
    with pytest.raises(Invalid):
        await problems.add(world.door, permit, "per", Coded(" "))
    with pytest.raises(Invalid):
        await problems.add(world.door, permit, "per", fresh, since="2999-01-01")
    with pytest.raises(Forbidden):
        await problems.add(world.door, await world.permit("secretary"), "per", fresh)
    await problems.add(world.door, permit, "per", fresh)


async def test_two_who_change_the_note_at_once_both_get_their_diagnosis_on_it(world: World) -> None:
    permit = await world.permit("doctor")
    await world.put(note("n-3", "per"))
    both = (Coded("Astma", "J45.9", ICD_10), Coded("Kols", "J44.9", ICD_10))
    await asyncio.gather(*(problems.add(world.door, permit, "per", one, note="n-3") for one in both))
    assert len((await stored(world, "Composition/n-3"))["section"][0]["entry"]) == 2


async def test_what_a_reserved_note_refers_to_is_as_reserved(world: World) -> None:
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}
    await world.put(note("n-4", "per", meta={"security": [label]}, custodian={"reference": "Organization/ward"}))
    added = await problems.add(
        world.door, await world.permit("doctor"), "per", Coded("Angst", "F41.9", ICD_10), note="n-4"
    )
    assert (await stored(world, added.condition.reference))["meta"]["security"] == [label]


async def test_how_a_problem_goes(world: World) -> None:
    door, permit = world.door, await world.permit("doctor")
    made = (await problems.add(door, permit, "per", Coded("Drypp", "G45.9", ICD_10), certainty="provisional")).condition
    sure = await problems.change_certainty(door, permit, "per", made.id, certainty="confirmed", version=1)
    over = await problems.close(door, permit, "per", made.id, version=sure.version)
    assert over.resource()["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert "abatementDateTime" in over.resource()
    with pytest.raises(VersionMoved):
        await problems.reopen(door, permit, "per", made.id, version=1)
    back = await problems.reopen(door, permit, "per", made.id, version=over.version)
    assert "abatementDateTime" not in back.resource()
    out = await problems.change_certainty(door, permit, "per", made.id, certainty="refuted", version=back.version)
    assert problems.is_ended(out.resource())
    wrong = await problems.entered_in_error(door, permit, "per", made.id, version=out.version)
    assert problems.merged([wrong.resource()]) == []


async def test_what_cannot_be_is_said(world: World) -> None:
    door, permit = world.door, await world.permit("doctor")
    made = (await problems.add(door, permit, "per", Coded("Prolaps"), since="2026-05")).condition
    with pytest.raises(Invalid):
        await problems.close(door, permit, "per", made.id, version=1, on="2025-01-01")
    with pytest.raises(Invalid):
        await problems.close(door, permit, "per", made.id, version=1, on="2999-01-01")
    with pytest.raises(Unprocessable):
        await problems.close(door, permit, "pal", made.id, version=1)
    with pytest.raises(Invalid):
        await problems.change_certainty(door, permit, "per", made.id, certainty="perhaps", version=1)


async def test_an_operation_stands_in_the_record(world: World) -> None:
    made = await problems.add_operation(
        world.door, await world.permit("doctor"), "per", Coded("Hofteprotese"), on="2019"
    )
    assert made.resource()["performedDateTime"] == "2019"


async def test_favourites_and_last_used_are_of_the_role_and_name_no_patient(world: World) -> None:
    door, doctor = world.door, await world.permit("doctor")
    assert (await problems.shelf_of(door, doctor)).codes == ()
    await problems.remember(door, doctor, FAILURE)
    await problems.remember(door, doctor, FLUTTER)
    await problems.favour(door, doctor, FAILURE, favourite=True)
    shelf = await problems.shelf_of(door, doctor)
    assert [one.code for one in shelf.codes] == ["I48.9", "I50.9"]
    assert shelf.ranks() == {(ICD_10, "I50.9"): 0, (ICD_10, "I48.9"): 1}
    assert (await problems.shelf_of(door, await world.permit("nurse"))).codes == ()
    for number in range(problems.MOST_USED + 5):
        await problems.remember(door, doctor, Coded("Noe", f"Q{number:02}", ICD_10))
    shelf = await problems.shelf_of(door, doctor)
    assert len(shelf.codes) == problems.MOST_USED + 1
    assert (ICD_10, "I50.9") in shelf.favourites
    await problems.favour(door, doctor, FAILURE, favourite=False)
    assert not (await problems.shelf_of(door, doctor)).favourites
    rows = await world.pool.fetch("SELECT patient FROM store.current WHERE id LIKE 'codes-%'")
    assert {row["patient"] for row in rows} == {0}


async def test_a_note_that_is_changed_by_others_all_the_time_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.put(note("n-5", "per"))
    real = problems.adding._mine  # type: ignore[attr-defined]

    async def and_then_another_writes(*asked: Any) -> Any:
        found = await real(*asked)
        await change(world.door, world.system, [Change.update({**found.resource(), "title": f"Nr. {found.version}"})])
        return found

    monkeypatch.setattr(problems.adding, "_mine", and_then_another_writes)  # type: ignore[attr-defined]
    with pytest.raises(VersionMoved):
        await problems.add(world.door, await world.permit("doctor"), "per", Coded("Hodepine"), note="n-5")
    monkeypatch.undo()
    await problems.add(world.door, await world.permit("doctor"), "per", Coded("Hodepine"), note="n-5")
