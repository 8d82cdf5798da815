"""Drafts: their author's alone, never overwritten in silence, ended with what they become."""

from __future__ import annotations

from uuid import uuid4

import pytest

from samjournal.fhir.errors import Forbidden, NotFound, ReasonNeeded
from samjournal.record import (
    Change,
    DraftEnded,
    DraftMoved,
    DraftText,
    Ending,
    change,
    discard_draft,
    draft,
    drafts_about,
    drafts_of,
    read,
    save_draft,
    writing_now,
)
from world import World

pytestmark = pytest.mark.anyio


def _text(words: str, *, version: int = 0, page: str = "one", **more: object) -> DraftText:
    return DraftText(words.encode(), title=words[:20], version=version, page=page, **more)  # type: ignore[arg-type]


def _note() -> dict[str, object]:
    return {
        "resourceType": "Composition",
        "status": "preliminary",
        "type": {"text": "Notat"},
        "subject": {"reference": "Patient/kari"},
        "date": "2026-11-29T08:00:00+01:00",
        "author": [{"reference": "PractitionerRole/doctor-role"}],
        "title": "Visitt",
    }


async def test_a_draft_is_found_again_by_its_author_alone(world: World) -> None:
    doctor, nurse, id_ = await world.permit("doctor"), await world.permit("nurse"), str(uuid4())
    saved = await save_draft(world.door, doctor, "kari", id_, _text("Sov godt i natt"))
    assert (saved.version, saved.body) == (1, b"Sov godt i natt")
    assert (await draft(world.door, doctor, "kari", id_)).body == b"Sov godt i natt"
    with pytest.raises(NotFound):
        await draft(world.door, nurse, "kari", id_)
    assert [each.body for each in await drafts_about(world.door, doctor, "kari") if str(each.id) == id_] == [b""]
    assert id_ not in {str(each.id) for each in await drafts_about(world.door, nurse, "kari")}
    assert ("Nordmann, Kari", "Sov godt i natt", True) in {
        (each.patient, each.title, each.is_open) for each in await drafts_of(world.door, doctor)
    }


async def test_a_draft_is_not_begun_without_a_relation_nor_by_who_writes_none(world: World) -> None:
    with pytest.raises(ReasonNeeded):
        await save_draft(world.door, await world.permit("doctor"), "ola", str(uuid4()), _text("Hei"))
    with pytest.raises(Forbidden):
        await save_draft(world.door, await world.permit("kari"), "kari", str(uuid4()), _text("Hei"))


async def test_what_another_page_saved_is_not_overwritten(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    await save_draft(world.door, doctor, "kari", id_, _text("Først"))
    await save_draft(world.door, doctor, "kari", id_, _text("Fra telefonen", version=1, page="two"))
    with pytest.raises(DraftMoved) as moved:
        await save_draft(world.door, doctor, "kari", id_, _text("Fra kontoret", version=1, page="one"))
    assert moved.value.theirs.body == b"Fra telefonen"
    with pytest.raises(DraftMoved):
        await discard_draft(world.door, doctor, "kari", id_, 1, "one")
    assert (await draft(world.door, doctor, "kari", id_)).body == b"Fra telefonen"


async def test_a_page_whose_answer_was_lost_goes_on(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    await save_draft(world.door, doctor, "kari", id_, _text("En"))
    again = await save_draft(world.door, doctor, "kari", id_, _text("En og to"))
    assert (again.version, again.body) == (2, b"En og to")


async def test_a_draft_is_of_one_patient(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    await save_draft(world.door, doctor, "kari", id_, _text("Om Kari"))
    with pytest.raises(NotFound):
        await save_draft(world.door, doctor, "elias", id_, _text("Om Elias", version=1))
    with pytest.raises(NotFound):
        await draft(world.door, doctor, "elias", id_)


async def test_a_draft_ends_with_what_it_becomes_or_not_at_all(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    saved = await save_draft(world.door, doctor, "kari", id_, _text("Klart"))
    before = await world.pool.fetchval("SELECT count(*) FROM store.current")
    with pytest.raises(DraftMoved):
        await change(world.door, doctor, [Change.create(_note())], ending=Ending(saved.id, 7, "elsewhere"))
    assert await world.pool.fetchval("SELECT count(*) FROM store.current") == before
    (note,) = await change(world.door, doctor, [Change.create(_note())], ending=Ending(saved.id, 1, "one"))
    assert (await read(world.door, doctor, "Composition", note.id)).version == 1
    for once_more in (1, 0):
        with pytest.raises(DraftEnded) as ended:
            await change(world.door, doctor, [Change.create(_note())], ending=Ending(saved.id, once_more, "one"))
        assert ended.value.became == note.reference
    with pytest.raises(DraftEnded):
        await save_draft(world.door, doctor, "kari", id_, _text("For sent", version=1))
    assert await world.pool.fetchval("SELECT body FROM store.draft WHERE id = $1", saved.id) is None


async def test_a_note_that_was_never_saved_as_a_draft_is_signed_once(world: World) -> None:
    doctor, ending = await world.permit("doctor"), Ending(uuid4(), 0, "one")
    await change(world.door, doctor, [Change.create(_note())], ending=ending)
    with pytest.raises(DraftEnded):
        await change(world.door, doctor, [Change.create(_note())], ending=ending)


async def test_who_else_writes_is_told_by_name_and_not_by_text(world: World) -> None:
    nurse = await world.permit("nurse")
    await save_draft(world.door, nurse, "kari", str(uuid4()), _text("Hemmelig ennå"))
    await save_draft(world.door, nurse, "kari", str(uuid4()), _text("Om vold", quiet=True))
    told = await writing_now(world.door, await world.permit("doctor"), "kari")
    assert [(each.name, each.about) for each in told] == [("Nurse", "Composition")]
    assert await writing_now(world.door, nurse, "kari") == [
        each for each in await writing_now(world.door, nurse, "kari") if each.name != "Nurse"
    ]


async def test_a_look_at_a_draft_is_logged_and_each_save_is_not(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    logged = "SELECT count(*) FROM audit.look WHERE action = 'draft' AND actor = 'doctor'"
    before = await world.pool.fetchval(logged)
    for version in range(4):
        await save_draft(world.door, doctor, "kari", id_, _text("a" * (version + 1), version=version))
    assert await world.pool.fetchval(logged) == before + 1
    await draft(world.door, doctor, "kari", id_)
    assert await world.pool.fetchval(logged) == before + 2


async def test_a_draft_stands_when_the_relation_has_ended(world: World) -> None:
    home, id_ = await world.permit("homenurse"), str(uuid4())
    episode = {
        "resourceType": "EpisodeOfCare",
        "id": "ola-home",
        "status": "active",
        "patient": {"reference": "Patient/ola"},
        "managingOrganization": {"reference": "Organization/homecare"},
    }
    await world.put(episode)
    await save_draft(world.door, home, "ola", id_, _text("Til i morgen"))
    await world.put({**episode, "status": "cancelled"})
    (line,) = [each for each in await drafts_of(world.door, home) if str(each.id) == id_]
    assert (line.patient, line.is_open) == ("Nordmann, Ola", False)
    with pytest.raises(ReasonNeeded):
        await draft(world.door, home, "ola", id_)
