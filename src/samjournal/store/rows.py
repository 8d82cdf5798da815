"""From a resource to its rows: keys, tokens, strings, dates and numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import msgspec

from samjournal.fhir import compartment, custom, parameters
from samjournal.fhir.folding import fold
from samjournal.fhir.free_text import free
from samjournal.fhir.keys import SYSTEM, hash64, local, patient_key
from samjournal.fhir.protection import is_protected, parted
from samjournal.fhir.release import released
from samjournal.fhir.reserved import part_of
from samjournal.store.search import composite, near, number, quantity, string, text
from samjournal.store.search.display import CODES, REFERENCES, Display, display, naming
from samjournal.store.search.marks import contains, marked
from samjournal.store.search.reference import reference_tokens
from samjournal.store.search.text import Words
from samjournal.store.search.token import token_hashes
from samjournal.store.search.uri import uri_tokens


class Index(msgspec.Struct, frozen=True):
    """What search needs of one resource. `strings` are (param, folded, written, closed), `dates` (param, lo, hi),
    `numbers` (param, unit, lo, hi)."""

    patient: int
    others: list[int]
    tokens: list[int]
    lo: datetime | None
    hi: datetime | None
    strings: list[tuple[int, str, str, bool]]
    dates: list[tuple[int, datetime, datetime]]
    numbers: list[tuple[int, int, float, float]]
    protected: bool
    displays: Sequence[Display] = ()
    texts: Sequence[Words] = ()
    indexed: int = 0
    """By which set of its type's parameters (`fhir.custom`)."""
    part: int = 0
    """Which part of the record it lies in (`fhir.reserved`)."""
    released: datetime | None = None
    """When the patient sees it (`fhir.release`); None: at once."""


def index(resource: dict[str, Any], texts: Sequence[str]) -> Index:
    """The rows of a resource that has its id; `texts` are its references (`fhir.references.texts`). Protected fields
    are indexed apart, for those who may see them."""
    type_ = resource["resourceType"]
    found = parameters.extract(resource)
    home = compartment.home(resource, found)
    patients = compartment.patients(resource, texts)
    protected = is_protected(resource)
    main = parameters.main_date(type_)
    keys, shut_keys = _keys(type_, False), _keys(type_, True)
    rows = _Rows()
    for code, values in found.items():
        if code in _OWN:
            continue  # The server's own, in columns of their own: what the sender wrote there does not count.
        if not protected:
            rows.add(keys[code], values, code == main)
            continue
        shown, closed = parted(type_, code, values)
        if shown:
            rows.add(keys[code], shown, code == main)
        if closed:
            rows.add(shut_keys[code], closed, code == main, shut=True)
    added = parameters.ADDED.get(type_)
    if added is not None:
        for code, values, shut in custom.extract(resource, added):
            name, param, there = (shut_keys if shut else keys)[code]
            rows.tokens.append(there)
            _ROWS[type(values[0])](rows, name, param, values, shut)
    if type_ != "Bundle":
        rows.tokens += [token for text in texts if (token := referring(text)) is not None]
    if "contained" in resource:
        rows.tokens += _contained(resource["contained"], protected=protected)
    rows.prose(resource, protected=protected)
    return Index(
        patient=patient_key(home) if home else SYSTEM,
        others=sorted({patient_key(patient) for patient in patients if patient != home}),
        tokens=list(dict.fromkeys(rows.tokens)),
        lo=rows.lo,
        hi=rows.hi,
        strings=list(rows.strings),
        dates=list(rows.dates),
        numbers=list(rows.numbers),
        protected=protected,
        displays=list(rows.displays.values()),
        texts=rows.texts,
        indexed=added.version if added is not None else 0,
        part=part_of(resource),
        released=released(resource),
    )


def _contained(inside: Sequence[dict[str, Any]], *, protected: bool) -> list[int]:
    """The tokens of contained resources, marked; of what is protected only which types there are."""
    tokens = [contains(one["resourceType"]) for one in inside]
    for one in () if protected else inside:
        rows = _Rows()
        for code, values in parameters.extract(one).items():
            kind = type(values[0])
            if kind in _MARKED:
                name, param, _ = _keys(one["resourceType"], False)[code]
                _ROWS[kind](rows, name, param, values, False)
        tokens += marked(rows.tokens)
    return tokens


_OWN = ("_id", "_lastUpdated")


