"""What is done in a rating year; each change goes into the audit log with it."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala import facts
from qala.lake import IngestRequest
from qala.people import audit
from qala.rating_year.completion import loosen
from qala.rating_year.models import Claim, Decided, Evidence, Objection, YearStep
from qala.rating_year.queries import timetable
from qala.rating_year.recomputing import freeze_year, let_in, needed, prepare, thaw_year
from qala.rating_year.timetable import dated, steps
from qala.ratings.queries import run_of
from qala.standard import Problem

MOST_BYTES = 10 * 1024 * 1024
_FILES = (b"%PDF", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG")
DATASET = "city.additional_initiatives"
FREEZE = "data_freeze"


def keep(request: HttpRequest, form: Any, one: Decided) -> None:
    """Keep a draft.

    Raises:
        Problem: it is filed already.
    """
    if one.pk and one.state != one.State.DRAFT:
        raise Problem(_("What is filed is not changed any more."))
    with transaction.atomic():
        new = one.pk is None
        if new:
            one.made_by = _user(request)
        form.save()
        if isinstance(one, Claim):
            loosen(one)
        audit.wrote(request, "make" if new else "change", one, None, {"city": one.city, "year": one.year})


def add_evidence(request: HttpRequest, claim: Claim, file: Any) -> Evidence:
    """Add a file to a draft.

    Raises:
        Problem: filed already, too large, or no PDF, picture, DOCX or XLSX by its first bytes.
    """
    if claim.state != claim.State.DRAFT:
        raise Problem(_("What is filed is not changed any more."))
    if file.size > MOST_BYTES:
        raise Problem(_("A file may have 10 MB."))
    content = file.read()
    if not content.startswith(_FILES):
        raise Problem(_("A PDF, PNG, JPEG, DOCX or XLSX is taken."))
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        made = Evidence.objects.create(claim=claim, name=file.name[:200], content=content, sha256=digest)
        loosen(claim)
        audit.wrote(request, "add_evidence", claim, None, {"name": made.name, "sha256": digest})
    return made


def file(request: HttpRequest, one: Decided) -> None:
    """File a draft: from then on it is not changed.

    Raises:
        Problem: filed already, or an objection after its last day.
    """
    if one.state != one.State.DRAFT:
        raise Problem(_("What is filed is not changed any more."))
    if isinstance(one, Objection):
        _in_time(one)
        found = run_of(one.city, one.year)
        one.run = "" if found is None else found[1].id
    one.state, one.filed_at = one.State.FILED, timezone.now()
    _save(request, "file", one)


def _user(request: HttpRequest) -> Any:
    """Who is signed in: rights were asked before."""
    return request.user


def _in_time(one: Objection) -> None:
    category = facts.lake().cities.category_on(one.city, date(one.year, 12, 31))
    step = next(line for line in timetable(one.year, category) if line.dated.id == "objections")
    if step.dated.day is None:
        raise Problem(_("Objections are switched off for this year and category."))
    if facts.today() > step.dated.day:
        raise Problem(_("The last day for objections was %(day)s.") % {"day": f"{step.dated.day:%d.%m.%Y}"})


def decide(request: HttpRequest, one: Decided, *, accept: bool, reasons: str) -> None:
    """Decide on what was filed or appealed. An accepted claim goes into the lake, where the next run counts it.

    Raises:
        Problem: there is nothing to decide, or no reasons.
    """
    if not one.open:
        raise Problem(_("There is nothing to decide."))
    if not reasons.strip():
        raise Problem(_("A decision gives its reasons."))
    if one.decided_at is not None:  # of an appeal: the first decision stays to be read
        before = {"state": one.State.REFUSED.value, "reasons": one.reasons, "at": one.decided_at.isoformat()}
        one.earlier = [*one.earlier, before]
    one.state = one.State.ACCEPTED if accept else one.State.REFUSED
    one.reasons, one.decided_at, one.decided_by = reasons.strip(), timezone.now(), _user(request)
    _save(request, "decide", one)
    if accept and isinstance(one, Claim):
        _into_the_lake(one)
    elif accept and isinstance(one, Objection):
        let_in(one)


def appeal(request: HttpRequest, one: Decided, why: str) -> None:
    """Appeal a refusal, once.

    Raises:
        Problem: it was not refused, was appealed before, or no reasons are given.
    """
    if not one.may_appeal:
        raise Problem(_("Only a refusal can be appealed, and only once."))
    if not why.strip():
        raise Problem(_("Say why the decision is wrong."))
    one.state, one.appeal, one.appealed_at = one.State.APPEALED, why.strip(), timezone.now()
    _save(request, "appeal", one)


def _save(request: HttpRequest, verb: str, one: Decided) -> None:
    with transaction.atomic():
        one.save()
        audit.wrote(request, verb, one, None, {"state": one.state, "reasons": one.reasons, "appeal": one.appeal})


def _into_the_lake(claim: Claim) -> None:
    """The accepted claim as a row of the city's register of additional initiatives, by hand."""
    row = {
        "claim_id": f"site-{claim.pk}",
        "for_year": str(claim.year),
        "title": claim.title,
        "sphere": claim.sphere,
        "base_initiative": None if claim.base_initiative is None else str(claim.base_initiative),
        "in_roadmap": str(claim.in_roadmap or claim.action_id is not None).lower(),
        "report_signed": str(bool(claim.signed_on)).lower(),
        "indicators": str(claim.indicator_count),
        "started_on": claim.started_on.isoformat(),
        "finished_on": claim.finished_on.isoformat(),
        "filed_on": (claim.filed_at or timezone.now()).date().isoformat(),
    }
    lake = facts.lake()
    table = pa.table({name: pa.array([value], pa.string()) for name, value in row.items()})
    simulated = lake.cities.get(claim.city).simulated
    lake.ingest(
        IngestRequest(
            city=claim.city, dataset=DATASET, source=table, way="hand", simulated=simulated,
            source_name=f"claim {claim.pk}",
        )
    )  # fmt: skip


def set_step(request: HttpRequest, year: int, category: str, name: str, do: str, day: date | None = None) -> None:
    """Say that a step is done or not, switch it off or on, or move its day.

    Raises:
        Problem: no such step, or the order does not allow it.
    """
    if name not in steps():
        raise Problem(_("There is no such step."))
    row, _made = YearStep.objects.get_or_create(year=year, category=category, step=name)
    before = {"off": row.off, "day": row.day and row.day.isoformat(), "done": bool(row.done_at)}
    if do in ("done", "undone"):
        who: Any = _user(request) if do == "done" else None
        row.done_at, row.done_by = (timezone.now() if do == "done" else None), who
    elif do in ("off", "on"):
        row.off = do == "off"
    else:
        row.day = day
    lines = [line for line in YearStep.objects.filter(year=year, category=category) if line.pk != row.pk] + [row]
    dated(
        year,
        frozenset(line.step for line in lines if line.off),
        {line.step: line.day for line in lines if line.day is not None},
    )
    after = {"off": row.off, "day": row.day and row.day.isoformat(), "done": bool(row.done_at)}
    with transaction.atomic():
        if name == FREEZE and do == "done":
            freeze_year(year, category)
        elif name == FREEZE and do in ("undone", "off"):
            thaw_year(year, category)
        row.save()
        audit.wrote(request, "set_step", row, before, after)
    if name == "decisions" and do == "done" and needed(year, category):
        prepare(request, year, category)
