"""`samjournal standards`: the operator's code systems come in once, whole, and say what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from samjournal.record import query_of, read, search
from samjournal.server import exits
from samjournal.server.standards import Wish, add, listed
from samjournal.terminology import LOADED, find, standing, text
from samjournal.terminology.systems import ATC, ICD_10, ICPC_2, NLK, VOLVEN
from server.program import run
from world import World

pytestmark = pytest.mark.anyio
SHARED = Path(__file__).parents[3] / "shared" / "norway"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    LOADED.clear()
    yield
    LOADED.clear()


async def added(world: World, *paths: Path, **wish: Any) -> tuple[int, list[str]]:
    told: list[str] = []
    return await add(world.pool, Wish(paths, **wish), tell=told.append), told


def table(file: Path, *lines: str) -> Path:
    file.write_text("\n".join(("code;display", *lines)), encoding="utf-8")
    return file


async def versions(world: World, id_: str) -> int:
    return (await read(world.door, world.system, "CodeSystem", id_)).version


async def test_a_list_replaces_our_texts_and_again_changes_nothing(world: World, tmp_path: Path) -> None:
    file = table(tmp_path / "atc.csv", "N02BE01;Paracetamol (lastet)", "C07AB02;Metoprolol")
    code, told = await added(world, file)
    assert (code, told[-1]) == (exits.OK, "1 resource stored, 0 unchanged, 0 faults.")
    assert text(ATC, "N02BE01", "nb") == "Paracetamol (lastet)"
    assert (await added(world, file))[1][-1] == "0 resources stored, 1 unchanged, 0 faults."
    assert await versions(world, "atc") == 1


async def test_a_new_edition_keeps_what_stands_in_records(world: World, tmp_path: Path) -> None:
    first = table(tmp_path / "x.csv", "A;Alfa", "B;Beta")
    await added(world, first, system="http://example.no/x", version="1")
    _, told = await added(
        world, table(tmp_path / "x.csv", "A;Alpha", "C;Gamma"), system="http://example.no/x", version="2"
    )
    assert "version 2: 1 new codes, 1 with another text, 1 withdrawn." in told[0]
    assert [text("http://example.no/x", code, "nb") for code in "ABC"] == ["Alpha", "Beta", "Gamma"]
    assert await find(world.pool, "http://example.no/x", "beta") == []


async def test_two_editions_in_one_folder_come_out_the_same_in_any_order(world: World, tmp_path: Path) -> None:
    for order, names in enumerate((("a", "b"), ("b", "a"))):
        folder = tmp_path / str(order)
        folder.mkdir()
        url = f"http://example.no/order{order}"
        old, new = (folder / f"{name}.csv" for name in names)
        old.write_text(f"# system: {url}\n# version: 2008\nkode;tekst\nA;Gammel\nZ;Utgått\n")
        new.write_text(f"# system: {url}\n# version: 2026\nkode;tekst\nA;Ny\n")
        assert (await added(world, folder))[0] == exits.OK
        assert [text(url, code, "nb") for code in "AZ"] == ["Ny", "Utgått"]
        assert (await added(world, folder))[1][-1] == "0 resources stored, 1 unchanged, 0 faults."


async def test_a_dry_run_judges_everything_and_stores_nothing(world: World, tmp_path: Path) -> None:
    file = table(tmp_path / "x.csv", "A;Alfa", ";Uten kode")
    code, told = await added(world, file, system="http://example.no/dry", dry_run=True)
    assert (code, told[-1]) == (exits.FINDINGS, "1 resource would be stored, 0 unchanged, 1 fault.")
    assert f"WRONG {file}, line 3: it has no code" in told
    assert text("http://example.no/dry", "A", "nb") is None


async def test_a_cut_off_file_withdraws_nothing_unless_it_is_called_a_part(world: World, tmp_path: Path) -> None:
    url = "http://example.no/cut"
    await added(world, table(tmp_path / "x.csv", *(f"A{n};Tekst {n}" for n in range(100))), system=url, version="1")
    cut = table(tmp_path / "x.csv", *(f"A{n};Ny {n}" for n in range(10)))
    code, told = await added(world, cut, system=url, version="2")
    assert code == exits.FINDINGS
    assert "leaves out 90 of the 100 codes in use" in told[0]
    assert text(url, "A1", "nb") == "Tekst 1"
    assert (await added(world, cut, system=url, version="2", part=True))[0] == exits.OK
    assert [text(url, code, "nb") for code in ("A1", "A50")] == ["Ny 1", "Tekst 50"]


async def test_a_fhir_code_system_goes_in_as_it_was_sent_and_other_types_are_passed_over(
    world: World, tmp_path: Path
) -> None:
    system = (
        '{"resourceType":"CodeSystem","id":"sent","url":"http://example.no/sent","status":"active","version":"1",'
        '"content":"complete","property":[{"code":"w","type":"decimal"}],'
        '"concept":[{"code":"A","display":"Alfa","property":[{"code":"w","valueDecimal":1.00}]}]}'
    )
    values = '{"resourceType":"ValueSet","url":"http://example.no/vs","status":"active"}'
    bundle = f'{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{values}}}]}}'
    (tmp_path / "a.json").write_text(system)
    (tmp_path / "b.json").write_text(bundle)
    (tmp_path / "c.json").write_text('{"resourceType":"Patient"}')
    code, told = await added(world, tmp_path)
    assert (code, told[-1]) == (exits.OK, "2 resources stored, 0 unchanged, 0 faults.")
    assert f"{tmp_path / 'c.json'}: passed over, not a standard: 1 Patient." in told
    stored = await read(world.door, world.system, "CodeSystem", "sent")
    assert stored.body is not None
    assert b'"valueDecimal":1.00' in stored.body
    page = await search(world.door, world.system, query_of("ValueSet", [("url", "http://example.no/vs")]))
    assert len(page.matches) == 1
    assert (await added(world, tmp_path))[1][-1] == "0 resources stored, 2 unchanged, 0 faults."


async def test_a_fhir_code_system_in_xml_is_read(world: World, tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        '<CodeSystem xmlns="http://hl7.org/fhir"><id value="xml"/><url value="http://example.no/xml"/>'
        '<status value="active"/><content value="complete"/>'
        '<concept><code value="A"/><display value="Ål"/></concept></CodeSystem>',
        encoding="utf-8",
    )
    assert (await added(world, tmp_path))[0] == exits.OK
    assert text("http://example.no/xml", "A", "nb") == "Ål"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.json", b'{"resourceType":"CodeSystem","url":"http://e.no/a","status":"active"}', "content is missing"),
        ("b.json", b'{"resourceType":"CodeSystem"', "not JSON"),
        ("c.zip", b"PK\x03\x04", "it is packed: unzip it first"),
        ("d.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><CodeSystem/>', "DOCTYPE"),
        ("e.csv", b"", "there is nothing in it"),
        ("f.json", b'{"name": "x", "list": [1]}', "it is in none of the forms"),
        ("g.csv", b"code;display\nA;B\n", "name it with --system"),
    ],
)
async def test_what_cannot_be_taken_is_told_with_its_file(
    world: World, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    (tmp_path / name).write_bytes(content)
    code, told = await added(world, tmp_path)
    assert code == exits.FINDINGS
    assert [line for line in told if line.startswith(f"WRONG {tmp_path / name}") and reason in line], told


async def test_windows_letters_are_read_and_told(world: World, tmp_path: Path) -> None:
    (tmp_path / "atc.csv").write_bytes("kode;tekst\nC08;Kalsiumantagonister på øya".encode("cp1252"))
    code, told = await added(world, tmp_path)
    assert (code, told[0]) == (exits.OK, f"{tmp_path / 'atc.csv'}: read as Windows-1252.")
    assert text(ATC, "C08", "nb") == "Kalsiumantagonister på øya"


async def test_test_persons_become_people_once_and_only_in_a_demo(world: World, tmp_path: Path) -> None:
    file = tmp_path / "actors.json"
    actors = [
        {
            "actor": "Testpasient 1 - mann",
            "Navn": "Roland  Gundersen",
            "Fødselsnummer": "15076500565",
            "Gateadresse": "Flåklypa 31",
            "Postadresse": "2560 Alvdal",
            "Kommunenummer": "0438",
        },
        {
            "actor": "Testpasient 8 -  uten offisiell id.",
            "Navn": "Fred Påjord",
            "Fødselsdato": "25.03.1960",
            "Lokalt hjelpenummer": "25036000305",
        },
        {
            "actor": "Testlege 6 – kvinne",
            "Navn": "Bonn Nina",
            "HPR-nummer": "9999967",
            "E-postadresse": "ninbon@downline.no",
        },
        {"actor": "Testlege 6 - kvinne", "Navn": "Mykke Plasme", "HPR-nummer": "9876511"},
        {"actor": "Testpasient 9"},
        {"actor": "Testlegekontor 1", "Navn": "Fjellet legekontor", "Organisasjonsnummer": "923456783"},
    ]
    file.write_text(json.dumps({"actors": actors}))
    code, told = await added(world, file)
    assert (code, told[-1]) == (exits.FINDINGS, "5 resources stored, 0 unchanged, 1 fault.")
    roland = (await read(world.door, world.system, "Patient", "testpasient-1")).resource()
    assert roland["name"] == [{"use": "official", "family": "Gundersen", "given": ["Roland"]}]
    assert (roland["birthDate"], roland["gender"], roland["address"][0]["city"]) == ("1965-07-15", "male", "Alvdal")
    fred = (await read(world.door, world.system, "Patient", "testpasient-8")).resource()
    assert (fred["birthDate"], fred["identifier"][0]["system"], "gender" in fred) == ("1960-03-25", "HNR", False)
    nina = (await read(world.door, world.system, "Practitioner", "testlege-6")).resource()
    assert nina["qualification"][0]["code"]["coding"][0]["code"] == "LE"
    assert (nina["name"][0]["family"], nina["name"][0]["given"]) == ("Bonn", ["Nina"])
    assert (await read(world.door, world.system, "Practitioner", "testlege-6-2")).version == 1
    office = (await read(world.door, world.system, "Organization", "testlegekontor-1")).resource()
    assert (office["name"], office["identifier"][0]["value"]) == ("Fjellet legekontor", "923456783")
    assert (await added(world, file))[1][-1] == "0 resources stored, 5 unchanged, 1 fault."
    await world.as_owner("UPDATE accounts.installation SET kind = 'production'")
    try:
        with pytest.raises(exits.Refused, match="for demos"):
            await added(world, file)
    finally:
        await world.as_owner("UPDATE accounts.installation SET kind = 'demo'")


async def test_what_is_there_is_listed(world: World, tmp_path: Path) -> None:
    await added(world, table(tmp_path / "icpc-2.csv", "K77;Hjertesvikt"), version="2026")
    told: list[str] = []
    assert await listed(world.pool, tell=told.append) == exits.OK
    assert f"ICPC-2: {ICPC_2}, version 2026, 1 codes, CodeSystem/icpc-2" in told


async def test_the_norwegian_lists_come_in_whole(world: World) -> None:
    if not (SHARED / "terminology").exists():
        pytest.skip(f"the lists are not here: {SHARED / 'terminology'}")
    code, told = await added(world, SHARED / "terminology")
    wrong = {line for line in told if line.startswith("WRONG") and "kodeverk.json" not in line}
    assert code == exits.FINDINGS
    assert [line.partition(": ")[2] for line in wrong] == [
        "it does not say which code system it is of: name it with --system"
    ]
    there = {row.system: row for row in await standing(world.pool)}
    assert (there[ICD_10].codes, there[ICPC_2].codes, there[NLK].codes) == (19634, 708, 11391)
    assert there[NLK].active < there[NLK].codes
    assert len(there) > 950
    assert text(ICPC_2, "K77", "nb") == "Hjertesvikt"
    assert text(f"{VOLVEN}3402", "5001", "nb") is not None
    assert "I50.9" in [found.code for found in await find(world.pool, ICD_10, "uspes hjertesv")]
    assert (await added(world, SHARED / "terminology"))[1][-1].startswith("0 resources stored")


def test_the_command_needs_paths_and_says_so(tmp_path: Path) -> None:
    done = run("standards", "add", "--data-dir", tmp_path)
    assert (done.returncode, "Name the files or folders" in done.stderr) == (exits.USAGE, True)
    for line in (("add", tmp_path / "none", "--part"), ("add", "--part", tmp_path / "none")):
        done = run("standards", *line, "--data-dir", tmp_path)
        assert (done.returncode, "There is no file or folder" in done.stderr) == (exits.USAGE, True)
    done = run("standards", "add", tmp_path, "--data-dir", tmp_path, "--nothing")
    assert (done.returncode, "unrecognized arguments: --nothing" in done.stderr) == (exits.USAGE, True)


async def test_schemas_of_messages_are_kept_beside_those_that_stand(world: World, tmp_path: Path) -> None:
    space = 'xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace='
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.xsd").write_text(f'<schema {space}"urn:a"/>')
    (tmp_path / "b.xsd").write_text(f'<schema {space}"urn:b"/>')
    (tmp_path / "c.xsd").write_text("<schema")
    code, told = await added(world, tmp_path)
    assert code == exits.FINDINGS
    assert any(line.startswith(f"WRONG {tmp_path / 'c.xsd'}: ") for line in told)
    assert "2 schemas of messages; 2 are there now." in told
    (tmp_path / "c.xsd").write_text(f'<schema {space}"urn:c"/>')
    await added(world, tmp_path / "c.xsd")
    library = (await read(world.door, world.system, "Library", "message-schemas")).resource()
    assert [one["title"] for one in library["content"]] == ["b.xsd", "c.xsd", "one/a.xsd"]
