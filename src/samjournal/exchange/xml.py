"""XML of messages, read so that nothing in it acts: no document type, no entities, no network, no depth without end.

    parse(data) -> Element              raises NotWellFormed, which says where
    child(element, "Ident/Id")          the first one there, whatever its namespace
    children(element, "Ident")          all
    text(element, "Ident/Id")           its words without white space around, or its `V` attribute (kith:CS, kith:TS)
    coded(element, "Type") -> Coded     V, S and DN of a coded value

Names are looked for without their namespaces: the versions of a message differ in those, and hardly in what they name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

Element = etree._Element
MAX_BYTES: Final = 24 * 2**20
"""What one message may weigh: attachments of 15 MiB as base64 with text around (HIS 1036 warns above 10 MB)."""
_DEPTH = 200


class NotWellFormed(Exception):
    """The bytes are no XML, or XML that asks for what no message may."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded value: its code, the system, what it is called, and words in place of a code (`OT`)."""

    code: str = ""
    system: str = ""
    name: str = ""
    words: str = ""

    @property
    def shown(self) -> str:
        """What a reader sees."""
        return self.name or self.words or self.code


def parse(data: bytes) -> Element:
    """The root element. The encoding is what the XML declaration says (UTF-8 and ISO-8859-1 are usual), or UTF-8. There
    are no comments in it: a signature does not cover them, and one amid words would part what was signed as one."""
    if len(data) > MAX_BYTES:
        raise NotWellFormed(f"The message weighs {len(data) // 2**20} MiB. At most {MAX_BYTES // 2**20} are read.")
    if not data.strip():
        raise NotWellFormed("The message is empty.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=len(data) > 2**20,
        remove_pis=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(str(error)[:300]) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotWellFormed("The message has a document type. None is read: it could name files and grow without end.")
    _refuse_depth(root)
    return root


def _refuse_depth(root: Element) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > _DEPTH:
            raise NotWellFormed(f"The message is more than {_DEPTH} elements deep.")


def name(element: Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def namespace(element: Element) -> str:
    """The namespace of an element."""
    return etree.QName(element).namespace or ""


def elements(element: Element) -> Iterator[Element]:
    """What lies directly in an element, without comments."""
    return element.iterchildren("{*}*")


def children(element: Element | None, path: str) -> Iterator[Element]:
    """The elements at a path of names, in their order."""
    if element is None:
        return
    first, _, rest = path.partition("/")
    for one in element.iterchildren("{*}" + first):
        if rest:
            yield from children(one, rest)
        else:
            yield one


def child(element: Element | None, path: str) -> Element | None:
    """The first element at a path of names."""
    return next(children(element, path), None)


def text(element: Element | None, path: str = "") -> str:
    """The words of the first element at a path, or of the element itself; "" where there is none."""
    found = child(element, path) if path else element
    if found is None:
        return ""
    return str(found.get("V") or "".join(map(str, found.itertext("{*}*"))) or "").strip()


def coded(element: Element | None, path: str = "") -> Coded:
    """The first coded value at a path; an empty one where there is none."""
    found = child(element, path) if path else element
    if found is None:
        return Coded()
    get = found.get
    system = (get("S") or "").removeprefix("urn:oid:")
    return Coded((get("V") or "").strip(), system, (get("DN") or "").strip(), (get("OT") or "").strip())
