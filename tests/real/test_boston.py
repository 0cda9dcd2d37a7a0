"""Half a year of Boston's 311 cases through the mapping of the how-to, compared with a computation of its own in pandas.

The comparison reads the raw file, knows nothing of the border, of kpis.yaml or of the engine, and must give the same
counts for every month; times are whole seconds, so sums of times are equal too.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pytest
import yaml
from typer.testing import CliRunner

from qala.cli import app
from qala.datasets import load_catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake, Receipt
from qala.measures.rows import rows_behind
from qala.measures.value import Value
from qala.measures.values import Values
from qala.standard.choice import edition_on
from qala.standard.loader import editions
from qala.standard.period import Period
from qala.standard.problems import Problem

ROOT = Path(__file__).parents[2]
EXPORT = ROOT.parent / "shared/data/boston_311_2015_h1/boston_311_2015_h1.csv.gz"
MAPPING = ROOT / "docs/howto/boston_311.mapping.yaml"
HOWTO = ROOT / "docs/howto/connect-an-existing-export.md"
APPEALS = "contact_centre.appeals"
ZONE = "America/New_York"
MONTHS = tuple(f"2015-{month:02d}" for month in range(1, 7))
SNAPSHOT = date(2016, 1, 12)  # the last closing in the file; what is open was open then
LAW = editions()["order_469"]
# what the two on-time KPIs of several topics count, by Boston's own words
ROADS = {
    "Roadway Repair", "Highway Maintenance", "Utility Casting Repair", "Utility Call-In", "Sidewalk Repair",
    "Sidewalk Repair (Internal)", "Sidewalk Repair (Make Safe)", "Misc. Snow Complaint", "Bridge Maintenance",
    "Request for Snow Plowing (Emergency Responder)", "Snow Removal", "Pothole Repair (Internal)", "BWSC Pothole",
}  # fmt: skip
CLEANING = {
    "Empty Litter Basket", "Litter Basket Maintenance", "Request for Litter Basket Installation",
    "Overflowing or Un-kept Dumpster", "Improper Storage of Trash (Barrels)", "Illegal Dumping", "Construction Debris",
    "Trash on Vacant Lot", "CE Collection", "Pick up Dead Animal", "Rodent Activity", "Rat Bite", "Pigeon Infestation",
    "Mosquitoes (West Nile)", "Poor Conditions of Property", "PWD Graffiti", "Needle Pickup",
    "Schedule a Bulk Item Pickup SS",
}  # fmt: skip
CLEANING_REASONS = {"Recycling", "Graffiti", "Health"}

pytestmark = pytest.mark.skipif(not EXPORT.exists(), reason=f"{EXPORT} is not there: Boston's export is not shipped")


@dataclass(frozen=True)
class Boston:
    """The city in a lake, and its raw file as it is."""

    lake: Lake
    receipt: Receipt
    values: Values
    raw: pd.DataFrame

    @property
    def stored(self) -> pd.DataFrame:
        """Raw rows that keep the contract: closed, if at all, not before they were opened."""
        return self.raw[~(self.raw.closed < self.raw.opened)]

    def value(self, row: str, period: str) -> Value:
        """A KPI of a month, or of what there is of the year."""
        wanted = Period.parse(period)
        last_day = date(2015, 6, 30) if period == "2015" else wanted.last_day
        return self.values.of("BOS").value(LAW.kpi(row), wanted, last_day)

    def query(self, what: str) -> list[Any]:
        """A selection from the current rows."""
        snapshot = self.lake.table(APPEALS).snapshot()
        with self.lake.connection() as connection:
            return list(connection.execute(what.format(snapshot.current_sql(snapshot.files(city="BOS")))).fetchall())


def _raw() -> pd.DataFrame:
    raw = pd.read_csv(EXPORT, dtype=str)
    for name, header in (("opened", "OPEN_DT"), ("deadline", "TARGET_DT"), ("closed", "CLOSED_DT")):
        local = pd.to_datetime(raw[header])  # pandas refuses a local time that was skipped or passed twice
        raw[name] = local.dt.tz_localize(ZONE).dt.tz_convert("UTC")
        raw[f"{name}_month"] = local.dt.strftime("%Y-%m")
        raw[f"{name}_local"] = local
    return raw


@pytest.fixture(scope="module")
def boston(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boston]:
    catalogue = load_catalogue()
    lake = Lake(tmp_path_factory.mktemp("boston"), catalogue)
    trial = {"from": date(2015, 1, 1), "category": "republican", "reason": "a trial outside of Kazakhstan"}
    names = {"kk": "Бостон", "ru": "Бостон", "en": "Boston"}
    lake.cities.add(City(code="BOS", names=names, zone=ZONE, categories=(CategoryPeriod.model_validate(trial),)))
    receipt = lake.ingest(IngestRequest(city="BOS", dataset=APPEALS, source=EXPORT, mapping=MAPPING))
    values = Values(lake, LAW, catalogue)
    kpis = [kpi.id for kpi in LAW.kpis.values() if kpi.initiative in (1, 2)]
    values.computer.compute("BOS", kpis=kpis)
    yield Boston(lake, receipt, values, _raw())


def _of_topic(raw: pd.DataFrame, row: str) -> pd.Series:
    """Whether a raw row is about what a KPI counts, in Boston's own words."""
    if row == "1.14":
        return raw.TYPE.isin(ROADS)
    if row == "1.15":
        return raw.REASON == "Street Lights"
    if row == "1.18":
        bulky = raw.TYPE.isin(CLEANING)
        return bulky | raw.REASON.isin(CLEANING_REASONS)
    return pd.Series(True, index=raw.index)


