"""Uris: exactly as written, and URLs above and below one another. hl7.org/fhir/R4/search.html#uri"""

from __future__ import annotations

from functools import lru_cache

from samjournal.fhir.keys import hash64
from samjournal.fhir.values import canonical_parts

_DEEPEST = 100
"""So many parts of a URL are looked at for what it lies under."""


@lru_cache(maxsize=16_384)
def uri_tokens(name: str, value: str) -> tuple[int, ...]:
    """What a uri of the parameter `name` ("Type.code") is found by: itself, and for `:below` each URL that it lies
    under. Profiles and sources stand in every resource and are found by themselves alone."""
    exact = hash64(f"{name}={value}")
    if "._" in name:
        # The url of a profile may have its version behind it, and which part is meant.
        url, version, _ = canonical_parts(value)
        return tuple(
            dict.fromkeys((exact, *(hash64(f"{name}={one}") for one in (f"{url}|{version}".rstrip("|"), url))))
        )
    return (exact, *(hash64(f"{name}<{one}") for one in _upwards(value)))


def wanted(name: str, text: str, modifier: str) -> list[int]:
    """The hashes that a search value stands for."""
    if modifier == "below":
        return [hash64(f"{name}<{text.rstrip('/')}")]
    if modifier == "above":
        return [hash64(f"{name}={one}{end}") for one in _upwards(text) for end in ("", "/")]
    return [hash64(f"{name}={text}")]


def _upwards(url: str) -> list[str]:
    """The URL and those that it lies under, up to the host: none for URNs, which have no parts. Of one with very many
    parts itself and the first."""
    scheme, found, path = url.rstrip("/").partition("://")
    if not found:
        return []
    parts = path.split("/")
    lengths = [len(parts), *range(min(len(parts) - 1, _DEEPEST), 0, -1)]
    return [f"{scheme}://{'/'.join(parts[:length])}" for length in lengths]
