"""A score sheet in the words of one language: what HTML and PDF lay out. Nothing is computed here."""

from __future__ import annotations

from datetime import UTC
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from qala.datasets import Catalogue
from qala.reports import charts
from qala.reports.frame import frame
from qala.reports.language import NOTHING
from qala.reports.sheet import DatasetLine, KpiLine, OwnLine, SheetData
from qala.reports.wording import Wording, grade
from qala.scoring import CityScore
from qala.standard.types import Kpi

View = dict[str, Any]
ALWAYS = ("A1", "C1", "C2", "C3", "E1", "E2", "N1b", "S1", "S2", "T1", "U4", "Y1")
"""Readings on which every index stands, those that a profile switches among them."""


def sheet_view(data: SheetData, words: Wording, catalogue: Catalogue, colours: charts.Palette) -> View:
    """The sheet as texts and pictures."""
    score = data.score
    return {
        **frame(data.basis, words, data.run, simulated=data.city.simulated),
        "title": words.text(data.city.names),
        "kind": words.say("sheet.title"),
        "category": words.title(data.basis.edition.categories[score.category].name),
        "code": data.city.code,
        "head": _head(data, words, colours),
        "sections": [_section(data, number, words, colours) for number in range(len(score.sections))],
        "gains": _gains(data, words, colours),
        "missing": _missing(data, words, catalogue),
        "groups": _groups(data, words, colours),
        "shown": _shown(data, words),
        "claims": _claims(data, words),
        "slips": [words.text(slip.text) for slip in data.slips],
        "own": [_own(one, words) for one in data.own],
        "doubt": _doubt(data, words),
        "readings": _readings(data, words),
        "terms": _terms(data, words),
        "datasets": [_dataset(one, data, words, catalogue) for one in data.datasets],
        "rows_by_way": rows_by_way(data, words),
        "datasets_by_way": datasets_by_way(data, words),
    }


def _own(line: OwnLine, words: Wording) -> View:
    status = line.value.status if line.met is None else "reached" if line.met else "far"
    rule = next(iter(line.indicator.target.values()))
    return {
        "name": words.text(line.indicator.name),
        "owner": words.text(line.indicator.owner),
        "target": words.target(line.indicator, rule),
        "value": words.amount(line.value.value, line.value.unit, beside=rule.edges),
        "status": "" if status == "ok" else words.say(f"status.{status}"),
    }


def _place_note(data: SheetData, words: Wording) -> str:
    """Of how many cities, and between which places nine draws of ten lie."""
    rivals = words.count("head.rivals", data.rivals)
    if data.places is None:
        return rivals
    low, high = round(data.places.low), round(data.places.high)
    return f"{rivals}; {words.say('head.places', places=str(low) if low == high else f'{low}–{high}')}"


def _head(data: SheetData, words: Wording, colours: charts.Palette) -> View:
    score = data.score
    bands = [(lower, words.short(lower)) for lower, _ in sorted(words.law.bands)]
    low, high = words.bounds(score)
    index, interval = words.index(score.final), words.interval(low, high)
    said = words.say("head.gauge", index=index, interval=interval, band=words.band(score))
    place = NOTHING
    if data.place.place is not None:
        key = "head.place_shared" if data.place.shared else "head.place_of"
        place = words.say(key, place=data.place.place, of=data.ranked)
    ways = {
        name: {
            "name": words.say(f"ways.{name}"),
            "index": words.index(one.final),
            "coverage": words.maybe_share(one.coverage),
            "chosen": name == data.basis.profile.ways,
        }
        for name, one in data.by_way.items()
    }
    return {
        "index": index,
        "interval": interval,
        "coverage": words.maybe_share(score.coverage),
        "band": words.band(score),
        "band_note": "" if score.band is None else words.band_of(score.band, "characteristic"),
        "place": place,
        "place_note": _place_note(data, words),
        "standing": score.standing,
        "standing_said": words.say(f"standing.{score.standing}"),
        "reasons": _reasons(score, words),
        "gauge": charts.gauge(score.final, low, high, bands, score.scale, said=said, colours=colours),
        "ways": ways,
        "weight": words.share(score.weight_in_use),
        "base": words.index(score.index),
        "bonus": words.points(score.bonus),
        "has_bonus": bool(score.bonus),
        "kpis": words.count("count.kpis_scored", sum(one.score.score is not None for one in data.scored)),
        "asked": words.count("count.kpis_asked", len(data.scored)),
    }


