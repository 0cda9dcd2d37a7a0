"""`qala ingest`: from files to the lake."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qala.cli.output import Format, console, progress, show_rows
from qala.cli.session import DEFAULT_LAKE, FormatOption, LakeOption, open_lake

if TYPE_CHECKING:
    from qala.lake import Receipt

_COUNTS = ("read", "stored", "replaced", "duplicate", "quarantined", "skipped")


def ingest(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="CSV, XLSX, JSON lines, Parquet; .gz too.")
    ] = None,
    city: Annotated[str | None, typer.Option("--city", help="Code of the city, as in `qala city list`.")] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", help="Id of the contract, such as contact_centre.appeals.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="YAML that turns a foreign export into the contract.")
    ] = None,
    way: Annotated[
        str, typer.Option("--way", help="How the rows came: integration, file, hand, estimated (reading N1b).")
    ] = "file",
    simulated: Annotated[bool, typer.Option("--simulated", help="Mark the rows as simulated.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")] = False,
    ignore_unknown: Annotated[
        bool, typer.Option("--ignore-unknown", help="Leave out headers that the contract does not know.")
    ] = False,
    undo: Annotated[str | None, typer.Option("--undo", metavar="RECEIPT", help="Take a delivery back.")] = None,
    nothing_happened: Annotated[
        str | None,
        typer.Option(
            "--nothing-happened", metavar="FROM..TO", help="The source reports that nothing happened on these days."
        ),
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """Take files in: check, hash personal columns, store, and give a receipt for each.

    read = stored + replaced + duplicate + quarantined, always. Bad rows wait in quarantine with their reasons. The exit
    code is 1 if no row of a file could be taken in.

    Examples:

      qala ingest appeals.csv --city 750000000 --dataset contact_centre.appeals

      qala ingest export.xlsx --city boston --dataset contact_centre.appeals --mapping boston.yaml --dry-run

      qala ingest --city 750000000 --dataset fire_safety.calls --nothing-happened 2026-03-01..2026-03-31

      qala ingest --undo 20260401T061502.120000-4f1c9a7e
    """
    from qala.lake import IngestRequest
    from qala.standard.problems import Problem

    store = open_lake(lake)
    if undo is not None:
        show([store.undo(undo)], form)
        return
    if city is None or dataset is None:
        raise Problem("say whose rows and which these are", hint="--city CODE --dataset ID")
    if nothing_happened is not None:
        first, last = _period(nothing_happened)
        show([store.report_nothing(city, dataset, first, last, _way(way))], form)
        return
    if not files:
        raise Problem("there is no file to take in", hint="name one or more files, or use --nothing-happened FROM..TO")
    receipts = []
    with progress("taking in", len(files)) as advance:
        for file in files:
            receipts.append(
                store.ingest(
                    IngestRequest(
                        city=city, dataset=dataset, source=file, mapping=mapping, way=_way(way), simulated=simulated,
                        dry_run=dry_run, ignore_unknown=ignore_unknown,
                    )
                )
            )  # fmt: skip
            advance(file.name)
    show(receipts, form)
    if any(receipt.read and receipt.quarantined == receipt.read for receipt in receipts):
        raise typer.Exit(1)


def show(receipts: list[Receipt], form: Format) -> None:
    """Receipts as records for a program; for a person as the balance of each, with reasons and what to be told."""
    if form is not Format.table:
        show_rows([receipt_line(receipt) for receipt in receipts], form)
        return
    for receipt in receipts:
        line = receipt_line(receipt)
        parts = " + ".join(f"{name} {line[name]:,}" for name in ("stored", "replaced", "duplicate", "quarantined"))
        skipped = f"; skipped {receipt.skipped:,}" if receipt.skipped else ""
        version = "" if receipt.version is None else f", version {receipt.version} of the table"
        said = f"receipt {receipt.id}: {line['source']}, {receipt.dataset} of {receipt.city}, by {line['way']}"
        for text in (said, f"  read {receipt.read:,} = {parts}{skipped}"):
            console().print(text, highlight=False, soft_wrap=True)
        if line["days"]:
            console().print(f"  days {line['days']}{version}", highlight=False, soft_wrap=True)
        if receipt.reasons:
            told = ", ".join(f"{rule} {rows:,}" for rule, rows in list(receipt.reasons.items())[:12])
            console().print(f"  refused for {told}", highlight=False, soft_wrap=True)
            if receipt.files or receipt.version is not None or not any("dry run" in note for note in receipt.notes):
                console().print(f"  look at them: qala lake quarantine {receipt.id}", highlight=False, soft_wrap=True)
        if receipt.dropped:
            console().print(
                f"  no column takes, and nothing keeps: {_dropped(receipt)}", highlight=False, soft_wrap=True
            )
        for note in receipt.notes:
            console().print(f"  {note}", highlight=False, soft_wrap=True)


def receipt_line(receipt: Receipt) -> dict[str, Any]:
    """A receipt as a row of a table."""
    days = None
    if receipt.zero_period:
        days = f"nothing on {receipt.zero_period[0]}..{receipt.zero_period[1]}"
    elif receipt.first_day:
        days = f"{receipt.first_day}..{receipt.last_day}"
    return {
        "receipt": receipt.id,
        "city": receipt.city,
        "dataset": receipt.dataset,
        "source": f"undoes {receipt.undoes}" if receipt.undoes else receipt.source + _times(receipt),
        **{name: getattr(receipt, name) for name in _COUNTS},
        "days": days,
        "dropped": _dropped(receipt) or None,
        "way": receipt.way + (", simulated" if receipt.simulated else ""),
        "version": receipt.version,
        "undone_by": receipt.undone_by,
    }


def _dropped(receipt: Receipt) -> str:
    return ", ".join(f"{header} {rows:,}" for header, rows in receipt.dropped.items())


def _times(receipt: Receipt) -> str:
    return f" ({receipt.stands_for:,} receipts)" if receipt.stands_for > 1 else ""


def _period(text: str) -> tuple[date, date]:
    from qala.standard.problems import Problem

    first, dots, last = text.partition("..")
    try:
        return date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError:
        raise Problem(
            f"'{text}' is not a period", where="--nothing-happened", hint="write 2026-03-01..2026-03-31"
        ) from None


def _way(text: str) -> Any:
    from qala.datasets import WAYS
    from qala.standard.problems import Problem

    if text not in WAYS:
        raise Problem(f"'{text}' is no way in", where="--way", hint="one of " + ", ".join(WAYS))
    return text
