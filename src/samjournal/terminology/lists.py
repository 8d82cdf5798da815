"""Lists of codes as Norwegian operators get them, read line by line: tables, JSON and the Volven collection. Pure.

hl7.org/fhir/R4/codesystem.html. What a column means is told by its heading; docs/how-to/standards.md has the list.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from samjournal.terminology import systems

Resource = dict[str, Any]

_HEADINGS = {
    "code": ("code", "kode", "codevalue", "kodeverdi", "icpc2_code", "amf_code", "atc-kode", "nlk-kode"),
    "display": (
        *("display", "text", "tekst", "kodetekst", "navn", "name", "term", "title", "norsk_bruksnavn"),
        *("decription_no", "description_no", "namenorwegian", "bokmål", "bokmal", "nb"),
    ),
    "nn": ("nn", "nynorsk"),
    "en": ("en", "english", "engelsk", "nameenglish"),
    "parent": ("parent", "parentcode", "foreldrekode", "overordnet"),
    "synonyms": ("synonyms", "synonymer", "shorttitle", "kodedefinisjon", "komponent"),
    "until": ("gyldig_til", "valid_to", "til_dato"),
    "active": ("active", "aktiv"),
    "replaced": ("erstattes_av", "replaced_by"),
    "unit": ("enhet", "unit"),
}
_MEANS = {heading: meaning for meaning, headings in _HEADINGS.items() for heading in headings}
_CODE = re.compile(r"\S+( \S+)*")
_TWICE_DECODED = re.compile("Ã[¥¸¦†˜…]")
_MARKUP = re.compile(r"</?(?:su[bp]|[bi]|em|br) */?>", re.IGNORECASE)
_DAY = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_YEAR = re.compile(r"(?<![0-9])(20[0-9]{2}(?:-[0-9]{2}){0,2})(?![0-9])")


class Fault(NamedTuple):
    """Something that could not be taken, where it stands, and why."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One code of a list."""

    code: str
    display: str
    nn: str = ""
    en: str = ""
    parent: str = ""
    synonyms: tuple[str, ...] = ()
    active: bool = True
    replaced: str = ""
    unit: str = ""


@dataclass(slots=True)
class CodeList:
    """One code system out of a list. `version` is empty when the list does not say."""

    system: str
    version: str = ""
    title: str = ""
    items: dict[str, Listed] = field(default_factory=dict)


class Row(NamedTuple):
    """One entry of a list: where it stands, and its values by heading."""

    where: str
    values: Mapping[str, Any]


def decoded(body: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read in."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16"), "UTF-16"
    try:
        return body.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace"), "Windows-1252"


def read(
    name: str, text: str, *, system: str | None, version: str | None, today: date
) -> tuple[list[CodeList], list[Fault]]:
    """The code systems in a file, and what in it could not be taken. `system` and `version` go before what it says."""
    start = text.lstrip()[:1]
    if start == "{":
        return _collection(name, text, system=system, version=version)
    rows, told = _entries(text) if start == "[" else _table(text)
    named = system or told.get("system") or systems.of_file(name)
    if named is None:
        return [], [Fault("", "it does not say which code system it is of: name it with --system")]
    url = systems.named(named) or named
    made = CodeList(url, version or told.get("version", "") or _version(name, url), told.get("title", ""))
    return [made], list(_take(made, rows, told, today))


def _take(into: CodeList, rows: Iterable[Row], told: Mapping[str, str], today: date) -> Iterator[Fault]:
    """Add what is sound to the list, and tell the rest."""
    first: dict[str, str] = {}
    seen = False
    for row in rows:
        seen = True
        values = {_MEANS[heading]: value for heading, value in reversed(list(row.values.items())) if heading in _MEANS}
        if isinstance(values.get("code"), str):
            values["code"] = values["code"].strip()
        faults = [row.values["broken"]] if "broken" in row.values else list(_wrong(values))
        if faults:
            yield Fault(row.where, "; ".join(faults))
            continue
        one = _listed(values, row.values, into.system, today)
        was = into.items.setdefault(one.code, one)
        if was.display != one.display and was.active == one.active:
            yield Fault(row.where, f"the code {one.code} stands in {first[one.code]} with another text, which is kept")
        elif one.active and not was.active:
            into.items[one.code] = one
        first.setdefault(one.code, row.where)
    if not seen:
        yield Fault("", told.get("empty", "there is no code in it"))


def _wrong(values: Mapping[str, Any]) -> Iterator[str]:
    """Every reason why an entry cannot be taken."""
    code, display = values.get("code", ""), _text(values, "display")
    if not isinstance(code, str) or not code:
        yield "it has no code"
    elif not _CODE.fullmatch(code):
        yield f"the code {code[:40]!r} has a space where none may be"
    if not display:
        yield "it has no text"
    elif _TWICE_DECODED.search(display):
        yield f"the text {display[:40]!r} was decoded wrongly before it came here (æ, ø, å are broken)"
    for what in ("code", "display", "nn", "en", "parent", "replaced", "unit"):
        if not (text := _text(values, what)).isprintable() or "\ufffd" in text:
            yield f"the {_CALLED.get(what, what)} {text[:40]!r} has a character that cannot be shown"


_CALLED = {"display": "text", "nn": "nynorsk text", "en": "English text", "replaced": "code used instead"}


