"""Overviews of a city: begun, written, closed. What is closed is not edited; a new one is begun."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.groundwork.annexes import annexes
from qala.groundwork.evidence import FILE, KINDS, said_now
from qala.groundwork.experts import LEAST, MOST, agreement, weights
from qala.groundwork.models import Evidence, ExpertScore, Group, Member, Overview, Statement
from qala.groundwork.queries import LEAD, SEE, members_on
from qala.people import audit
from qala.people.access import Somebody, require
from qala.people.services import Impossible
from qala.standard.values import LANGUAGES

LARGEST = 10 * 1024 * 1024
_FILES = (b"%PDF", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG")


def access_overview(user: Somebody, number: int, permission: str = SEE) -> Overview:
    """One by its number; 404 if there is none, `Refused` if the user lacks the permission in its city."""
    found = Overview.objects.filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such overview."))
    require(user, permission, city=found.city)
    return found


def access_statement(user: Somebody, number: int, permission: str = LEAD) -> Statement:
    """A statement, with the rights of its overview."""
    found = Statement.objects.select_related("overview").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such statement."))
    access_overview(user, found.overview_id, permission)
    return found


def access_evidence(user: Somebody, number: int, permission: str = SEE) -> Evidence:
    """A piece of evidence, with the rights of its overview."""
    found = Evidence.objects.select_related("statement").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such evidence."))
    access_statement(user, found.statement_id, permission)
    return found


def group_of(city: str) -> Group | None:
    """The group that leads a city today."""
    return Group.objects.filter(cities__contains=[city], dissolved_on=None).first()


def experts_of(city: str) -> list[Member]:
    """Members of that group today."""
    group = group_of(city)
    return members_on(group, _today(city)) if group else []


def thought(one: Overview) -> dict[str, Any]:
    """Experts' scores as JSON keeps them: how many experts, agreement, need -> [count, mean, spread, lowest, highest]."""
    given: dict[int, dict[str, int]] = {}
    for score in one.scores.all():
        given.setdefault(score.member_id, {})[score.need] = score.score
    agreed = agreement(given)
    return {
        "experts": len(given),
        "agreement": None if agreed is None else str(agreed),
        "needs": {n: [w.count, str(w.mean), round(w.spread, 3), w.low, w.high] for n, w in weights(given).items()},
    }


def findings(one: Overview) -> dict[str, Any]:
    """Needs, experts' scores and base initiatives: as they were when it was closed, or as they are."""
    if one.kept is not None:
        kept: dict[str, Any] = one.kept
        return kept
    annexed = annexes([one.city], overviews=False)
    return {"annex": annexed[0] if annexed else None, "thought": thought(one)}


def _today(city: str) -> Any:
    registry = facts.lake().cities
    return facts.today(registry.get(city).zone) if city in registry else facts.today()


@transaction.atomic
def begin(by: HttpRequest | None, city: str) -> Overview:
    """A city's next overview.

    Raises:
        Impossible: one is being written.
    """
    if Overview.objects.filter(city=city, closed_on=None).exists():
        raise Impossible(_("An overview of this city is being written; close it first."))
    last = Overview.objects.filter(city=city).aggregate(last=Max("number"))["last"] or 0
    made = Overview.objects.create(city=city, number=last + 1, begun_on=_today(city))
    audit.wrote(by, "begin_overview", made, None, audit.said(made))
    return made


def open_one(number: int) -> Overview:
    """An overview, locked, if it is being written.

    Raises:
        Impossible: it is closed.
    """
    found = Overview.objects.select_for_update().get(pk=number)
    if found.closed_on:
        raise Impossible(_("The overview is closed: nothing of it is edited. Begin a new one."))
    return found


@transaction.atomic
def keep_statement(by: HttpRequest | None, one: Statement, before: Mapping[str, Any] | None) -> None:
    """Add a statement or change one.

    Raises:
        Impossible: the overview is closed.
    """
    overview = open_one(one.overview_id)
    if one.pk is None:
        one.number = (overview.statements.aggregate(last=Max("number"))["last"] or 0) + 1
    one.full_clean()
    one.save()
    verb = "add_statement" if before is None else "change_statement"
    audit.wrote(by, verb, one, before, audit.said(one), city=overview.city)


