"""Chains, `_has` and includes by SQL against a plain reading over the same resources, on searches nobody thought of.

hl7.org/fhir/R4/search.html#chaining. What is searched is a small region where everything refers to everything; the
plain reading goes from resource to resource as R4 tells it, and knows nothing of rows and tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import key, patient_key
from samjournal.record import links, query_of, search
from samjournal.store.search import joining
from world import World

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]

REFERENCES = {
    ("Patient", "general-practitioner"): ("generalPractitioner", ("Practitioner", "Organization")),
    ("Patient", "organization"): ("managingOrganization", ("Organization",)),
    ("Encounter", "subject"): ("subject", ("Patient",)),
    ("Encounter", "patient"): ("subject", ("Patient",)),
    ("Encounter", "service-provider"): ("serviceProvider", ("Organization",)),
    ("Encounter", "part-of"): ("partOf", ("Encounter",)),
    ("Observation", "subject"): ("subject", ("Patient", "Group")),
    ("Observation", "patient"): ("subject", ("Patient",)),
    ("Observation", "encounter"): ("encounter", ("Encounter",)),
    ("Observation", "performer"): ("performer", ("Practitioner", "Organization")),
    ("Observation", "has-member"): ("hasMember", ("Observation",)),
    ("Organization", "partof"): ("partOf", ("Organization",)),
}
"""Parameters that refer: the element of each, and the types it leads to here."""
PLAIN = {
    "Patient": {
        "gender": ("male", "female"),
        "name": ("Berg", "Lie", "Moe"),
        "active": ("true", "false"),
        "_id": ("p1", "p2", "p3,p4"),
    },
    "Practitioner": {
        "gender": ("male", "female"),
        "name": ("Berg", "Lie"),
        "active": ("true", "false"),
        "_id": ("d1", "d2"),
    },
    "Organization": {"name": ("Nord", "Sør"), "active": ("true", "false"), "_id": ("g1", "g2")},
    "Encounter": {"status": ("finished", "planned"), "_id": ("e1", "e2")},
    "Observation": {"code": ("1", "2", "3"), "status": ("final", "amended"), "_id": ("o1", "o2")},
    "Group": {"actual": ("true", "false"), "_id": ("f1",)},
}
"""Parameters that are compared, with values."""


@cache
def resources() -> dict[str, Resource]:
    """By "Type/id": twelve patients, and what they have."""
    random = Random(11)
    made: list[Resource] = []
    for number in range(5):
        made.append(
            {
                "resourceType": "Organization",
                "id": f"g{number}",
                "name": random.choice(("Nord", "Sør")),
                "active": random.random() < 0.5,
            }
        )
        made.append(
            {
                "resourceType": "Practitioner",
                "id": f"d{number}",
                "gender": random.choice(("male", "female")),
                "name": [{"family": random.choice(("Berg", "Lie"))}],
            }
        )
    for number in range(2):
        made.append({"resourceType": "Group", "id": f"f{number}", "type": "person", "actual": number == 0})
    for number in range(12):
        made.append(
            {
                "resourceType": "Patient",
                "id": f"p{number}",
                "gender": random.choice(("male", "female")),
                "name": [{"family": random.choice(("Berg", "Lie", "Moe"))}],
            }
        )
    for number in range(25):
        made.append(
            {
                "resourceType": "Encounter",
                "id": f"e{number}",
                "class": {"code": "AMB"},
                "status": random.choice(("finished", "planned")),
                "subject": None,
            }
        )
    for number in range(60):
        made.append(
            {
                "resourceType": "Observation",
                "id": f"o{number}",
                "subject": None,
                "status": random.choice(("final", "amended")),
                "code": {"coding": [{"code": random.choice("123")}]},
            }
        )
    there = {f"{one['resourceType']}/{one['id']}": one for one in made}
    for one in made:
        for (type_, _), (element, targets) in REFERENCES.items():
            if type_ == one["resourceType"] and random.random() < 0.8:
                fitting = [key for key in there if key.partition("/")[0] in targets]
                chosen = {"reference": random.choice(fitting) + ("/_history/1" if random.random() < 0.1 else "")}
                many = element in ("generalPractitioner", "performer", "hasMember")
                one[element] = [chosen, {"display": "og andre"}] if many else chosen
    for one in made:
        if one.get("subject", one) is None:
            del one["subject"]
    return there


# A plain reading of R4.


def refers(one: Resource, code: str) -> Iterator[Resource]:
    """What a resource refers to by a parameter."""
    element, targets = REFERENCES[one["resourceType"], code]
    values = one.get(element, [])
    for value in values if isinstance(values, list) else [values]:
        key = "/".join(value.get("reference", "").split("/")[:2])
        if key.partition("/")[0] in (("Patient",) if code == "patient" else targets):
            yield resources()[key]


Sees = Callable[[Resource], bool]


def _everything(_one: Resource) -> bool:
    return True


def fits(one: Resource, name: str, value: str, sees: Sees = _everything) -> bool:
    """Whether a resource fits a parameter, linked or plain, for somebody who sees some."""
    if name.startswith("_has:"):
        _, type_, code, rest = name.split(":", 3)
        return any(
            other["resourceType"] == type_
            and any(to is one for to in refers(other, code))
            and sees(other)
            and fits(other, rest, value, sees)
            for other in resources().values()
        )
    head, dot, rest = name.partition(".")
    if dot:
        code, _, type_ = head.partition(":")
        return any(
            type_ in ("", to["resourceType"])
            and knows(to["resourceType"], rest)
            and sees(to)
            and fits(to, rest, value, sees)
            for to in refers(one, code)
        )
    code, _, modifier = name.partition(":")
    if modifier == "missing":
        return bool(_values(one, code)) == (value == "false")
    found = any(wanted in _values(one, code) for wanted in value.split(","))
    return not found if modifier == "not" else found


def knows(type_: str, name: str) -> bool:
    """Whether a type has the parameter that a chain goes on with."""
    code = name.partition(".")[0].partition(":")[0]
    return code == "_has" or code in PLAIN[type_] or (type_, code) in REFERENCES


def _values(one: Resource, code: str) -> list[str]:
    type_ = one["resourceType"]
    match code:
        case "_id":
            return [one["id"]]
        case "code":
            return [coding["code"] for coding in one["code"].get("coding", ())]
        case "name" if type_ != "Organization":
            return [name["family"] for name in one["name"]]
    value = one.get(code)
    return [] if value is None else [str(value).lower() if isinstance(value, bool) else str(value)]


# Searches that nobody thought of.


@st.composite
def conditions(draw: st.DrawFn, type_: str, depth: int = 0) -> tuple[str, str]:
    """A parameter of a type and its value: a chain, `_has`, or a plain one at the end."""
    forward = [(code, targets) for (source, code), (_, targets) in REFERENCES.items() if source == type_]
    backward = [(source, code) for (source, code), (_, targets) in REFERENCES.items() if type_ in targets]
    kinds = ["plain"] if depth else []
    if depth < 3:
        kinds += ["forward"] * bool(forward) + ["backward"] * bool(backward)
    match draw(st.sampled_from(kinds)):
        case "forward":
            code, targets = draw(st.sampled_from(forward))
            target = draw(st.sampled_from(["Patient"] if code == "patient" else targets))
            name, value = draw(conditions(target, depth + 1))
            typed = draw(st.booleans()) and code != "patient"
            return f"{code}:{target}.{name}" if typed else f"{code}.{name}", value
        case "backward":
            source, code = draw(st.sampled_from(backward))
            if code == "patient" and type_ != "Patient":
                code = "subject"
            name, value = draw(conditions(source, depth + 1))
            return f"_has:{source}:{code}:{name}", value
    code = draw(st.sampled_from(sorted(PLAIN[type_])))
    value = draw(st.sampled_from(PLAIN[type_][code]))
    modifier = draw(st.sampled_from(["", "", "", ":not", ":missing"]))
    if modifier == ":missing":
        return f"{code}:missing", draw(st.sampled_from(["true", "false"]))
    return (f"{code}{modifier}" if code in ("code", "status", "gender") else code), value


@st.composite
def searches(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A type, and one or two conditions."""
    type_ = draw(st.sampled_from(sorted(PLAIN)))
    return type_, [draw(conditions(type_)) for _ in range(draw(st.integers(1, 2)))]


