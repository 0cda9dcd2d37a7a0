"""Colours that stand for something are told apart by every eye: differences in OKLab, as seen with each kind of colour blindness.

Simulation: Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency"
(2009), severity 1.
OKLab: Ottosson (2020). A difference of 0.02 is just noticeable side by side; here two and a half times that is asked for.
"""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest

from qala.ui.tests.test_contrast import tokens

EYES = {
    "every cone": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
GROUPS = {
    "bands": [f"band-{step}" for step in range(1, 6)],
    "steps of a choropleth, and no value": [*[f"heat-{step}" for step in range(1, 6)], "heat-none"],
    "series of a chart": [f"series-{step}" for step in range(1, 9)],
    "reached, near, far and unknown": ["good", "near", "bad", "none"],
}
LEAST = 0.05


def linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def oklab(red: float, green: float, blue: float) -> tuple[float, float, float]:
    cones = (
        0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue,
        0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue,
        0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue,
    )
    long, middle, short = (max(cone, 0) ** (1 / 3) for cone in cones)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    """A colour in OKLab, as an eye sees it."""
    light = linear(colour)
    return oklab(*(min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in EYES[eye]))


def test_the_simulation_sees_what_is_known() -> None:
    assert oklab(1, 1, 1) == pytest.approx((1, 0, 0), abs=1e-4)
    assert oklab(*linear("#ff0000")) == pytest.approx((0.62796, 0.22486, 0.12585), abs=1e-4)
    for eye in EYES:  # grey stays grey
        assert seen("#777777", eye) == pytest.approx(seen("#777777", "every cone"), abs=2e-3)
    red, green = "#d7191c", "#5b8c00"  # what such eyes mix up
    for eye in ("protanopia", "deuteranopia"):
        assert dist(seen(red, eye), seen(green, eye)) < 0.6 * dist(seen(red, "every cone"), seen(green, "every cone"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("group", GROUPS)
def test_every_pair_is_told_apart_by_every_eye(theme: str, group: str) -> None:
    known = tokens(theme)
    near = {
        f"{a} and {b} with {eye}": round(dist(seen(known[a], eye), seen(known[b], eye)), 3)
        for eye in EYES
        for a, b in combinations(GROUPS[group], 2)
    }
    assert {pair: found for pair, found in near.items() if found < LEAST} == {}
