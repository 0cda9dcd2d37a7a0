"""The bonus for additional initiatives (annex 5, items 5 and 6; reading D1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from qala.scoring.law import scoring_law
from qala.standard.edition import Edition


@dataclass(frozen=True, slots=True)
class Claim:
    """An additional initiative that a city puts forward, against the five criteria.

    Attributes:
        id: the city's own id of it.
        in_roadmap: it stands in the approved roadmap (1).
        report: a report on it with measures, dates and results was filed (2).
        signed: the report is signed by the deputy head or chief of staff (2).
        indicators: how many indicators it contains (3: at least one).
        in_period: it was carried out in the reported period (4).
        sphere: id of the sphere that it belongs to (5); "" = none.
        base_initiative: number of the base initiative that it is, if it is one.
    """

    id: str
    in_roadmap: bool
    report: bool
    signed: bool
    indicators: int
    in_period: bool
    sphere: str
    base_initiative: int | None = None


class ClaimVerdict(NamedTuple):
    """Whether a claim counts, and the names of the criteria that it fails."""

    claim: Claim
    counts: bool
    fails: tuple[str, ...]


def judge(claim: Claim, edition: Edition, category: str) -> ClaimVerdict:
    """D1: all five criteria; a base initiative of the city's own category never counts, ahead of its stage or not."""
    law = scoring_law(edition)
    met = {
        "in_roadmap": claim.in_roadmap,
        "report": claim.report and claim.signed,
        "indicators": claim.indicators >= law.bonus_indicators,
        "in_period": claim.in_period,
        "sphere": claim.sphere in edition.spheres,
        "not_base": not _is_base(claim, edition, category),
    }
    fails = tuple(name for name, holds in met.items() if not holds)
    return ClaimVerdict(claim, not fails, fails)


def _is_base(claim: Claim, edition: Edition, category: str) -> bool:
    number = claim.base_initiative
    return number is not None and number in edition.initiatives and category in edition.initiatives[number].roadmap
