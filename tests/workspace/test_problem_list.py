"""The problem list and the codes over HTTP: found, chosen, added, offered, changed, merged and parted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from samjournal import problems
from samjournal.fhir.errors import Busy
from samjournal.problems import Coded
from workspace.test_pages import enter  # noqa: F401
from world import World, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PAGE = "/workspace/patients/per/problems"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
FRAGMENT = {"hx-request": "true"}


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("per", "Berg"), stay("per-stay", "per"), patient("far", "Borte"))


def action(page: str, do: str) -> tuple[str, dict[str, str]]:
    """The first form of a page that does something with a problem, and its fields."""
    for address, body in re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL):
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', body))
        if fields.get("do") == do:
            return address, fields
    raise AssertionError(f"no form does {do}")


async def test_a_code_is_found_by_an_everyday_word_with_a_slip_and_is_not_chosen(enter: Enter) -> None:  # noqa: F811
    found = (await enter("doctor").get("/workspace/codes?q=elvblest", headers=FRAGMENT)).text
    assert "Ingenting heter «elvblest». Mente du noe av dette?" in found
    assert f'value="{ICD_10}|L50.9"' in found
    assert "checked" not in found
    told = await enter("doctor").get("/workspace/codes?q=elveblest", headers={"accept": "application/json"})
    assert {"system": ICD_10, "code": "L50.9"}.items() <= told.json()[0].items()
    page = await enter("nurse").get("/workspace/codes?q=kols")
    assert "J44.9" in page.text
    assert "Ingen kode passer." in (await enter("nurse").get("/workspace/codes?q=qxqxqx")).text


async def test_added_it_is_on_the_list_in_the_chart_and_among_the_last_used(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    page = await desk.get(f"{PAGE}?q=hjertesvikt")
    assert f'value="{ICD_10}|I50.9"' in page.text
    form = {"q": "hjertesvikt", "pick": f"{ICD_10}|I50.9", "certainty": "provisional", "since": "05.2019"}
    done = await desk.post(PAGE, data=form)
    assert done.status_code == 303
    listed = (await desk.get(done.headers["location"])).text
    assert "Ført opp på listen" in listed
    unsure = listed.partition('id="unsure"')[2].partition("</section>")[0]
    for told in ("Hjertesvikt", "I50.9", "arbeidsdiagnose", "05.2019", "D", "i dag"):
        assert told in unsure
    assert "Hjertesvikt" in (await desk.get("/workspace/patients/per")).text
    own = (await desk.get("/workspace/codes", headers=FRAGMENT)).text
    assert "Dine favoritter og sist brukte" in own
    assert "I50.9" in own
    assert "I50.9" not in (await enter("nurse").get("/workspace/codes", headers=FRAGMENT)).text


async def test_what_stands_there_is_offered(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    form = {"q": "astma", "pick": f"{ICD_10}|J45.9"}
    assert (await desk.post(PAGE, data=form)).status_code == 303
    again = await desk.post(PAGE, data=form)
    assert again.status_code == 409
    assert "Dette står på listen alt" in again.text
    existing = re.search(r'name="existing" value="([^"]+)"', again.text)
    assert existing is not None
    used = await desk.post(PAGE, data={**form, "existing": existing[1]})
    assert "saved=linked" in used.headers["location"]
    another = await desk.post(PAGE, data={**form, "another": "yes"})
    assert "saved=added" in another.headers["location"]


async def test_nothing_is_stored_until_it_is_plain_what_is_meant(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"q": "gikt"},
        {"q": "migrene", "pick": f"{ICD_10}|M10.9"},
        {"q": "", "pick": f"{ICD_10}|X99.99"},
        {"q": "gikt", "pick": "none", "since": "i fjor"},
        {"q": "gikt", "pick": "none", "since": "2999"},
    )
    for form in wrong:
        answer = await desk.post(PAGE, data=form)
        assert answer.status_code == 422, form
        assert 'role="alert"' in answer.text
        assert f'value="{form.get("q", "")}"' in answer.text
    lists = (await desk.get(PAGE)).text.partition('class="lists"')[2]
    assert "gikt" not in lists.casefold()


async def test_certainty_closed_reopened_and_in_error(enter: Enter) -> None:  # noqa: F811
    desk = enter("nurse")
    await desk.post(PAGE, data={"q": "Vondt i tåa", "pick": "none"})

    def part(text: str, section: str) -> str:
        return text.partition(f'id="{section}"')[2].partition("</section>")[0]

    async def do(what: str, section: str, **more: str) -> str:
        page = part((await desk.get(PAGE)).text, section)
        item = next(one for one in page.split("<li>") if "Vondt i tåa" in one)
        address, fields = action(item, what)
        done = await desk.post(address, data={**fields, **more})
        assert done.status_code == 303, done.text
        return (await desk.get(PAGE)).text

    assert "mulig" in part(await do("certainty", "now", certainty="differential"), "unsure")
    assert "Vondt i tåa" in part(await do("close", "unsure", day=""), "over")
    assert "Vondt i tåa" in part(await do("reopen", "over"), "unsure")
    assert "avkreftet" in part(await do("certainty", "unsure", certainty="refuted"), "over")
    assert "Vondt i tåa" not in await do("wrong", "over")


async def test_what_others_changed_is_told(enter: Enter, world: World) -> None:  # noqa: F811
    desk = enter("doctor")
    made = await problems.add(world.door, await world.permit("nurse"), "per", Coded("Kløe"))
    address = f"{PAGE}/{made.condition.id}"
    assert (await desk.post(address, data={"do": "close", "version": "1"})).status_code == 303
    moved = await desk.post(address, data={"do": "reopen", "version": "1"})
    assert moved.status_code == 409
    assert "To har endret det samme" in moved.text
    assert (await desk.post(address, data={"do": "close", "version": "2"})).status_code == 409
    assert (await desk.post(address, data={"do": "reopen", "version": "2", "day": "i fjor"})).status_code == 422
    assert (await desk.post(address, data={"do": "reopen", "version": "2", "role": "other"})).status_code == 409


async def test_duplicates_are_shown_merged_and_parted_with_a_key(enter: Enter, world: World) -> None:  # noqa: F811
    desk, permit = enter("doctor"), await world.permit("doctor")
    for _ in range(2):
        await problems.add(world.door, permit, "per", Coded("Podagra", "M10.9", ICD_10), another=True)
    page = (await desk.get(PAGE)).text
    item = next(one for one in page.partition('id="twice"')[2].split("<li>") if "Podagra" in one)
    address, fields = action(item, "merge")
    done = await desk.post(address, data=fields)
    merged = (await desk.get(done.headers["location"])).text
    assert "Slått sammen med 1 til" in merged
    assert merged.partition('class="lists"')[2].count("<p><b>Podagra</b>") == 1
    undo, fields = action(merged.partition('class="saved"')[2], "part")
    assert 'data-key="u"' in merged
    assert "saved=parted" in (await desk.post(undo, data=fields)).headers["location"]
    assert "Podagra" in (await desk.get(PAGE)).text.partition('id="twice"')[2]


async def test_what_cannot_be_stored_is_told_and_kept(
    enter: Enter,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(*_: Any, **__: Any) -> Any:
        raise Busy("The record is busy.")

    monkeypatch.setattr(problems, "add", busy)
    form = {"q": "Rar hoste", "pick": "none", "since": "2020", "certainty": "differential"}
    page = await enter("doctor").post(PAGE, data=form)
    assert page.status_code == 503
    assert "Det ble ikke lagret" in page.text
    for name, value in form.items():
        assert f'name="{name}" value="{value}"' in page.text
    monkeypatch.undo()
    other = await enter("doctor").post(PAGE, data={**form, "role": "another-role"})
    assert other.status_code == 409
    assert 'value="Rar hoste"' in other.text


async def test_who_may_not_write_sees_the_list_and_no_form(enter: Enter) -> None:  # noqa: F811
    page = (await enter("secretary").get(PAGE)).text
    assert "Hjertesvikt" in page
    assert 'name="pick"' not in page
    assert (await enter("secretary").post(PAGE, data={"q": "gikt", "pick": "none"})).status_code == 403
    assert (await enter("homenurse").get(PAGE)).status_code == 403


async def test_favourites_are_kept_and_lead_nowhere_else(enter: Enter) -> None:  # noqa: F811
    desk = enter("nurse")
    form = {"pick": f"{ICD_10}|J44.9", "favourite": "yes", "back": "/workspace/codes?q=kols"}
    assert (await desk.post("/workspace/codes/favourite", data=form)).headers["location"] == "/workspace/codes?q=kols"
    assert "Fjern" in (page := (await desk.get("/workspace/codes")).text) or "J44.9" in page
    away = await desk.post("/workspace/codes/favourite", data={**form, "back": "//evil.example", "favourite": "no"})
    assert away.headers["location"] == "/workspace/codes"
    assert "J44.9" in (await desk.get("/workspace/codes?q=kols")).text


async def test_a_slip_of_hives_is_found(enter: Enter) -> None:  # noqa: F811
    for typed in ("elvebelst", "hives", "Hives", "elvblest"):
        found = (await enter("nurse").get(f"/workspace/codes?q={typed}", headers=FRAGMENT)).text
        assert f'value="{ICD_10}|L50.9"' in found


async def test_what_a_problem_is_called_is_changed_and_its_history_kept(enter: Enter, world: World) -> None:  # noqa: F811
    by, itch = await world.permit("doctor"), Coded("Kløe", "L29.9", ICD_10)
    made = (await problems.add(world.door, by, "per", itch, another=True)).condition
    address, desk = f"{PAGE}/{made.id}", enter("doctor")
    form = {"do": "name", "version": "1", "name": "Kløe om natten", "name_pick": "keep"}
    done = await desk.post(address, data=form)
    assert "Navnet er endret." in (await desk.get(done.headers["location"])).text
    page = (await desk.get(PAGE)).text
    assert '<b>Kløe om natten</b> <span class="code">L29.9</span>' in page
    moved = await desk.post(address, data=form)
    assert moved.status_code == 409
    assert "Kløe om natten" in moved.text
    assert "likt hos begge" in moved.text, "the same was sent twice"
    coded = {**form, "version": "2", "name": "elveblest", "name_pick": f"{ICD_10}|L50.9"}
    assert (await desk.post(address, data=coded)).status_code == 303
    page = (await desk.get(PAGE)).text
    assert '<b>Elveblest (urtikaria)</b> <span class="code">L50.9</span>' in page
    plain = {**form, "version": "3", "name": "Utslett", "name_pick": "none"}
    assert (await desk.post(address, data=plain)).status_code == 303
    system = await world.client(scope="system/*.rs")
    past = (await system.get(f"/Condition/{made.id}/_history")).json()["entry"]
    assert [one["resource"]["code"]["text"] for one in past] == [
        "Utslett",
        "Elveblest (urtikaria)",
        "Kløe om natten",
        "Kløe",
    ]
    assert "coding" not in past[0]["resource"]["code"]
    assert past[2]["resource"]["code"]["coding"] == past[3]["resource"]["code"]["coding"]


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        ({"name": ""}, 422, "Skriv hva det er."),
        ({"name": "\u202eamtsA"}, 422, "tegn som ikke synes"),
        ({"name": "5" * 200}, 422, "Skriv det på nytt."),
        ({"name": "Astma", "name_pick": f"{ICD_10}|I50.9"}, 422, "Velg koden på nytt."),
        ({"name": "Eksem"}, 409, "Det heter det alt."),
    ],
)
async def test_a_name_that_cannot_be_is_told_beside_it(
    enter: Enter,  # noqa: F811
    world: World,
    sent: dict[str, str],
    status: int,
    told: str,
) -> None:
    made = (await problems.add(world.door, await world.permit("doctor"), "per", Coded("Eksem"), another=True)).condition
    page = await enter("doctor").post(f"{PAGE}/{made.id}", data={"do": "name", "version": "1", **sent})
    assert page.status_code == status
    assert told in page.text


async def test_without_scripts_codes_for_another_name_are_found(enter: Enter, world: World) -> None:  # noqa: F811
    made = (await problems.add(world.door, await world.permit("doctor"), "per", Coded("Utslett i ansiktet"))).condition
    page = (await enter("doctor").get(PAGE, params={"rename": made.id, "name": "elvebelst"})).text
    opened = page[page.index(f'id="name-hits-{made.id}"') :]
    assert f'name="name_pick" value="{ICD_10}|L50.9"' in opened


@pytest.mark.parametrize("text", ["\u202eamtsA", "9" * 200])
async def test_a_problem_that_nobody_can_read_is_refused(enter: Enter, text: str) -> None:  # noqa: F811
    page = await enter("doctor").post(PAGE, data={"q": text, "pick": "none"})
    assert page.status_code == 422
    assert 'id="problem-q-error"' in page.text
