"""The curve of growth as a section of documentation and a picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape

BEGIN, END = "<!-- growth begins -->", "<!-- growth ends -->"
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 720, 360, 56, 24, 48, 250
_COLOURS = ("#0b5394", "#b45f06", "#38761d", "#990000", "#674ea7", "#134f5c", "#7f6000", "#4c1130")


@dataclass(frozen=True)
class Curve:
    """CPU milliseconds of one operation, by number of people."""

    name: str
    points: list[tuple[int, float]]

    @property
    def spread(self) -> float:
        """How far from the smallest region the others are, the farthest, as a part of it."""
        first = self.points[0][1]
        return max((spent / first - 1 for _, spent in self.points), key=abs)


def section(curves: list[Curve], regions: list[tuple[int, int, int, float]], machine: dict[str, object]) -> str:
    """The section between the marks: regions, CPU per operation, and the picture."""
    when = datetime.now(UTC).date().isoformat()
    people = [size for size, _ in curves[0].points]
    lines = [
        BEGIN,
        f"Measured {when} on {machine['cpu']}, {machine['cores']} cores, commit {machine['commit']}, by",
        "`python -m bench.growth`. CPU milliseconds of one operation, server and PostgreSQL together, warm, the least",
        "of the rounds.",
        "",
        "| region | resources | a person | database | made in |",
        "|--:|--:|--:|--:|--:|",
        *(
            f"| {size:,} | {resources:,} | {resources / size:.0f} | {size_ / 2**30:.2f} GiB | {seconds:.0f} s |"
            for size, resources, size_, seconds in regions
        ),
        "",
        f"| operation | {' | '.join(f'{size:,}' for size in people)} | farthest from the smallest |",
        f"|---|{'--:|' * (len(people) + 1)}",
        *(
            f"| {curve.name} | {' | '.join(f'{spent:.2f}' for _, spent in curve.points)} | {curve.spread:+.0%} |"
            for curve in curves
        ),
        "",
        "![CPU time per operation by size of the region](../images/growth.svg)",
        END,
    ]
    return "\n".join(lines)


def written(page: str, told: str, marks: tuple[str, str] = (BEGIN, END)) -> str:
    """The page with the section between the marks replaced; ValueError when it has no marks."""
    begin, end = marks
    before, _, rest = page.partition(begin)
    if not rest or end not in rest:
        raise ValueError(f"the page has no section between {begin} and {end}")
    return before + told + rest.partition(end)[2]


def picture(curves: list[Curve]) -> str:
    """Lines over the size of the region, both axes logarithmic, as SVG."""
    sizes = [size for size, _ in curves[0].points]
    spent = [value for curve in curves for _, value in curve.points]
    low, high = 10 ** math.floor(math.log10(min(spent))), 10 ** math.ceil(math.log10(max(spent)))

    def x(size: int) -> float:
        share = math.log10(size / sizes[0]) / max(math.log10(sizes[-1] / sizes[0]), 1e-9)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        share = math.log10(value / low) / math.log10(high / low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="12">',
        "<title>CPU milliseconds per operation by number of people</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    value = low
    while value <= high * 1.0001:
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#dddddd"/>'
        )
        parts.append(f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g} ms</text>')
        value *= 10
    parts += [f'<text x="{x(size):.1f}" y="{_HEIGHT - 24}" text-anchor="middle">{size:,}</text>' for size in sizes]
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT - 6}">people in the region</text>')
    labels = sorted((y(curve.points[-1][1]), place) for place, curve in enumerate(curves))
    heights: dict[int, float] = {}
    last = -math.inf
    for at, place in labels:
        last = max(at, last + 15)
        heights[place] = last
    for place, curve in enumerate(curves):
        colour = _COLOURS[place % len(_COLOURS)]
        line = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in curve.points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x(s):.1f}" cy="{y(v):.1f}" r="3" fill="{colour}"/>' for s, v in curve.points]
        name = f"{escape(curve.name)} ({curve.spread:+.0%})"
        parts.append(f'<text x="{_WIDTH - _RIGHT + 10}" y="{heights[place] + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])
