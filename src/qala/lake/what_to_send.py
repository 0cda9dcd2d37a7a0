"""What a city is to send: the checklist of datasets, blank templates, and a dictionary of every column in three languages."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from qala.datasets import Catalogue, Column, Contract

Language = Literal["kk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("kk", "ru", "en")

_WORDS: dict[str, dict[Language, str]] = {
    "title": {
        "kk": "Деректер сөздігі", "ru": "Словарь данных", "en": "Data dictionary",
    },
    "row": {"kk": "Бір жол", "ru": "Одна строка", "en": "One row"},
    "owner": {"kk": "Иесі", "ru": "Владелец", "en": "Owner"},
    "standard": {"kk": "Стандарт", "ru": "Стандарт", "en": "Standard"},
    "key": {"kk": "Кілт", "ru": "Ключ", "en": "Key"},
    "every": {"kk": "Жіберу жиілігі", "ru": "Как часто", "en": "How often"},
    "needed": {"kk": "Қай көрсеткіштерге керек", "ru": "Для каких показателей", "en": "Needed by KPIs"},
    "column": {"kk": "Баған", "ru": "Столбец", "en": "Column"},
    "type": {"kk": "Түрі", "ru": "Тип", "en": "Type"},
    "may_be_empty": {"kk": "Бос болуы мүмкін", "ru": "Может быть пустым", "en": "May be empty"},
    "values": {"kk": "Рұқсат етілген мәндер", "ru": "Допустимые значения", "en": "Values allowed"},
    "meaning": {"kk": "Мағынасы", "ru": "Смысл", "en": "Meaning"},
    "personal": {
        "kk": "дербес: тек кілтті хэш сақталады",
        "ru": "персональное: хранится только хеш с ключом",
        "en": "personal: only a keyed hash is stored",
    },
    "text": {"kk": "мәтін", "ru": "текст", "en": "text"},
    "whole": {"kk": "бүтін сан", "ru": "целое число", "en": "whole number"},
    "decimal": {"kk": "ондық сан", "ru": "десятичное число", "en": "decimal number"},
    "time": {"kk": "уақыт", "ru": "дата и время", "en": "date and time"},
    "day": {"kk": "күн", "ru": "дата", "en": "date"},
    "yes_no": {"kk": "иә / жоқ", "ru": "да / нет", "en": "yes / no"},
    "yes": {"kk": "иә", "ru": "да", "en": "yes"},
    "no": {"kk": "жоқ", "ru": "нет", "en": "no"},
    "minute": {"kk": "минут сайын", "ru": "каждую минуту", "en": "every minute"},
    "hour": {"kk": "сағат сайын", "ru": "каждый час", "en": "every hour"},
    "day_often": {"kk": "күн сайын", "ru": "каждый день", "en": "every day"},
    "week": {"kk": "апта сайын", "ru": "каждую неделю", "en": "every week"},
    "month": {"kk": "ай сайын", "ru": "каждый месяц", "en": "every month"},
    "quarter": {"kk": "тоқсан сайын", "ru": "каждый квартал", "en": "every quarter"},
    "year": {"kk": "жыл сайын", "ru": "каждый год", "en": "every year"},
}  # fmt: skip


@dataclass(frozen=True)
class Due:
    """A dataset that a city is to send, and the KPI rows that it is for."""

    contract: Contract
    needed_by: tuple[str, ...]

    def line(self, language: Language) -> dict[str, str]:
        """The line of the checklist."""
        contract = self.contract
        return {
            "dataset": contract.id,
            "name": contract.name.say(language),
            "every": often(contract, language),
            "owner": contract.owner.say(language),
            "needed_by": ", ".join(self.needed_by),
            "columns": str(len(contract.all_columns)),
        }


def checklist(catalogue: Catalogue, needed_by: Mapping[str, Sequence[str]]) -> list[Due]:
    """The datasets due, in the order of their ids.

    Args:
        needed_by: for each dataset the rows of annex 4 that are due in the year and computed from it.
    """
    return [Due(catalogue.contract(dataset), tuple(rows)) for dataset, rows in sorted(needed_by.items()) if rows]


def write_templates(folder: Path, due: Sequence[Due]) -> list[Path]:
    """Blank CSV and XLSX templates of each dataset, the checklist, and the dictionary in kk, ru and en.

    Every template can be filled and given to `qala ingest` as it is.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for item in due:
        written += [_csv_template(folder, item.contract), _workbook(folder, item)]
    for language in LANGUAGES:
        path = folder / f"dictionary.{language}.md"
        path.write_text(dictionary(due, language), encoding="utf-8")
        checks = folder / f"checklist.{language}.csv"
        with checks.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            lines = [item.line(language) for item in due]
            writer.writerow(list(lines[0]) if lines else ["dataset"])
            writer.writerows(list(line.values()) for line in lines)
        written += [path, checks]
    return written


