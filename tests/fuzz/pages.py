"""Requests to pages, drawn from the application's table of routes and the forms in the templates."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urlencode

from hypothesis import strategies as st
from starlette.routing import Route

import samjournal
from fuzz.fhir import FIELD, IDS, TEXT, rarely
from fuzz.http import CANARY, Call
from samjournal.server import app, sandbox

ROUTES = [route for route in (*app._site().routes, *sandbox.routes()) if isinstance(route, Route)]
PEOPLE = ("doctor", "nurse", "secretary", "homenurse", "kari", "elias")


def _names() -> list[str]:
    """What forms and addresses may carry: the names in the templates, and those that pages ask for."""
    package = Path(samjournal.__file__).parent
    found = {"_charset_"}
    for template in package.glob("*/templates/*.html"):
        found |= set(re.findall(r'\bname="([a-z_-]+)"', template.read_text()))
    for module in package.glob("*/*.py"):
        found |= set(re.findall(r'(?:form|query_params)\.get(?:list)?\("([a-z_-]+)"', module.read_text()))
    return sorted(found)


NAMES = _names()
VALUES = (
    *PEOPLE,
    "doctor-role",
    "nn",
    "en",
    "/workspace",
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/portal/../signin",
    "other",
    "120",
    "80",
    "-1",
    "٣",
    "1e3",
    "2026-11-22",
    "2026-11-22T08:00:00+01:00",
    "0001-01-01T00:00:00+14:00",
    "Nordmann 1948",
    "118348 26226",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    f"{CANARY} var her",
    "x" * 3000,
    "linje\r\nlinje",
)
HEADERS = {
    "accept-language": ("nn", "en", "x;q=9", "*"),
    "hx-request": ("true",),
    "origin": ("https://evil.example", "null"),
    "sec-fetch-site": ("cross-site", "same-origin", "x"),
    "host": ("evil.example", "[", "", "127.0.0.1:x"),
    "if-none-match": ("*", "x"),
    "range": ("bytes=0-1", "bytes=9-1", "x"),
    "cookie": ("samjournal=x", "lang=nn; samjournal=", "samjournal=%00; lang=x", ";;;=", 'samjournal="a'),
    "content-type": ("text/plain", "multipart/form-data", "application/json", ""),
    "content-encoding": ("gzip",),
    "x-forwarded-host": ("evil.example",),
}


@st.composite
def pairs(draw: st.DrawFn) -> list[tuple[str, str]]:
    names = st.sampled_from(NAMES) | st.sampled_from(NAMES) | TEXT
    values = st.sampled_from(VALUES) | st.sampled_from(IDS) | TEXT
    return draw(st.lists(st.tuples(names, values), max_size=5))


def multipart(fields: list[tuple[str, str]]) -> bytes:
    """A form as browsers send files."""
    parts = [
        f'--gr\r\ncontent-disposition: form-data; name="{name}"; filename="{value[:9]}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    return "".join([*parts, "--gr--\r\n"]).encode("utf-8", "surrogatepass")


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A request to a page or form, signed in or not."""
    route = draw(st.sampled_from(ROUTES))
    method = draw(st.sampled_from(sorted(route.methods or {"GET"})))
    if rarely(draw, 15):
        method = draw(st.sampled_from(("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")))

    def place(_: re.Match[str]) -> str:
        return quote(draw(st.sampled_from(IDS) | st.sampled_from(IDS) | TEXT), safe="/", errors="surrogatepass")

    target = re.sub(r"\{[^}]+\}", place, route.path)
    query = urlencode(draw(pairs()), errors="surrogatepass") if draw(st.booleans()) else ""
    headers: dict[str, str] = {}
    body = b""
    if method in ("POST", "PUT", "PATCH"):
        fields = draw(pairs())
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = urlencode(fields, errors="surrogatepass").encode()
        if rarely(draw, 6):
            headers["content-type"], body = "multipart/form-data; boundary=gr", multipart(fields)
        if rarely(draw, 10):
            body = draw(st.binary(max_size=40))
    for name in draw(st.lists(st.sampled_from(sorted(HEADERS)), max_size=2, unique=True)):
        headers[name] = draw(st.sampled_from(HEADERS[name]) | FIELD)
    who = draw(st.sampled_from((*PEOPLE, "nobody")))
    asked = f"{target}?{query}" if query else target
    chunked = bool(body) and rarely(draw, 5)
    return Call(method, asked.encode(), tuple(headers.items()), body, chunked, who)
