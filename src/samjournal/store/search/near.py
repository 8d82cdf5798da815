"""Places: `Location.near`, by distance over the earth's surface. hl7.org/fhir/R4/location.html#positional

near=63.43|10.40             within ten kilometres
near=63.43|10.40|5           within five
near=63.43|10.40|500|m       in any unit of length that UCUM has
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Position
from samjournal.fhir.ucum import canonical
from samjournal.store.search import number
from samjournal.store.search.escapes import plain, split
from samjournal.store.search.number import PLAIN, Row

EARTH = 6_371_008.8
"""The earth's mean radius in metres."""

USUAL = "10"
"""Kilometres, where a search names no distance."""


def rows(name: str, value: Position) -> Iterable[Row]:
    """What a place of the parameter `name` ("Type.code") is found by: its latitude and its longitude."""
    return [
        (hash64(f"{name}/{axis}"), PLAIN, float(degrees), float(degrees))
        for axis, degrees in (("latitude", value.latitude), ("longitude", value.longitude))
    ]


def condition(text: str, name: str, arguments: Arguments) -> str:
    """SQL for one place and distance, against a row `c` of store.current."""
    latitude, longitude, metres = _read(text)
    # The band of latitudes is what the index finds; the distance decides.
    band = math.degrees(metres / EARTH) * 1.000001
    low, high = arguments.add(latitude - band, "float8"), arguments.add(latitude + band, "float8")
    here, there = arguments.add(latitude, "float8"), arguments.add(longitude, "float8")
    within = arguments.add(math.sin(min(metres / EARTH / 2, math.pi / 2)) ** 2, "float8")
    params = [arguments.add(hash64(f"{name}/{axis}"), "bigint") for axis in ("latitude", "longitude")]
    return f"""EXISTS (SELECT 1 FROM store.number n JOIN store.number e USING (type, id)
        WHERE type = c.type AND id = c.id AND n.param = {params[0]} AND n.unit = {PLAIN} AND e.param = {params[1]}
          AND n.lo BETWEEN {low} AND {high}
          AND sin(radians(n.lo - {here}) / 2) ^ 2
            + cos(radians({here})) * cos(radians(n.lo)) * sin(radians(e.lo - {there}) / 2) ^ 2 <= {within})"""


def _read(text: str) -> tuple[float, float, float]:
    """Latitude and longitude in degrees, distance in metres; Invalid when it is something else."""
    parts = [plain(part) for part in split(text, "|")]
    degrees = [number.read("near", part) for part in parts[:2]]
    distance = number.read("near", parts[2] if len(parts) > 2 and parts[2] else USUAL)
    unit = canonical(parts[3] if len(parts) > 3 and parts[3] else "km")
    unprefixed = all(one.prefix == "eq" for one in (*degrees, distance))
    if len(degrees) < 2 or len(parts) > 4 or not unprefixed or unit is None or unit.dimension != "m1":
        raise Invalid(
            f"“near={text[:80]}” is not a place: write latitude|longitude, latitude|longitude|kilometres or "
            "latitude|longitude|distance|unit, as in 63.43|10.40|500|m."
        )
    latitude, longitude = (float(one.value) for one in degrees)
    metres = float(unit.amount(distance.value))
    if abs(latitude) > 90 or abs(longitude) > 180 or metres < 0:
        raise Invalid(f"“near={text[:80]}”: latitude goes from -90 to 90, longitude from -180 to 180, distance from 0.")
    return latitude, longitude, metres
