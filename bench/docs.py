"""Brings the measured tables into the docs, each between two marks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.figure import Figure, markdown

DOCS = Path(__file__).parent.parent / "docs" / "explanation"


def rewrite_all(results: Path) -> None:
    """Bring into the docs whatever was measured, each by a command of its own, and left in a folder."""
    rewrite(json.loads((results / "latest.json").read_text()))
    if (results / "web.json").exists():
        rewrite_web(json.loads((results / "web.json").read_text()))
    rewrite_intake(results)


def rewrite(result: dict[str, Any]) -> None:
    """Rewrite the tables of figures.md and nation.md from a result."""
    figures = [Figure(**said) for said in result["figures"]]
    measured = [one for one in figures if not one.name.startswith("nation")]
    _between(DOCS / "figures.md", "table", markdown(measured))
    _between(DOCS / "figures.md", "machine", _machine(result))
    nation = next((one.raw for one in figures if one.name == "nation_most"), None)
    if nation:
        _between(DOCS / "nation.md", "slopes", _slopes(nation))
        _between(DOCS / "nation.md", "projection", _projection(nation))


def rewrite_web(result: dict[str, Any]) -> None:
    """Rewrite the site's table of figures.md from a result of `bench.web`."""
    at = result["machine"]
    _between(DOCS / "figures.md", "web table", markdown([Figure(**said) for said in result["figures"]]))
    _between(
        DOCS / "figures.md",
        "web machine",
        f"Measured on {at['measured_at'][:10]} on {at['cores']} cores ({at['processor']}), load {at['load_before'][0]} before it "
        f"began; Python {at['python']}, Django {at['django']}, granian {at['granian']}; commit {at['commit']}.",
    )


INTAKE = ("intake_http", "intake_mqtt", "intake_series", "intake_visible", "intake_visible_played", "ledger_year")


def rewrite_intake(results: Path) -> None:
    """Rewrite the intake's tables of figures.md from what its benches and `make faults` left in a folder."""
    said = [json.loads(file.read_text()) for name in INTAKE if (file := results / f"{name}.json").exists()]
    lines = [markdown([Figure(**one) for result in said for one in result["figures"]]), ""]
    lines += [_on(", ".join(one["name"] for one in result["figures"]), result) for result in said]
    _between(DOCS / "figures.md", "intake table", "\n".join(lines))
    kills = results / "kills.json"
    if kills.exists():
        _between(DOCS / "figures.md", "kills table", _kills(json.loads(kills.read_text())))
    overload = results / "overload.json"
    if overload.exists():
        _between(DOCS / "figures.md", "overload table", _overload(json.loads(overload.read_text())))


def _kills(trials: dict[str, Any]) -> str:
    lines = [
        "| `kill -9` under load | of which | lasted | rows acknowledged | lost | stored twice | sent again | lake and ledger |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for one in trials.values():
        kills = ", ".join(f"{name} {count}" for name, count in sorted(one["kills"].items()))
        lines.append(
            f"| {sum(one['kills'].values())} × {one['under']} | {kills} | {one['seconds']:.0f} s | {one['acknowledged']:,} | "
            f"{one['lost']} | {one['doubled']} | {one['unanswered'] or ''} | {'; '.join(one['wrong']) or 'agree'} |"
        )
    return "\n".join([*lines, "", *(_on(name, one) for name, one in trials.items())])


def _on(name: str, one: dict[str, Any]) -> str:
    at = one["machine"]
    machine = f"{at['cores']} cores ({at['processor']}), load {at['load_before'][0]} before it began"
    return f"{name}: {at['measured_at'][:10]}, {machine}.  "


def _overload(trials: dict[str, Any]) -> str:
    heads = (
        "trouble", "lasted", "rows acknowledged", "lost", "twice", "told to wait",
        "another source, p95 of the answer: before, during (full disk: after)",
        "in the table, p95: before, during",
        "recovered after",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "| --- " + "| ---: " * (len(heads) - 1) + "|"]
    for one in trials.values():
        (before, during), stored = one["quiet_p95_ms"], one["quiet_stored_s"]
        cells = (
            f"{one['trouble']} (offered {one['offered_times']:g} ×)" if one["offered_times"] else one["trouble"],
            f"{one['seconds']:.0f} s", f"{one['acknowledged']:,}", str(one["lost"]), str(one["doubled"]),
            f"{one['asked_to_wait']:,}",
            f"{before:.0f} ms, {during:.0f} ms", f"{stored[0]:g} s, {stored[1]:g} s" if any(stored) else "",
            f"{one['recovered_s']:g} s",
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(_on(name, one) for name, one in trials.items())])


def _between(file: Path, mark: str, text: str) -> None:
    begin, end = f"<!-- {mark} -->\n", f"<!-- end of {mark} -->"
    before, begun, rest = file.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):  # without its end, all that follows it would be lost
        raise SystemExit(f"bench: {file.name} has no place for it: {begin.strip()} and {end} on lines of their own")
    file.write_text(f"{before}{begin}{text.strip(chr(10))}\n{end}{after}")


def _machine(result: dict[str, Any]) -> str:
    at = result["machine"]
    return (
        f"Measured on {at['measured_at'][:10]} on {at['cores']} cores ({at['processor']}), {at['memory_gb']} GB of memory, load "
        f"{at['load_before'][0]} before it began; Python {at['python']}, DuckDB {at['duckdb']}, deltalake {at['deltalake']}, "
        f"pyarrow {at['pyarrow']}, pandas {at['pandas']}; commit {at['commit']}; {result['minutes']} minutes."
    )


def _slopes(nation: dict[str, Any]) -> str:
    names = {
        "all_kpis": "all 118 KPIs of a city's year", "large_dataset": "sums of one large dataset", "ingest": "ingest of CSV",
    }  # fmt: skip
    lines = ["| what | at | at | fixed | each million rows |", "| --- | ---: | ---: | ---: | ---: |"]
    for key, name in names.items():
        line = nation[key]
        points = " | ".join(f"{rows / 1e6:,.1f} M rows: {spent:.2f} s" for rows, spent in line["points"])
        lines.append(f"| {name} | {points} | {line['fixed_s']:.2f} s | {line['s_per_million_rows'] * 1000:,.0f} ms |")
    return "\n".join(lines)


def _projection(nation: dict[str, Any]) -> str:
    rows = ", ".join(f"{name} {count / 1e6:,.0f} million" for name, count in nation["rows_a_year_of_a_city"].items())
    lines = [
        f"Rows a year of one city at the order's volumes: {rows}. Bytes a row on the disk: {nation['bytes_a_row']:.0f}.", "",
        "| | fewest cities | most cities |", "| --- | ---: | ---: |",
    ]  # fmt: skip
    few, most = nation["fewest"], nation["most"]
    for name, show in {
        "cities": lambda one: f"{one['cities']}",
        "rows a year": lambda one: f"{one['rows'] / 1e9:.1f} thousand million",
        "on the disk": lambda one: f"{one['bytes'] / 1e9:,.0f} GB",
        "taking in a year at once": lambda one: _hours(one["ingest_s"]),
        "computing a year afresh": lambda one: _hours(one["compute_s"]),
        "a day's news, taken in and computed": lambda one: _hours(one["a_day_s"]),
    }.items():
        lines.append(f"| {name} | {show(few)} | {show(most)} |")
    return "\n".join(lines)


def _hours(spent: float) -> str:
    return f"{spent / 3600:.1f} hours" if spent >= 5400 else f"{spent / 60:.1f} minutes"
