"""How sure a published rating is: found by a job, kept beside the run, shown on three pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from test_ratings import history, ministry, runs  # noqa: F401  fixtures

from qala.ratings import jobs, page_cache, queries, services
from qala.ratings.models import Sureness

pytestmark = pytest.mark.usefixtures("few_draws")


@pytest.fixture
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ASSUMED", {"draws": 40, "base": 8})
    monkeypatch.setattr(page_cache, "_LOOK_S", 0.0)  # what guests read is otherwise a second old at most


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_published_rating_is_weighed_and_shown(runs: dict[str, str], ministry: Client, client: Client) -> None:  # noqa: F811
    run = runs["june"]
    services.publish(None, run, "district", "")
    address = f"/en/rating/how-sure/?category=district&run={run}"
    assert "not computed for this rating yet" in page(client, address)
    jobs.weigh(run, "district")
    found = queries.sureness(run, "district")
    assert found is not None and found.assumptions.draws == 40
    best = found.cities[0]
    shown = page(client, address)
    for words in ("Between which places a city stays", "By city", "data-chart", "How it was drawn"):
        assert words in shown
    assert f"city={best.city}" in shown
    assert "90 %: 1" in page(client, f"/en/city/{best.city}/?run={run}")
    assert "Under the place" in page(client, f"/en/rating/?category=district&run={run}")
    assert "Индексы" in page(client, address.replace("/en/", "/ru/")) or not found.influences
    table = client.get(address + "&format=csv")
    assert best.city in b"".join(table).decode()  # type: ignore[arg-type]


def test_who_computes_ratings_asks_for_it_again(runs: dict[str, str], ministry: Client, client: Client) -> None:  # noqa: F811
    run = runs["june"]
    services.publish(None, run, "district", "")
    address = f"/en/rating/how-sure/?category=district&run={run}"
    assert client.post(address).status_code in (302, 403)
    asked: Any = []
    deferred = jobs.weigh.configure
    jobs.weigh.configure = lambda **how: type("Deferred", (), {"defer": lambda _s, **of: asked.append((how, of))})()
    try:
        assert ministry.post(address).status_code == 302
    finally:
        jobs.weigh.configure = deferred
    assert asked == [({"lock": "runs"}, {"run": run, "category": "district"})]
    assert not Sureness.objects.exists()
