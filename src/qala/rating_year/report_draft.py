"""The report of item 37 as it is drafted: sentences out of a run's numbers, each with the numbers that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from qala import facts
from qala.ratings.changes import kpi_moves
from qala.ratings.rated_run import RatedRun
from qala.reports.rating import Gap, RatingData, Weak
from qala.reports.wording import Wording
from qala.robustness import Robustness
from qala.scoring import CityScore, best_gains
from qala.standard import Kpi
from qala.standard.values import LANGUAGES
from qala.standard.yaml_file import read_yaml

MOST = 3
"""Of what moved, of KPIs, of cities: so many sentences."""
MOST_CITIES = 10
UNSURE = 0.75
"""Neighbours whose order holds with less than this probability are named."""

Json = dict[str, Any]
Number = tuple[str, str, str]
"""(whose: a city's code, a KPI's row, a section; which; the number as text)."""


@cache
def texts() -> Json:
    """Parts, names of numbers, sentences."""
    return dict(read_yaml(Path(__file__).with_name("report_sentences.yaml")).data)


@dataclass(frozen=True)
class Basis:
    """What a report is drafted from.

    Attributes:
        before: the run of the publication before; None for the first.
        sure: how sure the places are; None while that was not computed.
    """

    run: RatedRun
    category: str
    data: RatingData
    before: RatedRun | None
    sure: Robustness | None


class _Draft:
    """Sentences in all languages at once."""

    def __init__(self, basis: Basis) -> None:
        self.at = basis
        self.words = {lang: Wording(lang, basis.run.edition) for lang in LANGUAGES}
        self.cities = facts.lake().cities
        self.ranked = [line.score for line in basis.data.categories[0].lines if line.place.place is not None]
        self.all = [line.score for line in basis.data.categories[0].lines]

    def say(
        self, part: str, kind: str, about: str, numbers: Sequence[Number], link: Sequence[Any], /, **said: Any
    ) -> Json:
        """One sentence; a value of `said` may be a function of the language's words."""
        text = {}
        for lang, words in self.words.items():
            told = {key: value(words) if callable(value) else value for key, value in said.items()}
            text[lang] = texts()["sentences"][kind][lang].format(**told)
        return {
            "id": f"{kind}.{about}" if about else kind,
            "part": part,
            "text": text,
            "numbers": [list(one) for one in numbers],
            "link": list(link),
        }

    def city(self, code: str) -> Any:
        return lambda words: words.text(self.cities.get(code).names)

    def names(self, codes: Sequence[str]) -> Any:
        shown = codes[:MOST_CITIES]
        more = f" +{len(codes) - len(shown)}" if len(codes) > len(shown) else ""
        return lambda words: words.listed([words.text(self.cities.get(code).names) for code in shown]) + more

    def kpi(self, row: str) -> Any:
        return lambda words: words.text(self.at.run.edition.kpi(row).name)


def draft(basis: Basis) -> list[Json]:
    """Every sentence, in the order of the parts."""
    made = _Draft(basis)
    return [
        *_results(made), *_movement(made), *_sections(made), *_kpis(made), *_data(made), *_practice(made),
        *_certainty(made), *_recommendations(made),
    ]  # fmt: skip


def _rating(made: _Draft) -> tuple[Any, ...]:
    return ("scores:rating", [], f"category={made.at.category}&year={made.at.run.year}")


def _of(code: str) -> tuple[Any, ...]:
    return ("scores:city", [code], "")


def _exact(value: Fraction | None, digits: int = 4) -> str:
    return "" if value is None else f"{float(value):.{digits}f}"


def _results(made: _Draft) -> Iterator[Json]:
    if not made.ranked:
        return
    first, last = made.ranked[0], made.ranked[-1]
    finals = [one.final or Fraction(0) for one in made.ranked]
    yield made.say(
        "results", "leader", "", [(first.city, "index", _exact(first.final))], _of(first.city),
        city=made.city(first.city), index=lambda words: words.index(first.final), band=lambda words: words.band(first),
    )  # fmt: skip
    if len(made.ranked) > 1:
        mean = sum(finals, Fraction(0)) / len(finals)
        yield made.say(
            "results", "spread", "",
            [(first.city, "index", _exact(first.final)), (last.city, "index", _exact(last.final)), ("", "mean", _exact(mean))],
            _rating(made), points=lambda words: words.points(finals[0] - finals[-1]), mean=lambda words: words.points(mean),
        )  # fmt: skip
    out = [one.city for one in made.all if one not in made.ranked]
    if out:
        numbers = [(one.city, "coverage", _exact(one.coverage)) for one in made.all if one not in made.ranked]
        yield made.say("results", "not_ranked", "", numbers, _rating(made), cities=made.names(out), count=len(out))


