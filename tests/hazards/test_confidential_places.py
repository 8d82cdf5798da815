"""Hazard: where somebody with a confidential address lives is told by what else the record names: the municipality's
unit, the GP's office, a receiver, a place. README section 5 (code 6 and 7) and section 7 number 8.

Elias has a confidential address, and a chart that names units and people of Fjellbygda wherever R4 lets it. Staff of
the hospital, in every role, and systems with scopes, must meet that name nowhere.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from samjournal.accounts import Account, RoleAt, add
from samjournal.fhir import parameters
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.protection import BETRAYING
from samjournal.record import compare_projections, explain
from world import ACT, CONFIDENTIALITY, Resource, World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio
SECRET = re.compile(r"fjellbygd|hemmelig|skjult|\b7777\b|\b99999999\b", re.IGNORECASE)
READERS = ("nurse", "doctor", "secretary")
UNIT = "Organization/fjellbygda-homecare"
OFFICE = "Organization/fjellbygda-office"
PLACE = "Location/fjellbygda-home"
SERVICE = "HealthcareService/fjellbygda-service"
DOCTOR = "Practitioner/fjellbygda-doctor"
POST = "PractitionerRole/fjellbygda-post"
ALL = (UNIT, OFFICE, PLACE, SERVICE, DOCTOR, POST)
HERE = "Organization/ward"


def named(reference: str) -> Resource:
    return {"reference": reference, "display": f"Fjellbygda {reference.partition('/')[0]}"}


def registers() -> list[Resource]:
    """Fjellbygda, its units, its doctor; and the posts of the hospital's own people."""
    return [
        made("Organization", "fjellbygda", name="Fjellbygda kommune"),
        made("Organization", "fjellbygda-homecare", name="Fjellbygda hjemmetjeneste",
             partOf=to("Organization/fjellbygda"), identifier=[{"system": "urn:fjellbygda", "value": "77"}]),
        made("Organization", "fjellbygda-office", name="Fjellbygda legesenter"),
        made("Location", "fjellbygda-home", name="Fjellbygda bosted", managingOrganization=to(UNIT)),
        made("HealthcareService", "fjellbygda-service", name="Fjellbygda", providedBy=to(UNIT)),
        made("Practitioner", "fjellbygda-doctor", name=[{"family": "Fjellbygd"}]),
        made("PractitionerRole", "fjellbygda-post", practitioner=to(DOCTOR), organization=to(OFFICE)),
        made("Practitioner", "doctor", name=[{"family": "Sykehuslege"}]),
        made("PractitionerRole", "doctor-role", practitioner=to("Practitioner/doctor"), organization=to(HERE)),
    ]  # fmt: skip


