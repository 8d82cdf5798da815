"""Which text of a resource is free text, and what its codes are called."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from samjournal.fhir.free_text import free
from samjournal.fhir.words import Text, words


def _div(text: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}


def _data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("resource", "found"),
    [
        ({"resourceType": "Observation", "text": _div("god form")}, [Text("god form", True)]),
        ({"resourceType": "Observation", "note": [{"text": "målt liggende"}]}, [Text("målt liggende")]),
        ({"resourceType": "Immunization", "lotNumber": "C211910", "occurrenceString": "i fjor"}, [Text("i fjor")]),
        ({"resourceType": "Observation", "valueString": "negativ"}, [Text("negativ")]),
        (
            {"resourceType": "Observation", "component": [{"referenceRange": [{"text": "under 5"}]}]},
            [Text("under 5")],
        ),
        (
            {"resourceType": "Composition", "title": "Notat", "section": [{"section": [{"text": _div("innkomst")}]}]},
            [Text("innkomst", True), Text("Notat")],
        ),
        (
            {
                "resourceType": "MedicationRequest",
                "dosageInstruction": [{"text": "1 tablett", "patientInstruction": "x"}],
            },
            [Text("1 tablett"), Text("x")],
        ),
        (
            {
                "resourceType": "DocumentReference",
                "content": [
                    {"attachment": {"contentType": "text/plain; charset=utf-8", "data": _data("epikrise æøå")}},
                    {"attachment": {"contentType": "text/html", "data": _data("<p>en <b>side</b></p>")}},
                    {"attachment": {"contentType": "application/pdf", "data": _data("hemmelig"), "title": "skann"}},
                ],
            },
            [Text("epikrise æøå"), Text("en side"), Text("skann")],
        ),
        (
            {
                "resourceType": "Observation",
                "contained": [{"resourceType": "Condition", "note": [{"text": "inni"}]}, {"resourceType": "Basic"}],
            },
            [Text("inni")],
        ),
        (
            {"resourceType": "QuestionnaireResponse", "item": [{"item": [{"answer": [{"valueString": "svar"}]}]}]},
            [Text("svar")],
        ),
    ],
)
def test_prose_is_found_wherever_it_stands(resource: dict[str, Any], found: list[Text]) -> None:
    assert [(words(text), narrative) for text, narrative in free(resource)] == [
        (words(text), said) for text, said in found
    ]


@pytest.mark.parametrize(
    "resource",
    [
        {
            "resourceType": "Observation",
            "code": {"text": "Puls", "coding": [{"system": "urn:x", "code": "1", "display": "Puls"}]},
            "subject": {"reference": "Patient/1", "display": "Kari"},
            "valueQuantity": {"value": 1, "unit": "slag"},
            "extension": [{"url": "urn:x", "valueString": "til et program"}],
        },
        {
            "resourceType": "Patient",
            "name": [{"text": "Kari Nordmann"}],
            "address": [{"text": "Veien 1"}],
            "identifier": [{"value": "1"}],
        },
        {"resourceType": "Location", "name": "Rom 101", "alias": ["101"]},
        {"resourceType": "CodeSystem", "concept": [{"code": "a", "display": "b", "definition": "c"}]},
    ],
)
def test_names_codes_and_addresses_are_no_prose(resource: dict[str, Any]) -> None:
    assert free(resource) == []


@pytest.mark.parametrize(
    ("div", "words_"),
    [
        ("<p>hjerte<b>svikt</b> og</p><p>ødem</p>", "hjertesvikt og ødem"),
        ("<table><tr><td>a</td><td title='x &gt; y>z'>b</td></tr></table>", "a b"),
        ("<p>R&#248;ntgen &amp; CT &lt;2 dager&nbsp;</p><!-- skjult > -->", "røntgen ct 2 dager"),
        ("linje<br/>skift<hr/>slutt", "linje skift slutt"),
        ("<blockquote>sitat</blockquote><ul><li>en</li><li>to</li></ul>", "sitat en to"),
    ],
)
def test_of_a_narrative_the_words_alone_are_searched(div: str, words_: str) -> None:
    resource = {"resourceType": "Basic", "text": {"status": "generated", "div": f"<div xmlns='http://x'>{div}</div>"}}
    ((text, narrative),) = free(resource)
    assert narrative
    assert words(text) == words_.split()
