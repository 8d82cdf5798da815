"""What staff write to one another is read by the patient, or by who acts for him, as if it was meant for him."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from world import World, made, to

pytestmark = pytest.mark.anyio
NURSE, DOCTOR = "PractitionerRole/nurse-role", "PractitionerRole/doctor-role"


def message(id_: str, sender: str, *recipients: str, **more: Any) -> dict[str, Any]:
    to_ = [to(one) for one in recipients or ("Organization/ward",)]
    said = [{"contentString": "Mistenker vold i hjemmet."}]
    about = {"subject": to("Patient/kari"), "sender": to(sender), "recipient": to_, "payload": said}
    return made("Communication", id_, status="completed", **about, **more)


async def test_a_patient_reads_own_messages_and_no_others(world: World) -> None:
    await world.put(
        message("between", NURSE, DOCTOR),
        message("from-him", "Patient/kari", DOCTOR),
        message("to-him", DOCTOR, "Patient/kari"),
        message("to-another", DOCTOR, "Patient/ola"),
        message("let-go", NURSE, DOCTOR, meta={"tag": [{"system": "urn:samjournal:release", "code": "released"}]}),
        {**message("nobodys", DOCTOR), "sender": {"display": "Kari"}},
    )
    async with await world.client("kari") as citizen:
        found = (await citizen.get("/Communication?subject=Patient/kari")).json()
        assert {one["resource"]["id"] for one in found["entry"]} == {"from-him", "to-him", "let-go"}
        assert (await citizen.get("/Communication/between")).status_code == 404
        assert (await citizen.get("/Communication?subject=Patient/kari&_summary=count")).json()["total"] == 3
        everything = (await citizen.get("/Patient/kari/$everything?_count=500")).text
        assert "Communication/between" not in everything
        assert "Communication/to-another" not in everything


async def test_what_was_stored_before_the_rule_is_kept_from_the_patient_by_the_migration(world: World) -> None:
    await world.put(message("before", NURSE, DOCTOR), message("his-before", "Patient/kari", DOCTOR))
    sql = (resources.files("samjournal.db") / "migrations" / "0026_rights.sql").read_text()
    await world.as_owner("UPDATE store.current SET released = NULL WHERE id IN ('before', 'his-before')", sql)
    async with await world.client("kari") as citizen:
        assert (await citizen.get("/Communication/before")).status_code == 404
        assert (await citizen.get("/Communication/his-before")).status_code == 200