def chart(id_: str) -> list[Resource]:
    """What the record of somebody names of Fjellbygda, and of the hospital."""
    whose = to(f"Patient/{id_}")
    agent = {"actor": named(UNIT)}
    contained = [made("Organization", "o", name="Fjellbygda annet kontor"), made("Device", "d")]
    address = {"url": "http://x/place", "valueAddress": {"line": ["Fjellbygdvegen 9"], "city": "Fjellbygda"}}
    place = {"url": "http://x/unit", "valueReference": named(UNIT)}
    return [
        {**stay(f"{id_}-home-visit", id_, unit="fjellbygda-homecare"), "class": {"system": ACT, "code": "HH"},
         "status": "in-progress", "serviceProvider": named(UNIT), "location": [{"location": named(PLACE)}],
         "participant": [{"individual": named(DOCTOR)}, {"individual": to("Practitioner/doctor")}],
         "hospitalization": {"origin": named(PLACE), "destination": named(UNIT)},
         "extension": [address, place], "meta": {"source": UNIT},
         "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Besøk i Fjellbygda</div>'}},
        made("ServiceRequest", f"{id_}-referral", status="active", intent="order", subject=whose, requester=named(POST),
             performer=[named(UNIT), to(HERE)], locationReference=[named(PLACE)],
             code={"coding": [{"system": "urn:c", "code": "1", "display": "Vurdering"}]},
             supportingInfo=[{"display": "Brev fra Fjellbygda"}, {"identifier": {"value": "7777"}}]),
        made("Appointment", f"{id_}-appointment", status="booked", start="2026-11-20T10:00:00Z",
             end="2026-11-20T10:30:00Z", slot=[named("Slot/fjellbygda-slot")],
             participant=[{"actor": whose, "status": "accepted"}, {"actor": named(SERVICE), "status": "accepted"},
                          {"actor": named(PLACE), "status": "accepted"}]),
        made("Task", f"{id_}-task", status="requested", intent="order", owner=named(UNIT), requester=named(DOCTOR),
             location=named(PLACE), **{"for": whose}),
        made("Communication", f"{id_}-message", status="completed", subject=whose, sender=named(DOCTOR),
             recipient=[named(UNIT), named(SERVICE), to(HERE)]),
        made("EpisodeOfCare", f"{id_}-homecare", status="active", patient=whose, managingOrganization=named(UNIT),
             careManager=named(DOCTOR), period={"start": "2020-01-01"}),
        made("CareTeam", f"{id_}-team", status="active", subject=whose, managingOrganization=[named(UNIT)],
             participant=[{"member": named(POST)}, {"member": named(UNIT)}]),
        {**observation(id_), "id": f"{id_}-pulse", "performer": [named(DOCTOR), to("Practitioner/doctor")],
         "valueQuantity": {"value": 72.5}, "contained": contained, "device": to("#d"), "encounter":
         to(f"Encounter/{id_}-home-visit")},
        made("Observation", f"{id_}-contained", status="final", subject=whose, code={"text": "puls"},
             performer=[to("#o")], contained=contained[:1]),
        made("Condition", f"{id_}-illness", subject=whose, recorder=named(DOCTOR), code={"text": "epilepsi"}),
        made("Composition", f"{id_}-note", status="final", type={"text": "notat"}, subject=whose, date="2026-11-01",
             author=[named(DOCTOR)], custodian=named(OFFICE), title="Notat",
             section=[{"title": "Vurdering", "author": [named(POST)]}]),
        made("MedicationRequest", f"{id_}-medicine", status="active", intent="order", subject=whose,
             requester=named(DOCTOR), medicationCodeableConcept={"text": "lamotrigin"},
             dispenseRequest={"performer": named(OFFICE)}),
        made("DocumentReference", f"{id_}-letter", status="current", subject=whose, custodian=named(OFFICE),
             author=[named(POST)], content=[{"attachment": {"title": "Brev"}}], context={"related": [named(UNIT)]}),
        made("Procedure", f"{id_}-procedure", status="completed", subject=whose, performer=[agent],
             location=named(PLACE)),
        made("Immunization", f"{id_}-vaccine", status="completed", patient=whose, vaccineCode={"text": "MMR"},
             occurrenceDateTime="2020-01-01", location=named(PLACE), performer=[agent]),
        made("DiagnosticReport", f"{id_}-report", status="final", subject=whose, code={"text": "svar"},
             performer=[named(OFFICE)], resultsInterpreter=[named(DOCTOR)]),
        made("CarePlan", f"{id_}-plan", status="active", intent="plan", subject=whose, author=named(DOCTOR),
             contributor=[named(UNIT)]),
        made("Flag", f"{id_}-flag", status="active", subject=whose, author=named(UNIT),
             code={"text": "varsel", "coding": [{"system": "urn:oid:2.16.578.1.12.4.1.1.3402", "code": "7777"}]}),
        made("RelatedPerson", f"{id_}-mother", patient=whose, name=[{"family": "Mor"}],
             address=[{"line": ["Fjellbygdvegen 9"], "city": "Fjellbygda"}],
             telecom=[{"system": "phone", "value": "99999999"}]),
        made("QuestionnaireResponse", f"{id_}-answers", status="completed", subject=whose, author=named(DOCTOR)),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def hidden(world: World) -> World:
    nurse = RoleAt("home-nurse", "fjellbygda-homecare", "fjellnurse-role", "Fjellbygda")
    officer = RoleAt("privacy-officer", "hospital", "officer-role", "Hospital")
    async with world.pool.transaction() as db:
        people = [
            Account("fjellnurse", "Fjellnurse", "staff", (nurse,), practitioner_id="fjellnurse"),
            Account("officer", "Officer", "staff", (officer,), practitioner_id="officer"),
        ]
        await add(db, people)
    secret = {**patient("elias", "Moe"), "meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
    secret |= {"address": [{"line": ["Skjult vei 1"], "city": "Fjellbygda", "postalCode": "7777"}],
               "identifier": [{"system": "HNR", "value": "1", "assigner": named(UNIT)}],
               "extension": [{"url": "http://x/area", "valueCoding": {
                   "system": "urn:oid:2.16.578.1.12.4.1.1.3402", "code": "7777"}}],
               "generalPractitioner": [named(POST)], "managingOrganization": named(OFFICE)}  # fmt: skip
    await world.put(*registers(), secret, *chart("elias"), *chart("kari"))
    return world


TYPES = sorted({one["resourceType"] for one in chart("x")})
CHART = [(one["resourceType"], one["id"]) for one in chart("elias")]


def entries(answer: Any) -> list[Resource]:
    if "xml" in answer.headers["content-type"]:
        return []
    return [entry["resource"] for entry in answer.json().get("entry", ()) if "resource" in entry]


async def test_the_chart_tells_the_secret_to_whom_it_may(hidden: World) -> None:
    """Else the tests below could not fail."""
    for client in (await hidden.client(), await hidden.client("elias")):
        async with client:
            for type_ in ("Encounter", "Composition"):
                assert SECRET.search((await client.get(f"/{type_}?patient=elias")).text)


@pytest.mark.parametrize("tail", ["", "/_history", "/_history/1", "?_format=xml", "?_summary=true", "?_pretty=true"])
async def test_no_resource_in_any_shape_tells_it(hidden: World, tail: str) -> None:
    for reader in (*READERS, None):
        async with await hidden.client(reader, scope=None if reader else "system/*.cruds") as client:
            for type_, id_ in [*CHART, ("Patient", "elias")]:
                answer = await client.get(f"/{type_}/{id_}{tail}")
                assert answer.status_code == 200, (reader, type_, answer.text)
                assert not SECRET.search(answer.text.replace(f"/{type_}/{id_}", "")), (reader, type_, answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "Patient/elias/$everything",
        "Patient/elias/$everything?_count=3",
        "Encounter/elias-home-visit/$everything",
        "Patient/elias/_history",
        "_history?_count=500",
        "Patient?_id=elias&_include=*&_revinclude=*",
        "Encounter?patient=elias&_include=*&_include:iterate=*",
        "Observation?patient=elias&_include=Observation:performer",
        "Observation/$lastn?patient=elias&max=3",
        "?_type=Encounter,Task,Communication&_count=100",
        "Patient/elias/*",
        "Patient/elias/Encounter",
        "Encounter?patient=elias&_elements=serviceProvider,location,participant,extension",
        "Observation?patient=elias&_contained=both",
        "Encounter?patient=elias&_format=xml",
    ],
)
async def test_no_list_tells_it(hidden: World, path: str) -> None:
    for reader in READERS:
        async with await hidden.client(reader) as client:
            answer = await client.get(f"/{path}")
            assert answer.status_code in (200, 400), (reader, path, answer.text)
            told = [one for one in entries(answer) if "kari" not in str(one) and SECRET.search(str(one))]
            if path.startswith("_history"):  # Registers are for all, as long as nobody is brought together with them.
                told = [one for one in told if one["resourceType"] not in BETRAYING]
            assert not told, (reader, path, told)
            if "xml" in path or "elias/" in path:
                assert not SECRET.search(answer.text), (reader, path)


def reference_searches() -> list[tuple[str, str]]:
    """Every reference parameter of every type in the chart, with all that it may be asked for."""
    found = []
    for type_ in TYPES:
        for code, one in parameters.for_type(type_).items():
            if one.type != "reference" or code in ("patient", "subject"):
                continue
            for reference in ALL:
                target = reference.partition("/")[0]
                if target not in one.targets:
                    continue
                bare = reference.partition("/")[2]
                found += [
                    (type_, f"{code}={reference}"),
                    (type_, f"{code}={bare}"),
                    (type_, f"{code}:{target}={bare}"),
                    (type_, f"{code}:text=Fjellbygda"),
                    (type_, f"{code}:identifier=7777"),
                    (type_, f"_filter={code} eq {reference}"),
                    (type_, f"{code}:{target}.name=Fjellbygd"),
                    (type_, f"{code}={reference},{HERE}"),
                ]
    return list(dict.fromkeys(found))


SEARCHES = reference_searches()


async def test_no_search_by_place_or_person_finds_it(hidden: World) -> None:
    assert len(SEARCHES) > 300
    async with await hidden.client("nurse") as client, await hidden.client() as system:
        found = 0
        for type_, asked in SEARCHES:
            answer = await client.get(f"/{type_}?{asked}&_count=100")
            if answer.status_code != 200:
                assert answer.status_code in (400, 403), (type_, asked, answer.text)
                continue
            ids = [one["id"] for one in entries(answer) if one["resourceType"] != "OperationOutcome"]
            wrong = [one for one in ids if one.startswith("elias")]
            if "," in asked:
                wrong = [one for one in wrong if one not in ("elias-referral", "elias-message", "elias-stay")]
            assert not wrong, (type_, asked)
            assert answer.json().get("total", 0) == len(ids), (type_, asked)
            found += len((await system.get(f"/{type_}?{asked}")).json().get("entry", ())) if found < 10 else 0
        assert found >= 10, "the very searches find it for whom it may be told"


@pytest.mark.parametrize(
    "path",
    [
        f"Organization?_has:Encounter:service-provider:patient=elias&_id={UNIT.partition('/')[2]}",
        "Organization?_has:Encounter:service-provider:subject=Patient/elias",
        "Organization?_has:EpisodeOfCare:organization:patient=elias",
        "Location?_has:Encounter:location:patient=elias",
        "Practitioner?_has:Observation:performer:patient=elias",
        "Practitioner?_has:Composition:author:patient=elias",
        "Practitioner?_has:Composition:author:_id=elias-note",
        "PractitionerRole?_has:ServiceRequest:requester:patient=elias",
        "HealthcareService?_has:Appointment:actor:patient=elias",
        "Organization?_has:Patient:organization:_id=elias",
        "PractitionerRole?_has:Patient:general-practitioner:_id=elias",
    ],
)
async def test_no_unit_is_found_by_who_is_there(hidden: World, path: str) -> None:
    async with await hidden.client("nurse") as client, await hidden.client() as system:
        assert not [one for one in entries(await client.get(f"/{path}")) if SECRET.search(str(one))]
        assert [one for one in entries(await system.get(f"/{path}")) if SECRET.search(str(one))], path


@pytest.mark.parametrize(
    "path",
    [
        "Organization?_id=fjellbygda-homecare&_revinclude=Encounter:service-provider",
        "Organization?_id=fjellbygda-homecare&_revinclude=*",
        "Practitioner?_id=fjellbygda-doctor&_revinclude=Composition:author&_revinclude=Observation:performer",
        "Location?_id=fjellbygda-home&_revinclude=Encounter:location",
        "Practitioner/fjellbygda-doctor/Observation",
        "Practitioner/fjellbygda-doctor/Composition",
        "Encounter?_source=Organization/fjellbygda-homecare",
        "Encounter?_text=Fjellbygda",
        "Encounter?_content=Fjellbygda",
        "RelatedPerson?address-city=Fjellbygda",
        f"Patient?_has:Encounter:patient:service-provider={UNIT}",
        "Patient?_has:Encounter:patient:service-provider.name=Fjellbygda",
        f"Patient?_has:EpisodeOfCare:patient:organization={UNIT}",
        f"Patient?_has:Task:patient:owner={UNIT}",
        f"Observation?encounter.service-provider={UNIT}",
        f"Observation?subject._has:Task:patient:owner={UNIT}",
        "Patient?general-practitioner.practitioner.family=Fjellbygd",
        f"Patient?organization={OFFICE}",
        "Encounter?location.name=Fjellbygda",
        "Encounter?participant:Practitioner.family=Fjellbygd",
        "Encounter?participant.name=Fjellbygd",
        "RelatedPerson?phone=99999999",
        "Organization?name=Fjellbygda&_contained=true",
        "Organization?name=Fjellbygda&_contained=both",
    ],
)
async def test_nobody_is_found_by_the_unit(hidden: World, path: str) -> None:
    for reader in ("nurse", None):
        async with await hidden.client(reader, scope=None if reader else "system/*.cruds") as client:
            answer = await client.get(f"/{path}")
            assert answer.status_code in (200, 400), answer.text
            assert not [one for one in entries(answer) if "elias" in one.get("id", "")], path
    async with await hidden.client() as client:
        answer = await client.get(f"/{path}")
        assert answer.status_code == 200
        assert [one for one in entries(answer) if "elias" in str(one)], "and it is found by whom it may be told"


async def test_no_order_tells_it(hidden: World) -> None:
    async with await hidden.client("nurse") as client:
        for asked in ("Encounter?_sort=service-provider", "Encounter?_sort=-service-provider", "Task?_sort=owner"):
            ids = [one["id"] for one in entries(await client.get(f"/{asked}&_count=100"))]
            assert ids[-1].startswith("elias"), "what has no order comes last"


async def test_the_hospitals_own_stay_visible_and_are_found(hidden: World) -> None:
    async with await hidden.client("nurse") as client:
        referral = (await client.get("/ServiceRequest/elias-referral")).json()
        assert [one.get("reference") for one in referral["performer"]] == [None, HERE]
        assert referral["meta"]["security"][-1]["code"] == "REDACTED"
        visit = (await client.get("/Encounter/elias-home-visit")).json()
        assert visit["participant"][1]["individual"]["reference"] == "Practitioner/doctor"
        for path in (f"ServiceRequest?performer={HERE}", "Encounter?service-provider=ward",
                     "Encounter?service-provider.name=Ward", f"Encounter?service-provider={HERE},{UNIT}"):  # fmt: skip
            assert [one for one in entries(await client.get(f"/{path}")) if one["id"].startswith("elias")], path
        stay_ = (await client.get("/Encounter/elias-stay")).json()
        assert "REDACTED" not in str(stay_), "what names the own hospital alone is as it lies"


async def test_numbers_stay_as_they_are_written(hidden: World) -> None:
    async with await hidden.client("nurse") as client:
        assert '"value":72.5' in (await client.get("/Observation/elias-pulse")).text


async def test_the_unit_that_cares_for_him_sees_its_own(hidden: World) -> None:
    async with await hidden.client("fjellnurse") as client:
        visit = (await client.get("/Encounter/elias-home-visit")).json()
        assert visit["serviceProvider"]["reference"] == UNIT
        assert "reference" not in visit["participant"][1]["individual"], "the hospital's doctor is not theirs"
        found = entries(await client.get(f"/Encounter?service-provider={UNIT}"))
        assert "elias-home-visit" in {one["id"] for one in found}


async def test_others_are_named_as_before(hidden: World) -> None:
    async with await hidden.client("nurse") as client:
        assert "Fjellbygda" in (await client.get("/Encounter/kari-home-visit")).text
        found = entries(await client.get(f"/Encounter?service-provider={UNIT}"))
        assert [one["id"] for one in found] == ["kari-home-visit"]


async def test_who_cannot_see_it_cannot_take_it_away_nor_guess_it(hidden: World) -> None:
    async with await hidden.client("nurse") as client:
        seen = (await client.get("/Encounter/elias-home-visit")).json()
        assert (await client.put("/Encounter/elias-home-visit", json=seen)).status_code == 403
        for value in (UNIT, HERE):
            patch = [{"op": "test", "path": "/serviceProvider/reference", "value": value}]
            answer = await client.patch(
                "/Encounter/elias-home-visit", json=patch, headers={"content-type": "application/json-patch+json"}
            )
            assert answer.status_code == 403
        own = (await client.get("/Encounter/elias-stay")).json()
        assert (await client.put("/Encounter/elias-stay", json=own)).status_code == 200
    async with await hidden.client() as client:
        assert "Fjellbygda" in (await client.get("/Encounter/elias-home-visit")).text


async def test_what_refers_to_a_unit_is_not_told_when_it_is_deleted(hidden: World) -> None:
    async with await hidden.client(scope="system/*.cruds") as client:
        answer = await client.delete("/Practitioner/fjellbygda-doctor")
        assert answer.status_code == 409
        assert "elias" not in answer.text


async def test_a_label_that_comes_later_or_goes_rules_at_once(hidden: World) -> None:
    await hidden.put(stay("ola-stay", "ola"), *chart("ola"))
    async with await hidden.client("nurse") as client:
        for labelled in (False, True, False):
            label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}} if labelled else {}
            await hidden.put({**patient("ola", "Nordmann"), **label})
            for path in ("Task/ola-task", "Task/ola-task/_history/1", "Patient/ola/$everything"):
                assert bool(SECRET.search((await client.get(f"/{path}")).text)) is not labelled, (path, labelled)
            found = [one["id"] for one in entries(await client.get(f"/Task?owner={UNIT}"))]
            assert ("ola-task" in found) is not labelled


