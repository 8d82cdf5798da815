"""Erasure by decision: two persons, one transaction, and nothing left but a tombstone. samjournal.record.expunging"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from erasing import erasing, found, permit_of, with_officers
from samjournal import access, record
from samjournal.access import Erasure
from samjournal.fhir.errors import Conflict, Erased, FhirError, Forbidden, Gone, Invalid, NotFound, Unprocessable
from samjournal.fhir.keys import patient_key
from samjournal.record import Change, change, expunging, history, read, vread
from samjournal.record.ids import new_id
from samjournal.server.doctor import erasures
from samjournal.server.expunging import sweep
from samjournal.store import jobs
from samjournal.store.jobs import Job
from world import World, observation, organization, patient, search_parameter, stay, to

pytestmark = pytest.mark.anyio
MARK = "zqxkvarts"
LONG = "Et langt notat som sier mye mer enn det en kort tekst gjør, slik at ordene ligger for seg selv."


@pytest.fixture(scope="module")
async def decided(world: World) -> World:
    await with_officers(world.pool)
    return world


def telling(id_: str, patient_id: str = "kari", *, mark: str = MARK, **more: Any) -> dict[str, Any]:
    """An Observation that says the mark wherever search looks: codes, names, strings, notes, references."""
    return {
        **observation(patient_id),
        "id": id_,
        "code": {"coding": [{"system": "urn:x", "code": "1", "display": f"Funn {mark}a"}], "text": f"Tekst {mark}b"},
        "subject": {"reference": f"Patient/{patient_id}", "display": f"Kari {mark}c"},
        "valueQuantity": {"value": 7, "unit": f"{mark}d"},
        "note": [{"text": f"{LONG} {mark}e"}],
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{mark}f</div>'},
        **more,
    }


async def propose(world: World, reference: str, by: str = "officer", **how: Any) -> Erasure:
    type_, _, id_ = reference.partition("/")
    async with erasing(world) as door:
        plan = await record.plan_of(door, type_, id_, **how)
        return await record.propose_erasure(door, await permit_of(world.pool, by), plan, "2026/4711-3")


async def confirm(world: World, one: Erasure, by: str = "doctor") -> int:
    async with erasing(world) as door:
        permit = await permit_of(world.pool, by)
        gone = await record.carry_out(door, permit, await record.confirm_erasure(door, permit, one.id))
        await sweep(door.pool)
        return gone


async def erase(world: World, reference: str, **how: Any) -> int:
    return await confirm(world, await propose(world, reference, **how))


async def test_nothing_of_it_is_left_but_tombstones(decided: World, owner: asyncpg.Connection) -> None:
    before = [(await decided.put(telling("gone", status=status)))[0] for status in ("preliminary", "final")]
    await owner.execute("ANALYZE")
    assert set(await found(owner, MARK)) >= {"store.version", "store.text", "store.display"}
    assert await erase(decided, "Observation/gone") == 1
    assert await found(owner, MARK) == []
    rows = await owner.fetch(
        "SELECT version, digest, decision, proposed_by, confirmed_by FROM store.tombstone ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        (one.version, hashlib.sha256(one.body or b"").digest(), "2026/4711-3", "officer", "doctor") for one in before
    ]
    methods = await owner.fetch("SELECT version, method::text, body FROM store.version WHERE id = 'gone' ORDER BY 1")
    assert [tuple(row) for row in methods] == [(1, "X", None), (2, "X", None), (3, "X", None)]
    assert (
        await owner.fetchval("SELECT method::text FROM store.feed WHERE id = 'gone' ORDER BY seq DESC LIMIT 1") == "X"
    )
    looks = await owner.fetch("SELECT action, actor, why, shown FROM audit.look WHERE why = 'decision' ORDER BY at")
    assert [tuple(row) for row in looks] == [
        ("erase-proposed", "officer", "decision", "Observation/gone"),
        ("erase-confirmed", "doctor", "decision", "Observation/gone"),
        ("erased", "doctor", "decision", "Observation/gone"),
    ]


async def test_it_reads_as_erased_and_does_not_come_back(decided: World) -> None:
    await decided.put(telling("away"))
    await erase(decided, "Observation/away")
    with pytest.raises(Erased, match=r"erased on \d{4}-\d\d-\d\d by decision 2026/4711-3"):
        await read(decided.door, decided.system, "Observation", "away")
    with pytest.raises(Erased, match="2026/4711-3"):
        await vread(decided.door, decided.system, "Observation", "away", 1)
    versions, total = await history(decided.door, decided.system, "Observation", "away")
    assert [(one.method, one.stored.body, "2026/4711-3" in (one.erased or "")) for one in versions] == [
        ("X", None, True),
        ("X", None, True),
    ]
    assert total == 2
    with pytest.raises(Erased, match="not written again"):
        await decided.put(telling("away"))
    async with await decided.client() as client:
        answer = await client.get("/Observation/away")
        assert answer.status_code == 410
        (issue,) = answer.json()["issue"]
        assert issue["details"]["coding"][0]["code"] == "erased"
        for page in ("/Observation/away/_history", "/Observation/_history", "/_history"):
            entries = (await client.get(page)).json()["entry"]
            mine = [one for one in entries if one["fullUrl"].endswith("Observation/away")]
            assert {one["response"]["status"] for one in mine} == {"410 Gone"}
            assert all("2026/4711-3" in one["response"]["outcome"]["issue"][0]["diagnostics"] for one in mine)
            assert all("resource" not in one for one in mine)
        xml = await client.get("/Observation/away/_history", headers={"accept": "application/fhir+xml"})
        assert xml.text.count('<status value="410 Gone"') == 2
        for query in (f"code:text={MARK}a", f"_content={MARK}e", f"_text={MARK}f", "code=urn:x|1", "_id=away"):
            assert (await client.get(f"/Observation?{query}&_summary=count")).json()["total"] == 0, query
        everything = (await client.get("/Patient/kari/$everything")).text
        assert "Observation/away" not in everything
        assert (await client.put("/Observation/away", json=telling("away"))).status_code == 410
        assert (await client.delete("/Observation/away")).status_code in (200, 204)


@pytest.mark.parametrize(
    ("by", "error"), [("officer", "another person"), ("officer2", "another person"), ("nurse", "does not decide")]
)
async def test_the_same_person_cannot_confirm_nor_can_who_has_no_such_role(
    decided: World, owner: asyncpg.Connection, by: str, error: str
) -> None:
    id_ = f"kept-{by}"
    await decided.put(telling(id_))
    one = await propose(decided, f"Observation/{id_}")
    with pytest.raises(Forbidden, match=error):
        await confirm(decided, one, by)
    assert (await read(decided.door, decided.system, "Observation", id_)).body
    async with erasing(decided) as door:
        with pytest.raises(Conflict, match="not confirmed"):
            await record.carry_out(door, await permit_of(decided.pool, "doctor"), one)
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(
            "UPDATE access.erasure SET confirmed = now(), confirmed_by = proposed_by WHERE id = $1", one.id
        )


async def test_who_may_not_decide_does_not_propose(decided: World) -> None:
    await decided.put(telling("unproposed"))
    with pytest.raises(Forbidden, match="does not decide on erasure"):
        await propose(decided, "Observation/unproposed", by="nurse")


async def test_the_role_of_the_application_cannot_do_it(decided: World) -> None:
    await decided.put(telling("strong"))
    one = await propose(decided, "Observation/strong")
    doctor = await permit_of(decided.pool, "doctor")
    with pytest.raises(Conflict, match="another person than officer"):
        await record.decided_erasure(decided.door, one.id)
    confirmed = await record.confirm_erasure(decided.door, doctor, one.id)
    assert confirmed == await record.decided_erasure(decided.door, one.id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="confirmed once"):
        await decided.pool.execute("UPDATE access.erasure SET confirmed_by = 'nurse' WHERE id = $1", one.id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await record.carry_out(decided.door, doctor, confirmed)
    assert (await read(decided.door, decided.system, "Observation", "strong")).body


async def test_a_proposal_runs_out_and_stands_on_the_review_list(decided: World, owner: asyncpg.Connection) -> None:
    await decided.put(telling("late"))
    one = await propose(decided, "Observation/late")
    assert timedelta(days=13) < one.deadline - datetime.now(UTC) < timedelta(days=15)
    async with decided.pool.acquire() as db:
        listed = await access.to_review(db, await permit_of(decided.pool, "officer"))
    assert ("erasure", "Observation/late", "kari") in {(m.kind, m.source, m.patient) for m in listed.matters}
    await owner.execute("UPDATE access.erasure SET deadline = now() - interval '1 hour' WHERE id = $1", one.id)
    with pytest.raises(Unprocessable, match="ran out"):
        await confirm(decided, one)
    assert await erase(decided, "Observation/late") == 1, "and may be proposed anew"
    waits = "SELECT count(*) FROM access.review WHERE source = 'Observation/late' AND reviewed IS NULL"
    assert await owner.fetchval(waits) == 0, "what was decided was looked over"


async def test_an_old_version_goes_alone(decided: World, owner: asyncpg.Connection) -> None:
    wrong = telling("mended", mark="zqxwrong")
    await decided.put(wrong)
    await decided.put({**observation("kari"), "id": "mended"})
    with pytest.raises(Invalid, match="is the newest"):
        await propose(decided, "Observation/mended", version=2)
    with pytest.raises(NotFound, match="no version 7"):
        await propose(decided, "Observation/mended", version=7)
    assert await erase(decided, "Observation/mended", version=1) == 1
    assert await found(owner, "zqxwrong") == []
    assert (await read(decided.door, decided.system, "Observation", "mended")).version == 2
    with pytest.raises(Erased):
        await vread(decided.door, decided.system, "Observation", "mended", 1)
    versions, _ = await history(decided.door, decided.system, "Observation", "mended")
    assert [one.method for one in versions] == ["U", "X"]
    assert (await decided.put({**observation("kari"), "id": "mended"}))[0].version == 3
    feed = "SELECT version FROM store.feed WHERE id = 'mended' AND method = 'X'"
    assert await owner.fetchval(feed) == 1


async def test_what_was_deleted_before_is_erased_too(decided: World, owner: asyncpg.Connection) -> None:
    await decided.put(telling("deleted", mark="zqxdeleted"))
    await change(decided.door, decided.system, [Change.delete("Observation", "deleted")])
    with pytest.raises(Gone, match="was deleted"):
        await read(decided.door, decided.system, "Observation", "deleted")
    assert await erase(decided, "Observation/deleted") == 1
    assert await found(owner, "zqxdeleted") == []
    with pytest.raises(Erased):
        await read(decided.door, decided.system, "Observation", "deleted")


async def test_names_that_others_have_stay(decided: World) -> None:
    await decided.put(telling("one", mark="zqxshared"), telling("other", mark="zqxshared"))
    await erase(decided, "Observation/one")
    async with await decided.client() as client:
        answer = (await client.get("/Observation?code:text=zqxshareda")).json()
        assert [one["resource"]["id"] for one in answer["entry"]] == ["other"]
        await erase(decided, "Observation/other")
        await decided.put(telling("third", mark="zqxshared"))
        record.forget_texts()  # As a server does that reads of it in the feed.
        await decided.put(telling("fourth", mark="zqxshared"))
        answer = (await client.get("/Observation?code:text=zqxshareda")).json()
        assert {one["resource"]["id"] for one in answer["entry"]} >= {"fourth"}


async def test_what_it_made_is_taken_back(decided: World, owner: asyncpg.Connection) -> None:
    await decided.put(patient("opened", "Nordmann"), stay("opens", "opened"), organization("closed-ward"))
    assert await owner.fetchval("SELECT count(*) FROM access.relation WHERE source = 'Encounter/opens'") > 0
    await erase(decided, "Encounter/opens")
    await erase(decided, "Organization/closed-ward")
    assert await owner.fetchval("SELECT count(*) FROM access.relation WHERE source = 'Encounter/opens'") == 0
    assert await owner.fetchval("SELECT count(*) FROM access.unit WHERE id = 'Organization/closed-ward'") == 0
    drifts = [one async for one in record.compare_projections(decided.door, decided.system)]
    assert all(not one.differing for one in drifts)


@pytest.mark.parametrize("ended", ["before", "after"])
async def test_answers_that_show_it_are_not_kept(decided: World, owner: asyncpg.Connection, ended: str) -> None:
    id_ = f"shown-{ended}"
    await decided.put(telling(id_, mark="zqxanswer"))
    job = Job(UUID(new_id()), b"", b"", b"", False)
    async with decided.pool.acquire() as db:
        await jobs.add(db, job, actor="t", rights="")
        assert (await jobs.take(db)) == job
        answer, shown = b'{"display":"zqxanswer"}', [("Observation", id_)]
        if ended == "before":
            await jobs.end(db, job.id, answer, shown, 0)
        await erase(decided, f"Observation/{id_}")
        if ended == "after":
            await jobs.end(db, job.id, answer, shown, 0)
        assert await jobs.find(db, job.id) is None
    assert await found(owner, "zqxanswer") == []


async def test_what_refers_to_it_is_told_before_and_stays(decided: World) -> None:
    await decided.put(
        {**telling("pointed", mark="zqxp")},
        {**observation("kari"), "id": "pointing", "hasMember": [to("Observation/pointed")]},
    )
    async with erasing(decided) as door:
        plan = await record.plan_of(door, "Observation", "pointed")
    assert plan.referrers == ("Observation/pointing",)
    await erase(decided, "Observation/pointed")
    assert b"Observation/pointed" in ((await read(decided.door, decided.system, "Observation", "pointing")).body or b"")


async def test_a_patient_with_everything_goes_in_steps_and_last(
    decided: World, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = "zqxwhole"
    whole = {**patient("whole", f"Slekt{mark}"), "telecom": [{"system": "email", "value": f"{mark}@example.no"}]}
    await decided.put(
        whole, stay("whole-stay", "whole"), *(telling(f"whole-{n}", "whole", mark=mark) for n in range(7))
    )
    draft = record.DraftText(mark.encode(), title=mark)
    await record.save_draft(decided.door, await decided.permit("nurse"), "whole", str(uuid4()), draft)
    await change(decided.door, decided.system, [Change.delete("Observation", "whole-0")])
    await decided.put({**observation("ola"), "id": "elsewhere", "performer": [to("Patient/whole")]})
    with pytest.raises(Invalid, match="8 resources lie under"):
        await propose(decided, "Patient/whole")
    one = await propose(decided, "Patient/whole", everything=True)
    monkeypatch.setattr(expunging, "AT_ONCE", 3)
    real, asked = expunging.erasing.drop_answers, 0

    async def cut_off(*given: Any) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise ConnectionResetError("cut off")
        await real(*given)

    monkeypatch.setattr(expunging.erasing, "drop_answers", cut_off)
    with pytest.raises(Exception, match=r"away|reach|cut off"):
        await confirm(decided, one)
    left = "SELECT count(*) FROM store.version WHERE patient = $1 AND body IS NOT NULL"
    assert await owner.fetchval(left, patient_key("whole")) > 0
    assert (await read(decided.door, decided.system, "Patient", "whole")).body, "the Patient goes last"
    told = [one.text async for one in erasures(decided.pool) if not one.right]
    assert any(f"samjournal record expunge carry-out {one.id}" in each for each in told)
    async with erasing(decided) as door:
        assert [(w.id, w.done) for w in await record.erasures(door) if w.confirmed and w.type == "Patient"] == [
            (one.id, None)
        ]
    assert await confirm(decided, one) == 3, "the rest, and no more"
    assert await confirm(decided, one) == 0
    assert await found(owner, mark) == []
    assert await owner.fetchval("SELECT count(*) FROM access.person WHERE id = 'whole'") == 0
    for type_, id_ in (("Patient", "whole"), ("Encounter", "whole-stay"), ("Observation", "whole-0")):
        with pytest.raises(Erased):
            await read(decided.door, decided.system, type_, id_)
    assert (await read(decided.door, decided.system, "Observation", "elsewhere")).body


async def test_a_crash_in_the_middle_leaves_it_whole(
    decided: World, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await decided.put(telling("crashed", mark="zqxcrash"))
    one = await propose(decided, "Observation/crashed")

    async def cut_off(*_: Any) -> None:
        raise RuntimeError("cut off")

    with monkeypatch.context() as patched:
        patched.setattr(expunging.erasing, "drop_answers", cut_off)
        with pytest.raises(RuntimeError):
            await confirm(decided, one)
    assert (await read(decided.door, decided.system, "Observation", "crashed")).body
    assert await owner.fetchval("SELECT count(*) FROM store.tombstone WHERE id = 'crashed'") == 0
    assert await confirm(decided, one) == 1
    assert await found(owner, "zqxcrash") == []


@pytest.mark.parametrize(
    ("reference", "how", "error"),
    [
        ("Observation/never", {}, "There is no Observation/never"),
        ("Thing/1", {}, "no type of resource"),
        ("Encounter/kari-stay", {"everything": True}, "Everything is erased of a Patient"),
        ("Patient/kari", {"everything": True, "version": 1}, "Everything is erased of a Patient"),
    ],
)
async def test_what_cannot_be_erased_is_said(decided: World, reference: str, how: dict[str, Any], error: str) -> None:
    with pytest.raises(FhirError, match=error):
        await propose(decided, reference, **how)


async def test_a_decision_without_reference_is_refused(decided: World) -> None:
    await decided.put(telling("unfiled"))
    async with erasing(decided) as door:
        plan = await record.plan_of(door, "Observation", "unfiled")
        with pytest.raises(Invalid, match="where the decision is filed"):
            await record.propose_erasure(door, await permit_of(decided.pool, "officer"), plan, "  ")


async def test_texts_of_added_parameters_and_protected_fields_go_too(decided: World, owner: asyncpg.Connection) -> None:
    await decided.put(search_parameter("mark", "token", "Observation.category", "Observation"))
    await record.activate(decided.door, decided.system, "mark")
    category = [{"coding": [{"system": "urn:c", "code": "c", "display": "Slag zqxadded"}]}]
    await decided.put({**observation("kari"), "id": "added", "category": category})
    secret = {
        **patient("secret", "Moe"),
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
        "address": [{"city": "zqxaddedby"}],
        "generalPractitioner": [{"reference": "Organization/ward", "display": "Kontor zqxadded"}],
    }
    await decided.put(secret)
    await erase(decided, "Observation/added")
    await erase(decided, "Patient/secret", everything=True)
    assert await found(owner, "zqxadded") == []
