"""A score sheet as a workbook: the same words as on the page, and numbers that stay numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from xlsxwriter.utility import xl_range_abs

from qala.datasets import Catalogue
from qala.reports import charts
from qala.reports.language import places
from qala.reports.sheet import KpiLine, SheetData
from qala.reports.sheet_view import sheet_view
from qala.reports.wording import Wording, grade
from qala.reports.xlsx import GRADES, MAIN, Book, Cell

POINTS, SHARE, WHOLE, VALUE, SIGNED = "0.00", "0.0%", "#,##0", "#,##0.####", "+0.0%;-0.0%;0%"
PLACES = 10**9


def sheet_book(data: SheetData, words: Wording, catalogue: Catalogue) -> bytes:
    """The workbook of one city."""
    view = sheet_view(data, words, catalogue, charts.ON_PAPER)
    warnings = [words.say("frame.simulated")] * view["simulated"] + [view["notice"]] * bool(view["notice"])
    book = Book(f"{view['title']} · {view['kind']} {view['year']}", warnings, words)
    _overview(book, data, view, words)
    _kpis(book, data, view, words)
    _texts(
        book,
        "title.missing",
        [("missing.send", 60), ("missing.kpis", 30), ("missing.came", 34), ("missing.lost", 16)],
        [
            [
                "; ".join(f"{d['name']} ({d['owner']})" for d in m["datasets"]),
                ", ".join(m["rows"]),
                "; ".join(m["periods"]),
                m["lost"],
            ]
            for m in view["missing"]
        ],
    )
    _texts(
        book,
        "title.shown",
        [("kpi.row", 8), ("kpi.name", 60), ("kpi.target", 34), ("kpi.value", 18), ("kpi.status", 50)],
        [[k["row"], k["name"], k["target"], k["value"], g["why"]] for g in view["shown"] for k in g["kpis"]],
    )
    _datasets(book, data, view, words)
    if view["doubt"]:
        _texts(
            book,
            "title.doubt",
            [("doubt.what", 70), ("doubt.rows", 30), ("doubt.change", 16), ("doubt.becomes", 16)],
            [[d["what"], d["rows"], d["change"], d["becomes"]] for d in view["doubt"]["rows"]],
        )
    if view["own"]:
        _texts(
            book,
            "title.own",
            [("kpi.name", 60), ("own.owner", 40), ("kpi.target", 24), ("kpi.value", 18), ("kpi.status", 24)],
            [[one["name"], one["owner"], one["target"], one["value"], one["status"]] for one in view["own"]],
        )
    _texts(
        book,
        "title.terms",
        [("term.word", 50), ("term.taken", 80), ("doubt.rows", 30)],
        [[one["word"], one["text"], one["rows"]] for one in view["terms"]],
    )
    _texts(
        book,
        "title.readings",
        [("readings.id", 10), ("readings.case", 60), ("readings.rule", 100)],
        [[one["id"], one["case"], one["rule"]] for one in view["readings"]],
    )
    _texts(book, "title.slips", [("title.slips", 120)], [[text] for text in view["slips"]])
    return book.bytes()


def _overview(book: Book, data: SheetData, view: dict[str, Any], words: Wording) -> None:
    score, head = data.score, view["head"]
    page, row = book.sheet(
        words.say("head.index"),
        view["title"],
        [44, 18, 16, 16, 16, 16, 16, 16],
    )
    row = book.pairs(
        page,
        row,
        [
            (words.say("frame.category"), view["category"], ""),
            (words.say("frame.edition"), view["edition"], ""),
            (words.say("frame.profile"), view["profile"], ""),
            (words.say("frame.as_of"), data.basis.as_of, ""),
            *([(words.say("frame.run"), f"{view['run']} ({view['run_note']})", "")] if view["run"] else []),
            (words.say("head.index"), rounded(score.final), POINTS),
            *([(words.say("head.bonus"), rounded(score.bonus), POINTS)] if score.bonus else []),
            (words.say("head.interval"), head["interval"], ""),
            (words.say("head.coverage"), rounded(score.coverage), SHARE),
            (words.say("head.band"), head["band"], ""),
            (words.say("head.place"), head["place"], head["place_note"]),
            (words.say("head.standing"), head["standing_said"], ""),
            *((way["name"], rounded(data.by_way[name].final), POINTS) for name, way in head["ways"].items()),
            (words.say("head.ways"), view["rows_by_way"], ""),
        ],
    )
    for reason in head["reasons"]:
        page.write(row, 0, f"{reason['reading']}: {reason['text']}")
        row += 1
    row += 1
    heads = [words.say(f"section.{name}") for name in ("name", "weight", "score")]
    heads += [
        f"{words.say('section.bounds')} ↓",
        f"{words.say('section.bounds')} ↑",
        words.say("head.coverage"),
        words.say("section.kpis"),
    ]
    rows: list[list[Cell]] = [
        [
            words.section(one.id),
            rounded(one.weight / 100),
            rounded(one.score),
            rounded(one.low),
            rounded(one.high),
            rounded(one.coverage),
            words.say("section.scored_of", scored=one.scored, due=one.due),
        ]
        for one in score.sections
    ]
    first = row + 1
    row = book.table(page, row, heads, rows, ["", "0%", SHARE, SHARE, SHARE, SHARE, ""], freeze=False)
    book.bars(page, first, 2, len(rows), 1)
    heads = [words.say(f"gain.{name}") for name in ("name", "won")] + [
        words.say("kpi.target"),
        words.say("kpi.value"),
        words.say("gain.lacking"),
    ]
    page.write(row, 0, words.say("title.gains"), book.format(bold=True, font_size=13, font_color=MAIN))
    won: list[list[Cell]] = [
        [
            f"{one.kpi.row} {words.text(one.kpi.name)}",
            rounded(max(one.line.to_win, one.line.to_secure)),
            shown["target"],
            shown["now"],
            shown["lacking"],
        ]
        for one, shown in zip(data.gains, view["gains"], strict=True)
    ]
    book.table(page, row + 1, heads, won, ["", POINTS, "", "", ""], freeze=False)
    book.bars(page, row + 2, 1, len(won), None)


def _kpis(book: Book, data: SheetData, view: dict[str, Any], words: Wording) -> None:
    columns = (
        ("kpi.row", 7, ""),
        ("section.name", 22, ""),
        ("kpi.name", 52, ""),
        ("kpi.target", 24, ""),
        ("kpi.value", 14, VALUE),
        ("kpi.unit", 12, ""),
        ("kpi.change", 12, SIGNED),
        ("kpi.numerator", 15, VALUE),
        ("kpi.denominator", 15, VALUE),
        ("kpi.months", 18, ""),
        ("kpi.score", 9, SHARE),
        ("kpi.points", 8, WHOLE),
        ("kpi.contribution", 11, POINTS),
        ("kpi.most", 11, POINTS),
        ("kpi.status", 18, ""),
        ("kpi.delivered", 22, ""),
        ("dataset.rows", 12, WHOLE),
        ("head.ways", 24, ""),
        ("dataset.last_day", 13, ""),
        ("title.readings", 16, ""),
        ("kpi.terms", 60, ""),
        ("kpi.beside", 40, ""),
        ("kpi.flags", 44, ""),
        ("kpi.variants", 60, ""),
        ("kpi.written", 30, ""),
        ("kpi.tables", 40, ""),
    )
    shown = {kpi["row"]: kpi for group in view["groups"] for kpi in group["kpis"]}
    rows: list[list[Cell]] = []
    for one in data.scored:
        text = shown[one.kpi.row]
        scored = one.score.score is not None
        rows.append(
            [
                one.kpi.row,
                words.section(one.score.section),
                text["name"],
                text["target"],
                rounded(one.value.value),
                unit_of(one, words),
                None if one.value.change is None else rounded(one.value.change / 100),
                rounded(words.numerator(one)),
                rounded(one.value.denominator),
                None,
                rounded(one.score.score),
                one.kpi.points,
                rounded(one.line.contribution) if scored else None,
                rounded(one.line.weight) if scored else None,
                text["status"],
                text["periods"],
                one.value.rows,
                text["ways"],
                text["fresh"],
                ", ".join(text["readings"]),
                "; ".join(f"{x['word']}: {x['text']}" for x in text["terms"]),
                "; ".join(text["beside"]),
                "; ".join(text["flags"]),
                "; ".join(text["variants"]),
                text["written"],
                ", ".join(text["tables"]),
            ]
        )
    page, row = book.sheet(words.say("title.kpis"), words.say("title.kpis"), [width for _, width, _ in columns])
    heads = [words.say(key) for key, _, _ in columns]
    book.table(page, row, heads, rows, [shape for _, _, shape in columns])
    page.freeze_panes(row + 1, 3)
    months = _months(book, data, words)
    at = {key: number for number, (key, _, _) in enumerate(columns)}
    for number, one in enumerate(data.scored, row + 1):
        status = grade(one.score)
        style = book.format(
            bold=True, font_color=GRADES.get(status, "#5B6773"), bottom=4, bottom_color="#D5DADE", text_wrap=True
        )
        page.write_string(number, at["kpi.status"], words.status(one.score), style)
        edges = words.edges(one.score.target)
        if one.kpi.compare:
            _apart(book, page, number, at["kpi.change"], one.value.change, True, edges)
        else:
            _apart(book, page, number, at["kpi.value"], one.value.value, False, edges)
        if one.kpi.row in months:
            page.add_sparkline(
                number,
                at["kpi.months"],
                {"range": months[one.kpi.row], "series_color": MAIN, "last_point": True, "show_hidden": True},
            )


def _apart(
    book: Book, page: Any, row: int, column: int, value: Fraction | None, change: bool, edges: Iterable[Fraction]
) -> None:
    """A value that misses its target is not shown as the target: the cell gets the decimals that it takes."""
    usual = 1 if change else 4
    if value is None or (digits := places(value, usual, edges)) == usual:
        return
    shape = f"0.{'0' * digits}"
    cell = value / 100 if change else value
    page.write_number(row, column, float(cell), book.format(num_format=f"+{shape}%;-{shape}%" if change else shape))


def _months(book: Book, data: SheetData, words: Wording) -> dict[str, str]:
    """The sheet of monthly values; row of a KPI -> its range, for the sparklines."""
    days = max((one.trend for one in data.scored), key=len, default=())
    name = words.say("kpi.months")
    page, row = book.sheet(name, name, [7, 52, 12, *[11] * len(days)])
    heads = [
        words.say("kpi.row"),
        words.say("kpi.name"),
        words.say("kpi.unit"),
        *(f"{one.month:%m.%Y}" for one in days),
    ]
    rows: list[list[Cell]] = [
        [one.kpi.row, words.text(one.kpi.name), unit_of(one, words), *(rounded(point.value) for point in one.trend)]
        for one in data.scored
    ]
    book.table(page, row, heads, rows, ["", "", "", *[VALUE] * len(days)])
    return {
        one.kpi.row: f"'{page.get_name()}'!{xl_range_abs(number, 3, number, 2 + len(one.trend))}"
        for number, one in enumerate(data.scored, row + 1)
        if any(point.value is not None for point in one.trend)
    }


def _datasets(book: Book, data: SheetData, view: dict[str, Any], words: Wording) -> None:
    columns = (
        ("dataset.name", 50),
        ("dataset.owner", 44),
        ("head.ways", 30),
        ("dataset.rows", 14),
        ("dataset.last_day", 14),
        ("dataset.receipt", 16),
        ("dataset.version", 12),
    )
    page, row = book.sheet(words.say("title.datasets"), words.say("title.datasets"), [width for _, width in columns])
    rows: list[list[Cell]] = [
        [
            f"{text['name']} ({one.id})",
            text["owner"],
            text["ways"],
            sum(one.rows.values()) or None,
            one.last_day,
            text["receipt"],
            one.version,
        ]
        for one, text in zip(data.datasets, view["datasets"], strict=True)
    ]
    book.table(page, row, [words.say(key) for key, _ in columns], rows, ["", "", "", WHOLE, "", "", WHOLE])


def _texts(book: Book, title: str, columns: list[tuple[str, float]], rows: list[list[str]]) -> None:
    words = book.words
    page, row = book.sheet(words.say(title), words.say(title), [width for _, width in columns])
    book.table(page, row, [words.say(key) for key, _ in columns], rows, [""] * len(columns))


def unit_of(line: KpiLine, words: Wording) -> str:
    """The unit of a KPI's value in a column of its own."""
    compares = line.kpi.compare and words.edition.units[line.kpi.unit].factor != 1
    return words.unit("count" if compares else line.kpi.unit)


def rounded(value: Fraction | None) -> Fraction | None:
    """Nine decimals: a spreadsheet holds no more of a number of this size."""
    return None if value is None else Fraction(round(value * PLACES), PLACES)
