"""The statement that finds what bears profiles, tags or security labels: by the tokens that say that there are some."""

from __future__ import annotations

from collections.abc import Sequence

from samjournal.db.binding import Arguments
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import number
from samjournal.store.hiding import PROTECTED
from samjournal.store.permitted import Condition

_BY = ("_profile", "_tag", "_security")


def of_types(types: Sequence[str], *, may: Condition, limit: int) -> tuple[str, list[object]]:
    """Some of the resources of these types that bear any, as far as the permit goes."""
    arguments = Arguments()
    there = arguments.add([hash64(f"{type_}.{code}?") for type_ in types for code in _BY], "bigint[]")
    text = f"""SELECT c.type, c.id, c.version, c.patient, {PROTECTED}, c.at, v.body FROM store.current c
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE c.tokens && {there} AND c.type = ANY({arguments.add([number(one) for one in types], "smallint[]")})
          AND NOT c.deleted AND {may("c", arguments)} LIMIT {arguments.add(limit, "bigint")}"""
    return text, arguments.values
