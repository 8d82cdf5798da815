"""The events of an XML parser made into the JSON of a resource. hl7.org/fhir/R4/xml.html

One `Reader` reads one document. What is wrong is collected with line, column and path, and the
element left out, so that one reading tells all; what breaks XML itself ends the reading.
"""

from __future__ import annotations

from html import escape
from typing import Any, NoReturn
from xml.parsers import expat

from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.xml_types import COMPLEX, FHIR, HOLDER, PRIMITIVE, RESOURCE, Member, members, resources

MAX_DEPTH = 64
MAX_ISSUES = 50
XHTML = "http://www.w3.org/1999/xhtml"
XML = "http://www.w3.org/XML/1998/namespace"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
ENCODINGS = {"UTF-8", "UTF-16", "US-ASCII", "ASCII"}

_DOCUMENT = Member("", "Resource", kind=HOLDER, many=False, order=0)
_TAKEN: dict[str, Member] = {}
"""The members of an element that holds its one resource already."""

# An open element: the object that it lies in, what that object may have, its own member, and how far it came.
_Frame = tuple[dict[str, Any], dict[str, Member], Member, int]


class Reader:
    """Builds the resource of one XML document, given as UTF-8."""

    def __init__(self, body: bytes | bytearray) -> None:
        # What narratives are cut from; in a stream it begins later than the document does.
        self.body, self.begins = body, 0
        self.issues: list[Issue] = []
        self.warnings: list[Issue] = []
        self.owner: dict[str, Any] = {}
        self.resources = self.allowed = resources()
        self.member = _DOCUMENT
        self.last = -1
        self.stack: list[_Frame] = []
        self.bare: list[tuple[dict[str, Any], str]] = []
        self.extensions = members("Element")
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self._listen()

    def read(self) -> dict[str, Any]:
        """The resource, with numbers as written; Invalid tells everything that is wrong."""
        try:
            self._parse(self.body, last=True)
        finally:
            self._let_go()
        if self.issues:
            raise Invalid(self.issues[0].text, issues=self.issues)
        self._tidy()
        resource: dict[str, Any] = self.owner[""]
        return resource

    def _parse(self, data: bytes | bytearray, *, last: bool) -> None:
        try:
            self.parser.Parse(data, last)
        except expat.ExpatError as error:
            where = f"line {error.lineno}, column {error.offset + 1}"
            reason = expat.ErrorString(error.code)
            raise Invalid(f"The body is not well-formed XML ({where}): {reason}.", path=self._path() or None) from None

    def _tidy(self) -> None:
        """A list where no value is given has its extensions only."""
        for owner, key in self.bare:
            if all(value is None for value in owner[key]):
                del owner[key]
        self.bare.clear()

    def _listen(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _let_go(self) -> None:
        """Reader and parser hold each other: let go, they are freed at once."""
        self.parser.XmlDeclHandler = self.parser.StartDoctypeDeclHandler = None
        self.parser.StartElementHandler = self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

    # Elements.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        member = self.allowed.get(name)
        if member is None:
            self._unknown(name)
            return
        stack, owner, kind = self.stack, self.owner, member.kind
        if len(stack) > MAX_DEPTH:
            self._refuse(f"The body is nested deeper than {MAX_DEPTH} levels. Send flatter content.")
        if member.order < self.last:
            self._out_of_order(member)
        stack.append((owner, self.allowed, self.member, member.order))
        self.member, self.last = member, -1
        if kind == PRIMITIVE:
            self._start_primitive(member, owner, attributes)
        elif kind == COMPLEX:
            self.owner = self._place(member, owner, {})
            self.allowed = members(member.type)
            if attributes:
                self._attributes(attributes, self.owner, ("id", "url") if member.type == "Extension" else ("id",))
        elif kind == HOLDER:
            self.allowed = self.resources
            self._attributes(attributes, {}, ())
        elif kind == RESOURCE:
            self._start_resource(member, owner, attributes)
        else:
            self._start_narrative(owner, attributes)

    def _end(self, _name: str) -> None:
        member, inner = self.member, self.owner
        owner = self.stack[-1][0]
        if member.kind == PRIMITIVE:
            if inner:
                _set_beside(member, owner, inner)
            elif member.many:
                if member.shadow in owner:
                    owner[member.shadow].append(None)
                elif owner[member.key][-1] is None:
                    self._empty("a value or an extension")
            elif member.key not in owner:
                self._empty("a value or an extension")
        elif member.kind == HOLDER and self.allowed is self.resources:
            self._empty("one resource")
        self.owner, self.allowed, self.member, self.last = self.stack.pop()

    def _start_primitive(self, member: Member, owner: dict[str, Any], attributes: dict[str, str]) -> None:
        """The value goes where it belongs at once; id and extensions lie beside it when the element ends."""
        text = attributes.get("value")
        value, problem = text, None
        if text is not None:
            try:
                value = self._value(member, text)
            except ValueError as error:
                problem = f"{text[:60]!r} does not fit the type {member.type}: {error}."
        key = member.key
        if member.many:
            listed = owner.get(key)
            if listed is None:
                listed = owner[key] = []
                if value is None:
                    self.bare.append((owner, key))
            listed.append(value)
        elif key in owner or member.shadow in owner:
            self._twice(member)
        elif value is not None:
            owner[key] = value
        if problem is not None:
            self._tell("value", problem)
        self.owner, self.allowed = {}, self.extensions
        if len(attributes) != (text is not None):
            rest = {name: given for name, given in attributes.items() if name != "value"}
            self._attributes(rest, self.owner, ("id",))

    def _value(self, member: Member, text: str) -> Any:
        convert = member.convert
        if convert is not None:
            return convert(text)
        if not text:
            raise ValueError("it may not be empty; leave it out")
        return text

    def _start_resource(self, member: Member, owner: dict[str, Any], attributes: dict[str, str]) -> None:
        above, _, holder, order = self.stack[-1]
        self.stack[-1] = (above, _TAKEN, holder, order)
        self.owner = self._place(holder, owner, {"resourceType": member.type})
        self.allowed = members(member.type)
        self._attributes(attributes, {}, ())

    def _place(self, member: Member, owner: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
        key = member.key
        if member.many:
            listed = owner.get(key)
            if listed is None:
                owner[key] = [value]
            else:
                listed.append(value)
        elif key in owner:
            self._twice(member)
        else:
            owner[key] = value
        return value

    def _attributes(self, given: dict[str, str], owner: dict[str, Any], names: tuple[str, ...]) -> None:
        for name, text in given.items():
            if name in names:
                owner[name] = text.strip() if name == "url" else text
            elif name == "value":
                text = f"There is no attribute 'value' here: <{self.member.key}> has elements in it."
                self._tell("structure", text)
            elif not name.startswith(SCHEMA + " "):
                allowed = " and ".join(names) or "no attributes"
                self._tell("structure", f"There is no attribute {_shown(name)} here. This element has {allowed}.")

    # Narratives: kept as they are written.

    def _start_narrative(self, owner: dict[str, Any], attributes: dict[str, str]) -> None:
        if "div" in owner:
            self._twice(self.member)
        begin = self.parser.CurrentByteIndex
        opening = _tag("div", {"xmlns": XHTML, **attributes})
        parts: list[str] = []
        depth = 1
        plain = self.body.startswith(b"<div", begin - self.begins)

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            parts.append(_tag(name, attributes))

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            if depth:
                parts.append(f"</{name.rpartition(' ')[2]}>")
                return
            made = f"{opening}{''.join(parts)}</div>"
            owner["div"] = self._written(begin) if plain else made
            self._listen()
            self._end(name)

        def text(data: str) -> None:
            parts.append(escape(data, quote=False))

        self.parser.StartElementHandler = start
        self.parser.EndElementHandler = end
        self.parser.CharacterDataHandler = None if plain else text

    def _written(self, begin: int) -> str:
        """The source of the div that ends here, with its namespace where it had it from outside."""
        end = self.parser.CurrentByteIndex - self.begins
        if self.body.startswith(b"</div", end):  # else it is <div/>, and ends where it begins
            end = self.body.index(b">", end) + 1
        div = self.body[begin - self.begins : end].decode()
        tag = div[: div.index(">")]
        return div if "xmlns=" in tag or "xmlns " in tag else f'<div xmlns="{XHTML}"{div[4:]}'

    # What may not be there.

    def _text(self, data: str) -> None:
        if not data.isspace():
            self._tell("structure", f'Text stands between elements: {data.strip()[:60]!r}. Values go in value="…".')

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.upper() not in ENCODINGS:
            self._refuse(f"The body is written in {encoding[:40]}. FHIR is in UTF-8: save it so, and say so.")

    def _doctype(self, *_: object) -> NoReturn:
        self._refuse("The body has a DOCTYPE. FHIR has none, and entities are not read: leave it out.")

    def _unknown(self, name: str) -> None:
        """Tells what is right here, and skips the element with all in it."""
        space, _, local = name.rpartition(" ")
        self._tell("structure", self._hint(space, local), "" if self.member is _DOCUMENT else f".{local[:60]}")
        depth = 1

        def start(_name: str, _attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1

        def end(_name: str) -> None:
            nonlocal depth
            depth -= 1
            if not depth:
                self._listen()

        if self.member is _DOCUMENT:
            raise Invalid(self.issues[0].text, issues=self.issues)
        if self.allowed is self.resources:
            self.allowed = _TAKEN
        self.parser.StartElementHandler = start
        self.parser.EndElementHandler = end
        self.parser.CharacterDataHandler = None

    def _hint(self, space: str, local: str) -> str:
        shown = f"<{local[:60]}>"
        wanted = XHTML if local == "div" and f"{XHTML} div" in self.allowed else FHIR
        if space != wanted and f"{wanted} {local}" in self.allowed:
            given = f"the namespace {space[:60]!r}" if space else "no namespace"
            return f'{shown} has {given}. Write xmlns="{wanted}".'
        if self.allowed is self.resources:
            of = f" of the namespace {space[:80]!r}" if space and space != FHIR else ""
            return f"{shown}{of} is not a resource type of FHIR R4."
        if self.allowed is _TAKEN:
            return f"{shown} is a second resource in <{self.member.key}>, which holds one. Repeat <{self.member.key}>."
        if self.member.kind == PRIMITIVE:
            return f"{shown} stands in a {self.member.type}, which may have extensions only, and its value in value=."
        known = [member.key for member in self.allowed.values()]
        near = [key for key in known if key.lower() == local.lower() or key.startswith(local)]
        hint = f"Did you mean {', '.join(near)}?" if near else f"Known here: {', '.join(sorted(known)[:40])}."
        return f"There is no element {shown} here. {hint}"

    def _twice(self, member: Member) -> None:
        self._tell("structure", f"<{member.key}> stands twice; it may be there once.")

    def _empty(self, needed: str) -> None:
        self._tell("structure", f"<{self.member.key}> is empty. Leave it out, or put {needed} in it.")

    def _out_of_order(self, member: Member) -> None:
        """Nothing is lost by another order, so it is told and read."""
        text = f"{self._where()}: <{member.key}> belongs further up: R4 gives elements an order."
        self.warnings.append(Issue("structure", text, f"{self._path()}.{member.key}", "warning"))

    def _tell(self, code: str, text: str, more: str = "") -> None:
        self.issues.append(Issue(code, f"{self._where()}: {text}", self._path() + more or None))
        if len(self.issues) >= MAX_ISSUES:
            raise Invalid(self.issues[0].text, issues=self.issues)

    def _refuse(self, text: str) -> NoReturn:
        raise Invalid(f"{self._where()}: {text}", path=self._path() or None)

    def _where(self) -> str:
        return f"Line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}"

    def _path(self) -> str:
        """The place of the element that is open, as a FHIRPath."""
        opened = [frame[2] for frame in self.stack[1:]] + [self.member]
        path = ""
        for (owner, *_), member in zip(self.stack, opened, strict=False):
            if member.kind == RESOURCE:
                path = path or member.key
                continue
            path += f".{member.key}"
            if member.many:
                waiting = member.kind == HOLDER and member is self.member and self.allowed is self.resources
                path += f"[{len(owner.get(member.key, ())) - (not waiting)}]"
        return path


def _set_beside(member: Member, owner: dict[str, Any], shadow: dict[str, Any]) -> None:
    """The id and extensions of a primitive, at the place in the list that its value has."""
    if not member.many:
        owner[member.shadow] = shadow
        return
    beside = owner.get(member.shadow)
    if beside is None:
        beside = owner[member.shadow] = [None] * (len(owner[member.key]) - 1)
    beside.append(shadow)


def _tag(name: str, attributes: dict[str, str]) -> str:
    """A start tag of a narrative without its prefix."""
    parts = [name.rpartition(" ")[2]]
    for key, text in attributes.items():
        space, _, local = key.rpartition(" ")
        parts.append(f'{"xml:" if space == XML else ""}{local}="{escape(text)}"')
    return f"<{' '.join(parts)}>"


def _shown(name: str) -> str:
    return repr(name.rpartition(" ")[2][:60])
