"""A long Bundle in XML, read entry by entry: the same as read at once, with its lines, whatever the steps."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from fhir.instances import body, instance
from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import parse
from samjournal.fhir.xml import read, write
from samjournal.fhir.xml_stream import AsJson

FHIR = 'xmlns="http://hl7.org/fhir"'


def in_steps(document: bytes, step: int) -> Callable[[int], bytes]:
    stream = io.BytesIO(document)
    return lambda size: stream.read(min(step, size))


def everything(stream: AsJson, size: int = 1000) -> bytes:
    return b"".join(iter(lambda: stream.read(size), b""))


def bundle(entries: str) -> bytes:
    return f'<Bundle {FHIR}>\n<type value="batch"/>\n{entries}</Bundle>'.encode()


def entry(inner: str) -> str:
    return f"<entry><resource><Patient>{inner}</Patient></resource></entry>\n"


@pytest.mark.parametrize("step", [1, 7, 1000, 1 << 20])
def test_a_bundle_in_steps_is_as_read_at_once(step: int) -> None:
    rng = Random(step)
    resources = [
        instance(type_, rng, 0.2) for type_ in ("Patient", "Observation", "Composition", "Medication", "Basic")
    ]
    made: dict[str, Any] = {"resourceType": "Bundle", "id": "b", "type": "collection"}
    document = write(body({**made, "entry": [{"resource": one} for one in resources], "signature": SIGNATURE}))
    stream = AsJson(in_steps(document, step))
    assert parse(everything(stream)) == read(document)
    assert stream.refused == []


SIGNATURE = {
    "type": [{"code": "x"}],
    "when": "2026-01-01T00:00:00Z",
    "who": {"display": "Noen"},
}


def test_narratives_are_whole_wherever_the_steps_fall() -> None:
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>å</p></div>'
    document = bundle(entry(f'<text><status value="empty"/>{div}</text>') * 5)
    for step in range(1, 400, 7):
        entries = json.loads(everything(AsJson(in_steps(document, step))))["entry"]
        assert [one["resource"]["text"]["div"] for one in entries] == [div] * 5


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_other_encodings_are_read_in_steps_too(encoding: str) -> None:
    document = bundle(entry('<name><family value="Åsen 😀"/></name>')).decode().encode(encoding)
    assert "Åsen 😀" in everything(AsJson(in_steps(document, 5))).decode()


def test_each_entry_stands_on_the_line_where_it_began() -> None:
    document = bundle(entry("\n\n<active value='true'/>") + "\n\n" + entry("") + entry("<gender value='male'/>"))
    lines = everything(AsJson(in_steps(document, 9))).split(b"\n")
    began = [number for number, line in enumerate(document.split(b"\n"), 1) if b"<entry>" in line]
    assert [number for number, line in enumerate(lines, 1) if b'{"resource"' in line] == began


def test_a_bad_entry_is_told_with_line_and_path_and_the_rest_is_read() -> None:
    entries = entry("<active value='ja'/>") + entry("<active value='true'/>") + entry("<aktiv/>") + entry("")
    stream = AsJson(in_steps(bundle(entries), 50))
    assert len(json.loads(everything(stream))["entry"]) == 2
    told = [(line, [issue.path for issue in issues]) for line, issues in stream.refused]
    assert told == [(3, ["Bundle.entry[0].resource.active"]), (5, ["Bundle.entry[2].resource.aktiv"])]


def test_what_is_wrong_beside_the_entries_is_no_fault_of_theirs() -> None:
    stream = AsJson(in_steps(bundle("<feil/>\n" + entry("") + "<feil/>"), 50))
    assert len(json.loads(everything(stream))["entry"]) == 1
    assert [issues[0].path for _, issues in stream.refused] == ["Bundle.feil", "Bundle.feil"]


def test_a_resource_that_is_no_bundle_is_read_whole() -> None:
    document = f"\n<Patient {FHIR}>\n<active value='true'/></Patient>".encode()
    assert json.loads(everything(AsJson(in_steps(document, 3)))) == {"resourceType": "Patient", "active": True}
    broken = AsJson(in_steps(document.replace(b"true", b"ja"), 3))
    assert (everything(broken), len(broken.refused)) == (b"", 1)


@pytest.mark.parametrize("document", [b"", b"<Bundle", bundle("<entry>"), b"<!DOCTYPE a>" + bundle(""), b"<Pakke/>"])
def test_a_document_that_breaks_is_refused(document: bytes) -> None:
    with pytest.raises(Invalid):
        everything(AsJson(in_steps(document, 4)))


def test_an_entry_longer_than_may_be_held_is_refused() -> None:
    document = bundle(entry(f'<language value="{"x" * 1_000_000}"/>'))
    with pytest.raises(Invalid, match="line 3 is longer"):
        everything(AsJson(io.BytesIO(document).read, most=500_000))


def test_memory_does_not_grow_with_the_bundle() -> None:
    one = entry(f'<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">{"ord " * 250}</div></text>')

    def most_held(entries: int) -> int:
        left = iter([bundle("")[:-9], *[one.encode()] * entries, b"</Bundle>"])
        stream = AsJson(lambda _size: next(left, b""))
        tracemalloc.start()
        while stream.read(10_000):
            pass
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    assert most_held(2_000) < 2 * most_held(200)
