"""`qala lake`: tables, receipts, quarantine, upkeep."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from qala.cli.ingest import receipt_line
from qala.cli.output import Format, console, progress, show_rows
from qala.cli.session import DEFAULT_LAKE, FormatOption, LakeOption, open_lake

app = typer.Typer(no_args_is_help=True)

DatasetOption = Annotated[str | None, typer.Option("--dataset", help="Only this dataset; all by default.")]
CityFilter = Annotated[str | None, typer.Option("--city", help="Only this city; all by default.")]


@app.command()
def tables(lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """List the tables: versions, files, rows, days.

    Example:

      qala lake tables
    """
    store = open_lake(lake)
    rows: list[dict[str, Any]] = []
    for name in store.tables():
        snapshot = store.table(name).snapshot()
        files = snapshot.all_files
        rows.append(
            {
                "dataset": name,
                "version": snapshot.version,
                "files": len(files),
                "rows": sum(-file.rows if file.retractions else file.rows for file in files),
                "cities": len({file.city for file in files}),
                "first_day": min((file.first_day for file in files), default=None),
                "last_day": max((file.last_day for file in files), default=None),
                "megabytes": round(sum(file.size for file in files) / 1e6, 1),
            }
        )
    show_rows(rows, form, title="Tables", empty="The lake is empty: see `qala ingest --help`.")


@app.command()
def receipts(
    dataset: DatasetOption = None,
    city: CityFilter = None,
    of: Annotated[str | None, typer.Option(help="Those that this one was folded of.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """List what was delivered and what became of each row: the public ledger.

    Example:

      qala lake receipts --city 750000000 --format csv
    """
    ledger = open_lake(lake).ledger
    found = ledger.receipts(dataset, city)
    if of is not None:
        found = [each for one in found if one.id == of for each in ledger.folded_in(one)]
    show_rows([receipt_line(receipt) for receipt in found], form, title="Receipts", empty="No receipts.")


@app.command()
def quarantine(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="As `qala lake receipts` shows it.")],
    limit: Annotated[int, typer.Option(help="At most so many rows.")] = 50,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """Show refused rows: number in the source, reason, original text (personal values are hashed).

    Example:

      qala lake quarantine 20260401T061502.120000-4f1c9a7e
    """
    from qala.standard.problems import Problem

    store = open_lake(lake)
    found = store.ledger.receipt(receipt)
    if found is None:
        raise Problem(f"there is no receipt {receipt!r}", hint="`qala lake receipts` lists them")
    connection = store.connection()
    rows = store.quarantine.rows(connection, found.dataset, found.city, found.id, limit)
    shown = [{name: row[name] for name in ("row", "rules", "reason", "original")} for row in rows]
    show_rows(shown, form, title=f"Refused rows of {found.source}", empty="No row of it was refused.")


@app.command()
def fold(dataset: DatasetOption = None, lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """Fold the many small receipts of live sources, hour by hour, once they are two days old. The site does it each night.

    No sum changes; the originals are kept beside (`qala lake receipts --of`), and each can still be undone.

    Example:

      qala lake fold
    """
    ledger = open_lake(lake).ledger
    names = [dataset] if dataset else ledger.datasets()
    rows = [{"dataset": name, "receipts_less": ledger.fold(name, date.today())} for name in names]
    show_rows(
        [row for row in rows if row["receipts_less"]], form, title="Folded", empty="Nothing is old and small enough."
    )


@app.command("share")
def share_lake(
    bucket: Annotated[str, typer.Argument(metavar="BUCKET[/PREFIX]", help="Where the lake's rows are to meet.")],
    endpoint: Annotated[str, typer.Option(help="Address of the S3 service; Amazon's own by region if empty.")] = "",
    region: Annotated[str, typer.Option(help="The bucket's region.")] = "us-east-1",
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Share a lake with other machines through object storage: each receives, commits and reads, and a row is stored once.

    What this lake has goes there; a lake without rows follows the one that is there (copy `cities/` and `secrets/` first).
    Credentials are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, here and by every process afterwards.

    Example:

      qala lake share city-lake/almaty --endpoint https://s3.example.kz
    """
    from qala.lake.shared import StoragePlace, share

    folder = open_lake(lake).folder
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    brought = share(folder, StoragePlace(bucket=name, prefix=prefix.strip("/"), endpoint=endpoint, region=region))
    followed = open_lake(lake).follow()
    console().print(
        f"Shared: {len(brought)} datasets brought there, {len(followed)} receipts followed.", highlight=False
    )


@app.command()
def follow(lake: LakeOption = DEFAULT_LAKE) -> None:
    """Bring what other machines stored in a shared lake to this one's disk. The committer does it all the time.

    Example:

      qala lake follow
    """
    found = open_lake(lake).follow()
    console().print(f"{len(found)} receipts of other machines.", highlight=False)


@app.command("check")
def check_lake(
    dataset: DatasetOption = None,
    keys: Annotated[bool, typer.Option(help="Also look for keys that stand twice (reads all keys).")] = True,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Check the lake against itself: ledger with tables, log with disk, rows with keys. Exit code 1 if something is wrong.

    Example:

      qala lake check
    """
    from qala.lake.audit import audit

    wrong = audit(open_lake(lake), dataset, keys=keys)
    for sentence in wrong:
        console().print(sentence, highlight=False)
    if wrong:
        raise typer.Exit(1)
    console().print("The lake is sound.")


@app.command()
def compact(dataset: DatasetOption = None, lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """Fold corrected rows away and join small files. No reader sees a difference; old versions stay readable.

    Example:

      qala lake compact
    """
    from qala.lake.upkeep import compact as fold

    store = open_lake(lake)
    names = [dataset] if dataset else store.tables()
    rows: list[dict[str, Any]] = []
    with progress("compacting", len(names)) as advance:
        for name in names:
            rows += [vars(done) for done in fold(store, name)]
            advance(name)
    show_rows(rows, form, title="Compacted", empty="Nothing needed it.")


@app.command()
def retire(
    dataset: DatasetOption = None,
    today: Annotated[str | None, typer.Option(help="Count from this day; today by default.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """Take out years that are older than the contract keeps. Versions that runs cite stay readable.

    Example:

      qala lake retire
    """
    from qala.lake.upkeep import retire as take_out
    from qala.standard.problems import Problem

    store = open_lake(lake)
    try:
        day = date.fromisoformat(today) if today else date.today()
    except ValueError:
        raise Problem(f"'{today}' is not a day", where="--today", hint="write 2026-06-30") from None
    names = [dataset] if dataset else store.tables()
    rows = [
        {"dataset": name, "city": city, "year": year} for name in names for city, year in take_out(store, name, day)
    ]
    show_rows(rows, form, title="Retired", empty="Nothing is older than it is kept.")


@app.command()
def vacuum(
    dataset: DatasetOption = None,
    older_than: Annotated[float, typer.Option("--older-than", help="Days; younger files stay.")] = 30,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Remove files that no current or cited version needs.

    After that, deliveries older than these days can no longer be undone if they replaced rows.

    Example:

      qala lake vacuum --older-than 60
    """
    from qala.lake.upkeep import vacuum as free

    store = open_lake(lake)
    names = [dataset] if dataset else store.tables()
    removed = sum(len(free(store, name, older_than_days=older_than)) for name in names)
    console().print(f"{removed} files removed.")
