"""Search by SQL against search by hand: a plain reading of R4 over the same resources, on searches nobody thought of.

hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samjournal.db.pool import Pool
from store.searching import find, store

pytestmark = pytest.mark.anyio

Resource = dict[str, Any]
Range = tuple[Fraction | None, Fraction | None, bool]
"""Lowest, highest, and whether the end that a comparator gave is left out."""

UCUM = "http://unitsofmeasure.org"
LOCAL = "urn:local"
CODES = (("http://loinc.org", "1"), ("http://loinc.org", "2"), ("urn:other", "1"), (None, "3"))
BASE = {
    "g/L": ("g/m3", Fraction(1000)),
    "mg/dL": ("g/m3", Fraction(10)),
    "mmol/L": ("mol/m3", Fraction(1)),
    "Cel": ("K", Fraction(1)),
    "K": ("K", Fraction(1)),
}
ZERO = {"Cel": Fraction("273.15")}
NAMES = ("Hjerte", "Akutt svikt", "Nyre, akutt", "svikt (kronisk)", "Hjertesvikt", "")
WORDS = ("hjerte", "nyre", "akutt", "kronisk", "svikt", "hjertesvikt")
VALUES = ("0", "1", "1.0", "1.04", "1.05", "1.5", "2", "10", "100", "-1", "273.15", "274.15")


@cache
def resources() -> list[Resource]:
    """Observations of a few codes, units and values, so that searches meet."""
    random = Random(7)
    return [_observation(f"o{number:03}", random) for number in range(400)]


def _observation(id_: str, random: Random) -> Resource:
    made: Resource = {"resourceType": "Observation", "id": id_, "code": _concept(random)}
    made |= _value(random)
    if random.random() < 0.3:
        made["note"] = [{"text": " ".join(random.sample(WORDS, 3))} for _ in range(random.randint(1, 2))]
    if random.random() < 0.4:
        made["component"] = [{"code": _concept(random), **_value(random)} for _ in range(random.randint(1, 3))]
    return made


def _concept(random: Random) -> dict[str, Any]:
    codings = [
        {"system": system, "code": code, "display": random.choice(NAMES)}
        for system, code in random.sample(CODES, random.randint(1, 2))
    ]
    made: dict[str, Any] = {"coding": [{key: value for key, value in one.items() if value} for one in codings]}
    return made | {"text": random.choice(NAMES)} if random.random() < 0.3 else made


def _value(random: Random) -> dict[str, Any]:
    kind = random.random()
    if kind < 0.1:
        return {}
    if kind < 0.2:
        return {"valueCodeableConcept": _concept(random)}
    made: dict[str, Any] = {"value": float(random.choice(VALUES))}
    unit = random.choice(list(BASE))
    match random.randint(0, 4):
        case 0:
            made |= {"unit": unit}
        case 1:
            made |= {"system": LOCAL, "code": unit}
        case 2:
            pass
        case _:
            made |= {"system": UCUM, "code": unit, "unit": random.choice((unit, "enhet"))}
    if random.random() < 0.2:
        made["comparator"] = random.choice(("<", "<=", ">", ">="))
    return {"valueQuantity": made}


# A plain reading of R4.


def matches(resource: Resource, code: str, text: str) -> bool:
    """Whether a resource fits one parameter with alternatives."""
    plain, _, modifier = code.partition(":")
    if code == "_content":
        return any(_says(resource, one) for one in text.split(","))
    if modifier == "text":
        return any(_is_called(resource, plain, one) for one in text.split(","))
    if modifier == "missing":
        return _has(resource, plain) == (text == "false")
    fits = any(_fits(resource, plain, one) for one in text.split(","))
    return not fits if modifier == "not" else fits


def _called(concept: dict[str, Any] | None) -> list[str]:
    texts = [(concept or {}).get("text"), *(coding.get("display") for coding in (concept or {}).get("coding", ()))]
    return [text.lower() for text in texts if text]


def _is_called(resource: Resource, code: str, text: str) -> bool:
    """Each word asked for begins a word of one of the texts."""
    member = "code" if _plain(code) == "code" else "valueCodeableConcept"
    return any(
        all(any(word.startswith(asked) for word in re.findall(r"\w+", called)) for asked in text.lower().split())
        for element in _elements(resource, code)
        for called in _called(element.get(member))
    )


def _says(resource: Resource, text: str) -> bool:
    """Each word or phrase is in one of the texts, or is not where a minus stands; a compound is its parts too."""
    said = [note["text"] for note in resource.get("note", ())]
    for element in _elements(resource, "combo-"):
        said += [*_called(element.get("code")), *_called(element.get("valueCodeableConcept"))]
    spoken = [_spoken(one) for one in said]
    for sign, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|([^\s"]+))', text):
        asked = (phrase or word).split()
        there = any(
            all(one in heard for one, heard in zip(asked, words[place:], strict=False))
            for words in spoken
            for place in range(len(words) - len(asked) + 1)
        )
        if there == bool(sign):
            return False
    return True


def _spoken(text: str) -> list[set[str]]:
    return [{word, "hjerte", "svikt"} if word == "hjertesvikt" else {word} for word in re.findall(r"\w+", text.lower())]


def _elements(resource: Resource, code: str) -> Iterator[Resource]:
    if not code.startswith("component-"):
        yield resource
    if code.startswith(("component-", "combo-")):
        yield from resource.get("component", ())


def _plain(code: str) -> str:
    return code.removeprefix("component-").removeprefix("combo-")


def _has(resource: Resource, code: str) -> bool:
    needs = {
        "code": ("code",),
        "value-quantity": ("valueQuantity",),
        "value-concept": ("valueCodeableConcept",),
        "code-value-quantity": ("code", "valueQuantity"),
        "code-value-concept": ("code", "valueCodeableConcept"),
    }[_plain(code)]
    return any(all(key in element for key in needs) for element in _elements(resource, code))


def _fits(resource: Resource, code: str, text: str) -> bool:
    return any(_element_fits(element, _plain(code), text) for element in _elements(resource, code))


def _element_fits(element: Resource, code: str, text: str) -> bool:
    if "$" in text:
        first, _, second = text.partition("$")
        value = code.removeprefix("code-")
        return _element_fits(element, "code", first) and _element_fits(element, value, second)
    match code:
        case "code":
            return _concept_fits(element.get("code"), text)
        case "value-concept":
            return _concept_fits(element.get("valueCodeableConcept"), text)
    quantity = element.get("valueQuantity")
    return quantity is not None and _quantity_fits(quantity, text)


def _concept_fits(concept: dict[str, Any] | None, text: str) -> bool:
    for coding in (concept or {}).get("coding", ()):
        system, pipe, code = text.rpartition("|")
        if code and coding["code"] != code:
            continue
        if not pipe or coding.get("system", "") == system:
            return True
    return False


def _quantity_fits(quantity: dict[str, Any], text: str) -> bool:
    amount, *of = text.split("|")
    prefix, digits = (amount[:2], amount[2:]) if amount[:2].isalpha() else ("eq", amount)
    wanted = Fraction(digits)
    half = Fraction(1, 2) / 10 ** len(digits.partition(".")[2])
    if prefix == "ap":
        half = max(half, abs(wanted) / 10)
    ends = [wanted - half, wanted, wanted + half]
    stored = [Fraction(str(quantity["value"]))]
    if of and of[0]:
        system, code = of
        if quantity.get("system") != system:
            return False
        if system == UCUM:
            dimension, factor = BASE[code]
            own, own_factor = BASE[quantity["code"]]
            if own != dimension:
                return False
            ends = [end * factor + ZERO.get(code, 0) for end in ends]
            stored = [stored[0] * own_factor + ZERO.get(quantity["code"], 0)]
        elif quantity["code"] != code:
            return False
    elif of and of[1] not in (quantity.get("code"), quantity.get("unit")):
        return False
    return _within(prefix, ends, _range(stored[0], quantity.get("comparator")))


def _range(value: Fraction, comparator: str | None) -> Range:
    match comparator:
        case "<" | "<=":
            return None, value, comparator == "<"
        case ">" | ">=":
            return value, None, comparator == ">"
    return value, value, False


def _within(prefix: str, ends: list[Fraction], stored: Range) -> bool:
    start, value, end = ends
    lo, hi, left_out = stored
    match prefix:
        case "eq":
            return lo is not None and hi is not None and start <= lo and hi < end
        case "ne":
            return not _within("eq", ends, stored)
        case "gt":
            return hi is None or hi > value
        case "lt":
            return lo is None or lo < value
        case "ge":
            return hi is None or hi > value or (hi == value and not left_out)
        case "le":
            return lo is None or lo < value or (lo == value and not left_out)
        case "sa":
            return lo is not None and (lo > value or (lo == value and left_out))
        case "eb":
            return hi is not None and (hi < value or (hi == value and left_out))
    from_below = lo is None or lo < end or (lo == end and not left_out)
    return from_below and (hi is None or hi > start or (hi == start and not left_out))


# Searches that nobody thought of.

tokens = st.sampled_from(["1", "2", "3", "|3", "|1", "http://loinc.org|1", "urn:other|1", "urn:other|2"])
units = st.sampled_from(
    ["", "||mg/dL", "||enhet", "||Cel", *(f"|{UCUM}|{code}" for code in BASE), f"|{LOCAL}|g/L", f"|{LOCAL}|K"]
)
prefixes = st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
quantities = st.builds("{}{}{}".format, prefixes, st.sampled_from(VALUES), units)
beginnings = st.sampled_from(["hj", "hjerte", "svikt", "akutt sv", "SVIKT AKUTT", "kro", "nyre akutt", "x"])
said = st.sampled_from(WORDS) | st.builds('"{} {}"'.format, st.sampled_from(WORDS), st.sampled_from(WORDS))
contents = st.builds(
    lambda first, more: " ".join([first, *more]),
    said,
    st.lists(st.builds("{}{}".format, st.sampled_from(["", "-"]), said), max_size=2),
)
where = st.sampled_from(["", "component-", "combo-"])
alternatives = {"code": tokens, "value-concept": tokens, "value-quantity": quantities}


@st.composite
def parameters(draw: st.DrawFn) -> tuple[str, str]:
    """One parameter of a search, with one or two alternatives."""
    if draw(st.integers(0, 5)) == 0:
        return "_content", ",".join(draw(st.lists(contents, min_size=1, max_size=2)))
    place = draw(where)
    if draw(st.integers(0, 5)) == 0:
        called = draw(st.lists(beginnings, min_size=1, max_size=2))
        return f"{place}{draw(st.sampled_from(['code', 'value-concept']))}:text", ",".join(called)
    code = draw(st.sampled_from([*alternatives, "code-value-quantity", "code-value-concept"]))
    if draw(st.integers(0, 9)) == 0:
        return f"{place}{code}:missing", draw(st.sampled_from(["true", "false"]))
    if code in alternatives:
        one = alternatives[code]
        modifier = ":not" if one is tokens and draw(st.integers(0, 4)) == 0 else ""
    else:
        one = st.builds("{}${}".format, tokens, alternatives[code.removeprefix("code-")])
        modifier = ""
    return f"{place}{code}{modifier}", ",".join(draw(st.lists(one, min_size=1, max_size=2)))


@pytest.fixture(scope="module")
async def filled(pool: Pool) -> Pool:
    await store(pool, resources())
    return pool


@pytest.mark.drill
@settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs=st.lists(parameters(), min_size=1, max_size=3))
async def test_sql_finds_what_a_plain_reading_finds(filled: Pool, pairs: list[tuple[str, str]]) -> None:
    found = await find(filled, "Observation", [*pairs, ("_count", "1000")])
    expected = [one["id"] for one in resources() if all(matches(one, *pair) for pair in pairs)]
    assert found == expected
