"""Small pictures as inline SVG, for pages without scripts. Colours are classes, so that the theme changes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from qala.ui.formats import exact

_WIDTH, _HEIGHT, _EDGE = 96.0, 24.0, 3.0
_BAR = 160.0


def sparkline(values: Sequence[Any], target: Any = None, title: str = "", tone: str = "") -> SafeString:
    """A line with gaps where nothing is known; the target as a broken line; a dot on the last value.

    Args:
        values: numbers or None, in order.
        title: read aloud; without it the picture is hidden from readers.
        tone: good, warn or bad: the colour of the dot.
    """
    points = [None if (found := exact(value)) is None else float(found) for value in values]
    known = [point for point in points if point is not None]
    if not known:
        return mark_safe("")
    limit = exact(target)
    all_of_it = known if limit is None else [*known, float(limit)]
    least, most = min(all_of_it), max(all_of_it)
    step = (_WIDTH - 2 * _EDGE) / max(len(points) - 1, 1)

    def at(value: float) -> float:
        if most == least:
            return _HEIGHT / 2
        return _HEIGHT - _EDGE - (value - least) / (most - least) * (_HEIGHT - 2 * _EDGE)

    path, drawing, last = [], False, (0.0, 0.0)
    for place, point in enumerate(points):
        if point is None:
            drawing = False
            continue
        last = (_EDGE + place * step, at(point))
        path.append(f"{'L' if drawing else 'M'}{last[0]:.1f} {last[1]:.1f}")
        if not drawing and (place + 1 == len(points) or points[place + 1] is None):
            path.append("h.1")  # a lone value is a dot
        drawing = True
    parts = "" if limit is None else f'<path class="limit" d="M0 {at(float(limit)):.1f}H{_WIDTH:g}"/>'
    parts += f'<path class="trace" d="{"".join(path)}"/>'
    parts += f'<circle class="dot {_tone(tone)}" cx="{last[0]:.1f}" cy="{last[1]:.1f}" r="2.6"/>'
    return _svg("spark", _WIDTH, _HEIGHT, parts, title)


def bullet(
    value: Any,
    target: Any = None,
    *,
    most: Any = 100,
    low: Any = None,
    high: Any = None,
    title: str = "",
    tone: str = "",
) -> SafeString:
    """A bar from 0 to `most`: the value, its bounds as a whisker, the target as a mark across.

    Args:
        title: read aloud; without it the picture is hidden from readers.
        tone: good, warn or bad; the accent otherwise.
    """
    end = float(exact(most) or 100)

    def at(number: Any) -> float | None:
        found = exact(number)
        return None if found is None else min(max(float(found) / end, 0.0), 1.0) * _BAR

    parts = f'<rect class="ground" x="0" y="4" width="{_BAR:g}" height="8" rx="4"/>'
    wide, mark, first, last = at(value), at(target), at(low), at(high)
    if wide is not None:
        parts += f'<rect class="fill {_tone(tone)}" x="0" y="4" width="{max(wide, 1.5):.1f}" height="8" rx="4"/>'
    if first is not None and last is not None and first != last:
        drawn = f"M{first:.1f} 8H{last:.1f}M{first:.1f} 5v6M{last:.1f} 5v6"
        parts += f'<path class="whisker halo" d="{drawn}"/><path class="whisker" d="{drawn}"/>'
    if mark is not None:
        parts += f'<path class="limit" d="M{min(max(mark, 1), _BAR - 1):.1f} 0v16"/>'
    return _svg("bullet", _BAR, 16, parts, title)


def key_shape(token: str, shape: str) -> SafeString:
    """The sign of a legend's line in a token's colour: area, line or point."""
    colour = f"var(--{token})"
    shapes = {
        "area": format_html('<rect x="1" y="3" width="14" height="10" rx="2" fill="{}"/>', colour),
        "line": format_html('<path d="M1 8h14" stroke="{}" stroke-width="3" stroke-linecap="round"/>', colour),
        "point": format_html('<circle cx="8" cy="8" r="5" fill="{}"/>', colour),
    }
    return format_html(
        '<svg class="key" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{}</svg>', shapes[shape]
    )


def _tone(tone: str) -> str:
    return tone if tone in ("good", "warn", "bad", "quiet") else ""


def _svg(kind: str, width: float, height: float, parts: str, title: str) -> SafeString:
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    drawn = mark_safe(parts)
    if not title:
        return format_html('<svg class="{}" {} aria-hidden="true">{}</svg>', kind, mark_safe(size), drawn)
    return format_html(
        '<svg class="{}" {} role="img" aria-label="{}"><title>{}</title>{}</svg>',
        kind,
        mark_safe(size),
        title,
        title,
        drawn,
    )
