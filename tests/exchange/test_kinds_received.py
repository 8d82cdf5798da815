"""What referrals and discharge summaries of others become in the record, in whatever order their versions come."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import HOSPITAL, KARI, SHARED, WARD, WITHOUT, dialog, message
from exchange.test_kinds_written import AT, DISCHARGE, LINE, REFERRAL, SCAN, letter
from exchange.test_receiving import addressed, kept, on_list, open_tasks, receipts, took  # noqa: F401
from following import changes_since
from samjournal import access, messages
from samjournal.exchange import envelope, kinds, receiving, xml
from samjournal.exchange.envelope import Ident, Party, Person
from samjournal.exchange.kinds import Letter, discharge, referral
from samjournal.fhir.identifiers import HER
from samjournal.fhir.narrative import narrative, to_text
from samjournal.fhir.structure import check
from samjournal.messages import Place, state_of
from samjournal.messages.contents import named_by
from samjournal.record.beside import resources
from samjournal.record.feed import feed_end
from samjournal.referrals import follow, is_referral, of_unit
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("messages")
Resource = dict[str, Any]
WARD_HERE = Party("Sykehuset", (Ident(HOSPITAL, "HER"),), within=Party("Medisin 3", (Ident(WARD, "HER"),)))
KARI_SAID = Person(KARI[0], KARI[1], KARI[2], KARI[3], (Ident(KARI[5], "FNR"),))
FAULTY = replace(KARI_SAID, idents=(Ident("11834826227", "FNR"),))


def to_ward(document: str, status: str = "N", **how: Any) -> Letter:
    said = {"receiver": WARD_HERE, "patient": KARI_SAID, "id": str(uuid4()), "document": document, "status": status}
    return letter(**{**said, **how})


def referred(document: str, status: str = "N", says: str = "", **how: Any) -> bytes:
    reasons = (kinds.Passage(referral.PROBLEM, says),) if says else REFERRAL.reasons
    return referral.write(to_ward(document, status, **how), replace(REFERRAL, reasons=reasons), "1.1")


def discharged(document: str, status: str = "N", **how: Any) -> bytes:
    kind = {"kind": xml.Coded("EPIKRISE", name="Epikrise")}
    return discharge.write(to_ward(document, status, **kind, **how), DISCHARGE, "1.2")


async def became(world: World, data: bytes) -> list[Resource]:
    """What a message that was taken became."""
    id_ = envelope.read(xml.parse(data)).id
    named = [ref for one in await kept(world, "Communication", id_) for ref in named_by(one)]
    found = await resources(world.door, JOB, [(ref.partition("/")[0], ref.partition("/")[2]) for ref in named])
    return [one.resource() for one in found.values()]


async def test_a_referral_becomes_a_request_with_all_that_was_written(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    data = referred(document, files=(SCAN,))
    outcome = await took(addressed, data)
    assert (outcome.state, outcome.owner, receipts(outcome)) == ("received", "Medisin 3", [("PRIM", "1")])
    (request,) = await became(addressed, data)
    assert (request["resourceType"], request["status"], request["priority"]) == ("ServiceRequest", "active", "urgent")
    assert request["identifier"][0]["value"] == document
    assert request["performer"][0]["reference"] == "Organization/ward"
    assert request["requester"] == {
        "display": "Rita Lin, Kattskinnet legesenter",
        "identifier": {"system": HER, "value": "258521"},
    }, "where an answer goes"
    assert [one["text"] for one in request["reasonCode"]] == ["Reumatoid artritt", "Slitne hofter"]
    assert request["reasonCode"][0]["coding"][0]["code"] == "L88"
    assert [one["text"] for one in request["orderDetail"]] == ["Vurdering av protese?"]
    assert request["occurrencePeriod"] == {"start": "2026-12-24"}
    text = request["note"][0]["text"]
    assert text.startswith("Sterke smerter i hofter.\nVerst om natta.")
    assert all(one in text for one in ("Familie/sosialt\nBor alene", "Paracet 500 mg", "CRP 42", "Haster (elektiv)"))
    (said,) = await kept(addressed, "Communication", envelope.read(xml.parse(data)).id)
    assert request["supportingInfo"][0]["reference"] == f"DocumentReference/{said['id']}"
    (task,) = await on_list(addressed, envelope.read(xml.parse(data)).id)
    assert await open_tasks(addressed, envelope.read(xml.parse(data)).id) == []
    assert (task.words, task.focus) == ("Henvisning: Reumatoid artritt", f"ServiceRequest/{request['id']}")


async def test_a_discharge_summary_is_read_among_the_notes(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    data = discharged(document, files=(SCAN,))
    await took(addressed, data)
    (note,) = await became(addressed, data)
    assert (note["status"], note["type"]["coding"][0]["code"], note["title"]) == (
        "final",
        "18842-5",
        "Epikrise: Sykehusepikrise",
    )
    assert note["author"][0]["display"] == "Rita Lin, Kattskinnet legesenter"
    assert note["event"][0]["period"] == {"start": "2026-11-20", "end": "2026-11-29"}
    assert note["event"][0]["detail"][0]["identifier"]["value"] == DISCHARGE.referral
    texts = {one["title"]: to_text(one["text"]["div"]) for one in note["section"]}
    assert texts["Opphold"] == "20.11.2026 – 29.11.2026"
    assert texts["Diagnoser"] == "Endokarditt (I330)\nNyoppdaget bilyd"
    assert texts["Årsak til innleggelse"] == "Slapp & subfebril.\n\nForhøyet CRP."
    assert texts["Legemiddelopplysning"] == "Apocillin 1 g × 2 i fire uker"
    assert list(texts)[:3] == ["Opphold", "Årsak til innleggelse", "Diagnoser"]
    assert texts["Vedlegg"] == "Røntgen"


async def test_a_change_is_a_new_version_and_keeps_what_was_decided_here(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    first, second = referred(document), referred(document, "M", "Nå også i kneet.", made=AT + timedelta(hours=1))
    await took(addressed, first)
    (request,) = await became(addressed, first)
    clinic = {"reference": "Organization/clinic", "display": "Poliklinikken"}
    await addressed.put({**request, "status": "completed", "performer": [clinic]})
    await took(addressed, second)
    (changed,) = await became(addressed, second)
    assert (changed["id"], changed["meta"]["versionId"]) == (request["id"], "3")
    assert changed["note"][0]["text"].startswith("Nå også i kneet.")
    assert (changed["status"], changed["performer"]) == ("completed", [clinic])


async def test_a_change_of_a_note_keeps_what_was_added_here(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    note, again = discharged(document), discharged(document, "M", made=AT + timedelta(hours=1))
    await took(addressed, note)
    (stands,) = await became(addressed, note)
    code = {"coding": [{"system": "urn:samjournal:note-section", "code": "addition"}]}
    added = {"title": "Tillegg", "code": code, "text": narrative("Ringt pasienten.")}
    stay = {"reference": "Encounter/kari-stay"}
    await addressed.put({**stands, "encounter": stay, "section": [*stands["section"], added]})
    await took(addressed, again)
    (changed,) = await became(addressed, again)
    assert (changed["status"], changed["encounter"]) == ("amended", stay)
    assert [one["title"] for one in changed["section"]] == [*(one["title"] for one in stands["section"]), "Tillegg"]


async def test_what_is_taken_back_does_not_stand(addressed: World) -> None:  # noqa: F811
    document, other = str(uuid4()), str(uuid4())
    first, note = referred(document), discharged(other)
    await took(addressed, first)
    await took(addressed, note)
    gone = referred(document, "C", made=AT + timedelta(hours=1))
    await took(addressed, gone)
    await took(addressed, discharged(other, "C", made=AT + timedelta(hours=1)))
    (request,), (was,) = await became(addressed, first), await became(addressed, note)
    assert (request["status"], was["status"]) == ("revoked", "entered-in-error")
    assert request["note"], "what was written is still there"
    assert await became(addressed, gone) == [request], "the cancellation names what it cancels"


async def test_a_referral_of_others_is_on_the_list_of_the_unit_until_it_is_taken_back(addressed: World) -> None:  # noqa: F811
    document, doctor = str(uuid4()), await addressed.permit("doctor")
    data, changed = referred(document), referred(document, "M", "Haster.", made=AT + timedelta(minutes=1))

    async def listed(what: bytes) -> list[tuple[str, str]]:
        begin = await feed_end(addressed.door)
        await took(addressed, what)
        changes, _ = await changes_since(addressed.door, begin)
        await follow(addressed.door, JOB, changes, AT)
        found = await of_unit(addressed.door, doctor, "received")
        return [(one.state, one.requester_name) for one in found.referrals if one.document == document]

    assert await listed(data) == [("received", "Rita Lin, Kattskinnet legesenter")]
    assert await listed(changed) == [("received", "Rita Lin, Kattskinnet legesenter")], "the same one"
    assert await listed(referred(document, "C", made=AT + timedelta(minutes=2))) == []


async def test_versions_in_any_order_say_what_the_newest_says(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    first, second = referred(document, says="Gammelt."), referred(document, "M", "Nytt.", made=AT + timedelta(hours=1))
    await took(addressed, second)
    await took(addressed, first)
    assert await became(addressed, first) == []
    (request,) = await became(addressed, second)
    assert (request["note"][0]["text"].partition("\n")[0], request["meta"]["versionId"]) == ("Nytt.", "1")
    cancelled = str(uuid4())
    await took(addressed, referred(cancelled, "C", made=AT + timedelta(hours=1)))
    late = referred(cancelled)
    assert (await took(addressed, late)).state == "cancelled"
    assert await became(addressed, late) == []


async def test_versions_that_come_at_once_are_taken_one_after_the_other(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    versions = [referred(document, says="Nr 0.")]
    for place in (1, 2, 3):
        versions.append(referred(document, "M", f"Nr {place}.", made=AT + timedelta(seconds=place)))
    assert await states_of(addressed, versions) == ["superseded"] * 3 + ["received"]
    (request,) = await became(addressed, versions[-1])
    assert request["note"][0]["text"].startswith("Nr 3.")


async def test_so_are_those_that_are_words_alone(addressed: World) -> None:  # noqa: F811
    first, space = str(uuid4()), "http://www.kith.no/xmlstds/po/Innleggelsesrapport/2012-04-01"
    versions = []
    for place in range(4):
        status = f'<Forsendelsesstatus V="{"M" if place else "N"}"/>'
        body = f'<X xmlns="{space}"><InformasjonOmForsendelsen>{status}</InformasjonOmForsendelsen></X>'
        how = {"made": AT + timedelta(seconds=place), "conversation": first if place else ""}
        id_ = str(uuid4()) if place else first
        versions.append(message(body, kind="INNLEGGELSESRAPPORT", id_=id_, **how))
    assert await states_of(addressed, versions) == ["superseded"] * 3 + ["received"]


async def states_of(world: World, versions: list[bytes]) -> list[str]:
    """Where versions of one document stand that came at once; one task is left."""
    await asyncio.gather(*(took(world, one) for one in versions))
    names = [envelope.read(xml.parse(one)).id for one in versions]
    assert len([one for name in names for one in await open_tasks(world, name)]) == 1
    return [state_of((await kept(world, "Communication", name))[0]) for name in names]


async def test_two_receivers_in_one_body_have_one_request(addressed: World) -> None:  # noqa: F811
    out = Party("Sykehuset", (Ident(HOSPITAL, "HER"),), within=Party("Poliklinikken", (Ident("800003", "HER"),)))
    data = referred(str(uuid4()), copies=(out,))
    outcome = await took(addressed, data)
    assert receipts(outcome) == [("PRIM", "1"), ("COP", "1")]
    (request,) = await became(addressed, data)
    assert request["performer"][0]["reference"] == "Organization/ward"
    elsewhere = Party("Andre", (Ident("700001", "HER"),), within=Party("Hjerte", (Ident("700002", "HER"),)))
    copy = referred(str(uuid4()), receiver=elsewhere, copies=(out,))
    await took(addressed, copy)
    (request,) = await became(addressed, copy)
    assert request["performer"] == [{"display": "Hjerte, Andre"}], "who has a copy is not asked"
    assert not is_referral(request)


async def test_what_the_record_does_not_take_is_kept_as_words(
    addressed: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {"resourceType": "ServiceRequest", "id": "content-wrong", "status": "no-such-status"}
    for broken in (lambda *_: [wrong], lambda *_: {}["nothing"]):
        monkeypatch.setattr(kinds, "contents", broken)
        data = referred(str(uuid4()))
        outcome = await took(addressed, data)
        id_ = envelope.read(xml.parse(data)).id
        assert (outcome.state, receipts(outcome)) == ("received", [("PRIM", "1")])
        (said,) = await kept(addressed, "Communication", id_)
        assert "Sterke smerter i hofter." in said["payload"][0]["contentString"]
        (task,) = await open_tasks(addressed, id_)
        assert "kunne ikke legges inn i journalen" in task.words


async def test_a_conversation_can_be_followed(addressed: World) -> None:  # noqa: F811
    document, first, second = (str(uuid4()) for _ in range(3))
    asked = referred(document, id=first)
    await took(addressed, asked)
    answer = message(dialog("Når får hun time?"), id_=second, conversation=first)
    await took(addressed, answer)
    (said,), (before,) = await kept(addressed, "Communication", second), await kept(addressed, "Communication", first)
    assert said["inResponseTo"][0]["reference"] == f"Communication/{before['id']}"
    conversations = [
        one["value"] for each in (said, before) for one in each["identifier"] if one["system"].endswith(":conversation")
    ]
    assert conversations == [first, first]
    (request,) = await became(addressed, asked)
    assert said["about"] == [{"reference": f"ServiceRequest/{request['id']}"}]


async def test_a_message_whose_patient_a_person_found_becomes_the_same(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    data = referred(document, patient=FAULTY)
    assert (await took(addressed, data)).state == "held"
    id_ = envelope.read(xml.parse(data)).id
    (held,) = await kept(addressed, "Communication", id_)
    doctor = await addressed.permit("doctor")
    await messages.match(addressed.door, doctor, held["id"], 1, "kari")
    due = [one for one in await receiving.due(addressed.door, JOB, AT) if one[1] == id_]
    assert len(due) == 1
    (request,) = await became(addressed, data)
    assert (request["subject"]["reference"], request["status"]) == ("Patient/kari", "active")
    for of, _, receipt in due:
        await messages.answered(addressed.door, JOB, of, receipt)
    assert [one for one in await receiving.due(addressed.door, JOB, AT) if one[1] == id_] == []
    await took(addressed, referred(document, "C", made=AT + timedelta(hours=1)))
    assert [one["status"] for one in await became(addressed, data)] == ["revoked"]


async def test_a_cancellation_whose_patient_a_person_found_ends_what_it_cancels(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    first, gone = referred(document), referred(document, "C", patient=FAULTY, made=AT + timedelta(hours=1))
    await took(addressed, first)
    assert (await took(addressed, gone)).state == "held"
    (held,) = await kept(addressed, "Communication", envelope.read(xml.parse(gone)).id)
    await messages.match(addressed.door, await addressed.permit("doctor"), held["id"], 1, "kari")
    await receiving.due(addressed.door, JOB, AT)
    assert [one["status"] for one in await became(addressed, first)] == ["revoked"]
    (said,) = await kept(addressed, "Communication", envelope.read(xml.parse(first)).id)
    assert state_of(said) == "cancelled"


OFFICIAL = ("examples/Henvisning", "examples/Epikrise", "acceptance-cases/henvisning", "acceptance-cases/epikrise")


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
def test_nothing_of_the_official_messages_is_lost() -> None:
    """Every word that somebody wrote is in what a message becomes, and that is what FHIR says it may be."""
    place = Place("message-1", "kari", {"reference": "Organization/ward"}, 0, "content-1")
    seen = 0
    for folder in OFFICIAL:
        for path in sorted((SHARED / folder).rglob("*.xml")):
            try:
                read = envelope.read(xml.parse(path.read_bytes()))
            except (xml.NotWellFormed, envelope.NotAMessage):
                continue
            made = kinds.contents(read, place)
            assert len(made) == 1, path
            assert [one for one in check(made[0]) if one.severity == "error"] == [], path
            told = _all_words(made[0])
            assert read.content is not None
            for words in _written(read.content):
                assert words in told, (path, words)
            seen += 1
    assert seen > 60


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
def test_who_referred_a_patient_is_not_who_discharged_him() -> None:
    place = Place("message-1", "kari", {"reference": "Organization/ward"}, 0, "content-1")
    path = SHARED / "examples/Epikrise/Epikrise_v1-2/epikrise_v1.2_n.xml"
    (note,) = kinds.contents(envelope.read(xml.parse(path.read_bytes())), place)
    assert note["author"][0]["identifier"]["value"] == "9144900"
    assert note["author"][0]["display"].startswith("Overlege Rita Lin, Meldingsvalidering")


def _all_words(resource: Resource) -> str:
    found: list[str] = []

    def walk(value: Any, name: str = "") -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                walk(each, key)
        elif isinstance(value, list):
            for each in value:
                walk(each, name)
        else:
            found.append(to_text(value) if name == "div" else str(value))

    walk(resource)
    return " ".join(" ".join(found).replace(" | ", " ").split())


def _written(content: xml.Element) -> list[str]:
    """The free text of a message, line by line, and what codes are called: what a reader of it would see."""
    said = []
    for one in content.iter("{*}TextResultValue", "{*}Description", "{*}DosageText", "{*}Comment", "{*}Merknad"):
        for text in one.itertext("{*}*"):
            said += [" ".join(line.split()) for line in str(text).split("\n")]
    for one in content.iter("{*}Concept", "{*}DrugId", "{*}Precaution", "{*}AdmOutcome", "{*}AdmCat", "{*}Value"):
        said.append(xml.coded(one).name or (one.text or "").strip())
    return [one for one in said if one]


def test_the_patient_of_the_tests_is_not_the_one_of_the_letters() -> None:
    assert LINE.idents != KARI_SAID.idents


async def test_one_that_comes_again_while_it_is_kept_is_no_version_of_itself(
    addressed: World,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = referred(str(uuid4()))
    await took(addressed, data)

    async def not_yet(*_: object) -> bool:
        return False

    monkeypatch.setattr(receiving, "is_known", not_yet)
    assert (await took(addressed, data)).state == "duplicate"
    assert len(await kept(addressed, "Communication", envelope.read(xml.parse(data)).id)) == 1
