"""What somebody who works in Norwegian health care would stumble over: seasons, wards, codes, doses, repetition."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise

from demo.lives import CAST, Resource, atc, code, everybody, generated, instant, stays, text
from demo.made import of
from samjournal.demo.chart import Chart
from samjournal.demo.units import units

# Words, and the months in which they are said.
SEASONS = {
    r"i sommer|i sommar|siden sommeren|sidan sommaren": {7, 8, 9, 10, 11, 12},
    r"i vår": {4, 5, 6, 7, 8, 9, 10, 11, 12},
    r"på isen|brodder|broddar|snø": {11, 12, 1, 2, 3, 4},
    r"kaldt ute|er kaldt": {10, 11, 12, 1, 2, 3, 4},
    r"i hagen": {4, 5, 6, 7, 8, 9, 10},
    r"Influensa A påvist|RS-virus": {11, 12, 1, 2, 3, 4},
}


def words(note: Resource) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text(note)))


def years(chart: Chart, when: str) -> float:
    return float((instant(when).date() - chart.born) / timedelta(days=365.25))


def test_season_words_are_said_in_their_season() -> None:
    said: Counter[str] = Counter()
    for chart in generated():
        for note in of(chart, "Composition"):
            if re.search("Epikrise", note["title"]):  # retells what was said at admission
                continue
            for word, months in SEASONS.items():
                if re.search(rf"\b({word})\b", words(note)):
                    said[word] += 1
                    assert instant(note["date"]).month in months, (note["date"], words(note))
    assert all(said[word] for word in SEASONS), said


def test_children_lie_in_childrens_wards_and_grown_ups_do_not() -> None:
    seen = 0
    for chart in generated():
        for stay in stays(chart):
            what = code({"code": (stay.get("reasonCode") or [{}])[0]})
            if stay["class"]["code"] != "IMP" or what.startswith(("Z38", "O8")):
                continue
            at = stay["serviceProvider"]["display"].lower()
            age = years(chart, stay["period"]["start"])
            seen += age < 16
            assert ("barn" in at) == (age < 16) or 16 <= age < 18, (at, age, what)
    assert seen > 20


def test_stays_are_within_the_own_trust_or_at_the_university_hospital() -> None:
    every = units(2000)

    def trust(unit_id: str) -> str:
        while (above := every[unit_id].part_of) is not None:
            unit_id = above
        return unit_id

    for chart in generated():
        number = chart.patient["address"][0]["_district"]["extension"][0]["valueCoding"]["code"]
        for stay in stays(chart):
            at = trust(stay["serviceProvider"]["reference"].split("/")[1])
            if stay["class"]["code"] == "IMP" and number.startswith("15"):
                assert at in ("helse-more-romsdal", "st-olavs-hospital"), (number, stay["serviceProvider"])


def test_no_two_wards_have_the_same_name() -> None:
    for region in (300, 700_000):
        names = Counter(unit.name for unit in units(region).values() if unit.service == "Sengepost")
        assert [name for name, count in names.items() if count > 1] == []


def test_general_practice_codes_in_icpc_2_and_wards_in_icd_10() -> None:
    for chart in generated():
        for contact in of(chart, "Encounter"):
            by = contact["participant"][0]["individual"]["reference"]
            systems = {
                coding["system"] for reason in contact.get("reasonCode", ()) for coding in reason.get("coding", ())
            }
            if "-gp-" in by:
                assert not any("icd-10" in system for system in systems), contact
            elif contact["class"]["code"] == "IMP":
                assert all("icd-10" in system for system in systems), contact


def test_small_children_get_doses_by_weight() -> None:
    seen = 0
    for chart in generated():
        for request in of(chart, "MedicationRequest"):
            if atc(request).startswith(("J01", "N02B")) and years(chart, request["authoredOn"]) < 12:
                seen += 1
                assert "/kg" in request["dosageInstruction"][0]["text"], request
    assert seen > 30


def test_children_get_less_of_what_grown_ups_take_for_long() -> None:
    too_much = {"R03BA02": "400 µg", "N06BA04": "54 mg", "R06AE07": "10 mg", "N03AX09": "100 mg"}
    for chart in generated():
        for request in of(chart, "MedicationRequest"):
            if atc(request) in too_much and years(chart, request["authoredOn"]) < 11.9:
                assert too_much[atc(request)] not in request["dosageInstruction"][0]["text"], request


def test_nobody_takes_two_medicines_of_a_group_of_which_one_is_enough() -> None:
    for chart in generated():
        now = {atc(request) for request in of(chart, "MedicationRequest") if request["status"] == "active"}
        for group in ("A02BC", "C07A", "C09", "C10AA", "N06AB"):
            assert len([one for one in now if one.startswith(group)]) < 2, (chart.id, sorted(now))


def test_no_two_at_home_have_the_same_given_name() -> None:
    for chart in generated():
        own = chart.patient["name"][0]["given"][0]
        relations = [r for r in of(chart, "RelatedPerson") if r["relationship"][0]["text"] in ("Mor", "Far")]
        assert all(r["name"][0]["given"][0] != own for r in relations), chart.id


def test_what_a_discharge_summary_promises_stands_in_its_medicine_list() -> None:
    promised = {"to platehemm": "Acetylsalisylsyre", "dalteparin i ti": "Dalteparin", "syrehemm": "Pantoprazol"}
    seen = 0
    for chart in generated():
        if any("B01A" in atc(request) for request in of(chart, "MedicationRequest") if "B01AF" in atc(request)):
            continue  # takes another blood thinner, and then gets no more of them
        for note in of(chart, "Composition"):
            said, _, listed = words(note).partition("Medisin")
            for word, drug in promised.items():
                if word in said and note["title"].startswith("Epikrise"):
                    seen += 1
                    assert drug in listed, words(note)
    assert seen > 5


def test_nobody_whose_illness_forbids_it_gets_a_certificate_to_drive() -> None:
    for chart in generated():
        forbids = {
            code(r): r["onsetDateTime"] for r in of(chart, "Condition") if code(r) in ("P70", "N88", "K90", "N87")
        }
        for note in of(chart, "Composition"):
            if re.search(r"Helseattest for før?ar?er?kort", words(note)):
                late = [each for each, since in forbids.items() if instant(since) < instant(note["date"])]
                assert not late, (chart.id, late)


def test_two_home_visits_in_a_row_never_say_the_same() -> None:
    seen = 0
    for chart in everybody():
        if chart.id in CAST:
            continue
        visits = [n for n in of(chart, "Composition") if n["title"] in ("Hjemmebesøk", "Heimebesøk")]
        told = [words(each).split(" BT ")[0].strip() for each in sorted(visits, key=lambda each: instant(each["date"]))]
        seen += len(told)
        assert all(one != other for one, other in pairwise(told)), chart.id
        if len(told) > 4:
            assert max(Counter(told).values()) <= len(told) / 12 + 1.5, Counter(told).most_common(3)
    assert seen > 500


def test_whoever_has_help_at_home_has_the_next_visit_in_the_calendar() -> None:
    seen = 0
    for chart in generated():
        lies = any("end" not in stay["period"] for stay in stays(chart))
        for decision in of(chart, "ServiceRequest"):
            called = decision.get("code", {}).get("text", "")
            active = decision["status"] == "active" and re.match("H[je]+i?mesj?[uy]", called)
            if active and "-decision-" in decision["id"] and not lies:
                seen += 1
                booked = {each["description"] for each in of(chart, "Appointment")}
                assert booked & {"Hjemmebesøk", "Heimebesøk"}, decision
    assert seen > 10
