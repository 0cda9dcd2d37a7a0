"""How sure a rating is: 10,000 ratings of 200 cities of one category, every KPI of the order due."""

from __future__ import annotations

import random

from bench.figure import Figure, seconds
from bench.places import Place, edition
from bench.scores import observation
from bench.timing import timed
from qala.robustness import Assumptions, analyse
from qala.scoring import CityRules, Profile

CATEGORY, YEAR = "republican", 2030  # the category and year of which every KPI with a target is due


def measure(place: Place) -> list[Figure]:
    law, made = edition(), Assumptions()
    rules = CityRules(law, CATEGORY, YEAR, Profile(rank_all=True))  # all take a place, so that all are drawn
    scores = []
    for number in range(place.sizes.cities):
        chance = random.Random(number)
        seen = {kpi.row: observation(kpi, CATEGORY, chance) for kpi in law.kpis.values()}
        scores.append(rules.score(seen, (), str(number)))
    drawing = min(timed(lambda: analyse(law, scores, Assumptions(base=0))) for _ in range(2))
    whole = timed(lambda: analyse(law, scores, made))
    return [
        Figure(
            "sureness",
            f"how sure the places are: {len(scores)} cities × {len(law.kpis)} KPIs × {made.draws:,} draws, with "
            "pairs, bands and every KPI left out",
            seconds(drawing),
            f"{seconds(whole)} with Sobol indices",
            to_reach="≤ 10 s",
            reached=drawing <= 10,
            raw={"seconds": drawing, "with_sobol_seconds": whole},
        )
    ]
