"""A mistake in the law's files is refused with file, line and path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from qala.standard import Problem, law_folder, load_edition, read_yaml
from qala.standard.loader import digest
from qala.standard.yaml_file import parse_yaml

Change = Callable[[str, str, str], Path]
KPIS = "initiatives/02_contact_centre/kpis.yaml"


def refused(folder: Path) -> str:
    with pytest.raises(Problem) as caught:
        load_edition(folder)
    return str(caught.value)


def test_a_key_written_twice_is_refused_with_both_lines(changed_edition: Change) -> None:
    said = refused(changed_edition("categories.yaml", "oblast:\n", "republican:\n"))
    assert "'republican' is written twice (first in line 2)" in said
    assert "categories.yaml:11: republican" in said


def test_an_unknown_field_is_refused_with_its_line(changed_edition: Change) -> None:
    said = refused(changed_edition(KPIS, "  every: month", "  evry: month"))
    line = next(
        number
        for number, text in enumerate((law_folder() / "order_469" / KPIS).read_text().splitlines(), 1)
        if text == "  every: month"
    )
    assert "The field 'evry' is not known here." in said
    assert f"kpis.yaml:{line}: first_contact_share.evry" in said
    assert "The field 'every' is missing." in said


def test_a_target_of_two_kinds_is_refused(changed_edition: Change) -> None:
    said = refused(changed_edition(KPIS, "{at_least: 90}", "{at_least: 90, at_most: 95}"))
    assert "exactly one of" in said
    assert ".target.republican" in said


def test_a_reading_that_is_not_there_is_refused(changed_edition: Change) -> None:
    said = refused(changed_edition(KPIS, "readings: [", "readings: [R99, "))
    assert "There is no reading 'R99' in this edition." in said
    assert "kpis.yaml:" in said


def test_a_row_of_another_initiative_is_refused(changed_edition: Change) -> None:
    said = refused(changed_edition(KPIS, 'row: "2.2"', 'row: "3.2"'))
    assert "'3.2' is not a row of initiative 2" in said


def test_a_name_without_kazakh_is_refused(changed_edition: Change) -> None:
    said = refused(changed_edition("spheres.yaml", "kk: қауіпсіздік, ", ""))
    assert "The field 'kk' is missing." in said
    assert "spheres.yaml:" in said


def test_what_is_not_yaml_is_refused(changed_edition: Change) -> None:
    said = refused(changed_edition("spheres.yaml", "governance:", "governance: ["))
    assert "The file is not YAML" in said
    assert "spheres.yaml:" in said


def test_a_folder_without_an_edition_is_refused(tmp_path: Path) -> None:
    assert "There is no edition in this folder" in refused(tmp_path)


def test_words_of_yaml_1_1_are_words(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("on: off\nno: yes\nshare: 99.5\nrow: 1.10\n")
    file = read_yaml(path)
    assert list(file.data) == ["on", "no", "share", "row"]
    assert (file.data["on"], file.data["no"], str(file.data["share"])) == ("off", "yes", "99.5")
    assert file.where("share") == f"{path}:3: share"


def test_an_edition_loads_once() -> None:
    folder = law_folder() / "order_469"
    load_edition.__globals__["_load"].cache_clear()
    first = load_edition(folder)
    assert load_edition(folder) is first
    assert first.digest == digest(folder)


def test_a_changed_file_is_another_digest(changed_edition: Change) -> None:
    folder = changed_edition("spheres.yaml", "экология, kk", "Экология, kk")
    assert load_edition(folder).digest != load_edition(law_folder() / "order_469").digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &a [*a]", "more than 64 levels"),
        ("a: &a {b: *a}", "more than 64 levels"),
        ("a: &a [1]\n? *a\n: 2", "must be a text"),
        ("[" * 100 + "]" * 100, "more than 64 levels"),
        ("[" * 5000 + "]" * 5000, "more than 64 levels"),
        ("[" * 300_000, "more than 64 levels"),
        ("- " * 300_000, "more than 64 levels"),
        (f"a: &a [{'1,' * 99}]\n" + "".join(f"{n}: &{n} [{f'*{m},' * 99}]\n" for m, n in ("ab", "bc", "cd")), "1000000 values"),
    ],
)  # fmt: skip
def test_a_file_that_never_ends_is_refused(text: str, said: str) -> None:
    with pytest.raises(Problem, match=said):
        parse_yaml(text, Path("mapping"))
