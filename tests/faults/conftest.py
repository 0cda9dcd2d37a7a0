"""The trial lake of the lake's tests is the one that is broken here."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lake"))
