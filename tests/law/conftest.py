"""What the tests of the law share: the edition, and the order's text where it is at hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qala.standard import Edition, law_folder, load_edition

ORDER = Path(__file__).resolve().parents[3] / "shared" / "standard" / "order_469.ru.txt"

SMALL = {
    "edition.yaml": """
number: 141/НҚ
date: 2026-03-13
short: {ru: Приказ № 141/НҚ, kk: № 141/НҚ бұйрық, en: Order 141/НҚ}
title: {ru: Пробная редакция, kk: Сынақ редакциясы, en: Invented edition}
issued_by: {ru: никто, kk: ешкім, en: nobody}
in_force: {from: 2026-07-12}
goals: [{ru: цель, kk: мақсат, en: goal}]
principles: [{ru: принцип, kk: қағидат, en: principle}]
scopes:
  annex2: {by: roadmap, name: {ru: а, kk: ә, en: a}}
  annex4: {by: target, name: {ru: а, kk: ә, en: a}}
""",
    "categories.yaml": """
large: {name: {ru: большие, kk: үлкен, en: large}, letter: {ru: Б, kk: Ү, en: L}, name_annex_2: Большие,
  name_annex_3: Большие, members: {ru: а, kk: ә, en: a}}
small: {name: {ru: малые, kk: кіші, en: small}, letter: {ru: М, kk: К, en: S}, name_annex_2: Малые,
  name_annex_3: Малые, members: {ru: а, kk: ә, en: a}}
""",
    "spheres.yaml": "governance: {no: 1, section: true, name: {ru: управление, kk: басқару, en: governance}}\n",
    "stages.yaml": """
"1": {name: {ru: Этап, kk: Кезең, en: Stage}, from_year: 2026, to_year: 2027, due_from: 2026, due_from_end: 2027}
""",
    "units.yaml": """
percent: {factor: 100, name: {ru: процент, kk: пайыз, en: percent}, symbol: {ru: "%", kk: "%", en: "%"}}
""",
    "scoring.yaml": "sections: {governance: {weight: 100}}\n",
    "initiatives/02_contact_centre/roadmap.yaml": """
name: {ru: Единый контактный центр, kk: Байланыс орталығы, en: Contact centre}
sphere: governance
sphere_written: Управление
levels:
  large: {level: Большие, stage: 1, executors: [local_executive], from_year: 2026, to_year: 2027,
    written: {stage: Этап 1, executors: МИО, years: 2026-2027 годы}}
""",
    "initiatives/02_contact_centre/functions.yaml": """
functions:
  - name: {ru: Онлайн-чат, kk: Онлайн-чат, en: Online chat}
    marks: {large: да, small: нет}
    need: {ru: Средняя., kk: Орташа., en: Medium.}
""",
    "initiatives/02_contact_centre/kpis.yaml": """
first_contact_share:
  row: "2.2"
  name: {ru: С первого контакта, kk: Бірінші байланыстан, en: At first contact}
  law: {description: а, formula: б, source: в, system: г, every: Ежемесячно, target: "≥95", points: "10", influence: д}
  unit: percent
  every: month
  points: 10
  target: {large: {at_least: 95.5}, small: {none: нет цели}}
  year: pool
""",
}


@pytest.fixture(scope="session")
def edition() -> Edition:
    """Order 469/НҚ as loaded."""
    return load_edition(law_folder() / "order_469")


@pytest.fixture(scope="session")
def order() -> list[str]:
    """The lines of the order's Russian text, stripped."""
    if not ORDER.is_file():
        pytest.skip("the text of the order is not at ../shared/standard")
    return [line.strip() for line in ORDER.read_text(encoding="utf-8").split("\n")]


@pytest.fixture
def small_edition(tmp_path: Path) -> Path:
    """The folder of a second, invented edition: other categories, one initiative, one KPI."""
    folder = tmp_path / "law" / "order_141"
    for name, text in SMALL.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def changed_edition(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of order 469 with one replacement in one file."""

    def change(name: str, before: str, after: str) -> Path:
        folder = tmp_path / "changed" / "order_469"
        shutil.copytree(law_folder() / "order_469", folder)
        text = (folder / name).read_text(encoding="utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
        return folder

    return change
