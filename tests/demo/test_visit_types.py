"""What can be booked in the demo, and that nobody who is to come somewhere is to be in two places."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

from samjournal.demo.region import generate
from samjournal.demo.visit_types import visit_types
from samjournal.fhir.structure import check
from samjournal.record.taking import TAKING, actors, period_of
from samjournal.scheduling import read_visit

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_every_visit_type_is_valid_and_says_what_it_takes() -> None:
    made = list(visit_types(0))
    assert [str(issue) for one in made for issue in check(one)] == []
    visits = {one["id"]: read_visit(one) for one in made if one["resourceType"] == "HealthcareService"}
    there = {f"{one['resourceType']}/{one['id']}" for one in made}
    for one in visits.values():
        assert set(one.names) == {"nb", "nn", "en"}
        assert one.hours is not None
        for need in one.needs:
            assert need.any or need.kind == "room"
            for ref in need.any:
                assert ref["reference"].startswith("PractitionerRole/") or ref["reference"] in there
    together = visits["hjertepoliklinikken-tverrfaglig"]
    assert [need.kind for need in together.needs] == ["person", "person", "person", "room"]
    assert visits["steinkjer-helsestasjon-barselgruppe"].places > 1
    assert visits["steinkjer-helsestasjon-ungdom"].drop_in


def test_nobody_is_to_be_in_two_places() -> None:
    taken: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for one in generate(300, 1, NOW):
        if one["resourceType"] == "Appointment" and one["status"] in TAKING:
            period = period_of(one)
            if period is not None and period[1] > NOW:
                for name in actors(one):
                    if name.startswith(("Patient/", "PractitionerRole/")):
                        taken[name].append(period)
    assert sum(map(len, taken.values())) > 80
    for some in taken.values():
        some.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(some))
