"""What is done with runs: asking for one to be computed or verified, and publishing it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from qala import facts
from qala.people import audit
from qala.ratings import jobs
from qala.ratings.models import Publication, Work
from qala.ratings.queries import published
from qala.ratings.rated_run import rated_run
from qala.scoring import Profile
from qala.standard import Problem
from qala.standard.choice import edition_on


def ask_to_compute(request: Any, year: int, as_of: date, category: str, profile: str, why: str = "") -> Work:
    """Let a job compute a run of a category; its progress stands in what is returned.

    Args:
        why: `objections` where the recomputation after them is prepared.

    Raises:
        Problem: year and day do not agree, the profile or the category is unknown.
    """
    if as_of.year != year:
        raise Problem(_("The last day must lie in the rated year."))
    switches = Profile.parse(profile)
    edition_on(as_of, facts.editions(), facts.edition().id).edition.category(category)
    asked = {"year": year, "as_of": as_of, "category": category, "profile": str(switches)}
    with transaction.atomic():
        work = Work.objects.create(kind=Work.COMPUTE, asked_by=_user(request), why=why, **asked)
        audit.wrote(request, "compute", work, None, asked)
        jobs.compute_run.configure(lock="runs").defer(work=work.pk)
    return work


def ask_to_verify(request: Any, run: str) -> Work:
    """Let a job compute a recorded run again from the table versions that it pins."""
    with transaction.atomic():
        work = Work.objects.create(kind=Work.VERIFY, run=run, asked_by=_user(request))
        jobs.verify_run.configure(lock="runs").defer(work=work.pk)
    return work


def ask_how_sure(run: str, category: str) -> None:
    """Let a job find how sure the places of a category of a run are; a page shows it when it is there.

    Raises:
        Problem: the run does not rate the category.
    """
    if category not in rated_run(run).categories:
        raise Problem(_("The run does not rate this category."), where=run)
    jobs.weigh.configure(lock="runs").defer(run=run, category=category)


def publish(request: Any, run: str, category: str, note: str) -> Publication:
    """Make a category of a run the rating that holds.

    Args:
        request: who does it (their request, or a user; None: a command).
        note: why; must say something where an earlier publication is replaced.

    Raises:
        Problem: the run has changed since it was written, does not rate the category, or is published already; a
            restatement without a reason; or a day before the one that is published.
    """
    found = rated_run(run)
    if category not in found.categories:
        raise Problem(_("The run does not rate this category."), where=run)
    if not found.intact:
        raise Problem(_("The run is not what its hash was made of. It cannot be published."), where=run)
    earlier = published(found.year, category)
    if earlier is not None and not note.strip():
        raise Problem(_("Say why the rating that is published now is replaced."))
    if earlier is not None and found.as_of < earlier.as_of:
        raise Problem(_("A rating up to a later day is published already."), where=earlier.run)
    try:
        with transaction.atomic():
            made = Publication.objects.create(
                run=found.id,
                run_hash=found.head.hash,
                category=category,
                year=found.year,
                as_of=found.as_of,
                edition=found.edition.id,
                profile=str(found.profile),
                note=note.strip(),
                published_by=_user(request),
                supersedes=earlier,
            )
            before = None if earlier is None else {"run": earlier.run}
            audit.wrote(request, "publish", made, before, {"run": made.run, "category": category, "note": note})
            jobs.weigh.configure(lock="runs").defer(run=made.run, category=category)
    except IntegrityError as error:
        raise Problem(_("It was published already, or somebody published another one just now.")) from error
    return made


def _user(request: Any) -> Any:
    """The user of a request, or the user itself; None for a command."""
    user = getattr(request, "user", request)
    return user if getattr(user, "is_authenticated", False) else None
