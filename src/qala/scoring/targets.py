"""From a value to a score between 0 and 1: the readings R1 to R10, one function for each kind of target.

Every function takes an observation that has what it needs and returns an `Outcome`. Arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import NamedTuple

from qala.scoring.observation import NOTHING, ONE, ZERO, Observation
from qala.standard.types import Rule

HUNDRED = 100  # a change is said in percent


class Outcome(NamedTuple):
    """A score, and what it would be by the other readings.

    Attributes:
        score: 0 to 1.
        variants: reading id -> score by its variant; a variant that changes nothing is left out.
        flags: remarks for the score sheet.
        change: the change against the base in percent, where the target is one (a fall is negative).
        seen: share of a vector's components that were there.
    """

    score: Fraction
    variants: Mapping[str, Fraction] = NOTHING
    flags: tuple[str, ...] = ()
    change: Fraction | None = None
    seen: Fraction = ONE


Score = Callable[[Observation], Outcome]

FULL = Outcome(ONE)


class Invalid(Exception):  # noqa: N818 (not an error of the program: it becomes the status `invalid`)
    """The value cannot be (V1)."""


class Missing(Exception):  # noqa: N818 (it becomes the status `missing`)
    """Nothing is there to score (N1)."""


class NoBaseline(Exception):  # noqa: N818 (it becomes `no_baseline` or `missing`)
    """There is no base to compare with (R4b)."""


def _value(seen: Observation, most: Fraction | None = None) -> Fraction:
    """The value, which is not negative and not above what can be (V1)."""
    value = seen.value
    if value is None:
        raise Missing
    above, below = value.as_integer_ratio()
    if above < 0 or (most is not None and above * most.denominator > below * most.numerator):
        raise Invalid
    return value


def _pair(seen: Observation) -> tuple[Fraction, Fraction]:
    """(value, base) of a KPI that compares."""
    value = _value(seen)
    base = seen.base
    if base is None:
        raise NoBaseline
    if base < 0:
        raise Invalid
    return value, base


def reach(value: Fraction, target: Fraction) -> Fraction:
    """R1: clip(x/T, 0, 1); a target of 0 is reached by every value that is not negative."""
    above, below = value.numerator * target.denominator, value.denominator * target.numerator
    if above >= below:
        return ONE
    return Fraction(above, below) if above > 0 else ZERO


def stay(value: Fraction, target: Fraction) -> Fraction:
    """R2: x ≤ T → 1, else T/x."""
    above, below = target.numerator * value.denominator, target.denominator * value.numerator
    return ONE if above >= below else Fraction(above, below)


def stay_linear(value: Fraction, target: Fraction) -> Fraction:
    """R2, variant: max(0, 2 − x/T), at most 1; beyond a target of 0 there is nothing left."""
    whole, over = target.numerator * value.denominator, value.numerator * target.denominator
    if over <= whole:
        return ONE
    return Fraction(2 * whole - over, whole) if 2 * whole > over else ZERO


def at_least(target: Fraction, strict: Fraction | None, most: Fraction | None) -> Score:
    """R1; `strict` is the other end of an ambiguous threshold (R11), `most` what cannot be passed (V1)."""
    wanted, part = target.as_integer_ratio()

    def score(seen: Observation) -> Outcome:
        value = _value(seen, most)
        above, below = value.as_integer_ratio()
        above *= part
        below *= wanted
        result = ONE if above >= below else Fraction(above, below)
        if strict is None:
            return FULL if result is ONE else Outcome(result)
        other = reach(value, strict)
        return Outcome(result, NOTHING if other == result else {"R11": other})

    return score


def at_most(target: Fraction, strict: Fraction | None, most: Fraction | None) -> Score:
    """R2."""
    allowed, part = target.as_integer_ratio()

    def score(seen: Observation) -> Outcome:
        value = _value(seen, most)
        above, below = value.as_integer_ratio()
        above *= part
        below *= allowed  # the value is above / below of the target
        other = None if strict is None else stay(value, strict)
        if above <= below:
            return FULL if other is None or other == ONE else Outcome(ONE, {"R11": other})
        result = Fraction(below, above)
        line = Fraction(2 * below - above, below) if 2 * below > above else ZERO
        return Outcome(result, {"R2": line} if other is None or other == result else {"R2": line, "R11": other})

    return score


def between(low: Fraction, high: Fraction, most: Fraction | None) -> Score:
    """R3: inside 1; below x/L; above U/x."""

    def score(seen: Observation) -> Outcome:
        value = _value(seen, most)
        return Outcome(reach(value, low) if value < low else stay(value, high))

    return score


def fall(target: Fraction, strict: Fraction | None, strict_reading: str = "R4") -> Score:
    """R4: d = (x0 − x1)/x0·100; clip(d/a, 0, 1). x0 = 0: x1 = 0 → 1, x1 > 0 → 0, both flagged."""

    def score(seen: Observation) -> Outcome:
        value, base = _pair(seen)
        if not base:
            return Outcome(ZERO if value else ONE, flags=("zero_base",))
        fall = (base - value) / base * HUNDRED
        result = reach(fall, target)
        if strict is None:
            return Outcome(result, change=-fall)
        other = reach(fall, strict)
        return Outcome(result, NOTHING if other == result else {strict_reading: other}, change=-fall)

    return score


def grow(target: Fraction, strict: Fraction | None) -> Score:
    """R1 on growth in percent. From 0: any growth reaches every target, none reaches none, both flagged."""

    def score(seen: Observation) -> Outcome:
        value, base = _pair(seen)
        if not base:
            return Outcome(ONE if value else ZERO, flags=("zero_base",))
        change = (value - base) / base * HUNDRED
        result = reach(change, target)
        other = result if strict is None else reach(change, strict)
        return Outcome(result, NOTHING if other == result else {"R11": other}, change=change)

    return score


def hold_at_most(seen: Observation) -> Outcome:
    """R5 by R2 with T = the base."""
    value, base = _pair(seen)
    flags = () if base else ("zero_base",)
    change = (value - base) / base * HUNDRED if base else None
    result = stay(value, base)
    return Outcome(result, NOTHING if result == 1 else {"R2": stay_linear(value, base)}, flags, change)


def hold_at_least(seen: Observation) -> Outcome:
    """R5 by R1 with T = the base."""
    value, base = _pair(seen)
    flags = () if base else ("zero_base",)
    change = (value - base) / base * HUNDRED if base else None
    return Outcome(reach(value, base), NOTHING, flags, change)


def _vector(
    found: Mapping[str, Fraction | None], one: Callable[[str, Fraction], Fraction]
) -> tuple[dict[str, Fraction], tuple[str, ...]]:
    """Scores of the components that are there, and flags for those that are not (R10, V1)."""
    scores: dict[str, Fraction] = {}
    flags: list[str] = []
    rejected = 0
    for name, value in found.items():
        try:
            if value is None:
                flags.append(f"component_missing:{name}")
            elif value < 0:
                raise Invalid
            else:
                scores[name] = one(name, value)
        except Invalid:
            rejected += 1
            flags.append(f"component_invalid:{name}")
    if not scores:
        raise Invalid if rejected else Missing
    return scores, tuple(flags)


def _mean(scores: Mapping[str, Fraction]) -> Fraction:
    return sum(scores.values(), ZERO) / len(scores)


def _part(there: int, due: int) -> Fraction:
    return ONE if there == due else Fraction(there, due)


def each_at_most(targets: Mapping[str, Fraction]) -> Score:
    """R10: mean of the components' R2 scores; a missing component drops out, flagged. Variant: the least."""

    def score(seen: Observation) -> Outcome:
        found = {name: seen.components.get(name) for name in targets}
        scores, flags = _vector(found, lambda name, value: stay(value, targets[name]))
        result = _mean(scores)
        variants: dict[str, Fraction] = {}
        if result != 1:
            linear = _mean({name: stay_linear(found[name] or ZERO, targets[name]) for name in scores})
            variants = {"R2": linear, "R10": min(scores.values())}
        return Outcome(result, variants, flags, seen=_part(len(scores), len(targets)))

    return score


