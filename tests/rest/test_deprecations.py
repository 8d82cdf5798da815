"""What is going away is said with every answer that used it, and in the CapabilityStatement. RFC 9745, RFC 8594"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, date, datetime

import prometheus_client as prometheus
import pytest

from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from samjournal.rest import deprecations
from samjournal.rest.deprecations import DEPRECATED, Deprecated
from world import World, observation

pytestmark = pytest.mark.anyio

SINCE, UNTIL = date(2027, 1, 1), date(2028, 6, 1)
ROUTE = Deprecated("route", "history-system", SINCE, "1.4", UNTIL, "Ask for the history of each type.")
PARAMETER = Deprecated("parameter", "code", SINCE, "1.4", UNTIL, "Use combo-code.")
VALUE = Deprecated("parameter", "_total", date(2026, 12, 1), "1.3", date(2028, 1, 1), "Use accurate.", value="estimate")
HEADER = Deprecated("header", "prefer", SINCE, "1.4", UNTIL, "Leave it out.", value="return=OperationOutcome")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecations, "DEPRECATED", (ROUTE, PARAMETER, VALUE, HEADER))


def _uses(what: str, client: str = "t") -> float:
    labels = {"what": what, "client": client}
    return prometheus.REGISTRY.get_sample_value("samjournal_deprecated_uses_total", labels) or 0.0


@pytest.mark.usefixtures("table")
async def test_a_route_that_is_going_away_says_since_when_and_until_when(world: World) -> None:
    async with await world.client() as client:
        answer = await client.get("/_history?_count=1")
    assert answer.status_code == 200
    assert answer.headers["deprecation"] == f"@{int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())}"
    assert answer.headers["sunset"] == "Thu, 01 Jun 2028 00:00:00 GMT"
    assert answer.headers["link"].startswith('<http://test/fhir/metadata>; rel="deprecation"')


@pytest.mark.usefixtures("table")
async def test_of_several_the_earliest_days_are_told(world: World) -> None:
    async with await world.client() as client:
        answer = await client.get("/Observation?code=x&_total=estimate")
    assert answer.headers["deprecation"] == f"@{int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())}"
    assert answer.headers["sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("method", "path", "form", "headers", "is_told"),
    [
        ("GET", "/Observation?code=x", None, {}, True),
        ("GET", "/Observation?code:not=x", None, {}, True),
        ("POST", "/Observation/_search", {"code": "x"}, {}, True),
        ("GET", "/Observation?_total=accurate", None, {}, False),
        ("GET", "/Observation?status=final", None, {}, False),
        ("GET", "/Patient/kari", None, {"prefer": "respond-async, return=OperationOutcome"}, True),
        ("GET", "/Patient/kari", None, {"prefer": "return=minimal"}, False),
        ("GET", "/Patient/kari/_history", None, {}, False),
    ],
)
async def test_only_what_is_in_the_table_is_told(
    world: World, method: str, path: str, form: dict[str, str] | None, headers: dict[str, str], is_told: bool
) -> None:
    sent = {**headers, "content-type": "application/x-www-form-urlencoded"} if form else headers
    async with await world.client() as client:
        answer = await client.request(method, path, data=form, headers=sent)
    assert answer.status_code == 200, answer.text
    assert ("deprecation" in answer.headers) is is_told
    assert ("sunset" in answer.headers) is is_told


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("kind", ["batch", "transaction"])
@pytest.mark.parametrize(
    ("asked", "is_told"),
    [
        ({"method": "GET", "url": "Observation?code=x"}, True),
        ({"method": "DELETE", "url": "Observation?code:missing=true&identifier=urn:x|none"}, True),
        ({"method": "POST", "url": "Observation", "ifNoneExist": "code=y&identifier=urn:x|none"}, True),
        ({"method": "GET", "url": "Observation?status=final"}, False),
        ({"method": "GET", "url": "Patient/kari"}, False),
    ],
)
async def test_entries_of_a_bundle_are_looked_at_too(
    world: World, kind: str, asked: dict[str, str], is_told: bool
) -> None:
    entry = {"request": asked, **({"resource": observation("kari")} if asked["method"] == "POST" else {})}
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": kind, "entry": [entry]})
    assert answer.status_code == 200, answer.text
    assert ("deprecation" in answer.headers) is is_told


@pytest.mark.usefixtures("table")
async def test_the_answer_itself_is_as_it_was(world: World) -> None:
    async with await world.client() as client:
        made = await client.post("/Observation", json=observation("kari"))
        found = await client.get(f"/Observation?code=x&_id={made.json()['id']}")
    assert "deprecation" not in made.headers
    assert found.json()["type"] == "searchset"
    assert found.headers["content-type"].startswith("application/fhir+json")


@pytest.mark.usefixtures("table")
async def test_use_is_counted_by_system_and_people_are_one(world: World) -> None:
    systems, people = _uses("parameter code"), _uses("parameter code", "people")
    async with await world.client() as client:
        await client.get("/Observation?code=x")
    async with await world.client("doctor") as client:
        await client.get("/Observation?code=x&patient=kari")
    assert _uses("parameter code") == systems + 1
    assert _uses("parameter code", "people") == people + 1


@pytest.mark.usefixtures("table")
async def test_so_many_clients_have_a_line_and_the_rest_share_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deprecations, "_counted", {"first"})
    monkeypatch.setattr(deprecations, "MOST_CLIENTS", 1)
    before = _uses("parameter code", "others")
    async with await world.client() as client:
        await client.get("/Observation?code=x")
    assert _uses("parameter code", "others") == before + 1


@pytest.mark.usefixtures("table")
async def test_the_log_says_who_used_what_and_not_for_what(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with await world.client() as client:
        await client.get("/Observation?code=http://loinc.org|8867-4")
    (line,) = [record for record in caplog.records if record.name == deprecations.__name__]
    told = {key: str(value) for key, value in vars(line).items()}
    assert (told["client"], told["what"], told["until"]) == ("t", "parameter code", "2028-06-01")
    assert not [value for value in told.values() if "8867-4" in value]


@pytest.mark.usefixtures("table")
async def test_the_capability_statement_marks_it_and_stays_sound(world: World) -> None:
    async with world.anonymous() as client:
        told = (await client.get("/metadata")).json()
    assert check(parse((await _metadata(world)).encode()).resource) == []
    (rest,) = told["rest"]
    assert len(rest["documentation"].splitlines()) == 4
    assert "Ask for the history of each type." in _documented(rest["interaction"], "code", "history-system")
    (observations,) = [one for one in rest["resource"] if one["type"] == "Observation"]
    assert "Use combo-code." in _documented(observations["searchParam"], "name", "code")
    assert "Deprecated" not in _documented(observations["searchParam"], "name", "status")


async def _metadata(world: World) -> str:
    async with world.anonymous() as client:
        return (await client.get("/metadata")).text


def _documented(rows: list[dict[str, str]], key: str, value: str) -> str:
    return next(row.get("documentation", "") for row in rows if row[key] == value)


async def test_with_an_empty_table_nothing_is_said(world: World) -> None:
    assert DEPRECATED == ()
    async with await world.client() as client:
        answer = await client.get("/_history?_count=1")
    assert "deprecation" not in answer.headers
    assert "Deprecated" not in (await _metadata(world))


def test_nothing_can_go_sooner_than_in_a_year() -> None:
    with pytest.raises(ValueError, match="a year"):
        replace(ROUTE, until=date(2027, 12, 31))
