"""Strategies and sections that somebody may see, what is in the way of a submission, what changed between two texts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import gettext as _

from qala import facts
from qala.kits.documents.markdown import tokens
from qala.kits.procedure.queries import access_paper
from qala.people.access import Somebody, require
from qala.standard import Text
from qala.standard.values import Language
from qala.strategies.figures import Live, said
from qala.strategies.models import Section, Strategy, Version

SEE, COMMENT, LEAD = "strategies.see", "strategies.comment", "strategies.lead"
OFFICIAL: tuple[Language, ...] = ("kk", "ru")
"""What is submitted is whole in both languages of the state; English may lack."""
NAMES: Mapping[str, str] = {"kk": "Қазақша", "ru": "Русский", "en": "English"}

Change = tuple[Literal["same", "gone", "new"], str]


def access_strategy(user: Somebody, number: int, permission: str = "") -> Strategy:
    """As `access_paper`."""
    return access_paper(user, Strategy, number, permission)


def says(strategy: Strategy) -> dict[str, object]:
    """Its texts and figures, as they are signed."""
    texts = {f"{one.number}.{one.language}": one.text for one in strategy.sections.all()}
    return {"texts": texts, "figures": strategy.figures}


def access_section(user: Somebody, strategy: int, number: int, language: str, permission: str = "") -> Section:
    """A section in a language, with the rights of its strategy."""
    access_strategy(user, strategy, permission)
    wanted = Section.objects.select_related("strategy", "changed_by")
    found = wanted.filter(strategy=strategy, number=number, language=language).first()
    if found is None:
        raise Http404(_("There is no such section."))
    return found


def access_version(user: Somebody, section: Section, number: int) -> Version:
    """A text of a section that somebody left; texts of drafts are for those who work on them."""
    require(user, SEE, city=section.strategy.city)
    found = section.versions.select_related("by").filter(pk=number).first()
    if found is None:
        raise Http404(_("There is no such version."))
    return found


def titles(strategy: Strategy) -> tuple[Text, ...]:
    """The sections of item 21, in its sequence."""
    steps = facts.editions()[strategy.edition].procedure.steps
    return next(one.parts for one in steps if one.id == "strategy_sections")


def sections_of(strategy: Strategy) -> dict[tuple[int, str], Section]:
    """(number, language) -> section, with `open_comments` and `kept_beside`."""
    found = strategy.sections.select_related("changed_by").annotate(
        open_comments=Count("comments", filter=Q(comments__done_at=None), distinct=True),
        kept_beside=Count("versions", filter=Q(versions__beside=True, versions__settled=False), distinct=True),
    )
    return {(one.number, one.language): one for one in found}


def in_the_way(strategy: Strategy) -> list[str]:
    """What keeps a draft from being submitted, in words (items 21, 26)."""
    found, sections = [], sections_of(strategy)
    for language in OFFICIAL:
        lacking = [str(no) for (no, own), one in sections.items() if own == language and one.state != "ready"]
        if lacking:
            found.append(
                _("Sections that are not marked as ready (%(language)s): %(numbers)s.")
                % {"language": NAMES[language], "numbers": ", ".join(lacking)}
            )
    beside = sorted({str(no) for (no, _own), one in sections.items() if getattr(one, "kept_beside", 0)})
    if beside:
        found.append(_("Two texts wait for a decision in sections: %(numbers)s.") % {"numbers": ", ".join(beside)})
    live = Live(strategy, "en")
    silent = {token for token in asked(strategy) if "lacks" in said(live, token)}
    for (number, own), one in sections.items():
        if wrong := sorted(silent & tokens(one.text)):
            found.append(
                _("Section %(number)s (%(language)s): these figures say nothing: %(figures)s.")
                % {"number": number, "language": NAMES[own], "figures": ", ".join(wrong)}
            )
    return found


def asked(strategy: Strategy) -> set[str]:
    """Every figure that its texts ask for."""
    return set().union(*(tokens(one.text) for one in strategy.sections.all()))


def changes(old: str, new: str) -> list[Change]:
    """What a text became, word by word; lines that are the same are not looked at closer."""
    found: list[Change] = []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[a:b]), "".join(after[c:d])
        if kind == "replace":
            found += _words(gone, come)
        else:
            found += [("same", gone)] if kind == "equal" else [("gone", gone)] if gone else [("new", come)]
    return found


def _words(old: str, new: str) -> Iterator[Change]:
    before, after = re.findall(r"\s+|\w+|[^\w\s]", old), re.findall(r"\s+|\w+|[^\w\s]", new)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", "".join(before[a:b])
            continue
        if a < b:
            yield "gone", "".join(before[a:b])
        if c < d:
            yield "new", "".join(after[c:d])
