"""The report of item 37: drafted from numbers, edited with history, frozen; files; the archive."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from typing import Any

import docx
import pytest
from django.test import Client
from test_ratings import history, runs  # noqa: F401  fixtures

from qala.kits.documents import Figure
from qala.people.models import AuditEntry, Membership, User
from qala.rating_year import year_reports
from qala.rating_year.models import ReportEdit, YearReport
from qala.rating_year.report_draft import texts
from qala.rating_year.report_pictures import pictures
from qala.ratings import jobs, queries, services
from qala.ratings.rated_run import rated_run
from qala.reports.wording import Wording
from qala.standard import Problem
from qala.standard.values import LANGUAGES

ADDRESS = "/en/year/2026/district/report/"


@pytest.fixture
def of(runs: dict[str, str], settings: Any) -> Callable[[str], Client]:  # noqa: F811
    """Somebody with a role; June is published, after March."""
    settings.DEMO = True
    services.publish(None, runs["march"], "district", "")
    services.publish(None, runs["june"], "district", "six months")

    def client(role: str) -> Client:
        user = User.objects.create_user(f"{role}@example.kz", is_demo=True)
        scope = {"scope": "country"} if role == "ministry" else {"scope": "city", "code": "WHOLE"}
        Membership.objects.create(user=user, role=role, **scope)
        made = Client()
        made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return made

    return client


def test_every_sentence_is_said_in_three_languages_from_its_numbers(
    of: Callable[[str], Client],
    runs: dict[str, str],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(jobs.ASSUMED, "draws", 200)
    monkeypatch.setitem(jobs.ASSUMED, "base", 16)
    jobs.weigh(runs["june"], "district")
    report = year_reports.begin(None, 2026, "district")
    ids = [one["id"] for one in report.drafted]
    assert len(ids) == len(set(ids))
    assert {one["part"] for one in report.drafted} >= {
        "results",
        "sections",
        "kpis",
        "data",
        "certainty",
        "recommendations",
    }
    assert all(
        set(one["text"]) == set(LANGUAGES) and "{" not in "".join(one["text"].values()) for one in report.drafted
    )
    assert all(which in texts()["numbers"] for one in report.drafted for _whose, which, _number in one["numbers"])
    june = rated_run(runs["june"])
    by_id = {one["id"]: one for one in report.drafted}
    leader = by_id["leader"]
    ((code, _which, number),) = leader["numbers"]
    assert june.place_of[code] == 1 and Fraction(number) == pytest.approx(june.score(code).final, abs=1e-4)
    missed = next(one for one in report.drafted if one["id"].startswith("missed."))
    row = missed["id"].removeprefix("missed.")
    scores = [
        kpi.score for one in june.scores("district") for kpi in one.kpis if kpi.row == row and kpi.score is not None
    ]
    assert [number for _w, which, number in missed["numbers"] if which == "reached"] == [str(scores.count(Fraction(1)))]
    assert any(one["id"] in ("mean_moved", "no_before") for one in report.drafted)


def test_the_ministry_edits_with_history_and_freezes(of: Callable[[str], Client], client: Client) -> None:
    ministry, city = of("ministry"), of("city_lead")
    assert "Draft it from the published rating" in ministry.get(ADDRESS).content.decode()
    assert city.post(f"{ADDRESS}draft/").status_code == 403 and not YearReport.objects.exists()
    ministry.post(f"{ADDRESS}draft/")
    report = YearReport.objects.get()
    assert "not frozen yet" in client.get(ADDRESS).content.decode()  # a draft is the ministry's own
    drafted = report.drafted[0]["text"]["en"]
    ministry.post(f"{ADDRESS}edit/", {"sentence": "leader", "text": "A town leads."})
    ministry.post(f"{ADDRESS}edit/", {"sentence": "leader", "text": "Wholetown leads."})
    ministry.post(f"{ADDRESS}edit/", {"sentence": "spread", "text": " "})
    ministry.post(f"{ADDRESS}edit/", {"part": "recommendations", "text": "Learn from each other."})
    ministry.post(f"{ADDRESS}edit/", {"sentence": "nothing", "text": "x"})
    assert ReportEdit.objects.count() == 4
    with pytest.raises(Problem, match="edited"):
        year_reports.begin(None, 2026, "district")
    page = ministry.get(ADDRESS).content.decode()
    assert "2 changes" in page and drafted in page and "left out" in page and "A town leads." in page
    assert "A town leads." not in ministry.get(ADDRESS.replace("/en/", "/ru/")).content.decode()
    ministry.post(f"{ADDRESS}freeze/")
    ministry.post(f"{ADDRESS}edit/", {"sentence": "leader", "text": "Too late."})
    shown = client.get(ADDRESS).content.decode()
    assert "Wholetown leads." in shown and "edited" in shown and "Learn from each other." in shown
    assert "Write it anew" not in shown and "Too late." not in shown and "What it says is not" not in shown
    report.refresh_from_db()
    assert report.sha256 == year_reports.hash_of(report)
    ReportEdit.objects.filter(text="Wholetown leads.").update(text="Parttown leads.")
    assert "What it says is not what was frozen." in client.get(ADDRESS).content.decode()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"draft_report", "edit_report", "freeze_report"} <= verbs


def test_the_papers_show_rank_intervals_and_sections(
    of: Callable[[str], Client],
    runs: dict[str, str],  # noqa: F811
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    year_reports.begin(None, 2026, "district")
    publication = next(one for one in queries.holding() if one.run == runs["june"])
    basis = year_reports.basis_of(publication)
    assert [one.caption[:6] for one in pictures(basis, Wording("en", basis.run.edition))] == [
        "Score "
    ]  # not weighed yet
    monkeypatch.setitem(jobs.ASSUMED, "draws", 200)
    monkeypatch.setitem(jobs.ASSUMED, "base", 16)
    jobs.weigh(runs["june"], "district")
    basis = year_reports.basis_of(publication)
    places, sections = pictures(basis, Wording("en", basis.run.edition))
    assert isinstance(places, Figure) and isinstance(sections, Figure)
    assert "Wholetown" in str(places.picture) and str(places.picture).count("<circle") >= 2
    of("ministry").post(f"{ADDRESS}freeze/")
    assert len(docx.Document(BytesIO(client.get(f"{ADDRESS}?format=docx").content)).inline_shapes) == 2
    assert client.get(f"{ADDRESS}?format=pdf").content.startswith(b"%PDF")


def test_files_and_the_archive(of: Callable[[str], Client], client: Client) -> None:
    ministry = of("ministry")
    ministry.post(f"{ADDRESS}draft/")
    ministry.post(f"{ADDRESS}edit/", {"sentence": "leader", "text": "Wholetown leads."})
    ministry.post(f"{ADDRESS}freeze/")
    for language in LANGUAGES:
        address = ADDRESS.replace("/en/", f"/{language}/")
        assert client.get(f"{address}?format=pdf").content.startswith(b"%PDF")
        word = docx.Document(BytesIO(client.get(f"{address}?format=docx").content))
        said = "\n".join(one.text for one in word.paragraphs)
        assert texts()["parts"]["results"][language] in said and len(word.tables) >= 1
        assert ("Wholetown leads. *" in said) == (language == "en")
    csv = b"".join(client.get(f"{ADDRESS}?format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    assert "Wholetown leads." in csv
    archive = client.get("/en/year/archive/").content.decode()
    assert "frozen" in archive and "2026" in archive
    assert b"district" in b"".join(client.get("/en/year/archive/?format=csv"))  # type: ignore[arg-type]
