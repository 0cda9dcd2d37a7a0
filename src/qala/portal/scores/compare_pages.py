"""Cities beside one another: a heat table of KPIs, small multiples of their months, sections on one radar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import City
from qala.people.access import require, visible_cities
from qala.portal.kpi.subject import Ground, Subject
from qala.portal.scores import queries
from qala.portal.scores.said import LEAST_AXES, View, heat, radar
from qala.ratings import queries as ratings
from qala.ratings.lines import kpi_lines, words_of
from qala.ratings.rated_run import RatedRun
from qala.reports.sheet import KpiLine
from qala.reports.wording import Wording, grade
from qala.standard import Kpi
from qala.standard.period import Period
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response, wanted
from qala.ui.formats import short_period
from qala.ui.sent import whole

MOST_CITIES = 12
_MOST_KPIS = 15
_MOST_CHARTS = 24
_OTHER = ("not_applicable", "no_target", "not_due")
"""Of these a value may be another thing than the KPI compares: a total, a projection."""


@dataclass(frozen=True)
class Column:
    """A chosen city: its published run, and its KPIs by row."""

    city: City
    run: RatedRun
    lines: dict[str, KpiLine]

    def score(self, row: str) -> Fraction | None:
        """The score of a KPI."""
        line = self.lines.get(row)
        return None if line is None else line.score.score


def compare(request: HttpRequest) -> HttpResponseBase:
    """Chosen cities and KPIs; without a choice of KPIs those that part the cities most."""
    require(request.user, "rating.see")
    year = _year(request)
    candidates = [line for line in queries.city_lines(visible_cities(request.user), year) if line.run is not None]
    wanted_codes = _several(request, "cities")
    chosen = [line for line in candidates if line.city.code in wanted_codes][:MOST_CITIES]
    columns = [
        Column(line.city, line.run, {one.kpi.row: one for one in kpi_lines(line.run, line.city.code)})
        for line in sorted(chosen, key=lambda line: wanted_codes.index(line.city.code))
        if line.run is not None
    ]
    edition = columns[0].run.edition if columns else facts.edition()
    words = words_of(edition)
    asked_rows = _several(request, "kpis")
    section = request.GET.get("section") or ""
    kpis = _kpis(columns, list(edition.kpis.values()), asked_rows, section)
    if wanted(request) and columns:
        return _table(request, columns, kpis, words)
    asked = request.GET.get("q", "").strip().casefold()
    return render(
        request,
        "portal/scores/compare.html",
        {
            "columns": [
                {"code": one.city.code, "name": words.text(one.city.names), "simulated": one.city.simulated}
                for one in columns
            ],
            "rows": [_row(kpi, columns, words) for kpi in kpis],
            "totals": [_total(one, words) for one in columns],
            "candidates": _candidates(candidates, wanted_codes, asked, words),
            "all_kpis": [
                {"row": kpi.row, "name": kpi.name, "chosen": kpi.row in asked_rows} for kpi in edition.kpis.values()
            ],
            "sections": [(name, words.section(name)) for name in edition.sections],
            "section": section,
            "chosen_kpis": bool(asked_rows),
            "apart": not asked_rows and not section,
            "years": ratings.years(),
            "year": year,
            "most": MOST_CITIES,
            "radar": _radar(columns, words) if columns else None,
            "multiples": _multiples(columns, kpis, words) if columns else [],
            "initiatives": _by_initiative(columns, words) if columns else [],
            "most_charts": _MOST_CHARTS if len(kpis) > _MOST_CHARTS else 0,
            "simulated": any(one.city.simulated for one in columns),
        },
    )


def _candidates(lines: Sequence[queries.CityLine], chosen: Sequence[str], asked: str, words: Wording) -> list[View]:
    """Rated cities to choose from, by category: those whose name or code holds what is asked, and those chosen."""
    groups: dict[str, list[View]] = {}
    for line in lines:
        here = line.city.code in chosen
        names = [line.city.code, *line.city.names.values()]
        if here or not asked or any(asked in name.casefold() for name in names):
            one = {"code": line.city.code, "name": words.text(line.city.names), "chosen": here}
            groups.setdefault(_category(line, words), []).append(one)
    order = [words.title(one.name) for one in words.edition.categories.values()]
    return [
        {"name": name, "cities": sorted(groups[name], key=lambda one: one["name"])} for name in order if name in groups
    ]


def _kpis(columns: Sequence[Column], kpis: Sequence[Kpi], rows: Sequence[str], section: str) -> list[Kpi]:
    """The KPIs to show: the named ones, or those of a section, or those that part the cities most; the order's sequence."""
    if rows:
        return [kpi for kpi in kpis if kpi.row in rows]
    if section:
        return [kpi for kpi in kpis if kpi.section == section and (section and _known(columns, kpi))]
    apart = [(_apart(columns, kpi), kpi.row) for kpi in kpis]
    shown = {row for known, row in sorted(apart, reverse=True)[:_MOST_KPIS] if known[0]}
    return [kpi for kpi in kpis if kpi.row in shown]


