"""Every pair of colours that text is written in can be read: WCAG 2.2, 1.4.3 (text) and 1.4.11 (lines of controls, charts)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[1] / "static/ui/css"
TEXT = [
    *[(ink, ground) for ink in ("ink", "soft", "accent", "accent-strong") for ground in ("paper", "raised", "sunk")],
    *[
        (tone, ground)
        for tone in ("good", "warn", "bad", "simulated")
        for ground in ("paper", "raised", f"{tone}-paper")
    ],
    *[("ink", f"{tone}-paper") for tone in ("good", "warn", "bad", "accent")],
    ("accent-strong", "accent-paper"),
    ("accent", "accent-paper"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    *[(f"band-{step}-ink", f"band-{step}") for step in range(1, 6)],
    *[(f"heat-{step}-ink", f"heat-{step}") for step in range(1, 6)],
    ("soft", "heat-none"),
    ("map-label", "map-land"),
    ("map-label", "map-park"),
    ("map-label", "map-water"),
]
LINES = [
    ("line-strong", "raised"),
    ("line-strong", "paper"),
    *[(f"series-{step}", "raised") for step in range(1, 9)],
    ("map-border", "map-land"),
]


def tokens(theme: str) -> dict[str, str]:
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (CSS / "tokens.css").read_text()))
    if theme == "dark":
        found |= re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (CSS / "dark.css").read_text())
    return found


def light(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_guideline_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (LINES, 3)])
def test_every_pair_of_colours_can_be_read(theme, pairs, least):
    known = tokens(theme)
    weak = {f"{a} on {b}": round(contrast(known[a], known[b]), 2) for a, b in pairs}
    assert {pair: found for pair, found in weak.items() if found < least} == {}


def test_neighbouring_bands_differ_in_light_and_not_in_hue_alone():
    for theme in ("light", "dark"):
        known = tokens(theme)
        shades = [light(known[f"band-{step}"]) for step in range(1, 6)]
        assert all(abs(a - b) > 0.1 for a, b in zip(shades, shades[1:], strict=False)), theme


def test_both_themes_name_the_same_colours():
    def own(name: str) -> set[str]:
        return set(re.findall(r"--([\w-]+):\s*#", (CSS / name).read_text()))

    assert own("dark.css") - own("tokens.css") == set()
    assert own("tokens.css") - own("dark.css") <= {"far", "good"}
