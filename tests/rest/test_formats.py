"""JSON and XML, in and out. hl7.org/fhir/R4/http.html#mime-type"""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio
XML = "application/fhir+xml"
FHIR = "{http://hl7.org/fhir}"
SENT = """<?xml version="1.0" encoding="UTF-8"?>
<Observation xmlns="http://hl7.org/fhir"><status value="final"/><code><text value="Vekt &amp; høyde"/></code>
<subject><reference value="Patient/kari"/></subject>
<valueQuantity><value value="71.50"/></valueQuantity></Observation>"""


def value(document: bytes, path: str) -> str | None:
    found = ElementTree.fromstring(document).find("/".join(f"{FHIR}{name}" for name in path.split("/")))
    return None if found is None else found.get("value")


async def test_what_comes_in_as_xml_is_read_as_json_and_as_xml(world: World) -> None:
    async with await world.client() as client:
        made = await client.post("/Observation", content=SENT.encode(), headers={"content-type": XML})
        assert made.status_code == 201, made.text
        assert made.headers["content-type"].startswith("application/fhir+json")
        assert '"value":71.50' in made.text
        path = f"/Observation/{made.json()['id']}"
        for answer in (
            await client.get(path, headers={"accept": XML}),
            await client.get(f"{path}?_format=xml"),
            await client.get(f"{path}?_format=application/fhir+xml"),
            await client.get(f"{path}/_history/1?_format=text/xml"),
        ):
            assert answer.headers["content-type"] == "application/fhir+xml; charset=utf-8"
            assert value(answer.content, "valueQuantity/value") == "71.50"
            assert value(answer.content, "code/text") == "Vekt & høyde"
            assert answer.headers["etag"] == 'W/"1"'


async def test_what_is_read_as_xml_can_be_sent_back(world: World) -> None:
    stored = await world.make(observation("kari"))
    async with await world.client() as client:
        read = await client.get(f"/{stored.reference}", headers={"accept": XML})
        changed = read.content.replace(b'value="final"', b'value="amended"')
        headers = {"content-type": XML, "accept": XML, "if-match": read.headers["etag"]}
        answer = await client.put(f"/{stored.reference}", content=changed, headers=headers)
    assert answer.status_code == 200, answer.text
    assert value(answer.content, "status") == "amended"
    assert value(answer.content, "meta/versionId") == "2"


@pytest.mark.parametrize(
    "path",
    [
        "/Observation?_count=2&_include=Observation:subject",
        "/Observation?_summary=true",
        "/Observation?_summary=count",
        "/Patient/kari/_history",
        "/Patient/_history",
        "/_history",
        "/metadata",
    ],
)
async def test_every_answer_comes_as_xml(world: World, path: str) -> None:
    await world.make(observation("kari"))
    async with await world.client() as client:
        answer = await client.get(path, headers={"accept": XML})
    assert answer.status_code == 200, answer.text
    assert ElementTree.fromstring(answer.content).tag in (f"{FHIR}Bundle", f"{FHIR}CapabilityStatement")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/Patient/none", 404), ("/Patient?nonsense=1", 400), ("/Nothing", 404), ("/Patient/kari?_summary=x", 400)],
)
async def test_errors_come_as_xml_too(world: World, path: str, status: int) -> None:
    async with await world.client() as client:
        answer = await client.get(path, headers={"accept": XML})
    assert answer.status_code == status
    assert ElementTree.fromstring(answer.content).tag == f"{FHIR}OperationOutcome"
    assert value(answer.content, "issue/severity") == "error"


async def test_a_transaction_comes_and_goes_as_xml(world: World) -> None:
    bundle = f"""<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry>
        <fullUrl value="urn:uuid:33333333-3333-4333-8333-333333333333"/>
        <resource>{SENT.partition("?>")[2]}</resource>
        <request><method value="POST"/><url value="Observation"/></request></entry></Bundle>"""
    async with await world.client() as client:
        answer = await client.post("", content=bundle.encode(), headers={"content-type": XML, "accept": XML})
    assert answer.status_code == 200, answer.text
    assert value(answer.content, "entry/response/status") == "201 Created"
    assert value(answer.content, "entry/resource/Observation/valueQuantity/value") == "71.50"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Patient/>",
        b'<Patient xmlns="http://hl7.org/fhir"><nam value="x"/></Patient>',
        b'<Patient xmlns="http://hl7.org/fhir"><birthDate value="2026-02-30"/></Patient>',
        b'<!DOCTYPE x [<!ENTITY a "b">]><Patient xmlns="http://hl7.org/fhir"><language value="&a;"/></Patient>',
        b'<Patient xmlns="http://hl7.org/fhir">',
        b"{}",
    ],
)
async def test_rubbish_in_xml_gets_a_clear_4xx(world: World, body: bytes) -> None:
    async with await world.client() as client:
        answer = await client.post("/Patient", content=body, headers={"content-type": XML})
    assert answer.status_code == 400, answer.text
    assert len(answer.json()["issue"][0]["diagnostics"]) > 10


@pytest.mark.parametrize(
    ("accept", "status", "media"),
    [
        ("application/fhir+json", 200, "application/fhir+json"),
        ("application/fhir+xml;q=0.5, application/fhir+json;q=0.9", 200, "application/fhir+json"),
        ("application/fhir+xml;q=0.9, application/fhir+json;q=0.5", 200, "application/fhir+xml"),
        ("application/fhir+json; fhirVersion=4.0", 200, "application/fhir+json"),
        ("application/fhir+json; fhirVersion=3.0", 406, "application/fhir+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 200, "application/fhir+json"),
        ("*/*", 200, "application/fhir+json"),
        ("text/html", 200, "application/fhir+json"),
        ("text/*;q=0.5", 200, "application/fhir+json"),
        ("text/turtle, application/fhir+xml;q=0.2", 200, "application/fhir+xml"),
        ("application/pdf", 406, "application/fhir+json"),
        ("text/turtle", 406, "application/fhir+json"),
        ("text/plain", 406, "application/fhir+json"),
    ],
)
async def test_the_best_of_what_is_accepted_is_sent(world: World, accept: str, status: int, media: str) -> None:
    async with await world.client() as client:
        answer = await client.get("/Patient/kari", headers={"accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].partition(";")[0] == media


@pytest.mark.parametrize("format_", ["html", "turtle", "text/turtle"])
async def test_a_format_that_is_not_there_is_refused(world: World, format_: str) -> None:
    async with await world.client() as client:
        answer = await client.get(f"/Patient/kari?_format={format_}")
    assert answer.status_code == 406
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_body_of_another_release_is_refused(world: World) -> None:
    async with await world.client() as client:
        headers = {"content-type": "application/fhir+json; fhirVersion=5.0"}
        answer = await client.post("/Observation", json=observation("kari"), headers=headers)
    assert answer.status_code == 415
