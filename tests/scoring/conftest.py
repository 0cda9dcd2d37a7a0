"""What the scoring tests share: the order as loaded."""

from __future__ import annotations

import pytest

from qala.standard import Edition, editions


@pytest.fixture(scope="session")
def edition() -> Edition:
    return editions()["order_469"]
