"""TestScripts run as they stand: what fails is told, what is not understood never passes."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bench.testscript import asserting, paths, requests
from bench.testscript.__main__ import main
from bench.testscript.asserting import Message
from bench.testscript.paths import NotUnderstood
from bench.testscript.requests import Server
from bench.testscript.running import Outcome, load, run
from fuzz.site import Site, serving
from samjournal import accounts
from samjournal.fhir.structure import check
from world import World

pytestmark = pytest.mark.anyio
SCRIPTS = Path(__file__).parent / "scripts"
PATIENT = {
    "resourceType": "Patient",
    "id": "7",
    "active": True,
    "name": [{"use": "official", "family": "Moe", "given": ["Elias", "Ola"]}, {"use": "usual", "family": "Vik"}],
    "birthDate": "1980-02-03",
    "deceasedBoolean": False,
}


@pytest.fixture(scope="module")
async def site(world: World, database: str) -> AsyncIterator[Site]:
    async with serving(database) as running:
        yield running


@pytest.fixture(scope="module")
async def token(world: World) -> str:
    return await accounts.for_system(world.pool, "scripts", None)


@pytest.fixture
def server(site: Site, token: str) -> Server:
    return Server(f"{site.address}/fhir", token)


def script(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A sound script with one test."""
    for action in actions:
        if "operation" in action:
            action["operation"].setdefault("encodeRequestUrl", True)
        else:
            action["assert"].setdefault("warningOnly", False)
    test = [{"name": "one", "action": list(actions)}]
    return {"resourceType": "TestScript", "url": "urn:x", "name": "X", "status": "draft", "test": test, **more}


def does(code: str, **more: Any) -> dict[str, Any]:
    return {"operation": {"type": {"code": code}, **more}}


async def ran(server: Server, *actions: dict[str, Any], **more: Any) -> Outcome:
    return await asyncio.to_thread(run, script(*actions, **more), server, folder=SCRIPTS)


async def test_whole_scripts_pass_from_the_command_line(
    site: Site, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(SCRIPTS), "--base", f"{site.address}/fhir", "--token", token]
    ended = await asyncio.to_thread(main, arguments)
    told = capsys.readouterr().out
    assert ended == 0, told
    assert told.splitlines()[-1] == "2 pass, 0 fail, 0 not run"
    assert "only a warning: “CapabilityStatement.fhirVersion” is 4.0.1" in told
    assert "patient.json" not in told


async def test_a_report_is_sound_and_says_what_came_of_each_script(site: Site, token: str, tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, scripts)
    wrong = script(does("read", resource="Patient", params="/kari"), {"assert": {"response": "gone"}})
    unknown = script(does("patch", resource="Patient"))
    for name, one in (("wrong", wrong), ("unknown", unknown)):
        (scripts / f"{name}.json").write_text(json.dumps(one))
    arguments = [
        str(scripts),
        "--base",
        f"{site.address}/fhir",
        "--token",
        token,
        "--report",
        str(tmp_path / "reports"),
    ]
    assert await asyncio.to_thread(main, arguments) == 1
    made = {path.stem: load(path) for path in (tmp_path / "reports").iterdir()}
    assert {name: one["result"] for name, one in made.items()} == {
        "capabilities": "pass",
        "life-of-an-observation": "pass",
        "wrong": "fail",
        "unknown": "pending",
    }
    assert [issue for one in made.values() for issue in check(one) if issue.severity == "error"] == []
    assert made["wrong"]["test"][0]["action"][1]["assert"]["result"] == "fail"
    assert made["wrong"]["score"] == 0
    assert "patch" in made["unknown"]["text"]["div"]
    assert made["capabilities"]["test"][0]["action"][2]["assert"]["result"] == "warning"


async def test_what_a_script_makes_for_itself_is_gone_after_it(server: Server, world: World) -> None:
    outcome = await asyncio.to_thread(run, load(SCRIPTS / "life-of-an-observation.json"), server, folder=SCRIPTS)
    assert outcome.result == "pass", outcome
    async with await world.client() as client:
        assert (await client.get("/Patient?family=Skript&_summary=count")).json()["total"] == 0


async def test_a_failure_is_told_with_what_came_and_ends_its_test_alone(server: Server) -> None:
    made = script(
        does("read", resource="Patient", params="/kari"),
        {"assert": {"response": "gone"}},
        {"assert": {"resource": "Patient"}},
    )
    made["test"].append({"name": "two", "action": [does("read", resource="Patient", params="/ola")]})
    made["test"][1]["action"][0]["operation"]["encodeRequestUrl"] = True
    outcome = await asyncio.to_thread(run, made, server, folder=SCRIPTS)
    assert outcome.result == "fail"
    assert [(one.where, one.result) for one in outcome.steps] == [("one", "pass"), ("one", "fail"), ("two", "pass")]
    assert outcome.steps[1].text.endswith("the status is 200; it must be: equals 410")


