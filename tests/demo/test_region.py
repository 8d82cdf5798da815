"""The demo region holds together: what it says fits the person, the time and the rest of the record."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from demo.made import NOW, SEED, everybody, of, resources
from samjournal.demo.chart import Chart
from samjournal.demo.histories import suits
from samjournal.demo.region import charts, generate
from samjournal.fhir import identifiers
from samjournal.fhir.structure import check

MOMENTS = (
    "2026-11-22T00:10:00+01:00",
    "2026-03-29T03:30:00+02:00",
    "2026-10-25T02:30:00+01:00",
    "2027-01-01T00:05:00+01:00",
    "2028-02-29T23:55:00+01:00",
)
AHEAD = {"Appointment", "Task", "CarePlan", "Goal", "ServiceRequest"}
"""Types that may speak of the future."""


def test_same_seed_and_time_give_the_same_bytes() -> None:
    first, second = (json.dumps(list(generate(60, SEED, NOW))) for _ in range(2))
    assert first == second


def test_another_seed_gives_other_people() -> None:
    ids = [{chart.id for chart in charts(80, seed, NOW)} for seed in (1, 2)]
    assert len(ids[0] & ids[1]) < 20


def test_more_inhabitants_do_not_change_the_first_ones() -> None:
    few, many = (list(generate(count, SEED, NOW)) for count in (60, 120))
    assert many[: len(few)] == few


def test_no_inhabitants_give_an_empty_record() -> None:
    assert list(generate(0, SEED, NOW)) == []


def test_inhabitants_are_counted_once_though_one_has_two_records() -> None:
    patients = [chart.patient for chart in everybody()]
    replaced = [p for p in patients if any(link["type"] == "replaced-by" for link in p.get("link", ()))]
    assert len(patients) - len(replaced) == 500


def test_every_resource_is_valid_fhir() -> None:
    wrong = [(r["resourceType"], r["id"], str(issue)) for r in resources() for issue in check(r)]
    assert wrong == []


def test_ids_are_unique_and_every_reference_leads_somewhere() -> None:
    names = Counter(f"{r['resourceType']}/{r['id']}" for r in resources())
    assert [name for name, count in names.items() if count > 1] == []
    assert {found for r in resources() for found in _references(r)} <= set(names)


def test_what_is_referred_to_comes_before_or_in_the_same_chart() -> None:
    seen = {f"{r['resourceType']}/{r['id']}" for r in resources() if r["resourceType"] in _REGISTER}
    for chart in everybody():
        own = {f"{r['resourceType']}/{r['id']}" for r in chart.resources}
        later = {found for r in chart.resources for found in _references(r)} - seen - own
        assert later <= {"Patient/oksana"}
        seen |= own


def test_numbers_are_synthetic_valid_and_nobody_shares_one() -> None:
    found = [i for chart in everybody() for i in chart.patient.get("identifier", ()) if i["use"] != "old"]
    numbers = [identifiers.read(i["value"]) for i in found]
    assert all(number is not None and number.synthetic for number in numbers)
    assert len({i["value"] for i in found}) == len(found)


def test_numbers_tell_the_birth_date_and_the_gender() -> None:
    for chart in everybody():
        for identifier in chart.patient.get("identifier", ()):
            number = identifiers.read(identifier["value"])
            assert number is not None
            assert str(identifiers.birth_date(number)) == chart.patient["birthDate"]
            assert (int(number.value[8]) % 2 == 0) == (chart.patient["gender"] == "female")


@pytest.mark.parametrize("moment", [NOW.isoformat(), *MOMENTS])
def test_what_happened_lies_between_birth_and_now(moment: str) -> None:
    now = datetime.fromisoformat(moment)
    for chart in charts(150, SEED, now):
        for resource in chart.resources[1:]:
            dates = list(_dates(resource))
            assert all(date[:10] >= chart.born.isoformat()[: len(date[:10])] for date in dates), resource
            if resource["resourceType"] not in AHEAD:
                assert all(_instant(date) <= now for date in dates), resource


@pytest.mark.parametrize("moment", [NOW.isoformat(), *MOMENTS])
def test_appointments_are_ahead(moment: str) -> None:
    now = datetime.fromisoformat(moment)
    for chart in charts(150, SEED, now):
        for found in of(chart, "Appointment"):
            assert now < _instant(found["start"]) < _instant(found["end"])


def test_nobody_is_treated_after_death() -> None:
    dead = [chart for chart in everybody() if "deceasedDateTime" in chart.patient]
    assert dead
    for chart in dead:
        died = _instant(chart.patient["deceasedDateTime"])
        assert not any(
            r["status"] == "active" for r in chart.resources[1:] if "status" in r and r["status"] == "active"
        )
        seen = [_instant(r["period"]["start"]) for r in of(chart, "Encounter")]
        assert all(when < died for when in seen)
        assert all(_instant(r["date"]) < died + timedelta(days=1) for r in of(chart, "Composition"))


def test_medicines_have_an_illness_or_were_for_a_short_time() -> None:
    for chart in everybody():
        for request in of(chart, "MedicationRequest"):
            needs = request["status"] in ("active", "on-hold")
            assert not needs or "reasonReference" in request or _stands_alone(request), request


def test_medicines_do_no_harm_that_the_record_knows_of() -> None:
    for chart in everybody():
        codes = {c["code"] for r in of(chart, "Condition") for c in r["code"]["coding"]}
        allergies = [r["code"].get("text") for r in of(chart, "AllergyIntolerance")]
        for request in (r for r in of(chart, "MedicationRequest") if r["status"] == "active"):
            atc = request["medicationCodeableConcept"]["coding"][0]["code"]
            assert all(suits(atc, codes, allergic) for allergic in [*allergies, None]), (chart.id, atc)


def test_nobody_is_given_a_medicine_twice() -> None:
    for chart in everybody():
        assert not [atc for atc, count in Counter(_taken(chart)).items() if count > 1], chart.id


def test_nobody_is_given_two_blood_thinners() -> None:
    for chart in everybody():
        assert sum(atc.startswith("B01A") for atc in _taken(chart)) <= 1, chart.id


def test_nobody_is_in_two_beds_and_no_bed_has_two_people() -> None:
    stays = [r for chart in everybody() for r in of(chart, "Encounter") if r["status"] == "in-progress"]
    beds = Counter(r["location"][0]["location"]["reference"] for r in stays)
    assert [bed for bed, count in beds.items() if count > 1] == ["Location/barsel-503"]  # mother and child
    assert max(Counter(r["subject"]["reference"] for r in stays).values()) == 1


def test_nobody_is_seen_at_home_while_in_hospital() -> None:
    for chart in everybody():
        stays = [_instant(r["period"]["start"]) for r in of(chart, "Encounter") if r["status"] == "in-progress"]
        home = [_instant(r["period"]["start"]) for r in of(chart, "Encounter") if r["class"]["code"] == "HH"]
        assert all(visit < stay for stay in stays for visit in home)


def test_parents_are_old_enough_and_live_with_the_child() -> None:
    by_number = {i["value"]: chart for chart in everybody() for i in chart.patient.get("identifier", ())}
    for chart in everybody():
        for related in of(chart, "RelatedPerson"):
            for identifier in related.get("identifier", ()):
                parent = by_number[identifier["value"]]
                assert chart.born.year - parent.born.year >= 18
                assert parent.patient["address"] == chart.patient["address"]


def test_each_persona_on_duty_has_patients() -> None:
    """Wards, home care, out-of-hours and GP lists all have somebody to open."""
    units = Counter(
        reference["reference"]
        for chart in everybody()
        for r in chart.resources
        for reference in (r.get("serviceProvider"), r.get("managingOrganization"))
        if reference and _current(r)
    )
    assert units["Organization/medisin-3"] >= 5
    assert units["Organization/egge-hjemmesykepleie"] >= 5
    assert units["Organization/legevakt"] >= 2
    gps = Counter(g["reference"] for chart in everybody() for g in chart.patient.get("generalPractitioner", ()))
    assert gps["PractitionerRole/magnus-gp-furutoppen-legesenter"] >= 40


def test_allergies_are_of_all_three_kinds() -> None:
    kinds = Counter(_allergy_kind(of(chart, "AllergyIntolerance")) for chart in everybody())
    assert min(kinds[kind] for kind in ("unasked", "none", "listed")) > 20


def test_nynorsk_is_written_where_the_municipality_writes_it() -> None:
    nynorsk = [c for c in everybody() if c.patient.get("address", [{}])[0].get("district") in ("Ørsta", "Surnadal")]
    words = " ".join(r["section"][0]["text"]["div"] for c in nynorsk for r in of(c, "Composition"))
    assert " ikkje " in words
    assert " ikke " not in words.lower()


def test_five_hundred_people_are_made_in_seconds() -> None:
    began = time.process_time()
    made = sum(1 for _ in generate(500, SEED + 1, NOW))
    assert time.process_time() - began < 8
    assert 20_000 < made < 60_000


def _taken(chart: Chart) -> list[str]:
    return [
        request["medicationCodeableConcept"]["coding"][0]["code"]
        for request in of(chart, "MedicationRequest")
        if request["status"] == "active"
    ]


_REGISTER = {"Endpoint", "Organization", "HealthcareService", "Location", "Practitioner", "PractitionerRole"}


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


_WHEN = (
    "effectiveDateTime",
    "issued",
    "date",
    "authoredOn",
    "recordedDate",
    "onsetDateTime",
    "occurrenceDateTime",
    "abatementDateTime",
    "start",
    "end",
    "created",
    "startDate",
    "lastModified",
)


def _dates(resource: dict[str, Any]) -> Iterator[str]:
    for part in (resource, resource.get("period", {}), resource.get("performedPeriod", {})):
        yield from (part[name] for name in _WHEN if isinstance(part.get(name), str))


def _instant(text: str) -> datetime:
    if "T" in text:
        return datetime.fromisoformat(text)
    return datetime.fromisoformat(f"{text}-01-01"[:10] + "T00:00:00+01:00")


def _stands_alone(request: dict[str, Any]) -> bool:
    """Painkillers need no diagnosis on the list; a ward's orders belong to the stay."""
    atc = request["medicationCodeableConcept"]["coding"][0]["code"]
    return (
        atc.startswith("N02BE")
        or "encounter" in request
        or bool(request["dosageInstruction"][0].get("asNeededBoolean"))
    )


def _current(resource: dict[str, Any]) -> bool:
    if resource.get("status") in ("in-progress", "active"):
        return True
    end = resource.get("period", {}).get("end")
    return bool(end) and _instant(end) > NOW - timedelta(days=14)


def _allergy_kind(found: list[dict[str, Any]]) -> str:
    if not found:
        return "unasked"
    return "listed" if any("reaction" in r for r in found) else "none"