@transaction.atomic
def remove(by: HttpRequest, one: Statement | Evidence) -> None:
    """Take a statement or a piece of evidence out; the log keeps what it said.

    Raises:
        Impossible: the overview is closed.
    """
    overview = open_one(one.overview_id if isinstance(one, Statement) else one.statement.overview_id)
    said = audit.said(one) if isinstance(one, Statement) else audit.said(one, "kind", "ref", "said", "sha256")
    audit.wrote(by, "delete", one, said, None, city=overview.city)
    one.delete()


@transaction.atomic
def rest_on(by: HttpRequest | None, one: Statement, kind: str, ref: str) -> Evidence:
    """Say what a statement rests on; what that says today is kept.

    Raises:
        Impossible: the overview is closed, or there is no such thing.
    """
    overview = open_one(one.overview_id)
    said = said_now(kind, overview.city, ref) if kind in KINDS else {}
    if not said:
        raise Impossible(_("Choose what it rests on."))
    if one.evidence.filter(kind=kind, ref=ref).exists():
        raise Impossible(_("It rests on that already."))
    return _added(by, overview, Evidence(statement=one, kind=kind, ref=ref, said=said))


@transaction.atomic
def attach(by: HttpRequest | None, one: Statement, file: Any) -> Evidence:
    """Attach a file that a statement rests on.

    Raises:
        Impossible: the overview is closed, or it is too large or no PDF, picture, DOCX or XLSX by its first bytes.
    """
    overview = open_one(one.overview_id)
    if file is None:
        raise Impossible(_("Choose a file."))
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Impossible(_("A file may have 10 MB."))
    if not content.startswith(_FILES):
        raise Impossible(_("A PDF, PNG, JPEG, DOCX or XLSX is taken."))
    name = str(file.name)[-200:]
    said, digest = dict.fromkeys(LANGUAGES, name), hashlib.sha256(content).hexdigest()
    return _added(by, overview, Evidence(statement=one, kind=FILE, said=said, content=content, sha256=digest))


def _added(by: HttpRequest | None, overview: Overview, made: Evidence) -> Evidence:
    made.added_on = _today(overview.city)
    made.save()
    audit.wrote(by, "add_evidence", made, None, audit.said(made, "kind", "ref", "said", "sha256"), city=overview.city)
    return made


@transaction.atomic
def keep_scores(by: HttpRequest | None, one: Overview, member: Member, given: Mapping[str, int | None]) -> None:
    """Write down what an expert thinks of needs; a need without a score is left out.

    Raises:
        Impossible: the overview is closed, it is no member of the city's group, or a score is none.
    """
    overview = open_one(one.pk)
    if member.pk not in {each.pk for each in experts_of(overview.city)}:
        raise Impossible(_("Experts are members of the city's working group."))
    scores = {need: score for need, score in given.items() if score is not None}
    if any(not LEAST <= score <= MOST for score in scores.values()):
        raise Impossible(_("A score is 1, 2, 3, 4 or 5."))
    overview.scores.filter(member=member).delete()
    ExpertScore.objects.bulk_create(
        ExpertScore(overview=overview, member=member, need=need, score=score) for need, score in scores.items()
    )
    audit.wrote(by, "score_needs", overview, None, {"member": member.pk, "scores": scores}, city=overview.city)


@transaction.atomic
def close(by: HttpRequest | None, number: int) -> Overview:
    """Close an overview: from now on nothing of it is edited, and its findings stay as they are today.

    Raises:
        Impossible: it is closed already, or it states nothing.
    """
    one = open_one(number)
    if not one.statements.exists():
        raise Impossible(_("The overview states nothing yet."))
    one.kept = findings(one)
    one.closed_on = _today(one.city)
    one.save(update_fields=["kept", "closed_on"])
    audit.wrote(by, "close_overview", one, None, audit.said(one, "closed_on"))
    return one
