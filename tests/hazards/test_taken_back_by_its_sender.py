"""Hazard: what another hospital wrote stands in the record though it took it back, or with a patient whom it was not
about."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from exchange.test_kinds_received import became, discharged, referred
from exchange.test_kinds_written import AT
from exchange.test_receiving import addressed, took  # noqa: F401
from samjournal.exchange.envelope import Ident, Person
from samjournal.fhir.identifiers import synthetic
from workspace.test_pages import Enter, enter
from world import FNR, World, made

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
LATER = AT + timedelta(minutes=1)


async def test_a_change_to_another_patient_leaves_nothing_with_the_first(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    number = next(one for one in (synthetic(date(1950, 5, 5), serial) for serial in range(100, 400, 2)) if one)
    await addressed.put(
        made(
            "Patient",
            "siri",
            name=[{"family": "Moen", "given": ["Siri"]}],
            identifier=[{"system": FNR, "value": number}],
            birthDate="1950-05-05",
            gender="female",
        )
    )
    his = Person("Moen", "Siri", "1950-05-05", "2", (Ident(number, "FNR"),))
    first, second = referred(document), referred(document, "M", patient=his, made=LATER)
    await took(addressed, first)
    await took(addressed, second)
    (hers,), (right,) = await became(addressed, first), await became(addressed, second)
    assert (hers["status"], hers["subject"]["reference"]) == ("entered-in-error", "Patient/kari")
    assert (right["status"], right["subject"]["reference"]) == ("active", "Patient/siri")


async def test_a_discharge_summary_is_read_among_the_notes_until_it_is_taken_back(
    addressed: World,  # noqa: F811
    enter: Enter,
) -> None:
    document = str(uuid4())
    data = discharged(document)
    await took(addressed, data)
    (note,) = await became(addressed, data)
    client, notes = enter("doctor"), "/workspace/patients/kari/notes"
    page = (await client.get(f"{notes}?note={note['id']}")).text
    assert "Epikrise: Sykehusepikrise" in page
    assert "Slapp &amp; subfebril." in page
    assert "Ført ved en feil" not in page
    whole = (await client.get(f"{notes}/{note['id']}")).text
    assert "Apocillin 1 g" in whole
    assert "Kattskinnet legesenter" in whole
    await took(addressed, discharged(document, "C", made=LATER))
    page = (await client.get(f"{notes}?note={note['id']}")).text
    assert "Ført ved en feil" in page
