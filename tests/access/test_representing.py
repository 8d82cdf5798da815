"""Who may act for whom follows from age to the day, home, labels and what was given. All pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from samjournal.access.blocks import ALWAYS, FOREVER
from samjournal.access.representing import (
    FAMILY,
    KINDS,
    LEVEL_CODES,
    LEVELS,
    RESPONSIBILITY,
    SCOPE,
    TYPES,
    Civil,
    Mandate,
    attributed,
    civil,
    mandates,
    may_sign_in,
    number_key,
    verdict,
    widest,
)
from world import CONFIDENTIALITY, FNR, made, to

CHILD, PARENT, OTHER, HOME, AWAY = 1, 2, 3, 77, 78
NOON = datetime(2026, 11, 28, 11, tzinfo=UTC)


def person(key: int, born: date | None = date(1985, 1, 1), home: int | None = HOME, **more: Any) -> Civil:
    return Civil(key, frozenset(), born, home, **{"dead": False, "protected": False, **more})


def by(kind: str = "parent", level: str = "", **more: Any) -> Mandate:
    return Mandate(CHILD, PARENT, kind, level, (), ALWAYS, FOREVER)._replace(**more)


def told(child: Civil, parent: Civil, *, at: datetime = NOON, mandate: Mandate | None = None) -> str | None:
    """The level, or why not."""
    found = verdict(mandate or by(), child, parent, [parent], at=at)
    return found.level.code if found.level else found.refusal


@pytest.mark.parametrize(
    ("born", "at", "level"),
    [
        # Midnight in Oslo is 23:00 UTC the day before in winter, 22:00 in summer.
        (date(2014, 11, 29), datetime(2026, 11, 28, 22, 59, 59, tzinfo=UTC), "child"),
        (date(2014, 11, 29), datetime(2026, 11, 28, 23, 0, 0, tzinfo=UTC), "youth"),
        (date(2010, 11, 29), datetime(2026, 11, 28, 22, 59, 59, tzinfo=UTC), "youth"),
        (date(2010, 11, 29), datetime(2026, 11, 28, 23, 0, 0, tzinfo=UTC), "of-age"),
        (date(2010, 6, 10), datetime(2026, 6, 9, 21, 59, 59, tzinfo=UTC), "youth"),
        (date(2010, 6, 10), datetime(2026, 6, 9, 22, 0, 0, tzinfo=UTC), "of-age"),
        (date(2012, 2, 29), datetime(2024, 2, 28, 22, 59, 59, tzinfo=UTC), "child"),
        (date(2012, 2, 29), datetime(2024, 2, 28, 23, 0, 0, tzinfo=UTC), "youth"),
        (date(2012, 2, 29), datetime(2028, 2, 28, 22, 59, 59, tzinfo=UTC), "youth"),
        (date(2012, 2, 29), datetime(2028, 2, 28, 23, 0, 0, tzinfo=UTC), "of-age"),
        # 2100 has no 29 February: then it is 1 March.
        (date(2084, 2, 29), datetime(2100, 2, 28, 22, 59, 59, tzinfo=UTC), "youth"),
        (date(2084, 2, 29), datetime(2100, 2, 28, 23, 0, 0, tzinfo=UTC), "of-age"),
    ],
)
def test_a_parents_access_changes_at_midnight_in_oslo(born: date, at: datetime, level: str) -> None:
    assert told(person(CHILD, born), person(PARENT), at=at) == level


@pytest.mark.parametrize(
    ("child", "parent", "level"),
    [
        (person(CHILD, date(2020, 1, 1)), person(PARENT), "child"),
        (person(CHILD, date(2020, 1, 1)), person(PARENT, home=AWAY), "elsewhere"),
        (person(CHILD, date(2020, 1, 1), home=None), person(PARENT, home=None), "elsewhere"),
        (person(CHILD, date(2020, 1, 1), protected=True), person(PARENT), "protected"),
        (person(CHILD, date(2020, 1, 1)), person(PARENT, protected=True), "protected"),
        (person(CHILD, date(2020, 1, 1), dead=True), person(PARENT), "dead"),
        (person(CHILD, date(2020, 1, 1)), person(PARENT, dead=True), "dead"),
        (person(CHILD, None), person(PARENT), "no-age"),
        (person(CHILD, date(2020, 1, 1), made_by="nurse"), person(PARENT), "not-registered"),
        (person(CHILD, date(2020, 1, 1)), person(PARENT, made_by="nurse"), "not-registered"),
        (person(CHILD, date(2020, 1, 1)), person(CHILD), "nobody"),
        (person(CHILD, date(2020, 1, 1)), person(PARENT, date(2009, 1, 1)), "child"),
    ],
)
def test_a_parent_is_one_by_the_register(child: Civil, parent: Civil, level: str) -> None:
    assert told(child, parent) == level


def test_one_parent_at_the_childs_address_is_enough_for_both_and_a_hidden_one_is_none() -> None:
    child, away = person(CHILD, date(2020, 1, 1)), person(PARENT, home=AWAY)
    assert verdict(by(), child, away, [away, person(OTHER)], at=NOON).level is LEVELS["child"]
    assert verdict(by(), child, away, [away, person(OTHER, home=AWAY)], at=NOON).refusal == "elsewhere"
    for hidden in (person(OTHER, protected=True), person(OTHER, dead=True), person(OTHER, made_by="nurse")):
        assert verdict(by(), child, away, [away, hidden], at=NOON).refusal == "elsewhere"


@pytest.mark.parametrize(
    ("mandate", "level"),
    [
        (by("power-of-attorney", "full"), "full"),
        (by("power-of-attorney", "read-only"), "read-only"),
        (by("without-capacity", "standard"), "standard"),
        (by("next-of-kin", "parts", types=("Immunization",)), "parts"),
        (by("power-of-attorney", "full", ends=NOON), "over"),
        (by("power-of-attorney", "full", starts=datetime(2027, 1, 1, tzinfo=UTC)), "later"),
        (by("power-of-attorney", "full", made_by="nurse"), "not-registered"),
        (by("own-login", "own-login"), "nobody"),
    ],
)
def test_a_power_holds_at_its_level_within_its_time(mandate: Mandate, level: str) -> None:
    assert told(person(CHILD), person(PARENT), mandate=mandate) == level
    assert told(person(CHILD, protected=True), person(PARENT), mandate=mandate) in ("protected", "nobody", level)


@pytest.mark.parametrize("born", [date(2010, 11, 29), None])
def test_who_is_not_of_age_neither_gives_nor_gets_a_power(born: date | None) -> None:
    power = by("power-of-attorney", "full")
    assert told(person(CHILD, date(2010, 11, 29)), person(PARENT), mandate=power) == "under-age"
    assert told(person(CHILD), person(PARENT, born), mandate=power) == "under-age"
    assert told(person(CHILD), person(PARENT, date(2010, 11, 28)), mandate=power) == "full"


def test_a_next_of_kin_sees_the_parts_that_were_chosen_of_those_that_the_citizen_sees() -> None:
    kin = by("next-of-kin", "parts", types=("Immunization", "AuditEvent"))
    found = verdict(kin, person(CHILD), person(PARENT), (), at=NOON).level
    assert found is not None
    assert (found.reads, found.writes) == (frozenset({"Patient", "Immunization"}), frozenset())


def test_read_only_writes_nothing_and_communicating_reads_no_record() -> None:
    assert not LEVELS["read-only"].writes
    assert LEVELS["standard"].writes
    assert "Observation" not in LEVELS["communicate-only"].reads
    assert {code for code, level in LEVELS.items() if level.decides} == {"child", "full"}
    assert widest([LEVELS["read-only"], LEVELS["full"]]) is LEVELS["full"]


@pytest.mark.parametrize(
    ("born", "agreed", "may"),
    [
        (date(2013, 11, 29), True, False),
        (date(2013, 11, 28), True, True),
        (date(2013, 11, 28), False, False),
        (date(2010, 11, 29), False, False),
        (date(2010, 11, 28), False, True),
        (None, False, True),
    ],
)
def test_a_login_of_ones_own_from_16_and_from_13_with_consent(born: date | None, agreed: bool, may: bool) -> None:
    assert may_sign_in(person(CHILD, born), agreed=agreed, at=NOON) is may
    assert may_sign_in(None, agreed=False, at=NOON)


def related(*codes: tuple[str, str], **more: Any) -> dict[str, Any]:
    coded = [{"coding": [{"system": system, "code": code}]} for system, code in codes]
    number = [{"system": FNR, "value": "11834826226"}]
    return made(
        "RelatedPerson", "r", **{"patient": to("Patient/odin"), "identifier": number, **more}, relationship=coded
    )


MTH = ("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "MTH")


@pytest.mark.parametrize(
    ("resource", "counts"),
    [
        (related((FAMILY, "mor"), (RESPONSIBILITY, "felles")), True),
        (related(MTH, (RESPONSIBILITY, "felles")), True),
        (related((FAMILY, "mor"), (RESPONSIBILITY, "mor")), True),
        (related((FAMILY, "far"), (RESPONSIBILITY, "mor")), False),
        (related((FAMILY, "mor")), False),
        (related(MTH), False),
        (related((RESPONSIBILITY, "felles")), False),
        (related((RESPONSIBILITY, "andre")), True),
        (related((FAMILY, "far"), (RESPONSIBILITY, "andre")), False),
        (related((FAMILY, "far"), (RESPONSIBILITY, "ukjent")), False),
        (related(MTH, (RESPONSIBILITY, "felles"), active=False), False),
        (related(MTH, (RESPONSIBILITY, "felles"), identifier=[]), False),
        (related(MTH, (RESPONSIBILITY, "felles"), identifier=[{"system": "HNR", "value": "1"}]), False),
        (related(MTH, (RESPONSIBILITY, "felles"), identifier=[{"system": FNR, "value": "1", "use": "old"}]), False),
    ],
)
def test_only_who_has_parental_responsibility_and_a_number_is_a_parent(resource: dict[str, Any], counts: bool) -> None:
    assert [one.holder for one in mandates(resource)] == ([number_key(FNR, "11834826226")] if counts else [])


def consent(kind: str, level: str = "", *types: str, provision: dict[str, Any] | None = None, **more: Any) -> Any:
    category = [{"coding": [{"system": KINDS, "code": kind}]}]
    category += [{"coding": [{"system": LEVEL_CODES, "code": level}]}] if level else []
    given = {"type": "permit", "actor": [{"role": {"text": "x"}, "reference": to("Patient/per")}], **(provision or {})}
    given |= {"class": [{"system": TYPES, "code": one} for one in types]} if types else {}
    whole = {"status": "active", "scope": {"coding": [SCOPE]}, "category": category, "patient": to("Patient/kari")}
    return made("Consent", "c", **{**whole, **more}, provision=given)


@pytest.mark.parametrize(
    ("resource", "level"),
    [
        (consent("power-of-attorney", "full"), "full"),
        (consent("without-capacity", "read-only"), "read-only"),
        (consent("next-of-kin", "", "Immunization"), "parts"),
        (consent("own-login"), "own-login"),
        (consent("power-of-attorney"), None),
        (consent("power-of-attorney", "everything"), None),
        (consent("power-of-attorney", "child"), None),
        (consent("power-of-attorney", "full", "Immunization"), None),
        (consent("next-of-kin"), None),
        (consent("parent", "full"), None),
        (consent("power-of-attorney", "full", status="inactive"), None),
        (consent("power-of-attorney", "full", scope={"coding": [{"code": "research"}]}), None),
        (consent("power-of-attorney", "full", provision={"type": "deny"}), None),
        (consent("power-of-attorney", "full", provision={"code": [{"text": "x"}]}), None),
        (consent("power-of-attorney", "full", provision={"provision": [{"type": "deny"}]}), None),
        (consent("power-of-attorney", "full", provision={"actor": []}), None),
    ],
)
def test_a_consent_gives_what_it_says_and_nothing_that_is_not_understood(resource: Any, level: str | None) -> None:
    assert [one.level for one in mandates(resource)] == ([level] if level else [])


def test_who_somebody_is_comes_of_the_patient() -> None:
    home = {"use": "home", "line": ["Tunvegen 7B"], "postalCode": "7715"}
    whole = made(
        "Patient",
        "p",
        birthDate="2012-02",
        identifier=[{"system": FNR, "value": "1"}, {"system": FNR, "value": "2", "use": "old"}],
        address=[{**home, "type": "postal", "line": ["Postboks 1"]}, home],
        deceasedDateTime="2026-01-01",
        meta={"security": [{"system": CONFIDENTIALITY, "code": "V"}]},
    )
    found = civil(whole)
    assert (found.born, found.numbers) == (date(2012, 2, 1), {number_key(FNR, "1")})
    assert (found.dead, found.protected) == (True, True)
    same = civil(made("Patient", "q", address=[{**home, "line": ["TUNVEGEN  7b"]}]))
    assert same.home == found.home
    assert civil(made("Patient", "q", address=[{**home, "period": {"end": "2020"}}])).home is None
    assert civil(made("Patient", "q", address=[{"use": "home", "city": "Steinkjer"}])).home is None


def test_what_stood_keeps_its_mark_and_all_else_is_its_writers() -> None:
    stood, new = by(), by(holder=OTHER)
    assert attributed([stood, new], [stood], author="nurse") == [stood, new._replace(made_by="nurse")]
    marked = stood._replace(made_by="nurse")
    assert attributed([stood], [marked], author="doctor") == [marked], "nobody but the register makes it count"
    assert attributed([stood], [marked], author=None) == [stood]
