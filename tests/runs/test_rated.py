from datetime import date
from pathlib import Path

import pytest

from qala.datasets import load_catalogue
from qala.lake import CategoryPeriod, City, Lake
from qala.runs.rated import rated_in


def _centre(code: str, settlement: str, since: date = date(2026, 1, 1)) -> City:
    period = CategoryPeriod.model_validate({"from": since, "category": "district", "reason": "item 7, 3)"})
    names = {"kk": code, "ru": code, "en": code}
    return City.model_validate(
        {"code": code, "names": names, "zone": "Asia/Almaty", "settlement": settlement, "categories": (period,)}
    )


@pytest.mark.parametrize(
    ("level", "expected"), [("settlements", ("TOWN", "URBAN")), ("all_centres", ("AUYL", "TOWN", "URBAN"))]
)
def test_item_7_names_towns_and_urban_settlements_only(tmp_path: Path, level: str, expected: tuple[str, ...]) -> None:
    lake = Lake(tmp_path / "lake", load_catalogue())
    for city in (_centre("TOWN", "city"), _centre("URBAN", "settlement"), _centre("AUYL", "village")):
        lake.cities.add(city)
    lake.cities.add(_centre("LATER", "city", date(2027, 1, 1)))
    assert rated_in(lake, "district", 2026, level) == expected  # type: ignore[arg-type]
