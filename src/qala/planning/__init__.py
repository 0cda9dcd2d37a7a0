"""What to do first: actions with costs and effects, the best set within a budget, and what it makes of the index.

Pure: no site, no lake. A city stands as its observations say; the scores are the law's own (`qala.scoring`).
"""

from qala.planning.actions import Action, Effect, Plan, PlanFile, read_plan
from qala.planning.choosing import Choice, choose, gain, spent
from qala.planning.outcomes import Outcome, outcomes_of
from qala.planning.reasons import CurvePoint, Reason, curve, reasons
from qala.planning.standpoint import Own, Standpoint, moved

__all__ = [
    "Action",
    "Choice",
    "CurvePoint",
    "Effect",
    "Outcome",
    "Own",
    "Plan",
    "PlanFile",
    "Reason",
    "Standpoint",
    "choose",
    "curve",
    "gain",
    "moved",
    "outcomes_of",
    "read_plan",
    "reasons",
    "spent",
]
