"""A note that nobody has signed is read as if it were: others act on what its author has not said yet.

Wherever a note is shown to staff that is not signed, the page says so; the patient does not see it.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from samjournal.ui.formats import OSLO
from samjournal.ui.language import language
from samjournal.workspace.note_view import patient_sees, state_of
from workspace.test_note_page import written
from workspace.test_notes import NOTES, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


async def test_a_prepared_note_is_marked_wherever_staff_see_it(enter: Enter, world: World) -> None:
    await posts(world)
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare", text="Diktert tekst.")
    for login in ("doctor", "nurse", "secretary"):
        chart = (await enter(login).get("/workspace/patients/kari")).text
        place = chart.index("Diktert tekst.", chart.index('id="notes"'))
        assert "Ikke signert" in chart[chart.rindex("<summary", 0, place) : place], login
        assert "· ikke signert: Diktert tekst." in chart, "the newest note's first sentence stands at the top too"
        page = (await enter(login).get(f"{NOTES}/{note['id']}")).text
        assert "Ikke signert" in page, login
        assert "Ingen har signert." in page, login


async def test_what_waits_for_a_countersignature_is_marked_and_kept_from_the_patient(
    enter: Enter, world: World
) -> None:
    await posts(world)
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="Skal ses over.")
    chart = (await enter("doctor").get("/workspace/patients/kari")).text
    place = chart.index("Skal ses over.", chart.index('id="notes"'))
    assert "venter på medsignering" in chart[chart.rindex("<summary", 0, place) : place]
    # Nobody shows it to the patient before its time either: there is nothing to show yet.
    assert f"{note['id']}/release" not in chart
    await enter("doctor").post(f"{NOTES}/{note['id']}/release")
    assert (await (await world.client("kari")).get(f"/Composition/{note['id']}")).status_code == 404


@pytest.mark.parametrize("code", ["nb", "nn", "en"])
def test_every_state_says_something_else(code: str) -> None:
    signed = {"attester": [{"mode": "professional"}]}
    states = [
        {"status": "preliminary"},
        {"status": "preliminary", **signed},
        {"status": "final", **signed},
        {"status": "amended", **signed},
        {"status": "entered-in-error", **signed},
    ]
    told = [state_of(one, language(code)) for one in states]
    assert len({words for words, _ in told}) == len(states)
    assert [colour for _, colour in told] == ["warn", "warn", "", "", "danger"]
    waiting = {"resourceType": "Composition", "status": "preliminary"}
    final = {"resourceType": "Composition", "status": "final"}
    now = datetime.now(OSLO)
    assert patient_sees(waiting, now, language(code)) != patient_sees(final, now, language(code))
