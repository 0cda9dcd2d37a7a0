"""What is needed first, and how far people agree: Kendall's W with its correction for ties."""

from __future__ import annotations

from fractions import Fraction

from qala.scoring.maturity_needs import needs

THINGS = ("a", "b", "c", "d")


def test_the_first_counts_most() -> None:
    found = needs([["a", "b"], ["b"], []], THINGS, 2)
    assert found is not None
    assert [(one.id, one.points, one.share) for one in found.ranked] == [
        ("b", Fraction(3, 2), 1),
        ("a", 1, Fraction(1, 2)),
        ("c", 0, 0),
        ("d", 0, 0),
    ]
    assert found.people == 2
    assert needs([[], []], THINGS, 2) is None


def test_who_name_the_same_in_order_agree_wholly() -> None:
    found = needs([["a", "b", "c"]] * 3, THINGS, 3)
    assert found is not None and found.agreement == 1


def test_who_name_all_kinds_of_things_do_not_agree() -> None:
    found = needs([["a", "b"], ["b", "a"], ["c", "d"], ["d", "c"]], THINGS, 2)
    assert found is not None and found.agreement == 0


def test_agreement_is_kendalls_w_of_a_textbook_case_with_ties() -> None:
    """Ranks (1, 3, 3, 3), (1, 3, 3, 3), (3, 1, 3, 3): sums 5, 7, 9, 9 about 7.5, so S = 11; T = 24 for each."""
    found = needs([["a"], ["a"], ["b"]], THINGS, 3)
    assert found is not None
    assert found.agreement == Fraction(12 * 11, 9 * 60 - 3 * 3 * 24)
