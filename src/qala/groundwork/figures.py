"""Official statistics of a city as lines of its profile in the maturity report."""

from __future__ import annotations

from qala.groundwork.models import Statistic
from qala.maturity.city_profile import said
from qala.reports.maturity_data import ProfileLine
from qala.ui.formats import number


def profile_lines(city: str) -> list[ProfileLine]:
    """The newest figure of each indicator of the city itself."""
    found: dict[str, Statistic] = {}
    for one in Statistic.objects.filter(city=city, kato=city).order_by("indicator", "-period"):
        found.setdefault(one.indicator, one)
    return [_line(one) for one in found.values()]


def _line(one: Statistic) -> ProfileLine:
    what = f"{one.indicator}, {one.unit}" if one.unit else one.indicator
    return ProfileLine(
        one.about, said(lambda _language: what), said(lambda language: number(one.value.normalize(), None, language)),
        said(lambda _language: f"{one.source}, {one.period}"),
    )  # fmt: skip
