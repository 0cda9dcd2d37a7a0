"""What the program can say of a claim before a person decides: the five criteria of annex 5, item 6 (reading D1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from qala import facts
from qala.rating_year.models import Claim
from qala.scoring import Claim as Claimed
from qala.scoring import judge
from qala.standard import Edition


@dataclass(frozen=True)
class Check:
    """One criterion: its text as the order has it, and whether it holds by what was filed."""

    id: str
    no: int
    text: Any
    holds: bool


def claimed(claim: Claim) -> Claimed:
    """A claim as the scoring judges it."""
    return Claimed(
        id=f"claim-{claim.pk}",
        in_roadmap=claim.action_id is not None or (claim.in_roadmap and bool(claim.roadmap_item.strip())),
        report=bool(claim.measures.strip() and claim.results.strip()),
        signed=bool(claim.signed_by.strip() and claim.signed_on),
        indicators=claim.indicator_count,
        in_period=claim.in_period,
        sphere=claim.sphere,
        base_initiative=claim.base_initiative,
    )


def checks(claim: Claim) -> tuple[list[Check], bool]:
    """The criteria one by one, and whether it is no base initiative of the city's own category."""
    edition = edition_of(claim.year)
    category = category_of(claim.city, claim.year)
    fails = judge(claimed(claim), edition, category).fails
    criteria = edition.scoring["bonus"]["criteria"]
    found = [Check(name, said["no"], said["text"], name not in fails) for name, said in criteria.items()]
    return found, "not_base" not in fails


def edition_of(year: int) -> Edition:
    """The edition by which a year is rated."""
    return facts.edition(min(date(year, 12, 31), facts.today()))


def category_of(city: str, year: int) -> str:
    """The category of a city on the last day of a year."""
    return facts.lake().cities.category_on(city, date(year, 12, 31))
