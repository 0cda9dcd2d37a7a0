"""Reading and dividing, as everybody writes it in pandas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from qala.lake import Lake

Answer = dict[int, float]  # 0 is the year; 1… are its months, or its quarters
YEAR = 2026
FIRST, LAST = pd.Timestamp(YEAR, 1, 1), pd.Timestamp(YEAR, 12, 31)
MONTH_ENDS = [pd.Timestamp(YEAR, n, 1) + pd.offsets.MonthEnd() for n in range(1, 13)]
QUARTER_ENDS = MONTH_ENDS[2::3]


@dataclass(frozen=True)
class Source:
    """The files of one city."""

    lake: Lake
    city: str

    def read(self, dataset: str, *columns: str) -> pd.DataFrame:
        """Some columns of a dataset; days as `datetime64`, decimals as floats."""
        snapshot = self.lake.table(dataset).snapshot()
        files = snapshot.files(city=self.city)
        if not files:
            return pd.DataFrame({column: pd.Series(dtype=_empty(column)) for column in columns})
        assert not any(file.retractions for file in files), "the measured city has no corrections"
        frame = pd.read_parquet([file.path for file in files], columns=list(columns), partitioning=None)
        for column in columns:
            kind = snapshot.contract.stored_types()[column]
            if kind == "DATE":
                frame[column] = pd.to_datetime(frame[column])
            elif kind.startswith("DECIMAL"):
                frame[column] = frame[column].astype(float)
        return frame

    def of_year(self, dataset: str, *columns: str, on: str = "day") -> pd.DataFrame:
        """Rows that `on` dates in the year, with the columns `month` and `quarter`."""
        frame = self.read(dataset, *dict.fromkeys((on, *columns)))
        frame = frame[(frame[on] >= FIRST) & (frame[on] <= LAST)]
        return frame.assign(month=frame[on].dt.month, quarter=frame[on].dt.quarter)


def _empty(column: str) -> str:
    return "datetime64[us]" if column == "day" or column.endswith(("_day", "_at", "_on", "_from", "_to")) else "float64"


Kpi = Callable[[Source], Answer]
KPIS: dict[str, Kpi] = {}


def kpi(name: str) -> Callable[[Kpi], Kpi]:
    """Mark a function as the computation of a KPI."""

    def mark(function: Kpi) -> Kpi:
        KPIS[name] = function
        return function

    return mark


def share(frame: pd.DataFrame, condition: pd.Series, by: str = "month") -> Answer:
    """Per cent of rows that meet a condition (empty counts as not)."""
    met = condition.fillna(False).astype(float)
    return _both(100 * met.groupby(frame[by]).mean(), 100 * met.mean())


def mean_time(frame: pd.DataFrame, begun: str, ended: str, unit: float) -> Answer:
    """Mean seconds between two times, in units of so many seconds."""
    return mean(frame, (frame[ended] - frame[begun]).dt.total_seconds() / unit)


def mean(frame: pd.DataFrame, amount: pd.Series, by: str = "month") -> Answer:
    return _both(amount.groupby(frame[by]).mean(), amount.mean())


def part(frame: pd.DataFrame, top: pd.Series, bottom: pd.Series, factor: float = 100, by: str = "month") -> Answer:
    """Σ top / Σ bottom."""
    return _both(
        factor * top.groupby(frame[by]).sum() / bottom.groupby(frame[by]).sum(), factor * top.sum() / bottom.sum()
    )


def counts(frame: pd.DataFrame) -> pd.Series:
    """Rows of each month; 0 where there are none."""
    return frame.groupby("month").size().reindex(range(1, 13), fill_value=0)


def mean_of_months(months: pd.Series) -> Answer:
    return _both(months, months.mean())


def held(frame: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Rows of a registry that hold on a day."""
    return frame[(frame.valid_from <= day) & (frame.valid_to.isna() | (frame.valid_to >= day))]


def at_quarters(value: Callable[[pd.Timestamp], float]) -> Answer:
    """A stock: each quarter's is that of its last day, the year's that of the last quarter."""
    found = {n: value(day) for n, day in enumerate(QUARTER_ENDS, 1)}
    return {**found, 0: found[4]}


def _both(by_period: pd.Series, whole: float) -> Answer:
    found = {int(n): float(value) for n, value in by_period.items() if pd.notna(value)}
    return found if pd.isna(whole) else {**found, 0: float(whole)}
