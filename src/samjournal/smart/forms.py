"""The form of a request to an endpoint, read within limits. RFC 6749 section 3.2"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from samjournal.smart.errors import Refused

_MOST = 16 * 1024


async def form_of(request: Request) -> dict[str, str]:
    """The parameters of a form, each once; those without a value are as if they were not sent. Raises Refused."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "Send a form: Content-Type application/x-www-form-urlencoded.")
    if request.url.query:
        raise Refused("invalid_request", "Send all parameters in the form, none in the address.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST:
            raise Refused("invalid_request", f"The form is longer than {_MOST} bytes.")
    return once(body.decode("utf-8", "surrogateescape"))


def once(text: str) -> dict[str, str]:
    """Names and values of a query or form, each once. Raises Refused."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=40)
        text.encode()
    except ValueError:
        raise Refused("invalid_request", "The parameters are not a list of name=value pairs in UTF-8.") from None
    if len(dict(pairs)) < len(pairs):
        raise Refused("invalid_request", "A parameter stands twice. Send each once.")
    if any("\x00" in part for pair in pairs for part in pair):
        raise Refused("invalid_request", "A parameter has a sign that none can have (NUL).")
    return {name: value for name, value in pairs if value}
