"""Messages are checked by the schemas that the operator installed, whatever those call each other."""

from __future__ import annotations

from collections import Counter

import pytest

from exchange.letters import SHARED, WITHOUT
from samjournal.exchange import xml
from samjournal.exchange.schemas import Schemas, fitted

INNER = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:inner" elementFormDefault="qualified">
<element name="number" type="int"/></schema>"""
OUTER = b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:i="urn:inner" targetNamespace="urn:outer">
<import namespace="urn:inner" schemaLocation="http://nowhere.example/other/place/inner-v9.xsd"/>
<element name="all"><complexType><sequence><element ref="i:number"/><any processContents="strict" namespace="##other"/>
</sequence></complexType></element></schema>"""
ALL = '<o:all xmlns:o="urn:outer" xmlns:i="urn:inner"><i:number>{}</i:number><i:number>2</i:number></o:all>'


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return fitted({"a/inner.xsd": INNER, "b/outer.xsd": OUTER, "c/broken.xsd": b"<schema", "notes.txt": b"<a/>"})


def test_imports_are_led_to_the_file_that_has_the_namespace(schemas: Schemas) -> None:
    assert schemas.wrong(xml.parse(ALL.format(7).encode())) == ""
    assert list(schemas.faults) == ["c/broken.xsd"]


def test_what_is_wrong_is_told_with_its_place_and_without_what_was_written(schemas: Schemas) -> None:
    told = schemas.wrong(xml.parse(ALL.format("hemmelig").encode()))
    assert "linje 1: number" in told
    assert "hemmelig" not in told


def test_what_no_schema_knows_is_not_judged(schemas: Schemas) -> None:
    assert schemas.wrong(xml.parse(b'<a xmlns="urn:else"/>')) == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
def test_the_official_messages_are_as_valid_as_the_guides_say() -> None:
    """Of the acceptance cases 369 are valid, 80 not, and 18 no XML, mostly on purpose."""
    folder = SHARED / "xsd"
    official = fitted({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.xsd")})
    counted = Counter[str]()
    for path in (SHARED / "acceptance-cases").rglob("*.xml"):
        try:
            root = xml.parse(path.read_bytes())
        except xml.NotWellFormed:
            counted["no XML"] += 1
        else:
            counted["invalid" if official.wrong(root) else "valid"] += 1
    assert counted == {"valid": 369, "invalid": 80, "no XML": 18}
    assert len(official.faults) == 1
