"""What templates say."""

import json
import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from qala.standard.period import Period
from qala.ui.charts import Chart, Series
from qala.ui.maps import Key, MapView, Table


def shown(text: str, language: str = "en", query: str = "", **values: object) -> str:
    request = RequestFactory().get(f"/en/rating/{query}")
    with override(language):
        return Template("{% load ui %}" + text).render(Context({"request": request, **values}))


def test_filters_follow_the_language_of_the_page():
    text = "{{ v|number:1 }} {{ t|said }} {{ p|period }}"
    values = {"v": 1.25, "t": {"ru": "город", "kk": "қала", "en": "city"}, "p": Period.parse("2026-W09")}
    assert shown(text, "en", **values) == "1.3 city Week 9, 2026"
    assert shown(text, "ru", **values) == "1,3 город 9-я неделя 2026\u00a0г."


def test_a_moment_takes_a_zone():
    at = datetime(2026, 3, 5, 20, 30, tzinfo=UTC)
    assert shown('{{ at|moment:"UTC" }}', at=at) == "5 Mar 2026, 20:30"


def test_a_band_always_says_its_name():
    assert shown('{% band "excellent" %}', "kk") == '<span class="band band-1">Өте жақсы</span>'
    assert "band-5" in shown('{% band "low" %}')
    assert shown("{% band None %}") == '<span class="soft">—</span>'


@pytest.mark.parametrize(
    ("status", "tone"), [("reached", "good"), ("missing", "bad"), ("not_due", "quiet"), ("odd", "quiet")]
)
def test_a_status_has_a_tone_an_icon_and_words(status, tone):
    mark = shown("{% status_mark s %}", s=status)
    assert f"mark {tone}" in mark and "<svg" in mark and re.sub("<[^>]*>", "", mark).strip()


def test_a_query_is_changed_and_the_rest_of_it_kept():
    assert (
        shown("{% query_with year=2025 page=None %}", query="?year=2026&page=3&city=a&city=b")
        == "?city=a&amp;city=b&amp;year=2025"
    )


def test_download_links_keep_the_filters():
    links = shown('{% download_links "csv,xlsx" %}', query="?year=2026")
    assert 'href="?format=csv&amp;year=2026"' in links and 'href="?format=xlsx&amp;year=2026"' in links


def test_a_pager_has_its_neighbours_and_says_where_one_is():
    found = shown("{% pager p %}", query="?q=x", p=Paginator(range(100), 10).page(5))
    assert 'href="?page=4&amp;q=x"' in found and 'aria-current="page">5<' in found
    assert shown("{% pager p %}", p=Paginator(range(5), 10).page(1)).strip() == ""


def test_a_sparkline_has_gaps_and_a_name():
    found = shown('{% sparkline v 90 title="1 → 3" %}', v=[1, None, 2, 3])
    assert found.count("M") >= 3 and 'role="img"' in found and "<title>1 → 3</title>" in found and "style=" not in found
    assert shown("{% sparkline v %}", v=[None, None]) == ""


def test_a_bullet_stays_within_its_scale():
    found = shown("{% bullet 140 90 low=-5 high=120 %}")
    assert 'width="160.0"' in found and 'aria-hidden="true"' in found and "M0.0 8H160.0" in found


def a_chart(**more: object) -> Chart:
    series = [Series("A & <b>", [1, None, 2.5]), Series("B", [3, 4, 5], dashed=True)]
    return Chart(**{"id": "c", "kind": "line", "title": "T", "categories": ["x", "y", "z"], "series": series} | more)


def test_a_chart_carries_its_table_and_its_data():
    found = shown("{% chart c %}", c=a_chart(unit="%", target=90, digits=1))
    assert found.count("<tr>") == 4 and '<th scope="row">y</th><td class="num">—</td><td class="num">4.0</td>' in found
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', found, re.S)[1])
    assert data["series"][0] == {"name": "A & <b>", "values": [1, None, 2.5], "dashed": False, "token": ""}
    assert data["targets"] == [90] and "<b>" not in found and "Target: 90.0%" in found
    assert "style=" not in found and "onclick" not in found


def test_a_chart_without_numbers_says_so():
    found = shown("{% chart c %}", c=a_chart(series=[Series("A", [None] * 3)]))
    assert "no numbers" in found and "application/json" not in found


def test_a_map_has_a_legend_and_a_table():
    view = MapView(
        "m",
        "T",
        {"s": {"type": "geojson", "data": {}}},
        [{"id": "l", "type": "circle", "source": "s"}],
        (60, 40, 80, 55),
        table=Table(["City", "Band"], [["A", "1"]]),
        legend=[Key("Good", "band-2", "point")],
    )
    found = shown("{% mapview m %}", m=view)
    assert 'fill="var(--band-2)"' in found and '<th scope="row">A</th><td>1</td>' in found and "<noscript>" in found


def test_a_page_repeats_its_title_as_its_heading():
    page = '{% extends "ui/page.html" %}{% block title %}Rating <small>2026</small>{% endblock %}'
    with override("en"):
        found = Template(page).render(
            Context({"request": RequestFactory().get("/en/rating/"), "ui": SimpleNamespace()})
        )
    assert "<title>Rating 2026 · Qala</title>" in found and "<h1>Rating <small>2026</small></h1>" in found
