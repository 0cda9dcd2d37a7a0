"""The few words in which a KPI says how it is computed: the closed grammar of `systems/*/kpis.yaml`.

One entry names datasets of the catalogue and says share, mean, count, sum, part of a whole, or distinct; what it is
divided by if that lives elsewhere (`per`); and the exceptions that a handful of KPIs need. No number of the law stands
here: limits and open terms are written `:name` and filled in from the edition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Within(_Model):
    """Two levels inside one day: rows are grouped by `by`, `let` names sums of a group, the entry sums over groups."""

    by: tuple[str, ...] = Field(min_length=1)
    let: Mapping[str, str] = Field(min_length=1)


class SincePrevious(_Model):
    """Adds `since_previous`: microseconds since the previous row that agrees in one of the column groups."""

    by: tuple[tuple[str, ...], ...] = Field(min_length=1)
    on: str
    look_back: str


class Alive(_Model):
    """An object counts only if it worked for the open term `alive_share` of the period's minutes."""

    of: str
    on: str
    minutes: str


class Matched(_Model):
    """An object counts only if another dataset has a row of it: in the period, or in its last `within` days."""

    of: str
    on: str
    where: str | None = None
    within: str | None = None


class Figure(_Model):
    """What is counted over one dataset: exactly one of the kinds, on rows that pass `where`, dated by `on`."""

    of: str
    where: str | None = None
    on: str | None = None
    share: str | None = None
    mean: str | None = None
    count: str | None = None
    sum: str | None = None
    distinct: str | None = None
    part: str | None = None
    part_where: str | None = None
    whole: str | None = None

    @property
    def kind(self) -> str:
        return next(k for k in ("share", "mean", "count", "sum", "distinct", "part") if getattr(self, k) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Figure:
        kinds = [k for k in ("share", "mean", "count", "sum", "distinct", "part") if getattr(self, k) is not None]
        if len(kinds) != 1:
            raise ValueError(
                f"exactly one of share, mean, count, sum, distinct, part is needed; here: {kinds or 'none'}"
            )
        if (self.part is None) != (self.whole is None):
            raise ValueError("part and whole go together")
        if self.part_where is not None and self.part is None:
            raise ValueError("part_where goes with part")
        return self


class Denominator(Figure):
    """What a rate is divided by. Over a registry it is a stock, taken at the end of the period or on 1 January."""

    at: Literal["period_end", "month_end", "year_start"] = "period_end"

    @model_validator(mode="after")
    def _one_number(self) -> Denominator:
        if self.kind not in ("count", "sum", "distinct"):
            raise ValueError("a denominator is a count, a sum or a distinct count")
        return self


class Computation(Figure):
    """A whole entry: a figure with what it is divided by and how exceptional it is."""

    per: Denominator | None = None
    within: Within | None = None
    by_component: str | None = None
    alive: Alive | None = None
    matched: Matched | None = None
    since_previous: SincePrevious | None = None
    carried: str | None = None
    """What a row must say for the source to have reported on this figure at all: a period with rows of which none does is
    `missing`, not `no_events` (N2), so that a column left empty never takes a KPI out of the index."""

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every dataset that must have been delivered for the figure to have a value."""
        others = (x.of for x in (self.per, self.alive, self.matched) if x is not None)
        return tuple(dict.fromkeys((self.of, *others)))

    @model_validator(mode="after")
    def _goes_together(self) -> Computation:
        if self.per is not None and self.kind not in ("count", "sum", "distinct"):
            raise ValueError(
                "`per` goes with count, sum or distinct; a share, a mean and a part have their own denominator"
            )
        if self.within is not None and self.kind not in ("part", "mean", "sum", "share", "count"):
            raise ValueError("`within` cannot be combined with distinct")
        if (self.alive or self.matched) and self.kind not in ("share", "part", "count", "sum"):
            raise ValueError("`alive` and `matched` go with share, part, count or sum over a registry")
        return self


class Beside(Computation):
    """A second figure that is shown beside the KPI and never scored."""

    unit: str | None = None


class KpiComputation(Computation):
    """How one KPI is computed, with the figures beside it and the variants of the uncertainty analysis."""

    beside: Mapping[str, Beside] = {}
    variants: Mapping[str, Mapping[str, object]] = {}

    def variant(self, name: str) -> Computation:
        """The computation with a variant's fields put in the place of the default ones."""
        own = self.model_dump(exclude={"beside", "variants"}, exclude_unset=True)
        return Computation.model_validate({**own, **self.variants[name]})

    @property
    def default(self) -> Computation:
        return Computation.model_validate(self.model_dump(exclude={"beside", "variants"}, exclude_unset=True))
