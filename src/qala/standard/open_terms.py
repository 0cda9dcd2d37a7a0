"""The words that annex 4 leaves open (reading U4), as named and dated parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from qala.standard.problems import Problem
from qala.standard.values import Exact, Strict, Text, number_text


class Permitted(Strict):
    """What a value may be: a range (both ends belong to it) or a list of choices."""

    min: Exact | None = None
    max: Exact | None = None
    one_of: tuple[Any, ...] | None = None

    @model_validator(mode="after")
    def _something(self) -> Permitted:
        if self.one_of is None and self.min is None and self.max is None:
            raise ValueError("say min, max or one_of")
        return self

    def allows(self, value: Any) -> bool:
        """Whether a number, a text, or every member of a list lies inside."""
        if isinstance(value, list | tuple):
            return all(self.allows(item) for item in value)
        if self.one_of is not None:
            return value in self.one_of
        if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
            return False
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    def say(self) -> str:
        """`0 to 30`, `at least 1`, `one of: a, b`."""
        if self.one_of is not None:
            return "one of: " + ", ".join(str(item) for item in self.one_of)
        if self.min is not None and self.max is not None:
            return f"{number_text(self.min)} to {number_text(self.max)}"
        low = self.min
        if low is not None:
            return f"at least {number_text(low)}"
        return f"at most {number_text(self.max or Fraction(0))}"


def _term_value(value: Any) -> Any:
    """Lists become tuples; "90/100" and decimals become exact; plain words stay words."""
    if isinstance(value, list):
        return tuple(_term_value(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _term_value(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        return Fraction(value)
    if isinstance(value, str) and value.replace("/", "", 1).isdigit() and "/" in value:
        return Fraction(value)
    return value


TermValue = Annotated[Any, BeforeValidator(_term_value)]


class Setting(Strict):
    """One choice for an open term: its words and, where a computation uses it, its value.

    `value` is a number (int or Fraction), a word, a tuple of them, or a mapping of category to one of these.
    """

    text: Text
    value: TermValue = None
    unit: str | None = None


class OpenTerm(Strict):
    """A word that annex 4 leaves open, as a named, dated parameter (reading U4)."""

    id: str
    kpis: tuple[str, ...]
    word: Text
    default: Setting
    variant: Setting | None = None
    from_day: date = Field(alias="from")
    permitted: Permitted | None = None
    set_by: tuple[Literal["ministry", "city"], ...]

    def value(self, day: date, category: str | None = None, *, variant: bool = False) -> Any:
        """The edition's own value on `day`; None where the term is words only.

        Raises:
            Problem: the day lies before the term, or the value differs by category and none was named.
        """
        if day < self.from_day:
            raise Problem(
                f"The open term '{self.id}' has no value on {day:%d.%m.%Y}: it begins on {self.from_day:%d.%m.%Y}.",
                hint="Ask for a later day, or add an earlier value to open_terms.yaml.",
            )
        setting = self.variant if variant and self.variant is not None else self.default
        found = setting.value
        if isinstance(found, Mapping):
            if category not in found:
                raise Problem(f"The open term '{self.id}' differs by category and has no value for '{category}'.")
            return found[category]
        return found


class Parameter(Strict):
    """An open term's value as used in one computation: printed on score sheets."""

    id: str
    value: Any
    unit: str | None
    set_by: Literal["edition", "city"]
