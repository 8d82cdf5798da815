"""Filters, paths and PATCH, without a server. RFC 7644 sections 3.4.2.2 and 3.5.2"""

from typing import Any

import pytest

from samjournal.scim import filters
from samjournal.scim.errors import Refused
from samjournal.scim.patching import patched
from samjournal.scim.schemas import GROUP, STAFF, USER
from scim.directory import operations

KARI: dict[str, Any] = {
    "id": "7",
    "userName": "Kari.Moe",
    "active": True,
    "title": "Lege",
    "name": {"givenName": "Kari", "familyName": "Moe"},
    "emails": [{"value": "kari@hnt.no", "type": "work", "primary": True}, {"value": "kari@home.no", "type": "other"}],
    STAFF: {"hprNumber": "7654321"},
    "meta": {"lastModified": "2026-11-29T10:00:00+00:00"},
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ('userName eq "kari.moe"', True),
        ('urn:ietf:params:scim:schemas:core:2.0:User:USERNAME Eq "kari.moe"', True),
        ('userName ne "kari.moe"', False),
        ('id eq "7" and active eq true', True),
        ('active eq "True"', True),
        ("active eq false", False),
        ('userName sw "kari" and (title co "sykepl" or title ew "EGE")', True),
        ('not (name.familyName eq "Moe") or title pr', True),
        ('not (name.familyName eq "Moe")', False),
        ("displayName pr", False),
        ("displayName eq null", True),
        ('emails eq "kari@home.no"', True),
        ('emails.type eq "work"', True),
        ('emails[type eq "work" and value co "home"]', False),
        ('emails[type eq "other" and not (value co "hnt")]', True),
        (f'{STAFF}:hprNumber eq "7654321"', True),
        ('meta.lastModified gt "2026-11-29T10:30:00+01:00"', True),
        ('meta.lastModified lt "2026-11-29T10:00:00Z"', False),
        ('title gt "Aege" and title le "lege"', True),
    ],
)
def test_a_filter_finds_who_fits(text: str, fits: bool) -> None:
    assert filters.holds(filters.parsed(text, USER), KARI) is fits


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "an attribute is missing"),
        ("userName", "an operator is missing"),
        ("userName is 7", "no operator"),
        ("userName eq", "a value is missing"),
        ("userName eq kari", "quotation marks"),
        ('userName eq "kari', "cannot be read"),
        ('userName eq "a" "b"', "cannot be read from"),
        ('(userName eq "a"', "“)” is missing"),
        ('hairColour eq "red"', "no attribute hairColour"),
        ('urn:x:userName eq "red"', "no attribute"),
        ('name.nick eq "x"', "no part nick"),
        ('emails[kind eq "x"]', "no part kind"),
        ('active co "t"', "true or false"),
        ('active eq "perhaps"', "true or false"),
        ('not userName eq "a"', "parenthesis"),
        ('meta.lastModified gt "yesterday"', "moment"),
        ("(" * 30 + 'id eq "7"' + ")" * 30, "parentheses"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        filters.parsed(text, USER)
    assert refused.value.kind == "invalidFilter"
    assert told in refused.value.text


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
        ({"op": "replace", "value": {"active": False, "name.familyName": "Lie"}},
         {"active": False, "name": {"givenName": "Kari", "familyName": "Lie"}}),
        ({"op": "add", "path": "name", "value": {"middleName": "B"}},
         {"name": {"givenName": "Kari", "familyName": "Moe", "middleName": "B"}}),
        ({"op": "remove", "path": "title"}, {"title": None}),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "k@x.no"},
         {"emails": [{"value": "k@x.no", "type": "work", "primary": True}, KARI["emails"][1]]}),
        ({"op": "remove", "path": 'emails[type eq "other"]'}, {"emails": [KARI["emails"][0]]}),
        ({"op": "add", "path": "emails", "value": {"value": "kari@home.no"}}, {}),
        ({"op": "add", "path": "emails", "value": [{"value": "n@x", "primary": True}]},
         {"emails": [{**KARI["emails"][0], "primary": False}, KARI["emails"][1], {"value": "n@x", "primary": True}]}),
        ({"op": "add", "path": 'phoneNumbers[type eq "work"].value', "value": "74 00 00 00"},
         {"phoneNumbers": [{"type": "work", "value": "74 00 00 00"}]}),
        ({"op": "add", "value": {f"{STAFF}:hprNumber": "1234567"}}, {STAFF: {"hprNumber": "1234567"}}),
        ({"op": "replace", "path": STAFF, "value": {"hprNumber": "1111111"}}, {STAFF: {"hprNumber": "1111111"}}),
        ({"op": "replace", "value": {"id": "9", "schemas": []}}, {}),
    ],
)  # fmt: skip
def test_a_patch_changes_what_it_says_and_nothing_else(operation: dict[str, Any], changed: dict[str, Any]) -> None:
    assert patched(KARI, operations(operation), USER) == {**KARI, **changed}


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "title"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "add", "path": "title"}, "invalidValue"),
        ({"op": "replace", "path": "id", "value": "9"}, "mutability"),
        ({"op": "replace", "path": "roles", "value": []}, "mutability"),
        ({"op": "remove", "path": "userName"}, "invalidValue"),
        ({"op": "replace", "path": "nosuch", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type eq "work"', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'emails[type sw "x"].value', "value": "a"}, "noTarget"),
        ({"op": "add", "path": "title", "value": {"a": 1}}, "invalidValue"),
    ],
)
def test_a_patch_that_cannot_be_done_says_why(operation: dict[str, Any], kind: str) -> None:
    before = str(KARI)
    with pytest.raises(Refused) as refused:
        patched(KARI, operations({"op": "replace", "path": "title", "value": "X"}, operation), USER)
    assert refused.value.kind == kind
    assert str(KARI) == before


def test_members_are_removed_by_a_list_and_by_a_path() -> None:
    group: dict[str, Any] = {"displayName": "g", "members": [{"value": "1", "display": "En"}, {"value": "2"}]}
    listed = {"op": "Remove", "path": "members", "value": [{"value": "1"}]}
    assert patched(group, operations(listed), GROUP)["members"] == [{"value": "2"}]
    assert patched(group, operations({"op": "remove", "path": "members"}), GROUP)["members"] == []
    again = {"op": "add", "path": "members", "value": [{"value": "1"}, {"value": "3"}]}
    assert [one["value"] for one in patched(group, operations(again), GROUP)["members"]] == ["1", "2", "3"]
