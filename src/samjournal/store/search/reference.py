"""References: `Type/id` as hashes in the same array as tokens. hl7.org/fhir/R4/search.html#reference"""

from __future__ import annotations

from functools import lru_cache

from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Ref
from samjournal.fhir.references import parse


@lru_cache(maxsize=16_384)
def reference_tokens(name: str, value: Ref) -> tuple[int, ...]:
    """What a reference is found by: its `Type/id`, or its url when it points elsewhere."""
    if value.type and value.id and value.url is None:
        return (hash64(f"{name}={value.type}/{value.id}"),)
    if value.url:
        return (hash64(f"{name}={value.url}"),)
    return ()


def wanted(name: str, text: str, *, targets: tuple[str, ...], type_: str = "", base: str = "") -> list[int]:
    """The hashes that a search value stands for: `Type/id`, a bare id of any target type, or a url."""
    reference = parse(text, base=base or None)
    if reference.kind == "literal":
        return [hash64(f"{name}={reference.type}/{reference.id}")]
    if "/" not in text and ":" not in text:
        types = (type_,) if type_ else targets
        return [hash64(f"{name}={one}/{text}") for one in types]
    return [hash64(f"{name}={text}")]
