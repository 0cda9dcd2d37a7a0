"""Observations that score as a test wants them."""

from __future__ import annotations

from fractions import Fraction

from qala.scoring import Observation
from qala.standard import Edition, Kpi

F = Fraction


def reaching(kpi: Kpi, category: str, score: Fraction | int = 1) -> Observation:
    """An observation of a KPI that scores as wanted (above 0)."""
    rule = kpi.target[category]
    wanted = F(score)
    if rule.between is not None:
        return Observation(row=kpi.row, value=rule.between[0] * wanted)
    if rule.each_at_most is not None:
        return Observation(row=kpi.row, components={name: t / wanted for name, t in rule.each_at_most.items()})
    if rule.comply:
        return Observation(row=kpi.row, components={"pm10": wanted, "no2": wanted})
    if rule.hold is not None:
        return Observation(row=kpi.row, value=F(100) / wanted if rule.hold == "at_most" else 100 * wanted, base=F(100))
    if rule.kind == "grow":
        return Observation(row=kpi.row, value=100 + (rule.grow or 0) * wanted, base=F(100))
    if rule.kind in ("fall", "save") or rule.minimal in ("fall", "save"):
        return Observation(row=kpi.row, value=100 - (rule.threshold or 1) * wanted, base=F(100))
    if rule.minimal == "level":
        return Observation(row=kpi.row, value=wanted)
    threshold = rule.threshold or F(1)
    return Observation(row=kpi.row, value=threshold / wanted if rule.kind == "at_most" else threshold * wanted)


def all_reaching(edition: Edition, category: str, score: Fraction | int = 1) -> dict[str, Observation]:
    """Observations of every KPI that has a target for the category."""
    return {kpi.row: reaching(kpi, category, score) for kpi in edition.kpis.values() if kpi.has_target(category)}
