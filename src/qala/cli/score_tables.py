"""Scores as plain rows: what `qala score`, `rank`, `explain`, `verify` and `run` print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from qala.runs import Run, Verification
from qala.scoring import CityScore, KpiScore, Line, Place, best_gains, explain, uncertainty
from qala.standard import Edition
from qala.standard.values import number_text

Row = dict[str, Any]

DIGITS = 6
WORDS: Mapping[str, str] = {
    "nothing_scored": "nothing can be scored",
    "section_below_floor": "too little of the section {subject} was delivered: {value:.1%}",
    "coverage_too_low": "too little was delivered for a place: {value:.1%}; this program's recommendation, not the "
    "order's; the profile `rank_all` leaves nobody out",
    "coverage_provisional": "provisional, not all was delivered: {value:.1%}",
    "rank_all": "ranked all the same: the profile leaves nobody out",
    "section_without_due": "nothing is due in {subject}; the weight goes to what is left",
    "all_ways": "data of every way in count; by law only those that came by integration do",
}


def rounded(value: Fraction | None, digits: int = DIGITS) -> float | None:
    """For the eye; nothing is computed from it."""
    return None if value is None else round(float(value), digits)


def said(score: CityScore) -> list[str]:
    """The reasons of a city's standing as sentences with the ids of their readings; sections are named together."""
    sentences: list[str] = []
    empty = [reason.subject for reason in score.reasons if reason.case == "section_without_due"]
    for reason in score.reasons:
        subject = reason.subject
        if reason.case == "section_without_due":
            if subject != empty[0]:
                continue
            subject = ", ".join(empty)
        words = WORDS[reason.case].format(subject=subject, value=float(reason.value or 0))
        sentences.append(f"{words} ({reason.reading})")
    return sentences


def summary(score: CityScore) -> Row:
    """The city's score in one row."""
    return {
        "city": score.city,
        "category": score.category,
        "year": score.year,
        "profile": str(score.profile),
        "index": rounded(score.index),
        "low": rounded(score.low),
        "high": rounded(score.high),
        "coverage": rounded(score.coverage),
        "weight_in_use": rounded(score.weight_in_use),
        "bonus": rounded(score.bonus),
        "final": rounded(score.final),
        "band": score.band,
        "standing": score.standing,
        "year_closed": score.closed,
        "reasons": said(score),
    }


def section_rows(score: CityScore, edition: Edition, lang: str) -> list[Row]:
    """One row for each section."""
    return [
        {
            "section": edition.spheres[one.id].name.say(lang) if one.id in edition.spheres else one.id,
            "weight": rounded(one.weight),
            "score": rounded(one.score),
            "low": rounded(one.low),
            "high": rounded(one.high),
            "coverage": rounded(one.coverage),
            "due": one.due,
            "scored": one.scored,
        }
        for one in score.sections
    ]


def value_of(kpi: KpiScore, edition: Edition, lang: str) -> str:
    """The value with its unit; of a KPI that compares, the change; of a vector, its parts."""
    seen = kpi.observation
    if kpi.change is not None:
        return f"{float(kpi.change):+,.2f} %"
    if seen.components:
        return ", ".join(f"{name} {_digits(value)}" for name, value in seen.components.items())
    if seen.value is None:
        return ""
    return f"{_digits(seen.value)} {edition.units[edition.kpi(kpi.row).unit].symbol.say(lang)}".rstrip()


def _digits(value: Fraction | None) -> str:
    if value is None:
        return "—"
    return number_text(value) if value.denominator == 1 else f"{float(value):,.2f}"


def kpi_rows(lines: Sequence[Line], edition: Edition, lang: str, *, all_rows: bool = True) -> list[Row]:
    """One row for each KPI; without `all_rows` only those that the law asks for."""
    rows = []
    for line in lines:
        kpi = line.kpi
        if not all_rows and kpi.status in ("not_applicable", "not_due", "no_target"):
            continue
        rows.append(
            {
                "row": kpi.row,
                "name": edition.kpi(kpi.row).name.say(lang),
                "status": kpi.status,
                "value": value_of(kpi, edition, lang),
                "target": kpi.target.say() if kpi.target is not None else "",
                "score": rounded(kpi.score),
                "points": kpi.points,
                "adds": rounded(line.contribution),
                "to_win": rounded(line.to_win),
                "to_secure": rounded(line.to_secure),
                "delivered": rounded(kpi.observation.delivered),
                "readings": list(kpi.readings),
                "flags": list(kpi.flags),
            }
        )
    return rows


