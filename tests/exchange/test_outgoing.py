"""A message out is made from the record, in the version that its receiver asks for; what is missing is named."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from exchange.test_kinds_written import needs_schemas, wrong
from exchange.test_outbox import JOB, connected, endpoint, outgoing, standing  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import access, messages
from samjournal.exchange import envelope, kinds, summarising, xml
from samjournal.exchange.envelope import Envelope
from samjournal.exchange.kinds import dialog, discharge, letter_of, referral
from samjournal.exchange.outbox import CannotWrite
from samjournal.exchange.outgoing import rendered
from samjournal.fhir.identifiers import HER, HPR
from samjournal.fhir.narrative import narrative
from samjournal.messages import Outgoing, Place
from samjournal.messages.states import KIND
from samjournal.record import change
from world import World, made, to

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)
ICPC = "urn:oid:2.16.578.1.12.4.1.1.7170"
DOCUMENT = str(uuid4())
Resource = dict[str, Any]
BY = {"reference": "PractitionerRole/doctor-role", "display": "Doctor"}


def takes(*kinds: tuple[str, str]) -> list[Resource]:
    return [{"coding": [{"system": KIND, "code": code, **({"version": v} if v else {})}]} for code, v in kinds]


@pytest.fixture(scope="module")
async def charted(connected: World) -> World:  # noqa: F811
    """Kari has a referral with what comes along, and a discharge summary; the receiver has several ways to take it."""
    about_kari = {"subject": to("Patient/kari")}
    pdf = {"contentType": "application/pdf", "title": "Røntgen", "data": base64.b64encode(b"%PDF-1.4\n").decode()}
    number = [{"system": HPR, "value": "9144900"}]
    await connected.put(
        made("Practitioner", "doctor", name=[{"family": "Lin", "given": ["Rita"]}], identifier=number),
        made("Practitioner", "clerk", name=[{"family": "Sekretær", "given": ["Siv"]}]),
        made(
            "PractitionerRole",
            "clerk-role",
            practitioner=to("Practitioner/clerk"),
            organization=to("Organization/ward"),
        ),
        endpoint("plain", "outside-heart", payloadType=takes(("HENVISNING", ""), ("EPIKRISE", ""))),
        endpoint("oldest", "outside-heart", payloadType=takes(("HENVISNING", "1.0"), ("EPIKRISE", "1.1"))),
        endpoint("newest", "outside-heart", payloadType=takes(("HENVISNING", "1.1"), ("HENVISNING", "2.0"))),
        endpoint("strange", "outside-heart", payloadType=takes(("HENVISNING", "9.9"), ("DIALOG_SVAR", "1.0"))),
        made(
            "DocumentReference",
            "scan",
            status="current",
            description="Røntgen",
            content=[{"attachment": pdf}],
            **about_kari,
        ),
        made(
            "Observation",
            "crp",
            status="final",
            code={"text": "CRP"},
            effectiveDateTime="2026-11-20T08:00:00Z",
            valueQuantity={"value": 42.5, "unit": "mg/L", "comparator": ">"},
            **about_kari,
        ),
        made(
            "MedicationStatement",
            "paracet",
            status="active",
            medicationCodeableConcept={"text": "Paracet 500 mg"},
            dosage=[{"text": "1 tablett ved behov"}],
            **about_kari,
        ),
        made(
            "Condition",
            "hip",
            code={"coding": [{"system": ICPC, "code": "L89", "display": "Artrose hofte"}]},
            **about_kari,
        ),
        made(
            "ServiceRequest",
            "asked",
            status="active",
            intent="order",
            identifier=[{"system": "urn:samjournal:document-id", "value": DOCUMENT}],
            priority="urgent",
            requester=BY,
            performer=[to("Organization/outside-heart")],
            occurrencePeriod={"start": "2026-12-01", "end": "2026-12-24"},
            reasonCode=[
                {"coding": [{"system": ICPC, "code": "L13", "display": "Hofteplager"}], "text": "Vondt i hofta"}
            ],
            reasonReference=[to("Condition/hip")],
            supportingInfo=[to("DocumentReference/scan"), to("Observation/crp"), to("MedicationStatement/paracet")],
            note=[{"text": "Smerter i hofta.\n\nVerst om natta."}],
            orderDetail=[{"text": "Er det artrose?"}, {"text": "Protese nå?"}],
            **about_kari,
        ),
        made(
            "Encounter",
            "stay",
            status="finished",
            **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
            period={"start": "2026-11-20T08:00:00Z", "end": "2026-11-29T10:00:00Z"},
            basedOn=[to("ServiceRequest/asked")],
            **about_kari,
        ),
        made(
            "Composition",
            "summary",
            status="final",
            type={"coding": [{"system": "http://loinc.org", "code": "18842-5"}]},
            encounter=to("Encounter/stay"),
            date="2026-11-29T10:00:00Z",
            author=[BY],
            title="Epikrise Medisin 3",
            section=[
                {"title": "Vurdering", "text": narrative("Artrose.\n\nHar det bra."), "entry": [to("Condition/hip")]},
                {"title": "Annet", "text": narrative("Går tur.")},
            ],
            **about_kari,
        ),
    )
    return connected


def referred(**how: Any) -> Outgoing:
    said = {"kind": ("HENVISNING", "Henvisning"), "about": "ServiceRequest/asked", "document": DOCUMENT, "by": BY}
    return outgoing(**{**said, "endpoint": "plain", **how})


async def written(world: World, message: Outgoing) -> tuple[bytes, Envelope]:
    await change(world.door, JOB, messages.sending(message, datetime.now(UTC)))
    data = await rendered(world.door, JOB, await standing(world, message.id), NOW)
    return data, envelope.read(xml.parse(data))


async def test_a_referral_says_what_the_request_says(charted: World) -> None:
    message = referred()
    data, read = await written(charted, message)
    letter, says = letter_of(read), referral.read(read)
    assert xml.namespace(xml.parse(data)) == referral.SPACES["1.1"]
    assert (letter.id, letter.document, letter.status) == (message.number, DOCUMENT, "N")
    assert [one.ident("HER") for one in letter.sender.levels] == ["800001", "800002"]
    assert [one.ident("HER") for one in letter.receiver.levels] == ["920000", "920001"]
    assert (letter.patient.family, letter.patient.idents[0].kind) == ("Nordmann", "FNR")
    assert [(one.name, one.mime, one.data) for one in letter.files] == [("Røntgen", "application/pdf", b"%PDF-1.4\n")]
    assert (says.priority.code, says.wanted) == ("3", "2026-12-01")
    assert [one.code for one in says.diagnoses] == ["L13", "L89"]
    texts = {one.heading.code: one.text for one in says.reasons}
    assert texts["DIAG"] == "Vondt i hofta"
    assert texts["PROB"] == "Smerter i hofta.\n\nVerst om natta."
    asked = "1. Er det artrose?\n2. Protese nå?\nØnskes fra 01.12.2026.\nTrenger hjelp innen 24.12.2026."
    assert texts["UTRED"] == asked
    assert [(one.heading.code, one.text) for one in says.items] == [
        ("FUNN", "CRP 20.11.2026: >42,5 mg/L"),
        ("MEDB", "Paracet 500 mg, 1 tablett ved behov"),
    ]
    assert "Rita Lin" in says.rest
    assert "9144900" in says.rest


async def test_whoever_gets_it_here_reads_what_was_asked(charted: World) -> None:
    place = Place("message-1", "kari", {"reference": "Organization/outside-heart"}, 0, "content-1")
    for endpoint_ in ("plain", "newest"):
        _, read = await written(charted, referred(endpoint=endpoint_))
        (request,) = kinds.contents(read, place)
        assert [one["coding"][0]["code"] for one in request["reasonCode"]] == ["L13", "L89"]
        assert request["reasonCode"][0]["text"] == "Vondt i hofta"
        assert request["note"][0]["text"].startswith("Smerter i hofta.\n\nVerst om natta.")
        assert request["orderDetail"][0]["text"].startswith("1. Er det artrose?\n2. Protese nå?")
        assert (request["priority"], request["occurrencePeriod"]) == ("urgent", {"start": "2026-12-01"})
        assert request["identifier"][0]["value"] == DOCUMENT


async def test_the_endpoint_says_which_version(charted: World) -> None:
    data, read = await written(charted, referred(endpoint="newest"))
    assert (xml.name(xml.parse(data)), read.kind.code) == ("MsgHead", "HENVISNING_NYTILSTAND")
    data, _ = await written(
        charted, referred(kind=("EPIKRISE", "Epikrise"), about="Composition/summary", endpoint="oldest")
    )
    assert xml.namespace(xml.parse(data)) == discharge.SPACES["1.1"]
    with pytest.raises(CannotWrite, match=r"1\.0 har ikke plass til vedlegg"):
        await written(charted, referred(endpoint="oldest"))
    with pytest.raises(CannotWrite, match=r"ber om Henvisning 9\.9"):
        await written(charted, referred(endpoint="strange"))


async def test_a_change_and_a_withdrawal_of_the_newest_kind_name_the_first(charted: World) -> None:
    document = str(uuid4())
    first, second, third = (
        referred(endpoint="newest", document=document, status=status, text="Skal ikke ha time.") for status in "NMC"
    )
    _, one = await written(charted, first)
    _, two = await written(charted, second)
    data, three = await written(charted, third)
    assert (one.parent, one.conversation) == ("", "")
    assert (two.parent, two.conversation) == (first.number, first.number)
    assert (three.parent, three.conversation) == (second.number, first.number)
    assert (three.status, referral.read(three).comment) == ("C", "Skal ikke ha time.")
    assert "Smerter" not in data.decode()


async def test_a_discharge_summary_says_what_the_note_says(charted: World) -> None:
    siv = {"reference": "PractitionerRole/clerk-role", "display": "Siv"}
    message = referred(kind=("EPIKRISE", "Epikrise"), about="Composition/summary", by=siv, signer=BY)
    _, read = await written(charted, message)
    says = discharge.read(read)
    assert (says.about, says.began[:10], says.ended[:10]) == ("Epikrise Medisin 3", "2026-11-20", "2026-11-29")
    assert says.referral == DOCUMENT
    assert [one.code for one in says.diagnoses] == ["L89"]
    assert [(one.heading.code, one.text) for one in says.passages] == [
        ("VU", "Artrose.\n\nHar det bra."),
        ("", "Går tur."),
    ]
    assert all(one in says.rest for one in ("Rita Lin", "Siv Sekretær")), "both names are shown"


async def test_a_dialogue_message_says_what_was_written_and_what_it_answers(charted: World) -> None:
    await charted.put(
        made(
            "Communication",
            "written",
            status="completed",
            subject=to("Patient/kari"),
            topic={"text": "Opptrening"},
            payload=[{"contentString": "Kan dere hjelpe?"}],
        )
    )
    dialogue = {"kind": ("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"), "about": "Communication/written"}
    first = referred(**dialogue)
    second = referred(**dialogue, answers=first.number)
    third = referred(**dialogue, answers=second.number)
    _, read = await written(charted, first)
    assert dialog.read(read) == dialog.Dialog(dialog.TOPICS["DIALOG_HELSEFAGLIG"], "Opptrening", "Kan dere hjelpe?")
    await written(charted, second)
    _, read = await written(charted, third)
    assert (read.parent, read.conversation) == (second.number, first.number)


async def test_what_is_asked_about_a_referral_is_in_its_conversation(charted: World) -> None:
    sent = referred()
    await written(charted, sent)
    reminder = referred(kind=("DIALOG_HELSEFAGLIG", "Helsefaglig dialog"), text="Hvor står den?")
    _, read = await written(charted, reminder)
    assert dialog.read(read).text == "Hvor står den?"
    first = read.conversation
    assert read.parent == first != ""
    elsewhere = referred(kind=("DIALOG_HELSEFAGLIG", "Dialog"), about="Patient/kari")
    assert (await written(charted, elsewhere))[1].parent == ""


async def test_a_test_message_is_about_nobody_and_of_nobody(charted: World) -> None:
    ward = {"reference": "Organization/ward", "display": "Medisin 3"}
    message = referred(
        kind=("DIALOG_HELSEFAGLIG", "Prøvemelding"), about="Endpoint/plain", patient="", sender=ward, by=ward, status=""
    )
    data, read = await written(charted, message)
    assert (read.patient, dialog.read(read).text) == (None, "Hei.")
    assert b"HealthcareProfessional" not in data


async def test_what_is_missing_is_named(charted: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summarising, "_MOST", 1000)
    await charted.put(made("Organization", "bare", name="Legekontoret"))
    big = base64.b64encode(bytes(2000)).decode()
    scan = {"contentType": "image/tiff", "title": "Bilder", "data": big}
    about_kari = {"subject": to("Patient/kari")}
    note = {
        "status": "final",
        "type": {"text": "Epikrise"},
        "date": "2026-11-29",
        "author": [BY],
        "title": "Epikrise",
        "section": [{"title": "Bilder", "entry": [to("DocumentReference/large")]}],
    }
    await charted.put(
        made("DocumentReference", "large", status="current", content=[{"attachment": scan}], **about_kari),
        made("Composition", "heavy", **note, **about_kari),
        made("Composition", "struck", **{**note, "status": "entered-in-error"}, **about_kari),
        made("DocumentReference", "empty", status="current", content=[{"attachment": {"title": "Svar"}}], **about_kari),
        made("Composition", "void", **{**note, "section": [{"entry": [to("DocumentReference/empty")]}]}, **about_kari),
    )
    summary = {"kind": ("EPIKRISE", "Epikrise")}
    missing = {
        "Vedleggene er til sammen": {**summary, "about": "Composition/heavy"},
        "Vedlegget «Svar» har ikke noe innhold": {**summary, "about": "Composition/void"},
        "Notatet er merket som feilført": {**summary, "about": "Composition/struck"},
        "Mottakeren Legekontoret har ikke HER-id": {"receiver": to("Organization/bare")},
        "Avsenderen Poliklinikken har ikke HER-id": {"sender": to("Organization/clinic")},
        "Avsenderen Hjemmetjenesten ligger ikke under en virksomhet": {"sender": to("Organization/homecare")},
        "Siv Sekretær har ikke HPR-nummer": {"by": to("PractitionerRole/clerk-role")},
        "Det meldingen er laget av": {"about": "Patient/kari"},
        "Meldinger av typen SVAR_LAB": {"kind": ("SVAR_LAB", "Svar")},
    }
    for told, how in missing.items():
        with pytest.raises(CannotWrite, match=told):
            await written(charted, referred(**how))


async def test_an_office_that_lies_under_nobody_writes_by_who_signs_or_by_its_service(charted: World) -> None:
    job = access.for_job("messages")
    office = {"sender": to("Organization/office"), "by": to("PractitionerRole/office-role")}
    her = [{"system": HER, "value": "820001"}]
    post = made(
        "PractitionerRole",
        "office-role",
        practitioner=to("Practitioner/doctor"),
        organization=to("Organization/office"),
    )
    await charted.put(made("Organization", "office", name="Furulia legesenter", identifier=her), post)
    assert not await messages.is_whole(charted.door, job, "office")
    with pytest.raises(CannotWrite, match="ligger ikke under en virksomhet"):
        await written(charted, referred(**office))
    service = [{"system": HER, "value": "820002"}]
    await charted.put(
        made("HealthcareService", "office", identifier=service, providedBy=to("Organization/office"), name="Kontoret")
    )
    assert await messages.is_whole(charted.door, job, "office")
    sender = (await written(charted, referred(**office)))[1].sender
    assert [one.ident("HER") for one in sender.levels] == ["820001", "820002"]
    await charted.put({**post, "identifier": [{"system": HER, "value": "820003"}]})
    sender = (await written(charted, referred(**office)))[1].sender
    assert [one.ident("HER") for one in sender.levels] == ["820001", "820003"]


@needs_schemas
async def test_what_is_made_of_the_record_fits_the_schemas(charted: World) -> None:
    for how in (
        {"endpoint": "plain"},
        {"endpoint": "newest"},
        {"endpoint": "newest", "status": "C"},
        {"kind": ("EPIKRISE", "Epikrise"), "about": "Composition/summary"},
        {"kind": ("DIALOG_SVAR", "Svar"), "about": "Patient/kari", "endpoint": "strange"},
        {"kind": ("DIALOG_FORESPORSEL", "Forespørsel"), "about": "Patient/kari"},
    ):
        data, _ = await written(charted, referred(**how))
        assert wrong(data) == "", how
