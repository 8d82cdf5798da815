"""Whatever JSON or XML comes in: an answer and never a fault; and what is found sound can be searched for."""

from __future__ import annotations

import copy
from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir.instances import body, instance
from fhir.samples import full
from samjournal.fhir.compartment import home, patients
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.parameters import extract
from samjournal.fhir.parsing import compact_of, parse
from samjournal.fhir.references import texts
from samjournal.fhir.structure import check
from samjournal.fhir.xml import read, write

TYPES = sorted(load().resources)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        ["2026-02-30", "9999-12-31", "0001-01-01", "#x", "Patient/1", "urn:uuid:1", "Patient", "http://a|1"]
    ),
)
NAMES = st.sampled_from(
    ["reference", "coding", "value", "start", "low", "resourceType", "extension", "_value", "id", "x"]
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, child in children for place in [(*path, key), *places(child, (*path, key))]]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TYPES), st.data())
def test_a_resource_with_anything_anywhere_is_judged_and_if_sound_indexed(
    resource_type: str, data: st.DataObject
) -> None:
    resource = copy.deepcopy(full(resource_type))
    if load().shape(resource_type).parent == "DomainResource":
        resource["contained"] = [{"resourceType": "Basic", "id": "inni", "code": {"text": "noe"}}]
        resource["extension"] = [{"url": "http://a", "valueReference": {"reference": "#inni"}}]
    place = data.draw(st.sampled_from(places(resource)))
    owner = resource
    for key in place[:-1]:
        owner = owner[key]
    owner[place[-1]] = data.draw(JSON)
    if not check(resource):
        extract(resource)
        home(resource, extract(resource))
        patients(resource, texts(compact_of(resource)))
        with suppress(Invalid):  # a character that text may not hold
            assert readable(write(parse(compact_of(resource)).compact))


def readable(document: bytes) -> bool:
    """Whether XML of ours is read again as it was written."""
    back = read(document)
    return check(back.resource) == [] and write(back.compact) == document


SPLICES = [b"", b"<", b">", b"/>", b'"', b"&", b"&amp;", b"&#0;", b"<!--", b"]]>", b"<div>", b"<x/>", b"\x00", b"\xff"]
SPLICES += [
    b' value="1"',
    b' value=""',
    b' id="a"',
    b"</",
    b"<?x ?>",
    b"<contained/>",
    b'xmlns=""',
    b"tekst",
    b"\n" * 9,
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TYPES), st.integers(0, 50), st.data())
def test_xml_with_anything_in_it_is_read_or_refused(resource_type: str, seed: int, data: st.DataObject) -> None:
    document = write(body(instance(resource_type, Random(seed), 0.2)))
    begin = data.draw(st.integers(0, len(document)))
    end = data.draw(st.integers(begin, min(len(document), begin + 200)))
    splice = data.draw(st.sampled_from(SPLICES) | st.binary(max_size=5))
    assert len(told(document[:begin] + splice + document[end:])) <= 50


def told(document: bytes) -> tuple[Issue, ...]:
    """What is wrong with a document; that it is wrong is told by Invalid, and by nothing else."""
    try:
        return tuple(check(read(document).resource))
    except Invalid as error:
        return error.issues


@given(st.dictionaries(NAMES, JSON))
def test_any_object_is_judged(value: dict[str, Any]) -> None:
    assert isinstance(check(value), list)
    assert isinstance(check({**value, "resourceType": "Observation"}), list)
