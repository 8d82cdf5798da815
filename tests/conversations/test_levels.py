"""Who acts for a patient writes as far as the level gives, is named, and is told of no more units than he reads of."""

from __future__ import annotations

from uuid import uuid4

import pytest

from hazards.test_representation import (  # noqa: F401
    NUMBERS,
    as_it_was,
    citizen,
    family,
    labelled,
    power,
    years_ago,
)
from samjournal import conversations
from samjournal.conversations import Asked
from samjournal.fhir.errors import Forbidden
from samjournal.record import (
    DraftText,
    Ending,
    block,
    drafts_about,
    give,
    own_blocks,
    save_draft,
    unblock,
    who_acts,
    withdraw,
)
from world import World, appointment, made, stay, to

pytestmark = pytest.mark.anyio


def fresh() -> Ending:
    return Ending(uuid4(), 0, "page")


async def wrote(world: World, login: str, patient_id: str) -> str:
    """Who it is that the message says wrote it."""
    permit = await world.permit(login, acts_for=patient_id)
    asked = Asked("Organization/ward", "Feber", "Hva gjør vi?")
    id_ = await conversations.ask(world.door, permit, asked, fresh())
    (first,) = await conversations.conversation(world.door, permit, id_)
    return " ".join(conversations.behalf_of(first))


async def test_a_power_writes_in_its_own_name_with_drafts_of_its_own_and_hears_of_no_block(
    family: World,  # noqa: F811
) -> None:
    await power(family, "standard")
    assert await wrote(family, "per", "kari") == "Per power-of-attorney"
    permit, kari = await family.permit("per", acts_for="kari"), await family.permit("kari")
    await save_draft(family.door, permit, "kari", str(uuid4()), DraftText(b"{}", title="Pers", about="Communication"))
    assert [one.title for one in await drafts_about(family.door, permit, "kari")] == ["Pers"]
    assert await drafts_about(family.door, kari, "kari") == []
    await block(family.door, kari, "Organization/ward")
    closed = {one.unit: one.closed for one in await conversations.teams(family.door, permit)}
    assert closed["Organization/ward"] == "silent"
    for one in await own_blocks(family.door, kari):
        await unblock(family.door, kari, one.id)


async def test_a_parent_writes_for_a_small_child_and_not_for_a_youth(family: World) -> None:  # noqa: F811
    assert await wrote(family, "mina", "odin") == "Mina parent"
    await family.put(citizen("odin", born=years_ago(12)))
    with pytest.raises(Forbidden):
        await wrote(family, "mina", "odin")


async def test_who_reads_only_or_has_messages_among_his_parts_writes_nothing(family: World) -> None:  # noqa: F811
    await power(family)
    with pytest.raises(Forbidden):
        await wrote(family, "per", "kari")
    permit = await family.permit("per", acts_for="kari")
    with pytest.raises(Forbidden):
        await conversations.teams(family.door, permit)
    with pytest.raises(Forbidden):
        await save_draft(family.door, permit, "kari", str(uuid4()), DraftText(b"{}", about="Communication"))
    for one in await who_acts(family.door, await family.permit("kari")):
        await withdraw(family.door, await family.permit("kari"), one.source)
    kari = await family.permit("kari")
    id_ = await conversations.ask(family.door, kari, Asked("Organization/ward", "Sår", "Det klør."), fresh())
    await give(family.door, kari, NUMBERS["per"], "per", types=["Communication"])
    permit = await family.permit("per", acts_for="kari")
    assert len(await conversations.conversation(family.door, permit, id_)) == 1
    with pytest.raises(Forbidden):
        await conversations.follow_up(family.door, permit, id_, "Hei", fresh())


async def test_who_only_writes_is_told_of_units_by_what_he_reads(family: World) -> None:  # noqa: F811
    """A stay is not among what this level reads, an appointment is, but for one that is kept from him."""
    later, after = "2027-11-25T10:00:00+01:00", "2027-11-26T10:00:00+01:00"
    await family.put(
        {**stay("other-stay", "kari", unit="homecare"), "id": "other-stay"},
        made("HealthcareService", "visits", providedBy=to("Organization/homecare")),
        {**appointment("kari", "HealthcareService/ward-clinic", start=later), "id": "told"},
        labelled({**appointment("kari", "HealthcareService/visits", start=after), "id": "kept"}, "PRS"),
    )
    await power(family, "communicate-only")
    permit = await family.permit("per", acts_for="kari")
    assert [one.unit for one in await conversations.teams(family.door, permit)] == ["Organization/ward"]
    kari = await family.permit("kari")
    assert {"Organization/ward", "Organization/homecare"} <= {
        one.unit for one in await conversations.teams(family.door, kari)
    }


async def test_a_protected_address_tells_colleagues_elsewhere_no_team(family: World) -> None:  # noqa: F811
    """Elias' home care is another organisation than the ward: who hands a question on is not told of it."""
    await family.put(
        {**stay("elias-help", "elias", unit="homecare"), "serviceProvider": to("Organization/homecare")},
    )
    elias, nurse = await family.permit("elias"), await family.permit("nurse")
    assert {"Organization/ward", "Organization/homecare"} <= {
        one.unit for one in await conversations.teams(family.door, elias)
    }
    assert await conversations.other_teams(family.door, nurse, "elias") == []
