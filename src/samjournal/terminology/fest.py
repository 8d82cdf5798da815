"""Code systems out of FEST, the Norwegian register of medicines: ATC and its other catalogues of codes, as a stream.

dmp.no/om-oss/distribusjon-av-legemiddeldata/fest: message M30, element KatKodeverk; codes also stand at each medicine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO
from xml.parsers import expat

from samjournal.fhir.errors import Invalid
from samjournal.terminology import systems
from samjournal.terminology.lists import CodeList, Listed

NAMESPACE = "http://www.kith.no/xmlstds/eresept/m30/"
_BETWEEN = " "


class Fest:
    """One FEST file, read from its beginning to its end."""

    def __init__(self) -> None:
        self._lists: dict[str, CodeList] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._element: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._oid = ""
        self._title = ""
        self._active = True
        self._at = ""
        self._ends: dict[tuple[str, str], Callable[[str], None]] = {
            ("Info", "Id"): lambda text: setattr(self, "_oid", text),
            ("Info", "Betegnelse"): lambda text: setattr(self, "_title", text),
            ("FEST", "HentetDato"): lambda text: setattr(self, "_at", text),
        }

    def read(self, file: BinaryIO) -> list[CodeList]:
        """The code systems of the file. Raises Invalid for what is not XML or declares entities of its own."""
        parser = expat.ParserCreate(namespace_separator=_BETWEEN)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            parser.ParseFile(file)
        except expat.ExpatError as error:
            raise Invalid(f"line {error.lineno}: it is not XML: {expat.ErrorString(error.code)}") from None
        for made in self._lists.values():
            made.version = made.version or self._at[:10]
        return [made for made in self._lists.values() if made.items]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(_BETWEEN)[2]
        self._path.append(local)
        self._text.clear()
        if local == "OppfKodeverk":
            self._oid, self._title, self._ids, self._parents, self._active = "", "", {}, {}, True
        elif local == "Element":
            self._element = {}
        elif local == "Sprak":
            self._element["Sprak"] = attributes.get("V", "")
        elif local == "Status" and self._path[-2:-1] == ["OppfKodeverk"]:
            self._active = attributes.get("V", "A") == "A"
        elif local == "Atc" and attributes.get("V") and attributes.get("DN"):
            code = attributes["V"]
            self._list(systems.ATC).items.setdefault(code, Listed(code, attributes["DN"]))

    def _end(self, _name: str) -> None:
        local, text = self._path.pop(), "".join(self._text).strip()
        above = self._path[-1] if self._path else ""
        self._text.clear()
        if above == "Element":
            self._element.setdefault(local, text)
        elif (above, local) in self._ends:
            self._ends[above, local](text)
        elif local == "Element":
            self._add()
        elif local == "OppfKodeverk":
            self._hang()

    def _add(self) -> None:
        """One code of a catalogue; the English term of a code is an element of its own."""
        code, term = self._element.get("Kode", ""), self._element.get("Term", "")
        if not (self._oid and code and term):
            return
        made = self._list(self._url)
        made.title = made.title or self._title
        was = made.items.get(code, Listed(code, term, active=self._active))
        is_english = self._element.get("Sprak", "").lower().startswith("en")
        made.items[code] = replace(was, en=term) if is_english else replace(was, display=term)
        self._ids[self._element.get("Id", "")] = code
        self._parents[code] = self._element.get("ParentId", "")

    def _hang(self) -> None:
        """Now that every code of the catalogue is known, each finds the one above it by the id that it has there."""
        for code, parent in self._parents.items():
            if parent in self._ids:
                items = self._list(self._url).items
                items[code] = replace(items[code], parent=self._ids[parent])

    @property
    def _url(self) -> str:
        return systems.canonical(f"urn:oid:{self._oid.removeprefix('urn:oid:')}")

    def _list(self, url: str) -> CodeList:
        return self._lists.setdefault(url, CodeList(url))


def _refuse_doctype(*_: object) -> None:
    raise Invalid("it has a DOCTYPE, which such a file never needs: it is not read")
