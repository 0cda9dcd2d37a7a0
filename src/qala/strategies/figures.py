"""Figures of a text: `{{index}}`, `{{kpi 2.1}}`, `{{kpis governance}}`. Live ones come from the published run that holds, from
the lake and the roadmap; when the strategy is submitted what they say is frozen with the run.

What a figure says is plain data, so that it can be kept: `{"text": …}`, `{"table": …}` or `{"picture": …}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext

from qala import facts
from qala.kits.documents import Block, Figure, Table
from qala.kits.documents.markdown import Filled
from qala.kits.procedure.queries import today_of
from qala.maturity.models import Assessment
from qala.maturity.queries import published_scores
from qala.ratings.queries import run_of
from qala.ratings.rated_run import RatedRun
from qala.reports import charts
from qala.reports.language import NOTHING
from qala.reports.wording import Wording
from qala.roadmaps.models import Roadmap
from qala.roadmaps.prefill import translations
from qala.roadmaps.queries import money_by_year
from qala.scoring import CityScore, KpiScore, Profile
from qala.standard.period import Period
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES, Language
from qala.strategies.models import Strategy
from qala.ui import formats

Said = dict[str, Any]

OFFERED: Mapping[str, Any] = {
    "index": gettext_lazy("the city's index"),
    "band": gettext_lazy("the band that it lies in"),
    "place": gettext_lazy("the city's place in its category"),
    "coverage": gettext_lazy("how much of the law is covered by data"),
    "maturity": gettext_lazy("the published maturity score"),
    "kpi 2.1": gettext_lazy("a KPI's value in the rated year"),
    "kpi 2.1 2026-03": gettext_lazy("a KPI's value in a period, as the lake has it today"),
    "target 2.1": gettext_lazy("a KPI's target for the city's category"),
    "sections": gettext_lazy("table: the sections of the index"),
    "kpis governance": gettext_lazy("table: KPIs of a section"),
    "scale": gettext_lazy("picture: the index on its scale"),
    "actions": gettext_lazy("table: actions of the roadmap"),
    "money": gettext_lazy("table: money of the roadmap by year"),
}
"""What can be written between braces, as an example, and what it says."""


class Live:
    """Figures of a city as they are now, in one language."""

    def __init__(self, strategy: Strategy, language: Language) -> None:
        self.strategy, self.language = strategy, language

    def say(self, token: str) -> Said:
        """What a figure says.

        Raises:
            Problem: there is no such figure, or nothing to tell.
        """
        name, *rest = token.split()
        tellers: dict[str, tuple[Callable[..., Said], tuple[int, ...]]] = {
            "index": (self._index, (0,)), "band": (self._band, (0,)), "place": (self._place, (0,)),
            "coverage": (self._coverage, (0,)), "maturity": (self._maturity, (0,)), "kpi": (self._kpi, (1, 2)),
            "target": (self._target, (1,)), "sections": (self._sections, (0,)), "kpis": (self._kpis, (1,)),
            "scale": (self._scale, (0,)), "actions": (self._actions, (0,)), "money": (self._money, (0,)),
        }  # fmt: skip
        if name not in tellers or len(rest) not in tellers[name][1]:
            raise Problem(_("there is no such figure"))
        with override(self.language):
            return tellers[name][0](*rest)

    @cached_property
    def rated(self) -> RatedRun | None:
        """The published run that holds for the city."""
        found = run_of(self.strategy.city)
        return None if found is None else found[1]

    @property
    def score(self) -> CityScore:
        if self.rated is None:
            raise Problem(_("no rating with this city is published yet"))
        return self.rated.score(self.strategy.city)

    @cached_property
    def words(self) -> Wording:
        law = self.rated.edition if self.rated is not None else facts.editions()[self.strategy.edition]
        return Wording(self.language, law)

    def _index(self) -> Said:
        return {"text": self.words.index(self.score.final)}

    def _band(self) -> Said:
        return {"text": self.words.band(self.score)}

    def _place(self) -> Said:
        place = self.rated.place_of.get(self.score.city) if self.rated is not None else None
        return {"text": NOTHING if place is None else str(place)}

    def _coverage(self) -> Said:
        return {"text": self.words.maybe_share(self.score.coverage)}

    def _maturity(self) -> Said:
        found = Assessment.objects.filter(city=self.strategy.city, sphere="").exclude(published_at=None).first()
        scores = None if found is None else published_scores(found)
        if scores is None or scores.overall is None:
            raise Problem(_("no maturity assessment of the city is published yet"))
        return {"text": self.words.number(scores.overall, 1)}

    def _of(self, row: str) -> KpiScore:
        wanted = self.words.edition.kpi(row).row
        return next(one for one in self.score.kpis if one.row == wanted)

    def _value(self, one: KpiScore) -> str:
        kpi, seen = self.words.edition.kpi(one.row), one.observation
        if one.change is not None and one.target is not None and one.target.hold is None:
            return self.words.percent(self.words.short(one.change, sign=True, beside=self.words.edges(one.target)))
        if seen.value is None:
            return self.words.status(one)
        unit = "count" if kpi.compare and self.words.edition.units[kpi.unit].factor != 1 else kpi.unit
        return self.words.amount(seen.value, unit, beside=() if kpi.compare else self.words.edges(one.target))

    def _kpi(self, row: str, period: str = "") -> Said:
        if not period:
            return {"text": self._value(self._of(row))}
        kpi, asked = self.words.edition.kpi(row), Period.parse(period)
        day = today_of(self.strategy.city)
        found = facts.values().value(self.strategy.city, kpi, asked, day, Profile())
        return {"text": NOTHING if found.value is None else self.words.amount(found.value, found.unit)}

    def _target(self, row: str) -> Said:
        one = self._of(row)
        return {"text": self.words.target(self.words.edition.kpi(one.row), one.target)}

    def _sections(self) -> Said:
        heads = [_("Section"), _("Weight"), _("Score"), _("Between")]
        whole = self.score.scale
        rows = [
            [
                self.words.section(one.id), self.words.number(one.weight),
                self.words.points(None if one.score is None else whole * one.score),
                self.words.interval(*(None if end is None else whole * end for end in (one.low, one.high))),
            ]
            for one in self.score.sections
        ]  # fmt: skip
        return _table(self._caption(_("Sections of the index")), heads, rows, [1, 2, 3], [4, 1, 1, 2])

    def _kpis(self, section: str) -> Said:
        if section not in self.words.edition.spheres:
            known = ", ".join(one.id for one in self.score.sections)
            raise Problem(_("there is no section %(id)s; there are: %(known)s") % {"id": section, "known": known})
        law = self.words.edition
        rows = [
            [
                one.row, self.words.title(law.kpi(one.row).name), self._value(one),
                self.words.target(law.kpi(one.row), one.target), self.words.status(one),
            ]
            for one in self.score.kpis if one.section == section and one.target is not None and one.status != "not_applicable"
        ]  # fmt: skip
        heads = [_("No."), _("KPI"), _("Value"), _("Target"), _("State")]
        return _table(self._caption(self.words.section(section)), heads, rows, [2, 3], [1, 6, 2.2, 2.2, 2.4])

    def _scale(self) -> Said:
        score = self.score
        bands = sorted((Fraction(one["at_least"]), str(one["at_least"])) for one in self._bands().values())
        picture = charts.gauge(
            score.final, *self.words.bounds(score), bands, score.scale, said=self._caption(self.words.index(score.final)),
            colours=charts.ON_PAPER,
        )  # fmt: skip
        return {
            "picture": picture,
            "said": self.words.index(score.final),
            "caption": self._caption(_("The city's index")),
        }

    def _bands(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.words.edition.scoring["bands"]
        return found

    def _caption(self, what: str) -> str:
        assert self.rated is not None
        return f"{what}, {self.rated.year} ({self.words.day(self.rated.as_of)})"

    @cached_property
    def _roadmap(self) -> Roadmap:
        found = Roadmap.objects.filter(city=self.strategy.city).first()
        if found is None:
            raise Problem(_("the city has no roadmap yet"))
        return found

    def _actions(self) -> Said:
        known = translations(facts.editions()[self._roadmap.edition], self._roadmap.category, self.language)
        rows = [
            [str(at), known.get(one.name, one.name), one.when, known.get(one.executors, one.executors)]
            for at, one in enumerate(self._roadmap.actions.all(), 1)
        ]
        heads = [_("No."), _("What is done"), _("Years"), _("Executors")]
        return _table(self._of_roadmap(_("Actions of the roadmap")), heads, rows, [], [1, 6, 2, 5])

    def _money(self) -> Said:
        years = money_by_year(self._roadmap, list(self._roadmap.actions.all()))
        rows = [[str(year), formats.number(money, None, self.language)] for year, money in years]
        rows.append(
            [pgettext("money", "Together"), formats.number(sum(money for _y, money in years), None, self.language)]
        )
        return _table(
            self._of_roadmap(_("Money of the roadmap, million tenge")),
            [_("Year"), _("Million tenge")],
            rows,
            [1],
            [1, 1],
        )

    def _of_roadmap(self, what: str) -> str:
        return f"{what} ({_('version %(n)s') % {'n': self._roadmap.version}})"


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int], widths: Sequence[float]
) -> Said:
    return {"table": asdict(Table([str(one) for one in heads], rows, numbers, widths, caption))}


def frozen(strategy: Strategy, tokens: Iterable[str]) -> tuple[dict[str, dict[str, Said]], dict[str, Any]]:
    """What figures say now in every language, and what they rest on; JSON."""
    live = {language: Live(strategy, language) for language in LANGUAGES}
    wanted = sorted(tokens)
    found = {token: {str(language): said(one, token) for language, one in live.items()} for token in wanted}
    return found, basis(live["en"].rated, today_of(strategy.city))


def basis(run: RatedRun | None, day: date) -> dict[str, Any]:
    """What figures rest on."""
    here = {"day": day.isoformat()}
    if run is None:
        return here
    return here | {"run": run.id, "year": run.year, "as_of": run.as_of.isoformat(), "edition": run.edition.id}


def said(live: Live, token: str) -> Said:
    """What a figure says, or why it says nothing."""
    try:
        return live.say(token)
    except Problem as why:
        return {"lacks": str(why)}


def filler(strategy: Strategy, language: Language) -> Callable[[str], Filled]:
    """What stands in the place of a figure: the frozen one, or in a draft the live one."""
    live = Live(strategy, language)
    kept = {} if strategy.lives else strategy.figures
    made: dict[str, Said] = {}

    def fill(token: str) -> Filled:
        if token not in made:
            made[token] = kept[token][language] if token in kept else said(live, token)
        return _shown(token, made[token])

    return fill


def _shown(token: str, one: Said) -> Filled:
    if "table" in one:
        return [Table(**one["table"])]
    if "picture" in one:
        found: list[Block] = [Figure(one["picture"], one["said"], one["caption"], 120)]
        return found
    return str(one["text"]) if "text" in one else f"[{token}: {one['lacks']}]"