def _reasons(score: CityScore, words: Wording) -> list[View]:
    """Why the city stands as it does; sections with nothing due in one line."""
    found = [one for one in score.reasons if one.case != "section_without_due"]
    empty = [one for one in score.reasons if one.case == "section_without_due"]
    said = [{"text": words.reason(one), "reading": one.reading} for one in found]
    if empty:
        names = words.listed([words.text(words.edition.spheres[one.subject].name) for one in empty])
        said.append({"text": words.say("reason.section_without_due", sections=names), "reading": empty[0].reading})
    return said


def _section(data: SheetData, number: int, words: Wording, colours: charts.Palette) -> View:
    one = data.score.sections[number]
    share = NOTHING if one.score is None else words.number(one.score * 100, 1)
    bounds = NOTHING
    if one.low is not None and one.high is not None:
        low, high = words.number(one.low * 100, 1), words.number(one.high * 100, 1)
        bounds = low if low == high else f"{low}–{high}"
    return {
        "id": one.id,
        "name": words.section(one.id),
        "weight": words.percent(words.short(one.weight)),
        "score": share,
        "bounds": bounds,
        "coverage": words.maybe_share(one.coverage),
        "kpis": words.say("section.scored_of", scored=one.scored, due=one.due),
        "bar": charts.bar(one.score, one.low, one.high, colours=colours),
        "empty": not one.due,
    }


def _gains(data: SheetData, words: Wording, colours: charts.Palette) -> list[View]:
    most = max((one.line.contribution + _won(one) for one in data.gains), default=Fraction(0))
    return [
        {
            "row": one.kpi.row,
            "name": words.text(one.kpi.name),
            "won": words.points(_won(one), sign=True),
            "now": words.value(one) if one.score.score is not None else words.status(one.score),
            "target": words.target(one.kpi, one.score.target),
            "lacking": words.lacking(one),
            "section": words.section(one.score.section),
            "bar": charts.gain(one.line.contribution, _won(one), most, colours=colours),
            "delivery": one.line.to_secure > one.line.to_win,
            "perverse": "perverse_or_unscaled" in one.score.flags,
        }
        for one in data.gains
    ]


def _won(line: KpiLine) -> Fraction:
    return max(line.line.to_win, line.line.to_secure)


def _missing(data: SheetData, words: Wording, catalogue: Catalogue) -> list[View]:
    """What to send: KPIs whose data did not come in full, by the datasets that they want, the costliest first."""
    wanted: dict[tuple[str, ...], list[KpiLine]] = {}
    for line in data.missing:
        wanted.setdefault(line.value.datasets, []).append(line)
    found = []
    for names, lines in wanted.items():
        lost = sum((line.line.bound_weight * line.score.missing for line in lines), Fraction(0))
        contracts = [catalogue.contract(name) for name in names]
        periods = dict.fromkeys(
            words.say(
                "kpi.periods", came=one.value.delivered, due=one.value.due, every=words.say(f"every.{one.kpi.every}")
            )
            for one in lines
        )
        view = {
            "datasets": [{"name": words.text(one.name), "owner": words.text(one.owner)} for one in contracts],
            "rows": [one.kpi.row for one in lines],
            "names": [words.text(one.kpi.name) for one in lines],
            "statuses": ", ".join(dict.fromkeys(words.status(one.score) for one in lines if one.score.score is None)),
            "periods": list(periods),
            "lost": words.points(lost),
        }
        found.append((-lost, view))
    return [view for _, view in sorted(found, key=lambda one: one[0])]


