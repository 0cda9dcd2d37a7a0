"""Strategies are begun and written by several people at once; figures are frozen when one is submitted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.procedure import services as steps
from qala.kits.procedure import signing
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.services import editable
from qala.kits.procedure.steps import EDITABLE
from qala.people import audit
from qala.people.access import require
from qala.people.models import User
from qala.people.services import Impossible
from qala.standard.values import LANGUAGES
from qala.strategies.document import document
from qala.strategies.figures import frozen
from qala.strategies.models import LONGEST, Comment, Section, Strategy, Version
from qala.strategies.queries import COMMENT, LEAD, asked, in_the_way, says, titles
from qala.ui.formats import language_of

ONE_SITTING = timedelta(minutes=10)
"""What one person changes in it is one version of the history."""


@dataclass(frozen=True)
class Saved:
    """What became of a text: it stands, or it is kept beside the one that somebody else saved meanwhile."""

    section: Section
    beside: Version | None = None


@transaction.atomic
def begin(by: HttpRequest | None, city: str, first_year: int, last_year: int) -> Strategy:
    """A city's first strategy, with the nine sections of item 21, empty, in each language.

    Raises:
        Impossible: the city has one, or the years run backwards.
    """
    if Strategy.objects.filter(city=city).exists():
        raise Impossible(_("The city has a strategy; it is amended, not begun again."))
    if last_year < first_year:
        raise Impossible(_("It cannot end before it begins."))
    day = today_of(city)
    found = Strategy.objects.create(
        city=city, edition=facts.edition().id, category=facts.lake().cities.category_on(city, day),
        first_year=first_year, last_year=last_year, since=day,
    )  # fmt: skip
    for number, _title in enumerate(titles(found), 1):
        for language in LANGUAGES:
            Section.objects.create(strategy=found, number=number, language=language)
    audit.wrote(by, "begin_strategy", found, None, {"years": [first_year, last_year]}, city=city)
    return found


@transaction.atomic
def save(by: HttpRequest, section: Section, text: str, rests_on: int, settles: int | None = None) -> Saved:
    """Keep what somebody wrote.

    Args:
        rests_on: `saved` of the section when they opened it.
        settles: the version beside that this text decides.

    Raises:
        Impossible: the strategy is not a draft, or the text is too long.
    """
    strategy, section = _locked(section)
    editable(strategy)
    require(by.user, LEAD, city=strategy.city)
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip("\n")
    if len(text) > LONGEST:
        raise Impossible(_("A section has at most %(n)s characters.") % {"n": LONGEST})
    if text != section.text and rests_on != section.saved:
        return Saved(section, _kept(by, section, text, rests_on, beside=True))
    if settles is not None:
        section.versions.filter(pk=settles, beside=True).update(settled=True)
    if text != section.text:
        _kept(by, section, text, rests_on, beside=False)
        section.text, section.saved = text, section.saved + 1
        section.changed_at, section.changed_by = timezone.now(), _person(by)
        section.state = "writing" if text else "empty"
        section.save()
    return Saved(section)


def _kept(by: HttpRequest, section: Section, text: str, rests_on: int, *, beside: bool) -> Version:
    """The version that holds a text: the writer's last one of this sitting, or a new one."""
    now, person = timezone.now(), _person(by)
    last = section.versions.filter(beside=beside).first()
    same = last is not None and last.by == person and now - last.begun_at < ONE_SITTING and not last.settled
    if last is not None and same and (not beside or last.rests_on == rests_on):
        last.text, last.at = text, now
        last.save(update_fields=["text", "at"])
        return last
    made = section.versions.create(text=text, by=person, begun_at=now, at=now, rests_on=rests_on, beside=beside)
    place = {"section": section.number, "language": section.language, "version": made.pk, "beside": beside}
    audit.wrote(by, "write_section", section.strategy, None, place)
    return made


@transaction.atomic
def settle(by: HttpRequest, section: Section, version: int) -> None:
    """Leave the text as it stands; the one beside stays in the history."""
    strategy, section = _locked(section)
    require(by.user, LEAD, city=strategy.city)
    section.versions.filter(pk=version, beside=True).update(settled=True)


@transaction.atomic
def mark(by: HttpRequest, section: Section, state: str) -> None:
    """Say how far a section is.

    Raises:
        Impossible: there is no such state, an empty section is no finished one, or the strategy is not a draft.
    """
    strategy, section = _locked(section)
    editable(strategy)
    require(by.user, LEAD, city=strategy.city)
    if state not in Section.STATES or (state == "empty") == bool(section.text):
        raise Impossible(_("A section without text is not begun, and one with text is."))
    audit.wrote(by, "mark_section", strategy, {"state": section.state}, {"section": section.number, "state": state})
    section.state = state
    section.save(update_fields=["state"])


@transaction.atomic
def comment(by: HttpRequest, section: Section, text: str, passage: str) -> Comment:
    """Say something of a section.

    Raises:
        Impossible: the strategy is in force or being judged.
        ValidationError: it says nothing, or too much.
    """
    require(by.user, COMMENT, city=section.strategy.city)
    if section.strategy.state not in EDITABLE:
        raise Impossible(_("It is no draft any more: nothing is discussed in it."))
    found = Comment(section=section, by=_person(by), text=text.strip(), passage=passage.strip()[:300])
    found.full_clean()
    found.save()
    return found


@transaction.atomic
def finish_comment(by: HttpRequest, found: Comment) -> None:
    """Say that a comment is answered."""
    require(by.user, LEAD, city=found.section.strategy.city)
    found.done_at, found.done_by = timezone.now(), _person(by)
    found.save(update_fields=["done_at", "done_by"])


@transaction.atomic
def take(by: HttpRequest, number: int, verb: str, words: str) -> Strategy:
    """Take a step of the procedure; the strategy that holds then (of an amendment: the new draft).

    Raises:
        Impossible: the step is not allowed now, what it asks for was not said, or the draft is not whole.
    """
    strategy = Strategy.objects.select_for_update(of=("self",)).get(pk=number)
    found = steps.take(by, strategy, verb, words, lacking=in_the_way, amend=_amendment)
    if found.state == "submitted" and verb == "submit":
        found.figures, found.figures_of = frozen(found, asked(found))
        found.save(update_fields=["figures", "figures_of"])
    return found


@transaction.atomic
def sign(by: HttpRequest, number: int, position: str) -> None:
    """Sign a strategy that was agreed or approved, in the page's language.

    Raises:
        Refused: the step was somebody else's to take.
        Impossible: it is neither, or it is signed already.
    """
    one = Strategy.objects.select_for_update(of=("self",)).get(pk=number)
    language = language_of(get_language())
    name = f"strategy_{one.city}_v{one.version}_{language}"
    signing.sign(by, one, says(one), document(one, language), name, position)


def _amendment(old: Strategy) -> Strategy:
    new = Strategy.objects.create(
        city=old.city, edition=old.edition, category=old.category, first_year=old.first_year, last_year=old.last_year,
        version=old.version + 1, amends=old, since=today_of(old.city),
    )  # fmt: skip
    for one in old.sections.all():
        new.sections.create(number=one.number, language=one.language, text=one.text, state=one.state)
    return new


def _locked(section: Section) -> tuple[Strategy, Section]:
    strategy = Strategy.objects.select_for_update(of=("self",)).get(pk=section.strategy_id)
    return strategy, Section.objects.select_related("strategy").get(pk=section.pk)


def _person(by: HttpRequest) -> User | None:
    return by.user if isinstance(by.user, User) else None