def score_answer(score: CityScore, edition: Edition, lang: str, notice: str | None) -> Row:
    """Everything that `qala score --format json` says."""
    found = uncertainty(score)
    return {
        **summary(score),
        "edition": score.edition,
        "notice": notice,
        "sections": section_rows(score, edition, lang),
        "claims": [{"id": one.claim.id, "counts": one.counts, "fails": list(one.fails)} for one in score.claims],
        "uncertainty": None
        if found is None
        else {
            "low": rounded(found.low),
            "high": rounded(found.high),
            "variants": [
                {"id": one.id, "kpis": list(one.rows), "change": rounded(one.change), "index": rounded(one.becomes)}
                for one in found.variations
            ],
        },
        "kpis": kpi_rows(explain(score), edition, lang),
    }


def explain_answer(score: CityScore, edition: Edition, lang: str, top: int, notice: str | None) -> Row:
    """What each KPI adds, what is missing, where the most points can be won."""
    rows = kpi_rows(explain(score), edition, lang, all_rows=False)
    gains = [line.kpi.row for line in best_gains(score, top)]
    by_row = {row["row"]: row for row in rows}
    adds = sorted((row for row in rows if row["adds"]), key=lambda row: -row["adds"])
    return {
        **summary(score),
        "notice": notice,
        "adds": [_part(row, "score", "points", "adds") for row in adds],
        "missing": [
            _part(row, "status", "points", "delivered", "to_secure")
            for row in rows
            if row["status"] in ("missing", "invalid", "no_baseline") or row["delivered"] < 1
        ],
        "most_to_win": [_part(by_row[row], "value", "target", "score", "to_win", "to_secure") for row in gains],
    }


def _part(row: Row, *names: str) -> Row:
    return {name: row[name] for name in ("row", "name", *names)}


def place_rows(places: Sequence[Place], names: Mapping[str, str], simulated: Mapping[str, bool]) -> list[Row]:
    """A rating of one category, the best first."""
    return [
        {
            "place": one.place,
            "city": one.score.city,
            "name": names.get(one.score.city, ""),
            "index": rounded(one.score.index),
            "low": rounded(one.score.low),
            "high": rounded(one.score.high),
            "coverage": rounded(one.score.coverage),
            "bonus": rounded(one.score.bonus),
            "final": rounded(one.score.final),
            "band": one.score.band,
            "standing": one.score.standing,
            "shared": one.shared,
            "simulated": simulated.get(one.score.city, False),
        }
        for one in places
    ]


def run_rows(runs: Sequence[Run]) -> list[Row]:
    """Runs without their results, one row each."""
    return [
        {
            "run": run.id,
            "made_at": run.content["made_at"],
            "edition": run.content["edition"],
            "year": run.year,
            "as_of": run.content["as_of"],
            "profile": run.content["profile"],
            "categories": sorted({city.category for city in run.cities}),
            "cities": len(run.cities),
            "restates": (run.content.get("restates") or {}).get("run"),
            "changes": len((run.content.get("restates") or {}).get("changes", ())),
        }
        for run in runs
    ]


def change_rows(run: Run) -> list[Row]:
    """What a run changes against the run that it restates, one row for each field."""
    said_changes = (run.content.get("restates") or {}).get("changes", ())
    return [
        {
            "city": one["city"],
            "row": one["row"],
            "field": field,
            "from": _flat(old),
            "to": _flat(new),
            "because": one["because"],
        }
        for one in said_changes
        for field, (old, new) in one["changes"].items()
    ]


def result_rows(run: Run) -> list[Row]:
    """The totals of a run, one row for each city, the best first."""
    names = ("category", "index", "low", "high", "coverage", "bonus", "final", "band", "standing")
    rows = []
    for code, found in run.results.items():
        numbers = {name: _number(found[name]) for name in names}
        rows.append({"city": code, **numbers})
    return sorted(
        rows, key=lambda row: (row["category"], -(row["final"] if row["final"] is not None else -1), row["city"])
    )


def _number(text: Any) -> Any:
    try:
        return round(float(text), DIGITS)
    except (TypeError, ValueError):
        return text


def difference_rows(result: Verification) -> list[Row]:
    """What comes out otherwise, one row for each field."""
    return [
        {"city": one.city, "row": one.row, "field": one.field, "recorded": _flat(one.old), "now": _flat(one.new)}
        for one in result.differences
    ]


def _flat(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
