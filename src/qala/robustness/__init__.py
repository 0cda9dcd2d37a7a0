"""How sure a rating is: what becomes of places and bands if what could have been decided otherwise had been.

from qala.robustness import Assumptions, analyse
found = analyse(edition, scores)            # scores of one category, as `score_city` or a run gives them
found.city("SIM-R01").places                # Range(low=2, median=3, high=5)
"""

from qala.robustness.analysis import PARTS, analyse
from qala.robustness.assumptions import Assumptions
from qala.robustness.found import CityRange, Influence, Range, Robustness, Shift
from qala.robustness.record import from_json, to_json

__all__ = [
    "PARTS",
    "Assumptions",
    "CityRange",
    "Influence",
    "Range",
    "Robustness",
    "Shift",
    "analyse",
    "from_json",
    "to_json",
]