def _movement(made: _Draft) -> Iterator[Json]:
    old, new = made.at.before, made.at.run
    if old is None:
        yield made.say("movement", "no_before", "", [], _rating(made))
        return
    both = [one for one in made.ranked if one.city in old and old.score(one.city).final is not None]
    moved = {one.city: (one.final or Fraction(0)) - (old.score(one.city).final or Fraction(0)) for one in both}
    if both:
        mean = sum(moved.values(), Fraction(0)) / len(moved)
        yield made.say(
            "movement", "mean_moved", "", [("", "change", _exact(mean)), ("", "cities", str(len(both)))], _rating(made),
            change=lambda words: words.points(mean, sign=True), day=lambda words: words.day(old.as_of),
        )  # fmt: skip
    by_places = [
        (old.place_of[one.city] - new.place_of[one.city], one.city)
        for one in both
        if one.city in old.place_of and old.score(one.city).category == made.at.category
    ]
    rose = sorted((one for one in by_places if one[0] > 0), reverse=True)[:MOST]
    fell = sorted(one for one in by_places if one[0] < 0)[:MOST]
    for kind, found in (("rose", rose), ("fell", fell)):
        for _places, code in found:
            up = kind == "rose"
            parts = [one for one in kpi_moves(old, new, code) if (one.added > 0) == up][:MOST]
            numbers = [
                (code, "place_before", str(old.place_of[code])), (code, "place", str(new.place_of[code])),
                (code, "change", _exact(moved[code])),
                *((one.line.kpi.row, "points", _exact(one.added)) for one in parts),
            ]  # fmt: skip
            yield made.say(
                "movement", kind, code, numbers, _of(code), city=made.city(code), before=old.place_of[code],
                place=new.place_of[code], change=lambda words, code=code: words.points(moved[code], sign=True),
                kpis=lambda words, parts=parts: _listed(words, [(one.line.kpi, one.added) for one in parts]) or "—",
            )  # fmt: skip


def _section_means(scores: Sequence[CityScore]) -> dict[str, Fraction]:
    found: dict[str, list[Fraction]] = {}
    for score in scores:
        for one in score.sections:
            if one.score is not None:
                found.setdefault(one.id, []).append(one.score)
    return {name: sum(all_, Fraction(0)) / len(all_) for name, all_ in found.items()}


def _sections(made: _Draft) -> Iterator[Json]:
    now = _section_means(made.all)
    old = made.at.before
    before = {} if old is None else _section_means(old.scores(made.at.category))
    ordered = sorted(now, key=lambda name: -now[name])
    for kind, name in (("section_best", ordered[:1]), ("section_worst", ordered[1:][-1:])):
        for one in name:
            yield made.say(
                "sections", kind, "", [(one, "mean", _exact(now[one]))], _rating(made),
                section=lambda words, one=one: words.section(one), mean=lambda words, one=one: words.share(now[one]),
            )  # fmt: skip
    for one in ordered:
        if one in before and before[one] != now[one]:
            yield made.say(
                "sections", "section_moved", one,
                [(one, "mean_before", _exact(before[one])), (one, "mean", _exact(now[one]))], _rating(made),
                section=lambda words, one=one: words.section(one), mean=lambda words, one=one: words.share(now[one]),
                before=lambda words, one=one: words.share(before[one]),
            )  # fmt: skip


def _missed(made: _Draft) -> list[Weak]:
    """The KPIs missed by most: the largest share of scored cities below the target, then the lowest mean."""
    return sorted(made.at.data.weak, key=lambda one: (Fraction(one.reached, one.scored), one.mean, one.kpi.row))


def _kpis(made: _Draft) -> Iterator[Json]:
    for one in _missed(made)[: 2 * MOST]:
        row = one.kpi.row
        numbers = [
            (row, "reached", str(one.reached)),
            (row, "scored", str(one.scored)),
            (row, "mean", _exact(one.mean)),
        ]
        yield made.say(
            "kpis", "missed", row, numbers, _rating(made), row=row, name=made.kpi(row), reached=one.reached,
            scored=one.scored, mean=lambda words, one=one: words.share(one.mean),
        )  # fmt: skip


def _gap_said(made: _Draft, part: str, kind: str, one: Gap) -> Json:
    row = one.kpi.row
    numbers = [(row, "missing", str(one.missing)), (row, "asked", str(one.asked))]
    return made.say(
        part, kind, row, numbers, _rating(made), row=row, name=made.kpi(row), missing=one.missing, asked=one.asked
    )


def _data(made: _Draft) -> Iterator[Json]:
    covered = [(one.coverage, one.city) for one in made.all if one.coverage is not None]
    if covered:
        mean, (least, code) = sum((part for part, _ in covered), Fraction(0)) / len(covered), min(covered)
        yield made.say(
            "data", "coverage", "", [("", "coverage", _exact(mean)), (code, "coverage", _exact(least))], _of(code),
            coverage=lambda words: words.share(mean), least=lambda words: words.share(least), city=made.city(code),
        )  # fmt: skip
    for one in made.at.data.gaps[: 2 * MOST]:
        yield _gap_said(made, "data", "gap", one)
    if not made.at.data.gaps:
        yield made.say("data", "no_gaps", "", [], _rating(made))


