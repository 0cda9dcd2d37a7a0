"""Scoring many cities without Python's collector of cycles in between."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """Pause the collector: scores are plain values that never refer back, so that it has nothing to find among them.

    Going through the nation's hundred thousand of them again and again took a quarter of the time. Of several threads the first
    that pauses it lets it work again, which costs the others time and nothing else.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
