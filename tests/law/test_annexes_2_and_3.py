"""Annexes 2 and 3 as data: every Russian cell stands as in the order."""

from __future__ import annotations

import re

from qala.standard import Edition

MARK = re.compile(r"да|нет|да \(базовая\)")


def annex_3(order: list[str]) -> list[tuple[int, str, str, str, str, str]]:
    """(initiative, function, three marks, need) in the sequence of the order."""
    rows: list[tuple[int, str, str, str, str, str]] = []
    initiative = 0
    at = next(i for i, line in enumerate(order) if line == "Перечень стандартных базовых инициатив")
    while not order[at].startswith("Расшифровка"):
        heading = re.match(r"(\d+)\. Инициатива: ", order[at])
        if heading:
            initiative = int(heading[1])
            at += 6
        elif all(MARK.fullmatch(order[at + step]) for step in (1, 2, 3)):
            rows.append((initiative, *order[at : at + 5]))  # type: ignore[arg-type]
            at += 5
        else:
            at += 1
    return rows


def test_every_function_is_as_in_annex_3(edition: Edition, order: list[str]) -> None:
    ours = [
        (one.no, function.name.ru, *function.marks.values(), function.need.ru)
        for one in edition.initiatives.values()
        for function in one.functions
    ]
    assert ours == annex_3(order)


def test_157_functions_are_marked_yes_157_107_and_51_times(edition: Edition) -> None:
    functions = [function for one in edition.initiatives.values() for function in one.functions]
    assert len(functions) == 157
    assert [sum(f.asked_of(category) for f in functions) for category in edition.categories] == [157, 107, 51]
    assert sum("да (базовая)" in f.marks.values() for f in functions) == 1


def test_the_remark_on_specialised_centres_is_verbatim(edition: Edition, order: list[str]) -> None:
    note = edition.initiatives[1].note
    assert note is not None
    assert note.ru in order


def annex_2(order: list[str]) -> list[tuple[int, str, str, str, str, str, str]]:
    """(initiative, name, level, stage, executors, years, sphere)."""
    at = order.index("Сфера деятельности") + 1
    found: list[tuple[int, str, str, str, str, str, str]] = []
    while not order[at].startswith("Расшифровка"):
        number, name = int(order[at]), order[at + 1]
        at += 2
        sphere, levels = "", []
        while not order[at].isdigit() and not order[at].startswith("Расшифровка"):
            if order[at + 1].startswith("Этап "):
                levels.append(tuple(order[at : at + 4]))
                at += 4
            else:
                sphere = order[at]
                at += 1
        found += [(number, name, *level, sphere) for level in levels]  # type: ignore[misc]
    return found


def test_every_row_of_the_roadmap_is_as_in_annex_2(edition: Edition, order: list[str]) -> None:
    ours = [
        (one.no, one.name.ru, s.level, s.written.stage, s.written.executors, s.written.years, one.sphere_written)
        for one in edition.initiatives.values()
        for s in one.roadmap.values()
    ]
    assert ours == annex_2(order)


def test_typed_stage_years_and_executors_say_what_the_cells_say(edition: Edition) -> None:
    assert list(edition.initiatives) == list(range(1, 17))
    for one in edition.initiatives.values():
        for category, step in one.roadmap.items():
            assert step.level == edition.categories[category].name_annex_2
            assert step.written.stage == f"Этап {step.stage}"
            assert step.written.years == f"{step.from_year}-{step.to_year} годы"
            stage = edition.stages[str(step.stage)]
            assert (stage.from_year, stage.to_year) == (step.from_year, step.to_year)
            assert len(step.executors) == len(step.written.executors.split(","))
            assert set(step.executors) <= set(edition.procedure.actors)


def test_categories_bear_the_headings_of_annex_3(edition: Edition, order: list[str]) -> None:
    at = order.index("Функциональность")
    assert [c.name_annex_3 for c in edition.categories.values()] == order[at + 1 : at + 4]


def test_goals_principles_and_spheres_are_verbatim(edition: Edition, order: list[str]) -> None:
    said = {re.sub(r"^\d+\) |[;.]$", "", line) for line in order}
    texts = [*edition.act.goals, *edition.act.principles, *(sphere.name for sphere in edition.spheres.values())]
    assert (len(edition.act.goals), len(edition.act.principles), len(edition.spheres)) == (3, 6, 8)
    assert [text.ru for text in texts if text.ru not in said] == []


def test_abbreviations_are_as_spelt_out(edition: Edition, order: list[str]) -> None:
    said = {re.sub(r"[;.]$", "", line) for line in order}
    wrong = [short for short, text in edition.act.abbreviations.items() if f"{short} – {text.ru}" not in said]
    assert wrong == []


def test_five_spheres_are_sections(edition: Edition) -> None:
    assert edition.sections == tuple(name for name in edition.sections if edition.spheres[name].section)
    assert len(edition.sections) == 5


def test_deadlines_of_the_procedure_are_data(edition: Edition, order: list[str]) -> None:
    steps = {step.id: step for step in edition.procedure.steps}
    deadlines = {name: step.deadline for name, step in steps.items() if step.deadline is not None}
    assert deadlines["review"].working_days == 15
    assert deadlines["publication_site"].working_days == deadlines["publication_projects"].working_days == 3
    assert str(deadlines["submission"].on) == "2025-10-15"
    assert (deadlines["rating"].by, deadlines["rating"].year) == ("01-31", "next")
    assert len(steps["strategy_sections"].parts) == 9
    whole = " ".join(order)
    assert [d.as_written for d in deadlines.values() if d.as_written not in whole] == []
    assert all(d.after is None or d.after in steps for d in deadlines.values())
    assert {actor for step in steps.values() for actor in step.who} <= set(edition.procedure.actors)
    assert {name for step in steps.values() for name in step.readings} <= set(edition.readings)
    items = {int(part) for step in steps.values() for part in re.findall(r"\d+", step.item.split("(")[0])}
    assert items == set(range(11, 38))


def test_annex_1_has_seven_methodologies_and_seven_countries(edition: Edition) -> None:
    assert edition.international is not None
    assert [one.no for one in edition.international.methodologies] == list(range(1, 8))
    assert [one.no for one in edition.international.experience] == list(range(1, 8))


def test_a_crossing_always_says_the_difference_and_invents_no_iso_number(edition: Edition) -> None:
    assert 15 <= len(edition.crosswalk) <= 30
    for one in edition.crosswalk:
        assert (one.standard == "U4SSC") == (one.number is not None)
        assert one.difference.en
        assert one.number is not None or one.clause is not None