def _groups(data: SheetData, words: Wording, colours: charts.Palette) -> list[View]:
    found = []
    for section in data.score.sections:
        lines = [one for one in data.scored if one.score.section == section.id]
        if lines:
            kpis = [kpi_view(one, data, words, colours) for one in lines]
            found.append({"id": section.id, "name": words.section(section.id), "kpis": kpis})
    return found


def kpi_view(line: KpiLine, data: SheetData, words: Wording, colours: charts.Palette) -> View:
    """One KPI of the sheet."""
    kpi, score, value = line.kpi, line.score, line.value
    edition = data.basis.edition
    trend = [point.value for point in line.trend]
    return {
        "row": kpi.row,
        "id": kpi.id,
        "name": words.text(kpi.name),
        "target": words.target(kpi, score.target),
        "written": kpi.law.target,
        "formula": kpi.law.formula,
        "value": words.value(line),
        "plain": words.plain(line) if kpi.compare else "",
        "base": "" if value.base is None else words.amount(value.base, "count"),
        "spark": charts.sparkline(
            trend, limits(kpi, line), grade(score), colours=colours, said=_trend_said(line, words)
        ),
        "score": NOTHING if score.score is None else words.share(score.score),
        "points": words.number(kpi.points),
        "adds": NOTHING if score.score is None else words.points(line.line.contribution),
        "most": NOTHING if score.score is None else words.points(line.line.weight),
        "grade": grade(score),
        "status": words.status(score),
        "flags": [words.flag(flag) for flag in score.flags],
        "fraction": words.fraction(line),
        "rows": words.count("count.rows", value.rows),
        "periods": words.say("kpi.periods", came=value.delivered, due=value.due, every=words.say(f"every.{kpi.every}")),
        "ways": words.ways(value.ways),
        "fresh": _fresh(line, data, words),
        "beside": words.beside(line),
        "components": [
            f"{words.component(name)}: {words.amount(part, kpi.unit)}" for name, part in value.components.items()
        ],
        "variants": [f"{words.variant(name)} → {words.share(other)}" for name, other in score.variants.items()],
        "readings": [name for name in score.readings if name in edition.readings],
        "terms": [dict(zip(("word", "text"), words.term(used), strict=True)) for used in line.terms],
        "tables": [f"{name}{_version(name, data)}" for name in value.datasets],
    }


def limits(kpi: Kpi, line: KpiLine) -> list[Fraction]:
    """The targets that can be drawn beside the monthly values: none where they are about a change."""
    rule = line.score.target
    if rule is None or kpi.compare:
        return []
    if rule.between is not None:
        return list(rule.between)
    return [rule.threshold] if rule.threshold is not None and rule.kind in ("at_least", "at_most") else []


def _trend_said(line: KpiLine, words: Wording) -> str:
    known = [point.value for point in line.trend if point.value is not None]
    if not known:
        return ""
    unit = "count" if line.kpi.compare else line.kpi.unit
    ends = {"first": words.amount(known[0], unit), "last": words.amount(known[-1], unit)}
    return words.say("kpi.trend", months=len(known), **ends)


def _fresh(line: KpiLine, data: SheetData, words: Wording) -> str:
    own = [one for one in data.datasets if one.id in line.value.datasets]
    days = [one.last_day for one in own if one.last_day is not None]
    return words.day(min(days)) if days else ""


def _version(name: str, data: SheetData) -> str:
    version = next((one.version for one in data.datasets if one.id == name), None)
    return "" if version is None else f"@{version}"