def _known(columns: Sequence[Column], kpi: Kpi) -> bool:
    return any(one.score(kpi.row) is not None or _asked(one, kpi) for one in columns)


def _asked(column: Column, kpi: Kpi) -> bool:
    line = column.lines.get(kpi.row)
    return line is not None and line.score.status in ("missing", "invalid", "no_events", "no_baseline")


def _apart(columns: Sequence[Column], kpi: Kpi) -> tuple[int, Fraction]:
    """How many of the cities have a score, and how far the best is from the worst: by this KPIs are chosen."""
    scores = [score for one in columns if (score := one.score(kpi.row)) is not None]
    return len(scores), max(scores) - min(scores) if scores else Fraction(0)


def _row(kpi: Kpi, columns: Sequence[Column], words: Wording) -> View:
    return {
        "row": kpi.row,
        "name": kpi.name,
        "order": reverse("order:kpi", args=[kpi.row]),
        "cells": [_cell(one, kpi, words) for one in columns],
    }


def _cell(column: Column, kpi: Kpi, words: Wording) -> View:
    line = column.lines.get(kpi.row)
    if line is None:
        return {"heat": "none", "value": "—", "score": "", "url": ""}
    score = line.score.score
    return {
        "heat": heat(score),
        "value": words.value(line) if score is not None or line.score.status not in _OTHER else "",
        "score": "" if score is None else words.share(score),
        "status": "" if score is not None else words.status(line.score),
        "grade": grade(line.score),
        "url": reverse("kpi:kpi", args=[column.city.code, kpi.row]),
    }


def _total(column: Column, words: Wording) -> View:
    score = column.run.score(column.city.code)
    low, high = words.bounds(score)
    return {
        "code": column.city.code,
        "final": score.final,
        "index": words.index(score.final),
        "low": low,
        "high": high,
        "interval": words.interval(low, high),
        "band": score.band,
        "coverage": words.maybe_share(score.coverage),
        "place": column.run.place_of.get(column.city.code),
        "category": words.title(column.run.edition.categories[score.category].name),
        "simulated": column.city.simulated,
    }


def _radar(columns: Sequence[Column], words: Wording) -> Chart | None:
    """Cities over the sections that all of them have; those of which too few are due are left out and named."""
    found = {
        one.city.code: {s.id: s.score for s in one.run.score(one.city.code).sections if s.score is not None}
        for one in columns
    }
    drawn = [one for one in columns if len(found[one.city.code]) >= LEAST_AXES]
    if not drawn:
        return None
    axes = set.intersection(*(set(found[one.city.code]) for one in drawn))
    left = words.listed([words.text(one.city.names) for one in columns if one not in drawn])
    made = radar(
        "sections",
        _("Sections"),
        words,
        [(words.text(one.city.names), {name: found[one.city.code].get(name) for name in axes}, False) for one in drawn],
    )
    note = _("Not drawn, for too few of their sections are due: %(cities)s.") % {"cities": left} if left else ""
    return None if made is None else replace(made, note=note, heading=2)


