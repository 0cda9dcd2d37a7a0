"""A run as a record: what it was made from, what came out, and its hash. Plain data that JSON can hold.

Exact numbers are written as texts (`4/5`). Totals of a city are written to twelve decimals; they follow from
the exact scores of its KPIs, which stand beside them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

from qala.scoring import CityScore, Claim, Observation

FORMAT = 1
DECIMALS = Decimal("1e-12")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RatedCity:
    """A city as it takes part in a run.

    Attributes:
        code: its code in the registry.
        category: id of its category on the last day of the year.
        claims: its additional initiatives.
        simulated: whether it is an invented city; said wherever the run is shown.
        first_year: its first rating year, if later than the edition's (R4b).
    """

    code: str
    category: str
    claims: tuple[Claim, ...] = ()
    simulated: bool = False
    first_year: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One immutable run, as it stands in `runs/<id>/run.json`.

    `content` holds everything (of a head: all but the results); the properties are its much-used parts.
    """

    content: Json

    @property
    def id(self) -> str:
        """Its name: year, day, profile and the beginning of its hash."""
        return str(self.content["id"])

    @property
    def hash(self) -> str:
        """sha256 over the content and the hash of the run before it."""
        return str(self.content["hash"])

    @property
    def previous(self) -> str | None:
        """The hash of the run before it in the lake; None for the first."""
        found = self.content["previous"]
        return None if found is None else str(found)

    @property
    def year(self) -> int:
        """The rated year."""
        return int(self.content["year"])

    @property
    def as_of(self) -> date:
        """The last day that counts."""
        return date.fromisoformat(self.content["as_of"])

    @property
    def closed(self) -> bool:
        """Whether the rated year is over on the last day."""
        return self.as_of >= date(self.year, 12, 31)

    @property
    def versions(self) -> Mapping[str, int]:
        """Dataset id -> pinned table version."""
        return dict(self.content["versions"])

    @property
    def corrected(self) -> Mapping[str, Mapping[str, int]]:
        """City -> dataset -> the version that was pinned for it alone: what it corrected after the data freeze."""
        return dict(self.content.get("corrected", {}))

    @property
    def cities(self) -> tuple[RatedCity, ...]:
        """Who took part."""
        return tuple(city_read(one) for one in self.content["cities"])

    @property
    def scope(self) -> Json:
        """What makes two runs comparable: the same edition, year, profile and cities."""
        own = {name: self.content[name] for name in ("edition", "year", "profile")}
        return {**own, "cities": sorted(one["code"] for one in self.content["cities"])}

    @property
    def results(self) -> Mapping[str, Json]:
        """City code -> its score and observations."""
        found: dict[str, Json] = self.content["results"]
        return found


def canonical(content: Any) -> bytes:
    """The one spelling of a record, over which it is hashed."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def hash_of(content: Json) -> str:
    """sha256 of a record without its own id and hash; `previous` belongs to it and makes the chain."""
    return hashlib.sha256(
        canonical({name: value for name, value in content.items() if name not in ("id", "hash")})
    ).hexdigest()


def sealed(content: Json) -> Run:
    """Give a record its hash and its name."""
    digest = hash_of(content)
    profile = content["profile"].replace(",", "-").replace("=", "-")
    return Run({**content, "hash": digest, "id": f"{content['year']}-{content['as_of']}-{profile}-{digest[:8]}"})


def exact_text(value: Fraction | None) -> str | None:
    """`4/5`; None stays None."""
    return None if value is None else str(value)


def decimal_text(value: Fraction | None) -> str | None:
    """Twelve decimals; None stays None."""
    if value is None:
        return None
    with localcontext(prec=60):
        number = Decimal(value.numerator) / Decimal(value.denominator)
        return format(number.quantize(DECIMALS, ROUND_HALF_EVEN), "f")


def observation_said(seen: Observation) -> Json:
    """An observation as plain data; what is empty is left out."""
    said: Json = {"status": seen.status, "delivered": str(seen.delivered)}
    for name in ("value", "numerator", "denominator", "base"):
        if (number := getattr(seen, name)) is not None:
            said[name] = str(number)
    for name in ("components", "norms", "variants"):
        if numbers := getattr(seen, name):
            said[name] = {key: exact_text(value) for key, value in numbers.items()}
    if seen.flags:
        said["flags"] = list(seen.flags)
    return said


def score_said(score: CityScore) -> Json:
    """A city's score as plain data."""
    return {
        "category": score.category,
        "closed": score.closed,
        "index": decimal_text(score.index),
        "low": decimal_text(score.low),
        "high": decimal_text(score.high),
        "coverage": decimal_text(score.coverage),
        "weight_in_use": decimal_text(score.weight_in_use),
        "bonus": decimal_text(score.bonus),
        "final": decimal_text(score.final),
        "uncapped": decimal_text(score.uncapped),
        "band": score.band,
        "standing": score.standing,
        "reasons": [[one.reading, one.case, one.subject, decimal_text(one.value)] for one in score.reasons],
        "sections": {
            one.id: {
                "score": decimal_text(one.score),
                "low": decimal_text(one.low),
                "high": decimal_text(one.high),
                "coverage": decimal_text(one.coverage),
                "due": one.due,
                "scored": one.scored,
            }
            for one in score.sections
        },
        "kpis": {
            one.row: {
                "status": one.status,
                "score": exact_text(one.score),
                "readings": list(one.readings),
                "flags": list(one.flags),
                "observation": observation_said(one.observation),
            }
            for one in score.kpis
        },
    }


def city_said(city: RatedCity) -> Json:
    """A city's part in a run as plain data."""
    return {
        "code": city.code,
        "category": city.category,
        "simulated": city.simulated,
        "first_year": city.first_year,
        "claims": [{name: getattr(claim, name) for name in Claim.__dataclass_fields__} for claim in city.claims],
    }


def city_read(said: Json) -> RatedCity:
    """The city again out of its plain data."""
    claims = tuple(Claim(**claim) for claim in said["claims"])
    return RatedCity(said["code"], said["category"], claims, said["simulated"], said["first_year"])
