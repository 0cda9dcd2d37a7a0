"""The rating in the words of one language: tables by category, comments, notes on the method."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from qala.reports import charts
from qala.reports.frame import frame
from qala.reports.language import NOTHING
from qala.reports.rating import CategoryRating, RatingData, RatingLine
from qala.reports.wording import Wording

View = dict[str, Any]
METHOD = ("S1", "T1", "A1", "A4", "C1", "C2", "C3", "D1", "D2", "E1", "E2", "N1b", "PR6")
"""Readings that a reader of a rating must know."""


def rating_view(data: RatingData, words: Wording, colours: charts.Palette) -> View:
    """The rating as texts and pictures."""
    edition = data.basis.edition
    before = data.before
    sections = [{"id": name, "name": words.section(name)} for name in data.basis.edition.sections]
    cities = sum(len(one.lines) for one in data.categories)
    return {
        **frame(data.basis, words, data.run, simulated=data.simulated),
        "title": words.say("rating.title"),
        "kind": words.say("rating.kind"),
        "cities": words.count("count.cities", cities),
        "before": "" if before is None else words.say("rating.before", run=before.run, day=words.day(before.as_of)),
        "sections": sections,
        "section_heads": [
            {"name": one["name"], "weight": words.percent(words.short(words.law.weights[one["id"]]))}
            for one in sections
        ],
        "categories": [_category(one, data, words, colours) for one in data.categories],
        "weak": [
            {
                "row": one.kpi.row,
                "name": words.text(one.kpi.name),
                "mean": words.share(one.mean),
                "bar": charts.bar(one.mean, None, None, colours=colours),
                "reached": words.say("section.scored_of", scored=one.reached, due=one.scored),
            }
            for one in data.weak
        ],
        "gaps": [
            {
                "row": one.kpi.row,
                "name": words.text(one.kpi.name),
                "cities": words.say("section.scored_of", scored=one.missing, due=one.asked),
            }
            for one in data.gaps
        ],
        "hinges": [
            {
                "what": words.variant(one.id),
                "change": words.points(one.change),
                "cities": words.number(one.cities),
                "moved": words.number(one.moved),
            }
            for one in data.hinges
        ],
        "readings": [
            {
                "id": name,
                "case": words.text(edition.readings[name].case),
                "rule": words.text(edition.readings[name].rule),
            }
            for name in METHOD
            if name in edition.readings
        ],
        "slips": [words.text(slip.text) for slip in edition.slips.values()],
    }


def _category(one: CategoryRating, data: RatingData, words: Wording, colours: charts.Palette) -> View:
    return {
        "id": one.category,
        "name": words.title(data.basis.edition.categories[one.category].name),
        "lines": [line_view(line, words, colours) for line in one.lines],
        "comments": comments(one, words),
    }


def line_view(line: RatingLine, words: Wording, colours: charts.Palette) -> View:
    """A city's row."""
    score = line.score
    low, high = words.bounds(score)
    place = NOTHING if line.place.place is None else str(line.place.place)
    return {
        "place": f"{place}=" if line.place.shared else place,
        "city": words.text(line.city.names),
        "code": line.city.code,
        "simulated": line.city.simulated,
        "index": words.index(score.final),
        "interval": words.interval(low, high),
        "span": charts.span(score.final, low, high, score.scale, colours=colours),
        "coverage": words.maybe_share(score.coverage),
        "band": words.band(score),
        "base": words.index(score.index),
        "bonus": words.points(score.bonus) if score.bonus else NOTHING,
        "sections": [
            {"name": words.section(one.id), "score": NOTHING if one.score is None else words.number(one.score * 100, 1)}
            for one in score.sections
        ],
        "moved": _moved(line, words),
        "moved_kind": "" if not line.moved else "up" if line.moved > 0 else "down",
        "standing": score.standing,
        "standing_said": words.say(f"standing.{score.standing}"),
        "reasons": [words.reason(one) for one in score.reasons if one.reading == "C1"],
    }


def _moved(line: RatingLine, words: Wording) -> str:
    if line.moved is None:
        return NOTHING
    if not line.moved:
        return words.say("rating.same_place")
    return ("▲ " if line.moved > 0 else "▼ ") + words.number(abs(line.moved))


def comments(one: CategoryRating, words: Wording) -> list[str]:
    """What the numbers of a category say, in sentences."""
    ranked = [line for line in one.lines if line.place.place is not None]
    said: list[str] = []
    if ranked:
        leaders = [line for line in ranked if line.place.place == 1]
        names = words.listed([words.text(line.city.names) for line in leaders])
        key = "comment.leader" if len(leaders) == 1 else "comment.leaders"
        said.append(
            words.say(key, city=names, index=words.index(leaders[0].score.final), band=words.band(leaders[0].score))
        )
    if one.apart is not None and one.apart.sections:
        sections = words.listed(
            [f"{words.section(name)} ({words.points(more, sign=True)})" for name, more in one.apart.sections]
        )
        kpis = words.listed(
            [f"{kpi.row} {words.text(kpi.name)} ({words.points(more, sign=True)})" for kpi, more in one.apart.kpis]
        )
        said.append(words.say("comment.apart", sections=sections, kpis=kpis))
    if one.apart is not None and one.apart.bonus > 0:
        said.append(words.say("comment.bonus", points=words.points(one.apart.bonus, sign=True)))
    if len(ranked) > 1:
        spread = (ranked[0].score.final or Fraction(0)) - (ranked[-1].score.final or Fraction(0))
        said.append(words.say("comment.spread", points=words.points(spread)))
        said += _overlaps(ranked, words)
    provisional = [words.text(line.city.names) for line in ranked if line.score.standing == "provisional"]
    if provisional:
        said.append(words.say("comment.provisional", cities=words.listed(provisional)))
    said += [
        words.say(
            "comment.not_ranked",
            city=words.text(line.city.names),
            reasons=" ".join(words.reason(reason) for reason in line.score.reasons if reason.reading == "C1"),
        )
        for line in one.lines
        if line.place.place is None
    ]
    return said


def _overlaps(ranked: list[RatingLine], words: Wording) -> list[str]:
    """Neighbours whose bounds overlap: their order hangs on data that did not come."""
    pairs = []
    for upper, lower in zip(ranked, ranked[1:], strict=False):
        low, high = words.bounds(upper.score)[0], words.bounds(lower.score)[1]
        if low is not None and high is not None and high > low and upper.place.place != lower.place.place:
            pairs.append(f"{words.text(upper.city.names)} – {words.text(lower.city.names)}")
    return [words.say("comment.overlap", pairs="; ".join(pairs))] if pairs else []
