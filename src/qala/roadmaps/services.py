"""Roadmaps are begun, their actions written, and the steps of the procedure taken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.procedure import services as steps
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.services import editable
from qala.kits.procedure.steps import IN_FORCE
from qala.people import audit
from qala.people.access import require
from qala.people.models import Organisation, User
from qala.people.services import Impossible
from qala.roadmaps import first, gate, jobs, sheet
from qala.roadmaps.forms import ReportForm
from qala.roadmaps.models import Action, BusinessCase, Choosing, KpiOwner, Message, Roadmap
from qala.roadmaps.prefill import asked
from qala.roadmaps.queries import LEAD, basis_of, in_the_way
from qala.standard.values import Language

_COPIED = (
    "initiative", "stage", "sphere", "name", "results", "from_year", "to_year", "owner_id", "executors", "effects", "money",
    "approved", "spent", "programme", "source", "risks", "progress", "evidence", "new_system", "number",
)  # fmt: skip


@transaction.atomic
def begin(by: HttpRequest | None, city: str, first_year: int, last_year: int, language: Language) -> Roadmap:
    """A city's first roadmap, with the base initiatives that annex 2 lays on its category and their functions (annex 3).

    Raises:
        Impossible: the city has one, or no category, or the years run backwards.
    """
    if Roadmap.objects.filter(city=city).exists():
        raise Impossible(_("The city has a roadmap; it is amended, not begun again."))
    if last_year < first_year:
        raise Impossible(_("It cannot end before it begins."))
    day, law = today_of(city), facts.edition()
    category = facts.lake().cities.category_on(city, day)
    found = Roadmap.objects.create(
        city=city, edition=law.id, category=category, first_year=first_year, last_year=last_year, since=day
    )
    for number, one in enumerate(asked(law, category, language), 1):
        Action.objects.create(
            roadmap=found, initiative=one.initiative, stage=one.stage, name=one.name, number=number,
            from_year=max(one.from_year, first_year), to_year=max(one.to_year, first_year), executors=one.executors,
            results=one.results,
        )  # fmt: skip
    audit.wrote(by, "begin_roadmap", found, None, audit.said(found), city=city)
    return found


@transaction.atomic
def keep_action(by: HttpRequest, action: Action, after: list[Action]) -> None:
    """Write an action down.

    Raises:
        Impossible: the roadmap is not a draft, or actions would wait for one another.
    """
    roadmap = _draft(by, action.roadmap_id)
    before = None if action.pk is None else audit.said(Action.objects.get(pk=action.pk))
    if action.pk is not None and any(_waits_for(one, action) for one in after):
        raise Impossible(_("These actions would wait for one another."))
    if action.pk is None:
        action.number = 1 + max((one.number for one in roadmap.actions.all()), default=0)
    action.full_clean()
    action.save()
    action.after.set(after)
    audit.wrote(by, "add" if before is None else "change", action, before, audit.said(action), city=roadmap.city)


@transaction.atomic
def take_in(by: HttpRequest, roadmap: Roadmap, planned: Collection[sheet.Planned], rests_on: str) -> tuple[int, int]:
    """Do what a table asks of a draft, as it was shown; how many actions were added and changed.

    Args:
        rests_on: fingerprint of the actions that were shown.

    Raises:
        Impossible: the roadmap was changed meanwhile, or is no draft; nothing is done.
    """
    actions = sheet.actions_of(_draft(by, roadmap.pk))
    if sheet.fingerprint(actions) != rests_on:
        raise Impossible(_("Somebody changed the roadmap while you looked; nothing is taken in. Load the file again."))
    by_number = {one.number: one for one in actions}
    for each in planned:  # so that no chain of before stands in the way of the new ones
        if each.number is not None:
            by_number[each.number].after.clear()
    for each in planned:
        form = sheet.form_of(roadmap, each, by_number[each.number] if each.number is not None else None, by_number)
        if not form.is_valid():
            raise Impossible(" ".join(f"{name}: {' '.join(map(str, told))}" for name, told in form.errors.items()))
        keep_action(by, form.instance, list(form.cleaned_data["after"]))
    added = sum(each.number is None for each in planned)
    return added, len(planned) - added


@transaction.atomic
def keep_gate(by: HttpRequest, action: Action, given: Mapping[str, str]) -> None:
    """Write down which documents show what item 13 asks of an action.

    Raises:
        Impossible: the roadmap is not a draft.
        ValidationError: a document without a day, or an address that is none.
    """
    roadmap = _draft(by, action.roadmap_id)
    papers = gate.read(action, given, today_of(roadmap.city))
    before = {one.kind: str(one) for one in action.gate.all()}
    action.gate.all().delete()
    for one in papers:
        one.save()
    audit.wrote(by, "change", action, before, {one.kind: str(one) for one in papers}, city=roadmap.city)


@transaction.atomic
def remove_action(by: HttpRequest, action: Action) -> None:
    """Take an action out of a draft; the log keeps it."""
    roadmap = _draft(by, action.roadmap_id)
    audit.wrote(by, "delete", action, audit.said(action), None, city=roadmap.city)
    action.delete()


@transaction.atomic
def report_progress(by: HttpRequest, action: Action, said: ReportForm) -> None:
    """Say how far an action is; that is told in force, too, since it is no part of what was approved."""
    require(by.user, LEAD, city=action.roadmap.city)
    before = audit.said(action)
    action.progress, action.evidence = said.cleaned_data["progress"], said.cleaned_data["evidence"]
    action.approved, action.spent = said.money("approved"), said.money("spent")
    action.save(update_fields=["progress", "evidence", "approved", "spent"])
    audit.wrote(by, "change", action, before, audit.said(action), city=action.roadmap.city)


@transaction.atomic
def report_money(by: HttpRequest, roadmap: Roadmap, said: Mapping[int, Mapping[str, Any]]) -> int:
    """Say out of which programme actions are paid, and what was approved and spent in a year; how many changed.

    Args:
        said: action -> `programme`; `approved` and `spent` as (year, sum), which a roadmap in force has only.

    Raises:
        Impossible: the ministry reads it now.
    """
    roadmap = _locked(roadmap.pk)
    require(by.user, LEAD, city=roadmap.city)
    if roadmap.state not in IN_FORCE:
        editable(roadmap)
    changed = 0
    for action in roadmap.actions.filter(pk__in=said):
        before = audit.said(action)
        of = said[action.pk]
        action.programme = of.get("programme", action.programme)
        for kind in ("approved", "spent"):
            if kind in of and roadmap.state in IN_FORCE:
                year, money = of[kind]
                kept = {**getattr(action, kind), str(year): f"{money:f}"}
                setattr(action, kind, {one: money for one, money in kept.items() if Decimal(money)})
        if audit.said(action) != before:
            action.save(update_fields=["programme", "approved", "spent"])
            audit.wrote(by, "change", action, before, audit.said(action), city=roadmap.city)
            changed += 1
    return changed


@transaction.atomic
def keep_case(by: HttpRequest, case: BusinessCase) -> None:
    """Write the business case of an action down.

    Raises:
        Impossible: the roadmap is not a draft.
    """
    roadmap = _draft(by, case.action.roadmap_id)
    before = None if case.pk is None else audit.said(BusinessCase.objects.get(pk=case.pk))
    case.save()
    audit.wrote(by, "add" if before is None else "change", case, before, audit.said(case), city=roadmap.city)


@transaction.atomic
def keep_message(by: HttpRequest, message: Message) -> None:
    """Write a line of the communication plan down; it is no part of what is approved, so that it goes on in force."""
    require(by.user, LEAD, city=message.roadmap.city)
    before = None if message.pk is None else audit.said(Message.objects.get(pk=message.pk))
    message.full_clean()
    message.save()
    verb = "add" if before is None else "change"
    audit.wrote(by, verb, message, before, audit.said(message), city=message.roadmap.city)


@transaction.atomic
def remove_message(by: HttpRequest, message: Message) -> None:
    """Take a line out of the communication plan; the log keeps it."""
    require(by.user, LEAD, city=message.roadmap.city)
    audit.wrote(by, "delete", message, audit.said(message), None, city=message.roadmap.city)
    message.delete()


@transaction.atomic
def give_owner(
    by: HttpRequest, city: str, rows: Collection[str], actions: Collection[Action], owner: Organisation
) -> int:
    """Let an organisation answer for KPIs of a city, and for actions that have no owner yet; for how many it does now.

    In force an owner that was lacking is named; one that was named is changed by an amendment.

    Raises:
        Impossible: the ministry reads the roadmap now.
    """
    require(by.user, LEAD, city=city)
    for roadmap in {one.roadmap for one in actions}:
        if roadmap.state not in IN_FORCE:
            editable(roadmap)
    for row in rows:
        there = KpiOwner.objects.filter(city=city, row=row).first()
        before = None if there is None else audit.said(there)
        one, _new = KpiOwner.objects.update_or_create(
            city=city, row=row, defaults={"owner": owner, "since": today_of(city)}
        )
        audit.wrote(by, "add" if before is None else "change", one, before, audit.said(one), city=city)
    lacking = [one for one in actions if one.owner_id is None]
    for action in lacking:
        said = audit.said(action)
        action.owner = owner
        action.save(update_fields=["owner"])
        audit.wrote(by, "change", action, said, audit.said(action), city=city)
    return len(rows) + len(lacking)


@transaction.atomic
def take(by: HttpRequest, number: int, verb: str, words: str) -> Roadmap:
    """Take a step of the procedure; the roadmap that holds then (of an amendment: the new draft).

    Raises:
        Impossible: the step is not allowed now, what it asks for was not said, or the draft is not whole.
    """
    return steps.take(by, _locked(number), verb, words, lacking=_lacking, amend=amended)


@transaction.atomic
def ask_first(by: HttpRequest, roadmap: Roadmap, asked: Mapping[str, Any]) -> Choosing:
    """Let a job choose what to do first; the choice that is there already if the same was asked of the same."""
    actions, basis = first.open_actions(roadmap), basis_of(roadmap)
    same = {
        "asked": dict(asked), "rests_on": first.fingerprint(actions), "run": "" if basis is None else basis.run,
    }  # fmt: skip
    found = roadmap.choosings.filter(**same).exclude(state=Choosing.FAILED).first()
    if found is not None and not found.silent:
        return found
    user = by.user if isinstance(by.user, User) else None
    made = Choosing.objects.create(roadmap=roadmap, total=first.steps_of(actions), asked_by=user, **same)
    jobs.choose.defer(number=made.pk)
    return made


@transaction.atomic
def apply_first(by: HttpRequest, found: Choosing) -> int:
    """Give the chosen actions of a draft their chosen years, their money with them; how many moved.

    Raises:
        Impossible: the roadmap is not a draft, or is not any more what was chosen among.
    """
    roadmap = _draft(by, found.roadmap_id)
    actions = first.open_actions(roadmap)
    if found.state != Choosing.DONE or first.fingerprint(actions) != found.rests_on:
        raise Impossible(_("The roadmap was changed since; choose again."))
    undo = {}
    for one in actions:
        start = found.result["starts"].get(str(one.pk))
        if start is None or one.progress == "running" or start == one.from_year:
            continue
        undo[str(one.pk)] = [one.from_year, one.to_year, one.money]
        money = first.moved_money(one, start)
        _move(by, one, start, start + one.to_year - one.from_year, money)
    found.undo = undo
    found.save(update_fields=["undo"])
    return len(undo)


@transaction.atomic
def undo_first(by: HttpRequest, found: Choosing) -> int:
    """Give actions the years and money that they had before; how many moved back.

    Raises:
        Impossible: the roadmap is not a draft, or somebody moved one of them since.
    """
    roadmap = _draft(by, found.roadmap_id)
    actions = {str(one.pk): one for one in roadmap.actions.all()}
    for name, (first_year, last_year, money) in found.undo.items():
        one = actions.get(name)
        if one is None or one.from_year != found.result["starts"][name]:
            raise Impossible(_("An action was moved or taken out since; change the years by hand."))
        _move(by, one, first_year, last_year, money)
    moved, found.undo = len(found.undo), {}
    found.save(update_fields=["undo"])
    return moved


def _draft(by: HttpRequest, number: int) -> Roadmap:
    roadmap = _locked(number)
    editable(roadmap)
    require(by.user, LEAD, city=roadmap.city)
    return roadmap


def _move(by: HttpRequest, one: Action, first_year: int, last_year: int, money: Mapping[str, str]) -> None:
    before = audit.said(one)
    one.from_year, one.to_year, one.money = first_year, last_year, dict(money)
    one.save(update_fields=["from_year", "to_year", "money"])
    audit.wrote(by, "change", one, before, audit.said(one), city=one.roadmap.city)


def _lacking(roadmap: Roadmap) -> list[str]:
    return in_the_way(roadmap, list(roadmap.actions.all()))


def amended(old: Roadmap) -> Roadmap:
    """The next version of a roadmap as a draft, with copies of its actions and of their documents."""
    new = Roadmap.objects.create(
        city=old.city, edition=old.edition, category=old.category, first_year=old.first_year, last_year=old.last_year,
        version=old.version + 1, amends=old, since=today_of(old.city),
    )  # fmt: skip
    copies: dict[int, Action] = {}
    for one in old.actions.all():
        said: dict[str, Any] = {name: getattr(one, name) for name in _COPIED}
        copy = copies[one.pk] = Action.objects.create(roadmap=new, **said)
        for each in one.gate.all():
            copy.gate.create(kind=each.kind, document=each.document, day=each.day, address=each.address)
        if (case := BusinessCase.objects.filter(action=one).first()) is not None:
            case.pk, case.action = None, copy
            case.save(force_insert=True)
    for message in old.messages.filter(state="planned"):
        message.pk, message.roadmap = None, new
        message.save(force_insert=True)
    for one in old.actions.prefetch_related("after"):
        copies[one.pk].after.set(copies[each.pk] for each in one.after.all() if each.pk in copies)
    return new


def _locked(number: int) -> Roadmap:
    return Roadmap.objects.select_for_update(of=("self",)).get(pk=number)


def _waits_for(one: Action, other: Action) -> bool:
    """Whether an action waits for another, directly or through others."""
    seen, ahead = set(), [one]
    while ahead:
        now = ahead.pop()
        if now.pk == other.pk:
            return True
        if now.pk not in seen:
            seen.add(now.pk)
            ahead += list(now.after.all())
    return False
