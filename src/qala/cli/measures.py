"""`qala compute`, `qala value`, `qala rows`: from raw rows to numbers, and back."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import typer

from qala.cli.output import Format, console, plain, print_json, progress, show_rows
from qala.cli.session import (
    DEFAULT_LAKE,
    AsOfOption,
    CityOption,
    EditionOption,
    FormatOption,
    LakeOption,
    day_of,
    edition_for,
    open_lake,
)


class EngineName(StrEnum):
    """Who runs the scans."""

    duckdb = "duckdb"
    spark = "spark"


KpiArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="Row of annex 4 (2.3), full id (contact_centre.satisfaction) or own indicator (own.…)."
    ),
]
PeriodOption = Annotated[str, typer.Option("--period", help="2026, 2026-Q1, 2026-03, 2026-W09 or 2026-03-05.")]


def compute(
    city: Annotated[list[str] | None, typer.Option("--city", help="Only these cities; all by default.")] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Who runs the scans: duckdb in this process, or spark.")
    ] = EngineName.duckdb,
    master: Annotated[str, typer.Option(help="Spark's master; its workers must see the lake's folder.")] = "local[*]",
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Bring the partial sums of cities up to date: one scan per dataset, over what is new.

    Examples:

      qala compute

      qala compute --city SIM-R01 --lake lake

      qala compute --engine spark --master spark://host:7077 --lake /shared/lake
    """
    from qala.measures.compute import Computer
    from qala.measures.engines import SparkEngine, spark_session

    store = open_lake(lake)
    cities = city or [c.code for c in store.cities.all()]
    law, _ = edition_for(date.today(), edition) if edition else _any_edition()
    rows: list[dict[str, Any]] = []
    spark = SparkEngine(spark_session(master)) if engine is EngineName.spark else None
    computer = Computer(store, law, store.catalogue, engine=spark)
    with progress("computing", len(cities)) as advance:
        for code in cities:
            store.cities.get(code)
            report = computer.compute(code)
            advance(code)
            rows.append(
                {
                    "city": code, "datasets": len(report.datasets), "scans": report.scans,
                    "up_to_date": report.up_to_date, "sums_added": report.added,
                }
            )  # fmt: skip
    show_rows(rows, form, title="Partial sums", empty="No city is registered: see `qala city add --help`.")


def value(
    name: KpiArgument,
    city: CityOption,
    period: PeriodOption,
    as_of: AsOfOption = None,
    ways: Annotated[str, typer.Option(help="all_ways, or integration_only (reading N1b).")] = "all_ways",
    district: Annotated[str | None, typer.Option(help="Only rows of this district.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """One KPI of a city in a period: value, sums, status, rows, table versions, readings, open terms.

    Examples:

      qala value 2.3 --city SIM-R01 --period 2026-03

      qala value contact_centre.mean_wait --city SIM-R01 --period 2026-03-05 --format json
    """
    from qala.measures.describe import described
    from qala.measures.values import Values
    from qala.standard.period import Period

    wanted = Period.parse(period)
    law, said = edition_for(wanted.last_day, edition)
    store = open_lake(lake)
    store.cities.get(city)
    values = Values(store, law, store.catalogue)
    kpi = values.kpi(name)
    values.computer.compute(city, kpis=[kpi.id])
    found = values.of(city, district).value(kpi, wanted, day_of(as_of, wanted.last_day), ways)
    answer = described(found, kpi, values, wanted, said)
    if form is Format.json:
        print_json(answer)
    elif form is Format.csv:
        show_rows([answer], form)
    else:
        show_rows([{"what": k, "is": v} for k, v in plain(answer).items()], form, title=f"{kpi.row} {kpi.name.en}")


def rows(
    name: KpiArgument,
    city: CityOption,
    period: PeriodOption,
    side: Annotated[str, typer.Option(help="numerator or denominator.")] = "denominator",
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """The very rows behind a number.

    Examples:

      qala rows 2.2 --city SIM-R01 --period 2026-03 --side numerator

      qala rows 1.9 --city SIM-R01 --period 2026-03-05 --limit 100000 --format csv > rows.csv
    """
    from qala.measures.rows import rows_behind
    from qala.measures.values import Values
    from qala.standard.period import Period

    wanted = Period.parse(period)
    law, _ = edition_for(wanted.last_day, edition)
    store = open_lake(lake)
    store.cities.get(city)
    values = Values(store, law, store.catalogue)
    kpi = values.kpi(name)
    found = rows_behind(values, city, kpi, wanted, side, limit)
    shown = found.rows if form is not Format.table else _narrow(found.rows)
    show_rows(shown, form, title=f"{kpi.row} {kpi.name.en}: {side}, {found.total:,} rows", empty="No rows.")
    if form is Format.table and found.total > len(found.rows):
        console().print(f"{len(found.rows):,} of {found.total:,} rows shown; `--limit` shows more.")


def _narrow(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For a person: columns that are empty in all rows, and what the border added, are left to JSON and CSV."""
    added = {"registered_at", "changed_at", "received_at_platform", "hour"}
    names = [n for n in (rows[0] if rows else {}) if n not in added and not n.endswith("_day")]
    return [{n: row[n] for n in names if any(r[n] is not None for r in rows)} for row in rows]


def _any_edition() -> Any:
    """Sums are computed by the newest edition that is loaded, in force today or not: it only fills in open terms."""
    from qala.standard.loader import editions

    newest = max(editions().values(), key=lambda e: e.from_day)
    return newest, None