def _on_time(raw: pd.DataFrame, row: str, months: tuple[str, ...]) -> tuple[int, int, int, int]:
    """In time, due, due and open, in time of all closed: of rows whose deadline fell in the months."""
    due = raw[_of_topic(raw, row) & raw.deadline_month.isin(months)]
    in_time = int((due.closed <= due.deadline).sum())
    return in_time, len(due), int(due.closed.isna().sum()), int(due.closed.notna().sum())


def test_every_row_is_stored_or_refused_with_a_reason(boston: Boston) -> None:
    receipt, raw = boston.receipt, boston.raw
    assert receipt.balances
    assert (receipt.read, receipt.replaced, receipt.duplicate, receipt.skipped) == (len(raw), 0, 0, 0)
    early = raw[raw.closed < raw.opened]
    assert receipt.reasons == {"closed_before_received": len(early)}
    assert (receipt.stored, receipt.quarantined) == (len(raw) - len(early), len(early)) == (58035, 84)
    with boston.lake.connection() as connection:
        refused = boston.lake.quarantine.rows(connection, APPEALS, "BOS", receipt.id, limit=1000)
    assert [row["row"] for row in refused] == [index + 1 for index in early.index]
    assert [json.loads(row["original"])["CASE_ENQUIRY_ID"] for row in refused] == list(early.CASE_ENQUIRY_ID)
    # all of them by the difference of two clocks: a few seconds, most from the phones of the city's own people
    assert (early.opened - early.closed).max() <= timedelta(seconds=32)


def test_the_same_file_twice_changes_nothing(boston: Boston) -> None:
    before = boston.query("SELECT count(*), max(_row) FROM {}")
    again = boston.lake.ingest(IngestRequest(city="BOS", dataset=APPEALS, source=EXPORT, mapping=MAPPING))
    assert (again.stored, again.duplicate, again.quarantined) == (0, again.read, 0)
    assert boston.query("SELECT count(*), max(_row) FROM {}") == before


@pytest.mark.parametrize("row", ["1.9", "1.14", "1.15", "1.18"])
@pytest.mark.parametrize("period", [*MONTHS, "2015"])
def test_on_time_share(boston: Boston, row: str, period: str) -> None:
    in_time, due, still_open, closed = _on_time(boston.stored, row, MONTHS if period == "2015" else (period,))
    found = boston.value(row, period)
    assert found.status == "ok"
    assert found.numerator == in_time
    assert found.denominator == due
    assert found.value == Fraction(100 * in_time, due)
    assert found.variants["closed_only"] == Fraction(100 * in_time, closed)
    if row == "1.9":
        assert found.beside["open_overdue"][0] == still_open


