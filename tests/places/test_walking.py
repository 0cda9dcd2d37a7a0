"""Walking access of a city in the lake: a street of a kilometre, cells along it, facilities that come and go."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from walking_town import CITY, DAY, SPEED, STREETS, cell, deliver, facility, new_lake, new_town, people, place, street

from qala.lake import Lake
from qala.places import walking
from qala.places.walking import Walks, walks
from qala.places.walking_norms import walking_norms
from qala.places.walking_shares import by_district, reached, underserved
from qala.standard import editions
from qala.standard.problems import Problem


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return new_lake(tmp_path / "lake")


@pytest.fixture
def town(tmp_path: Path) -> Lake:
    return new_town(tmp_path / "lake")


def found(lake: Lake, day: date = DAY) -> Walks:
    return walks(lake, CITY, day, lake.folder.parent / "kept")


def people_near(walked: Walks, kind: str, minutes: int) -> int | None:
    one = reached(walked, kind, Fraction(minutes), SPEED)
    return one and one.reached


def test_the_share_is_of_people_within_the_minutes(town: Lake) -> None:
    walked = found(town)
    # at 4.8 km/h five minutes are 400 metres, ten 800, fifteen 1200
    assert [people_near(walked, "school", minutes) for minutes in (3, 5, 10, 15)] == [100, 140, 140, 200]
    one = reached(walked, "school", Fraction(10), SPEED)
    assert one is not None and one.share == Fraction(140, 200)


def test_a_faster_walker_gets_farther(town: Lake) -> None:
    walked = found(town)
    one = reached(walked, "school", Fraction(10), Fraction(6))
    assert one is not None and one.reached == 200


def test_a_kind_of_which_nothing_is_known_has_no_share(town: Lake) -> None:
    assert people_near(found(town), "clinic", 15) is None
    assert people_near(found(town), "stop", 15) is None


def test_districts_add_up_to_the_city(town: Lake) -> None:
    rows = by_district(found(town), "school", [Fraction(5), Fraction(15)], SPEED)
    told = {row.district: [(one.reached, one.people) for one in row.by_minutes] for row in rows}
    assert told == {"west": [(140, 140), (140, 140)], "east": [(0, 60), (60, 60)]}


def test_the_underserved_cells_name_the_nearest_facility_and_how_far_it_is(town: Lake) -> None:
    (one,) = underserved(found(town), "school", Fraction(10), SPEED)
    assert (one.cell, one.residents, one.district, one.place) == (cell(1000), 60, "east", "School 1")
    assert one.metres == pytest.approx(1000, abs=1)
    assert one.minutes == pytest.approx(12.5, abs=0.05)


def test_a_cell_without_a_street_near_it_is_served_by_nothing(town: Lake) -> None:
    deliver(town, "city.population_grid", [people(2000, 7, None)])
    walked = found(town)
    assert walked.off_the_streets == 7
    assert people_near(walked, "school", 600) == 200
    last = underserved(walked, "school", Fraction(600), SPEED)[-1]
    assert (last.metres, last.street_m, last.place) == (None, None, None)


def test_registries_are_read_as_they_hold_on_the_day(town: Lake) -> None:
    deliver(town, "city.places", [facility("school", "School 2", 1000, valid_from="2026-09-01", valid_to="2026-10-31")])
    assert people_near(found(town, date(2026, 8, 31)), "school", 5) == 140
    assert people_near(found(town, date(2026, 9, 1)), "school", 5) == 200
    assert people_near(found(town, date(2026, 10, 31)), "school", 5) == 200
    assert people_near(found(town, date(2026, 11, 1)), "school", 5) == 140


def test_nobody_walks_on_a_motorway(town: Lake) -> None:
    deliver(town, "city.streets", [street("M1", 1010, 1500, road_class="motorway")])
    deliver(town, "city.population_grid", [people(1480, 5)])
    walked = found(town)
    assert walked.streets == 2
    assert walked.off_the_streets == 5


def test_without_streets_or_people_it_says_what_is_lacking(lake: Lake) -> None:
    assert found(lake).lacking == ("city.streets", "city.population_grid")
    deliver(lake, "city.streets", STREETS)
    assert found(lake).lacking == ("city.population_grid",)
    assert found(lake, date(2025, 6, 1)).lacking == ("city.streets", "city.population_grid")


def test_a_city_that_nobody_registered_is_said(lake: Lake) -> None:
    with pytest.raises(Problem, match="not in the registry"):
        walks(lake, "nowhere", DAY, lake.folder)


def test_a_broken_line_stands_for_the_middle_of_its_street(lake: Lake) -> None:
    middle = place(245)
    broken = ["not json", '{"type":"Point","coordinates":[1,2]}', '{"type":"LineString","coordinates":[[1],[2,3]]}']
    rows = [street(f"E{i}", -10, 500, geometry=text, **middle) for i, text in enumerate(broken)]
    deliver(lake, "city.streets", rows)
    deliver(lake, "city.population_grid", [people(245, 9)])
    walked = found(lake)
    assert walked.off_the_streets == 0 and walked.people == 9


def test_what_was_computed_is_read_again_until_a_table_changes(town: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = found(town)
    with monkeypatch.context() as patched:
        patched.setattr(walking, "_computed", lambda *_: pytest.fail("computed again"))
        again = found(town)
        assert again.cells.equals(first.cells) and again.versions == first.versions
    deliver(town, "city.places", [facility("school", "School 3", 1000)])
    assert people_near(found(town), "school", 5) == 200


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.fractions(min_value=0, max_value=60), min_size=2, max_size=6))
def test_more_minutes_never_lower_a_share(once: Walks, minutes: list[Fraction]) -> None:
    counts = [one.reached for m in sorted(minutes) if (one := reached(once, "school", m, SPEED))]
    assert counts == sorted(counts)
    left = [sum(one.residents for one in underserved(once, "school", m, SPEED)) for m in sorted(minutes)]
    assert [once.people - far for far in left] == counts


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Walks:
    return found(new_town(tmp_path_factory.mktemp("once") / "lake"))


def test_the_function_that_asks_for_it_is_the_one_on_walking_distance() -> None:
    norms = walking_norms()
    functions = editions()["order_469"].initiatives[norms.asked_by.initiative].functions
    assert "шаговой доступности" in functions[norms.asked_by.function - 1].name.ru


def test_norms_in_metres_become_minutes_at_the_speed_of_the_walker() -> None:
    stop = walking_norms().kinds["stop"].norm
    assert stop.minutes_at(walking_norms().speed_kmh.value) == Fraction("6.25")
    assert walking_norms().kinds["school"].norm.minutes_at(Fraction(3)) == 15
