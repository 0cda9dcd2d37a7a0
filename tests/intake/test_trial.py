"""A message is tried out before its source sends it: the same border, nothing kept, and a mapping that is proposed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trial_lake import VISITS, trial_catalogue, trial_lake

from qala.intake.payloads import KINDS
from qala.intake.trial import MOST_ROWS, Trial, content_of, mapping_of, proposal, sample_of, try_out
from qala.lake import Lake
from qala.standard.problems import Problem

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
CONTRACT = trial_catalogue().contract(VISITS)


def tried(lake: Lake, mapping: str, sample: str, kind: str = "json", rows_at: str = "") -> Trial:
    return try_out(
        CONTRACT, mapping, kind, sample_of(sample, kind), rows_at=rows_at, zone="Asia/Almaty",
        pseudonyms=lake.pseudonyms, received=NOW,
    )  # fmt: skip


def test_good_rows_are_shown_as_they_would_be_stored(lake: Lake) -> None:
    sample = '[{"visit_id": "1", "came_at": "2026-03-01 09:05", "kind": "short", "persons": "2"}]'
    found = tried(lake, "", sample)
    assert (found.good, found.refused, found.unplaced, found.problem) == (1, [], [], None)
    assert found.mapped[1]["came_at"] == datetime(2026, 3, 1, 4, 5)  # UTC
    assert list((lake.folder / "quarantine").iterdir()) == []


def test_refused_rows_say_why_and_keep_their_number(lake: Lake) -> None:
    sample = "visit_id,came_at,kind,persons\n1,2026-03-01 09:05,short,2\n2,2026-03-01 09:05,S,many\n"
    found = tried(lake, "", sample, "csv")
    assert [(one.row, one.rules) for one in found.refused] == [(2, ("kind:not_listed", "persons:unreadable"))]
    assert list(found.mapped) == [1]


def test_unknown_headers_find_the_nearest_column_and_the_proposal_places_them(lake: Lake) -> None:
    sample = (
        '{"data": {"visitId": "1", "cameAt": "2026-03-01 09:05"}, "kind": "short", "persons": 2, "firmware": "1.2"}'
    )
    found = tried(lake, "", sample)
    near = {one.header: one.nearest for one in found.unplaced}
    assert near == {"data.visitId": "visit_id", "data.cameAt": "came_at", "firmware": ""}
    assert set(found.lacking) == {"visit_id", "came_at"}
    text = proposal(found, "# of the turnstile\nzone: Asia/Aqtau   # its clock\n")
    assert "# of the turnstile" in text
    again = tried(lake, text, sample)
    assert (again.good, again.unplaced, again.lacking, again.absent) == (1, [], [], [])
    assert again.mapped[1]["came_at"] == datetime(2026, 3, 1, 4, 5)
    assert proposal(again, text) == ""


def test_a_proposal_adds_to_what_is_written(lake: Lake) -> None:
    sample = '{"nr": "1", "cameAt": "2026-03-01 09:05", "kind": "short", "persons": 2, "a b": 1, "c": 2}'
    text = proposal(tried(lake, MAPPING, sample), MAPPING)
    assert "# the ticket" in text
    said = mapping_of(text, CONTRACT).says
    assert said.columns["visit_id"] == "nr"
    assert said.columns["came_at"] == "cameAt"
    assert set(said.ignore) == {"x", "a b", "c"}


MAPPING = "columns:\n  visit_id: nr   # the ticket\nignore: [x]\n"


def test_a_mapping_s_faults_are_told_by_line(lake: Lake) -> None:
    found = tried(lake, "columns:\n  visit: nr\n", '{"nr": 1}')
    assert found.problem is not None
    assert found.problem.where.startswith("mapping:2")
    assert found.headers == ["nr"]
    unclosed = tried(lake, "columns: [", '{"nr": 1}').problem
    assert unclosed is not None
    assert "not YAML" in unclosed.message


def test_headers_of_the_mapping_that_no_row_has_are_told(lake: Lake) -> None:
    assert tried(lake, "columns: {visit_id: number}", '{"nr": 1}').absent == ["number"]


def test_what_is_kept_of_a_mapping_reads_the_same_again() -> None:
    mapping = mapping_of(
        "columns:\n  kind: {from: K, map: {S: short}}\n  visit_id: {sql: \"a || b\"}\nwhere: K <> 'x'\n", CONTRACT
    )
    kept = content_of(mapping)
    assert kept["columns"]["kind"] == {"from": "K", "map": {"S": "short"}}
    from qala.lake.border.mapping import load_mapping

    assert load_mapping(kept, CONTRACT).says == mapping.says
    assert content_of(mapping_of("# nothing yet\n", CONTRACT)) == {}


def test_long_samples_are_looked_at_in_part(lake: Lake) -> None:
    lines = "".join(f"{n},2026-03-01 09:05,short,2\n" for n in range(MOST_ROWS + 7))
    found = tried(lake, "", "visit_id,came_at,kind,persons\n" + lines, "csv")
    assert (found.good, found.beyond) == (MOST_ROWS, 7)


def test_binary_samples_come_in_base64() -> None:
    assert sample_of(base64.b64encode(b"\x0a\x00").decode(), "gtfs_rt") == b"\x0a\x00"
    with pytest.raises(Problem):
        sample_of("{}", "sparkplug_b")


@pytest.fixture(scope="module")
def one_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return trial_lake(Path(tmp_path_factory.mktemp("trial")) / "lake")


NASTY = (
    "columns: 3", "columns: [a]", "- a", "columns: {visit_id: {}}", "where: select 1", "where: a >", "ignore: a",
    "zone: Nowhere", "zone: ../../x", "columns: {visit_id: {sql: 'read_csv(a)'}}", "columns: {kind: {from: a, map: {1: 2}}}",
    "format: {time: ['%Q']}", "a: &a [*a]", "dataset: other.one", "columns: {visit_id: a}\nwhere: nosuch(a)",
    "columns: {persons: {sql: 'a + 1'}}",
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(KINDS)),
    st.text(max_size=200) | st.just('{"a": 1}'),
    st.text(max_size=80) | st.sampled_from(NASTY),
)
def test_whatever_is_pasted_is_answered(one_lake: Lake, kind: str, sample: str, mapping: str) -> None:
    found = try_out(
        CONTRACT, mapping, kind, sample.encode("utf-8", "replace"), zone="Asia/Almaty", pseudonyms=one_lake.pseudonyms,
        received=NOW,
    )  # fmt: skip
    assert found.problem is not None or len(found.mapped) + len(found.refused) + found.skipped == len(found.decoded)