def test_what_open_overdue_cases_change(boston: Boston) -> None:
    """Leaving out what is overdue and still open, as many cities publish, raises every share."""
    lifted = {}
    for row in ("1.9", "1.14", "1.15", "1.18"):
        half_year = boston.value(row, "2015")
        assert half_year.value is not None
        lifted[row] = round(float(half_year.variants["closed_only"] - half_year.value), 2)
    assert lifted == {"1.9": 8.97, "1.14": 4.44, "1.15": 3.91, "1.18": 3.94}


def test_our_judgement_agrees_with_the_published_label(boston: Boston) -> None:
    raw = boston.raw
    ours = dict(boston.query("SELECT appeal_id, closed_at <= deadline_at FROM {}"))
    both = raw[raw.deadline.notna() & raw.closed.notna() & raw.CASE_ENQUIRY_ID.isin(list(ours))]
    labelled = both[both.OnTime_Status.notna()]
    said = dict(zip(labelled.CASE_ENQUIRY_ID, labelled.OnTime_Status == "ONTIME", strict=True))
    assert len(said) == 37217
    assert {name: ours[name] for name in said} == said
    # the 40 refused rows that have both dates are labelled in time, as their dates say
    refused = raw[raw.deadline.notna() & (raw.closed < raw.opened)]
    assert len(refused) == 40
    assert set(refused.OnTime_Status) == {"ONTIME"}
    assert (refused.closed <= refused.deadline).all()
    # the city left 63 of those with both dates without a label; by the dates all are late
    unlabelled = both[both.OnTime_Status.isna()]
    assert len(unlabelled) == 63
    assert not any(ours[name] for name in unlabelled.CASE_ENQUIRY_ID)


def test_oddities_of_the_label(boston: Boston) -> None:
    """Why the label itself is no KPI: no norm is called ONTIME, and an open case is judged at the day of the export."""
    raw = boston.raw
    assert set(raw[raw.deadline.isna()].OnTime_Status) == {"ONTIME"}
    waiting = raw[raw.closed.isna() & raw.deadline.notna() & raw.OnTime_Status.notna()]
    late = waiting.OnTime_Status == "OVERDUE"
    assert waiting[late].deadline_local.max() < waiting[~late].deadline_local.min()
    assert waiting[late].deadline_local.max().date() < SNAPSHOT


@pytest.mark.parametrize("period", [*MONTHS, "2015"])
def test_number_of_appeals(boston: Boston, period: str) -> None:
    months = MONTHS if period == "2015" else (period,)
    received = int(boston.stored.opened_month.isin(months).sum())
    found = boston.value("2.4", period)
    assert found.status == "ok"
    assert found.numerator == received
    assert found.value == Fraction(received, len(months))  # of a year: the mean of its months
    assert found.beside["per_1000_residents"][0] is None  # nobody filed the population


@pytest.mark.parametrize("period", [*MONTHS, "2015"])
def test_resolution_time(boston: Boston, period: str) -> None:
    closed = boston.stored[boston.stored.closed_month.isin(MONTHS if period == "2015" else (period,))]
    seconds = int((closed.closed - closed.opened).dt.total_seconds().sum())
    found = boston.value("2.6", period)
    assert found.status == "ok"
    assert found.numerator == seconds * 1_000_000
    assert found.denominator == len(closed)
    assert found.value == Fraction(seconds, len(closed) * 3600)


