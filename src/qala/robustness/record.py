"""An analysis as plain data, to be kept beside its run."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from qala.robustness.assumptions import Assumptions
from qala.robustness.found import CityRange, Influence, Range, Robustness, Shift

Json = dict[str, Any]
_DIGITS = 4  # of probabilities and places: 10,000 draws tell no more


def to_json(found: Robustness) -> Json:
    """What JSON can hold; probabilities to four decimals."""
    return {
        "category": found.category,
        "assumptions": {**asdict(found.assumptions), "silent": list(found.assumptions.silent)},
        "cities": [_rounded(one._asdict()) for one in found.cities],
        "above": [[round(share, _DIGITS) for share in line] for line in found.above],
        "shifts": [_rounded(one._asdict()) for one in found.shifts],
        "influences": [_rounded(one._asdict()) for one in found.influences],
        "mean_shift": round(found.mean_shift, _DIGITS),
    }


def from_json(said: Json) -> Robustness:
    """The analysis again."""
    known = {one.name for one in fields(Assumptions)}
    made = {name: value for name, value in said["assumptions"].items() if name in known}
    return Robustness(
        said["category"],
        Assumptions(**{**made, "silent": tuple(made["silent"])}),
        tuple(
            CityRange(**{**one, "places": Range(*one["places"]), "finals": Range(*one["finals"])})
            for one in said["cities"]
        ),
        tuple(tuple(line) for line in said["above"]),
        tuple(Shift(**one) for one in said["shifts"]),
        tuple(Influence(**one) for one in said["influences"]),
        said["mean_shift"],
    )


def _rounded(said: Json) -> Json:
    def plain(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, _DIGITS)
        if isinstance(value, Range):
            return [round(part, _DIGITS) for part in value]
        if isinstance(value, dict):
            return {name: plain(part) for name, part in value.items()}
        return value

    return {name: plain(value) for name, value in said.items()}
