"""What somebody demands something of is called as the record has it, whatever it leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import conversations

CODED = {"coding": [{"code": "x"}, {"code": "91936005", "display": "Penicillin"}]}


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ({"resourceType": "Composition", "title": "Epikrise", "type": CODED}, "Epikrise"),
        ({"resourceType": "AllergyIntolerance", "code": CODED, "type": "allergy"}, "Penicillin"),
        ({"resourceType": "AllergyIntolerance", "type": "allergy"}, "noe i journalen"),
        ({"resourceType": "Encounter", "type": [{"coding": []}, {"text": "Kontroll"}]}, "Kontroll"),
        ({"resourceType": "Immunization", "vaccineCode": {"coding": [{"code": "140"}]}}, "noe i journalen"),
    ],
)
def test_a_thing_is_called_by_its_title_its_code_or_its_type(resource: dict[str, Any], name: str) -> None:
    assert conversations.title_of(resource) == name
