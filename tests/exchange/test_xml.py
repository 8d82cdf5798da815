"""XML that asks for what no message may ask for is refused, and says where."""

from __future__ import annotations

import pytest

from samjournal.exchange import xml

ENTITIES = "".join(f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(8))
BOMB = f'<!DOCTYPE b [<!ENTITY a0 "ha">{ENTITIES}]><b>&a8;</b>'
HOSTILE = {
    "an entity bomb": BOMB,
    "an entity bomb in an attribute": BOMB.replace("<b>&a8;</b>", '<b c="&a8;"/>'),
    "a file": '<!DOCTYPE b [<!ENTITY f SYSTEM "file:///etc/passwd">]><b>&f;</b>',
    "an address": '<!DOCTYPE b SYSTEM "http://127.0.0.1:9/x.dtd"><b/>',
    "a parameter entity": '<!DOCTYPE b [<!ENTITY % f SYSTEM "file:///etc/passwd"> %f;]><b/>',
    "depth without end": "<a>" * 5000 + "</a>" * 5000,
    "no end": "<a><b></a>",
    "nothing": "   ",
    "no XML": "MSH|^~\\&|LAB",
    "two roots": "<a/><b/>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(xml.NotWellFormed):
        xml.parse(text.encode())


def test_bytes_that_are_not_of_the_encoding_they_name_are_refused() -> None:
    latin = '<?xml version="1.0" encoding="{}"?><a>Åse</a>'
    assert xml.parse(latin.format("ISO-8859-1").encode("latin-1")).text == "Åse"
    with pytest.raises(xml.NotWellFormed):
        xml.parse(latin.format("UTF-8").encode("latin-1"))
    with pytest.raises(xml.NotWellFormed):
        xml.parse(latin.format("UTF-99").encode())


def test_what_is_too_large_is_not_parsed() -> None:
    with pytest.raises(xml.NotWellFormed, match="MiB"):
        xml.parse(b"<a>" + b"x" * xml.MAX_BYTES + b"</a>")


def test_names_are_found_whatever_the_namespace_and_the_prefix() -> None:
    root = xml.parse(b'<a xmlns="urn:one"><x:b xmlns:x="urn:two"><c V="7" S="urn:oid:1.2" DN="sju"/></x:b><!-- --></a>')
    assert xml.coded(root, "b/c") == xml.Coded("7", "1.2", "sju")
    assert xml.text(root, "b/c") == "7"
    assert xml.text(root, "b/d") == ""
    assert [xml.name(one) for one in xml.elements(root)] == ["b"]
