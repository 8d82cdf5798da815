"""What a browser calls itself, in words by which its owner knows it again."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

BROWSERS: Final = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
MACHINES: Final = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


def device_of(request: Request) -> str:
    """`Chrome, Windows`; '' when it says nothing that we know. It is what the browser says: a help, no proof."""
    agent = request.headers.get("user-agent", "")
    told = (next((said for sign, said in names if sign in agent), "") for names in (BROWSERS, MACHINES))
    return ", ".join(one for one in told if one)