def _multiples(columns: Sequence[Column], kpis: Sequence[Kpi], words: Wording) -> list[Chart]:
    """One small chart for each KPI: its months in each city; the target where all of them have the same."""
    grounds = [
        Ground(one.city, one.run.year, ratings.shown(None, city=one.city.code, year=one.run.year), one.run.as_of)
        for one in columns
    ]
    year = Period.parse(str(max(one.run.year for one in columns)))
    last = max(one.run.as_of for one in columns)
    months = [month for month in year.parts("month") if month.last_day <= last]
    made = []
    for kpi in kpis[:_MOST_CHARTS]:
        subjects = [Subject(ground, kpi) for ground in grounds]
        rows = [[_month(subject, month) for month in months] for subject in subjects]
        if len(months) < 2 or all(value is None for row in rows for value in row):
            continue
        limits = {subject.limits() for subject in subjects}
        several = len({(subject.compares, subject.unit) for subject in subjects}) > 1
        first = subjects[0]
        made.append(
            Chart(
                id=f"months-{kpi.row.replace('.', '-')}",
                kind="line",
                title=f"{kpi.row} {words.text(kpi.name)}",
                categories=[short_period(month, words.language) for month in months],
                series=[Series(words.text(one.city.names), row) for one, row in zip(columns, rows, strict=True)],
                unit="" if several else "%" if first.compares else words.unit(first.unit),
                target=(limits.pop() or None) if len(limits) == 1 else None,
                heading=3,
            )
        )
    return made


def _month(subject: Subject, month: Period) -> Fraction | None:
    if month.last_day > subject.ground.as_of:
        return None
    of = facts.values().of(subject.city.code)
    return subject.number(of.value(subject.kpi, month, subject.ground.as_of, extras=False))


def _by_initiative(columns: Sequence[Column], words: Wording) -> list[View]:
    """Rows of a heat table: the share of each initiative's scored points that a city has."""
    made = []
    for initiative in words.edition.initiatives.values():
        shares = [_share(one, initiative.no) for one in columns]
        if any(share is not None for share in shares):
            cells = [
                {
                    "said": "—" if share is None else words.share(share),
                    "heat": heat(share),
                    "url": reverse("kpi:initiative", args=[one.city.code, initiative.no]),
                }
                for one, share in zip(columns, shares, strict=True)
            ]
            made.append({"no": initiative.no, "name": initiative.name, "cells": cells})
    return made


def _share(column: Column, initiative: int) -> Fraction | None:
    """Points of an initiative that a city has, of those that are scored."""
    own = [line for line in column.lines.values() if line.kpi.initiative == initiative and line.score.score is not None]
    most = sum(line.kpi.points for line in own)
    have = sum((line.kpi.points * (line.score.score or Fraction(0)) for line in own), Fraction(0))
    return have / most if most else None


def _category(line: queries.CityLine, words: Wording) -> str:
    score = line.score
    return "" if score is None or line.run is None else words.title(line.run.edition.categories[score.category].name)


def _several(request: HttpRequest, name: str) -> list[str]:
    """Values of a key that stands several times or holds commas, each once."""
    found = [part.strip() for value in request.GET.getlist(name) for part in value.split(",")]
    return list(dict.fromkeys(part for part in found if part))


def _year(request: HttpRequest) -> int | None:
    said = request.GET.get("year") or ""
    year = whole(said)
    if said and year is None:
        raise Http404(said)
    return year


def _table(request: HttpRequest, columns: Sequence[Column], kpis: Sequence[Kpi], words: Wording) -> HttpResponseBase:
    heads = [_("Row"), _("Name"), _("Unit")]
    for one in columns:
        name = words.text(one.city.names)
        heads += [_("%(city)s: value") % {"city": name}, _("%(city)s: score") % {"city": name}]
    rows = []
    for kpi in kpis:
        cells: list[Any] = [kpi.row, words.text(kpi.name), words.unit(kpi.unit)]
        for one in columns:
            line = one.lines.get(kpi.row)
            cells += [None, None] if line is None else [line.score.observation.value, line.score.score]
        rows.append(cells)
    return table_response(request, "comparison", heads, rows)
