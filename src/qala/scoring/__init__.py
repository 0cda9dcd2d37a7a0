"""From targets to scores: KPI, section, index, bounds, bonus, band, places, explanation. Pure and exact.

from qala.scoring import Observation, Profile, score_city
score = score_city(edition, "oblast", 2026, {"2.3": Observation(row="2.3", value=Fraction(8))}, Profile())
"""

from qala.scoring.bonus import Claim, ClaimVerdict, judge
from qala.scoring.city import CityRules, CityScore, Reason, SectionScore, Standing, score_city
from qala.scoring.collecting import no_cycles
from qala.scoring.explain import Line, best_gains, explain
from qala.scoring.kpi import LEFT_OUT, SHOWN_ONLY, KpiRule, KpiScore, score_kpi
from qala.scoring.law import ScoringLaw, quantised, scoring_law
from qala.scoring.observation import Observation, Status
from qala.scoring.places import Place, rank
from qala.scoring.profile import Profile
from qala.scoring.uncertainty import Uncertainty, Variation, uncertainty

__all__ = [
    "LEFT_OUT",
    "SHOWN_ONLY",
    "CityRules",
    "CityScore",
    "Claim",
    "ClaimVerdict",
    "KpiRule",
    "KpiScore",
    "Line",
    "Observation",
    "Place",
    "Profile",
    "Reason",
    "ScoringLaw",
    "SectionScore",
    "Standing",
    "Status",
    "Uncertainty",
    "Variation",
    "best_gains",
    "explain",
    "judge",
    "no_cycles",
    "quantised",
    "rank",
    "score_city",
    "score_kpi",
    "scoring_law",
    "uncertainty",
]