def dictionary(due: Sequence[Due], language: Language) -> str:
    """The dictionary of datasets and their columns, as Markdown."""
    parts = [f"# {_say('title', language)}\n"]
    for item in due:
        contract = item.contract
        parts.append(
            f"## {contract.name.say(language)} (`{contract.id}`)\n\n"
            f"- {_say('row', language)}: {contract.one_row_is.say(language)}\n"
            f"- {_say('owner', language)}: {contract.owner.say(language)}\n"
            f"- {_say('standard', language)}: {contract.standard}\n"
            f"- {_say('key', language)}: {', '.join(f'`{name}`' for name in contract.key)}\n"
            f"- {_say('every', language)}: {often(contract, language)}\n"
            f"- {_say('needed', language)}: {', '.join(item.needed_by)}\n"
        )
        head = [_say(word, language) for word in ("column", "type", "may_be_empty", "values", "meaning")]
        rows = [_described(name, column, contract, language) for name, column in contract.all_columns.items()]
        rows = [[f"`{row[0]}`", *row[1:]] for row in rows]
        table = [head, ["---"] * len(head), *rows]
        parts.append(
            "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table) + "\n"
        )
    return "\n".join(parts)


def often(contract: Contract, language: Language) -> str:
    every = contract.arrives.every
    return _say("day_often" if every == "day" else every, language)


def _csv_template(folder: Path, contract: Contract) -> Path:
    path = folder / f"{contract.id}.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerow(list(contract.all_columns))
    return path


def _workbook(folder: Path, item: Due) -> Path:
    contract = item.contract
    path = folder / f"{contract.id}.xlsx"
    book: Any = xlsxwriter.Workbook(str(path))
    bold = book.add_format({"bold": True, "bg_color": "#E8EEF4", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    formats = {
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
    }
    sheet = book.add_worksheet("rows")
    for at, (name, column) in enumerate(contract.all_columns.items()):
        sheet.write(0, at, name, bold)
        sheet.write_comment(0, at, "\n".join(column.meaning.say(language) for language in LANGUAGES))
        sheet.set_column(at, at, max(12, len(name) + 2), formats.get(column.type))
        if column.one_of and len(",".join(column.one_of)) < 250:
            sheet.data_validation(1, at, 100_000, at, {"validate": "list", "source": list(column.one_of)})
    sheet.freeze_panes(1, 0)
    for language in LANGUAGES:
        about = book.add_worksheet(language)
        about.set_column(0, 3, 24, wrapped)
        about.set_column(4, 4, 80, wrapped)
        head = [_say(word, language) for word in ("column", "type", "may_be_empty", "values", "meaning")]
        about.write_row(0, 0, head, bold)
        for row, (name, column) in enumerate(contract.all_columns.items(), start=1):
            about.write_row(row, 0, _described(name, column, contract, language))
    book.close()
    return path


def _described(name: str, column: Column, contract: Contract, language: Language) -> list[str]:
    kind = _say(column.type, language)
    if column.scale is not None:
        kind += f" (0.{'0' * column.scale})" if column.scale else ""
    if column.unit:
        kind += f", {column.unit}"
    limits = [f"≥ {column.min}"] if column.min is not None else []
    limits += [f"≤ {column.max}"] if column.max is not None else []
    values = ", ".join(column.one_of or limits)
    meaning = column.meaning.say(language)
    if column.privacy:
        meaning += f" ({_say('personal', language)})"
    empty = "yes" if column.optional and name not in contract.key else "no"
    return [name, kind, _say(empty, language), values, meaning]


def _say(word: str, language: Language) -> str:
    return _WORDS[word][language]
