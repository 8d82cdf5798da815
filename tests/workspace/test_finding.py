"""Words are searched for in one record: what is found, how it is shown, and what is not for the reader."""

from __future__ import annotations

import pytest

from samjournal.fhir.reserved import ACT_CODE
from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import World, made, observation, stay, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
FIND = "/workspace/patients/kari/find"
LONG = "Sov godt i natt og spiste litt til frokost etter at stellet var gjort. " * 6


@pytest.fixture(scope="module")
async def written(world: World) -> World:
    potassium = {"code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]}}
    await world.put(
        note("n1", "2026-11-20T10:00:00+01:00", f"{LONG}Klager over hjertebank og svimmelhet. {LONG}"),
        note("n2", "2026-11-21T10:00:00+01:00", "Ingen plager &amp; &lt;rask&gt; bedring."),
        note("n3", "2026-11-21T11:00:00+01:00", "Hjertebank hos psykiater.")
        | {"meta": {"security": [{"system": ACT_CODE, "code": "PSY"}]}, "custodian": to("Organization/homecare")},
        observation("kari", value=3.2) | potassium | {"id": "k1"},
        made(
            "MedicationRequest",
            "m1",
            status="active",
            intent="order",
            subject=to("Patient/kari"),
            medicationCodeableConcept={"text": "Metoprolol"},
            authoredOn="2026-11-02",
        ),
        made("Condition", "c1", subject=to("Patient/kari"), code={"text": "Hjertesvikt"}, recordedDate="2019-01-01"),
        stay("ola-stay", "ola", unit="homecare"),
        note("ola-note", "2026-11-20T10:00:00+01:00", "Hjertebank.") | {"subject": to("Patient/ola")},
    )
    return world


async def test_a_word_of_a_note_is_found_with_what_stands_around_it(written: World, enter: Enter) -> None:
    page = (await enter("nurse").get(FIND, params={"q": "hjertebanken"})).text
    assert "1 av 1 treff" in page
    assert "<mark>hjertebank</mark> og svimmelhet." in page
    assert page.count("Sov godt") <= 4, "only the words around it"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("metoprolol", "<mark>Metoprolol</mark>"),
        ("hjertesvikt", "<mark>Hjertesvikt</mark>"),
        ("kalium", "Kalium</mark> 3,2"),
        ("plager bedring", "<mark>plager</mark>"),
        ('"rask bedring"', "&lt;<mark>rask</mark>"),
    ],
)
async def test_medicines_results_and_diagnoses_are_found(written: World, enter: Enter, typed: str, said: str) -> None:
    page = (await enter("nurse").get(FIND, params={"q": typed})).text
    assert said in page
    assert "av 1 treff" in page


async def test_a_code_is_found_by_its_name_in_another_language(written: World, enter: Enter) -> None:
    page = (await enter("nurse").get(FIND, params={"q": "potassium"})).text
    assert "funnet ved koden" in page
    assert "Søkte også etter Kalium" in page


async def test_what_is_not_for_the_reader_is_not_found_nor_counted(written: World, enter: Enter) -> None:
    page = (await enter("nurse").get(FIND, params={"q": "psykiater"})).text
    assert "ingen treff" in page
    assert (await enter("nurse").get("/workspace/patients/ola/find", params={"q": "hjertebank"})).status_code == 403


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("", 200, "Skriv et ord fra et notat"),
        ("a", 422, "Skriv minst to bokstaver."),
        ("(hjertebank", 422, "Søket er ikke helt"),
        ("-hjertebank", 422, "Søket er ikke helt"),
        ("hjertebank, $metoprolol|x\\", 200, "ingen treff"),
        ("<script>alert(1)</script>", 200, "&lt;script&gt;"),
    ],
)
async def test_what_is_typed_is_understood_or_told(
    written: World, enter: Enter, typed: str, status: int, said: str
) -> None:
    answer = await enter("nurse").get(FIND, params={"q": typed})
    assert answer.status_code == status
    assert said in answer.text


async def test_hits_come_in_groups_when_asked(written: World, enter: Enter) -> None:
    page = (await enter("nurse").get(FIND, params={"q": "hjertebank OR metoprolol", "by": "kind"})).text
    assert page.index("Notater og brev") < page.index("Legemidler og vaksiner")