async def test_when_the_setup_fails_no_test_is_counted_as_done_and_the_teardown_is(server: Server) -> None:
    read = does("read", resource="Patient", params="/nobody")
    read["operation"]["encodeRequestUrl"] = True
    outcome = await ran(
        server,
        does("read", resource="Patient", params="/kari"),
        setup={"action": [read, {"assert": {"response": "okay", "warningOnly": False}}]},
        teardown={"action": [read]},
    )
    assert outcome.result == "fail"
    assert [(one.where, one.result) for one in outcome.steps] == [
        ("setup", "pass"),
        ("setup", "fail"),
        ("one", "skip"),
        ("teardown", "pass"),
    ]


@pytest.mark.parametrize(
    ("actions", "more", "why"),
    [
        ([does("patch", resource="Patient")], {}, "the operation “patch”"),
        ([does("read", targetId="nothing")], {}, "“nothing” names neither"),
        ([does("create", resource="Patient")], {}, "nothing to send"),
        ([does("read", resource="Patient", params="/${who}")], {}, "${who} is not declared"),
        ([does("read", resource="Patient", params="/kari"), {"assert": {"navigationLinks": True}}], {}, "navigation"),
        (
            [
                does("read", resource="Patient", params="/kari"),
                {"assert": {"expression": "Patient.name.repeat(given)", "value": "x"}},
            ],
            {},
            "repeat",
        ),
        ([does("read", params="/1")], {"colour": "red"}, "not a sound TestScript"),
        (
            [does("create", sourceId="a")],
            {"fixture": [{"id": "a", "autocreate": False, "autodelete": False, "resource": {"reference": "../x"}}]},
            "beside the script",
        ),
        (
            [does("capabilities")],
            {"destination": [{"index": at, "profile": {"code": "FHIR-Server"}} for at in (1, 2)]},
            "several of “destination”",
        ),
    ],
)
async def test_what_is_not_understood_is_said_and_never_passes(
    server: Server, actions: list[dict[str, Any]], more: dict[str, Any], why: str
) -> None:
    outcome = await ran(server, *actions, **more)
    assert outcome.result == "not run"
    assert why in outcome.not_run


async def test_an_assertion_about_what_was_asked_looks_at_the_request(server: Server) -> None:
    outcome = await ran(
        server,
        does("search", resource="Patient", params="?name=nordmann", accept="application/fhir+json"),
        {"assert": {"direction": "request", "requestMethod": "get"}},
        {"assert": {"direction": "request", "requestURL": f"{server.base}/Patient?name=nordmann"}},
        {"assert": {"direction": "request", "headerField": "Accept", "value": "application/fhir+json"}},
    )
    assert outcome.result == "pass", outcome


async def test_a_transaction_and_a_conditional_delete_can_be_asked_for(server: Server) -> None:
    bundle = {
        "resourceType": "Bundle",
        "id": "b",
        "type": "transaction",
        "entry": [
            {
                "resource": {"resourceType": "Basic", "identifier": [{"value": "s"}], "code": {"text": "x"}},
                "request": {"method": "POST", "url": "Basic"},
            }
        ],
    }
    outcome = await ran(
        server,
        does("transaction", sourceId="b"),
        {"assert": {"expression": "Bundle.entry.response.status", "operator": "contains", "value": "201"}},
        does("delete", resource="Basic", params="?identifier=s"),
        {"assert": {"response": "noContent"}},
        contained=[bundle],
        fixture=[{"id": "b", "autocreate": False, "autodelete": False, "resource": {"reference": "#b"}}],
    )
    assert outcome.result == "pass", outcome


async def test_a_server_that_is_not_there_is_told(site: Site) -> None:
    nowhere = Server("http://127.0.0.1:1/fhir")
    outcome = await ran(nowhere, does("capabilities"))
    assert outcome.not_run.startswith("the server does not answer")


