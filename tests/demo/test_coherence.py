"""The histories hang together: what a resource says fits the person, the time, the place and the rest of the chart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

from demo.lives import (
    CAST,
    Resource,
    atc,
    by_reference,
    code,
    everybody,
    generated,
    instant,
    moments,
    references,
    regions,
    span,
    stays,
    text,
)
from demo.made import NOW, of
from samjournal.demo.chart import Chart
from samjournal.demo.indications import is_for
from samjournal.demo.medication import suits
from samjournal.demo.organisations import register
from samjournal.demo.vaccines import (
    CORONA,
    FIVE,
    HPV,
    INFLUENZA,
    MMR,
    OLD_PNEUMOCOCCI,
    PERTUSSIS,
    PROGRAMME,
    SIX,
    THREE,
)

AHEAD = {"Appointment", "Task", "CarePlan", "Goal", "ServiceRequest"}
"""Types that may speak of the future."""


def test_nothing_happens_before_birth() -> None:
    for chart in everybody():
        for resource in chart.resources[1:]:
            early = [when for when in moments(resource) if when[:10] < chart.born.isoformat()[: len(when[:10])]]
            assert not early, (early, chart.born, resource)


def test_nothing_happens_after_death() -> None:
    dead = [chart for chart in everybody() if "deceasedDateTime" in chart.patient]
    assert len(dead) > 20
    for chart in dead:
        died = instant(chart.patient["deceasedDateTime"])
        for resource in chart.resources[1:]:
            assert resource.get("status") not in ("active", "in-progress", "booked"), resource
            late = [when for when in moments(resource) if len(when) > 4 and instant(when) > died + timedelta(hours=2)]
            assert not late, (late, died, resource)


def test_only_plans_speak_of_the_future() -> None:
    for chart in everybody():
        for resource in chart.resources[1:]:
            if resource["resourceType"] not in AHEAD:
                assert all(instant(when) <= NOW for when in moments(resource)), resource


def test_every_medicine_is_for_something_it_is_given_for() -> None:
    for chart in everybody():
        at_hand = by_reference(chart)
        for request in of(chart, "MedicationRequest"):
            reasons = [at_hand[ref["reference"]]["code"] for ref in request.get("reasonReference", ())]
            codes = [c["code"] for found in [*reasons, *request.get("reasonCode", ())] for c in found["coding"]]
            hand_written = chart.id in CAST
            assert codes or hand_written, request
            assert not codes or any(is_for(atc(request), each) for each in codes), (atc(request), codes)


def test_no_medicine_is_given_against_an_illness_or_allergy_known_then() -> None:
    for chart in generated():
        ill = [
            (instant(r["recordedDate"]), instant(r.get("abatementDateTime", "2999"), end=True), code(r))
            for r in of(chart, "Condition")
            if "icpc" in r["code"]["coding"][0]["system"]
        ]
        allergies = [r["code"].get("text") for r in of(chart, "AllergyIntolerance")]
        for request in of(chart, "MedicationRequest"):
            when = instant(request["authoredOn"])
            codes = {each for since, until, each in ill if since < when < until}
            if atc(request).startswith("C07AB") and "encounter" in request:
                codes -= {"K78"}
            fits = all(suits(atc(request), codes, allergy) for allergy in [*allergies, None])
            assert fits, (atc(request), codes, allergies, request)


def test_nobody_takes_a_medicine_twice_or_two_blood_thinners() -> None:
    for chart in everybody():
        taken = [atc(r) for r in of(chart, "MedicationRequest") if r["status"] == "active"]
        twice = [each for each, count in Counter(taken).items() if count > 1]
        assert not twice, (chart.id, twice)
        assert sum(each.startswith("B01A") for each in taken) <= 1, chart.id


def test_a_new_prescription_follows_the_one_before() -> None:
    followed = 0
    for chart in generated():
        at_hand = by_reference(chart)
        for request in of(chart, "MedicationRequest"):
            if "priorPrescription" in request:
                followed += 1
                before = at_hand[request["priorPrescription"]["reference"]]
                assert (atc(before), before["status"] != "active") == (atc(request), True)
                assert before["authoredOn"] <= request["authoredOn"]
    assert followed > 500


def test_vaccines_are_given_at_the_ages_of_the_programme() -> None:
    ages: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for dose in PROGRAMME:
        years = (dose.weeks * 7 / 365.25,) * 2 if dose.weeks else (dose.grade + 4.6, dose.grade + 6.7)
        ages[dose.atc].append((years[0] - 0.02, years[1] + 0.12))
    for chart in everybody():
        for given in of(chart, "Immunization"):
            vaccine = given["vaccineCode"]["coding"][0]["code"]
            years = (instant(given["occurrenceDateTime"]).date() - chart.born).days / 365.25
            if vaccine in ages:
                assert any(low <= years <= high for low, high in ages[vaccine]), (vaccine, years)
            else:
                assert vaccine in (INFLUENZA, CORONA, OLD_PNEUMOCOCCI, PERTUSSIS), vaccine
                assert years >= (0.5 if vaccine == INFLUENZA else 16), given


def test_whoever_had_a_vaccine_at_school_age_had_those_of_the_first_year_too() -> None:
    for chart in generated():
        doses = {r["vaccineCode"]["coding"][0]["code"] for r in of(chart, "Immunization")}
        assert MMR not in doses or doses & {SIX, FIVE, THREE}, (chart.born, doses)


def test_girls_had_the_hpv_vaccine_before_boys() -> None:
    for chart in generated():
        if any(r["vaccineCode"]["coding"][0]["code"] == HPV for r in of(chart, "Immunization")):
            assert chart.born.year >= (1997 if chart.patient["gender"] == "female" else 2006)


def test_every_stay_has_an_admission_note_and_when_it_is_over_a_discharge_summary() -> None:
    for chart in everybody():
        notes = defaultdict(list)
        for note in of(chart, "Composition"):
            notes[note.get("encounter", {}).get("reference")].append(note["type"]["coding"][0]["code"])
        for stay in stays(chart):
            kinds = notes[f"Encounter/{stay['id']}"]
            assert kinds, stay
            if chart.id in CAST:
                continue
            newborn = stay.get("type", [{}])[0].get("text", "").startswith("Nyfød")
            assert newborn or "34117-2" in kinds, stay
            short = stay["class"]["code"] == "IMP" or stay["type"][0]["text"].startswith("Kort")
            assert not (short and stay["status"] == "finished") or "18842-5" in kinds, stay


def test_every_result_has_an_order_that_came_first() -> None:
    for chart in everybody():
        at_hand = by_reference(chart)
        for result in [*of(chart, "Observation"), *of(chart, "DiagnosticReport")]:
            kinds = [c["code"] for category in result["category"] for c in category["coding"]]
            if result["resourceType"] == "DiagnosticReport" or "laboratory" in kinds:
                order = at_hand[result["basedOn"][0]["reference"]]
                assert order["resourceType"] == "ServiceRequest"
                assert instant(order["authoredOn"]) <= instant(result["effectiveDateTime"]), result
                assert order["requester"]["reference"].startswith("PractitionerRole/")


def test_home_visits_follow_a_decision_in_force() -> None:
    visits = 0
    for chart in generated():
        at_hand = by_reference(chart)
        for visit in of(chart, "Encounter"):
            if visit["class"]["code"] == "HH":
                visits += 1
                decision = at_hand[visit["basedOn"][0]["reference"]]
                start, end = span(decision["occurrencePeriod"])
                assert start <= instant(visit["period"]["start"]) <= max(end, start + timedelta(days=1)), visit
                assert decision["performer"][0]["reference"] == visit["serviceProvider"]["reference"]
    assert visits > 500


def test_decisions_are_made_by_a_case_worker_before_the_service_begins() -> None:
    for chart in generated():
        for decision in of(chart, "ServiceRequest"):
            if decision["id"].startswith(f"{chart.id}-decision"):
                assert "-case-worker-" in decision["requester"]["reference"]
                assert decision["authoredOn"][:10] <= decision["occurrencePeriod"]["start"]


def test_no_bed_has_two_people_and_no_room_in_a_nursing_home_either() -> None:
    for some in regions().values():
        beds: dict[str, list[Resource]] = defaultdict(list)
        for chart in some:
            for stay in stays(chart):
                for place in stay.get("location", ()):
                    beds[place["location"]["reference"]].append(stay)
        for bed, lying in beds.items():
            lying.sort(key=lambda stay: instant(stay["period"]["start"]))
            for first, second in pairwise(lying):
                apart = span(first["period"])[1] <= span(second["period"])[0]
                assert apart or bed == "Location/barsel-503", (bed, first["id"], second["id"])


def test_nobody_is_in_two_places() -> None:
    for chart in generated():
        for stay in stays(chart):
            start, end = span(stay["period"])
            for other in of(chart, "Encounter"):
                if other is not stay and start < instant(other["period"]["start"]) < end - timedelta(minutes=1):
                    raise AssertionError((stay, other))


def test_staff_work_at_the_unit_where_they_act() -> None:
    for (_, count), some in regions().items():
        works_at = {
            f"PractitionerRole/{r['id']}": r["organization"]["reference"]
            for r in register(count)
            if r["resourceType"] == "PractitionerRole"
        }
        for chart in some:
            for resource in chart.resources[1:]:
                for who, where in _acting(resource):
                    assert works_at[who] == where, resource


def _acting(resource: Resource) -> list[tuple[str, str]]:
    """Who acted, and the unit that the resource says it was at."""
    match resource["resourceType"]:
        case "Encounter":
            pairs = [(p["individual"], resource["serviceProvider"]) for p in resource["participant"]]
        case "Composition":
            pairs = [(resource["author"][0], resource["custodian"])]
        case "EpisodeOfCare":
            pairs = [(resource["careManager"], resource["managingOrganization"])]
        case "Observation":
            pairs = [(resource["performer"][0], resource["performer"][1])]
        case "ServiceRequest" | "MedicationRequest":
            pairs = [(resource["requester"], {"reference": resource["meta"]["source"]})]
            if "laboratory" in str(resource.get("category")):
                return []
        case _:
            return []
    return [(who["reference"], where["reference"]) for who, where in pairs]


WOMEN_ONLY = {"W78", "W90", "W11", "W12", "X11", "X37", "X76", "O80.0", "O82.0", "C50.9", "U71"}
MEN_ONLY = {"Y85", "Y77", "Y06", "N40", "C61"}


def test_illnesses_and_contacts_fit_the_sex() -> None:
    for chart in everybody():
        never = MEN_ONLY if chart.patient["gender"] == "female" else WOMEN_ONLY
        for resource in [*of(chart, "Condition"), *of(chart, "Encounter")]:
            found = [resource.get("code", {}), *resource.get("reasonCode", ())]
            assert not {c["code"] for each in found for c in each.get("coding", ())} & never, resource


def test_a_pregnancy_ends_with_a_child_of_the_house_or_has_its_term_ahead() -> None:
    some = ended = 0
    for people in regions().values():
        children: dict[str, list[Chart]] = defaultdict(list)
        for chart in people:
            for related in of(chart, "RelatedPerson"):
                if related["relationship"][0]["coding"][0]["code"] == "MTH" and "identifier" in related:
                    children[related["identifier"][0]["value"]].append(chart)
        last = people[-1].patient["address"]
        for chart in people:
            number = chart.patient.get("identifier", [{}])[0].get("value", "")
            for pregnancy in (r for r in of(chart, "Condition") if code(r) == "W78"):
                some += 1
                if pregnancy["clinicalStatus"]["coding"][0]["code"] == "active":
                    assert instant(pregnancy["onsetDateTime"]) > NOW - timedelta(days=285)
                elif chart.patient["address"] != last:
                    ended += 1
                    assert pregnancy["abatementDateTime"] in {child.patient["birthDate"] for child in children[number]}
    assert some > ended > 20


def test_mother_and_child_tell_of_the_same_birth() -> None:
    told = 0
    for people in regions().values():
        wards = {
            (chart.patient["identifier"][0]["value"], stay["period"]["end"]): stay["serviceProvider"]["reference"]
            for chart in people
            for stay in stays(chart)
            if "identifier" in chart.patient and "end" in stay["period"]
        }
        for chart in people:
            for stay in stays(chart):
                mothers = [r for r in of(chart, "RelatedPerson") if r["relationship"][0]["text"] == "Mor"]
                if chart.id not in CAST and stay["type"][0]["text"].startswith("Nyfød") and mothers:
                    told += 1
                    number = mothers[0]["identifier"][0]["value"]
                    assert wards[number, stay["period"]["end"]] == stay["serviceProvider"]["reference"], chart.id
    assert told > 20


# The least and the greatest that is believable here, by LOINC code.
PLAUSIBLE = {
    "718-7": (7, 18),
    "2823-3": (2.8, 6),
    "2951-2": (115, 150),
    "14682-9": (15, 900),
    "1988-5": (0, 400),
    "59261-8": (20, 130),
    "6690-2": (1, 40),
    "22748-8": (0.4, 8),
    "3016-3": (0.1, 30),
    "20567-4": (2, 900),
    "33762-6": (20, 9000),
    "62238-1": (10, 120),
    "2857-1": (0.1, 20),
    "14933-6": (150, 700),
    "8867-4": (40, 175),
    "8310-5": (34, 41),
    "9279-1": (10, 70),
    "59408-5": (80, 100),
    "8302-2": (44, 200),
    "29463-7": (2.2, 140),
    "8287-5": (32, 56),
    "8480-6": (62, 200),
    "8462-4": (36, 120),
}


def test_measurements_are_within_what_is_believable() -> None:
    for chart in everybody():
        for found in of(chart, "Observation"):
            for part in (found, *found.get("component", ())):
                if "valueQuantity" in part and code(part) in PLAUSIBLE:
                    low, high = PLAUSIBLE[code(part)]
                    assert low <= part["valueQuantity"]["value"] <= high, found


def test_children_grow() -> None:
    for chart in generated():
        heights = [r for r in of(chart, "Observation") if code(r) == "8302-2"]
        heights.sort(key=lambda r: instant(r["effectiveDateTime"]))
        assert all(a["valueQuantity"]["value"] <= b["valueQuantity"]["value"] for a, b in pairwise(heights)), chart.id


def test_every_reference_leads_somewhere() -> None:
    for (_, count), some in regions().items():
        names = {f"{r['resourceType']}/{r['id']}" for r in register(count)}
        names |= {f"{r['resourceType']}/{r['id']}" for chart in some for r in chart.resources}
        missing = {found for chart in some for r in chart.resources for found in references(r)} - names
        assert not missing


def test_gp_contacts_are_at_the_persons_own_gp() -> None:
    seen = 0
    for chart in generated():
        gp, office = (each["reference"] for each in chart.patient["generalPractitioner"])
        for contact in of(chart, "Encounter"):
            by = contact["participant"][0]["individual"]["reference"]
            if "-gp-" in by:
                seen += 1
                assert (by, contact["serviceProvider"]["reference"]) == (gp, office), contact
    assert seen > 5000


def test_children_live_with_a_parent() -> None:
    for some in regions().values():
        homes = {
            chart.patient["identifier"][0]["value"]: chart.patient.get("address")
            for chart in some
            if "identifier" in chart.patient
        }
        complete = {chart.id for chart in some[:-6]}
        for chart in some:
            if chart.age < 18 and chart.id not in CAST and chart.id in complete:
                parents = [r["identifier"][0]["value"] for r in of(chart, "RelatedPerson")]
                assert any(homes.get(number) == chart.patient["address"] for number in parents), chart.id


def test_a_referral_is_answered_or_still_waits() -> None:
    waiting = answered = 0
    for chart in generated():
        answers = {ref["reference"] for r in chart.resources for ref in r.get("basedOn", ()) if isinstance(ref, dict)}
        for referral in of(chart, "ServiceRequest"):
            if "-referral-" not in referral["id"]:
                continue
            if referral["status"] == "completed":
                answered += 1
                assert f"ServiceRequest/{referral['id']}" in answers
            elif referral["status"] == "active":
                waiting += 1
                assert span(referral["occurrencePeriod"])[1] > NOW - timedelta(days=60), referral
    assert answered > waiting > 10


def test_notes_are_finished_sentences() -> None:
    for chart in everybody():
        for note in of(chart, "Composition"):
            words = re.sub(r"<[^>]+>", "\n", text(note)).strip()
            assert not re.search(r"[{}]|  |\bNone\b|\.\.", words), words
            assert words[-1] in ".!?»", words
            assert not any(line[:1].islower() for line in words.split("\n")), words


def test_notes_of_one_person_seldom_repeat() -> None:
    repeated = total = 0
    for chart in generated():
        texts = Counter(text(note) for note in of(chart, "Composition") if "Månedsnotat" not in note["title"])
        total += sum(texts.values())
        repeated += sum(count - 1 for count in texts.values())
    assert repeated < total * 0.12


def test_nynorsk_municipalities_have_no_bokmål_notes() -> None:
    seen = 0
    for chart in generated():
        if chart.patient["address"][0]["_district"]["extension"][0]["valueCoding"]["code"] in ("1520", "1566", "1577"):
            for note in of(chart, "Composition"):
                seen += 1
                assert not re.search(r"\b(ikke|jeg|hun|noen|fra|uke|uker|hjemme)\b", text(note)), text(note)
    assert seen > 300


def test_old_and_ill_people_have_much_more_than_children() -> None:
    sizes: dict[str, list[int]] = defaultdict(list)
    for chart in generated():
        sizes["child" if chart.age < 18 else "old" if chart.age >= 75 else "between"].append(len(chart.resources))
    average = {group: sum(found) / len(found) for group, found in sizes.items()}
    whole = sum(map(sum, sizes.values())) / sum(map(len, sizes.values()))
    assert 40 < whole < 85
    assert average["child"] < 60 < 130 < average["old"]
