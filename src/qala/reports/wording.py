"""How the things of the law and of a score are said in one language: values, targets, statuses, terms, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from qala.reports.language import HARD, NOTHING, Number, Speaker, rounded
from qala.reports.sheet import KpiLine, TermUsed
from qala.scoring import CityScore, KpiScore, Reason, scoring_law
from qala.standard import Edition, Kpi, Rule
from qala.standard.values import Language

INDEX_DIGITS = 2
MOST_DIGITS = 6
SHORT_SYMBOL = 6  # letters; in these no line breaks
NEAR = Fraction(3, 4)
"""From which score on a KPI is called near its target: a matter of colour, no number of the law."""


class Wording(Speaker):
    """A language that knows the law.

    Args:
        language: kk, ru or en.
        edition: whose units, categories and readings are named.
    """

    def __init__(self, language: Language, edition: Edition) -> None:
        super().__init__(language)
        self.edition = edition
        self.law = scoring_law(edition)

    # numbers of the index

    def points(self, value: Fraction | None, *, sign: bool = False) -> str:
        """Index points, two decimals; what is not nought is not written as nought."""
        if value is None:
            return NOTHING
        if value and not rounded(value, INDEX_DIGITS):
            return "<" + HARD + self.number(Fraction(1, 10**INDEX_DIGITS), INDEX_DIGITS)
        return self.number(value, INDEX_DIGITS, sign=sign)

    def index(self, value: Fraction | None) -> str:
        """An index; with more decimals where two would lift it into another band (E1: nothing is rounded before)."""
        if value is None:
            return NOTHING
        for digits in range(INDEX_DIGITS, MOST_DIGITS):
            if self.law.band(Fraction(rounded(value, digits))) == self.law.band(value):
                return self.number(value, digits)
        return self.number(value, MOST_DIGITS)

    def interval(self, low: Fraction | None, high: Fraction | None) -> str:
        """low–high; one number where they are equal."""
        if low is None or high is None:
            return NOTHING
        first, last = self.index(low), self.index(high)
        return first if first == last else f"{first}–{last}"

    def bounds(self, score: CityScore) -> tuple[Fraction | None, Fraction | None]:
        """The bounds of the final score: those of the index (C3) with the bonus, which is certain, under the cap (D2)."""
        low, high = (None if end is None else min(self.law.cap, end + score.bonus) for end in (score.low, score.high))
        return low, high

    def maybe_share(self, value: Fraction | None) -> str:
        """A share, or a dash."""
        return NOTHING if value is None else self.share(value)

    # values and targets

    def unit(self, name: str) -> str:
        """The symbol of a unit."""
        return self.text(self.edition.units[name].symbol)

    def amount(self, value: Number | None, unit: str, *, sign: bool = False, beside: Iterable[Number] = ()) -> str:
        """A number with its unit; `beside` as in `number`."""
        if value is None:
            return NOTHING
        number = self.short(value, sign=sign, beside=beside)
        if unit in ("percent", "percent_change"):
            return self.percent(number)
        symbol = self.unit(unit)
        if len(symbol) <= SHORT_SYMBOL:
            symbol = symbol.replace(" ", HARD)
        return number if unit == "count" else f"{number}{HARD}{symbol}"

    def value(self, line: KpiLine) -> str:
        """A KPI's value as the target speaks of it: a change where the target is one, else the value."""
        score = line.score
        if score.change is not None and score.target is not None and score.target.hold is None:
            return self.percent(self.short(score.change, sign=True, beside=self.edges(score.target)))
        return self.plain(line)

    def plain(self, line: KpiLine) -> str:
        """The value of the year in the KPI's unit; a projection is said to be one."""
        value, kpi = line.value, line.kpi
        unit = "count" if kpi.compare and self.edition.units[kpi.unit].factor != 1 else kpi.unit
        if value.value is None and value.projection is not None:
            return self.say("kpi.projected", value=self.amount(value.projection, unit))
        rule = line.score.target
        if rule is not None and rule.hold is not None and value.base is not None:
            return self.amount(value.value, unit, beside=(value.base,))
        return self.amount(value.value, unit, beside=() if kpi.compare else self.edges(rule))

    def edges(self, rule: Rule | None) -> tuple[Fraction, ...]:
        """What a value or its change is compared with."""
        if rule is None or rule.minimal is None:
            return () if rule is None else rule.edges
        return (self.law.minimal_change if rule.minimal == "level" else -self.law.minimal_change,)

    def target(self, kpi: Kpi, rule: Rule | None) -> str:
        """A target in signs and words."""
        if rule is None or rule.none is not None:
            return self.say("target.none")
        limit = rule.threshold
        if limit is not None and rule.kind in ("at_least", "at_most"):
            return self.say(f"target.{rule.kind}", limit=self.amount(limit, kpi.unit))
        if limit is not None:
            return self.say(f"target.{rule.kind}", limit=self.percent(self.short(limit)))
        if rule.between is not None:
            low, high = rule.between
            return f"{self.short(low)}–{self.amount(high, kpi.unit)}"
        if rule.hold is not None:
            return self.say(f"target.hold_{rule.hold}")
        if rule.minimal is not None:
            return self.say(f"target.minimal_{rule.minimal}", limit=self.percent(self.short(self.law.minimal_change)))
        if rule.each_at_most is not None:
            parts = (f"{self.component(n)} ≤{HARD}{self.amount(t, kpi.unit)}" for n, t in rule.each_at_most.items())
            return ", ".join(parts)
        return self.say("target.comply")

    def component(self, name: str) -> str:
        """A component of a vector: a pollutant by its name, a category of data by its word."""
        norm = self.edition.norms.get(name)
        if norm is not None:
            return self.text(norm.name)
        return self.say(f"component.{name}") if self.knows(f"component.{name}") else name

    def numerator(self, line: KpiLine) -> Fraction | None:
        """The numerator as a person reads it: a sum of times in the KPI's own unit, all else as it was counted."""
        found = line.value.numerator
        factor = self.edition.units[line.kpi.unit].factor
        return found * factor if found is not None and factor < 1 else found

    def fraction(self, line: KpiLine) -> str:
        """Numerator and denominator."""
        number, kpi = self.numerator(line), line.kpi
        if number is None:
            return ""
        timed = self.edition.units[kpi.unit].factor < 1
        top = self.amount(number, kpi.unit) if timed else self.short(number)
        bottom = line.value.denominator
        return top if bottom is None else f"{top} / {self.short(bottom)}"

    def lacking(self, line: KpiLine) -> str:
        """How far the target is."""
        if line.score.status in ("missing", "invalid", "no_baseline"):
            return self.say("gap.no_data")
        if line.gap is None:
            return self.say("gap.parts") if line.score.score != 1 else self.say("gap.delivery")
        rule = line.score.target
        changes = rule is not None and rule.kind in ("fall", "grow", "save")
        if changes or line.kpi.unit == "percent":
            return self.say("gap.short", gap=f"{self.short(line.gap)}{HARD}{self.say('unit.percentage_point')}")
        return self.say("gap.short", gap=self.amount(line.gap, line.kpi.unit))

    # statuses, reasons, remarks

    def status(self, score: KpiScore) -> str:
        """A KPI's status in words; of a scored one, how far it got."""
        return self.say(f"status.{grade(score)}")

    def why_shown(self, score: KpiScore) -> str:
        """Why a KPI is shown and not scored."""
        reading = score.readings[0] if score.readings else ""
        if "T2" in score.readings:
            reading = "T2"
        key = f"shown.{score.status}_{reading}"
        return self.say(key) if self.knows(key) else self.say(f"shown.{score.status}")

    def reason(self, reason: Reason) -> str:
        """Why a city stands as it does."""
        values: dict[str, str] = {}
        if reason.subject:
            values["section"] = self.text(self.edition.spheres[reason.subject].name)
        if reason.value is not None:
            values["value"] = self.share(reason.value)
        law = self.law
        limits = {"rated": law.rated_from, "provisional": law.provisional_from, "floor": law.section_floor}
        values |= {name: self.share(value) for name, value in limits.items()}
        return self.say(f"reason.{reason.case}", **values)

    def flag(self, flag: str) -> str:
        """A remark on a KPI."""
        name, _, subject = flag.partition(":")
        subject = self.component(subject.strip()) if name.startswith("component") else subject.strip()
        return self.say(f"flag.{name}", subject=subject) if self.knows(f"flag.{name}") else flag

    def variant(self, name: str) -> str:
        """What a variant of a reading or open term does."""
        reading = self.edition.readings.get(name)
        if reading is not None:
            said = reading.variant or reading.rule
            return f"{name}: {self.text(said)}"
        plain = name.partition("#")[0]
        if plain in self.edition.open_terms:
            term = self.edition.open_terms[plain]
            said = term.variant.text if term.variant is not None else term.word
            return f"{self.text(term.word)}: {self.text(said)}"
        for term in self.edition.open_terms.values():
            if term.variant is not None and term.variant.value == plain:
                return f"{self.text(term.word)}: {self.text(term.variant.text)}"
        return self.say(f"limit.{plain}") if self.knows(f"limit.{plain}") else plain

    def term(self, used: TermUsed) -> tuple[str, str]:
        """(word, what it was taken to be) of an open term or an inner limit."""
        if used.limit:
            return self.say(f"limit.{used.id}"), self._term_value(used)
        term = self.edition.open_terms[used.id]
        if used.set_by == "city":
            return self.text(term.word), self.say("term.by_city", value=self._term_value(used))
        if isinstance(used.value, tuple) and any("." in str(part) for part in used.value):  # ids of datasets
            return self.text(term.word), self._term_value(used)
        return self.text(term.word), self.text(term.default.text)

    def _term_value(self, used: TermUsed) -> str:
        value = used.value
        if isinstance(value, int | Fraction):
            return self.amount(value, used.unit or "count")
        if isinstance(value, tuple | list):
            return ", ".join(self.short(v) if isinstance(v, int | Fraction) else str(v) for v in value)
        return NOTHING if value is None else str(value)

    def beside(self, line: KpiLine) -> list[str]:
        """The figures that are shown beside a KPI and never scored."""
        found = line.value.beside.items()
        return [f"{self.say(f'beside.{name}')}: {self.amount(value, unit)}" for name, (value, unit) in found]

    def ways(self, rows: Mapping[str, int]) -> str:
        """Rows by way in, as shares."""
        total = sum(rows.values())
        parts = sorted(rows.items(), key=lambda one: -one[1])
        return ", ".join(f"{self.say(f'way.{way}')} {self.share(Fraction(n, total))}" for way, n in parts if n)

    def band(self, city: CityScore) -> str:
        """The name of a city's band."""
        if city.band is None:
            return NOTHING
        name = self.edition.scoring["bands"][city.band]["name"][self.language]
        return str(name)

    def band_of(self, band: str, field: str = "name") -> str:
        """A band's name or characteristic."""
        return str(self.edition.scoring["bands"][band][field][self.language])

    def section(self, name: str) -> str:
        """A section's name."""
        return self.title(self.edition.spheres[name].name)


def grade(score: KpiScore) -> str:
    """A word for a status; of a scored KPI how far it got: reached, near, far."""
    if score.score is None:
        return score.status
    if score.score == 1:
        return "reached"
    return "near" if score.score >= NEAR else "far"


__all__ = ["Wording", "grade"]