def test_a_folder_without_scripts_and_a_file_that_is_none_do_not_pass(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
    assert main([str(SCRIPTS / "patient.json")]) == 1
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    assert main([str(broken)]) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Patient.name.family", ["Moe", "Vik"]),
        ("name[0].given[1]", ["Ola"]),
        ("Patient.name.where(use = 'usual').family", ["Vik"]),
        ("Patient.name.where(use != 'usual').family", ["Moe"]),
        ("Patient.deceased", [False]),
        ("Patient.name.count()", [2]),
        ("Patient.name.count() >= 2", [True]),
        ("Patient.name.first().given.last()", ["Ola"]),
        ("Patient.photo.exists()", [False]),
        ("Patient.photo.empty()", [True]),
        ("Patient.active", [True]),
        ("Patient.active = true and Patient.name.exists()", [True]),
        ("Patient.active.not()", [False]),
        ("Patient.birthDate < '1990-01-01'", [True]),
        ("Observation.status", []),
        ("Patient.name.where(use='usual').exists()", [True]),
    ],
)
def test_simple_expressions_lead_where_fhirpath_does(text: str, found: list[Any]) -> None:
    assert paths.expression(text, PATIENT) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fhir:Patient/fhir:name[2]/fhir:family/@value", ["Vik"]),
        ("Patient/name/given", ["Elias", "Ola"]),
        ("$.name[0].family", ["Moe"]),
        ("birthDate", ["1980-02-03"]),
    ],
)
def test_simple_paths_lead_to_the_same_elements(text: str, found: list[Any]) -> None:
    assert paths.path(text, PATIENT) == found


def test_a_path_may_name_the_type_of_a_resource_within_another() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": {"resourceType": "Basic"}}]}
    assert paths.path("fhir:Bundle/fhir:entry[1]/fhir:resource/fhir:Patient/fhir:birthDate/@value", bundle) == [
        "1980-02-03"
    ]
    assert paths.path("Bundle/entry[2]/resource/Patient/birthDate", bundle) == []


async def test_a_parameter_may_hold_a_url_and_the_token_goes_to_this_server_alone(server: Server) -> None:
    outcome = await ran(
        server,
        does("search", resource="Patient", params="?organization.identifier=http://ex.org/units|7"),
        {"assert": {"response": "okay"}},
    )
    assert outcome.result == "pass", outcome
    sent: list[Any] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(requests, "urlopen", lambda request, timeout: sent.append(request) or _raise())
        for url in ("http://elsewhere.example/fhir/Patient", f"{server.base}.evil.example/x", f"{server.base}/Patient"):
            with pytest.raises(OSError, match="nowhere"):
                server.send("GET", url, {})
    assert [request.has_header("Authorization") for request in sent] == [False, False, True]


def _raise() -> None:
    raise OSError("nowhere")


@pytest.mark.parametrize(
    "text", ["name | contact", "name.select(family)", "name.where(given.exists())", "%resource", ""]
)
def test_an_expression_that_is_not_simple_is_refused(text: str) -> None:
    if text:
        with pytest.raises(NotUnderstood):
            paths.expression(text, PATIENT)
    with pytest.raises(NotUnderstood):
        paths.path("//fhir:name[fhir:use/@value='usual']", PATIENT)


@pytest.mark.parametrize(
    ("asked", "is_wrong"),
    [
        ({"expression": "Patient.active"}, False),
        ({"expression": "Patient.name.family", "value": "Moe"}, False),
        ({"expression": "Patient.name.family", "operator": "notEquals", "value": "Moe"}, True),
        ({"expression": "Patient.name.family", "operator": "in", "value": "Moe,Vik"}, False),
        ({"expression": "Patient.name.family", "operator": "notIn", "value": "Vik"}, True),
        ({"expression": "Patient.photo", "operator": "empty"}, False),
        ({"expression": "Patient.name", "operator": "empty"}, True),
        ({"expression": "Patient.birthDate", "operator": "lessThan", "value": "1980-02-04"}, False),
        ({"expression": "Patient.birthDate", "operator": "lessThan", "value": "1980-02-03"}, True),
        ({"headerField": "ETag", "operator": "notEmpty"}, False),
        ({"headerField": "Location", "operator": "empty"}, False),
        ({"minimumId": "less"}, False),
        ({"minimumId": "more"}, True),
        ({"responseCode": "200"}, False),
        ({"response": "created"}, True),
    ],
)
def test_an_assertion_holds_or_says_what_is_wrong(asked: dict[str, Any], is_wrong: bool) -> None:
    came = Message("GET", "x", 200, {"etag": 'W/"1"'}, PATIENT)
    less = {"resourceType": "Patient", "id": "other", "name": [{"given": ["Ola"]}]}
    others = {"less": Message(resource=less), "more": Message(resource={**less, "gender": "male"})}
    problem = asserting.wrong(asked, came, others)
    assert (problem is not None) is is_wrong
    assert json.dumps(problem)
