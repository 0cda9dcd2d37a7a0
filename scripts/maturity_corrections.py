"""What corrections of a self-assessment are worth: cities whose maturity is known, asked through respondents who err.

    .venv/bin/python scripts/maturity_corrections.py     writes the picture and the table of docs/explanation/maturity.md

Every case is asked many times with a fixed seed; each figure is the root mean square error of the overall score. The
answers go through the program's own arithmetic (`qala.scoring.maturity`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from pathlib import Path

import numpy as np

from qala.scoring.maturity import VARIANTS, Respondent, Scores, blended, score_city, sheet
from qala.scoring.maturity_intervals import intervals
from qala.standard.maturity import MaturityModel, load_maturity

DOCS = Path(__file__).resolve().parent.parent / "docs" / "explanation"
DEPARTMENTS, PEOPLE, PANEL = 12, 10, 5
COLUMNS = (*VARIANTS, "experts")
NAMES = {
    "raw": "raw",
    "control": "control questions (Q1)",
    "vignettes": "vignettes (Q2)",
    "experts": "blend with experts",
}
COLOURS = {"raw": "#5b6773", "control": "#b7791f", "vignettes": "#00667a", "experts": "#8a3f8f"}


@dataclass(frozen=True)
class Case:
    """How respondents err, in steps of the scale.

    Attributes:
        lenient: added to every ladder; `plain` to imagined cities and `rosy` to perceived benefits (None: the same).
        differ: spread of leniency between people.
        stretch: below 1 answers crowd round the middle.
        careless: share of people who rate imagined cities by lot.
        panel: what the experts add.
    """

    says: str
    lenient: float = 0.0
    plain: float | None = None
    rated: float | None = None
    rosy: float = 0.0
    differ: float = 0.4
    stretch: float = 1.0
    careless: float = 0.0
    panel: float = 0.0


CASES = (
    Case("sober respondents"),
    Case("all are lenient by 0.8; benefits are seen soberly", lenient=0.8),
    Case("all are strict by 0.8; benefits are seen soberly", lenient=-0.8),
    Case("all are lenient by 0.8, about benefits too", lenient=0.8, rosy=0.8),
    Case("people differ much in leniency (1.0)", differ=1.0),
    Case("answers crowd round the middle (0.6)", stretch=0.6),
    Case("sober, but benefits come later (one step)", rosy=-1.0),
    Case("lenient by 0.8 about their own city only", lenient=0.8, plain=0.0),
    Case("lenient by 0.8 on bare scales, sober on ladders", lenient=0.0, plain=0.8, rated=0.8),
    Case("lenient by 0.8, half rate imagined cities carelessly", lenient=0.8, careless=0.5),
    Case("sober, experts stricter by 0.8", panel=-0.8),
)


def main() -> None:
    """Ask, and write the picture and the table."""
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--times", type=int, default=60, help="how often each case is asked")
    ask.add_argument("--to", type=Path, default=DOCS, help="folder of the page")
    given = ask.parse_args()
    model, draw = load_maturity(), np.random.default_rng(2021)
    results = [measured(model, case, draw, given.times) for case in CASES]
    (given.to / "maturity-corrections.svg").write_text(picture(results), encoding="utf-8")
    page = given.to / "maturity.md"
    page.write_text(with_table(page.read_text(encoding="utf-8"), results), encoding="utf-8")


@dataclass(frozen=True)
class Result:
    """Errors of the overall score: root mean square and mean, by column; how often the raw interval held the truth."""

    case: Case
    rms: Mapping[str, float]
    bias: Mapping[str, float]
    covered: float


def measured(model: MaturityModel, case: Case, draw: np.random.Generator, times: int) -> Result:
    """One case, so many cities."""
    errors: dict[str, list[float]] = {name: [] for name in COLUMNS}
    covered = 0
    for _ in range(times):
        truth, people, panel = asked(model, case, draw)
        cities = {variant: score_city(model, people, variant) for variant in VARIANTS}
        scores = {name: city.whole.overall for name, city in cities.items()}
        scores["experts"] = blended(model, panel, cities["raw"].whole).overall
        for name in COLUMNS:
            score = scores[name]
            assert score is not None
            errors[name].append(float(score) - truth)
        found = intervals(model, cities["raw"])
        assert found is not None and found.overall is not None
        covered += found.overall[0] <= truth <= found.overall[1]
    return Result(
        case,
        {name: float(np.sqrt(np.mean(np.square(all_)))) for name, all_ in errors.items()},
        {name: float(np.mean(all_)) for name, all_ in errors.items()},
        covered / times,
    )


def asked(model: MaturityModel, case: Case, draw: np.random.Generator) -> tuple[float, list[Respondent], Scores]:
    """A city: its true overall maturity, its respondents, its panel of experts."""
    names, levels = list(model.sub_dimensions), model.vignettes.levels
    city = np.clip(draw.normal(2.7, 0.3) + draw.normal(0, 0.4, len(names)), 1, 5)
    weights = np.array([float(model.weight(name)) for name in names])
    everywhere = np.clip(city + draw.normal(0, 0.3, (DEPARTMENTS, len(names))), 1, 5)
    truth = float(everywhere.mean(axis=0) @ weights)
    people = []
    for number, own in enumerate(everywhere):
        for _ in range(PEOPLE):
            leans = draw.normal(0, case.differ)
            on_ladders, on_plain = case.lenient + leans, (case.lenient if case.plain is None else case.plain) + leans
            bare = (case.lenient if case.rated is None else case.rated) + leans
            seen = own + draw.normal(0, 0.4, len(names))
            careless = draw.random() < case.careless
            people.append(
                Respondent(
                    department=f"D{number}",
                    answers=dict(zip(names, _steps(3 + case.stretch * (seen + on_ladders - 3)), strict=True)),
                    self_rated=_step(3 + case.stretch * (seen @ weights + bare - 3) + draw.normal(0, 0.3)),
                    benefits=_step(3 + case.stretch * (seen @ weights + case.rosy - 3) + draw.normal(0, 0.3)),
                    vignettes={
                        id_: {
                            level: int(draw.integers(1, 6))
                            if careless
                            else _step(3 + case.stretch * (level + on_plain - 3) + draw.normal(0, 0.3))
                            for level in levels
                        }
                        for id_ in model.dimensions
                    },
                )
            )
    rated = [_steps(city + case.panel + draw.normal(0, 0.4, len(names))) for _ in range(PANEL)]
    panel = sheet(model, {name: Fraction(sum(one[at] for one in rated), PANEL) for at, name in enumerate(names)})
    return truth, people, panel


def _step(value: float) -> int:
    return int(np.clip(round(float(value)), 1, 5))


def _steps(values: np.ndarray) -> list[int]:
    return [_step(value) for value in values]


def picture(results: list[Result]) -> str:
    """A line for each case, a mark for each way: the further right, the worse. SVG for both schemes of colour."""
    left, width, row, top = 380, 860, 34, 64
    most = max(max(one.rms.values()) for one in results) * 1.05
    height = top + row * len(results) + 46

    def x(value: float) -> float:
        return left + value / most * (width - left - 20)

    parts = []
    for at in range(int(most * 5) + 1):
        parts.append(f'<path class="grid" d="M{x(at / 5):.1f} {top - 8}V{height - 40}"/>')
        parts.append(
            f'<text class="soft" x="{x(at / 5):.1f}" y="{height - 24}" text-anchor="middle">{at / 5:.1f}</text>'
        )
    for number, one in enumerate(results):
        y = top + row * number + 12
        low, high = min(one.rms.values()), max(one.rms.values())
        parts.append(f'<text x="{left - 14}" y="{y + 4}" text-anchor="end">{escape(one.case.says)}</text>')
        parts.append(f'<path class="grid" stroke-width="3" d="M{x(low):.1f} {y}H{x(high):.1f}"/>')
        parts += [_mark(name, x(value), y) for name, value in one.rms.items()]
    place = 14.0
    for name in COLUMNS:
        parts += [_mark(name, place, 24), f'<text x="{place + 14:g}" y="28">{NAMES[name]}</text>']
        place += 46 + 7.2 * len(NAMES[name])
    parts.append(
        f'<text class="soft" x="{left}" y="{height - 6}">error of the overall score (root mean square, steps of the scale)</text>'
    )
    style = (
        "text{font:13px system-ui,sans-serif;fill:#1b2530}.soft{fill:#5b6773}.grid{stroke:#d5dade;fill:none}"
        "@media(prefers-color-scheme:dark){.ground{fill:#0d171d}text{fill:#e6edf1}.soft{fill:#a9b6be}.grid{stroke:#33424b}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">'
        "<title>Errors of the overall maturity score by case and correction</title>"
        f'<style>{style}</style><rect class="ground" width="{width}" height="{height}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _mark(name: str, x: float, y: float) -> str:
    colour = COLOURS[name]
    if name == "raw":
        return f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{colour}"/>'
    if name == "control":
        return f'<rect x="{x - 5.5:.1f}" y="{y - 5.5}" width="11" height="11" fill="{colour}"/>'
    if name == "vignettes":
        return f'<path d="M{x:.1f} {y - 7}l7 12.5h-14z" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y - 7}l7 7l-7 7l-7-7z" fill="{colour}"/>'


def with_table(page: str, results: list[Result]) -> str:
    """The page with its table made anew."""
    rows = [
        "| respondents | " + " | ".join(NAMES[name] for name in COLUMNS) + " | raw interval holds the truth |",
        "| --- |" + " ---: |" * (len(COLUMNS) + 1),
    ]
    for one in results:
        best = min(one.rms.values())
        cells = []
        for name in COLUMNS:
            bold = "**" if one.rms[name] == best else ""
            cells.append(f"{bold}{one.rms[name]:.2f}{bold} ({one.bias[name]:+.2f})")
        rows.append(f"| {one.case.says} | {' | '.join(cells)} | {one.covered:.0%} |")
    before, _, rest = page.partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end of table -->")
    return f"{before}<!-- table -->\n" + "\n".join(rows) + f"\n<!-- end of table -->{after}"


if __name__ == "__main__":
    main()
