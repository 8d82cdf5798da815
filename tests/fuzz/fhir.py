"""FHIR requests drawn from the table of routes and the definitions, so that new ones are drawn by themselves."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode

from hypothesis import strategies as st

from fhir import instances
from fuzz.http import CANARY, Call
from samjournal.fhir import parameters
from samjournal.fhir.definitions import load
from samjournal.rest.routes import ROUTES, Route

TYPES = sorted(load().resources)
HERE = ("Patient", "Observation", "Encounter", "Organization")
PEOPLE = ("doctor", "nurse", "kari")
IDS = ("kari", "ola", "elias", "kari-stay", "kari-pulse", "ward", "doctor", "none")
ODD = (
    "",
    "\x00",
    "%",
    "..",
    "æøå",
    "𝄞",
    "'",
    '"',
    "\\",
    "$1",
    "{}",
    CANARY,
    "a" * 65,
    "9" * 30,
    "1e400",
    "-1",
    "NaN",
    "||",
    ",,",
    "\u202e",
)
TEXT = st.one_of(st.sampled_from(ODD), st.text(max_size=12))
FIELD = st.one_of(
    st.sampled_from([odd for odd in ODD if odd.isprintable()]),
    st.text(st.characters(codec="latin-1", categories=["L", "N", "P", "S"]), max_size=12),
)
"""What may stand in a header."""
VALUES = {
    "token": ("final", "http://loinc.org|8867-4", "|x", "x|", "true", "a|b|c"),
    "reference": (
        "Patient/kari",
        "kari",
        "http://127.0.0.1/fhir/Patient/kari",
        "Patient/",
        "#x",
        "Patient/kari/_history/1",
    ),
    "date": ("2026", "2026-11", "gt2026-11-20T08:00:00Z", "ap2020-02-30", "eb0001-01-01", "le9999-12-31", "ne2026"),
    "string": ("nord", "å", CANARY, "%", "_"),
    "uri": ("http://x", "urn:oid:1.2", "http://x/"),
    "number": ("100", "1e2", "gt100.00", "ap0", "-0", "lt1e-300", "1e309"),
    "quantity": (
        "72",
        "gt5.4|http://unitsofmeasure.org|mg",
        "5.40e-3||g",
        "ap1|x|",
        "72|http://unitsofmeasure.org|/min",
    ),
    "composite": ("8867-4$72", "8867-4$", "$$", "http://loinc.org|8867-4$gt60", "a$b$c"),
    "special": ("63.4|10.4|10|km", "0|0", "x"),
}
CONTROLS = {
    "_count": ("0", "1", "1000", "-1", "x", "99999999999999999999"),
    "_sort": ("-date", "_id", "_lastUpdated", "-name,birthdate", "value-quantity", "nothing"),
    "_include": ("Observation:subject", "*", "Observation:subject:Patient", "x", "Encounter:service-provider"),
    "_revinclude": ("Observation:subject", "Encounter:patient", "*"),
    "_summary": ("true", "text", "data", "count", "false", "x"),
    "_elements": ("id", "name,birthDate", "x.y", ""),
    "_total": ("none", "estimate", "accurate", "all"),
    "_format": ("json", "xml", "application/fhir+xml", "text/html", "ttl"),
    "_pretty": ("true", "true", "false", "x"),
    "start": ("2026-11-22", "x"),
    "end": ("2026", "x"),
    "_type": ("Observation", "Patient,Encounter", "x"),
    "max": ("1", "0", "x"),
    "mode": ("create", "update", "delete", "x"),
    "_cursor": ("AAAA", "", "eyJhIjoxfQ"),
    "_since": ("2026-11-22T00:00:00Z", "2026", "x"),
    "_at": ("2026-11-22", "x"),
    "_before": ("2", "x", "99999999999"),
    "_force": ("true", "x"),
    "_has": ("Observation:subject:code=x",),
    "_text": ("hjertesvikt", '"god form"', "puls -x", '"', "a OR", ""),
    "_content": ("puls", "(a OR b) and c", "-x", "((", "a-b 8867-4"),
    "_has:Observation:subject:code": ("8867-4", "x"),
    "_has:Observation:patient:_has:Provenance:target:agent": ("Practitioner/doctor",),
    "_has:Encounter": ("x",),
    "subject.name": ("nord", ""),
    "patient.organization.name": ("ward",),
    "subject:Patient.birthdate": ("gt1940", "x"),
    "encounter.patient._has:Observation:patient:value-quantity": ("gt5.4", "5||x"),
    "part-of.part-of.part-of.part-of.part-of.part-of._id": ("x",),
    "._id": ("x",),
    "_list": ("none", "List/none", "$x", ""),
    "_include:iterate": ("*", "Observation:*", "Patient:link", ":"),
    "_revinclude:iterate": ("*", "Encounter:part-of"),
    "_filter": (
        "name eq x",
        'name co "nord" and (birthdate lt 2000 or not(gender eq male))',
        "patient.name sw n or _has:Observation:patient:code eq 8867-4",
        "((",
        'x "',
        "_id pr true and _lastUpdated po 2026",
    ),
    "_lastUpdated": ("gt2020", "x"),
    "_id": IDS,
    "_tag": ("x|y",),
}
MODIFIERS = ("", "", "", "", ":missing", ":not", ":exact", ":contains", ":Patient", ":below", ":of-type", ":x", ":")
MODIFIERS += (":text", ":in", ":not-in", ":above")


def rarely(draw: st.DrawFn, one_in: int) -> bool:
    """True once in so many. Not at an end of the range: those are drawn far more often."""
    return draw(st.integers(0, one_in)) == one_in // 2 + 1


@st.composite
def queries(draw: st.DrawFn, type_: str) -> str:
    """A query string: parameters that the type has and that it has not, with values that fit and that do not."""
    known = {one.code: one.type for one in parameters.for_type(type_).values()} if type_ in TYPES else {}
    pairs = []
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.booleans()) or not known:
            name = draw(st.sampled_from(sorted(CONTROLS)))
            fitting: tuple[str, ...] = CONTROLS[name]
        else:
            name = draw(st.sampled_from(sorted(known)))
            fitting = VALUES[known[name]]
            name += draw(st.sampled_from(MODIFIERS))
        value = draw(st.one_of(st.sampled_from(fitting), st.sampled_from(fitting), TEXT))
        pairs.append((name if not rarely(draw, 10) else draw(TEXT), value))
    return urlencode(pairs, errors="surrogatepass")


def resources(type_: str) -> st.SearchStrategy[dict[str, Any]]:
    """Sound resources of a type, and some with one fault."""

    def make(seed: int) -> dict[str, Any]:
        rng = Random(seed)
        sound = instances.instance(type_, rng, fullness=rng.choice((0.0, 0.1, 0.3)))
        one = sound if seed % 4 != 3 else next((fault.resource for fault in instances.faulty(sound, rng)), sound)
        made: dict[str, Any] = json.loads(instances.body(one))
        return made

    return st.integers(0, 2**20).map(make)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def bundles(draw: st.DrawFn) -> dict[str, Any]:
    """Batches and transactions whose entries are requests like those around them."""
    entries = []
    for _ in range(draw(st.integers(0, 3))):
        type_ = draw(st.sampled_from(HERE))
        url = draw(st.sampled_from((type_, f"{type_}/{draw(st.sampled_from(IDS))}", f"{type_}?{draw(queries(type_))}")))
        if rarely(draw, 6):
            url = draw(
                st.sampled_from((f"{type_}/$validate", "Patient/kari/$everything", "$usage", f"{type_}/kari/$meta-add"))
            )
        method = draw(st.sampled_from(("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "x")))
        asked = {"method": method, "url": draw(TEXT) if rarely(draw, 10) else url}
        if rarely(draw, 4):
            asked["ifNoneExist"] = draw(queries(type_))
        if rarely(draw, 6):
            asked[draw(st.sampled_from(("ifMatch", "ifNoneMatch", "ifModifiedSince")))] = draw(
                st.sampled_from(('W/"1"', "*", "2026-11-22T08:00:00Z", "x"))
            )
        entry: dict[str, Any] = {"request": asked}
        if draw(st.booleans()):
            entry["fullUrl"] = draw(st.sampled_from((f"urn:uuid:{draw(st.uuids())}", "http://x/Patient/y", "")))
        if method == "PATCH":
            media, patch = draw(patches())
            packed = base64.b64encode(json.dumps(patch).encode()).decode()
            entry["resource"] = {"resourceType": "Binary", "contentType": media, "data": packed}
            if "fhir" in media:
                entry["resource"] = patch
        elif method in ("POST", "PUT") or rarely(draw, 10):
            entry["resource"] = draw(resources(type_))
            entry["resource"]["id"] = url.rpartition("/")[2] if "/" in url else "x"
        entries.append(entry if not rarely(draw, 10) else draw(JSON))
    kind = draw(st.sampled_from((*["batch", "transaction"] * 4, "collection", "x")))
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


@st.composite
def given_to_operations(draw: st.DrawFn, type_: str) -> dict[str, Any]:
    """Parameters, as an operation takes them or not."""
    label = {"system": "urn:x", "code": draw(TEXT)}
    meta = draw(
        st.sampled_from(({"tag": [label]}, {"profile": ["http://x"]}, {"security": [label]}, {"versionId": "1"}, {}))
    )
    possible: tuple[dict[str, Any], ...] = (
        {"name": "meta", "valueMeta": meta},
        {"name": "resource", "resource": draw(resources(type_))},
        {"name": "mode", "valueCode": draw(st.sampled_from(CONTROLS["mode"]))},
        {"name": "max", "valuePositiveInt": draw(st.integers(-1, 101))},
        {"name": "patient", "valueString": draw(st.sampled_from(IDS))},
        {"name": "_type", "valueCode": draw(TEXT)},
        {"name": "start", "valueDate": "2026"},
        {"name": draw(TEXT), draw(st.sampled_from(("valueString", "value", "part", "resource"))): draw(JSON)},
    )
    return {"resourceType": "Parameters", "parameter": draw(st.lists(st.sampled_from(possible), max_size=3))}


POINTERS = ("", "/id", "/status", "/name/0", "/name/-", "/meta/security", "/code/coding/0/code", "/a~1b", "name", "/~")
PATHS = (
    "Patient.name[0]",
    "status",
    "descendants()",
    "Patient",
    "name.given",
    "(1 | 2).aggregate($this)",
    "'",
    "resolve()",
)


@st.composite
def patches(draw: st.DrawFn) -> tuple[str, Any]:
    """A patch of either kind, with its media type."""
    if draw(st.booleans()):
        one = st.fixed_dictionaries(
            {"op": st.sampled_from(("add", "remove", "replace", "move", "copy", "test", "x"))},
            optional={
                "path": st.sampled_from(POINTERS) | TEXT,
                "from": st.sampled_from(POINTERS),
                "value": JSON,
            },
        )
        return "application/json-patch+json", draw(st.lists(one, max_size=3) | JSON)
    kind = draw(st.sampled_from(("add", "insert", "delete", "replace", "move", "x")))
    parts = [{"name": "type", "valueCode": kind}, {"name": "path", "valueString": draw(st.sampled_from(PATHS) | TEXT)}]
    some = (
        {"name": "name", "valueString": draw(st.sampled_from(("name", "status", "extension", "x")))},
        {"name": "value", "valueString": draw(TEXT)},
        {"name": "value", "part": [{"name": "text", "valueString": "x"}]},
        {"name": "index", "valueInteger": draw(st.integers(-1, 3))},
        {"name": "source", "valueInteger": 0},
        {"name": "destination", "valueInteger": 1},
    )
    parts += draw(st.lists(st.sampled_from(some), max_size=3))
    made = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    return "application/fhir+json", made


def damaged(body: bytes, seed: int) -> bytes:
    """Bytes with one thing done to them that no encoder would do."""
    rng = Random(seed)
    at = rng.randrange(len(body) + 1)
    deep = b'{"resourceType":"Basic","extension":'
    if seed % 10 < 7:
        return body
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: body[:at],
        lambda: body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :],
        lambda: body[:at] + rng.choice((b"NaN", b"Infinity", b"\xff\xfe", b"\x00", b"\\u0000", b"\\ud800")) + body[at:],
        lambda: b"\xef\xbb\xbf" + body,
        lambda: body.decode("latin-1").encode("utf-16"),
        lambda: body.replace(b"{", b'{"id":"a","id":"b",', 1),
        lambda: deep + b"[" * 2000 + b"]" * 2000 + b"}",
        lambda: deep + b'[{"extension":' * 500 + b"[]" + b"}]" * 500 + b"}",
        lambda: body.replace(b":1", b":1e999999", 1).replace(b":0", b":-0.0e-99999", 1),
        lambda: b'{"resourceType":"Basic","code":{"text":"' + b"x" * 300_000 + b'"}}',
        lambda: b"<Patient xmlns='http://hl7.org/fhir'><id value='x'/>",
        lambda: b"<!DOCTYPE x [<!ENTITY a 'b'>]><Patient xmlns='http://hl7.org/fhir'>&a;</Patient>",
        lambda: body * 2,
    )
    return rng.choice(ways)()


@st.composite
def bodies(draw: st.DrawFn, type_: str, id_: str | None) -> bytes:
    """Resources, bundles, anything as JSON, anything at all."""
    kind = draw(st.integers(0, 9))
    if kind == 0:
        return draw(st.binary(max_size=60))
    if kind == 1:
        return draw(queries(type_)).encode()
    if kind == 2:
        value: Any = draw(JSON)
    elif kind == 3 or (not type_ and kind > 2):
        value = draw(bundles())
    else:
        value = draw(resources(type_))
        if id_ and not rarely(draw, 10):
            value["id"] = id_
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    return damaged(text.encode("utf-8", "surrogatepass"), draw(st.integers(0, 2**20)))


HEADERS = {
    "accept": ("application/fhir+json", "application/fhir+xml", "*/*", "text/html", "image/png", "", "q=,;"),
    "content-type": (
        "application/fhir+json",
        "application/fhir+xml",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
        "text/plain",
        "",
    ),
    "content-encoding": ("gzip", "br", "identity"),
    "if-match": ('W/"1"', 'W/"999"', "x", "*"),
    "if-none-match": ('W/"1"', "*", "x"),
    "if-none-exist": ("identifier=x|y", "_id=kari", "name:foo=x", "", "%ff"),
    "if-modified-since": ("Sun, 22 Nov 2026 08:00:00 GMT", "x"),
    "prefer": ("return=minimal", "return=OperationOutcome", "handling=strict", "respond-async", "x"),
    "accept-encoding": ("gzip", "br, gzip;q=0", "*", "x;q=x"),
    "origin": ("https://app.example", "null"),
    "host": ("127.0.0.1", "evil.example", "[", ""),
    "x-request-id": ("12345678", "x y"),
    "range": ("bytes=0-1",),
    "expect": ("100-continue",),
}


@st.composite
def calls(draw: st.DrawFn, routes: Sequence[Route] = ROUTES) -> Call:
    """A request that fits a route more or less, by somebody with a token or without."""
    route = draw(st.sampled_from(routes))
    type_ = draw(st.sampled_from(HERE) | st.sampled_from(HERE) | st.sampled_from(TYPES))
    parts = [_part(draw, place, named, type_) for place, named in enumerate(route.shape)]
    method = route.method if not rarely(draw, 10) else draw(st.sampled_from(("HEAD", "PATCH", "OPTIONS", "POST")))
    query = draw(queries(type_))
    if rarely(draw, 20):
        query = quote_from_bytes(draw(st.binary(max_size=9)))
    target = "/".join(["/fhir", *(quote(part, safe="", errors="surrogatepass") for part in parts)])
    writes = method in ("POST", "PUT", "PATCH")
    id_ = parts[1] if len(parts) == 2 else None
    body = draw(bodies(type_, id_)) if writes or rarely(draw, 10) else b""
    headers = {"content-type": "application/fhir+json"} if writes else {}
    if not parts:
        body = draw(bodies("", None)) if writes else body
    if method == "PATCH" and not rarely(draw, 10):
        headers["content-type"], patch = draw(patches())
        body = json.dumps(patch).encode(errors="surrogatepass")
    if parts and parts[-1] == "_search":
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = draw(queries(type_)).encode()
    if writes and parts and parts[-1][:1] == "$" and draw(st.booleans()):
        body = json.dumps(draw(given_to_operations(type_)), ensure_ascii=True).encode()
    some = st.lists(st.sampled_from(sorted(HEADERS)), max_size=2, unique=True)
    for name in draw(some) if draw(st.booleans()) else ():
        fitting = st.sampled_from(HEADERS[name])
        # The number of a request is logged as its sender gave it, so it is none of those that hold a word.
        headers[name] = draw(fitting if name == "x-request-id" else fitting | fitting | FIELD)
    if headers.get("content-encoding") == "gzip" and not rarely(draw, 4):
        body = gzip.compress(body)
    who = draw(st.sampled_from((*PEOPLE, *["system"] * 6, "scoped", "nobody", "slip")))
    asked = f"{target}?{query}" if query else target
    chunked = bool(body) and rarely(draw, 5)
    return Call(method, asked.encode(), tuple(headers.items()), body, chunked, who)


def _part(draw: st.DrawFn, place: int, named: str | None, type_: str) -> str:
    if rarely(draw, 25):
        return draw(TEXT)
    if named is not None:
        return named
    if place == 0:
        return type_
    return draw(st.sampled_from(IDS)) if place == 1 else draw(st.sampled_from(("1", "2", "0", "x")))
