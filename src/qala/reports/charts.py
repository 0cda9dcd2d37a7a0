"""Small pictures as inline SVG, made of plain shapes: the same text goes into the HTML page and into the PDF.

Colours come as a `Palette`: names of CSS properties in HTML, so that the dark scheme changes them too; plain values in
the PDF. A picture has a `<title>`, by which it is read aloud, or is hidden where the text beside it says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape


@dataclass(frozen=True)
class Palette:
    """The colours of one form.

    Attributes:
        ink, soft, faint: text, quiet text, lines.
        band: the ground of a scale; `lit` where the value lies.
        main: what the picture is about; `pale` its interval.
        reached, near, far, none: grades of a score.
        font: family of letters in pictures.
    """

    ink: str
    soft: str
    faint: str
    band: str
    lit: str
    main: str
    pale: str
    reached: str
    near: str
    far: str
    none: str
    paper: str
    font: str

    def grade(self, name: str) -> str:
        """The colour of a grade; that of nothing where there is none."""
        return {"reached": self.reached, "near": self.near, "far": self.far}.get(name, self.none)


ON_PAGE = Palette(**{name: f"var(--{name})" for name in Palette.__dataclass_fields__ if name != "font"}, font="inherit")
ON_PAPER = Palette(
    ink="#1b2530",
    soft="#5b6773",
    faint="#d5dade",
    band="#e9edf0",
    lit="#cfe3e6",
    main="#00667a",
    pale="#8fc3cb",
    reached="#1f7a4d",
    near="#b7791f",
    far="#b3412e",
    none="#9aa4ad",
    paper="#ffffff",
    font="Libertinus Serif",
)


def gauge(
    index: Fraction | None,
    low: Fraction | None,
    high: Fraction | None,
    bands: Sequence[tuple[Fraction, str]],
    scale: Fraction,
    *,
    said: str,
    colours: Palette,
) -> str:
    """The index on its scale: bands as ground, the interval as a bar, the index as a mark.

    Args:
        bands: (lower bound, label of it), the lowest first.
        said: what the picture says, in words.
    """
    width, top, height = 360.0, 18.0, 16.0
    ends = [*(float(lower) for lower, _ in bands[1:]), float(scale)]
    each = width / float(scale)
    parts: list[str] = []
    for (lower, label), end in zip(bands, ends, strict=True):
        x, wide = float(lower) * each, (end - float(lower)) * each
        lit = index is not None and lower <= index and (index < Fraction(end) or end == float(scale))
        parts.append(_box(x + 0.75, top, wide - 1.5, height, colours.lit if lit else colours.band, 2))
        if lower:
            parts.append(_text(x, top + height + 14, label, colours.soft, colours.font, 11, "middle"))
    parts.append(_text(0.5, top + height + 14, "0", colours.soft, colours.font, 11, "start"))
    parts.append(_text(width, top + height + 14, str(scale), colours.soft, colours.font, 11, "end"))
    if low is not None and high is not None and low != high:
        x, wide = float(low) * each, float(high - low) * each
        parts.append(_box(x, top + height / 2 - 3, max(wide, 2), 6, colours.pale, 3))
        parts += [_line(end_x, top + 2, end_x, top + height - 2, colours.main, 1.4) for end_x in (x, x + wide)]
    if index is not None:
        x = min(max(float(index) * each, 3), width - 3)
        parts.append(_line(x, top - 6, x, top + height + 2, colours.main, 3))
        parts.append(f'<path d="M{x - 6:.1f} {top - 14:.1f}h12l-6 9z" fill="{colours.main}"/>')
    return _svg(width, 50, parts, said, "gauge")


def bar(
    share: Fraction | None, low: Fraction | None, high: Fraction | None, *, colours: Palette, said: str = ""
) -> str:
    """A score from 0 to 1 as a bar, its bounds as a whisker."""
    width, height = 160.0, 18.0
    parts = [_box(0, 2, width, 8, colours.band, 4)]
    if share is not None:
        parts.append(_box(0, 2, max(float(share) * width, 2), 8, colours.main, 4))
    if low is not None and high is not None and low != high:
        first, last = float(low) * width, float(high) * width
        parts.append(_line(first, 14.5, last, 14.5, colours.soft, 1.4))
        parts += [_line(x, 12.5, x, 16.5, colours.soft, 1.4) for x in (first, last)]
    return _svg(width, height, parts, said, "bar")


def gain(now: Fraction, more: Fraction, most: Fraction, *, colours: Palette) -> str:
    """What a KPI adds to the index now and what could be won, against the longest bar of the list."""
    width, height = 160.0, 14.0
    each = width / float(most) if most else 0.0
    first, wide = float(now) * each, float(more) * each
    parts = [_box(0, 3, width, 8, colours.band, 4)]
    if now:
        parts.append(_box(0, 3, first, 8, colours.pale, 4))
    parts.append(_box(first, 3, max(wide, 2), 8, colours.main, 4))
    return _svg(width, height, parts, "", "bar")


def sparkline(
    values: Sequence[Fraction | None], limits: Sequence[Fraction], grade: str, *, colours: Palette, said: str = ""
) -> str:
    """Months of a year as a line with gaps where nothing came; a target as a thin dashed line.

    Args:
        limits: none, one or two targets in the unit of the values.
        grade: of the KPI, for the colour of the last point.
    """
    width, height, edge = 92.0, 26.0, 4.0
    known = [float(value) for value in values if value is not None]
    if not known:
        return ""
    marks = [float(limit) for limit in limits]
    least, most = min(known + marks), max(known + marks)
    span = most - least or 1.0
    step = (width - 2 * edge) / max(len(values) - 1, 1)

    def y(value: float) -> float:
        return height - edge - (value - least) / span * (height - 2 * edge) if most > least else height / 2

    parts = [
        f'<path d="M0 {y(mark):.0f}H92" stroke="{colours.soft}" stroke-width="1" stroke-dasharray="2 3" fill="none"/>'
        for mark in marks
    ]
    path, pen = [], False
    last: tuple[float, float] | None = None
    for month, value in enumerate(values):
        if value is None:
            pen = False
            continue
        last = (edge + month * step, y(float(value)))
        path.append(f"{'L' if pen else 'M'}{last[0]:.0f} {last[1]:.1f}")
        if not pen and (month + 1 == len(values) or values[month + 1] is None):
            path.append("h.1")
        pen = True
    parts.append(
        f'<path d="{"".join(path)}" fill="none" stroke="{colours.main}" stroke-width="1.6" stroke-linecap="round" '
        'stroke-linejoin="round"/>'
    )
    if last is not None:
        parts.append(f'<circle cx="{last[0]:.0f}" cy="{last[1]:.1f}" r="2.6" fill="{colours.grade(grade)}"/>')
    return _svg(width, height, parts, said, "spark")


def span(
    index: Fraction | None, low: Fraction | None, high: Fraction | None, scale: Fraction, *, colours: Palette
) -> str:
    """A city's index and bounds on the whole scale, for a row of a rating."""
    width, height = 160.0, 14.0
    each = width / float(scale)
    parts = [_line(0, 7, width, 7, colours.faint, 2)]
    if low is not None and high is not None and low != high:
        parts.append(_box(float(low) * each, 4, max(float(high - low) * each, 2), 6, colours.pale, 3))
    if index is not None:
        parts.append(f'<circle cx="{float(index) * each:.1f}" cy="7" r="4.6" fill="{colours.main}"/>')
    return _svg(width, height, parts, "", "bar")


