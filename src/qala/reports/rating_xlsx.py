"""The rating as a workbook: one sheet for each category, one for the comments, one for each table behind them."""

from __future__ import annotations

from qala.reports import charts
from qala.reports.rating import RatingData
from qala.reports.rating_view import rating_view
from qala.reports.sheet_xlsx import POINTS, SHARE, WHOLE, rounded
from qala.reports.wording import Wording
from qala.reports.xlsx import MAIN, Book, Cell


def rating_book(data: RatingData, words: Wording) -> bytes:
    """The workbook of a rating."""
    view = rating_view(data, words, charts.ON_PAPER)
    warnings = [words.say("frame.simulated")] * view["simulated"] + [view["notice"]] * bool(view["notice"])
    book = Book(f"{view['title']} {view['year']}", warnings, words)
    sections = [one["name"] for one in view["sections"]]
    keys = (
        "rating.place",
        "rating.city",
        "rating.index",
        "rating.low",
        "rating.high",
        "head.coverage",
        "head.band",
        "rating.base",
        "rating.bonus",
    )
    heads = [
        *(words.say(key) for key in keys),
        *sections,
        words.say("rating.moved"),
        words.say("head.standing"),
        words.say("rating.comments"),
    ]
    shapes = ["", "", POINTS, POINTS, POINTS, SHARE, "", POINTS, POINTS, *[SHARE] * len(sections), "+0;-0;0", "", ""]
    for category, shown in zip(data.categories, view["categories"], strict=True):
        page, row = book.sheet(
            shown["name"],
            f"{view['title']} {view['year']}: {shown['name']}",
            [8, 28, 10, 10, 10, 10, 18, 10, 8, *[14] * len(sections), 10, 16, 80],
        )
        page.write(
            row - 1, 0, f"{view['edition']} · {view['profile']} · {view['closed']}", book.format(font_color="#5B6773")
        )
        rows: list[list[Cell]] = []
        for line, text in zip(category.lines, shown["lines"], strict=True):
            score = line.score
            numbers = (score.final, *words.bounds(score), score.coverage)
            rows.append(
                [
                    text["place"],
                    text["city"],
                    *map(rounded, numbers),
                    text["band"],
                    rounded(score.index),
                    rounded(score.bonus),
                    *(rounded(one.score) for one in score.sections),
                    line.moved,
                    text["standing_said"],
                    " ".join(text["reasons"]),
                ]
            )
        first = row + 1
        row = book.table(page, row, heads, rows, shapes)
        book.bars(page, first, 2, len(rows), int(words.law.scale))
        page.write(row, 0, words.say("rating.comments"), book.format(bold=True, font_size=13, font_color=MAIN))
        for number, comment in enumerate(shown["comments"], row + 1):
            page.write_string(number, 0, comment)
    _table(
        book,
        "rating.weak",
        [("kpi.row", 8, ""), ("kpi.name", 70, ""), ("rating.mean", 14, SHARE), ("rating.reached", 20, "")],
        [
            [one.kpi.row, words.text(one.kpi.name), rounded(one.mean), text["reached"]]
            for one, text in zip(data.weak, view["weak"], strict=True)
        ],
    )
    _table(
        book,
        "rating.gaps",
        [("kpi.row", 8, ""), ("kpi.name", 70, ""), ("rating.lacking", 24, "")],
        [[one["row"], one["name"], one["cities"]] for one in view["gaps"]],
    )
    _table(
        book,
        "rating.hinges",
        [
            ("doubt.what", 90, ""),
            ("rating.change", 20, POINTS),
            ("rating.touched", 18, WHOLE),
            ("rating.places", 18, WHOLE),
        ],
        [
            [text["what"], rounded(one.change), one.cities, one.moved]
            for one, text in zip(data.hinges, view["hinges"], strict=True)
        ],
    )
    _table(
        book,
        "rating.method",
        [("readings.id", 10, ""), ("readings.case", 60, ""), ("readings.rule", 110, "")],
        [[one["id"], one["case"], one["rule"]] for one in view["readings"]],
    )
    return book.bytes()


def _table(book: Book, title: str, columns: list[tuple[str, float, str]], rows: list[list[Cell]]) -> None:
    words = book.words
    page, row = book.sheet(words.say(title), words.say(title), [width for _, width, _ in columns])
    book.table(page, row, [words.say(key) for key, _, _ in columns], rows, [shape for _, _, shape in columns])
