"""Templates as data: the built-in set, those of organisations, and what is out of use."""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Forbidden, Invalid, VersionMoved
from samjournal.notes import (
    BUILT_IN,
    FIELDS,
    LIVE,
    Heading,
    Template,
    every_template,
    retire,
    save_template,
    template_of,
    templates,
)
from world import World

pytestmark = pytest.mark.anyio
SOUND = Template(
    "",
    {"nb": "Sårnotat"},
    (
        Heading({"nb": "Såret"}, {"nb": "Størrelse og farge."}, must=True, fields=("smerte", "mobilitet")),
        Heading({"nb": "Plan"}, blocks=("med", "prøver")),
    ),
    procedure=("https://ward.example/saar", "Prosedyre for sår"),
)


@pytest.mark.parametrize("template", BUILT_IN.values(), ids=lambda one: one.code)
def test_a_built_in_template_is_written_in_all_languages_and_asks_for_what_there_is(template: Template) -> None:
    assert {"nb", "nn", "en"} == set(template.name)
    assert any(one.must for one in template.heading)
    for heading in template.heading:
        assert {"nb", "nn", "en"} == set(heading.name) == set(heading.help), heading.name
        assert set(heading.fields) <= set(FIELDS)
        assert set(heading.blocks) <= set(LIVE)
    assert len(set(template.fields)) == len(template.fields)


def test_there_is_one_for_each_place_where_notes_are_written() -> None:
    named = "legevakt innkomst visitt epikrise hjemmesykepleie helsestasjon fysioterapi poliklinikk"
    assert set(BUILT_IN) == set(named.split())


async def test_a_template_of_the_unit_is_kept_as_it_was_made_and_chosen_there_alone(world: World) -> None:
    doctor = await world.permit("doctor")
    made = await save_template(world.door, doctor, SOUND)
    kept = await template_of(world.door, doctor, made.id)
    assert kept.heading == SOUND.heading
    assert (kept.procedure, kept.owner, kept.version) == (SOUND.procedure, "ward", 1)
    assert made.id in {one.code for one in await templates(world.door, await world.permit("nurse"))}
    elsewhere = await world.permit("homenurse")
    assert made.id not in {one.code for one in await templates(world.door, elsewhere)}
    assert made.id in {one.code for one in await every_template(world.door, elsewhere)}


async def test_what_is_out_of_use_is_not_chosen_here_and_stays_elsewhere(world: World) -> None:
    doctor, home = await world.permit("doctor"), await world.permit("homenurse")
    await retire(world.door, doctor, "fysioterapi", 0)
    assert "fysioterapi" not in {one.code for one in await templates(world.door, doctor)}
    assert "fysioterapi" in {one.code for one in await templates(world.door, home)}
    there = await template_of(world.door, doctor, "fysioterapi")
    assert there.is_retired
    assert there.heading == BUILT_IN["fysioterapi"].heading


async def test_two_who_change_one_template_do_not_overwrite_each_other(world: World) -> None:
    doctor = await world.permit("doctor")
    made = await save_template(world.door, doctor, SOUND)
    kept = await template_of(world.door, doctor, made.id)
    await save_template(world.door, doctor, kept)
    with pytest.raises(VersionMoved):
        await save_template(world.door, doctor, kept)
    with pytest.raises(VersionMoved):
        await retire(world.door, doctor, made.id, kept.version)


async def test_another_unit_s_template_is_not_changed_nor_taken_out_of_use(world: World) -> None:
    made = await save_template(world.door, await world.permit("doctor"), SOUND)
    home = await world.permit("homenurse")
    kept = next(one for one in await every_template(world.door, home) if one.code == made.id)
    with pytest.raises(Forbidden):
        await save_template(world.door, home, kept)


async def test_who_signs_no_notes_makes_no_templates(world: World) -> None:
    with pytest.raises(Forbidden):
        await save_template(world.door, await world.permit("secretary"), SOUND)


@pytest.mark.parametrize(
    "template",
    [
        Template("", {"nb": " "}, SOUND.heading),
        Template("", {"nb": "Tom"}, ()),
        Template("", {"nb": "x"}, (Heading({"nb": "a"}, fields=("finnes-ikke",)),)),
        Template("", {"nb": "x"}, (Heading({"nb": "a"}, blocks=("finnes-ikke",)),)),
        Template("", {"nb": "x"}, (Heading({"nb": "a"}, fields=("puls",)), Heading({"nb": "b"}, fields=("puls",)))),
        Template("", {"nb": "x"}, SOUND.heading, procedure=("javascript:alert(1)", "x")),
        Template("", {"nb": "x"}, SOUND.heading, kind="finnes-ikke"),
    ],
)
async def test_a_template_that_cannot_be_is_refused(world: World, template: Template) -> None:
    with pytest.raises(Invalid):
        await save_template(world.door, await world.permit("doctor"), template)