@dataclass(frozen=True)
class Range:
    """A line of `ranges`: what it is of, the two ends, the mark between them; None where it is not known."""

    name: str
    low: float | None
    high: float | None
    mark: float | None


def ranges(
    lines: Sequence[Range],
    least: float,
    most: float,
    ticks: Sequence[tuple[float, str]],
    *,
    said: str,
    colours: Palette,
) -> str:
    """Ranges one under the other on one scale, each with a mark.

    Args:
        least, most: ends of the scale; ticks: (value, label) under it.
    """
    name, width, row, top = 150.0, 480.0, 17.0, 6.0
    wide, bottom = width - name - 14, top + row * len(lines)
    each = wide / ((most - least) or 1)

    def x(value: float) -> float:
        return name + 6 + (value - least) * each

    parts = []
    for value, label in ticks:
        parts.append(_line(x(value), top, x(value), bottom, colours.faint, 0.8))
        parts.append(_text(x(value), bottom + 12, label, colours.soft, colours.font, 9, "middle"))
    for at, one in enumerate(lines):
        middle = top + row * (at + 0.5)
        parts.append(_text(name, round(middle + 3.2, 1), _short(one.name), colours.ink, colours.font, 10, "end"))
        if one.low is not None and one.high is not None:
            parts.append(_box(x(one.low), middle - 3, max((one.high - one.low) * each, 2), 6, colours.pale, 3))
        if one.mark is not None:
            parts.append(f'<circle cx="{x(one.mark):.1f}" cy="{middle:g}" r="4" fill="{colours.main}"/>')
    return _svg(width, bottom + 18, parts, said, "ranges")


def _short(name: str, most: int = 26) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _svg(width: float, height: float, parts: Sequence[str], said: str, kind: str) -> str:
    name = f'role="img"><title>{escape(said)}</title>' if said else 'aria-hidden="true">'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" {name}{"".join(parts)}</svg>'
    )


def _box(x: float, y: float, width: float, height: float, fill: str, round_by: float) -> str:
    return f'<rect x="{x:.1f}" y="{y:g}" width="{width:.1f}" height="{height:g}" rx="{round_by:g}" fill="{fill}"/>'


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float) -> str:
    return (
        f'<path d="M{x:.1f} {y:g}L{to_x:.1f} {to_y:g}" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round"/>'
    )


def _text(x: float, y: float, text: str, fill: str, font: str, size: float, anchor: str) -> str:
    family = "" if font == "inherit" else f' font-family="{font}"'
    return (
        f'<text x="{x:.1f}" y="{y:g}" fill="{fill}" font-size="{size:g}"{family} text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
