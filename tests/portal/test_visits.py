"""What was written, found and decided at one stay or visit. samjournal.portal.visits"""

from __future__ import annotations

from samjournal.portal.visits import of_appointments


def test_an_appointment_leads_to_the_visit_that_came_of_it() -> None:
    came = {
        "resourceType": "Encounter",
        "id": "v",
        "status": "finished",
        "appointment": [{"reference": "Appointment/a"}],
    }
    assert of_appointments([came]) == {"a": "/portal/visits/v"}
    assert of_appointments([{**came, "status": "entered-in-error"}]) == {}
