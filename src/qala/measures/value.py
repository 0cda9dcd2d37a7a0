"""What is said of a KPI of a city in a period: the number, what stands behind it, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from qala.scoring import Status


@dataclass(frozen=True)
class Quotient:
    """A numerator, a denominator (None: the numerator is the value), and the value in the figure's unit."""

    numerator: Fraction
    denominator: Fraction | None
    value: Fraction | None


@dataclass(frozen=True)
class Value:
    """A KPI of a city in a period.

    Attributes:
        value: in `unit`; of a KPI that compares, the plain total of the period (its change is `change`).
        change: per cent against `base`, where the KPI compares.
        components: value by component; None for one that is withheld.
        rows: rows counted.
        delivered, due: periods of the KPI's own cadence that came, and that were due, up to `as_of`.
        ways: rows of the main dataset by way in; empty where a value was asked for without its extras.
        beside: figures shown beside it, never scored: name -> (value, unit).
        variants: open term or reading -> value under its variant.
        projection: for a year that is not over, the value of what there is so far; shown, not scored.
    """

    kpi: str
    row: str
    city: str
    period: str
    status: Status
    unit: str
    value: Fraction | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    base: Fraction | None = None
    change: Fraction | None = None
    components: Mapping[str, Fraction | None] = field(default_factory=dict)
    rows: int = 0
    delivered: int = 0
    due: int = 0
    ways: Mapping[str, int] = field(default_factory=dict)
    beside: Mapping[str, tuple[Fraction | None, str]] = field(default_factory=dict)
    variants: Mapping[str, Fraction] = field(default_factory=dict)
    projection: Fraction | None = None
    flags: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
