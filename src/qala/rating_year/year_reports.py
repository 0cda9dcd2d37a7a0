"""The ministry's report of a year: drafted, edited with its history kept, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala import facts
from qala.people import audit
from qala.rating_year.models import ReportEdit, YearReport
from qala.rating_year.report_draft import Basis, draft, texts
from qala.ratings import queries as ratings
from qala.ratings.models import Publication
from qala.ratings.rated_run import rated_run
from qala.reports import RunNote
from qala.reports.rating import Before, rating_of_scores
from qala.standard import Problem
from qala.standard.values import LANGUAGES, Language

OWN = "own"


@dataclass(frozen=True)
class Sentence:
    """A sentence as it reads in one language now.

    Attributes:
        drafted: as the program said it; empty of the ministry's own.
        edits: of this language, the oldest first.
        numbers: (whose, which, number) as texts.
    """

    id: str
    part: str
    text: str
    drafted: str
    edits: Sequence[ReportEdit]
    numbers: Sequence[Sequence[str]]
    link: Sequence[Any]

    @property
    def edited(self) -> bool:
        """Whether its words are not the program's."""
        return bool(self.edits) and self.text != self.drafted

    @property
    def left_out(self) -> bool:
        return not self.text


def basis_of(publication: Publication) -> Basis:
    """What a report of a publication is drafted from."""
    run, earlier = rated_run(publication.run), ratings.before(publication)
    old = None if earlier is None else rated_run(earlier.run)
    data = rating_of_scores(
        run.basis,
        facts.lake(),
        run.scores(publication.category),
        run=RunNote(run.id, run.faithful),
        before=None if old is None else Before(old.id, old.year, old.as_of, old.place_of),
        simulated=run.simulated,
    )
    return Basis(run, publication.category, data, old, ratings.sureness(run.id, publication.category))


def holding(year: int, category: str) -> YearReport | None:
    """The report of the published rating; after a restatement the new rating has none until it is drafted."""
    published = ratings.published(year, category)
    return None if published is None else YearReport.objects.filter(run=published.run, category=category).first()


def begin(by: HttpRequest | None, year: int, category: str) -> YearReport:
    """Draft the report of the published rating; one that is there is drafted anew as long as nobody edited it.

    Raises:
        Problem: nothing is published, or somebody has edited or frozen it.
    """
    published = ratings.published(year, category)
    if published is None:
        raise Problem(_("Nothing is published yet for this year and category."))
    known = holding(year, category)
    if known is not None and (known.frozen_at or known.edits.exists()):
        raise Problem(_("It is frozen, or somebody has edited it: it is not drafted anew."))
    sentences = draft(basis_of(published))
    with transaction.atomic():
        user = _user(by)
        made, _new = YearReport.objects.update_or_create(
            run=published.run, category=category, defaults={"year": year, "drafted": sentences, "made_by": user}
        )
        audit.wrote(by, "draft_report", made, None, {"run": made.run, "sentences": len(sentences)})
    return made


def sentences_of(report: YearReport, language: Language) -> list[Sentence]:
    """Every sentence as it reads now, left-out ones too, in the order of the parts."""
    edits: dict[str, list[ReportEdit]] = {}
    for edit in report.edits.filter(language=language).select_related("by"):
        edits.setdefault(edit.sentence, []).append(edit)
    found = [
        Sentence(
            one["id"], one["part"], mine[-1].text if (mine := edits.get(one["id"], [])) else one["text"][language],
            one["text"][language], mine, one["numbers"], one["link"],
        )
        for one in report.drafted
    ]  # fmt: skip
    known = {one.id for one in found}
    found += [
        Sentence(name, mine[-1].part, mine[-1].text, "", mine, (), ())
        for name, mine in edits.items()
        if name not in known
    ]
    order = list(texts()["parts"])
    return sorted(found, key=lambda one: order.index(one.part))


def edit(by: HttpRequest, report: YearReport, sentence: str, language: str, text: str, part: str = "") -> ReportEdit:
    """Write a sentence anew in one language, or a new one into a part; an empty text leaves it out.

    Raises:
        Problem: the report is frozen, or there is no such sentence, part or language.
    """
    if report.frozen_at is not None:
        raise Problem(_("It is frozen: nothing is edited any more."))
    drafted = {one["id"]: one["part"] for one in report.drafted}
    own = dict(report.edits.filter(sentence__startswith=f"{OWN}.").values_list("sentence", "part"))
    if not sentence:
        sentence, drafted[sentence] = f"{OWN}.{1 + len(own)}", part
    place = {**own, **drafted}.get(sentence) or part
    if sentence not in {*drafted, *own} and not sentence.startswith(f"{OWN}."):
        raise Problem(_("There is no such sentence."))
    if place not in texts()["parts"] or language not in LANGUAGES:
        raise Problem(_("There is no such part or language."))
    before = next((one for one in sentences_of(report, _language(language)) if one.id == sentence), None)
    with transaction.atomic():
        made = ReportEdit.objects.create(
            report=report, sentence=sentence, part=place, language=language, text=text.strip()[:4000], by=_user(by)
        )
        audit.wrote(by, "edit_report", report, {"text": before.text if before else ""}, {sentence: made.text})
    return made


def freeze(by: HttpRequest, report: YearReport) -> None:
    """From now on it stands as it reads, in all languages.

    Raises:
        Problem: it is frozen already.
    """
    if report.frozen_at is not None:
        raise Problem(_("It is frozen: nothing is edited any more."))
    with transaction.atomic():
        report.frozen_at, report.frozen_by = timezone.now(), _user(by)
        report.sha256 = hash_of(report)
        report.save()
        audit.wrote(by, "freeze_report", report, None, {"sha256": report.sha256})


def hash_of(report: YearReport) -> str:
    """sha256 of what it says, with its numbers."""
    said = {
        lang: [[one.id, one.part, one.text, [list(n) for n in one.numbers]] for one in sentences_of(report, lang)]
        for lang in LANGUAGES
    }
    return hashlib.sha256(json.dumps([report.run, said], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _language(code: str) -> Language:
    return next(one for one in LANGUAGES if one == code)


def _user(by: HttpRequest | None) -> Any:
    return None if by is None else by.user
