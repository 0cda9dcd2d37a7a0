"""What walking access is measured by: kinds of facilities, speed, minutes, each with its source (`walking_norms.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from pydantic import Field, model_validator

from qala.standard.values import Exact, Frozen, Strict, Text
from qala.standard.yaml_file import read_yaml

_METRES_A_MINUTE = Fraction(1000, 60)  # of a walker at 1 km/h


class AskedBy(Strict):
    """The function of annex 3 that asks for the analysis."""

    initiative: int
    function: int


class Chosen(Strict):
    """A number, and whose it is."""

    value: Exact
    source: Text


class Norm(Strict):
    """How near a facility is to be: minutes of a walk, or metres of a way."""

    minutes: Exact | None = None
    metres: Exact | None = None
    source: Text

    @model_validator(mode="after")
    def _one(self) -> Norm:
        if (self.minutes is None) == (self.metres is None):
            raise ValueError("a norm is either minutes or metres")
        return self

    def minutes_at(self, speed_kmh: Fraction) -> Fraction:
        """The norm as minutes for a walker of a speed."""
        return self.minutes if self.minutes is not None else (self.metres or 0) / (speed_kmh * _METRES_A_MINUTE)


class Kind(Strict):
    """A kind of facility: rows of a registry with coordinates, of which `where` names the values that count."""

    id: str
    name: Text
    of: str
    where: Frozen[tuple[str, ...]] = Field(default_factory=dict, validate_default=True)
    norm: Norm


class WalkingNorms(Strict):
    """The whole file."""

    asked_by: AskedBy
    speed_kmh: Chosen
    bands_minutes: tuple[int, ...]
    street_within_m: Chosen
    not_walked: tuple[str, ...]
    kinds: Frozen[Kind]


def metres_in(minutes: Fraction, speed_kmh: Fraction) -> Fraction:
    """How far a walker gets."""
    return minutes * speed_kmh * _METRES_A_MINUTE


@cache
def walking_norms() -> WalkingNorms:
    """The norms that come with the program."""
    file = read_yaml(Path(__file__).with_name("walking_norms.yaml"))
    said = file.mapping()
    kinds: Mapping[str, Mapping[str, object]] = said["kinds"]
    return file.check(WalkingNorms, {**said, "kinds": {key: {"id": key, **kind} for key, kind in kinds.items()}})
