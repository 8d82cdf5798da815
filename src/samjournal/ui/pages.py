"""Makes an HTML page from a template in the reader's language.

Templates are named by their face: `workspace/chart.html` lies in `workspace/templates/chart.html`. Everything
is escaped; a fragment (its file starts with `_`) is the same file that the whole page includes.
docs.rs/minijinja/latest/minijinja/syntax
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from minijinja import Environment, safe
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal.ui import formats, static
from samjournal.ui.language import CODES, COOKIE, NAMES, Language, language, preferred

PACKAGES: Final = Path(__file__).parent.parent


def render(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response:
    """The page. Health content is never kept by browsers or proxies."""
    html = _environment(language_of(request)).render_template(template, **shared(request), **context)
    kept = {"cache-control": "no-store", "content-language": language_of(request), "vary": "accept-encoding"}
    body = html.encode()
    if len(body) > _SMALL and _may_pack(request):
        body, kept["content-encoding"] = gzip.compress(body, compresslevel=5, mtime=0), "gzip"
    return HTMLResponse(body, status_code=status, headers={**kept, **(headers or {})})


_SMALL: Final = 2000
"""Bytes of a page that is not worth packing."""


def _may_pack(request: Request) -> bool:
    """Whether a page is sent packed. Not to who comes from another site: he who chose a word in the address could tell
    by the length of the answer whether the page has that word (breachattack.com)."""
    from_here = request.headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return from_here and "gzip" in request.headers.get("accept-encoding", "")


def language_of(request: Request) -> str:
    """The language of this request: what the session middleware decided, else what the browser says."""
    decided = getattr(request.state, "language", None)
    return decided or preferred(cookie=request.cookies.get(COOKIE), accepted=request.headers.get("accept-language"))


def is_fragment(request: Request) -> bool:
    """True when htmx asks for a part of a page."""
    return "hx-request" in request.headers


def shared(request: Request) -> dict[str, Any]:
    """What every template may use."""
    return {
        "session": getattr(request.state, "session", None),
        "request_id": getattr(request.state, "request_id", ""),
        "path": request.url.path,
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "now": datetime.now(UTC),
    }


def local_path(address: str | None, otherwise: str) -> str:
    """The address when it lies on this server, else `otherwise`: no redirect leads away from Samjournal."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address or "/.." in address:
        return otherwise
    parts = urlsplit(address)
    return otherwise if parts.scheme or parts.netloc else address


async def choose_language(request: Request) -> Response:
    """POST /language: keeps the reader's choice for a year and goes back to the page."""
    form = await request.form(max_fields=4, max_files=0)
    code = str(form.get("language", "nb"))
    answer = RedirectResponse(local_path(str(form.get("next", "")), "/"), status_code=303)
    if code in CODES:
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, code, max_age=31536000, samesite="lax", httponly=True, secure=secure)
    return answer


def routes() -> list[BaseRoute]:
    """The kit's own routes: static files and the choice of language."""
    return [*static.routes(), Route("/language", choose_language, methods=["POST"], name="language")]


@cache
def _environment(code: str) -> Environment:
    """One environment for each language, so that macros and included files know it too."""
    say = language(code)

    environment: Environment = Environment(
        loader=_load,
        # The stub does not know this one yet: an unknown name may be asked for, but never shown.
        undefined_behavior=cast(Any, "semi_strict"),
        auto_escape_callback=lambda _name: True,
        finalizer=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        globals={
            "_": say,
            "_n": say.count,
            "lang": say.code,
            "languages": NAMES,
            "static": lambda name: safe(static.address(name)),
            "icon": icon,
        },
        filters=_filters(say),
    )
    return environment


def _shown(value: Any) -> Any:
    """Keeps the slash readable (`118/68`), which minijinja's own escaping spells as a code; None is nothing."""
    if type(value) is str and "/" in value:
        return safe(escape(value))
    return "" if value is None else value


def _filters(say: Language) -> dict[str, Callable[..., Any]]:
    """How templates write dates and numbers; `now` may be given where a page holds one moment still."""

    def by_now(how: Callable[..., str]) -> Callable[..., str]:
        def write(value: str | date | None, now: datetime | None = None) -> str:
            return how(value, now=now or datetime.now(UTC), language=say)

        return write

    def number(value: float, decimals: int | None = None) -> str:
        return formats.number(value, language=say, decimals=decimals)

    return {
        "day": by_now(formats.day),
        "when": by_now(formats.when),
        "ago": by_now(formats.ago),
        "clock": partial(formats.clock, language=say),
        "weekday": partial(formats.weekday, language=say),
        "long_day": partial(formats.long_day, language=say),
        "full_date": formats.full_date,
        "number": number,
        "grouped": formats.grouped,
        "initials": formats.initials,
    }


def _load(name: str) -> str | None:
    """The source of `<face>/<file>`, or None."""
    face, _, file = name.partition("/")
    path = PACKAGES / face / "templates" / file
    return path.read_text(encoding="utf-8") if file and path.is_file() else None


def icon(name: str, label: str | None = None) -> str:
    """An icon of the sprite; without a label it is decoration beside a word."""
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return safe(f'<svg class="ic" {told} focusable="false"><use href="{static.address("icons.svg")}#{name}"/></svg>')
