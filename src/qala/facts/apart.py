"""Work in a process of its own, whose memory goes back when it is done."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

import django


def apart[**P, R](work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """What `work` returns or raises, called in a new process under the same settings.

    Args:
        work: a function of a module, by whose name the new process finds it; so it, what it is given and what it returns can
            be pickled.
    """
    fresh = multiprocessing.get_context("spawn")  # a copy of a process with threads may hold their locks for ever
    with ProcessPoolExecutor(1, mp_context=fresh, initializer=django.setup) as one:
        return one.submit(work, *given, **named).result()
