"""The report of item 37 as a document: the places as a table, then the sentences part by part."""

from __future__ import annotations

from django.utils.translation import gettext as _

from qala.kits.documents import Block, Document, Heading, Items, Paragraph, Signature, Signatures, Table
from qala.rating_year.models import YearReport
from qala.rating_year.report_draft import Basis, texts
from qala.rating_year.report_pictures import pictures
from qala.rating_year.year_reports import Sentence, sentences_of
from qala.ratings.lines import words_of
from qala.reports.wording import Wording
from qala.standard.values import Language


def document_of(report: YearReport, basis: Basis, language: Language) -> Document:
    """The whole report in one language, which is also the one that is active."""
    words = words_of(basis.run.edition)
    found = [one for one in sentences_of(report, language) if not one.left_out]
    blocks: list[Block] = [Heading(_("Places")), _table(basis, words), *pictures(basis, words)]
    for part, name in texts()["parts"].items():
        mine = [one for one in found if one.part == part]
        if mine:
            blocks += [Heading(name[language]), Items([_line(one) for one in mine])]
    blocks.append(
        Paragraph(
            _("Sentences marked * were edited by the ministry; all others stand as the program drafted them."),
            quiet=True,
        )
    )
    blocks.append(Signatures([Signature(_("On behalf of the authorised body"))]))
    category = words.title(basis.run.edition.categories[report.category].name)
    return Document(
        language,
        title=_("Results of the rating of %(year)s: %(category)s") % {"year": report.year, "category": category},
        kind=_("Report (item 37 of the order)"),
        day=None if report.frozen_at is None else report.frozen_at.date(),
        blocks=blocks,
        contents=True,
        source=_("Run %(run)s, data up to %(day)s; sha256 of this text %(hash)s")
        % {"run": report.run, "day": words.day(basis.run.as_of), "hash": report.sha256[:16] or "—"},
        notice=" ".join(
            part
            for part in (
                "" if report.frozen_at else _("Draft."),
                _("Simulated cities: no figure here is of a real city.") if basis.run.simulated else "",
            )
            if part
        ),
    )


def _line(one: Sentence) -> str:
    return f"{one.text} *" if one.edited else one.text


def _table(basis: Basis, words: Wording) -> Table:
    rows = []
    for line in basis.data.categories[0].lines:
        sure = None if basis.sure is None else basis.sure.city(line.score.city)
        span = "—" if sure is None else f"{round(sure.places.low)}–{round(sure.places.high)}"
        moved = "—" if line.moved is None else f"{line.moved:+d}" if line.moved else "="
        place = "—" if line.place.place is None else str(line.place.place)
        rows.append(
            [
                place, words.text(line.city.names), words.index(line.score.final), words.band(line.score), span, moved,
                words.maybe_share(line.score.coverage),
            ]
        )  # fmt: skip
    heads = [
        _("Place"), _("City"), _("Index"), _("Band"), _("Places, 5–95 %"), _("Change of place"), _("Coverage"),
    ]  # fmt: skip
    return Table(heads, rows, numbers=(0, 2, 4, 5, 6), widths=(1, 3, 1.4, 2.4, 1.6, 1.4, 1.4))
