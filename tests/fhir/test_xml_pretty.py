"""Indented XML: more lines, the same meaning, and narratives to the letter."""

from __future__ import annotations

from random import Random

import pytest

from fhir import instances
from samjournal.fhir import xml
from samjournal.fhir.definitions import load
from samjournal.fhir.parsing import parse
from samjournal.fhir.xml_pretty import indented

OPEN = '<div xmlns="http://www.w3.org/1999/xhtml"'


@pytest.mark.parametrize("type_", sorted(load().resources))
def test_it_means_the_same_for_every_type(type_: str) -> None:
    rng = Random(type_)
    for fullness in (0.1, 0.4):
        compact = parse(instances.body(instances.instance(type_, rng, fullness=fullness))).compact
        plain = xml.write(compact)
        pretty = indented(plain.decode()).encode()
        assert xml.read(pretty).resource == xml.read(plain).resource
        assert b"".join(pretty.split()) == b"".join(plain.split())


def test_each_element_has_a_line_and_lies_under_its_own() -> None:
    patient = b'{"resourceType":"Patient","id":"a","name":[{"family":"Berg","given":["Ola"]}],"active":true}'
    assert indented(xml.write(patient).decode()) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Patient xmlns="http://hl7.org/fhir">\n'
        '  <id value="a"/>\n'
        '  <active value="true"/>\n'
        "  <name>\n"
        '    <family value="Berg"/>\n'
        '    <given value="Ola"/>\n'
        "  </name>\n"
        "</Patient>\n"
    )


@pytest.mark.parametrize(
    "div",
    [
        f"{OPEN}><div>a  b<div/> c</div>\n  d</div>",
        f'{OPEN}><p title="1 > 0/>">x</p> tail</div>',
        f"{OPEN}><!-- </div> --> after</div>",
        f"{OPEN} title='</div>'>quoted</div>",
        f"{OPEN}/>",
    ],
)
def test_a_narrative_stays_to_the_letter(div: str) -> None:
    document = f'<Basic xmlns="http://hl7.org/fhir"><text><status value="x"/>{div}</text><code/></Basic>'
    pretty = indented(document)
    assert div in pretty
    assert pretty.endswith("\n  <code/>\n</Basic>\n")
