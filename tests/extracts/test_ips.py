"""The International Patient Summary of a record. samjournal.extracts.ips"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from extracts.ips_rules import broken
from samjournal.extracts import summary
from samjournal.fhir.reserved import ACT_CODE
from world import Resource, World, made, observation, patient, to

pytestmark = pytest.mark.anyio
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]
KARI = to("Patient/kari")


def concept(text: str) -> Resource:
    return {"text": text}


def problem(id_: str, text: str, status: str = "active", **more: Any) -> Resource:
    state = {"coding": [{"system": CLINICAL, "code": status}]}
    return made("Condition", id_, code=concept(text), clinicalStatus=state, subject=KARI, **more)


@pytest.fixture(scope="module")
async def told(world: World) -> World:
    await world.put(
        made("Practitioner", "lab-doctor", name=[{"family": "Ås"}]),
        problem("now", "Hjertesvikt", recorder=to("Practitioner/lab-doctor"), encounter=to("Encounter/kari-stay")),
        problem("then", "Lungebetennelse", "resolved"),
        made("Condition", "slip", code=concept("Feil pasient"), subject=KARI,
             verificationStatus={"coding": [{"system": VERIFIED, "code": "entered-in-error"}]}),
        made("MedicationRequest", "uses", status="active", intent="order", subject=KARI,
             medicationReference={"display": "Metoprolol depot"}, dosageInstruction=[{"text": "50 mg × 1"}]),
        made("MedicationRequest", "used", status="stopped", intent="order", subject=KARI,
             medicationCodeableConcept=concept("Ibuprofen")),
        made("Immunization", "flu", status="completed", patient=KARI, vaccineCode=concept("Influensa"),
             occurrenceDateTime="2026-10-10", performer=[{"actor": to("Organization/ward")}]),
        made("Immunization", "refused", status="not-done", patient=KARI, vaccineCode=concept("Korona"),
             occurrenceDateTime="2026-10-10"),
        made("Procedure", "hip", status="completed", subject=KARI, code=concept("Hofteprotese")),
        made("CarePlan", "plan", status="active", intent="plan", subject=KARI, title="Trening <hver dag>"),
        {**observation("kari", code="718-7", at="2026-11-01T08:00:00Z"), "id": "hb-old", "category": LAB},
        {**observation("kari", code="718-7", at="2026-11-20T08:00:00Z"), "id": "hb", "category": LAB},
        made("Observation", "undated", status="final", category=LAB, code=concept("Prøve uten dato"), subject=KARI,
             valueString="Negativ"),
        patient("nobody", "Tom"),
    )  # fmt: skip
    return world


async def made_by(world: World, id_: str = "kari", *, login: str | None = None, language: str = "nb") -> Resource:
    permit = await world.permit(login) if login else world.system
    bundle: Resource = msgspec.json.decode(
        await summary(world.door, permit, id_, base="http://test/fhir", language=language)
    )
    return bundle


def section(bundle: Resource, code: str) -> Resource:
    composition = bundle["entry"][0]["resource"]
    return next(one for one in composition["section"] if one["code"]["coding"][0]["code"] == code)


def named(bundle: Resource, code: str) -> list[str]:
    return [one["reference"] for one in section(bundle, code).get("entry", ())]


async def test_it_is_a_document_by_the_rules_of_the_ips_in_each_language(told: World) -> None:
    for language in ("nb", "nn", "en"):
        for id_ in ("kari", "nobody"):
            assert broken(await made_by(told, id_, language=language)) == []


async def test_each_section_has_what_belongs_there_and_nothing_that_is_over_or_wrong(told: World) -> None:
    bundle = await made_by(told)
    assert named(bundle, "11450-4") == ["Condition/now"]
    assert named(bundle, "11348-0") == ["Condition/then"]
    assert named(bundle, "10160-0") == ["MedicationRequest/uses"]
    assert named(bundle, "11369-6") == ["Immunization/flu"]
    assert named(bundle, "47519-4") == ["Procedure/hip"]
    assert named(bundle, "18776-5") == ["CarePlan/plan"]
    assert named(bundle, "30954-2") == ["Observation/hb", "Observation/undated"]
    assert "Feil pasient" not in str(bundle)


async def test_what_somebody_wrote_is_never_markup(told: World) -> None:
    assert "Trening &lt;hver dag&gt;" in section(await made_by(told), "18776-5")["text"]["div"]


async def test_who_is_named_comes_along_and_what_does_not_come_is_a_name_alone(told: World) -> None:
    bundle = await made_by(told)
    resources = {
        f"{one['resource']['resourceType']}/{one['resource']['id']}": one["resource"] for one in bundle["entry"]
    }
    assert resources["Condition/now"]["recorder"] == to("Practitioner/lab-doctor")
    assert "Practitioner/lab-doctor" in resources
    assert resources["Condition/now"]["encounter"] == {"display": "Encounter"}


async def test_numbers_keep_their_digits(told: World) -> None:
    exact = (
        b'{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"Eksakt"},"subject":{"reference":"Patient/kari"},"effectiveDateTime":"2026-11-20","category":%b,"valueQuantity":{"value":1.00}}'
        % msgspec.json.encode(LAB)
    )
    async with await told.client() as client:
        assert (await client.put("/Observation/exact", content=exact)).status_code == 201
    assert b'"value":1.00}' in await summary(told.door, told.system, "kari", base="http://test/fhir")


async def test_what_is_held_back_from_the_citizen_is_not_in_his_summary(told: World) -> None:
    await told.put(problem("secret", "Holdt tilbake", meta={"security": [{"system": ACT_CODE, "code": "NOPAT"}]}))
    assert "Holdt tilbake" in str(await made_by(told, login="doctor"))
    assert "Holdt tilbake" not in str(await made_by(told, login="kari"))


async def test_a_merged_person_is_one_patient_in_it(told: World) -> None:
    one, other = patient("one", "Sammen"), patient("other", "Sammen")
    await told.put(
        {**one, "link": [{"other": to("Patient/other"), "type": "replaces"}]},
        {**other, "active": False, "link": [{"other": to("Patient/one"), "type": "replaced-by"}]},
        made("Condition", "under-other", code=concept("Gikt"), subject=to("Patient/other")),
    )
    bundle = await made_by(told, "one")
    assert broken(bundle) == []
    assert named(bundle, "11450-4") == ["Condition/under-other"]
    assert "Patient/other" not in str(bundle["entry"][:3])


async def test_a_protected_address_is_not_in_the_summary_of_staff_and_it_is_sound(told: World) -> None:
    elias, elsewhere = to("Patient/elias"), to("Organization/homecare")
    await told.put(
        made("Immunization", "elias-flu", status="completed", patient=elias, occurrenceDateTime="2026-10-10",
             vaccineCode=concept("Influensa"), performer=[{"actor": elsewhere}]),
        {**observation("elias", code="718-7"), "id": "elias-hb", "category": LAB, "performer": [elsewhere]},
    )  # fmt: skip
    bundle = await made_by(told, "elias", login="doctor")
    assert broken(bundle) == []
    assert not [words for words in ("Hemmelig", "Skjult vei", "99999999", "Homecare") if words in str(bundle)]
    assert "Hemmelig" in str(await made_by(told, "elias", login="elias"))
