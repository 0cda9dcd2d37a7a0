"""What is known of one KPI of one city in one year, before the law is asked what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

Status = Literal["ok", "missing", "no_baseline", "no_events", "not_due", "not_applicable", "no_target", "invalid"]

ONE = Fraction(1)
ZERO = Fraction(0)
NOTHING: Mapping[str, Fraction] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Observation:
    """A value and how it came about. Every number is exact.

    Attributes:
        row: the KPI's number in the order, `2.3`.
        status: what the measuring found. `ok`, `missing`, `no_events`, `not_applicable` (N3, with a filed
            justification) and `invalid` are for the measurer to say; the other statuses are the law's.
        value: in the KPI's unit. Of a KPI that compares (1.12, 1.13, 1.16, 1.20, 1.21): the plain total of the year.
        numerator, denominator: the sums behind `value`.
        base: what `value` is compared with (R4b, R5), in the same unit; None = no base is filed.
        components: of a vector (1.4: hours by category; 1.17: by pollutant). None = withheld.
        norms: 1.17: norm by pollutant, in the unit of the component. A pollutant without a norm here must
            come as its pooled compliance, 0 to 1 (mean over station-days of min(1, norm / concentration)).
        delivered: share of the periods due in the year that were delivered, 0 to 1 (C1).
        variants: id of an open term or reading -> the value under its variant, for the uncertainty analysis.
        flags: remarks for the score sheet, passed on as they are.
    """

    row: str
    status: Status = "ok"
    value: Fraction | None = None
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    base: Fraction | None = None
    components: Mapping[str, Fraction | None] = field(default=NOTHING)
    delivered: Fraction = ONE
    flags: tuple[str, ...] = ()
    norms: Mapping[str, Fraction] = field(default=NOTHING)
    variants: Mapping[str, Fraction] = field(default=NOTHING)

    def __post_init__(self) -> None:
        if not 0 <= self.delivered <= 1:
            raise ValueError(f"{self.row}: delivered is a share of periods, 0 to 1, not {self.delivered}")
