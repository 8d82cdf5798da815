"""Narrative: plain text to an XHTML div and back. hl7.org/fhir/R4/narrative.html

to_div(text) -> str                paragraphs split by empty lines, line breaks kept, everything escaped
narrative(text) -> dict            {"status": "generated", "div": …}
to_text(div) -> str                the words alone, for showing as text; safe whatever the div holds
problems(div) -> list[str]         why a div is not a FHIR narrative (scripts, unknown elements, not XML …)
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"
_BLOCKS = "p div li tr h1 h2 h3 h4 h5 h6 br table ul ol dl dt dd pre blockquote hr caption"
_ELEMENTS = (
    "a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl "
    "dt em h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table "
    "tbody td tfoot th thead tr tt u ul var"
)
_ATTRIBUTES = (
    "abbr accesskey align alt axis border cellhalign cellpadding cellspacing cellvalign char charoff "
    "charset cite class colspan compact coords dir frame headers height href hreflang hspace id ismap "
    "lang longdesc name nohref nowrap rel rev rowspan rules scope shape span src start style summary "
    "tabindex title type usemap valign value vspace width xml:lang xml:space xmlns"
)
BLOCKS, ELEMENTS, ATTRIBUTES = (frozenset(words.split()) for words in (_BLOCKS, _ELEMENTS, _ATTRIBUTES))
SILENT = frozenset({"script", "style", "head", "title"})


def to_div(text: str) -> str:
    """Plain text as a div: a paragraph for each part between empty lines."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
    paragraphs = "".join(f"<p>{escape(part).replace(chr(10), '<br/>')}</p>" for part in parts)
    return f'<div xmlns="{XHTML}">{paragraphs}</div>'


def narrative(text: str) -> dict[str, str]:
    """A Narrative made from plain text."""
    return {"status": "generated", "div": to_div(text)}


def to_text(div: str) -> str:
    """The words of a div: blocks become lines, paragraphs have an empty line between; no markup is left."""
    reader = _Words()
    reader.feed(div)
    reader.close()
    lines = [re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def problems(div: str) -> list[str]:
    """Why a div breaks the rules of FHIR narratives; empty when it does not."""
    found: list[str] = []
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        if depth == 0 and (name != "div" or attributes.get("xmlns") != XHTML):
            found.append(f'The narrative must be one <div xmlns="{XHTML}">.')
        depth += 1
        if name not in ELEMENTS:
            found.append(f"<{name}> is not allowed in a narrative.")
        for key, value in attributes.items():
            if key not in ATTRIBUTES:
                found.append(f"The attribute {key!r} is not allowed in a narrative.")
            elif key in ("href", "src") and re.match(r"\s*(?:javascript|vbscript|data:text)", value, re.I):
                found.append(f"The {key} {value[:40]!r} would run a script.")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        raise _Doctype

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(div, True)
    except _Doctype:
        found.append("A narrative may not have a DOCTYPE or entities.")
    except expat.ExpatError as error:
        found.append(f"The narrative is not well-formed XML: {error}.")
    return list(dict.fromkeys(found))


class _Doctype(Exception):
    """A DOCTYPE is seen: nothing after it is read, since entities could make it endless."""


class _Words(HTMLParser):
    """Collects text, and a line break where a block begins or ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.silent += tag in SILENT
        if tag in ("td", "th"):
            self.parts.append(" ")
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in SILENT and self.silent > 0
        if tag == "p":
            self.parts.append("\n\n")
        elif tag in BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(re.sub(r"\s*\n\s*", " ", data))
