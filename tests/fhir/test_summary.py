"""Parts of a resource of every type are sound, and hold nothing that was not there."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
import pytest

from fhir.instances import body, instance
from samjournal.fhir.definitions import load
from samjournal.fhir.structure import check
from samjournal.fhir.summary import Part, is_subset, subset

TYPES = sorted(load().resources)


@pytest.mark.parametrize("type_", TYPES)
def test_a_part_has_all_that_must_be_there(type_: str) -> None:
    whole = instance(type_, Random(f"summary {type_}"), fullness=0.7)
    whole.pop("contained", None)
    some = frozenset(list(whole)[::2])
    for part in (Part("true"), Part("text"), Part("data"), Part("elements", some)):
        left = msgspec.json.decode(subset(body(whole), part))
        assert is_subset(left)
        assert [issue for issue in check(left) if issue.code == "required"] == [], part
        assert _is_within(left, whole), part


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_left_stays_as_written(type_: str) -> None:
    sent = body(instance(type_, Random(f"bytes {type_}"), fullness=0.6))
    for name, value in msgspec.json.decode(subset(sent, Part("data")), type=dict[str, msgspec.Raw]).items():
        if name != "meta":
            assert bytes(value) in sent


def test_a_summary_leaves_data_of_attachments_out() -> None:
    sent = (
        b'{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"url":"u","data":"YQ=="}}]}'
    )
    assert b'"attachment":{"url":"u"}' in subset(sent, Part("true"))


def test_of_what_a_summary_has_nothing_of_nothing_is_left() -> None:
    """R4's example Consent/consent-example-Out has a provision without any element of a summary; FHIR has no {}."""
    actor = b'"actor":[{"role":{"text":"x"},"reference":{"reference":"Organization/1"}}]'
    sent = b'{"resourceType":"Consent","status":"active","provision":{%b}}'
    assert b"provision" not in subset(sent % actor, Part("true"))
    assert b'"provision":{"type":"deny"}' in subset(sent % (b'"type":"deny",' + actor), Part("true"))


def test_an_extension_of_a_value_stays_with_it() -> None:
    sent = b'{"resourceType":"Patient","name":[{"_family":{"extension":[{"url":"u","valueCode":"x"}]}}]}'
    assert b'"_family":{"extension":[{"url":"u","valueCode":"x"}]}' in subset(sent, Part("true"))


def _is_within(left: Any, whole: Any) -> bool:
    if isinstance(left, dict):
        return all(name == "meta" or (name in whole and _is_within(value, whole[name])) for name, value in left.items())
    if isinstance(left, list):
        rest = iter(whole)  # Those of which nothing is left are not there; the others stand in their order.
        return all(any(_is_within(one, other) for other in rest) for one in left)
    return True
