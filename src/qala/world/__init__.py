"""The simulated world: cities with invented names whose systems record events, and whose true KPI values are
known.
"""

from qala.world.making import make_world
from qala.world.types import District, Facts, Truth, World

__all__ = ["District", "Facts", "Truth", "World", "make_world"]
