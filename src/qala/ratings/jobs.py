"""Work on runs that a page cannot wait for."""

from __future__ import annotations

import logging
from typing import Any

from procrastinate.contrib.django import app

from qala import facts
from qala.facts.apart import apart
from qala.measures.values import Values
from qala.ratings.models import Sureness, Work
from qala.ratings.rated_run import rated_run
from qala.robustness import Assumptions, analyse, to_json
from qala.runs import build_run, verify
from qala.runs.freezing import frozen
from qala.runs.rated import rated_city, rated_in
from qala.scoring import Profile
from qala.standard import Problem
from qala.standard.choice import edition_on

_LOG = logging.getLogger(__name__)
MOST_DIFFERENCES = 500
ASSUMED: dict[str, Any] = {}
"""What a site draws otherwise than the defaults; a demo or a test fewer ratings."""


@app.task(name="ratings.compute_run", queue="runs")
def compute_run(work: int) -> None:
    """Bring the sums of a category's cities up to date, score them, write the run."""
    _do(work, _compute)


@app.task(name="ratings.verify_run", queue="runs")
def verify_run(work: int) -> None:
    """Compute a run again from the versions that it pins, and say what comes out otherwise."""
    _do(work, _verify)


@app.task(name="ratings.weigh", queue="runs")
def weigh(run: str, category: str) -> None:
    """Draw ratings of a category and keep how sure its places are."""
    result = apart(_weighed, run, category, ASSUMED)
    Sureness.objects.update_or_create(run=run, category=category, defaults={"result": result})


def _weighed(run: str, category: str, assumed: dict[str, Any]) -> dict[str, Any]:
    """In a process of its own: the draws take a hundred megabytes, and what they are analysed with fifty."""
    found = rated_run(run)
    return to_json(analyse(found.edition, found.scores(category), Assumptions(**assumed)))


def _do(number: int, does: object) -> None:
    """Do it, and tell in the row whatever comes of it."""
    work = Work.objects.get(pk=number)
    work.state = Work.WORKING
    work.save()
    try:
        does(work)  # type: ignore[operator]  # one of the two below
        work.state = Work.DONE
    except Problem as problem:
        work.state, work.problem, work.hint = Work.FAILED, problem.message, problem.hint
    except Exception as error:  # noqa: BLE001  whoever waits at the page must be told
        _LOG.exception("work %s on runs", number)
        work.state, work.problem = Work.FAILED, f"{type(error).__name__}: {error}"
    work.save()


def _compute(work: Work) -> None:
    if work.as_of is None or work.year is None:
        raise Problem("The job names no year or no day.")
    lake, profile = facts.lake(), Profile.parse(work.profile)
    edition = edition_on(work.as_of, facts.editions(), facts.edition().id).edition
    codes = rated_in(lake, work.category, work.year, profile.level)
    if not codes:
        raise Problem(f"No city is of the category '{work.category}' on 31.12.{work.year}.")
    values, held = Values(lake, edition, facts.catalogue()), frozen(lake, work.year, work.category)
    work.total = 2 * len(codes)
    for done, code in enumerate(codes, 1):
        values.computer.compute(code)
        _tell(work, done)
    cities = [rated_city(lake, values, code, work.year) for code in codes]  # claims as they are decided now
    if held is not None and held.versions != values.versions():
        values = values.at(held.versions, held.versions_of_cities(lake))
    run, _ = build_run(
        lake.folder,
        edition,
        work.year,
        work.as_of,
        cities,
        profile,
        values,
        progress=lambda done, _all: _tell(work, len(codes) + done),
    )
    work.run = run.id


def _verify(work: Work) -> None:
    store, lake = facts.run_store(), facts.lake()
    run = store.get(work.run)
    edition = facts.editions().get(run.content["edition"])
    if edition is None:
        raise Problem(f"The run was made by the edition '{run.content['edition']}', which is not loaded.")
    work.total = len(run.cities)
    found = verify(
        run, edition, Values(lake, edition, facts.catalogue()), progress=lambda done, _all: _tell(work, done)
    )
    faults = [[one.run, one.fault] for one in store.faults()]
    work.result = {
        "identical": found.identical and not faults,
        "intact": found.intact,
        "changed": [list(one) for one in found.changed],
        "differ": len(found.differences),
        "differences": [[d.city, d.row, d.field, _said(d.old), _said(d.new)] for d in found.differences][
            :MOST_DIFFERENCES
        ],
        "chain": faults,
        "cities": len(run.results),
    }


def _tell(work: Work, done: int) -> None:
    work.done = done
    work.save(update_fields=("done", "total", "touched_at"))


def _said(value: object) -> str:
    return "" if value is None else str(value)
