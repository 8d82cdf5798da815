"""From a resource to its rows: keys, tokens, strings and dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samjournal.fhir import compartment, parameters
from samjournal.fhir.keys import SYSTEM, hash64, patient_key
from samjournal.fhir.protection import closed_parameters
from samjournal.store.search.folding import fold
from samjournal.store.search.reference import reference_tokens
from samjournal.store.search.token import token_hashes, uri_hash


@dataclass(frozen=True, slots=True)
class Index:
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


def index(resource: dict[str, Any]) -> Index:
    """The rows of a resource that has its id. Protected fields are indexed apart, for those who may see them."""
    type_ = resource["resourceType"]
    home = compartment.home(resource)
    patients = compartment.patients(resource)
    closed = closed_parameters(resource)
    main = parameters.main_date(type_)
    tokens: dict[int, None] = {}
    strings: dict[tuple[int, str, str, bool], None] = {}
    dates: dict[tuple[int, datetime, datetime], None] = {}
    numbers: dict[tuple[int, int, float, float], None] = {}
    lo: datetime | None = None
    hi: datetime | None = None
    for code, values in parameters.extract(resource).items():
        if code in ("_id", "_lastUpdated"):
            continue  # The server's own, in columns of their own: what the sender wrote there does not count.
        shut = code in closed
        name = f"{type_}.{code}|closed" if shut else f"{type_}.{code}"
        param = hash64(f"{type_}.{code}")
        tokens[hash64(f"{name}?")] = None
        for value in values:
            match value:
                case parameters.Token():
                    tokens.update(dict.fromkeys(token_hashes(name, value)))
                case parameters.Ref():
                    tokens.update(dict.fromkeys(reference_tokens(name, value)))
                case parameters.Uri():
                    tokens[uri_hash(name, value.text)] = None
                case parameters.String():
                    written = value.text[:1000]
                    strings[param, fold(written), written, shut] = None
                case parameters.Date() if code == main:
                    lo = value.lo if lo is None else min(lo, value.lo)
                    hi = value.hi if hi is None else max(hi, value.hi)
                case parameters.Date():
                    dates[param, value.lo, value.hi] = None
                case _:
                    pass  # Numbers, quantities and composites are not searched yet; the body has them.
    key = patient_key(home) if home else SYSTEM
    return Index(
        patient=key,
        others=sorted({patient_key(patient) for patient in patients if patient != home}),
        tokens=list(tokens),
        lo=lo,
        hi=hi,
        strings=list(strings),
        dates=list(dates),
        numbers=list(numbers),
        protected=bool(closed),
    )
