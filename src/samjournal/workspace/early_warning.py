"""What the measurements that stand come to: NEWS2 as it was stored, or what is missing. Pure.

Of half a set the page says what is missing, and the least that the score can be; what was struck is in no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.vitals import gathered, is_score
from samjournal.vitals.news2 import HIGH, PARTS, SINGLE, Scored, band
from samjournal.workspace.facts import Reader, Resource, author, stands, when

NAMES: Final = {
    "respiration": marked("respirasjonsfrekvens"),
    "saturation": marked("SpO₂"),
    "oxygen": marked("luft eller oksygen"),
    "systolic": marked("blodtrykk"),
    "pulse": marked("puls"),
    "consciousness": marked("bevissthet"),
    "temperature": marked("temperatur"),
}
BANDS: Final = {
    "low": marked("lav"),
    "single": marked("én verdi gir 3 poeng"),
    "medium": marked("middels"),
    "high": marked("høy"),
}
ACTS: Final = {
    "low": marked("Mål igjen innen 12 timer, oftere ved 1–4 poeng."),
    "single": marked("Én verdi alene gir 3 poeng. Tilkall lege, og mål minst hver time."),
    "medium": marked("Tilkall lege raskt, og mål minst hver time."),
    "high": marked("Tilkall lege nå. Overvåk kontinuerlig."),
}
NOT_USED: Final = {
    "child": marked("NEWS2 brukes ikke for barn under 16 år."),
    "pregnant": marked("NEWS2 brukes ikke for gravide."),
}
OLD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class State:
    """What the page says of the score. `total` None: there is none, and `missing` and `least` say why. `red` is for
    seven points, or one part with three; `by` who recorded a
    score whose parts are not all in the record."""

    total: int | None
    least: int
    band: str
    band_words: str
    act: str
    missing: tuple[str, ...]
    points: tuple[tuple[str, int], ...]
    when: str
    old: str
    red: bool
    scale_2: bool
    stored: bool
    by: str = ""
    not_used: str = ""


def state(observations: Sequence[Resource], reader: Reader, *, scale_2: bool, not_used: str) -> State | None:
    """The newest set; None when nothing of the score was ever measured."""
    _ = reader.language
    moments = [formats.order(when(one, "effectiveDateTime")) for one in observations if _counts(one)]
    if not moments:
        return None
    last = max(moments)
    if not_used:
        return State(None, 0, "", "", "", (), (), "", "", red=False, scale_2=scale_2, stored=False,
                     not_used=_(NOT_USED[not_used]))  # fmt: skip
    scored, _parts = gathered(observations, last, scale_2)
    if not scored.points:
        return None
    found = _state(scored, last, reader, stored=_is_stored(observations, last, scored))
    told = _recorded(observations, last) if scored.missing else None
    if told is None:
        return found
    total = int(told["valueInteger"])
    level = band(total, scored.points)
    return replace(
        found, total=total, least=total, band=level, band_words=_(BANDS[level]), act=_(ACTS[level]), stored=True,
        red=total >= HIGH or SINGLE in scored.points.values(), by=author(told) or _("kilde ikke oppgitt"),
    )  # fmt: skip


def _state(scored: Scored, last: datetime, reader: Reader, *, stored: bool) -> State:
    _ = reader.language
    level = scored.band
    return State(
        total=scored.total,
        least=scored.least,
        band=level,
        band_words=_(BANDS[level]) if level else "",
        act=_(ACTS[level]) if level else "",
        missing=tuple(_(NAMES[part]) for part in scored.missing),
        points=tuple((_(NAMES[part]), scored.points[part]) for part in PARTS if part in scored.points),
        when=formats.when(last, now=reader.now, language=_),
        old=_("{age} gammel", age=formats.ago(last, now=reader.now, language=_)) if reader.now - last > OLD else "",
        red=scored.least >= HIGH or SINGLE in scored.points.values(),
        scale_2=scored.scale_2,
        stored=stored,
    )


def _counts(observation: Resource) -> bool:
    """Whether it is one of the parts, and stands."""
    if is_score(observation) or not stands(observation) or not when(observation, "effectiveDateTime"):
        return False
    _scored, parts = gathered([observation], formats.order(when(observation, "effectiveDateTime")), False)
    return bool(parts)


def _recorded(observations: Sequence[Resource], last: datetime) -> Resource | None:
    """A score of this moment that somebody recorded without what it came from, as other systems do."""
    for one in observations:
        near = abs(formats.order(when(one, "effectiveDateTime")) - last) <= timedelta(minutes=1)
        if (
            near
            and is_score(one)
            and stands(one)
            and isinstance(one.get("valueInteger"), int)
            and not one.get("derivedFrom")
        ):
            return one
    return None


def _is_stored(observations: Sequence[Resource], last: datetime, scored: Scored) -> bool:
    return any(
        is_score(one)
        and stands(one)
        and one.get("valueInteger") == scored.total
        and abs(formats.order(when(one, "effectiveDateTime")) - last) <= timedelta(seconds=1)
        for one in observations
    )