class _Keys(dict[str, tuple[str, int, int]]):
    """Of each parameter of a type the name that its tokens begin with, the key of its rows, and the token that says it
    has a value; made when it is first met."""

    def __init__(self, type_: str, *, shut: bool) -> None:
        self._type = type_
        self._end = "|closed" if shut else ""

    def __missing__(self, code: str) -> tuple[str, int, int]:
        own = f"{self._type}.{code}"
        name = own + self._end
        made = self[code] = name, hash64(own), hash64(f"{name}?")
        return made


@cache
def _keys(type_: str, shut: bool) -> _Keys:
    return _Keys(type_, shut=shut)


@lru_cache(maxsize=16_384)
def referring(text: str) -> int | None:
    """The token of every resource that refers to `Type/id`, wherever in it; None for what lies elsewhere."""
    refers = local(text)
    return hash64(f"@{refers}") if refers else None


class _Rows:
    """The rows as they are found; dicts keep one of each, in order."""

    __slots__ = ("dates", "displays", "hi", "lo", "numbers", "strings", "texts", "tokens")

    def __init__(self) -> None:
        self.tokens: list[int] = []
        self.strings: dict[tuple[int, str, str, bool], None] = {}
        self.dates: dict[tuple[int, datetime, datetime], None] = {}
        self.numbers: dict[tuple[int, int, float, float], None] = {}
        self.displays: dict[int, Display] = {}
        self.texts: list[Words] = []
        self.lo: datetime | None = None
        self.hi: datetime | None = None

    def add(self, keys: tuple[str, int, int], values: Sequence[Any], is_main: bool, *, shut: bool = False) -> None:
        """The values of a parameter; `shut`: for those alone who see what is protected."""
        name, param, there = keys
        self.tokens.append(there)
        kind: Any = type(values[0])
        if is_main and kind is parameters.Date:
            self.main(values)
        else:
            _ROWS[kind](self, name, param, values, shut)

    def main(self, values: Sequence[parameters.Date]) -> None:
        """The first and last moment of the type's main date."""
        self.lo = min(value.lo for value in values)
        self.hi = max(value.hi for value in values)

    def prose(self, resource: dict[str, Any], *, protected: bool) -> None:
        """The words of free text, where there is any."""
        texts = free(resource)
        if not texts:
            return
        type_ = resource["resourceType"]
        if text.is_short(texts) and not protected:
            for one in texts:
                self.called(text.said(type_), one.text, CODES)
            return
        self.texts = text.rows(resource, texts, self.displays.values(), protected=protected)
        self.tokens.append(text.has_text(type_))

    def called(self, name: str, written: str, kind: int) -> None:
        """What a code or a reference is called."""
        found, hashed = display(name, written, kind)
        self.displays[found.hash] = found
        self.tokens.append(hashed)


def _tokens(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.tokens += token_hashes(name, value)
        if value.text:
            rows.called(name, value.text, CODES)


def _references(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.tokens += reference_tokens(name, value)
        if value.display and (under := naming(name, value.type)):
            rows.called(under, value.display, REFERENCES)


def _uris(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.tokens += uri_tokens(name, value.text)


def _strings(rows: _Rows, _name: str, param: int, values: Sequence[Any], shut: bool) -> None:
    for value in values:
        written = value.text[: string.LONGEST]
        rows.strings[param, fold(written), written, shut] = None


def _dates(rows: _Rows, _name: str, param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.dates[param, value.lo, value.hi] = None


def _numbers(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.numbers.update(dict.fromkeys(number.rows(name, value)))


def _quantities(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.numbers.update(dict.fromkeys(quantity.rows(name, value)))


def _composites(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        tokens, numbers = composite.rows(name, value)
        rows.tokens += tokens
        rows.numbers.update(dict.fromkeys(numbers))


def _places(rows: _Rows, name: str, _param: int, values: Sequence[Any], _shut: bool) -> None:
    for value in values:
        rows.numbers.update(dict.fromkeys(near.rows(name, value)))


_ROWS = {
    parameters.Token: _tokens,
    parameters.Ref: _references,
    parameters.Uri: _uris,
    parameters.String: _strings,
    parameters.Date: _dates,
    parameters.Number: _numbers,
    parameters.Quantity: _quantities,
    parameters.Composite: _composites,
    parameters.Position: _places,
}
_MARKED = (parameters.Token, parameters.Ref, parameters.Uri)
