"""Written in the wrong record: marked there, made anew in the right one, and those who saw it are told."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import patients
from samjournal.access import NAMED_TASKS
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, ReasonNeeded, Unprocessable, VersionMoved
from samjournal.fhir.reserved import ACT_CODE
from samjournal.record import Change, change, read, state_reason
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
WHY = "Skrevet i journalen til naboen i neste seng"


@pytest.fixture(scope="module", autouse=True)
async def neighbours(world: World) -> None:
    await world.put(patient("per", "Berg"), patient("pal", "Dahl"), stay("per-stay", "per"), stay("pal-stay", "pal"))


def of(type_: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": type_, "id": id_, **more}


PER = {"reference": "Patient/per", "display": "Per Berg"}
LOINC = {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]}
ALL = (
    of("Observation", "w-observation", status="final", code=LOINC, subject=PER),
    of("Condition", "w-condition", code={"text": "Astma"}, subject=PER, clinicalStatus={"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}),
    of("AllergyIntolerance", "w-allergy", code={"text": "Penicillin"}, patient=PER, clinicalStatus={"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}),
    of("MedicationRequest", "w-medicine", status="active", intent="order", subject=PER,
       medicationCodeableConcept={"text": "Warfarin"}),
    of("Composition", "w-note", status="final", type={"text": "Notat"}, subject=PER, date="2026-11-20", title="Notat",
       author=[{"reference": "Practitioner/doctor"}], section=[{"title": "x", "text": {
           "status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Ord</div>'}}]),
    of("Goal", "w-goal", lifecycleStatus="active", description={"text": "Gå"}, subject=PER),
    of("DiagnosticReport", "w-report", status="final", code=LOINC, subject=PER),
    of("Procedure", "w-procedure", status="completed", subject=PER, code={"text": "Operasjon"}),
    of("Immunization", "w-vaccine", status="completed", patient=PER, vaccineCode={"text": "x"},
       occurrenceDateTime="2026-01-01"),
    of("DocumentReference", "w-document", status="current", subject=PER, content=[{"attachment": {"title": "x"}}]),
)  # fmt: skip


@pytest.mark.parametrize("wrong", ALL, ids=lambda one: one["resourceType"])
async def test_marked_there_and_made_anew_here(world: World, wrong: dict[str, Any]) -> None:
    await world.put(wrong)
    doctor = await world.permit("doctor")
    type_, id_ = wrong["resourceType"], wrong["id"]
    moved = await patients.move(world.door, doctor, f"{type_}/{id_}", "pal", WHY)
    old, new = (await read(world.door, doctor, type_, id_)).resource(), moved.resource()
    assert "entered-in-error" in str(old)
    assert new.get("subject", new.get("patient")) == {"reference": "Patient/pal"}
    skip = ("id", "meta", "subject", "patient", "status", "verificationStatus", "clinicalStatus", "lifecycleStatus")
    assert {k: v for k, v in old.items() if k not in skip} == {k: v for k, v in new.items() if k not in skip}
    for name in ("status", "clinicalStatus", "lifecycleStatus"):
        assert new.get(name) == wrong.get(name)
    async with await world.client() as client:
        (told,) = (await client.get(f"/Provenance?target={type_}/{moved.id}")).json()["entry"]
    assert told["resource"]["entity"][0]["what"]["reference"] == f"{type_}/{id_}/_history/1"
    assert told["resource"]["reason"] == [{"text": WHY}]
    with pytest.raises(Conflict):
        await patients.move(world.door, doctor, f"{type_}/{id_}", "pal", WHY)


async def test_numbers_keep_their_digits_and_references_into_the_wrong_record_stay_there(world: World) -> None:
    raw = (
        b'{"resourceType":"Observation","id":"w-exact","status":"final","code":{"text":"x"},"subject":'
        b'{"reference":"Patient/per"},"encounter":{"reference":"Encounter/per-stay"},"valueQuantity":{"value":1.50},'
        b'"performer":[{"reference":"Practitioner/nurse"},{"reference":"RelatedPerson/w-sister","display":"Sister"}],'
        b'"identifier":[{"system":"urn:x","value":"7"}],"text":{"status":"generated","div":'
        b'"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">Per Berg</div>"}}'
    )
    await world.put(of("RelatedPerson", "w-sister", patient=PER))
    async with await world.client() as client:
        assert (await client.put("/Observation/w-exact", content=raw)).status_code == 201
    await world.put(of("DiagnosticReport", "w-refers", status="final", code=LOINC, subject=PER,
                       result=[{"reference": "Observation/w-exact"}]))  # fmt: skip
    nurse = await world.permit("nurse")
    plan = await patients.consider(world.door, nurse, "Observation/w-exact", "pal")
    assert plan.left_out == ("Encounter/per-stay", "RelatedPerson/w-sister")
    assert plan.referrers == ("DiagnosticReport/w-refers",)
    moved = await patients.move(world.door, nurse, "Observation/w-exact", "pal", WHY)
    assert moved.body is not None
    assert b'"value":1.50' in moved.body
    new = moved.resource()
    assert new["performer"] == [{"reference": "Practitioner/nurse"}, {"display": "Sister"}]
    assert not {"encounter", "identifier", "text"} & set(new)
    assert b"per" not in moved.body.replace(b"performer", b"").lower()
    old = (await read(world.door, nurse, "Observation", "w-exact")).resource()
    assert old["encounter"] == {"reference": "Encounter/per-stay"}, "the old one keeps what it said"


async def test_who_saw_it_is_told_in_a_task_of_his_unit(world: World) -> None:
    await world.put({**observation("per"), "id": "w-seen"})
    await world.put(stay("per-home", "per", unit="homecare"))
    for login, query in (("homenurse", "/Observation/w-seen"), ("nurse", "/Observation?patient=per"),
                         ("secretary", "/Patient/per")):  # fmt: skip
        async with await world.client(login) as client:
            assert (await client.get(query)).status_code == 200
    await patients.move(world.door, await world.permit("doctor"), "Observation/w-seen", "pal", WHY)
    mine = {one.wrong: one for one in await patients.follow_ups(world.door, await world.permit("doctor"))}
    assert [one.rpartition(", ")[0] for one in mine["Observation/w-seen"].readers] == [
        "Nurse, sykepleier, Ward",
        "import, datasystem",
    ]
    theirs = [
        one for one in await patients.follow_ups(world.door, await world.permit("homenurse"))
        if one.wrong == "Observation/w-seen"
    ]  # fmt: skip
    assert [one.split(",")[0] for one in theirs[0].readers] == ["Homenurse"]
    assert (theirs[0].due - theirs[0].at).days == 3
    with pytest.raises(NotFound):
        await patients.followed_up(world.door, await world.permit("doctor"), theirs[0].id)
    await patients.followed_up(world.door, await world.permit("homenurse"), theirs[0].id)
    left = await patients.follow_ups(world.door, await world.permit("homenurse"))
    assert theirs[0].id not in [one.id for one in left]


async def test_the_task_opens_no_record_and_nobody_closes_it_by_hand(world: World) -> None:
    await world.put({**observation("per"), "id": "w-task"})
    await patients.move(world.door, await world.permit("doctor"), "Observation/w-task", "pal", WHY)
    row = await world.pool.fetchval(
        "SELECT count(*) FROM access.relation r JOIN store.current c ON r.source = 'Task/' || c.id"
    )
    assert row == 0
    async with await world.client() as client:
        found = (await client.get(f"/Task?code={NAMED_TASKS}|wrong-patient&focus=Observation/w-task")).json()
    task = found["entry"][0]["resource"]
    assert "for" not in task
    async with await world.client("nurse") as client:
        assert (await client.put(f"/Task/{task['id']}", json={**task, "status": "completed"})).status_code == 403


async def test_both_records_must_be_open_and_the_role_must_write_the_type(world: World) -> None:
    await world.put({**observation("per"), "id": "w-closed"}, of("MedicationRequest", "w-drug", status="active",
                    intent="order", subject=PER, medicationCodeableConcept={"text": "x"}))  # fmt: skip
    for login, what, to, error in (
        ("nurse", "Observation/w-closed", "ola", ReasonNeeded),
        ("homenurse", "Observation/never", "pal", NotFound),
        ("nurse", "MedicationRequest/w-drug", "pal", Forbidden),
        ("secretary", "Observation/w-closed", "pal", Forbidden),
        ("kari", "Observation/w-closed", "pal", Forbidden),
        ("nurse", "Observation/w-closed", "per", Conflict),
        ("doctor", "Encounter/per-stay", "pal", Unprocessable),
    ):
        with pytest.raises(error):
            await patients.move(world.door, await world.permit(login), what, to, WHY)
    with pytest.raises(Invalid):
        await patients.move(world.door, await world.permit("nurse"), "Observation/w-closed", "pal", "feil")
    assert (await read(world.door, world.system, "Observation", "w-closed")).version == 1


async def test_both_logs_say_who_moved_it_and_why(world: World) -> None:
    await world.put({**observation("per"), "id": "w-log"})
    moved = await patients.move(world.door, await world.permit("nurse"), "Observation/w-log", "pal", WHY)
    rows = await world.pool.fetch(
        "SELECT p.id, l.shown, l.reason, l.why FROM audit.look l JOIN access.person p USING (patient)"
        " WHERE l.action = 'move' AND (l.shown LIKE '%w-log%' OR l.shown LIKE '%' || $1 || '%')", moved.id
    )  # fmt: skip
    assert {(row["id"], row["why"], row["reason"]) for row in rows} == {("per", "stay", WHY), ("pal", "stay", WHY)}


async def test_what_somebody_changed_meanwhile_is_not_moved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.put({**observation("per"), "id": "w-race"})
    real = patients.moving.consider

    async def slow(*asked: Any) -> Any:
        plan = await real(*asked)
        await world.put({**observation("per", value=99), "id": "w-race"})
        return plan

    monkeypatch.setattr(patients.moving, "consider", slow)
    before = await world.pool.fetchval("SELECT count(*) FROM store.current")
    with pytest.raises(VersionMoved):
        await patients.move(world.door, await world.permit("nurse"), "Observation/w-race", "pal", WHY)
    assert await world.pool.fetchval("SELECT count(*) FROM store.current") == before


async def test_moved_back_it_is_a_third_one(world: World) -> None:
    await world.put({**observation("per"), "id": "w-back"})
    nurse = await world.permit("nurse")
    there = await patients.move(world.door, nurse, "Observation/w-back", "pal", WHY)
    back = await patients.move(world.door, nurse, there.reference, "per", "Det var riktig likevel, beklager")
    assert back.resource()["subject"] == {"reference": "Patient/per"}
    assert (await read(world.door, nurse, "Observation", there.id)).resource()["status"] == "entered-in-error"
    await change(world.door, world.system, [Change.delete("Observation", back.id)])


async def test_what_is_sensitive_stays_with_its_unit(world: World) -> None:
    """A sensitive resource that names no unit would be the mover's unit's, who may have read it by a reason."""
    label = {"meta": {"security": [{"system": ACT_CODE, "code": "PSY"}]}}
    unnamed = {**observation("per"), **label, "id": "w-sensitive"}
    named = {**unnamed, "id": "w-of-psychiatry", "performer": [{"reference": "Organization/ward"}]}
    await world.put(unnamed, named)
    doctor = await world.permit("doctor")
    await state_reason(world.door, doctor, "per", "Skal rette det som står i feil journal")
    with pytest.raises(Unprocessable, match="names no unit"):
        await patients.consider(world.door, doctor, "Observation/w-sensitive", "pal")
    assert (await patients.consider(world.door, doctor, "Observation/w-of-psychiatry", "pal")).to.id == "pal"
