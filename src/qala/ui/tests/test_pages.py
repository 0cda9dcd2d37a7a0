"""The layout, the components page and the pages of errors, as the site serves them."""

import re

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from qala.standard.problems import Problem
from qala.ui.context import Layout
from qala.ui.vendor import FILES, NODE_MODULES


@pytest.fixture
def client():
    return Client()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_components_page_is_served_in_each_language(client, language):
    answer = client.get(f"/{language}/ui/")
    text = answer.content.decode()
    assert answer.status_code == 200 and f'<html lang="{language}"' in text
    assert " style=" not in text and not re.search(r"\son\w+=", text)


def test_the_import_map_carries_the_nonce_of_the_policy(client):
    answer = client.get("/en/ui/")
    nonce = re.search(r'type="importmap" nonce="([^"]+)"', answer.content.decode())[1]
    assert f"'nonce-{nonce}'" in answer["Content-Security-Policy"]


def test_a_page_before_its_pictures_is_light():
    words = sum(
        (NODE_MODULES / FILES[f"vendor/onest-{part}.woff2"]).stat().st_size
        for part in ("latin", "cyrillic", "cyrillic-ext")
    )
    if not NODE_MODULES.is_dir():
        pytest.skip("npm ci has not been run")
    assert words <= 90_000


def test_the_table_of_the_components_page_can_be_taken_as_a_file(client):
    assert client.get("/en/ui/?format=csv")["Content-Type"].startswith("text/csv")


def test_the_switch_of_languages_keeps_the_page_and_its_filters():
    with override("kk"):
        links = Layout(RequestFactory().get("/kk/rating/?year=2026&category=oblast")).languages
    assert [link.url for link in links] == [
        f"/{code}/rating/?year=2026&category=oblast" for code, _ in settings.LANGUAGES
    ]
    assert [link.code for link in links if link.here] == ["kk"]


def test_a_page_that_there_is_not_is_told_in_the_layout(client):
    answer = client.get("/ru/nothing-here/")
    assert answer.status_code == 404 and 'class="site-head"' in answer.content.decode()


def test_a_problem_is_told_with_what_to_do():
    problem = Problem("No <such> format.", hint="Write csv.")
    with override("en"):
        text = render_to_string("400.html", {"problem": problem, "request": RequestFactory().get("/en/")})
    assert "No &lt;such&gt; format." in text and "Write csv." in text and 'id="main"' in text


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_the_last_pages_need_nothing_and_speak_three_languages(name):
    text = render_to_string(name)
    assert all(f'lang="{code}"' in text for code in ("kk", "ru", "en"))
