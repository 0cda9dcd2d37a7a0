"""What one edition of the law says, typed: KPIs, targets, units, open terms, initiatives, procedure.

Everything is frozen. Numbers are exact (`Fraction`). Categories are `republican`, `oblast`, `district` in
order 469, but
nothing here depends on it: a target maps whatever categories its edition declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from qala.standard.values import Every, Exact, Frozen, Named, Strict, Text, Words, number_text

RuleKind = Literal[
    "at_least",
    "at_most",
    "between",
    "fall",
    "grow",
    "save",
    "hold",
    "minimal",
    "comply",
    "each_at_most",
    "none",
]
RULE_KINDS: tuple[RuleKind, ...] = (
    "at_least",
    "at_most",
    "between",
    "fall",
    "grow",
    "save",
    "hold",
    "minimal",
    "comply",
    "each_at_most",
    "none",
)


class Rule(Strict):
    """The target of one KPI for one category: exactly one of the kinds, in the KPI's unit (or percent of
    change).

    `strict` is the other end of a threshold that the order leaves ambiguous (reading R11, R4): it serves the
    uncertainty analysis only. `none` holds the reason why there is no target (R7).
    """

    at_least: Exact | None = None
    at_most: Exact | None = None
    between: tuple[Exact, Exact] | None = None
    fall: Exact | None = None
    grow: Exact | None = None
    save: Exact | None = None
    hold: Literal["at_most", "at_least"] | None = None
    minimal: Literal["fall", "level", "save"] | None = None
    comply: Literal[True] | None = None
    each_at_most: Frozen[Exact] | None = None
    none: Text | Words | None = None
    strict: Exact | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Rule:
        kinds = [kind for kind in RULE_KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError(
                f"a target is exactly one of {', '.join(RULE_KINDS)}, here: {', '.join(kinds) or 'none of them'}"
            )
        return self

    @property
    def kind(self) -> RuleKind:
        """Which rule this is."""
        return next(kind for kind in RULE_KINDS if getattr(self, kind) is not None)

    @property
    def edges(self) -> tuple[Fraction, ...]:
        """The numbers that a value or its change (of a fall: below 0) is compared with; none where they are not fixed ones."""
        if self.between is not None:
            return tuple(self.between)
        limit = self.threshold
        if limit is None:
            return ()
        return (-limit,) if self.kind in ("fall", "save") else (limit,)

    @property
    def threshold(self) -> Fraction | None:
        """The one number of at_least, at_most, fall, grow and save; None for the other kinds."""
        value = getattr(self, self.kind)
        return value if isinstance(value, Fraction) else None

    def say(self) -> str:
        """The rule in signs, language-free: `≥ 90`, `2–4`, `−5 %`."""
        value = self.threshold
        if value is not None:
            sign = {"at_least": "≥ ", "at_most": "≤ ", "fall": "−", "grow": "+", "save": "−"}[self.kind]
            return sign + number_text(value) + (" %" if self.kind in ("fall", "grow", "save") else "")
        if self.between is not None:
            return "–".join(number_text(end) for end in self.between)
        if self.each_at_most is not None:
            return ", ".join(f"{name} ≤ {number_text(limit)}" for name, limit in self.each_at_most.items())
        if self.none is not None:
            return "—"
        return self.kind if self.comply else f"{self.kind}: {getattr(self, self.kind)}"


def _limit_values(found: Any) -> Any:
    if not isinstance(found, Mapping) or "values" in found:
        return found
    own = {key: value for key, value in found.items() if key in ("unit", "strict")}
    return {**own, "values": {key: value for key, value in found.items() if key not in ("unit", "strict")}}


class Limit(Strict):
    """A threshold inside a KPI's condition (1.8: answered within 30, 45, 90 s), by category.

    Attributes:
        unit: id in units.yaml.
        values: category -> limit in that unit.
        strict: category -> the strict end of an ambiguous limit, for the uncertainty analysis.
    """

    unit: str
    values: Frozen[Exact]
    strict: Frozen[Exact] = Field(default_factory=dict, validate_default=True)


class LawText(Strict):
    """The cells of annex 4, verbatim; only line breaks of the copy are healed."""

    description: str
    formula: str
    source: str
    system: str
    every: str
    target: str
    points: str
    influence: str


class Kpi(Strict):
    """One KPI of annex 4.

    Attributes:
        id: full id, `contact_centre.first_contact_share`.
        row: its number in the order, `2.2`; a second name.
        initiative: number of the initiative, 1..16.
        system: the initiative's system, first half of the id.
        section: id of the section of the index that it belongs to (the sphere of its initiative, annex 2).
        law: the order's own cells in Russian.
        unit: id of the unit of the value.
        every: how often the order wants it delivered.
        points: its weight inside its section.
        target: category -> rule.
        limits: name -> inner limit by category.
        year: how periods become a year: pooled sums, last value, mean of months.
        closed_year_only: due only when the year is closed.
        compare: what the value is a change against, if anything.
        network: the network without which it is not applicable (N3).
        readings, open_terms, slips: ids.
    """

    id: str
    row: str
    initiative: int
    system: str
    section: str
    name: Text
    law: LawText
    unit: str
    every: Every
    points: int
    target: Frozen[Rule]
    limits: Frozen[Annotated[Limit, BeforeValidator(_limit_values)]] = Field(
        default_factory=dict, validate_default=True
    )
    year: Literal["pool", "last", "mean_of_months"]
    closed_year_only: bool = False
    compare: Literal["previous_year", "baseline"] | None = None
    network: Literal["power", "water", "heat", "gas"] | None = None
    readings: tuple[str, ...] = ()
    open_terms: tuple[str, ...] = ()
    slips: tuple[str, ...] = ()

    def has_target(self, category: str) -> bool:
        """Whether annex 4 asks anything of this category (R7: `none` is no target)."""
        return category in self.target and self.target[category].kind != "none"


class Unit(Named):
    """A unit; value = numerator / denominator × factor. Sums of times are whole microseconds."""

    id: str
    factor: Exact
    symbol: Text


class Norm(Named):
    """A dated norm of one substance, which KPI 1.17 compares its concentration with."""

    id: str
    norm: Exact
    unit: str
    averaging: Literal["day"]
    from_day: date = Field(alias="from")
    to_day: date | None = Field(default=None, alias="to")
    source: Words


class Reading(Strict):
    """How the program reads a gap or a slip of the order; score sheets cite the id."""

    id: str
    case: Text
    rule: Text
    variant: Text | None = None


class Slip(Strict):
    """A slip of the order that readers of a score sheet must be told."""

    id: str
    kpis: tuple[str, ...] = ()
    text: Text


class Stage(Named):
    """A stage of introduction (annex 2).

    Attributes:
        from_year, to_year: calendar years of the stage as in the order.
        due_from, due_from_end: first rating year under reading T1 and under its variant `due=end`.
    """

    id: str
    from_year: int
    to_year: int
    due_from: int
    due_from_end: int


class Category(Named):
    """A category of towns (item 7): `republican`, `oblast`, `district`."""

    id: str
    letter: Text
    name_annex_2: str
    name_annex_3: str
    members: Text


class Sphere(Named):
    """A sphere of item 5; `section` says whether annex 5 gives it a weight."""

    id: str
    no: int
    section: bool


class Written(Strict):
    """Cells of annex 2, verbatim."""

    stage: Words
    executors: Words
    years: Words


class RoadmapStep(Strict):
    """Annex 2 for one initiative and one category; executors are ids of actors in procedure.yaml."""

    level: Words
    stage: int
    executors: tuple[str, ...]
    from_year: int
    to_year: int
    written: Written


class FunctionRow(Strict):
    """A function of annex 3. The marks are as written: `да`, `нет`, `да (базовая)`."""

    initiative: int
    no: int
    name: Text
    marks: Frozen[Words]
    need: Text

    def asked_of(self, category: str) -> bool:
        """Whether the order asks it of the category, basic form included."""
        return self.marks[category].startswith("да")


class Initiative(Strict):
    """One base initiative: annexes 2 and 3; its KPIs stand in `Edition.kpis`."""

    no: int
    system: str
    name: Text
    sphere: str
    sphere_written: Words
    roadmap: Frozen[RoadmapStep]
    functions: tuple[FunctionRow, ...]
    note: Text | None = None