def test_the_clock_change_of_8_march(boston: Boston) -> None:
    """The clocks went from 02:00 to 03:00: a case open over that night took an hour less than its local times say."""
    stored = boston.stored
    hour = timedelta(hours=1)
    naive = (stored.closed_local - stored.opened_local).sum() - (stored.closed - stored.opened).sum()
    spring, autumn = pd.Timestamp("2015-03-08 02:00"), pd.Timestamp("2015-11-01 02:00")
    over_spring = int(((stored.opened_local < spring) & (stored.closed_local >= spring)).sum())
    over_autumn = int(((stored.opened_local < autumn) & (stored.closed_local >= autumn)).sum())
    assert naive == (over_spring - over_autumn) * hour
    ours = boston.query("SELECT sum(epoch(closed_at) - epoch(received_at)) FROM {}")[0][0]
    assert ours == (stored.closed - stored.opened).sum().total_seconds()
    # that day had 23 hours, and its rows are Boston's, not those of a day in UTC
    local = stored.opened_local.dt
    by_day = stored.groupby([local.date, local.hour]).size()
    rows = boston.query("SELECT day, hour, count(*) FROM {} GROUP BY ALL")
    assert {(day, hour): count for day, hour, count in rows} == by_day.to_dict()
    edges = boston.query("SELECT min(received_at), max(received_at) FROM {} WHERE day = DATE '2015-03-08'")[0]
    # its first row of 06 o'clock came at 10 UTC, an offset of four hours already; its last lie on 9 March in UTC
    assert (edges[0].hour, edges[1].day) == (10, 9)


@pytest.mark.parametrize(("name", "days"), [("", 30), ("repeat_within#0", 14), ("repeat_within#1", 90)])
def test_repeat_share(boston: Boston, name: str, days: int) -> None:
    """The same place and topic again. The topics are taken from the lake, all else from the file."""
    topics = pd.DataFrame(boston.query("SELECT appeal_id, topic FROM {}"), columns=["CASE_ENQUIRY_ID", "topic"])
    rows = boston.stored.merge(topics, on="CASE_ENQUIRY_ID", validate="one_to_one")
    rows["place"] = rows.LATITUDE + " " + rows.LONGITUDE
    placed = rows[rows.place != "42.3594 -71.0587"].sort_values("opened", kind="stable")
    gap = placed.opened - placed.groupby(["place", "topic"]).opened.shift()
    again = placed[gap <= timedelta(days=days)].groupby("opened_month").size().to_dict()
    received = rows.groupby("opened_month").size().to_dict()
    for month in MONTHS:
        found = boston.value("2.7", month)
        share = Fraction(100 * again[month], received[month])
        assert (found.variants[name] if name else found.value) == share
        if not name:
            assert (found.numerator, found.denominator) == (again[month], received[month])


def test_rows_behind_a_number_are_the_rows_of_the_file(boston: Boston) -> None:
    period, kpi = Period.parse("2015-03"), LAW.kpi("1.15")
    raw = boston.stored
    due = raw[_of_topic(raw, "1.15") & (raw.deadline_month == "2015-03")]
    behind = rows_behind(boston.values, "BOS", kpi, period, "denominator", limit=10_000)
    assert {row["appeal_id"] for row in behind.rows} == set(due.CASE_ENQUIRY_ID)
    kept = rows_behind(boston.values, "BOS", kpi, period, "numerator", limit=10_000)
    assert {row["appeal_id"] for row in kept.rows} == set(due[due.closed <= due.deadline].CASE_ENQUIRY_ID)
    assert all(row["address"] is None or len(row["address"]) == 32 for row in behind.rows)


def test_districts_add_up_to_the_city(boston: Boston) -> None:
    raw = boston.stored
    due = raw[(raw.deadline_month == "2015-03")]
    period = Period.parse("2015-03")
    counted = {
        code: boston.values.of("BOS", code).value(LAW.kpi("1.9"), period, period.last_day).denominator
        for code in raw.pwd_district.dropna().unique()
    }
    assert counted == due.groupby("pwd_district").size().to_dict()


@pytest.mark.parametrize("row", ["1.8", "1.10", "2.1", "2.3"])
def test_what_the_export_does_not_carry_is_missing(boston: Boston, row: str) -> None:
    """Calls and marks are datasets of their own, and nothing of them came."""
    found = boston.value(row, "2015-03")
    assert (found.status, found.value) == ("missing", None)