def _listed(values: Mapping[str, Any], all_: Mapping[str, Any], system: str, today: date) -> Listed:
    code = systems.written(system, values["code"])
    display = _text(values, "display")
    synonyms = [text for heading in _HEADINGS["synonyms"] if isinstance(text := all_.get(heading), str | list)]
    several = [_plain(one) for text in synonyms for one in (text if isinstance(text, list) else text.split("|"))]
    return Listed(
        code,
        display,
        _text(values, "nn"),
        _text(values, "en"),
        systems.written(system, _text(values, "parent")),
        tuple(dict.fromkeys(one for one in several if one and one != display and one.isprintable())),
        _is_active(values, today),
        _text(values, "replaced"),
        _text(values, "unit"),
    )


def _text(values: Mapping[str, Any], what: str) -> str:
    return _plain(values.get(what))


def _plain(value: Any) -> str:
    """A text without markup and with single spaces; what is no text is none."""
    return " ".join(_MARKUP.sub("", value).split()) if isinstance(value, str) else ""


def _is_active(values: Mapping[str, Any], today: date) -> bool:
    if str(values.get("active", "")).strip().lower() in ("false", "0", "nei", "no", "n"):
        return False
    until = _DAY.match(_text(values, "until"))
    return until is None or date.fromisoformat(until[0]) >= today


# Tables


def _table(text: str) -> tuple[Iterator[Row], dict[str, str]]:
    """The lines of a table by their headings, and what the lines above them tell of the whole."""
    lines = text.splitlines()
    told: dict[str, str] = {}
    place = 0
    while place < len(lines) and (not lines[place].strip() or lines[place].startswith(("#", "--"))):
        told |= _told(lines[place])
        place += 1
    if "columns" in told:
        headings = told["columns"].split(",")
        between = ","
    else:
        head = lines[place] if place < len(lines) else ""
        between = max(";\t,", key=head.count)
        headings = next(csv.reader([head], delimiter=between), [])
        place += 1
    headings = [heading.strip().lower() for heading in headings]
    if not {"code", "display"} <= {_MEANS.get(heading) for heading in headings}:
        told["empty"] = f"no column is headed code and display, or kode and tekst; it has: {', '.join(headings)[:120]}"
        return iter(()), told
    return _rows("\n".join(lines[place:]), headings, between, place), told


def _told(line: str) -> dict[str, str]:
    """What a comment says of the whole list: `# system: …`, `# version: …`, `--Columns: …`, or a date."""
    name, colon, value = line.lstrip("#- ").partition(":")
    if colon and name.strip().lower() in ("system", "version", "title", "columns"):
        return {name.strip().lower(): value.strip()} if value.strip().isprintable() else {}
    day = _DAY.search(line) if line.startswith("--") else None
    return {"version": day[0]} if day else {}


def _rows(text: str, headings: list[str], between: str, above: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=between)
    while True:
        line = above + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(f"line {line}", {"broken": f"what follows cannot be read: {error}"})
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells) and not cells[0].startswith(("#", "--")):
            yield Row(f"line {line}", dict(zip(headings, cells, strict=False)))


# JSON


def _entries(text: str) -> tuple[Iterator[Row], dict[str, str]]:
    return _array(text), {}


def _array(text: str) -> Iterator[Row]:
    """The objects of a JSON array, each with the line on which it begins."""
    decoder = json.JSONDecoder()
    place, line, counted = text.index("[") + 1, 1, 0
    while True:
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        line, counted = line + text.count("\n", counted, place), place
        if place >= len(text) or text[place] == "]":
            return
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            yield Row(f"line {line}", {"broken": _not_json(error)})
            return
        lower = {str(name).lower(): one for name, one in value.items()} if isinstance(value, dict) else {}
        yield Row(f"line {line}", lower)


def _not_json(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"what follows is not JSON: {error.msg}"
    return "what follows is nested too deep, or has a number too long"


def _collection(name: str, text: str, *, system: str | None, version: str | None) -> tuple[list[CodeList], list[Fault]]:
    """A JSON object: codes with their texts, or numbers of Volven code systems with theirs."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return [], [Fault(line, _not_json(error))]
    if all(isinstance(value, str) for value in whole.values()):
        whole = {system or systems.of_file(name) or "": {"codes": whole}}
    if not any(isinstance(value, dict) and isinstance(value.get("codes"), dict) for value in whole.values()):
        return [], [Fault("", "it is in none of the forms that docs/how-to/standards.md lists")]
    lists, faults = [], []
    for number, value in whole.items():
        found, wrong = _one_of_collection(number, value, version or _version(name, ""))
        lists += [found] if found and found.items else []
        faults += wrong
    return lists, faults


def _one_of_collection(number: str, value: Any, version: str) -> tuple[CodeList | None, list[Fault]]:
    codes = value.get("codes") if isinstance(value, dict) else None
    if not isinstance(codes, dict):
        return None, [Fault(number, "it is not a code system: codes with their texts are expected")]
    if not number:
        return None, [Fault("", "it does not say which code system it is of: name it with --system")]
    oid = value.get("oid")
    url = systems.canonical(f"urn:oid:{oid}") if oid else systems.named(number) or number
    made = CodeList(url, version)
    rows = (Row(f"{number}, code {code}", {"code": code, "display": text}) for code, text in codes.items())
    return made, list(_take(made, rows, {}, date.min))


def _version(name: str, url: str) -> str:
    """The version that the name of a file tells: `…7280.77…`, `…2026-01…`."""
    number = url.removeprefix(systems.VOLVEN)
    if number != url and (found := re.search(rf"{number}\.[0-9]+", name)):
        return found[0]
    year = _YEAR.search(name)
    return year[1] if year else ""
