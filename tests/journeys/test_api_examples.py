"""The examples of docs/howto/use-the-api.md, run as they stand there against a whole site."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import pytest
from conftest import ROOT, Site

PAGE = (ROOT / "docs" / "howto" / "use-the-api.md").read_text(encoding="utf-8")
CURL = [line for line in PAGE.splitlines() if line.startswith("curl ")]
(PYTHON,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
SHOWN = "http://localhost:8000"
ENVIRONMENT = {
    k: v for k, v in os.environ.items() if not k.startswith(("QALA_", "DJANGO_", "DATABASE_", "http", "HTTP"))
}


@pytest.fixture(scope="module")
def token(site: Site) -> Iterator[str]:
    """A token of the demo's administrator, made as the page of tokens makes it."""
    code = f"""
import os, django
from qala.config.database import owner_url
os.environ["DATABASE_URL"] = owner_url()
django.setup()
from qala.people import tokens
from qala.people.models import User
user = User.objects.get(email="{site.accounts["analyst"]}")
print(tokens.create(user, "trial", tokens.possible_scopes(user), 1)[1])
"""
    environment = ENVIRONMENT | {
        "QALA_HOME": str(site.folder / "site"), "QALA_LAKE": str(site.folder / "lake"),
        "QALA_EDITION": "order_469", "DJANGO_SETTINGS_MODULE": "qala.config.settings",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    yield done.stdout.split()[-1]


@pytest.mark.parametrize("line", CURL, ids=[re.sub(r".*/v1/([^?']*).*", r"\1", one) for one in CURL])
def test_a_call_of_curl_answers_what_the_page_says(line: str, site: Site, token: str) -> None:
    command = line.replace(SHOWN, site.address).replace("$TOKEN", token).replace('"…"', '"0"')
    done = subprocess.run(
        [*shlex.split(command), "-s", "-g", "-w", "\n%{http_code}"], capture_output=True, text=True, check=True
    )
    said, _, status = done.stdout.rpartition("\n")
    assert status == "200", said
    body = json.loads(said.rpartition("\n\n")[2] if line.startswith("curl -i") else said)
    assert any(isinstance(one, list) and one for one in body.values()) or "series" in line, body
    if line.startswith("curl -i"):
        (tag,) = re.findall(r"(?im)^etag: (\S+)", said)
        again = subprocess.run(
            [*shlex.split(command.replace('"0"', tag)), "-s"], capture_output=True, text=True, check=True
        )
        assert " 304 " in again.stdout.splitlines()[0]


def test_the_example_in_python_prints_a_year_by_months(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PYTHON.replace(SHOWN, site.address) + "\nprint(len(kpis))"],
        env=ENVIRONMENT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["period", "value", "numerator", "denominator", "rows", "status"]
    assert [one.split()[1] for one in lines[1:13]] == [f"2026-{month:02}" for month in range(1, 13)]
    assert lines[-1] == "118"


def test_the_query_of_power_query_asks_for_columns_that_the_answer_has(site: Site) -> None:
    """Power Query runs on Windows only: its address and the columns that it types are asked for here."""
    (relative,) = re.findall(r'RelativePath = "([^"]+)"', PAGE)
    asked = dict(re.findall(r'(\w+) = "([^"]+)"', re.findall(r"Query = \[(.*?)\]", PAGE)[0]))
    status, said = site.get(f"/{relative}?" + "&".join(f"{name}={value}" for name, value in asked.items()))
    assert status == 200
    values = json.loads(said)["values"]
    assert len(values) == 12
    assert set(re.findall(r'\{"(\w+)", ', PAGE)) <= set(values[0])
