"""Profiles as they are written."""

from __future__ import annotations

import pytest

from qala.scoring import Profile
from qala.standard import Edition, Problem


@pytest.mark.parametrize(
    ("text", "profile", "said"),
    [
        ("", Profile(), "annex2"),
        ("annex2", Profile(), "annex2"),
        ("due=end", Profile(due="end"), "annex2,due=end"),
        ("citywide, due=end", Profile(scope="citywide", due="end"), "citywide,due=end"),
        ("scope=annex4;integration_only", Profile(scope="annex4", ways="integration_only"), "annex4,integration_only"),
        ("all_centres,rank_all", Profile(level="all_centres", rank_all=True), "annex2,all_centres,rank_all"),
        ("rank_all=no,due=start", Profile(), "annex2"),
    ],
)
def test_read_and_said(text: str, profile: Profile, said: str) -> None:
    assert Profile.parse(text) == profile
    assert str(profile) == said
    assert Profile.parse(said) == profile


@pytest.mark.parametrize("text", ["annex3", "due=never", "end", "annex2,annex4", "scope", "=", "rank_all=perhaps"])
def test_what_no_switch_knows_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="The profile"):
        Profile.parse(text)


def test_every_scope_of_the_program_is_in_the_edition(edition: Edition) -> None:
    for scope in ("annex2", "annex4", "citywide"):
        assert Profile.parse(scope).scope in edition.act.scopes