def _examples(made: _Draft) -> Iterator[tuple[Weak, list[str], Fraction]]:
    """Weak KPIs that some cities reach all the same: who, and the mean score of the others."""
    for one in _missed(made):
        scores = {score.city: kpi.score for score in made.all for kpi in score.kpis if kpi.row == one.kpi.row}
        reached = [code for code, score in scores.items() if score == 1]
        others = [score for score in scores.values() if score is not None and score != 1]
        if reached and others:
            yield one, reached, sum(others, Fraction(0)) / len(others)


def _practice(made: _Draft) -> Iterator[Json]:
    found = list(_examples(made))[:MOST]
    for one, reached, mean in found:
        row = one.kpi.row
        numbers = [*((code, "mean", "1.0000") for code in reached[:MOST_CITIES]), (row, "mean", _exact(mean))]
        yield made.say(
            "practice", "example", row, numbers, _of(reached[0]), row=row, name=made.kpi(row), cities=made.names(reached),
            mean=lambda words, mean=mean: words.share(mean),
        )  # fmt: skip
    if not found:
        yield made.say("practice", "no_example", "", [], _rating(made))


def _certainty(made: _Draft) -> Iterator[Json]:
    sure = made.at.sure
    link: tuple[Any, ...] = ("scores:how_sure", [], f"category={made.at.category}&year={made.at.run.year}")
    if sure is None or not sure.cities:
        yield made.say("certainty", "not_weighed", "", [], link)
        return
    widths = {one.city: round(one.places.high - one.places.low) + 1 for one in sure.cities}
    widest = max(sure.cities, key=lambda one: widths[one.city])
    span = f"{round(widest.places.low)}–{round(widest.places.high)}"
    mean = Fraction(sum(widths.values()), len(widths))
    yield made.say(
        "certainty", "intervals", "", [("", "mean", _exact(mean, 2)), (widest.city, "places", span)], link,
        width=lambda words: words.number(mean, 1), city=made.city(widest.city), places=span,
    )  # fmt: skip
    pairs = [
        (sure.probability_above(one.city, other.city), one.city, other.city)
        for one, other in zip(sure.cities, sure.cities[1:], strict=False)
    ]
    for chance, one, other in sorted(pairs)[:MOST]:
        if chance < UNSURE:
            yield made.say(
                "certainty", "close", f"{one}.{other}", [(f"{one}, {other}", "probability", f"{chance:.4f}")], link,
                one=made.city(one), other=made.city(other),
                probability=lambda words, chance=chance: words.share(Fraction(chance).limit_denominator(10**4)),
            )  # fmt: skip
    reading = next((one for one in sure.influences if one.kind == "reading"), None)
    if reading is not None:
        yield made.say(
            "certainty", "influence", "", [(reading.id, "share", f"{reading.total:.4f}")], link,
            what=lambda words: words.variant(reading.id),
            share=lambda words: words.share(Fraction(reading.total).limit_denominator(10**4)),
        )  # fmt: skip


def _recommendations(made: _Draft) -> Iterator[Json]:
    gains = {score.city: best_gains(score, len(score.kpis)) for score in made.all}
    by_row: dict[str, list[Fraction]] = {}
    for lines in gains.values():
        for line in lines:
            by_row.setdefault(line.kpi.row, []).append(max(line.to_win, line.to_secure))
    worth = {row: sum(all_, Fraction(0)) / len(made.all) for row, all_ in by_row.items()}
    for row in sorted(worth, key=lambda row: (-worth[row], row))[:MOST]:
        yield made.say(
            "recommendations", "raise", row, [(row, "points", _exact(worth[row]))], _rating(made), row=row,
            name=made.kpi(row), points=lambda words, row=row: words.points(worth[row]),
        )  # fmt: skip
    for one, reached, _mean in list(_examples(made))[:MOST]:
        best = max((made.at.run.score(code) for code in reached), key=lambda score: (score.final or 0, score.city))
        yield made.say(
            "recommendations", "learn", one.kpi.row, [(best.city, "mean", "1.0000")], _of(best.city), row=one.kpi.row,
            name=made.kpi(one.kpi.row), city=made.city(best.city),
        )  # fmt: skip
    for gap in made.at.data.gaps[:MOST]:
        yield _gap_said(made, "recommendations", "connect", gap)
    for score in made.ranked[::-1][:MOST]:
        lines = gains[score.city][:MOST]
        numbers = [(line.kpi.row, "points", _exact(max(line.to_win, line.to_secure))) for line in lines]
        if lines:
            yield made.say(
                "recommendations", "of_city", score.city, numbers, _of(score.city), city=made.city(score.city),
                kpis=lambda words, lines=lines: _listed(
                    words, [(made.at.run.edition.kpi(one.kpi.row), max(one.to_win, one.to_secure)) for one in lines]
                ),
            )  # fmt: skip


def _listed(words: Wording, kpis: Sequence[tuple[Kpi, Fraction]]) -> str:
    """`2.1 Name (+0.4), …`."""
    return words.listed(
        [f"{kpi.row} {words.text(kpi.name)} ({words.points(points, sign=True)})" for kpi, points in kpis]
    )
