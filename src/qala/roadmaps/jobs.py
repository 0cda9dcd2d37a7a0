"""Choosing what to do first, which a page cannot wait for."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from qala.roadmaps import first
from qala.roadmaps.models import Choosing
from qala.roadmaps.queries import basis_of
from qala.standard.problems import Problem

_LOG = logging.getLogger(__name__)


@app.task(name="roadmaps.choose", queue="runs")
def choose(number: int) -> None:
    """Answer what was asked, and tell in the row whatever comes of it."""
    found = Choosing.objects.select_related("roadmap").get(pk=number)
    found.state = Choosing.WORKING
    found.save()

    def told() -> None:
        found.done += 1
        found.save(update_fields=["done", "touched_at"])

    try:
        basis = basis_of(found.roadmap)
        actions = first.open_actions(found.roadmap)
        if basis is None or basis.run != found.run or first.fingerprint(actions) != found.rests_on:
            raise Problem("The roadmap or the rating changed meanwhile.", hint="Ask again.")
        plan = first.plan_of(found.asked, actions, basis.at, first.law_of(found.roadmap), found.roadmap.category)
        found.result, found.state = first.answer(plan, basis.at, told), Choosing.DONE
    except Problem as problem:
        found.state, found.problem, found.hint = Choosing.FAILED, problem.message, problem.hint
    except Exception as error:  # noqa: BLE001  whoever waits at the page must be told
        _LOG.exception("choosing %s of a roadmap", number)
        found.state, found.problem = Choosing.FAILED, f"{type(error).__name__}: {error}"
    found.save()