@pytest.fixture(scope="module")
async def filled(world: World) -> World:
    await world.put(*resources().values())
    # A relation alone: a stay would be one more resource that refers to the patient.
    await world.pool.execute(
        """INSERT INTO access.relation (patient, party, kind, starts, ends, source)
        SELECT unnest($1::bigint[]), $2, 'stay', now() - interval '1 day', now() + interval '1 day', 'test'""",
        [patient_key(id_) for id_ in ON_WARD],
        key("Organization/ward"),
    )
    return world


ON_WARD = ("p0", "p2", "p4", "p6", "p8", "p10")
"""The patients whom the nurse of the ward may see."""


def nurse_sees(one: Resource) -> bool:
    """Registers, and what lies under a patient of the ward."""
    if one["resourceType"] in ("Organization", "Practitioner"):
        return True
    reference = (
        one.get("subject", {}).get("reference", "") if one["resourceType"] != "Patient" else f"Patient/{one['id']}"
    )
    return "/".join(reference.split("/")[:2]) in {f"Patient/{id_}" for id_ in ON_WARD}


FUZZED = settings(
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def _found(world: World, type_: str, pairs: list[tuple[str, str]], permit: Permit | None = None) -> list[str]:
    page = await search(world.door, permit or world.system, query_of(type_, [*pairs, ("_count", "1000")]))
    return [one.id for one in page.matches if one.reference in resources()]


def _expected(type_: str, pairs: list[tuple[str, str]], sees: Sees = _everything) -> list[str]:
    return sorted(
        one["id"]
        for one in resources().values()
        if one["resourceType"] == type_ and sees(one) and all(fits(one, *pair, sees) for pair in pairs)
    )


@pytest.mark.drill
@FUZZED
@given(asked=searches())
async def test_links_find_what_a_plain_reading_finds(filled: World, asked: tuple[str, list[tuple[str, str]]]) -> None:
    assert await _found(filled, *asked) == _expected(*asked)


@pytest.mark.drill
@FUZZED
@given(asked=searches(), most=st.sampled_from([0, 1, 3, 10]), few=st.sampled_from([0, 3]))
async def test_they_find_the_same_from_whichever_end_they_are_followed(
    filled: World, asked: tuple[str, list[tuple[str, str]]], most: int, few: int
) -> None:
    """However little may be carried over: joined by the patient, followed from the near end, or said to be too much."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "MAX_FOUND", most)
        patch.setattr(links, "MAX_READ", most)
        patch.setattr(joining, "_FEW", few)
        try:
            found = await _found(filled, *asked)
        except Invalid as problem:
            assert "more than is followed at once" in problem.text  # noqa: PT017
            return
    assert found == _expected(*asked)


@pytest.fixture(scope="module")
async def nurse(filled: World) -> Permit:
    return await filled.permit("nurse")


@pytest.mark.drill
@FUZZED
@given(asked=searches(), most=st.sampled_from([0, 3, 10_000]))
async def test_links_lead_only_over_what_the_reader_may_see(
    filled: World, nurse: Permit, asked: tuple[str, list[tuple[str, str]]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "MAX_FOUND", most)
        try:
            found = await _found(filled, *asked, nurse)
        except Invalid as problem:
            assert "more than is followed at once" in problem.text  # noqa: PT017
            return
    assert found == _expected(*asked, nurse_sees)


@st.composite
def includes(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """A type, and what is to be brought along."""
    type_ = draw(st.sampled_from(["Patient", "Encounter", "Observation", "Organization"]))
    pairs = []
    for _ in range(draw(st.integers(1, 3))):
        iterate = draw(st.booleans())
        reverse = draw(st.booleans())
        fitting = [
            (source, code, targets)
            for (source, code), (_, targets) in REFERENCES.items()
            if code != "patient" and (iterate or (type_ in targets if reverse else source == type_))
        ]
        if not fitting:
            continue
        source, code, targets = draw(st.sampled_from(fitting))
        target = ""
        if draw(st.integers(0, 3)) == 0:
            target = f":{type_ if reverse and not iterate else draw(st.sampled_from(targets))}"
        name = ("_revinclude" if reverse else "_include") + (":iterate" if iterate else "")
        pairs.append((name, f"{source}:{code}{target}"))
    return type_, pairs


@pytest.mark.drill
@FUZZED
@given(asked=includes(), number=st.integers(0, 4))
async def test_includes_bring_along_what_a_plain_reading_brings(
    filled: World, asked: tuple[str, list[tuple[str, str]]], number: int
) -> None:
    type_, pairs = asked
    initial = {"Patient": "p", "Encounter": "e", "Observation": "o", "Organization": "g"}[type_]
    start = f"{type_}/{initial}{number}"
    page = await search(filled.door, filled.system, query_of(type_, [("_id", start.partition("/")[2]), *pairs]))
    found = sorted(one.reference for one in page.included)
    assert sorted(set(found)) == sorted(_brought(start, pairs))
    versions = [(one.reference, one.version) for one in page.included]
    assert len(set(versions)) == len(versions)


def _brought(start: str, pairs: list[tuple[str, str]]) -> set[str]:
    there, level, first = {start}, {start}, True
    while level:
        new = set()
        for name, value in pairs:
            if not (first or name.endswith(":iterate")):
                continue
            source, code, *target = value.split(":")
            for where in resources() if "rev" in name else level:
                one = resources()[where]
                if one["resourceType"] != source:
                    continue
                for to in refers(one, code):
                    other = f"{to['resourceType']}/{to['id']}"
                    if target and to["resourceType"] != target[0]:
                        continue
                    if "rev" in name and other in level:
                        new.add(where)
                    elif "rev" not in name:
                        new.add(other)
        level, first = new - there, False
        there |= new
    return there - {start}


@st.composite
def expressions(draw: st.DrawFn, type_: str, depth: int = 0) -> tuple[str, Callable[[Resource], bool]]:
    """A `_filter` of a type, and what it says."""
    if depth < 3 and draw(st.integers(0, 2)):
        kind = draw(st.sampled_from(["and", "or", "not"]))
        text, one = draw(expressions(type_, depth + 1))
        if kind == "not":
            return f"not ({text})", lambda resource: not one(resource)
        other_text, other = draw(expressions(type_, depth + 1))
        if kind == "and":
            return f"({text}) and ({other_text})", lambda resource: one(resource) and other(resource)
        return f"({text}) or ({other_text})", lambda resource: one(resource) or other(resource)
    name, value = draw(conditions(type_, draw(st.integers(0, 3))))
    name = name.removesuffix(":not")
    value = value.partition(",")[0]
    if name.endswith(":missing"):
        there = "false" if value == "true" else "true"
        return f"{name.removesuffix(':missing')} pr {there}", lambda resource: fits(resource, name, value)
    if draw(st.booleans()):
        return f'{name} eq "{value}"', lambda resource: fits(resource, name, value)
    return f"{name} ne {value}", lambda resource: fits(resource, f"{name}:not", value)


@st.composite
def filtered(draw: st.DrawFn) -> tuple[str, str, Callable[[Resource], bool]]:
    """A type, a `_filter` of it, and what it says."""
    type_ = draw(st.sampled_from(sorted(PLAIN)))
    return type_, *draw(expressions(type_))


@pytest.mark.drill
@FUZZED
@given(asked=filtered())
async def test_filters_find_what_a_plain_reading_finds(
    filled: World, asked: tuple[str, str, Callable[[Resource], bool]]
) -> None:
    type_, text, says = asked
    expected = sorted(one["id"] for one in resources().values() if one["resourceType"] == type_ and says(one))
    assert await _found(filled, type_, [("_filter", text)]) == expected
