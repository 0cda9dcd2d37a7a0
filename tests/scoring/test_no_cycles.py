"""Scores make no cycles, which is why nothing need look for them meanwhile."""

from __future__ import annotations

import gc
from fractions import Fraction

import pytest

from qala.scoring import CityRules, Observation, explain, no_cycles, rank
from qala.standard import editions


def test_a_rating_leaves_nothing_to_collect() -> None:
    law = editions()["order_469"]
    rules = CityRules(law, "oblast", 2027)
    seen = {
        row: Observation(row=row, value=Fraction(7, 3), base=Fraction(3), delivered=Fraction(9, 10)) for row in law.kpis
    }
    explain(rules.score(seen))  # what is made once
    gc.collect()
    with no_cycles():
        scores = [rules.score(seen, (), str(number)) for number in range(3)]
        places, lines = rank(scores), [explain(score) for score in scores]
        assert not gc.isenabled()
        del scores, places, lines
        assert gc.collect() == 0
    assert gc.isenabled()


def test_the_collector_works_again_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), no_cycles():
        _ = 1 // 0
    assert gc.isenabled()
    with no_cycles(), no_cycles():
        assert not gc.isenabled()
    assert gc.isenabled()
