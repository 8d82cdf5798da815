"""Medicines as a citizen reads them. samjournal.portal.medicines"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.portal import medicines
from samjournal.portal.doses import plain_dose
from samjournal.portal.words import use_of
from samjournal.ui.language import language

NB, EN = language("nb"), language("en")


def request(
    name: str, dose: str = "5 mg × 2", status: str = "active", atc: str = "B01AF02", **more: Any
) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": "http://www.whocc.no/atc", "code": atc}],
            "text": name,
        },
        "dosageInstruction": [{"text": dose}],
        "authoredOn": "2026-11-20",
        **more,
    }


def test_medicines_are_in_use_paused_or_from_before() -> None:
    found = medicines.view(
        [
            request("Losartan", status="on-hold"),
            request("Paracet"),
            request("Apiksaban"),
            request("Apocillin", status="stopped"),
        ],
        NB,
    )
    assert [medicine.name for medicine in found.using] == ["Apiksaban", "Paracet"]
    assert [medicine.name for medicine in found.paused] == ["Losartan"]
    assert [medicine.name for medicine in found.before] == ["Apocillin"]


@pytest.mark.parametrize("status", ["draft", "entered-in-error", "unknown"])
def test_what_nobody_decided_is_not_shown(status: str) -> None:
    assert medicines.view([request("Losartan", status=status)], NB) == medicines.Medicines((), (), ())


def test_it_says_what_a_medicine_is_for() -> None:
    medicine = medicines.read(request("Apiksaban", reasonReference=[{"display": "Atrieflimmer"}]), NB)
    assert (medicine.use, medicine.reason) == ("Blodfortynnende", "Atrieflimmer")


def test_a_dose_that_is_not_written_is_not_made_up() -> None:
    assert medicines.read(request("Apiksaban", dosageInstruction=[]), NB).dose is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("5 mg × 2", "5 mg 2 ganger om dagen"),
        ("50 mg × 1", "50 mg 1 gang om dagen"),
        ("40 mg iv × 2, morgen og kl. 14", "40 mg rett i blodet 2 ganger om dagen, morgen og kl. 14"),
        ("14 E kl. 21", "14 enheter kl. 21"),
        ("18 µg inhalasjon × 1", "18 mikrogram inhalasjon 1 gang om dagen"),
        ("1 g inntil × 3 ved smerter", "1 g inntil 3 ganger om dagen ved smerter"),
    ],
)
def test_short_forms_become_words(written: str, plain: str) -> None:
    assert plain_dose(written, NB) == plain


@pytest.mark.parametrize("written", ["2 × 500 mg kl. 8", "1 × 0,5 ml", "3 tabletter hver kveld", "Smøres tynt på"])
def test_what_could_mean_something_else_is_left_as_written(written: str) -> None:
    assert plain_dose(written, NB) == written


@pytest.mark.parametrize(
    "written",
    [
        "10 mg × 1 per uke",
        "15 mg × 1 hver mandag",
        "Ukentlig: 10 mg × 1",
        "5 mg × 1–2",
        "1 tablett × 2-3",
        "100 mg × 1/uke",
        "70 mg × 1 annenhver uke",
        "4 mg × 2 daglig",
    ],
)
def test_what_is_not_taken_each_day_is_never_told_as_if_it_were(written: str) -> None:
    assert plain_dose(written, NB) == written
    assert plain_dose(written, EN) == written


def test_a_dose_is_told_in_one_language() -> None:
    assert plain_dose("5 mg × 2", EN) == "5 mg 2 times a day"
    assert plain_dose("100 mg × 1 i 7 dager", EN) == "100 mg 1 gang om dagen i 7 dager"
    assert plain_dose("Økt fra 20 mg × 2 den første dagen", EN) == "Økt fra 20 mg 2 ganger om dagen den første dagen"
    assert plain_dose("100 mg × 1 i to uker", NB) == "100 mg 1 gang om dagen i to uker"


def test_an_adrenaline_pen_is_not_for_the_heart() -> None:
    assert use_of("C01CA24") == "Mot alvorlig allergisk reaksjon"
    assert use_of("C01DA02") == "For hjertet"