async def test_all_ids_of_a_person_are_hidden(hidden: World) -> None:
    await hidden.put({**patient("elias-d", "Moe"), "link": [{"other": to("Patient/elias"), "type": "replaced-by"}]})
    await hidden.put(*chart("elias-d"))
    await hidden.door.persons.refresh(hidden.pool)
    async with await hidden.client("nurse") as client:
        assert not SECRET.search((await client.get("/Task/elias-d-task")).text)
    async with await hidden.client() as client:
        await client.delete("/Patient/elias-d?_force=true")


async def test_who_oversees_hears_of_his_own_organisation_alone(hidden: World) -> None:
    officer = await hidden.permit("officer")
    for login, told in (("nurse", True), ("fjellnurse", False)):
        reader = await hidden.permit(login)
        if told:
            assert (await explain(hidden.door, officer, "elias", reader=reader)).opens
        else:
            with pytest.raises(Forbidden):
                await explain(hidden.door, officer, "elias", reader=reader)
        assert (await explain(hidden.door, officer, "kari", reader=reader)) is not None


async def test_doctor_finds_posts_that_are_not_kept(hidden: World) -> None:
    await hidden.pool.execute("DELETE FROM access.post")
    drifts = {drift.type: drift async for drift in compare_projections(hidden.door, hidden.system, rebuild=True)}
    assert drifts["PractitionerRole"].differing == 2
