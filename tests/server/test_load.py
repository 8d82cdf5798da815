"""`samjournal load`: every resource for itself, references found whatever the order, faults told by place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from samjournal.server import exits
from samjournal.server.exits import Refused
from samjournal.server.load import load
from world import Resource, World

pytestmark = pytest.mark.anyio
NPI = "http://hl7.org/fhir/sid/us-npi"


def urn(number: int) -> str:
    """A uuid that no other test has."""
    return f"urn:uuid:0a1b2c3d-0000-4000-8000-{number:012d}"


def uuid(number: int) -> str:
    return urn(number).removeprefix("urn:uuid:")


def entry(resource: Resource, full_url: str | None = None, **request: str) -> Resource:
    made: Resource = {
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"], **request},
    }
    return {"fullUrl": full_url, **made} if full_url else made


def bundle(*entries: Resource, type: str = "transaction") -> Resource:
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def observation(subject: str, value: int = 1, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "valueInteger": value,
        "subject": {"reference": subject},
        **more,
    }


def patient(family: str, **more: Any) -> Resource:
    return {"resourceType": "Patient", "name": [{"family": family}], **more}


def write(file: Path, content: Resource, *, indent: int | None = 2) -> Path:
    file.write_text(json.dumps(content, indent=indent))
    return file


async def run(world: World, *paths: Path, **options: Any) -> tuple[int, str]:
    told: list[str] = []
    code = await load(world.pool, paths, tell=told.append, **options)
    return code, "\n".join(told)


async def get(world: World, path: str) -> Resource:
    async with await world.client() as client:
        answer = await client.get(f"/{path}")
    assert answer.status_code == 200, (path, answer.text)
    found: Resource = answer.json()
    return found


async def total(world: World, query: str) -> int:
    return int((await get(world, f"{query}&_summary=count"))["total"])


def without_meta(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name != "meta"}


# Forms


@pytest.mark.parametrize("type_", ["collection", "searchset", "document"])
async def test_the_resources_of_a_bundle_that_holds_keep_their_ids(world: World, tmp_path: Path, type_: str) -> None:
    held = [{"resource": patient("Held", id=f"{type_}-{number}")} for number in (1, 2)]
    file = write(tmp_path / "set.json", bundle(*held, type=type_))
    assert (await run(world, file))[0] == exits.OK
    assert without_meta(await get(world, f"Patient/{type_}-2")) == held[1]["resource"]


async def test_one_resource_is_loaded_by_its_id_and_without_one_always_by_the_same(
    world: World, tmp_path: Path
) -> None:
    write(tmp_path / "with.json", patient("Alone", id="alone"))
    write(tmp_path / "without.json", patient("Nameless"))
    assert (await run(world, tmp_path))[0] == exits.OK
    (tmp_path / "without.json").rename(tmp_path / "elsewhere.json")
    assert (await run(world, tmp_path))[0] == exits.OK
    assert (await get(world, "Patient/alone"))["name"][0]["family"] == "Alone"
    assert await total(world, "Patient?family=Nameless") == 1


async def test_every_line_of_ndjson_stands_for_itself(world: World, tmp_path: Path) -> None:
    rows = [
        json.dumps(patient("Line", id="line-1")),
        '{"resourceType":"Patient","id":"line-2","gender":"man","birthDate":"1990-02-31"}',
        '{"resourceType":"Patient","id":"line-3",,}',
        "",
        '{"resourceType":"Bundle","type":"collection","entry":[{"resource":}]}',
        json.dumps(bundle(entry(patient("Line", id="line-5"), method="PUT", url="Patient/line-5"))),
        json.dumps(patient("Line", id="line-6")),
    ]
    file = tmp_path / "odd-name.txt"
    file.write_text("\n".join(rows))
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert await total(world, "Patient?family=Line") == 3
    assert f"{file}:2 Patient.gender: 'man' is not one of" in told
    assert f"{file}:2 Patient.birthDate: '1990-02-31'" in told, "both faults of the line"
    assert f"{file}:5: It is not JSON" in told
    assert f"{file}:3 Patient: The body is not JSON (line 3, column" in told


async def test_a_bundle_with_an_entry_on_each_line_is_no_ndjson(world: World, tmp_path: Path) -> None:
    rows = ",\n".join(json.dumps({"resource": patient("Row", id=f"row-{number}")}) for number in range(3))
    text = '{"resourceType":"Bundle","type":"collection","entry":[\n' + rows + "\n]}\n"
    (tmp_path / "a.json").write_text(text)
    (tmp_path / "b.json").write_text(json.dumps(patient("Row", id="row-9")) + "\n")
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert await total(world, "Patient?family=Row") == 4


async def test_gz_is_unpacked_by_what_it_is_not_by_its_name(world: World, tmp_path: Path) -> None:
    file = tmp_path / "packed"
    file.write_bytes(gzip.compress(json.dumps(patient("Packed", id="packed")).encode()))
    assert (await run(world, file))[0] == exits.OK
    assert (await get(world, "Patient/packed"))["name"][0]["family"] == "Packed"


async def test_xml_is_loaded_as_json_is(world: World, tmp_path: Path) -> None:
    body = (
        '<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry>'
        f'<fullUrl value="{urn(900)}"/><resource><Patient><name><family value="Angle"/></name></Patient></resource>'
        '<request><method value="POST"/><url value="Patient"/></request></entry></Bundle>'
    )
    (tmp_path / "a.xml").write_text(body)
    assert (await run(world, tmp_path))[0] == exits.OK
    assert (await get(world, f"Patient/{uuid(900)}"))["name"] == [{"family": "Angle"}]


async def test_a_bundle_larger_than_memory_should_hold_is_read_in_steps(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samjournal.server.load.reading.HELD", 2000)
    monkeypatch.setattr("samjournal.server.load.reading._LOOKED_AT", 100)
    monkeypatch.setattr("samjournal.server.load.pieces._STEP", 300)
    entries = [entry(observation(urn(800)), urn(801 + number)) for number in range(30)]
    bad = entry(observation(urn(800), status="finished"))
    # The patient comes after those that refer to it, and the type of the Bundle after all.
    content = {"entry": [*entries, bad, entry(patient("Long"), urn(800))], "type": "transaction"}
    file = tmp_path / "long.json"
    file.write_text(json.dumps({"resourceType": "Bundle", **content}, indent=1))
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert await total(world, f"Observation?subject=Patient/{uuid(800)}") == 30
    rows = [row.strip() for row in file.read_text().splitlines()]
    begins = rows.index('"status": "finished",') - 1
    assert f"{file}:{begins} Bundle.entry[30].resource: Observation.status" in told


async def test_what_is_no_fhir_is_passed_over_in_a_folder_and_refused_when_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("About these files.")
    (tmp_path / ".hidden.json").write_text("{")
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "a.json", patient("Deep", id="deep"))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert "2 files: 1 loaded, 1 passed over" in told
    packed = tmp_path / "a.zip"
    packed.write_bytes(b"PK\x03\x04rest")
    code, told = await run(world, packed)
    assert code == exits.FINDINGS
    assert "packed as zip: unpack it first" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"resourceType":"Bundle","type":"history","entry":[]}', "searchset of the newest"),
        (b'{"resourceType":"Bundle","type":"message","entry":[]}', "Load its resources as a collection"),
        (b'{"resourceType":"Bundle","entry":[]}', "types that are loaded"),
        (b'{"resourceType":"Patent"}', "is not a resource type of FHIR R4"),
        (b'{"a":1}', "resourceType"),
        (b'[{"resourceType":"Patient"}]', "JSON array"),
        (b'{"resourceType":"Patient"', "cut off"),
        (b"", "it is empty"),
        ('{"resourceType":"Patient"}'.encode("utf-16"), "UTF-16"),
        (gzip.compress(b'{"resourceType":"Patient"}')[:-6], "damaged or cut off"),
    ],
)
async def test_what_cannot_be_loaded_is_refused_in_words(
    world: World, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert said in told, told


async def test_a_gz_file_that_unpacks_to_very_much_is_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samjournal.server.load.files._ALLOWED", 100_000)
    file = tmp_path / "bomb.gz"
    file.write_bytes(gzip.compress(b'{"resourceType":"Patient","id":"' + b"x" * 50_000_000))
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert "unpacks to more than 300 times its size" in told


# References


async def test_references_within_a_bundle_lead_to_what_its_entries_became(world: World, tmp_path: Path) -> None:
    note = {
        "resourceType": "DocumentReference",
        "status": "current",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": urn(1)}],
        "subject": {"reference": urn(1)},
        "content": [{"attachment": {"url": urn(3)}}],
        "text": {
            "status": "generated",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{urn(1)}">a</a></div>',
        },
    }
    binary = {"resourceType": "Binary", "contentType": "text/plain"}
    write(
        tmp_path / "a.json",
        bundle(entry(note, urn(2)), entry(patient("Before"), urn(1)), entry(binary, urn(3))),
    )
    assert (await run(world, tmp_path))[0] == exits.OK
    made = await get(world, f"DocumentReference/{uuid(2)}")
    assert made["subject"]["reference"] == f"Patient/{uuid(1)}"
    assert made["content"][0]["attachment"]["url"] == f"Binary/{uuid(3)}"
    assert f'href="Patient/{uuid(1)}"' in made["text"]["div"]
    assert made["identifier"][0]["value"] == urn(1), "a string is no reference"


async def test_a_uuid_of_another_file_is_found_in_any_order_also_in_a_circle(world: World, tmp_path: Path) -> None:
    write(tmp_path / "a.json", bundle(entry(observation(urn(11)), urn(10))))
    write(tmp_path / "b.json", bundle(entry(patient("Later"), urn(11))))
    circle = {"resourceType": "List", "status": "current", "mode": "working"}
    for name, one, other in (("c.json", 12, 13), ("d.json", 13, 12)):
        entries = [{"item": {"reference": urn(other)}}]
        write(tmp_path / name, bundle(entry({**circle, "entry": entries}, urn(one))))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert (await get(world, f"Observation/{uuid(10)}"))["subject"]["reference"] == f"Patient/{uuid(11)}"
    for one, other in ((12, 13), (13, 12)):
        led = (await get(world, f"List/{uuid(one)}"))["entry"][0]["item"]["reference"]
        assert led == f"List/{uuid(other)}"
    code, told = await run(world, tmp_path)
    assert "4 loaded before" in told


async def test_a_uuid_of_a_file_that_was_loaded_before_is_found_also_when_its_resource_has_another_id(
    world: World, tmp_path: Path
) -> None:
    held = {"fullUrl": urn(15), "resource": patient("Renamed", id="renamed")}
    write(tmp_path / "a.json", bundle(held, type="collection"))
    assert (await run(world, tmp_path))[0] == exits.OK
    write(tmp_path / "b.json", bundle(entry(observation(urn(15)), urn(16))))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert (await get(world, f"Observation/{uuid(16)}"))["subject"]["reference"] == "Patient/renamed"


async def test_a_conditional_reference_to_a_later_file_is_found(world: World, tmp_path: Path) -> None:
    seen = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "participant": [{"individual": {"reference": f"Practitioner?identifier={NPI}|7"}}],
    }
    write(tmp_path / "a.json", bundle(entry(seen)))
    practitioner = {"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "7"}]}
    write(tmp_path / "b.json", bundle(entry(practitioner)))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    made = (await get(world, "Practitioner?identifier=7"))["entry"][0]["resource"]["id"]
    assert await total(world, f"Encounter?practitioner=Practitioner/{made}") == 1


async def test_conditional_references_wait_in_rounds_until_nothing_more_is_found(world: World, tmp_path: Path) -> None:
    def named(name: str, part_of: str | None) -> Resource:
        made: Resource = {"resourceType": "Organization", "identifier": [{"system": "urn:rounds", "value": name}]}
        asked = f"Organization?identifier=urn:rounds|{part_of}"
        return {**made, "partOf": {"reference": asked}} if part_of else made

    chain = [named("one", "two"), named("two", "three"), named("three", "four"), named("four", None)]
    write(tmp_path / "a.json", bundle(*(entry(one) for one in chain), entry(named("five", "nowhere"))))
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    assert await total(world, "Organization?identifier=urn:rounds|") == 4
    assert "Bundle.entry[4].resource: The reference “Organization?identifier=urn:rounds|nowhere” leads nowhere" in told
    write(tmp_path / "b.json", bundle(entry(named("nowhere", None))))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert await total(world, "Organization?identifier=urn:rounds|") == 6, "what was there is not loaded twice"


async def test_a_conditional_reference_that_several_fit_is_refused(world: World, tmp_path: Path) -> None:
    twice = [patient("Twin", identifier=[{"system": "urn:twins", "value": "1"}]) for _ in range(2)]
    write(tmp_path / "a.json", bundle(*map(entry, twice), entry(observation("Patient?identifier=urn:twins|1"))))
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    assert "several resources fit it" in told


async def test_addresses_of_the_server_that_a_bundle_came_from_are_ours(world: World, tmp_path: Path) -> None:
    held = [
        {"fullUrl": "http://old.example/fhir/Patient/old-1", "resource": patient("Old", id="old-1")},
        {
            "fullUrl": "http://old.example/fhir/Observation/old-2",
            "resource": observation(
                "http://old.example/fhir/Patient/old-1",
                id="old-2",
                encounter={"reference": "http://old.example/fhir/Encounter/old-3"},
                performer=[{"reference": "http://other.example/fhir/Practitioner/5"}],
            ),
        },
    ]
    write(tmp_path / "a.json", bundle(*held, type="searchset"))
    assert (await run(world, tmp_path))[0] == exits.OK
    made = await get(world, "Observation/old-2")
    assert made["subject"]["reference"] == "Patient/old-1"
    assert made["encounter"]["reference"] == "Encounter/old-3"
    assert made["performer"][0]["reference"] == "http://other.example/fhir/Practitioner/5"


# Requests of a transaction


async def test_if_none_exist_takes_what_is_there_and_entries_refer_to_it(world: World, tmp_path: Path) -> None:
    asked = {"ifNoneExist": "identifier=urn:none|1"}
    place = {"resourceType": "Location", "identifier": [{"system": "urn:none", "value": "1"}]}
    for number, name in ((20, "a"), (30, "b")):
        seen = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": {"code": "AMB"},
            "location": [{"location": {"reference": urn(number)}}],
        }
        write(
            tmp_path / f"{name}.json",
            bundle(entry(place, urn(number), **asked), entry(place, urn(number + 1), **asked), entry(seen)),
        )
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert await total(world, "Location?identifier=urn:none|1") == 1
    assert await total(world, f"Encounter?location=Location/{uuid(20)}") == 2


async def test_put_delete_and_conditional_put_do_what_they_say_and_reads_are_left_out(
    world: World, tmp_path: Path
) -> None:
    await world.put(patient("Stale", id="stale"), patient("Known", id="known", identifier=[{"value": "cond"}]))
    write(
        tmp_path / "a.json",
        bundle(
            entry(patient("Put"), method="PUT", url="Patient/put-1"),
            {"request": {"method": "DELETE", "url": "Patient/stale"}},
            {"request": {"method": "DELETE", "url": "Patient?identifier=nobody-has-this"}},
            entry(patient("Changed", identifier=[{"value": "cond"}]), method="PUT", url="Patient?identifier=cond"),
            {"request": {"method": "GET", "url": "Patient/put-1"}},
        ),
    )
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    assert (await get(world, "Patient/put-1"))["name"][0]["family"] == "Put"
    assert (await get(world, "Patient/known"))["name"][0]["family"] == "Changed"
    async with await world.client() as client:
        assert (await client.get("/Patient/stale")).status_code == 410


async def test_each_bad_entry_is_told_and_the_rest_is_loaded(world: World, tmp_path: Path) -> None:
    file = write(
        tmp_path / "a.json",
        bundle(
            entry(patient("Bad", gender="man", birthDate="yesterday")),
            entry(patient("Beside"), urn(40)),
            entry(patient("Twice"), urn(40)),
            {"resource": patient("Unasked")},
            entry(patient("Elsewhere"), url="Observation"),
            entry(patient("Patched"), method="PATCH", url="Patient/1"),
            entry(patient("Other", id="b"), method="PUT", url="Patient/a"),
            {"request": {"method": "POST", "url": "Patient"}},
            {"resource": 5, "request": {"method": "POST", "url": "Patient"}},
            entry(patient("Last", id="last"), method="PUT", url="Patient/last"),
        ),
    )
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert f"{file}:6 Bundle.entry[0].resource: Patient.gender: 'man' is not one of" in told
    for said in (
        "Bundle.entry[0].resource: Patient.birthDate",
        "Bundle.entry[2].fullUrl: The fullUrl",
        "Bundle.entry[3].request: The entry has no request",
        "Bundle.entry[4]: The url says Observation, the resource Patient",
        "Bundle.entry[5].request: “PATCH Patient/1” is not loaded",
        "Bundle.entry[6].resource.id: The url says a, the resource b",
        "Bundle.entry[7].resource: The entry is a POST without a resource",
        "Bundle.entry[8]",
    ):
        assert said in told, f"{said}\n{told}"
    assert (await get(world, "Patient/last"))["name"][0]["family"] == "Last"
    assert await total(world, f"Patient?_id={uuid(40)}") == 1


# Again


def family(resources: Sequence[Resource]) -> list[str]:
    return [one["name"][0]["family"] for one in resources]


async def test_a_uuid_that_something_else_has_gives_way_always_to_the_same_id(world: World, tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", bundle(entry(patient("First"), urn(50)), entry(observation(urn(50)), urn(51))))
    other = write(tmp_path / "b.json", bundle(entry(patient("Second"), urn(50)), entry(observation(urn(50)), urn(51))))
    code, told = await run(world, one, other, report=tmp_path / "report")
    assert code == exits.OK, told
    found = {
        entry["resource"]["name"][0]["family"]: entry["resource"]["id"]
        for entry in (await get(world, "Patient?family=First,Second"))["entry"]
    }
    assert found["First"] == uuid(50)
    for name in ("First", "Second"):
        assert await total(world, f"Observation?subject=Patient/{found[name]}") == 1, name
    assert f"What came as {urn(50)} is Patient/{found['Second']} now" in (tmp_path / "report.md").read_text()
    # The same once more, beside something new, so that the file is another: nothing is doubled.
    content = json.loads(other.read_text())
    content["entry"].append(entry(patient("Third"), urn(52)))
    code, told = await run(world, write(tmp_path / "c.json", content))
    assert code == exits.OK, told
    assert await total(world, "Patient?family=First,Second,Third") == 3
    assert await total(world, f"Observation?subject=Patient/{found['Second']}") == 1


async def test_one_template_filled_in_for_many_patients_keeps_them_apart(world: World, tmp_path: Path) -> None:
    seen = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": urn(53)},
    }
    for number in range(4):
        found = observation(urn(53), min(number, 1), encounter={"reference": urn(55)})
        entries = [entry(found, urn(54)), entry(seen, urn(55)), entry(patient(f"Template{number}"), urn(53))]
        write(tmp_path / f"{number}.json", bundle(*entries))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    for number in range(4):
        (one,) = (await get(world, f"Patient?family=Template{number}"))["entry"]
        who = one["resource"]["id"]
        (led,) = (await get(world, f"Observation?subject=Patient/{who}"))["entry"]
        assert (
            await total(world, f"Encounter?subject=Patient/{who}&_id={led['resource']['encounter']['reference'][10:]}")
            == 1
        )


async def test_the_same_thing_in_several_files_is_one_with_the_newest_content(world: World, tmp_path: Path) -> None:
    for number, name in enumerate(("Old name", "New name", "New name")):
        doctor = {"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "60"}]}
        write(
            tmp_path / f"{number}.json",
            bundle(entry({**doctor, "name": [{"text": name}]}, urn(60)), entry(patient(f"P{number}"))),
        )
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    made = await get(world, f"Practitioner/{uuid(60)}")
    assert (made["name"][0]["text"], made["meta"]["versionId"]) == ("New name", "2")
    assert await total(world, "Practitioner?identifier=60") == 1


async def test_what_is_under_way_with_the_same_content_shares_its_outcome(world: World, tmp_path: Path) -> None:
    hospital = {"resourceType": "Organization", "name": "St. Twin"}
    wrong = {"resourceType": "Organization", "active": "yes"}
    for number in range(3):
        sent = bundle(
            entry(hospital, urn(61)), entry(wrong, urn(62)), entry(patient(f"Twin{number}"), urn(63 + number))
        )
        write(tmp_path / f"{number}.json", sent)
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    row = next(line for line in told.splitlines() if line.split()[:1] == ["Organization"])
    assert row.split()[1:] == ["1", "2", "0", "3"]
    for number in range(3):
        assert f"REFUSED {tmp_path / f'{number}.json'}:" in told, "each file is told what is wrong with it"
    assert (await get(world, f"Organization/{uuid(61)}"))["meta"]["versionId"] == "1"
    assert await total(world, "Patient?family=Twin0,Twin1,Twin2") == 3


async def test_what_refers_within_its_bundle_has_no_twin_in_another(world: World, tmp_path: Path) -> None:
    for number in (1, 2):
        who = patient(f"Twinless{number}", identifier=[{"value": f"twinless-{number}"}])
        one = entry(observation(urn(66)), urn(67))
        write(tmp_path / f"{number}.json", bundle(entry(who, urn(66)), one))
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    for number in (1, 2):
        assert await total(world, f"Observation?subject.identifier=twinless-{number}") == 1


async def test_what_somebody_changed_since_is_left_as_it_stands(world: World, tmp_path: Path) -> None:
    write(
        tmp_path / "a.json",
        bundle(
            entry(patient("Loaded"), urn(70)),
            entry(patient("Loaded", id="put-70"), method="PUT", url="Patient/put-70"),
            entry(patient("Gone"), urn(71)),
            entry(
                patient("Loaded", identifier=[{"value": "cond-72"}]),
                urn(72),
                method="PUT",
                url="Patient?identifier=cond-72",
            ),
            entry(patient("Bad", gender="man")),
        ),
    )
    assert (await run(world, tmp_path))[0] == exits.FINDINGS
    for id_ in (uuid(70), "put-70", uuid(72)):
        await world.put(patient("Changed by hand", id=id_, identifier=[{"value": f"cond-{id_[-2:]}"}]))
    async with await world.client() as client:
        assert (await client.delete(f"/Patient/{uuid(71)}")).status_code in (200, 204)
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    for id_ in (uuid(70), "put-70", uuid(72)):
        assert family([await get(world, f"Patient/{id_}")]) == ["Changed by hand"]
    async with await world.client() as client:
        assert (await client.get(f"/Patient/{uuid(71)}")).status_code == 410
    row = next(line for line in told.splitlines() if line.split()[:1] == ["Patient"])
    assert row.split()[1:] == ["0", "0", "4", "1"]


async def test_a_repeat_finds_everything_as_it_left_it(world: World, tmp_path: Path) -> None:
    write(
        tmp_path / "a.json",
        bundle(*(entry(patient(f"Again{n}"), urn(80 + n)) for n in range(5)), entry({"resourceType": "None"})),
    )
    (tmp_path / "b.ndjson").write_text(
        "\n".join(json.dumps(patient("Again", id=f"again-{n}")) for n in range(5)) + "\nx"
    )
    for _ in range(2):
        code, told = await run(world, tmp_path)
        assert code == exits.FINDINGS
    row = next(line for line in told.splitlines() if line.split()[:1] == ["Patient"])
    assert row.split()[1:3] == ["0", "10"]
    assert (await get(world, "Patient/again-3"))["meta"]["versionId"] == "1"


# Dry run and report


async def test_a_dry_run_tells_all_that_is_wrong_and_writes_nothing(world: World, tmp_path: Path) -> None:
    doctor = {"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "90"}]}
    one = observation(urn(91), performer=[{"reference": f"Practitioner?identifier={NPI}|90"}])
    other = observation("Patient?identifier=urn:dry|nobody")
    bad = observation(urn(91), status="finished")
    write(tmp_path / "a.json", bundle(entry(one), entry(other), entry(bad)))
    write(tmp_path / "b.json", bundle(entry(doctor), entry(patient("Dry"), urn(91))))
    before = await world.pool.fetchval("SELECT count(*) FROM store.version")
    code, told = await run(world, tmp_path, dry_run=True)
    assert code == exits.FINDINGS
    assert "Nothing was written." in told
    refused = [line for line in told.splitlines() if line.startswith("REFUSED")]
    assert len(refused) == 2, told
    assert "Observation.status" in refused[0] or "Observation.status" in refused[1]
    assert "urn:dry|nobody” leads nowhere" in told
    assert await world.pool.fetchval("SELECT count(*) FROM store.version") == before
    (tmp_path / "a.json").unlink()
    assert (await run(world, tmp_path, dry_run=True))[0] == exits.OK
    code, told = await run(world, tmp_path)
    assert "1 file: 1 loaded" in told, "a dry run remembers nothing"


async def test_the_report_has_every_count_and_place_but_nothing_of_anybody(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    bad = patient("Secret", birthDate="1990-13-01", id="bad-date")
    write(folder / "a.json", bundle(entry(bad), entry(patient("Reported"), urn(95))))
    code, _ = await run(world, folder, report=tmp_path / "sign.md")
    assert code == exits.FINDINGS
    readable = (tmp_path / "sign.md").read_text()
    machine = json.loads((tmp_path / "sign.json").read_text())
    assert "| Patient | 2 | 1 | 0 | 0 | 1 |" in readable
    assert "| Approved by |" in readable
    assert machine["types"]["Patient"] == {"stored": 1, "unchanged": 0, "left": 0, "refused": 1}
    assert machine["faults"][0]["path"] == "Bundle.entry[0].resource: Patient.birthDate"
    assert machine["files"][0]["state"] == "with faults"
    for text in (readable, (tmp_path / "sign.json").read_text()):
        assert "Secret" not in text
        assert "1990-13" not in text


async def test_a_report_that_cannot_be_written_is_refused_before_anything_is_loaded(
    world: World, tmp_path: Path
) -> None:
    write(tmp_path / "a.json", patient("Unwritten", id="unwritten"))
    with pytest.raises(Refused):
        await run(world, tmp_path, report=tmp_path / "nowhere" / "report.md")
    assert await total(world, "Patient?family=Unwritten") == 0


async def test_a_load_of_nothing_says_so(world: World, tmp_path: Path) -> None:
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    assert "There is no file" in told


@pytest.mark.parametrize("held", [10, 4_000_000])
async def test_a_bad_entry_in_xml_is_told_with_its_line_and_the_rest_is_loaded(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr("samjournal.server.load.reading.HELD", held)
    monkeypatch.setattr("samjournal.server.load.pieces._STEP", 300)

    def entry(number: int, inner: str) -> str:
        return (
            f'<entry>\n<fullUrl value="{urn(held + 6_000_000 + number)}"/>\n'
            f"<resource><Patient>{inner}</Patient></resource>\n"
            '<request><method value="POST"/><url value="Patient"/></request></entry>\n'
        )

    entries = entry(1, '<name><family value="Angle"/></name>'), entry(2, "<aktiv/>"), entry(3, '<gender value="mann"/>')
    more = "".join(entry(4 + number, '<active value="true"/>') for number in range(20))
    body = f'<Bundle xmlns="http://hl7.org/fhir">\n<type value="batch"/>\n{"".join(entries)}{more}</Bundle>'
    (tmp_path / "a.xml").write_text(body)
    code, told = await run(world, tmp_path)
    assert code != exits.OK
    assert "a.xml:7 Bundle.entry[1].resource.aktiv" in told
    assert "a.xml:11 " in told
    assert (await get(world, f"Patient/{uuid(held + 6_000_001)}"))["name"] == [{"family": "Angle"}]
    assert (await get(world, f"Patient/{uuid(held + 6_000_023)}"))["active"] is True


async def test_a_time_that_is_double_when_it_comes_is_loaded_and_noted(world: World, tmp_path: Path) -> None:
    """Both stand beside each other; whoever signs is told which, and looks which of them holds."""
    twice = [
        {
            "resourceType": "Appointment",
            "id": f"twice-{number}",
            "status": "booked",
            "start": "2031-03-03T09:00:00+01:00",
            "end": "2031-03-03T09:30:00+01:00",
            "participant": [{"actor": {"reference": "Practitioner/busy"}, "status": "accepted"}],
        }
        for number in (1, 2)
    ]
    for one in twice:
        write(tmp_path / f"{one['id']}.json", one)
    report = tmp_path / "told.md"
    assert (await run(world, tmp_path, report=report))[0] == exits.OK
    assert await total(world, "Appointment?actor=Practitioner/busy") == 2
    told = [line for line in report.read_text().splitlines() if "had the time already" in line]
    assert len(told) == 1
    async with await world.client() as client:
        third = await client.post("/Appointment", json={name: it for name, it in twice[0].items() if name != "id"})
    assert third.status_code == 409
