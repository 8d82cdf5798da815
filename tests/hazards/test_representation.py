"""Hazard: somebody acts for another who may not, may not any longer, or sees more than was meant for him.

pasient- og brukerrettighetsloven sections 3-4 and 4-4; requirement 3.4. A parent loses a child's record on
the day it is 16.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from samjournal import access, accounts
from samjournal.access import representing as rules
from samjournal.access.representing import OSLO
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, NotRepresenting, Unprocessable
from samjournal.fhir.keys import patient_key
from samjournal.record import (
    agree_to_login,
    block,
    compare_projections,
    give,
    log_for_patient,
    may_act_for,
    own_blocks,
    register_power,
    who_acts,
    withdraw,
)
from world import CONFIDENTIALITY, FNR, Resource, World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio
HOME = [{"use": "home", "line": ["Tunvegen 7B"], "postalCode": "7715"}]
AWAY = [{"use": "home", "line": ["Sjøgata 2"], "postalCode": "7725"}]
LABEL = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
NUMBERS = {"mina": "21839348420", "jon": "13859298346", "per": "01877298420"}
REASON = "Demens, forstår ikke hva et samtykke er"


def years_ago(years: int, *, days: int = 0) -> str:
    """The birth date of who turns so many years today in Oslo, or that many days later."""
    today = datetime.now(OSLO).date() + timedelta(days=days)
    if (today.month, today.day) == (2, 29) and years % 4:
        today += timedelta(days=1)
    return date(today.year - years, today.month, today.day).isoformat()


def citizen(id_: str, *, born: str = "1985-01-01", address: Any = HOME, **more: Any) -> Resource:
    return {**patient(id_, id_.title(), number=NUMBERS.get(id_)), "birthDate": born, "address": address, **more}


def parent(id_: str, *, child: str = "odin", responsible: str = "felles", **more: Any) -> Resource:
    """The register says that somebody is a child's parent."""
    codes = (("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "FTH" if id_ == "jon" else "MTH"),)
    codes = (*codes, (rules.RESPONSIBILITY, responsible))
    coded = [{"coding": [{"system": system, "code": code}]} for system, code in codes]
    number = [{"system": FNR, "value": NUMBERS[id_]}]
    return made("RelatedPerson", f"{id_}-of-{child}", patient=to(f"Patient/{child}"), relationship=coded) | {
        "identifier": number,
        **more,
    }


def labelled(resource: Resource, code: str, system: str = LABEL) -> Resource:
    return {**resource, "meta": {"security": [{"system": system, "code": code}]}}


@pytest.fixture(scope="module")
async def family(world: World) -> World:
    role = (RoleAt("citizen", "", "citizen", ""),)
    people = [Account(id_, id_.title(), "citizen", role, patient_id=id_) for id_ in ("mina", "jon", "per", "odin")]
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    vaccine = made(
        "Immunization",
        "odin-vaccine",
        status="completed",
        vaccineCode={"text": "MMR"},
        patient=to("Patient/odin"),
        occurrenceDateTime="2024-01-01",
        encounter=to("Encounter/odin-stay"),
    )
    await world.put(
        made("Practitioner", "doctor", identifier=[{"system": FNR, "value": NUMBERS["per"]}]),
        {**observation("odin"), "id": "odin-pulse", "encounter": to("Encounter/odin-stay")},
        stay("odin-stay", "odin"),
        vaccine,
        labelled({**vaccine, "id": "odin-secret-vaccine"}, "PRS"),
        labelled({**vaccine, "id": "odin-hidden-vaccine"}, "NOPAT"),
        labelled({**observation("odin"), "id": "odin-kept"}, "PHY"),
        {**observation("kari"), "id": "kari-pulse", "encounter": to("Encounter/kari-stay")},
        made("Condition", "kari-illness", subject=to("Patient/kari"), code={"text": "gikt"},
             encounter=to("Encounter/kari-stay")),
        made("DocumentReference", "kari-form", status="current", subject=to("Patient/kari"),
             content=[{"attachment": {"title": "skjema"}}]),
        {**vaccine, "id": "kari-vaccine", "patient": to("Patient/kari"), "encounter": to("Encounter/kari-stay")},
    )  # fmt: skip
    return world


@pytest.fixture(autouse=True)
async def as_it_was(family: World) -> None:
    """Everybody is alive, at home and seen; nobody has given anything."""
    async with await family.client() as client:
        for type_ in ("Consent", "RelatedPerson"):
            for entry in (await client.get(f"/{type_}?_count=200")).json().get("entry", ()):
                await client.delete(f"/{type_}/{entry['resource']['id']}")
    await family.put(
        citizen("mina"),
        citizen("jon", address=AWAY),
        citizen("per", address=AWAY),
        citizen("odin", born=years_ago(7)),
        patient("kari", "Nordmann", number="11834826226"),
        parent("mina"),
        parent("jon"),
    )
    await family.as_owner("DELETE FROM access.review")


async def status(world: World, login: str, path: str, *, acts_for: str) -> int:
    async with await world.client(login, acts_for=acts_for) as client:
        return (await client.get(f"/{path}")).status_code


async def level(world: World, login: str, patient_id: str) -> str | None:
    try:
        permit = await world.permit(login, acts_for=patient_id)
    except NotRepresenting:
        return None
    assert permit.represents is not None
    return permit.represents.level.code


async def power(world: World, level: str = "read-only", **more: Any) -> str:
    """Kari gives Per a power; the Consent."""
    kari = await world.permit("kari")
    return (await give(world.door, kari, NUMBERS["per"], "per", level=level, **more)).reference


# Parents.


@pytest.mark.parametrize(
    ("born", "held"),
    [
        (years_ago(12, days=1), "child"),
        (years_ago(12), "youth"),
        (years_ago(12, days=-1), "youth"),
        (years_ago(16, days=1), "youth"),
        (years_ago(16), None),
        (years_ago(16, days=-1), None),
        (years_ago(0), "child"),
    ],
)
async def test_parents_lose_the_record_on_the_very_day(family: World, born: str, held: str | None) -> None:
    await family.put(citizen("odin", born=born))
    assert await level(family, "mina", "odin") == held
    assert await status(family, "mina", "Patient/odin", acts_for="odin") == (200 if held else 403)
    assert await status(family, "mina", "Observation/odin-pulse", acts_for="odin") == {
        "child": 200, "youth": 403, None: 403}[held]  # fmt: skip
    seen = 200 if held else 403
    assert await status(family, "mina", "Immunization/odin-vaccine", acts_for="odin") == seen
    assert [one.id for one in await may_act_for(family.door, await family.permit("mina"))] == (["odin"] if held else [])


async def test_a_parent_reads_the_child_and_not_at_the_same_time_oneself(family: World) -> None:
    assert await status(family, "mina", "Patient/odin", acts_for="odin") == 200
    for path in ("Patient/mina", "Patient/kari", "Observation/kari-pulse"):
        assert await status(family, "mina", path, acts_for="odin") == 404
    async with await family.client("mina") as client:
        assert (await client.get("/Patient/odin")).status_code == 404
        assert (await client.get("/Observation?patient=odin")).json()["total"] == 0


@pytest.mark.parametrize(
    ("mother", "father", "held"),
    [(HOME, HOME, True), (HOME, AWAY, True), (AWAY, AWAY, False), ([{"city": "Steinkjer"}], AWAY, False)],
)
async def test_none_gets_access_where_no_parent_lives_with_the_child(
    family: World, mother: Any, father: Any, held: bool
) -> None:
    await family.put(citizen("mina", address=mother), citizen("jon", address=father))
    for login in ("mina", "jon"):
        assert (await level(family, login, "odin")) == ("child" if held else None)


async def test_who_has_no_responsibility_is_not_let_in_though_he_is_the_father(family: World) -> None:
    await family.put(parent("jon", responsible="mor"))
    assert (await level(family, "jon", "odin"), await level(family, "mina", "odin")) == (None, "child")
    await family.put(parent("mina", period={"end": "2020-01-01"}))
    assert await level(family, "mina", "odin") is None


@pytest.mark.parametrize("code", ["R", "V"])
async def test_a_confidential_address_neither_represents_nor_is_represented(family: World, code: str) -> None:
    await power(family)
    await family.put(labelled(citizen("mina"), code, CONFIDENTIALITY))
    assert (await level(family, "mina", "odin"), await level(family, "jon", "odin")) == (None, None)
    await family.put(citizen("mina"), labelled(citizen("odin", born=years_ago(7)), code, CONFIDENTIALITY))
    assert (await level(family, "mina", "odin"), await level(family, "jon", "odin")) == (None, None)
    assert await level(family, "per", "kari") == "read-only"
    await family.put(labelled(citizen("per"), code, CONFIDENTIALITY))
    assert await level(family, "per", "kari") is None
    with pytest.raises(Unprocessable) as told:
        await power(family)
    with pytest.raises(Unprocessable) as unknown:
        await give(family.door, await family.permit("kari"), "00000000000", "per", level="full")
    assert told.value.text == unknown.value.text, "the answer tells nobody that an address is confidential"
    assert await who_acts(family.door, await family.permit("kari")) != []


async def test_nobody_represents_the_dead_nor_do_they(family: World) -> None:
    await power(family)
    await family.put({**patient("kari", "Nordmann", number="11834826226"), "deceasedBoolean": True})
    assert await level(family, "per", "kari") is None
    await family.put({**citizen("odin", born=years_ago(7)), "deceasedDateTime": "2026-01-01"})
    assert await level(family, "mina", "odin") is None
    await family.put(citizen("odin", born=years_ago(7)), {**citizen("mina"), "deceasedBoolean": True})
    with pytest.raises(Forbidden, match="dead"):
        await level(family, "mina", "odin")
    assert await level(family, "jon", "odin") is None


@pytest.mark.parametrize("path", ["Immunization?patient=odin", "Immunization?patient=odin&_summary=count",
    "Patient/odin/$everything", "Immunization/_history", "Immunization?_security=PRS,NOPAT,PHY",
    "Patient?_has:Immunization:patient:_security=PRS", "Patient?_id=odin&_revinclude=Immunization:patient",
    "Encounter?_id=odin-stay&_revinclude=Observation:encounter"])  # fmt: skip
@pytest.mark.parametrize("born", [years_ago(7), years_ago(13)])
async def test_what_is_kept_from_parents_is_nowhere(family: World, path: str, born: str) -> None:
    await family.put(citizen("odin", born=born))
    async with await family.client("mina", acts_for="odin") as client:
        answer = await client.get(f"/{path}")
        for hidden in ("odin-secret-vaccine", "odin-hidden-vaccine", "odin-kept"):
            assert hidden not in answer.text, hidden
            type_ = "Observation" if hidden == "odin-kept" else "Immunization"
            for tail in ("", "/_history", "/_history/1"):
                assert (await client.get(f"/{type_}/{hidden}{tail}")).status_code in (403, 404)
    if path.endswith("=count"):
        assert answer.json()["total"] == 1
    if "_security" in path:
        assert answer.json()["total"] == 0
    async with await family.client("nurse") as client:
        assert (await client.get("/Immunization?patient=odin&_summary=count")).json()["total"] == 3


def meta(code: str, system: str = LABEL) -> Resource:
    security = {"security": [{"system": system, "code": code}]}
    return {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": security}]}


@pytest.mark.parametrize(("who", "code", "others"), [("odin", "PRS", "nurse"), ("nurse", "PHY", "odin")])
async def test_the_child_and_professionals_withhold_by_a_named_action(
    family: World, who: str, code: str, others: str
) -> None:
    await family.put(citizen("odin", born=years_ago(13)))
    await agree_to_login(family.door, await family.permit("mina", acts_for="odin"))
    path = "/Immunization/odin-vaccine"
    async with (
        await family.client("mina", acts_for="odin") as mother,
        await family.client(who) as one,
        await family.client(others) as other,
    ):
        assert (await mother.get(path)).status_code == 200
        for client in (mother, other):
            assert (await client.post(f"{path}/$meta-add", json=meta(code))).status_code == 403
        for wrong in (meta("R", CONFIDENTIALITY), meta("HIV"), meta("PRS" if who == "nurse" else "PHY")):
            assert (await one.post(f"{path}/$meta-add", json=wrong)).status_code == 403
        assert (await one.post(f"{path}/$meta-add", json=meta(code))).status_code == 200
        assert (await mother.get(path)).status_code == 404
        assert (await mother.get("/Immunization?patient=odin")).json()["total"] == 0
        assert (await other.get(path)).status_code == 200
        assert (await other.post(f"{path}/$meta-delete", json=meta(code))).status_code == 403
        assert (await one.post(f"{path}/$meta-delete", json=meta(code))).status_code == 200
        assert (await mother.get(path)).status_code == 200
        # Not beside another change, nor by an update.
        labelled_ = labelled((await one.get(path)).json(), code)
        assert (await one.put(path, json=labelled_)).status_code == 403
    look = await family.pool.fetchrow(
        "SELECT actor, why FROM audit.look WHERE action = 'withhold' ORDER BY at DESC LIMIT 1"
    )
    assert look["actor"] == who


async def test_a_child_has_a_login_from_13_when_a_parent_agrees_and_from_16_anyway(family: World) -> None:
    for born, may in ((years_ago(13, days=1), False), (years_ago(13), False), (years_ago(16), True)):
        await family.put(citizen("odin", born=born))
        if may:
            assert (await family.permit("odin")).bond == "self"
        else:
            with pytest.raises(Forbidden):
                await family.permit("odin")
    await family.put(citizen("odin", born=years_ago(13)))
    await agree_to_login(family.door, await family.permit("mina", acts_for="odin"))
    async with await family.client("odin") as client:
        assert (await client.get("/Observation/odin-pulse")).status_code == 200
    await family.put(citizen("odin", born=years_ago(13, days=1)))
    with pytest.raises(Forbidden):
        await family.permit("odin")
    for acts_for in (None, "kari"):
        await power(family, "full")
        with pytest.raises(Forbidden):
            await agree_to_login(family.door, await family.permit("per", acts_for=acts_for))


# What nobody may make for himself.


async def test_what_staff_write_makes_nobody_a_parent(family: World) -> None:
    await family.put(made("RelatedPerson", "mina-of-odin", patient=to("Patient/odin"), active=False), citizen("per"))
    assert await level(family, "mina", "odin") is None
    claim = parent(
        "per", responsible="andre", relationship=[{"coding": [{"system": rules.RESPONSIBILITY, "code": "andre"}]}]
    )
    claim.pop("id")
    own = (await family.make(claim, by="nurse")).id
    assert await level(family, "per", "odin") is None
    for login in ("doctor", "nurse"):
        await family.put({**claim, "id": own, "telecom": [{"system": "other", "value": login}]}, by=login)
        assert await level(family, "per", "odin") is None, (
            "nor when somebody else of the staff has written it once more"
        )
    await family.put({**claim, "id": own})
    assert await level(family, "per", "odin") == "child", "the register makes it so"


async def test_staff_may_write_the_phone_of_a_parent_and_nothing_that_makes_one(family: World) -> None:
    await family.put({**parent("mina"), "telecom": [{"system": "other", "value": "1"}]}, by="nurse")
    assert await level(family, "mina", "odin") == "child"
    stolen = [{"system": FNR, "value": NUMBERS["per"]}]
    await family.put(parent("mina", identifier=stolen), by="nurse")
    assert (await level(family, "mina", "odin"), await level(family, "per", "odin")) == (None, None)


async def test_who_takes_a_parents_number_or_address_becomes_no_parent(family: World) -> None:
    await family.put(stay("per-stay", "per"), stay("jon-stay", "jon"), stay("mina-stay", "mina"))
    await family.put({**citizen("per"), "identifier": [{"system": FNR, "value": NUMBERS["mina"]}]}, by="nurse")
    assert await level(family, "per", "odin") is None
    await family.put(citizen("mina", address=AWAY))
    assert await level(family, "jon", "odin") is None
    await family.put(citizen("jon", address=HOME), by="nurse")
    assert await level(family, "jon", "odin") is None
    await family.put(citizen("mina"), citizen("odin", born=years_ago(17)))
    await family.put(citizen("odin", born=years_ago(7)), by="nurse")
    assert await level(family, "mina", "odin") is None, "nobody makes a child younger"


async def test_a_system_without_the_right_to_change_access_makes_no_parent(family: World) -> None:
    await family.put({**parent("mina"), "active": False})
    async with await family.client(scope="system/RelatedPerson.cruds system/Patient.cruds") as client:
        assert (await client.put("/RelatedPerson/mina-of-odin", json=parent("mina"))).status_code == 200
    assert await level(family, "mina", "odin") is None


async def test_nobody_writes_what_represents_over_the_api(family: World) -> None:
    consent = rules_consent("kari", "per")
    for login in ("kari", "per", "nurse", "doctor", "secretary"):
        async with await family.client(login) as client:
            assert (await client.post("/Consent", json=consent)).status_code == 403
            bundle = made("Bundle", "b", type="transaction", entry=[
                {"resource": consent, "request": {"method": "POST", "url": "Consent"}}])  # fmt: skip
            assert (await client.post("", json=bundle)).status_code == 403
            linked = {**citizen("odin"), "link": [{"other": to("Patient/per"), "type": "seealso"}]}
            assert (await client.put("/Patient/odin", json=linked)).status_code in (403, 404)
    assert await level(family, "per", "kari") is None
    async with await family.client() as client:
        assert (await client.post("/Consent", json=consent)).status_code == 201
    assert await level(family, "per", "kari") == "full"
    assert await family.pool.fetchval("SELECT count(*) FROM access.review WHERE kind = 'access-changed'") >= 1


def rules_consent(patient_id: str, holder: str) -> Resource:
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [rules.SCOPE]},
        "category": [
            {"coding": [{"system": rules.KINDS, "code": "power-of-attorney"}]},
            {"coding": [{"system": rules.LEVEL_CODES, "code": "full"}]},
        ],
        "patient": to(f"Patient/{patient_id}"),
        "policyRule": {"text": "x"},
        "provision": {"type": "permit", "actor": [{"role": {"text": "x"}, "reference": to(f"Patient/{holder}")}]},
    }


# Powers.


async def test_a_power_holds_at_once_until_either_side_takes_it_back(family: World) -> None:
    for side in ("kari", "per"):
        source = await power(family)
        async with await family.client("per", acts_for="kari") as client:
            assert (await client.get("/Observation/kari-pulse")).status_code == 200
            held = await may_act_for(family.door, await family.permit("per"))
            assert [(one.id, one.level) for one in held] == [("kari", "read-only")]
            given = await who_acts(family.door, await family.permit("kari"))
            assert [(one.name, one.level, one.withdrawable) for one in given] == [("Per Per", "read-only", True)]
            for other in ("mina", "elias"):
                with pytest.raises(NotFound):
                    await withdraw(family.door, await family.permit(other), source)
            await withdraw(family.door, await family.permit(side), source)
            answer = await client.get("/Observation/kari-pulse")
        assert answer.status_code == 403, "in the middle of a session, with the same token"
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "not-representing"
        assert await who_acts(family.door, await family.permit("kari")) == []


async def test_the_last_day_is_a_whole_day_in_oslo(family: World) -> None:
    today = datetime.now(OSLO).date()
    source = await power(family, until=today)
    assert await level(family, "per", "kari") == "read-only"
    ends = await family.pool.fetchval("SELECT ends FROM access.mandate WHERE source = $1", source)
    assert ends == datetime(today.year, today.month, today.day, tzinfo=OSLO) + timedelta(days=1)
    await family.as_owner(f"UPDATE access.mandate SET ends = now() WHERE source = '{source}'")
    assert await level(family, "per", "kari") is None
    with pytest.raises(Invalid):
        await power(family, until=today - timedelta(days=1))


@pytest.mark.parametrize("held", ["read-only", "communicate-only", "standard", "full"])
async def test_a_level_allows_what_it_says(family: World, held: str) -> None:
    await power(family, held)
    permit = await family.permit("per", acts_for="kari")
    level_ = access.LEVELS[held]
    async with await family.client("per", acts_for="kari") as client:
        for path in ("Observation/kari-pulse", "Observation?patient=kari", "Observation/_history"):
            reads = (await client.get(f"/{path}")).status_code == 200
            assert reads == ("Observation" in level_.reads), path
        assert (await client.get("/Patient/kari")).status_code == 200
        sent = {**observation("kari"), "id": "kari-pulse"}
        assert (await client.put("/Observation/kari-pulse", json=sent)).status_code == 403
        assert (
            await client.post("/Communication", json=made("Communication", "x", status="completed"))
        ).status_code == 403
    for may, act in (
        (level_.decides, lambda: block(family.door, permit, "Organization/ward")),
        (level_.reads_log, lambda: log_for_patient(family.door, permit, "kari")),
    ):
        if may:
            await act()
        else:
            with pytest.raises((Forbidden, NotFound)):
                await act()


async def test_nobody_acts_through_a_chain(family: World) -> None:
    """Mina represents her child, who is 7; Per has a power of Mina: he does not reach the child."""
    await give(family.door, await family.permit("mina"), NUMBERS["per"], "per", level="full")
    assert (await level(family, "per", "mina"), await level(family, "per", "odin")) == ("full", None)
    acting = await family.permit("per", acts_for="mina")
    with pytest.raises(Forbidden):
        await give(family.door, acting, NUMBERS["jon"], "jon", level="full")
    with pytest.raises(Forbidden):
        await who_acts(family.door, acting)
    assert {one.id for one in await may_act_for(family.door, acting)} == {"mina"}
    child = await family.permit("mina", acts_for="odin")
    with pytest.raises(Forbidden):
        await give(family.door, child, NUMBERS["per"], "per", level="full")


@pytest.mark.parametrize(
    ("number", "family_name"),
    [("21839348420", "per"), ("01877298420", "mina"), ("", ""), ("11834826226", "Nordmann"), ("01877298420", "")],
)
async def test_number_and_name_must_fit_and_nobody_is_told_whose_number_it_is(
    family: World, number: str, family_name: str
) -> None:
    with pytest.raises(Unprocessable) as told:
        await give(family.door, await family.permit("kari"), number, family_name, level="full")
    assert not any(name in told.value.text for name in ("Per", "Mina", "Kari"))


async def test_who_is_under_16_gives_and_gets_nothing(family: World) -> None:
    await family.put(citizen("per", born=years_ago(16, days=1)))
    with pytest.raises(Unprocessable):
        await power(family)
    await family.put(citizen("per", born=years_ago(16)))
    assert await power(family)


# A next of kin with parts of the record.

KIN = ("Patient?_id=kari", 1), ("Immunization?patient=kari", 1), ("Immunization?_summary=count", 1)
CLOSED = (
    "Observation/kari-pulse",
    "Observation?patient=kari",
    "Observation/kari-pulse/_history",
    "Observation/_history",
    "Encounter/kari-stay",
    "Encounter/kari-stay/$everything",
    "Observation/$lastn?patient=kari",
    "Patient/kari/Observation",
    "Consent?patient=kari",
)
NOTHING = (
    "Patient?_has:Observation:patient:code=8867-4",
    "Immunization?patient._has:Observation:patient:code=8867-4",
    "Immunization?_filter=patient.birthdate eq 1900-01-01",
)


async def test_a_next_of_kin_sees_the_given_parts_alone(family: World) -> None:
    kari = await family.permit("kari")
    with pytest.raises(Invalid):
        await give(family.door, kari, NUMBERS["per"], "per", types=("AuditEvent",))
    await give(family.door, kari, NUMBERS["per"], "per", types=("Immunization", "Condition"))
    async with await family.client("per", acts_for="kari") as client:
        for path, count in KIN:
            assert (await client.get(f"/{path}")).json()["total"] == count, path
        for path in CLOSED:
            assert (await client.get(f"/{path}")).status_code in (403, 404), path
        for path in NOTHING:
            answer = await client.get(f"/{path}")
            assert answer.status_code >= 400 or answer.json().get("total") == 0, (path, answer.text)
        for path in (
            "Patient/kari/$everything",
            "_history",
            "?_type=Immunization,Patient&_id=kari-vaccine,kari",
            "Patient?_id=kari&_revinclude=*",
            "Patient?_id=kari&_revinclude=Observation:patient&_revinclude:iterate=*",
            "Condition?patient=kari&_include=*&_include=Condition:encounter",
        ):
            answer = await client.get(f"/{path}")
            assert answer.status_code == 200, (path, answer.text)
            types = {entry["resource"]["resourceType"] for entry in answer.json()["entry"] if "resource" in entry}
            assert types <= {
                "Patient",
                "Immunization",
                "Condition",
                "OperationOutcome",
                "Organization",
                "HealthcareService",
            }, path
            assert "kari-pulse" not in answer.text, path
        hop = await client.get("/Condition?encounter.class=IMP")
        assert hop.status_code >= 400 or hop.json()["total"] == 0


# Somebody without capacity to consent.


async def test_a_doctor_registers_for_who_cannot_consent_on_a_form_with_a_reason_and_it_is_looked_over(
    family: World,
) -> None:
    asked: dict[str, Any] = {
        "level": "standard",
        "form": "DocumentReference/kari-form",
        "reason": REASON,
        "until": None,
    }
    doctor = await family.permit("doctor")
    for login in ("nurse", "secretary", "homenurse", "kari"):
        with pytest.raises(Forbidden):
            await register_power(family.door, await family.permit(login), "kari", NUMBERS["jon"], "jon", **asked)
    for wrong in ({"reason": "fordi"}, {"level": "child"}, {"form": "Observation/kari-pulse"}):
        with pytest.raises(Invalid):
            await register_power(family.door, doctor, "kari", NUMBERS["jon"], "jon", **{**asked, **wrong})
    with pytest.raises(NotFound):
        await register_power(
            family.door, doctor, "kari", NUMBERS["jon"], "jon", **{**asked, "form": "DocumentReference/none"}
        )
    with pytest.raises(Unprocessable):
        await register_power(family.door, doctor, "kari", NUMBERS["jon"], "feil", **asked)
    with pytest.raises(Forbidden):
        await register_power(family.door, doctor, "ola", NUMBERS["jon"], "jon", **asked)  # no relation
    with pytest.raises(Forbidden):
        await register_power(family.door, doctor, "kari", NUMBERS["per"], "per", **asked)  # the doctor himself
    await family.put(labelled(citizen("jon"), "R", CONFIDENTIALITY))
    with pytest.raises(Unprocessable):
        await register_power(family.door, doctor, "kari", NUMBERS["jon"], "jon", **asked)
    await family.put(citizen("jon"))
    source = (await register_power(family.door, doctor, "kari", NUMBERS["jon"], "jon", **asked)).reference
    assert await level(family, "jon", "kari") == "standard"
    matter = await family.pool.fetchrow(
        "SELECT kind, actor, source, reason, organization FROM access.review WHERE kind = 'without-capacity'"
    )
    assert tuple(matter) == ("without-capacity", "doctor", source, REASON, "ward")
    with pytest.raises(NotFound):
        await withdraw(family.door, await family.permit("nurse"), source)
    await withdraw(family.door, doctor, source)
    assert await level(family, "jon", "kari") is None
    source = (await register_power(family.door, doctor, "kari", NUMBERS["jon"], "jon", **asked)).reference
    await withdraw(family.door, await family.permit("jon"), source)
    assert await level(family, "jon", "kari") is None


async def test_a_doctor_takes_back_no_power_that_the_citizen_gave(family: World) -> None:
    source = await power(family)
    with pytest.raises(NotFound):
        await withdraw(family.door, await family.permit("doctor"), source)


# The log, and what is kept.


async def test_the_log_names_who_acted_and_as_what(family: World) -> None:
    await status(family, "mina", "Observation/odin-pulse", acts_for="odin")
    await status(family, "mina", "Immunization?_count=5", acts_for="odin")
    rows = await family.pool.fetch(
        "SELECT actor, action, why FROM audit.look WHERE patient = $1 AND actor = 'mina' ORDER BY at DESC LIMIT 2",
        patient_key("odin"),
    )
    assert {(row["actor"], row["why"]) for row in rows} == {("mina", "parent")}
    await power(family, "full")
    seen = await log_for_patient(family.door, await family.permit("per"), "per")
    assert seen[0].action == "give-power-other"
    assert (seen[0].actor, seen[0].why) == ("kari", "representation")
    seen = await log_for_patient(family.door, await family.permit("kari"), "kari")
    assert "give-power" in {one.action for one in seen}


async def test_doctor_finds_what_is_kept_wrong_and_a_rebuild_makes_nobody_a_parent(family: World) -> None:
    await power(family)
    await family.pool.execute("DELETE FROM access.mandate")
    await family.pool.execute("UPDATE access.civil SET born = '1900-01-01', protected = true")
    doctor = access.for_system("doctor", scope="system/*.cruds", request="doctor")
    drifts = {drift.type: drift async for drift in compare_projections(family.door, doctor, rebuild=True)}
    assert drifts["Consent"].differing == 1
    assert drifts["RelatedPerson"].differing >= 2
    assert drifts["Patient"].differing >= 6
    assert await level(family, "per", "kari") == "read-only", "a Consent is written by who may alone"
    assert await level(family, "mina", "odin") is None
    await family.put(citizen("mina"), citizen("odin", born=years_ago(7)), parent("mina"))
    assert await level(family, "mina", "odin") == "child"
    assert not [d async for d in compare_projections(family.door, doctor) if d.differing and d.type == "RelatedPerson"]


async def test_all_ids_of_a_merged_person_are_one(family: World) -> None:
    await power(family)
    old = {**patient("kari-d", "Nordmann"), "link": [{"other": to("Patient/kari"), "type": "replaced-by"}]}
    await family.put(old, {**observation("kari-d"), "id": "old-pulse"})
    await family.door.persons.refresh(family.pool)
    assert await status(family, "per", "Observation/old-pulse", acts_for="kari") == 200


@pytest.mark.parametrize(("born", "reads"), [(years_ago(7), True), (years_ago(13), False)])
async def test_a_level_that_does_not_read_the_log_does_not_read_it_as_audit_events(
    family: World, born: str, reads: bool
) -> None:
    """A parent of somebody of 13 would be told that the youth clinic was there."""
    await family.put(citizen("odin", born=born))
    async with await family.client("nurse") as client:
        assert (await client.get("/Observation/odin-pulse")).status_code == 200
    async with await family.client() as client:
        (look,) = (await client.get("/AuditEvent?patient=odin&_count=1")).json()["entry"]
    async with await family.client("mina", acts_for="odin") as client:
        for path in ("AuditEvent", "AuditEvent?_summary=count", "AuditEvent?patient=odin&type=110110",
                     f"AuditEvent/{look['resource']['id']}"):  # fmt: skip
            answer = await client.get(f"/{path}")
            assert answer.status_code == (200 if reads else 403), (path, answer.text)
        batch = {"resourceType": "Bundle", "type": "batch",
                 "entry": [{"request": {"method": "GET", "url": "AuditEvent?_count=9"}}]}  # fmt: skip
        (entry,) = (await client.post("/", json=batch)).json()["entry"]
        assert entry["response"]["status"].startswith("200" if reads else "403")


async def test_the_log_does_not_name_what_is_kept_from_a_parent_nor_that_it_is(family: World) -> None:
    """What a child told a nurse: the parent whom it is about reads who has read the record."""
    secret = await family.make({**observation("odin"), "encounter": to("Encounter/odin-stay")}, by="nurse")
    kept = ("odin-secret-vaccine", "odin-kept", secret.id)
    label = {"name": "meta", "valueMeta": {"security": [{"system": LABEL, "code": "PHY"}]}}
    async with await family.client("nurse") as client:
        withheld = await client.post(
            f"/Observation/{secret.id}/$meta-add", json={"resourceType": "Parameters", "parameter": [label]}
        )
        assert withheld.status_code == 200, withheld.text
        for path in ("Immunization/odin-secret-vaccine", "Observation/odin-kept", "Observation/odin-pulse"):
            assert (await client.get(f"/{path}")).status_code == 200
    mother = await family.permit("mina", acts_for="odin")
    async with await family.client("mina", acts_for="odin") as client:
        found = await client.get("/AuditEvent?_count=100")
        assert "odin-pulse" in found.text, "who has read the rest is told"
        for word in (*kept, "withhold"):
            assert word not in found.text, word
        hushed = "AuditEvent?subtype=urn:samjournal:action|withhold&_summary=count"
        assert (await client.get(f"/{hushed}")).json()["total"] == 0
    looks = await log_for_patient(family.door, mother, "odin")
    assert looks
    assert all(look.action != "withhold" for look in looks)
    assert not [look for look in looks if any(one in look.shown for one in kept)]
    assert all(look.types.get("Immunization", 0) == 0 for look in looks if look.actor == "nurse")


async def test_the_list_of_blocks_does_not_name_what_is_kept_from_who_acts_for_the_patient(family: World) -> None:
    async def blocked(id_: str) -> None:
        provision = {"type": "deny", "data": [{"meaning": "instance", "reference": {
            "reference": f"Immunization/{id_}", "display": f"Title of {id_}"}}]}  # fmt: skip
        coded = {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        }
        await family.put(made("Consent", f"of-{id_}", status="active", scope=coded, category=[{"text": "sperring"}],
                              patient=to("Patient/odin"), policyRule={"text": "x"}, provision=provision))  # fmt: skip

    for id_ in ("odin-vaccine", "odin-secret-vaccine"):
        await blocked(id_)
    by_mother = await own_blocks(family.door, await family.permit("mina", acts_for="odin"))
    assert [one.what for one in by_mother] == ["Title of odin-vaccine"]
    await family.put(citizen("odin", born=years_ago(17)))
    assert len(await own_blocks(family.door, await family.permit("odin"))) == 2, "the patient reads of both"


async def test_a_parent_with_a_confidential_address_is_hidden_in_the_record_of_the_child(family: World) -> None:
    """The label stands on his Patient alone: the address in the record of the child is hidden while it does."""
    address = {"address": [{"line": ["Skjult vei 3"], "city": "Gjemsel", "postalCode": "7779"}]}
    await family.put(parent("jon", **address), citizen("jon", address=HOME), citizen("odin", born=years_ago(17)))
    readers: tuple[tuple[str | None, str | None], ...] = (("nurse", None), ("odin", None), (None, "system/*.rs"))
    for code, told in (("R", False), (None, True)):
        jon = citizen("jon", address=HOME)
        await family.put(labelled(jon, code, CONFIDENTIALITY) if code else jon)
        for login, scope in readers:
            async with await family.client(login, scope=scope) as client:
                for path in ("RelatedPerson/jon-of-odin", "RelatedPerson/jon-of-odin/_history",
                             "RelatedPerson?patient=odin", "Patient/odin/$everything"):  # fmt: skip
                    answer = await client.get(f"/{path}")
                    assert answer.status_code == 200, (login, path, answer.text)
                    assert "jon-of-odin" in answer.text
                    assert ("Skjult vei" in answer.text) is told, (login, path)
                if login != "odin":
                    for query in ("address=Gjemsel", "address-city:exact=Gjemsel"):
                        found = (await client.get(f"/RelatedPerson?{query}&_summary=count")).json()
                        assert found["total"] == told, (login, query)
        if not told:
            async with await family.client("nurse") as client:
                shown = (await client.get("/RelatedPerson/jon-of-odin")).json()
                assert (await client.put("/RelatedPerson/jon-of-odin", json=shown)).status_code == 403
    async with await family.client() as client:
        assert "Skjult vei" in (await client.get("/RelatedPerson/jon-of-odin")).text
