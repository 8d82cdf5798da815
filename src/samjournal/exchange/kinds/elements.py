"""Elements of messages as they are written: words, codes, moments. The order they stand in is the caller's.

    root(space, name, also)             the outermost element, with prefixes for other namespaces
    under(element, name, words="")      one element in it, of its own namespace or of `space`
    code(element, name, coded)          kith:CS (V, DN), or kith:CV (S and OT too) when the value names a system
    stamp(element, name, moment)        kith:TS
    files(element, name, …)             an attachment as base64

Names, words and codes that are empty are not written.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from lxml import etree

from samjournal.exchange.xml import Coded, Element, namespace
from samjournal.fhir.dates import OSLO

BASE64: Final = "http://www.kith.no/xmlstds/base64container"
_NO_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def root(space: str, called: str, also: Mapping[str, str]) -> Element:
    """The outermost element of a message; `also` are the prefixes of the namespaces that are used in it."""
    return etree.Element(f"{{{space}}}{called}", nsmap={None: space, **also})  # type: ignore[dict-item]


def under(element: Element, called: str, words: str = "", *, space: str = "") -> Element:
    """An element at the end of another. What XML has no sign for is left out of the words."""
    made = etree.SubElement(element, f"{{{space or namespace(element)}}}{called}")
    if words:
        made.text = plain(words)
    return made


def said(element: Element, called: str, words: str, *, space: str = "") -> None:
    """An element, if there are words for it."""
    if words:
        under(element, called, words, space=space)


def code(element: Element, called: str, value: Coded, *, space: str = "") -> Element:
    """A coded value. One of a system that has no OID is written as its words."""
    made = under(element, called, space=space)
    known = not value.system or bool(re.fullmatch(r"(\d+\.)*\d+", value.system))
    if value.code and known:
        made.set("V", plain(value.code))
    if value.system and known:
        made.set("S", value.system)
    if value.name:
        made.set("DN", plain(value.name))
    if value.words or not known:
        made.set("OT", plain(value.words or value.shown))
    return made


def stamp(element: Element, called: str, moment: str) -> None:
    """A day or a moment, if there is one."""
    if moment:
        under(element, called).set("V", moment)


def moment_of(at: datetime) -> str:
    """A moment as messages write it: of Oslo, with its offset."""
    return at.astimezone(OSLO).isoformat(timespec="seconds")


def plain(words: str) -> str:
    """Words that XML can carry, with one sign for the end of a line."""
    return _NO_XML.sub("", words.replace("\r\n", "\n").replace("\r", "\n"))


def container(element: Element, data: bytes) -> None:
    """A file in the content of a message."""
    made = etree.SubElement(element, f"{{{BASE64}}}Base64Container", nsmap={None: BASE64})  # type: ignore[dict-item]
    made.text = base64.b64encode(data).decode()


def whole(element: Element) -> bytes:
    """A message as UTF-8."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
