"""`qala exchange`: a city's lake sends to another one, such as the ministry's."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from qala.cli.output import Format, console, progress, show_rows
from qala.cli.session import DEFAULT_LAKE, CityOption, EditionOption, FormatOption, LakeOption, edition_for, open_lake

app = typer.Typer(no_args_is_help=True)

UntilOption = Annotated[str | None, typer.Option("--until", help="Last day on which it holds; none by default.")]


@app.command()
def key(lake: LakeOption = DEFAULT_LAKE) -> None:
    """Print this lake's public key, by which the other side knows it; made on first use.

    Example:

      qala exchange key --lake lake
    """
    from qala.exchange.keys import private_key, public_text

    typer.echo(public_text(private_key(open_lake(lake).folder / "secrets")))


@app.command()
def agree(
    city: CityOption,
    to: Annotated[str, typer.Option("--to", help="Address of the receiving site, or a folder for parcels on a disk.")],
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="A dataset whose rows are sent; several times.")
    ] = None,
    sums: Annotated[list[str] | None, typer.Option("--sums", help="A registry of which sums only are sent.")] = None,
    receiver: Annotated[str, typer.Option("--receiver", help="The receiver's public key.")] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="What the data are for.")] = "",
    basis: Annotated[str, typer.Option("--basis", help="The act or contract by which they are sent.")] = "",
    until: UntilOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Sending side: write down to whom a city's data go, and of which datasets rows.

    Registries without personal columns go as rows, everything else as sums by day, district and way in. A later call replaces it.

    Examples:

      qala exchange agree --city 750000000 --to https://qala.example.kz --receiver ed25519:… --basis "№ 12, 2026-05-01"

      qala exchange agree --city 750000000 --to ../disk --rows roads.defects --until 2027-12-31
    """
    from qala.exchange.agreement import Agreement
    from qala.exchange.agreement import agree as write_down
    from qala.exchange.keys import public_key

    if receiver:
        public_key(receiver)
    said = Agreement(
        city=city, to=to if to.startswith(("http://", "https://")) else str(Path(to).resolve()), purpose=purpose,
        basis=basis, until=_day(until), receiver=receiver, rows=tuple(rows or ()), sums=tuple(sums or ()),
    )  # fmt: skip
    write_down(open_lake(lake), said)
    console().print(
        f"Data of {city} go to {said.to}. Send them with `qala exchange send --city {city}`.", highlight=False
    )


