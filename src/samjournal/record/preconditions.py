"""Which version may stand, so that a write is done: If-Match and If-None-Match. RFC 9110 section 13.1

    condition(match, none_match, path=) -> Condition | None     as sent; Invalid for what is no list of ETags
    seen(version) -> Condition                                  our own code has read that version
    condition.failing(version, there=) -> str | None            what is wrong with what stands now
    is_among(text, tag) -> bool                                 whether an If-None-Match of a read names a tag

FHIR's ETags are weak, and its writes go by them all the same (hl7.org/fhir/R4/http.html#concurrency): `W/"3"` and `"3"`
both name version 3. A well-formed ETag that was never ours names nothing, so a write by it alone is not done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from samjournal.fhir.errors import Invalid

ANY = "*"
_TAG = r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"'
_EACH = re.compile(_TAG)
_LIST = re.compile(rf"[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """What ETags must, and must not, name the version that stands; quotes are part of them, but for `*`."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    def failing(self, version: int, *, there: bool) -> str | None:
        """What is wrong, as the end of a sentence about the resource, when `version` is the newest (0: there never was
        one); `there` is whether it is not deleted."""
        if self.match is not None and not _names(self.match, version, there=there):
            wanted = ", ".join(sorted(tag.strip('"') for tag in self.match))[:80]
            return "is not there" if ANY in self.match else f"is now version {version or 'none'}, not {wanted}"
        if self.none_match is not None and _names(self.none_match, version, there=there):
            return f"is there, as version {version}, which If-None-Match rules out"
        return None


def condition(match: str | None, none_match: str | None, *, path: str | None = None) -> Condition | None:
    """What a request says of the version that stands; None when it says nothing. Raises Invalid."""
    if match is None and none_match is None:
        return None
    return Condition(
        None if match is None else _tags("If-Match", match, path),
        None if none_match is None else _tags("If-None-Match", none_match, path),
    )


def seen(version: int) -> Condition:
    """That a version is still the newest."""
    return Condition(frozenset({f'"{version}"'}))


def is_among(text: str, tag: object) -> bool:
    """Whether the client has already what bears this tag. What is no ETag is passed over: a read harms nobody."""
    tags = _read(text)
    return ANY in tags or f'"{tag}"' in tags


def _read(text: str) -> frozenset[str]:
    return frozenset({ANY}) if text.strip() == ANY else frozenset(f'"{tag}"' for tag in _EACH.findall(text))


def _names(tags: frozenset[str], version: int, *, there: bool) -> bool:
    """Whether one of the ETags is that of the version; `*` is that of whatever is there."""
    return (there and ANY in tags) or (version > 0 and f'"{version}"' in tags)


def _tags(name: str, text: str, path: str | None) -> frozenset[str]:
    if text.strip() != ANY and not _LIST.fullmatch(text):
        told = 'is ETags such as W/"3" with commas between, or *'
        raise Invalid(f"{name} {told}, not {text[:40] or 'nothing'}.", path=path)
    return _read(text)
