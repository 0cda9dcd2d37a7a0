"""Other real data through the border: a week of the loop detectors of Los Angeles as speeds of corridors (KPIs 6.1, 6.3)."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]
import pytest

from qala.datasets import load_catalogue
from qala.lake import CategoryPeriod, City, IngestRequest, Lake
from qala.measures.values import Values
from qala.standard.loader import editions
from qala.standard.period import Period

DATA = Path(__file__).parents[3] / "shared/data"
SPEEDS = DATA / "traffic_los_loop/los_speed.csv.gz"
ZONE = "America/Los_Angeles"
LAW = editions()["order_469"]
KM_PER_MILE = "1.609344"


def _kmh(mph: float) -> Decimal:
    """Miles an hour as the contract keeps speeds: kilometres an hour with one digit."""
    return (Decimal(mph) * Decimal(KM_PER_MILE)).quantize(Decimal("0.1"), ROUND_HALF_UP)


@pytest.mark.skipif(not SPEEDS.exists(), reason=f"{SPEEDS} is not there: real data are not shipped")
def test_a_week_of_loop_detectors(tmp_path: Path) -> None:
    """Peak speed and share of jams of 24 detectors equal those of pandas: miles, local time and a typed file included."""
    wide = pd.read_csv(SPEEDS).iloc[:, :24]
    wide.insert(0, "start", pd.date_range("2012-03-01", periods=len(wide), freq="5min"))  # the file has no time column
    rows = wide.melt("start", var_name="detector", value_name="mph")
    # free flow is not in the file: what an agency takes instead, the speed that 85 % of the week's intervals stay below
    rows["free"] = rows.groupby("detector").mph.transform(lambda speeds: speeds.quantile(0.85))
    export = tmp_path / "detectors.parquet"
    rows.to_parquet(export, index=False)

    catalogue = load_catalogue()
    lake = Lake(tmp_path / "lake", catalogue)
    trial = {"from": date(2012, 1, 1), "category": "republican", "reason": "a trial outside of Kazakhstan"}
    names = {"kk": "Лос-Анджелес", "ru": "Лос-Анджелес", "en": "Los Angeles"}
    lake.cities.add(City(code="LAX", names=names, zone=ZONE, categories=(CategoryPeriod.model_validate(trial),)))
    mapping = {
        "dataset": "traffic.corridor_speeds",
        "columns": {
            "corridor_id": "detector",
            "measured_at": "start",
            "seconds": {"sql": "300"},
            "speed_kmh": {"sql": f"mph * {KM_PER_MILE}"},
            "free_flow_kmh": {"sql": f"free * {KM_PER_MILE}"},
        },
    }
    receipt = lake.ingest(IngestRequest(city="LAX", dataset="traffic.corridor_speeds", source=export, mapping=mapping))
    assert receipt.balances
    assert (receipt.stored, receipt.quarantined) == (len(rows), 0)
    assert (receipt.first_day, receipt.last_day) == (date(2012, 3, 1), date(2012, 3, 7))

    peak = LAW.open_terms["peak_hours"].default.value
    assert isinstance(peak, list | tuple)
    counted = rows[rows.start.dt.hour.isin([int(str(hour)) for hour in peak]) & (rows.start.dt.day_of_week < 5)]
    speed = counted.mph.map(_kmh)
    free = counted.free.map(_kmh)
    jammed = int((speed * 2 < free).sum())

    values = Values(lake, LAW, catalogue)
    kpis = [LAW.kpi("6.1"), LAW.kpi("6.3")]
    values.computer.compute("LAX", kpis=[kpi.id for kpi in kpis])
    march = Period.parse("2012-03")
    mean, jam = (values.of("LAX").value(kpi, march, march.last_day) for kpi in kpis)
    assert mean.value == Fraction(sum(speed)) / len(counted)
    assert jam.value == Fraction(100 * jammed, len(counted))
    assert jam.denominator == 300 * len(counted)
