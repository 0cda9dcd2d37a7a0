"""From data to files: every wanted language in every wanted form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

from qala.datasets import Catalogue
from qala.reports import charts, html
from qala.reports.rating import RatingData
from qala.reports.rating_view import rating_view
from qala.reports.sheet import SheetData
from qala.reports.sheet_view import sheet_view
from qala.reports.wording import Wording
from qala.standard import Edition, Problem
from qala.standard.values import Language

Form = Literal["html", "pdf", "xlsx"]
FORMS: tuple[Form, ...] = get_args(Form)

Told = Callable[[str], None]


def write_sheet(
    data: SheetData,
    catalogue: Catalogue,
    folder: Path,
    languages: Sequence[Language],
    forms: Sequence[Form],
    told: Told | None = None,
) -> list[Path]:
    """Write a city's score sheet; gives the files, `score-sheet_SIM-R01_2026_kk.html`."""

    def make(form: Form, words: Wording) -> bytes:
        if form == "xlsx":
            from qala.reports.sheet_xlsx import sheet_book

            return sheet_book(data, words, catalogue)
        if form == "pdf":
            from qala.reports.pdf import paper

            return paper("sheet", sheet_view(data, words, catalogue, charts.ON_PAPER), words)
        return html.page("sheet", sheet_view(data, words, catalogue, charts.ON_PAGE), words).encode()

    name = f"score-sheet_{data.city.code}_{data.basis.year}"
    return _write(make, name, data.basis.edition, folder, languages, forms, told)


def write_rating(
    data: RatingData, folder: Path, languages: Sequence[Language], forms: Sequence[Form], told: Told | None = None
) -> list[Path]:
    """Write the rating; gives the files, `rating_2026_kk.html`."""

    def make(form: Form, words: Wording) -> bytes:
        if form == "xlsx":
            from qala.reports.rating_xlsx import rating_book

            return rating_book(data, words)
        if form == "pdf":
            from qala.reports.pdf import paper

            return paper("rating", rating_view(data, words, charts.ON_PAPER), words)
        return html.page("rating", rating_view(data, words, charts.ON_PAGE), words).encode()

    only = f"_{data.categories[0].category}" if len(data.categories) == 1 else ""
    return _write(make, f"rating_{data.basis.year}{only}", data.basis.edition, folder, languages, forms, told)


def _write(
    make: Callable[[Form, Wording], bytes],
    name: str,
    edition: Edition,
    folder: Path,
    languages: Sequence[Language],
    forms: Sequence[Form],
    told: Told | None,
) -> list[Path]:
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for language in languages:
            words = Wording(language, edition)
            for form in forms:
                path = folder / f"{name}_{language}.{form}"
                path.write_bytes(make(form, words))
                files.append(path)
                if told is not None:
                    told(path.name)
    except OSError as error:
        raise Problem(f"The report cannot be written: {error.strerror}.", where=str(error.filename or folder)) from None
    return files