@app.command()
def admit(
    city: Annotated[str, typer.Argument(help="Code of the city, as in `qala city list`.")],
    key: Annotated[str, typer.Argument(help="The sender's public key (`qala exchange key` there).")],
    rows: Annotated[
        list[str] | None, typer.Option("--rows", help="Take rows of this dataset only; several times. All by default.")
    ] = None,
    until: UntilOption = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Receiving side: take what a city's own lake sends and signs.

    Example:

      qala exchange admit 750000000 ed25519:… --lake lake
    """
    from qala.exchange.agreement import Admission
    from qala.exchange.agreement import admit as write_down
    from qala.exchange.keys import public_key

    public_key(key)
    write_down(
        open_lake(lake),
        Admission(city=city, key=key.strip(), until=_day(until), rows=None if rows is None else tuple(rows)),
    )
    console().print(f"{city} is admitted.", highlight=False)


@app.command()
def send(
    city: Annotated[
        str | None, typer.Option("--city", help="Only this city; all with an agreement by default.")
    ] = None,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Send what is new since the last parcel that was acknowledged; what is cut off goes on where it was.

    Example:

      qala exchange send --city 750000000 --edition order_469
    """
    from qala.exchange.agreement import agreements
    from qala.exchange.client import send as send_one
    from qala.measures.compute import Computer

    store = open_lake(lake)
    law, _ = edition_for(date.today(), edition)
    computer = Computer(store, law, store.catalogue)
    receipts: list[dict[str, Any]] = []
    for code in [city] if city else [one.city for one in agreements(store)]:
        with progress(f"parcel of {code}", None) as advance:

            def said(done: int, total: int, code: str = code, advance: Any = advance) -> None:
                advance(f"parcel of {code}: {done / 1e6:.0f} of {total / 1e6:.0f} MB")

            receipt = send_one(computer, code, said)
        if receipt is None:
            receipts.append({"city": code, "parcel": None, "what": "nothing is new"})
        else:
            rows = sum(receipt.get("rows", {}).values())
            what = f"laid into {receipt['laid_into']}" if "laid_into" in receipt else f"{rows} rows taken"
            receipts.append(
                {"city": code, "parcel": receipt["sequence"], "what": "; ".join([what, *receipt.get("notes", [])])}
            )
    show_rows(receipts, form, title="Sent", empty="No agreement: see `qala exchange agree --help`.")


@app.command()
def take(
    folders: Annotated[list[Path], typer.Argument(help="Folders of parcels, in any order.")],
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """Receiving side: take parcels that came on a disk. Beside each its receipt is written, for the sender.

    Example:

      qala exchange take ../disk/750000000-*
    """
    from qala.exchange.packing import parcel_in
    from qala.exchange.taking import take as take_one
    from qala.lake.durable import write_whole

    store = open_lake(lake)
    taken: list[dict[str, Any]] = []
    parcels = sorted((parcel_in(folder) for folder in folders), key=lambda parcel: parcel.manifest.sequence)
    for parcel in parcels:
        receipt = take_one(store, parcel)
        write_whole(
            parcel.folder.with_name(f"{parcel.folder.name}.receipt.json"), json.dumps(receipt, indent=1).encode()
        )
        taken.append(
            {
                "city": receipt["city"], "parcel": receipt["sequence"], "rows": sum(receipt["rows"].values()),
                "notes": "; ".join(receipt["notes"]),
            }
        )  # fmt: skip
    show_rows(taken, form, title="Taken", empty="")


@app.command()
def receipt(
    file: Annotated[Path, typer.Argument(help="The receipt that `qala exchange take` wrote on the other side.")],
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Sending side: note that a parcel which went on a disk was taken.

    Example:

      qala exchange receipt ../disk/750000000-00000001.receipt.json
    """
    from qala.exchange.agreement import agreement_of
    from qala.exchange.client import acknowledged
    from qala.standard.problems import Problem

    store = open_lake(lake)
    try:
        said = json.loads(file.read_text())
        city = str(said["city"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem("This is no receipt of a parcel.", where=str(file)) from error
    acknowledged(store, agreement_of(store, city), said)
    console().print(f"Parcel {said['sequence']} of {city} is noted as taken.", highlight=False)


@app.command()
def status(lake: LakeOption = DEFAULT_LAKE, form: FormatOption = Format.table) -> None:
    """Show what is sent and taken: agreements, admissions, the last parcel of each city.

    Example:

      qala exchange status --format json
    """
    from qala.exchange.agreement import admission_of, agreements
    from qala.exchange.packing import sent
    from qala.exchange.taking import taken

    store = open_lake(lake)
    rows: list[dict[str, Any]] = [
        {
            "city": one.city, "direction": "sends", "with": one.to, "last_parcel": sent(store, one.city)["sequence"],
            "rows_of": ", ".join(one.rows) or "registries", "until": one.until,
        }
        for one in agreements(store)
    ]  # fmt: skip
    for file in sorted((store.folder / "exchange" / "from").glob("*.json")):
        one = admission_of(store, file.stem)
        rows.append(
            {
                "city": one.city, "direction": "comes", "with": one.key, "last_parcel": taken(store, one.city)["sequence"],
                "rows_of": "as agreed" if one.rows is None else ", ".join(one.rows), "until": one.until,
            }
        )  # fmt: skip
    show_rows(rows, form, title="Exchange", empty="Nothing is sent or taken: see `qala exchange --help`.")


def _day(text: str | None) -> date | None:
    from qala.standard.problems import Problem

    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise Problem(f"'{text}' is not a day.", where="--until", hint="write 2027-12-31") from None
