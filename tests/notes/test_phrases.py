"""Standard phrases: what counts as a shortcut, whose phrase goes first, and what two people do at once."""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Forbidden, Invalid, VersionMoved
from samjournal.notes import drop_phrase, fill, phrases, save_phrase
from samjournal.notes.phrases import names_in
from world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("BT: .bt", {"bt"}),
        (".Bt og .puls.", {"bt", "puls"}),
        ("(.med)", {"med"}),
        ("nrk.no og 3.puls", set()),
        ("Slutt.bt", set()),
        ("Vent ...bt", set()),
        (".bt-x", {"bt-x"}),
        (".høyde", {"høyde"}),
    ],
)
def test_a_shortcut_is_a_word_after_a_point_that_ends_no_sentence(text: str, names: set[str]) -> None:
    assert names_in([text]) == names


async def texts(world: World, login: str, text: str) -> str:
    return (await fill(world.door, await world.permit(login), "kari", [text], "nb")).texts[0]


async def test_one_s_own_phrase_goes_before_the_unit_s_and_is_nobody_else_s(world: World) -> None:
    doctor = await world.permit("doctor")
    await save_phrase(world.door, doctor, shortcut=".us", text="Upåfallende status.", scope="unit")
    await save_phrase(world.door, doctor, shortcut="us", text="God allmenntilstand.", scope="own")
    assert await texts(world, "doctor", "Funn: .us") == "Funn: God allmenntilstand."
    assert await texts(world, "nurse", "Funn: .us") == "Funn: Upåfallende status."
    elsewhere = await phrases(world.door, await world.permit("homenurse"))
    assert "us" not in {one.shortcut for one in elsewhere}


async def test_a_phrase_holds_values_and_no_other_phrases(world: World) -> None:
    doctor = await world.permit("doctor")
    await save_phrase(world.door, doctor, shortcut="sirk", text="Sirkulasjon: .puls. .us", scope="own")
    assert await texts(world, "doctor", ".sirk") == "Sirkulasjon: Puls: ikke funnet i journalen. .us"


async def test_what_no_phrase_is_called_stays_as_typed(world: World) -> None:
    assert await texts(world, "doctor", "Se .finnesikke og .bt") != "Se .finnesikke og .bt"
    assert (await texts(world, "doctor", "Se .finnesikke")) == "Se .finnesikke"


async def test_two_who_change_one_phrase_do_not_overwrite_each_other(world: World) -> None:
    doctor, nurse = await world.permit("doctor"), await world.permit("nurse")
    made = await save_phrase(world.door, doctor, shortcut="hud", text="Hel hud.", scope="unit")
    await save_phrase(world.door, nurse, shortcut="hud", text="Hel, tørr hud.", scope="unit", version=made.version)
    with pytest.raises(VersionMoved):
        await save_phrase(world.door, doctor, shortcut="hud", text="Varm hud.", scope="unit", version=made.version)
    with pytest.raises(Invalid, match="shortcut"):
        await save_phrase(world.door, doctor, shortcut="hud", text="Ny.", scope="unit")
    assert await texts(world, "doctor", ".hud") == "Hel, tørr hud."


async def test_a_phrase_that_was_taken_out_of_use_fills_nothing_in_and_may_be_made_again(world: World) -> None:
    doctor = await world.permit("doctor")
    made = await save_phrase(world.door, doctor, shortcut="gammel", text="Utgått.", scope="own")
    await drop_phrase(world.door, doctor, shortcut="gammel", scope="own", version=made.version)
    assert await texts(world, "doctor", ".gammel") == ".gammel"
    await save_phrase(world.door, doctor, shortcut="gammel", text="Ny igjen.", scope="own")
    assert await texts(world, "doctor", ".gammel") == "Ny igjen."


@pytest.mark.parametrize("shortcut", ["bt", "", "to ord", "9", ".", "a" * 25])
async def test_a_shortcut_that_cannot_be_is_refused(world: World, shortcut: str) -> None:
    with pytest.raises(Invalid):
        await save_phrase(world.door, await world.permit("doctor"), shortcut=shortcut, text="x", scope="own")


async def test_who_writes_no_notes_has_no_phrases(world: World) -> None:
    with pytest.raises(Forbidden):
        await save_phrase(world.door, await world.permit("kari"), shortcut="us", text="x", scope="own")


async def test_a_personal_phrase_is_read_by_its_author_alone(world: World) -> None:
    doctor = await world.permit("doctor")
    made = await save_phrase(world.door, doctor, shortcut="vold", text="Spurt om vold i nære relasjoner.", scope="own")
    assert (made.type, made.version) == ("Basic", 1)
    for login in ("nurse", "secretary", "homenurse", "kari"):
        async with await world.client(login) as client:
            for address in ("/Basic?code=urn:samjournal:text|phrase", "/Questionnaire?_count=500", "/Basic"):
                assert "nære relasjoner" not in (await client.get(address)).text, (login, address)
            assert (await client.get(f"/Basic/{made.id}")).status_code in (403, 404), login
            assert (await client.get(f"/Basic/{made.id}/_history")).status_code in (403, 404), login
            written = await client.put(f"/Basic/{made.id}", json=made.resource())
            assert written.status_code in (403, 404), login
    async with await world.client("doctor") as client:
        assert (await client.get(f"/Basic/{made.id}")).status_code == 200
    changed = await save_phrase(world.door, doctor, shortcut="vold", text="Spurt.", scope="own", version=1)
    await drop_phrase(world.door, doctor, shortcut="vold", scope="own", version=changed.version)
    assert "vold" not in {one.shortcut for one in await phrases(world.door, doctor)}
    again = await save_phrase(world.door, doctor, shortcut="vold", text="Spurt igjen.", scope="own")
    assert again.version == 4
    assert await texts(world, "doctor", ".vold") == "Spurt igjen."
