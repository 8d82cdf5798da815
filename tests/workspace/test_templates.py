"""The register of templates over HTTP: made, counted, found alike, taken out of use."""

from __future__ import annotations

import re

import pytest

from workspace.test_note_template import form_of
from workspace.test_notes import NOTES
from workspace.test_pages import Enter, enter

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/templates"
WOUND = {
    "name": "Sårnotat",
    "kind": "progress",
    "text": "Såret*: Størrelse og farge.\n+ smerte\nPlan\n= med",
    "address": "https://ward.example/saar",
    "procedure": "Sårprosedyre",
    "act": "save",
}


def row(page: str, name: str) -> str:
    return next(one for one in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f">{name}</a>" in one)


async def test_a_template_is_made_used_counted_and_its_procedure_opens_beside_the_form(enter: Enter) -> None:
    desk = enter("doctor")
    assert (await desk.post(PAGE, data=WOUND)).headers["location"] == f"{PAGE}?done=saved"
    page = (await desk.get(PAGE)).text
    assert '<td class="num" data-label="Brukt her">0</td>' in row(page, "Sårnotat")
    code = re.search(r"code=([^\"#]+)#edit\">Sårnotat", page)
    assert code is not None
    form = (await desk.get(f"{NOTES}/new?template={code[1]}")).text
    assert 'href="https://ward.example/saar" target="_blank" rel="noreferrer noopener">Sårprosedyre' in form
    assert "Størrelse og farge." in form
    await desk.post(NOTES, data=form_of(form, texts=["3 cm, rent."], **{"f-smerte": "2"}))
    assert '<td class="num" data-label="Brukt her">1</td>' in row((await desk.get(PAGE)).text, "Sårnotat")
    edited = (await desk.get(f"{PAGE}?code={code[1]}")).text
    assert "Såret*: Størrelse og farge.\n+ smerte\nPlan\n= med</textarea>" in edited


async def test_one_s_own_copy_of_a_template_is_told_to_be_nearly_the_same(enter: Enter) -> None:
    desk = enter("nurse")
    page = (await desk.get(f"{PAGE}?code=visitt")).text
    text = re.search(r'placeholder="[^"]*">([^<]*)</textarea>', page)
    assert text is not None
    await desk.post(PAGE, data={"name": "Morgenvisitt", "kind": "progress", "text": text[1], "act": "save"})
    assert "Visittnotat, 100 %" in row((await desk.get(PAGE)).text, "Morgenvisitt")


async def test_what_is_taken_out_of_use_can_be_chosen_no_more(enter: Enter) -> None:
    desk = enter("doctor")
    taken = await desk.post(PAGE, data={"code": "helsestasjon", "version": "0", "act": "retire"})
    assert taken.headers["location"] == f"{PAGE}?done=retired"
    page = (await desk.get(PAGE)).text
    assert "Ute av bruk her" in page
    assert "code=helsestasjon" not in page
    assert (await desk.get(f"{NOTES}/new?template=helsestasjon")).status_code == 410
    again = await desk.post(PAGE, data={"code": "helsestasjon", "version": "0", "act": "retire"})
    assert again.status_code == 409


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"text": "+ puls"}, {"text": "Funn\n+ finnes-ikke"}, {"address": "javascript:alert(1)"}]
)
async def test_what_cannot_be_is_told_and_what_was_typed_stands(enter: Enter, wrong: dict[str, str]) -> None:
    answer = await enter("doctor").post(PAGE, data={**WOUND, **wrong})
    assert answer.status_code == 422
    assert "Malen er ikke lagret" in answer.text
    assert "Sårprosedyre" in answer.text


async def test_who_signs_no_notes_has_no_register(enter: Enter) -> None:
    assert (await enter("secretary").get(PAGE)).status_code == 403
