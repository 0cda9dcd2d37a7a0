"""Tests of the site run on a database server of their own, under `out/test-site`."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["QALA_HOME"] = str(Path(__file__).parent / "out" / "test-site")
os.environ.setdefault("QALA_EDITION", "order_469")
