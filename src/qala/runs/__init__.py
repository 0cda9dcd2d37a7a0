"""Runs: values to scores as an immutable record, its verification, and the naming of what a later run changes.

run, scores = build_run(lake_folder, edition, 2026, date(2026, 12, 31), cities, Profile(), values)
verify(run, edition, values).identical
"""

from qala.runs.again import scores_of
from qala.runs.building import build_run, latest_of_scope, observe, score_cities
from qala.runs.comparison import Difference, differences, restate
from qala.runs.record import RatedCity, Run
from qala.runs.store import Link, RunStore
from qala.runs.values import Values
from qala.runs.verification import Verification, verify

__all__ = [
    "Difference",
    "Link",
    "RatedCity",
    "Run",
    "RunStore",
    "Values",
    "Verification",
    "build_run",
    "differences",
    "latest_of_scope",
    "observe",
    "restate",
    "score_cities",
    "scores_of",
    "verify",
]