def comply(seen: Observation) -> Outcome:
    """R9: mean over monitored pollutants of min(1, norm/concentration). Variant: the worst pollutant."""
    norms = seen.norms

    def one(name: str, value: Fraction) -> Fraction:
        if name in norms:
            return stay(value, norms[name])
        if value > 1:  # a compliance that was pooled upstream is a share
            raise Invalid
        return value

    scores, flags = _vector(seen.components, one)
    result = _mean(scores)
    worst = min(scores.values())
    variants = NOTHING if worst == result else {"R9": worst}
    return Outcome(result, variants, flags, seen=_part(len(scores), len(seen.components)))


def scorer(rule: Rule, *, minimal: Fraction, most: Fraction | None) -> Score:
    """The function that scores by this target.

    Args:
        rule: the target of a KPI for one category; not `none`.
        minimal: the threshold ε of R6, percent.
        most: the greatest value that can be, in the KPI's unit (100 of a share); None = no such bound.
    """
    target = rule.threshold
    kind = rule.kind
    if target is not None:
        if kind in ("at_least", "at_most"):
            return (at_least if kind == "at_least" else at_most)(target, rule.strict, most)
        return grow(target, rule.strict) if kind == "grow" else fall(target, rule.strict)
    if rule.between is not None:
        return between(*rule.between, most)
    if rule.hold is not None:
        return hold_at_most if rule.hold == "at_most" else hold_at_least
    if rule.minimal is not None:
        return at_least(minimal, None, most) if rule.minimal == "level" else fall(minimal, None)
    if rule.each_at_most is not None:
        return each_at_most(rule.each_at_most)
    if rule.comply:
        return comply
    raise ValueError(f"a target of the kind '{kind}' cannot be scored")


_READINGS: Mapping[str, tuple[str, ...]] = {
    "at_least": ("R1",),
    "at_most": ("R2",),
    "between": ("R3",),
    "fall": ("R4", "R4b"),
    "grow": ("R1", "R4b"),
    "save": ("R1", "R4b"),
    "hold at_most": ("R5", "R2", "R4b"),
    "hold at_least": ("R5", "R1", "R4b"),
    "minimal fall": ("R6", "R4", "R4b"),
    "minimal save": ("R6", "R1", "R4b"),
    "minimal level": ("R6", "R1"),
    "comply": ("R9",),
    "each_at_most": ("R10", "R2"),
    "none": ("R7",),
}

_OF_A_KIND = frozenset(name for names in _READINGS.values() for name in names) | {"R12", "N3"}


def readings_of(rule: Rule | None, named: tuple[str, ...]) -> tuple[str, ...]:
    """The readings by which a target is scored, and of those that the KPI names the ones that hold for it.

    A KPI names its readings for all its categories: what belongs to another category's kind of target is left out.
    """
    if rule is None:
        return tuple(name for name in named if name not in _OF_A_KIND)
    kind = " ".join(word for word in (rule.kind, rule.hold, rule.minimal) if word is not None)
    own = _READINGS[kind]
    rest = (name for name in named if name not in _OF_A_KIND or (name == "R12" and rule.kind == "at_least"))
    return tuple(dict.fromkeys((*own, *rest)))
