"""Two records of one person: proposed by one, merged by another, parted so that nothing is left of it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from samjournal import accounts, patients
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.fhir.keys import patient_key
from samjournal.record import Change, Want, change, log_for_patient, open_chart, open_door
from world import CONFIDENTIALITY, FNR, World, observation, patient, stay

pytestmark = pytest.mark.anyio
WHY = "Samme navn, fødselsdato og adresse i begge"
WANTS = [Want("pulse", "Observation")]


@pytest.fixture(scope="module", autouse=True)
async def keepers(world: World) -> None:
    """Two record keepers, one of them with a second login."""
    async with world.pool.transaction() as db:
        await accounts.add(db, [keeper("gerd"), keeper("gerd-2", "gerd"), keeper("jon")])


def keeper(login: str, practitioner: str | None = None) -> Account:
    role = RoleAt("record-keeper", "hospital", f"{login}-role", "Hospital")
    return Account(login, login.title(), "staff", (role,), practitioner_id=practitioner or login)


async def pair(world: World, name: str, **more: Any) -> tuple[str, str]:
    """Two records of one name: only the second lies on the ward; each has a pulse."""
    one, two = f"{name}-1", f"{name}-2"
    await world.put(patient(one, "Moen"), {**patient(two, "Moen"), **more}, stay(f"{two}-stay", two))
    await world.put({**observation(one, value=60), "id": f"{one}-pulse"})
    await world.put({**observation(two, value=90), "id": f"{two}-pulse"})
    return one, two


async def proposed(world: World, going: str, staying: str, by: str = "secretary") -> str:
    stored = await patients.propose(world.door, await world.permit(by), going, staying, WHY)
    return stored.id


async def merged(world: World, going: str, staying: str) -> None:
    await patients.confirm(world.door, await world.permit("gerd"), await proposed(world, going, staying))


async def pulses(world: World, login: str, id_: str) -> list[float]:
    snapshot = await open_chart(world.door, await world.permit(login), id_, WANTS)
    return sorted(one["valueQuantity"]["value"] for one in snapshot.lists["pulse"])


async def body(world: World, id_: str, type_: str = "Patient") -> bytes:
    """The newest bytes, without what the server says of the version."""
    found = await world.pool.fetchval(
        "SELECT body FROM store.version v JOIN store.current c USING (type, id, version) WHERE c.id = $1", id_
    )
    return re.sub(rb'"(versionId|lastUpdated)":"[^"]*",?', b"", found)


async def found(world: World, login: str | None, *asked: str) -> list[Any]:
    answers = []
    async with await world.client(login) as client:
        for one in asked:
            bundle = (await client.get(one)).json()
            entries = bundle.get("entry", ())
            told = sorted((e["resource"]["resourceType"], e["resource"]["id"]) for e in entries)
            # What tells of the merge itself, and who did it, stays.
            answers.append([each for each in told if each[0] not in ("Provenance", "Task", "Organization")])
    return answers


async def test_merged_one_relation_opens_both_and_after_undo_not(world: World) -> None:
    one, two = await pair(world, "nina")
    await merged(world, one, two)
    assert await pulses(world, "nurse", one) == await pulses(world, "nurse", two) == [60, 90]
    await patients.undo(world.door, await world.permit("jon"), one, "Det var to søstre med samme navn")
    assert await pulses(world, "nurse", two) == [90]
    with pytest.raises(Forbidden):
        await pulses(world, "nurse", one)


async def test_undone_all_bytes_and_searches_are_as_before(world: World) -> None:
    one, two = await pair(world, "astrid", multipleBirthInteger=2, extension=[{"url": "urn:x", "valueDecimal": 1.50}])
    raw = (
        b'{"resourceType":"Patient","id":"%b","active":true,"extension":[{"url":"urn:x","valueDecimal":1.500}],'
        b'"name":[{"text":"\\u00c5se"}],"meta":{"tag":[{"system":"urn:t","code":"x"}]}}'
    )
    async with await world.client() as client:
        assert (await client.put(f"/Patient/{one}", content=raw % one.encode())).status_code == 200
    asked = [f"/{query}" for id_ in (one, two) for query in (
        f"Observation?patient={id_}", f"Patient?_id={id_}", f"Encounter?subject=Patient/{id_}",
        f"Patient?active=true&_id={id_}", f"Patient?link=Patient/{id_}", f"Patient/{id_}/$everything",
    )]  # fmt: skip
    before = [await body(world, id_) for id_ in (one, two)], await found(world, None, *asked)
    nurses = await found(world, "nurse", *asked)
    await merged(world, one, two)
    assert await found(world, None, *asked) != before[1]
    await patients.undo(world.door, await world.permit("jon"), one, "Det var to søstre med samme navn")
    assert ([await body(world, id_) for id_ in (one, two)], await found(world, None, *asked)) == before
    assert await found(world, "nurse", *asked) == nurses
    assert b"1.500" in before[0][0]


async def test_who_proposed_cannot_confirm_under_another_login_neither(world: World) -> None:
    one, two = await pair(world, "berta")
    id_ = await proposed(world, one, two, by="gerd")
    for login in ("gerd", "gerd-2"):
        with pytest.raises(Forbidden):
            await patients.confirm(world.door, await world.permit(login), id_)
    for login in ("secretary", "doctor", "nurse"):
        with pytest.raises(Forbidden):
            await patients.confirm(world.door, await world.permit(login), id_)
    assert await pulses(world, "nurse", two) == [90]
    await patients.confirm(world.door, await world.permit("jon"), id_)
    assert await pulses(world, "nurse", two) == [60, 90]


async def test_the_proposal_opens_nothing_and_nobody_writes_it_by_hand(world: World) -> None:
    one, two = await pair(world, "dagny")
    await world.put(stay("dagny-1-stay", one))
    id_ = await proposed(world, one, two)
    ward = await world.pool.fetchval("SELECT count(*) FROM access.relation WHERE source = $1", f"Task/{id_}")
    assert ward == 0
    async with await world.client("nurse") as client:
        task = (await client.get(f"/Task/{id_}")).json()
        task["requester"]["identifier"]["value"] = "nurse"
        assert (await client.put(f"/Task/{id_}", json=task)).status_code == 403
        task.pop("id")
        assert (await client.post("/Task", json=task)).status_code == 403
        task["code"] = {"text": "annet"}
        assert (await client.put(f"/Task/{id_}", json={**task, "id": id_})).status_code == 403
        linked = {**patient(one, "Moen"), "link": [{"type": "replaced-by", "other": {"reference": f"Patient/{two}"}}]}
        assert (await client.put(f"/Patient/{one}", json=linked)).status_code == 403


async def test_what_is_no_proposal_is_told(world: World) -> None:
    one, two = await pair(world, "eldrid")
    permit = await world.permit("secretary")
    for going, staying, error in ((one, one, Conflict), (one, "never", NotFound)):
        with pytest.raises(error):
            await patients.propose(world.door, permit, going, staying, WHY)
    with pytest.raises(Invalid):
        await patients.propose(world.door, permit, one, two, "samme")
    await proposed(world, one, two)
    with pytest.raises(Conflict):
        await patients.propose(world.door, permit, two, one, WHY)
    with pytest.raises(Forbidden):
        await patients.propose(world.door, await world.permit("homenurse"), one, two, WHY)
    with pytest.raises(NotFound):
        await patients.confirm(world.door, await world.permit("gerd"), "never")


async def test_a_declined_proposal_is_decided(world: World) -> None:
    one, two = await pair(world, "frida")
    id_ = await proposed(world, one, two)
    await patients.decline(world.door, await world.permit("gerd"), id_, "To søstre, se fødselsmeldingen")
    assert id_ not in [each.id for each in await patients.proposals(world.door, await world.permit("gerd"))]
    with pytest.raises(Conflict):
        await patients.confirm(world.door, await world.permit("jon"), id_)


async def test_chains_end_at_the_record_that_stays_and_come_apart_in_any_order(world: World) -> None:
    a, b = await pair(world, "gro")
    await world.put(patient("gro-3", "Moen"), {**observation("gro-3", value=30), "id": "gro-3-pulse"})
    await merged(world, a, b)
    await merged(world, b, "gro-3")
    assert await pulses(world, "nurse", a) == [30, 60, 90]
    assert world.door.persons.stays(a) == "gro-3"
    await patients.undo(world.door, await world.permit("jon"), a, "Feil person likevel, se notat")
    assert await pulses(world, "nurse", b) == [30, 90]
    await patients.undo(world.door, await world.permit("jon"), b, "Feil person likevel, se notat")
    assert await pulses(world, "nurse", b) == [90]


async def test_what_is_merged_already_is_not_merged_again_and_makes_no_circle(world: World) -> None:
    a, b = await pair(world, "hanna")
    await world.put(patient("hanna-3", "Moen"))
    back = await proposed(world, b, a)
    other = await proposed(world, a, "hanna-3")
    await patients.confirm(world.door, await world.permit("gerd"), back)
    with pytest.raises(Conflict):
        await patients.propose(world.door, await world.permit("doctor"), b, "hanna-3", WHY)
    await patients.confirm(world.door, await world.permit("gerd"), other)
    with pytest.raises(Conflict):
        await patients.propose(world.door, await world.permit("doctor"), "hanna-3", b, WHY)
    with pytest.raises(Conflict):
        await patients.undo(world.door, await world.permit("gerd"), "hanna-3", "Ikke samme person")


async def test_two_at_once_that_cross_are_one_merge(world: World) -> None:
    for round_ in range(4):
        a, b = await pair(world, f"inger{round_}")
        await world.put(patient(f"inger{round_}-3", "Moen"))
        ids = [await proposed(world, a, b), await proposed(world, b, f"inger{round_}-3"),
               await proposed(world, f"inger{round_}-3", a)]  # fmt: skip
        done = await asyncio.gather(
            *[patients.confirm(world.door, await world.permit(who), id_)
              for id_, who in zip(ids, ("gerd", "jon", "gerd"), strict=True)],
            return_exceptions=True,
        )  # fmt: skip
        assert sum(one is None for one in done) == 2, done
        assert all(one is None or isinstance(one, Conflict) for one in done), done
        assert len({world.door.persons.stays(id_) for id_ in (a, b, f"inger{round_}-3")}) == 1


async def test_the_same_proposal_confirmed_by_two_at_once_is_merged_once(world: World) -> None:
    a, b = await pair(world, "jorunn")
    id_ = await proposed(world, a, b)
    done = await asyncio.gather(
        *[patients.confirm(world.door, await world.permit(who), id_) for who in ("gerd", "jon")], return_exceptions=True
    )
    assert sum(one is None for one in done) == 1
    links = await world.pool.fetchval(
        "SELECT count(*) FROM access.review WHERE source = $1 AND kind = 'merge'", f"Patient/{a}"
    )
    assert links == 1


async def test_a_merge_that_fails_at_its_end_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = await pair(world, "kaia")
    id_ = await proposed(world, a, b)
    before = await body(world, a), await body(world, b), await body(world, id_)

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patched:
        patched.setattr("samjournal.audit.write", broken)
        with pytest.raises(RuntimeError):
            await patients.confirm(world.door, await world.permit("gerd"), id_)
    assert (await body(world, a), await body(world, b), await body(world, id_)) == before
    await patients.confirm(world.door, await world.permit("gerd"), id_)
    again = await open_door(world.pool, secret=b"x")
    assert again.persons.stays(a) == b


async def test_a_block_and_a_hidden_address_of_either_count_for_both(world: World) -> None:
    a, b = await pair(world, "liv", address=[{"city": "Levanger"}])
    consent = {
        "resourceType": "Consent", "id": "liv-block", "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]}, "category": [{"text": "sperring"}],
        "policyRule": {"text": "lov"}, "patient": {"reference": f"Patient/{a}"}, "provision": {"type": "deny"},
    }  # fmt: skip
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}}
    await world.put({**patient(a, "Moen"), **label, "address": [{"city": "Hemmelig"}]})
    before = await body(world, a), await body(world, b)
    await merged(world, a, b)
    async with await world.client("nurse") as client:
        for id_ in (a, b):
            answer = await client.get(f"/Patient/{id_}")
            assert "Levanger" not in answer.text
            assert "Hemmelig" not in answer.text
        assert (await client.get("/Patient?address-city=Levanger")).json()["total"] == 0
        await world.put(consent)
        assert (await client.get(f"/Patient/{b}")).status_code == 403
        assert (await client.get(f"/Observation/{b}-pulse")).status_code == 404
        await patients.undo(world.door, await world.permit("gerd"), a, "Det var to ulike personer")
        assert (await client.get(f"/Patient/{b}")).json()["address"][0]["city"] == "Levanger"
        assert (await client.get("/Patient?address-city=Levanger")).json()["total"] == 1
    assert (await body(world, a), await body(world, b)) == before


async def test_a_label_that_came_later_stays_when_they_are_parted(world: World) -> None:
    a, b = await pair(world, "mari")
    await merged(world, a, b)
    async with await world.client() as client:
        label = {"system": CONFIDENTIALITY, "code": "R"}
        meta = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"security": [label]}}]}
        assert (await client.post(f"/Patient/{b}/$meta-add", json=meta)).status_code == 200
    await patients.undo(world.door, await world.permit("gerd"), a, "Det var to ulike personer")
    assert CONFIDENTIALITY.encode() in await body(world, b)


async def test_who_merged_and_why_stands_in_provenance_on_the_review_list_and_in_the_log(world: World) -> None:
    a, b = await pair(world, "oda")
    await merged(world, a, b)
    async with await world.client() as client:
        told = (await client.get(f"/Provenance?target=Patient/{a}")).json()["entry"][0]["resource"]
    assert [one["who"]["display"] for one in told["agent"]] == ["Gerd", "Secretary"]
    assert told["reason"] == [{"text": WHY}]
    row = await world.pool.fetchrow(
        "SELECT actor, reason, organization FROM access.review WHERE source = $1", f"Patient/{a}"
    )
    assert tuple(row) == ("gerd", WHY, "hospital")
    for id_ in (a, b):
        look = await world.pool.fetchrow(
            "SELECT actor, why, reason FROM audit.look WHERE patient = $1 AND action = 'merge'", patient_key(id_)
        )
        assert tuple(look) == ("gerd", "identity", WHY)


async def test_what_was_written_since_is_listed_under_its_id_without_what_it_says(world: World) -> None:
    a, b = await pair(world, "pia")
    await merged(world, a, b)
    await world.put({**observation(b, value=111), "id": "pia-later"}, by=None)
    await world.put({**observation(a, value=112), "id": "pia-other"})
    since = await patients.written_since(world.door, await world.permit("gerd"), a)
    assert {(one.patient, one.id) for one in since.lines} == {(b, "pia-later"), (a, "pia-other")}
    assert since.staying == b
    await patients.undo(world.door, await world.permit("gerd"), a, "Det var to ulike personer")
    assert await pulses(world, "nurse", b) == [90, 111], "it stays where it was written"


async def test_the_citizen_is_one_person_after_the_merge(world: World) -> None:
    await world.put(patient("kari-gammel", "Nordmann"))
    await world.put({**observation("kari-gammel", value=55), "id": "kari-old"})
    await merged(world, "kari-gammel", "kari")
    permit = await world.permit("kari")
    assert await pulses(world, "kari", "kari") == [55]
    assert [look.action for look in await log_for_patient(world.door, permit, "kari") if look.action == "merge"]
    await patients.undo(world.door, await world.permit("gerd"), "kari-gammel", "Det var to ulike personer")
    assert await pulses(world, "kari", "kari") == []


async def test_what_speaks_against_one_person_is_told(world: World) -> None:
    number = [{"system": FNR, "value": "13116900216"}]
    await world.put(
        {**patient("ragna-1", "Moen", number="11834826226"), "gender": "male", "deceasedDateTime": "2026-11-01"},
        {**patient("ragna-2", "Moen"), "identifier": number, "gender": "female"},
        stay("ragna-1-stay", "ragna-1"), stay("ragna-2-stay", "ragna-2"),
    )  # fmt: skip
    told = await patients.compare(world.door, await world.permit("gerd"), "ragna-1", "ragna-2")
    assert set(told.against) == {"number-other", "sex-other", "overlap", "after-death"}
    assert {fact.kind for fact in told.facts if fact.differs} == {"name", "number", "gender"}
    with pytest.raises(Forbidden):
        await patients.compare(world.door, await world.permit("doctor"), "ragna-1", "ragna-2")


async def test_systems_make_no_circle(world: World) -> None:
    a, b = await pair(world, "sara")
    link = {"type": "replaced-by", "other": {"reference": f"Patient/{b}"}}
    await world.put({**patient(a, "Moen"), "link": [link]})
    async with await world.client() as client:
        back = {**patient(b, "Moen"), "link": [{**link, "other": {"reference": f"Patient/{a}"}}]}
        assert (await client.put(f"/Patient/{b}", json=back)).status_code == 422
        itself = {**patient("sara-3", "Moen"), "link": [{**link, "other": {"reference": "Patient/sara-3"}}]}
        assert (await client.put("/Patient/sara-3", json=itself)).status_code in (200, 201, 422)
    assert world.door.persons.stays(a) == b


async def test_what_a_system_merged_is_parted_by_the_same_action(world: World) -> None:
    a, b = await pair(world, "tora")
    await world.put({**patient(a, "Moen"), "link": [{"type": "replaced-by", "other": {"reference": f"Patient/{b}"}}]})
    assert await pulses(world, "nurse", a) == [60, 90]
    await patients.undo(world.door, await world.permit("gerd"), a, "Det var to ulike personer")
    assert await pulses(world, "nurse", b) == [90]
    await change(world.door, world.system, [Change.delete("Observation", "tora-1-pulse")])


async def test_a_label_that_one_gets_later_hides_the_address_of_all(world: World) -> None:
    a, b = await pair(world, "unni", address=[{"city": "Verdal"}])
    await merged(world, a, b)
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}}
    async with await world.client() as client:
        stands = (await client.get(f"/Patient/{a}")).json()
        stands["meta"] = label["meta"]
        assert (await client.put(f"/Patient/{a}", json=stands)).status_code == 200
    async with await world.client("nurse") as client:
        assert "Verdal" not in (await client.get(f"/Patient/{b}")).text
        assert "Verdal" not in (await client.get(f"/Patient/{b}/_history")).text
        assert (await client.get("/Patient?address-city=Verdal")).json()["total"] == 0
    c, d = await pair(world, "vera", address=[{"city": "Frosta"}])
    link = [{"type": "replaced-by", "other": {"reference": f"Patient/{d}"}}]
    await world.put({**patient(c, "Moen"), **label, "link": link})
    assert CONFIDENTIALITY.encode() in await body(world, d), "what a system merges too"


async def test_a_lent_label_does_not_go_by_a_write_that_knows_nothing_of_it(world: World) -> None:
    a, b = await pair(world, "wenche")
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
    await world.put({**patient(a, "Moen"), **label})
    await merged(world, a, b)
    link = [{"type": "replaces", "other": {"reference": f"Patient/{a}"}}]
    await world.put({**patient(b, "Moen"), "link": link, "address": [{"city": "Leksvik"}]})
    async with await world.client("nurse") as client:
        assert "Leksvik" not in (await client.get(f"/Patient/{b}")).text
    gone = [{"type": "replaced-by", "other": {"reference": f"Patient/{b}"}}]
    await world.put({**patient(b, "Moen"), "link": link, "address": [{"city": "Leksvik"}]},
                    {**patient(a, "Moen"), "link": gone})  # fmt: skip
    async with await world.client("nurse") as client:
        assert "Leksvik" in (await client.get(f"/Patient/{b}")).text, "from all of them at once it goes"
