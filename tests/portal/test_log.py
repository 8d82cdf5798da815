"""«Hvem har lest journalen min». samjournal.portal.log"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from samjournal.audit import Seen
from samjournal.portal import log
from samjournal.ui.language import language

NB, NN, EN = language("nb"), language("nn"), language("en")
NOON = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def look(
    minutes: int = 0,
    why: str = "home-care",
    *,
    action: str = "chart",
    reason: str | None = None,
    types: dict[str, int] | None = None,
    role: str = "home-nurse",
    actor: str = "solveig",
) -> Seen:
    at = NOON + timedelta(minutes=minutes)
    shown = types if types is not None else {"Observation": 3}
    return Seen(at, actor, "Solveig Haugan", role, "Egge hjemmesykepleie", action, why, reason, shown)


def test_a_look_says_who_where_what_and_why() -> None:
    entry = log.read(look(), NB)
    assert (entry.who, entry.role, entry.place) == (
        "Solveig Haugan",
        "hjemmesykepleier",
        "Egge hjemmesykepleie",
    )
    assert entry.did == "Leste journalen din: prøvesvar og målinger."
    assert entry.why == "Fordi du får hjelp hjemme av dem."


def test_what_was_seen_is_said_once_and_in_a_fixed_order() -> None:
    seen = {"Observation": 9, "MedicationStatement": 1, "MedicationRequest": 2, "AllergyIntolerance": 1}
    assert log.read(look(types=seen), NB).did == "Leste journalen din: allergier, medisiner, prøvesvar og målinger."


def test_types_without_a_word_are_told_as_other_information() -> None:
    assert log.read(look(types={"Basic": 1}), NB).did == "Leste journalen din: andre opplysninger."


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("chart", "Leste"),
        ("search", "Leste"),
        ("create", "Skrev"),
        ("update", "Endret"),
        ("explain", "Så hva som gir tilgang"),
        ("audit", "Så i loggen hvem som har lest"),
        ("erase-proposed", "Foreslo å slette"),
        ("erased", "Slettet for godt"),
        ("closed", "Ville åpne"),
        ("reviewed", "Gikk gjennom"),
        ("everything", "Hentet ut opplysninger"),
        ("something-new", "Leste"),
    ],
)
def test_the_verb_follows_the_action(action: str, verb: str) -> None:
    assert log.read(look(action=action), NB).did.startswith(verb)


def test_a_look_without_an_agreement_stands_out_with_the_reason_given() -> None:
    stated = look(0, "reason", action="reason", reason="Ringte legevakta med brystsmerter", types={})
    opened = look(2, "reason")
    newest, first = log.entries([opened, stated], NB)
    assert newest.without
    assert newest.reason == "Ringte legevakta med brystsmerter"
    assert first.did == "Oppga en grunn for å åpne journalen din."


def test_a_reason_is_not_lent_to_others_nor_kept_for_days() -> None:
    stated = look(0, "reason", action="reason", reason="Ringte legevakta", types={})
    other, later = look(2, "reason", actor="henrik"), look(300, "reason")
    assert [entry.reason for entry in log.entries([stated, other, later], NB)] == [
        None,
        None,
        "Ringte legevakta",
    ]


def test_an_unknown_why_is_never_made_up() -> None:
    assert log.read(look(why="new-kind"), NB).why == "Ingen grunn er oppgitt."


def test_a_whole_chart_is_told_in_short_with_the_list_beside() -> None:
    seen = dict.fromkeys(("Patient", "Condition", "Composition", "Observation", "Encounter", "Goal", "Task"), 1)
    entry = log.read(look(types=seen), NB)
    assert entry.did == "Leste mye av journalen din."
    assert entry.all.startswith("Navn og kontaktopplysninger, notater, sykdommer")
    taken = log.read(look(action="everything", types=seen), NB)
    assert (taken.did, taken.all) == ("Hentet ut mye av journalen din.", entry.all)


def test_a_record_that_stayed_closed_needs_no_reason_and_oversight_has_one() -> None:
    assert log.read(look(why="find", action="closed"), NB).why == ""
    assert log.read(look(why="oversight", action="explain"), NB).why.startswith("Personvernombudet")


def test_a_name_in_a_list_needs_no_further_reason() -> None:
    entry = log.read(look(why="", action="mine"), NB)
    assert (entry.did, entry.why) == ("Så navnet ditt i listen over sine pasienter.", "")


def test_ones_own_looks_stand_apart() -> None:
    found = log.entries([look(0), look(1, "self"), look(2, "reason")], NB)
    assert [len(log.chosen(found, part)) for part in log.PARTS] == [2, 1, 1]


def test_days_are_norwegian_days() -> None:
    late = look(12 * 60 - 30)  # 22.30 UTC is half past eleven in the evening
    after_midnight = look(12 * 60 + 30)
    days = log.by_day(log.entries([late, after_midnight], NB))
    assert [day.day.day for day in days] == [23, 22]


def test_the_last_visit_leaves_out_the_one_that_is_going_on() -> None:
    found = log.entries([look(-600, "self"), look(-5, "self"), look(-300)], NB)
    assert log.last_visit(found, before=NOON - timedelta(minutes=30)) == (NOON - timedelta(minutes=600))


def test_the_sentences_are_told_in_each_language() -> None:
    assert log.read(look(), NN).why == "Fordi du får hjelp heime av dei."
    assert log.read(look(), EN).did == "Read your record: test results and measurements."


def test_a_named_action_tells_its_reason_and_lends_it_to_no_other_look() -> None:
    merged = look(0, "identity", action="merge", reason="Samme navn og nummer i begge", types={"Patient": 1})
    moved = look(1, "stay", action="move", reason="Skrevet i feil journal", types={"Observation": 1})
    opened = look(2, "reason")
    told = log.entries([merged, moved, opened], NB)
    assert [entry.reason for entry in told] == [None, "Skrevet i feil journal", "Samme navn og nummer i begge"]
    assert [entry.without for entry in told] == [True, False, False]
    assert told[2].did == "Slo sammen to journaler, fordi begge er dine."


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("nurse", "Søkte deg opp. Så bare navn og fødselsår."),
        ("citizen", "Så navnet ditt på siden om hvem som kan opptre for hvem."),
        ("privacy-officer", "Så navnet og fødselsåret ditt."),
    ],
)
def test_a_name_on_a_list_is_not_told_as_a_search(role: str, said: str) -> None:
    assert log.read(look(action="find", why="find", role=role), NB).did == said


def test_work_that_the_program_does_by_itself_has_one_name_and_other_systems_their_own() -> None:
    for name, said in (("deadlines", "Samjournal"), ("waiting list", "Samjournal"), ("labsystem", "labsystem")):
        found = log.read(Seen(NOON, name, name, "system", "", "update", "system", None, {"Task": 1}), NB)
        assert found.who == said
