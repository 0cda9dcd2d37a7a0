"""Where live data contradict an answer. The claims stand in `contradictions.yaml`; here their facts are counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from qala import facts
from qala.intake.models import Source
from qala.ratings import queries as ratings
from qala.reports.language import Speaker
from qala.standard import Text
from qala.standard.values import LANGUAGES, Exact, Strict
from qala.standard.yaml_file import read_yaml

BY_ITSELF = "integration"


class Claim(Strict):
    """One claim and what would have to be true."""

    start: Exact
    fact: str
    at_least: Exact
    text: Text


@cache
def claims() -> Mapping[str, Claim]:
    """Sub-dimension -> claim."""
    file = read_yaml(Path(__file__).with_name("contradictions.yaml"))
    found = {}
    for name, given in file.mapping().items():
        fields = dict(given) if isinstance(given, dict) else {}
        found[name] = file.check(
            Claim, {**{k: v for k, v in fields.items() if k != "from"}, "start": fields.get("from")}, name
        )
    return found


def contradictions(city: str, scores: Mapping[str, Fraction | None]) -> list[Text]:
    """Sentences; nothing where the platform does not know the fact."""
    told = []
    for name, claim in claims().items():
        score = scores.get(name)
        if score is None or score < claim.start:
            continue
        fact = _FACTS[claim.fact](city)
        if fact is not None and fact < claim.at_least:
            said = {
                tongue: claim.text.say(tongue).format(
                    score=Speaker(tongue).number(score, 1), n=Speaker(tongue).number(fact)
                )
                for tongue in LANGUAGES
            }
            told.append(Text(**said))
    return told


def _datasets(city: str) -> Fraction:
    """Datasets of which rows are stored."""
    return Fraction(len({one.dataset for one in facts.lake().ledger.receipts(city=city) if one.stored}))


def _connected(city: str) -> Fraction:
    """Datasets that come by themselves."""
    receipts = facts.lake().ledger.receipts(city=city)
    return Fraction(len({one.dataset for one in receipts if one.stored and one.way == BY_ITSELF}))


def _sources(city: str) -> Fraction:
    """Connected sources."""
    return Fraction(Source.objects.filter(city=city).count())


def _coverage(city: str) -> Fraction | None:
    """Coverage in the newest published rating, in per cent; unknown where none is published."""
    found = ratings.run_of(city)
    coverage = None if found is None else found[1].score(city).coverage
    return None if coverage is None else 100 * Fraction(coverage)


_FACTS: Mapping[str, Callable[[str], Fraction | None]] = {
    "datasets": _datasets,
    "connected": _connected,
    "sources": _sources,
    "coverage": _coverage,
}