@pytest.mark.parametrize("row", ["2.2", "2.5"])
def test_a_column_that_no_row_fills_is_missing(boston: Boston, row: str) -> None:
    """Boston counts neither contacts nor handovers: rows came, but not what these two are counted from (N1, not N2)."""
    for period in ("2015-03", "2015"):
        found = boston.value(row, period)
        assert found.status == "missing"
        assert (found.value, found.rows) == (None, 0)


def test_no_edition_is_in_force_in_2015(boston: Boston) -> None:
    with pytest.raises(Problem, match=r"No edition of the law is loaded for 31\.03\.2015"):
        edition_on(date(2015, 3, 31), editions())
    chosen = edition_on(date(2015, 3, 31), editions(), "order_469")
    assert chosen.notice is not None
    assert "not in force yet" in chosen.notice.en


@pytest.mark.parametrize(
    ("column", "sql", "said"),
    [
        ("channel", "nosuch(Source)", "nosuch does not exist"),
        ("address", "sqrt(LATITUDE)", "No function matches"),
        ("address", "LATTITUDE || LONGITUDE", "no header 'LATTITUDE'"),
    ],
)
def test_a_mistake_in_the_mapping_is_told_at_its_place(boston: Boston, column: str, sql: str, said: str) -> None:
    mapping = yaml.safe_load(MAPPING.read_text(encoding="utf-8"))
    mapping["columns"][column] = {"sql": sql}
    request = IngestRequest(city="BOS", dataset=APPEALS, source=EXPORT, mapping=mapping, dry_run=True)
    with pytest.raises(Problem) as caught:
        boston.lake.ingest(request)
    assert said in str(caught.value)
    assert f"columns.{column}" in caught.value.where


def test_the_tables_of_the_howto_are_true(boston: Boston) -> None:
    """Every number of its two tables is computed again: months and the half year, and what open overdue cases change."""
    lines = HOWTO.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    monthly = [row for row in cells if len(row) == 9 and row[0] in {kpi.row for kpi in LAW.kpis.values()}]
    assert [row[0] for row in monthly] == ["1.9", "1.14", "1.15", "1.18", "2.4", "2.6", "2.7"]
    for row in monthly:
        values = [boston.value(row[0], period).value for period in (*MONTHS, "2015")]
        digits = ".10g" if row[0] == "2.4" else ".2f"
        assert row[2:] == [f"{float(value or 0):,{digits}}" for value in values], row
    effect = [row for row in cells if len(row) == 6 and row[0] in ("1.9", "1.14", "1.15", "1.18")]
    assert len(effect) == 4
    for row in effect:
        found = boston.value(row[0], "2015")
        in_time, due, still_open, _ = _on_time(boston.stored, row[0], MONTHS)
        closed_only = float(found.variants["closed_only"])
        assert row[1:4] == [f"{in_time:,} / {due:,}", f"{100 * in_time / due:.2f}", f"{still_open:,}"], row
        assert row[4:] == [f"{closed_only:.2f}", f"+{closed_only - 100 * in_time / due:.2f}"], row


def test_the_commands_of_the_howto_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each `qala` line of the how-to, in its order, against a lake of its own; only what it says to fail fails."""
    text = HOWTO.read_text(encoding="utf-8").replace("\\\n", " ")
    commands = [line.strip() for line in text.splitlines() if line.startswith("qala ")]
    assert len(commands) >= 8
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("QALA_LAKE", str(tmp_path / "lake"))
    receipt = ""
    for command in commands:
        words, _, told = command.partition("  # ")
        result = CliRunner().invoke(app, [receipt if word == "RECEIPT" else word for word in shlex.split(words)[1:]])
        failed = isinstance(result.exception, Problem)
        assert failed == told.startswith("refused"), (command, result.output, result.exception)
        assert failed or result.exit_code == 0, (command, result.output)
        if " ingest " in command and not failed:
            receipt = result.stdout.split()[1].rstrip(":")