def _shown(data: SheetData, words: Wording) -> list[View]:
    """KPIs without a score, by the reason for it."""
    found: dict[str, list[View]] = {}
    for one in data.shown:
        known = one.score.observation.value is not None
        found.setdefault(words.why_shown(one.score), []).append(
            {
                "row": one.kpi.row,
                "name": words.text(one.kpi.name),
                "value": words.plain(one) if known else NOTHING,
                "target": words.target(one.kpi, one.score.target),
            }
        )
    return [{"why": why, "kpis": kpis} for why, kpis in found.items()]


def _claims(data: SheetData, words: Wording) -> list[View]:
    criteria = data.basis.edition.scoring["bonus"]["criteria"]
    return [
        {
            "id": one.claim.id,
            "counts": one.counts,
            "said": words.say(
                "claim.counts" if one.counts else "claim.fails", points=words.points(words.law.bonus_points)
            ),
            "fails": [
                str(criteria[name]["text"][words.language]) if name in criteria else words.say(f"claim.{name}")
                for name in one.fails
            ],
        }
        for one in data.score.claims
    ]


def _doubt(data: SheetData, words: Wording) -> View | None:
    found = data.uncertainty
    if found is None or not found.variations:
        return None
    return {
        "interval": words.interval(found.low, found.high),
        "rows": [
            {
                "what": words.variant(one.id),
                "rows": ", ".join(one.rows),
                "change": words.points(one.change, sign=True) if abs(one.change) >= Fraction(1, 200) else "≈ 0",
                "becomes": words.index(one.becomes),
            }
            for one in found.variations[:10]
        ],
    }


def _readings(data: SheetData, words: Wording) -> list[View]:
    edition = data.basis.edition
    used = {name for one in (*data.scored, *data.shown) for name in one.score.readings}
    used |= {one.reading for one in data.score.reasons} | set(ALWAYS)
    used |= {"D1", "D2"} if data.score.claims else set()
    return [
        {"id": name, "case": words.text(one.case), "rule": words.text(one.rule)}
        for name, one in edition.readings.items()
        if name in used
    ]


def _terms(data: SheetData, words: Wording) -> list[View]:
    """Open terms with the values used, each once, with the rows that it touches."""
    found: dict[tuple[str, str], list[str]] = {}
    for line in data.scored:
        for used in line.terms:
            found.setdefault(words.term(used), []).append(line.kpi.row)
    return [{"word": word, "text": text, "rows": ", ".join(rows)} for (word, text), rows in found.items()]


def _dataset(one: DatasetLine, data: SheetData, words: Wording, catalogue: Catalogue) -> View:
    contract = catalogue.contract(one.id)
    local = (
        None if one.last_receipt is None else one.last_receipt.replace(tzinfo=UTC).astimezone(ZoneInfo(data.city.zone))
    )
    return {
        "id": one.id,
        "name": words.text(contract.name),
        "owner": words.text(contract.owner),
        "rows": words.number(sum(one.rows.values())) if one.rows else NOTHING,
        "ways": words.ways(one.rows),
        "last_day": NOTHING if one.last_day is None else words.day(one.last_day),
        "receipt": NOTHING if local is None else words.day(local.date()),
        "version": NOTHING if one.version is None else words.number(one.version),
    }


def rows_by_way(data: SheetData, words: Wording) -> str:
    """The share of each way in, over the rows of every dataset behind the sheet (N1b)."""
    total: dict[str, int] = {}
    for one in data.datasets:
        for way, number in one.rows.items():
            total[way] = total.get(way, 0) + number
    return words.ways(total)


def datasets_by_way(data: SheetData, words: Wording) -> str:
    """How many datasets came mostly by each way: rows alone would say little, a few datasets have most of them."""
    found: dict[str, int] = {}
    for one in data.datasets:
        if one.rows:
            way = max(one.rows, key=lambda name: (one.rows[name], name))
            found[way] = found.get(way, 0) + 1
    ways = ", ".join(
        f"{words.say(f'way.{way}')} {words.number(n)}" for way, n in sorted(found.items(), key=lambda w: -w[1])
    )
    return words.say("head.datasets_by_way", ways=ways) if ways else ""
