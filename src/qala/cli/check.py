"""`qala check`, `qala standard check-examples` and `qala find`: does everything agree, and where does a thing live."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from qala.cli.output import Format, console, show_rows
from qala.cli.session import FormatOption, catalogue


def check() -> None:
    """Prove that law, contracts and computations agree.

    Ids unique; every row of the annexes once; each KPI computed once; conditions name only columns of contracts; names
    in three languages; no number of the law in the program; errors point to file and path.

    Example:

      qala check
    """
    from qala.measures.check import prove
    from qala.standard.loader import editions

    found = catalogue()
    for edition in editions().values():
        prove(edition, found)
        functions = sum(len(initiative.functions) for initiative in edition.initiatives.values())
        console().print(
            f"{edition.id}: {len(edition.kpis)} KPIs, {edition.points()} points, {functions} functions, "
            f"{len(found.contracts)} contracts: all agree."
        )


def check_examples(
    file: Annotated[Path, typer.Argument(help="CSV with worked examples.", metavar="FILE", show_default=False)],
    edition: Annotated[
        str | None, typer.Option(help="Edition to score by. Default: the latest that began by the example's year.")
    ] = None,
) -> None:
    """Score worked examples and say which come out otherwise.

    A table of single scores, or one with a column `level`: then its rows of level `maturity` are checked.

    Prints each mismatch as `id, field: expected …, got …`, then `N passed, M failed`; exit code 1 if any failed.

    Examples:

      qala standard check-examples examples.csv

      qala standard check-examples examples.csv --edition order_469
    """
    from qala.cli import check_maturity_examples as maturity_examples
    from qala.cli.check_examples import check as compared
    from qala.standard.loader import editions

    others = 0
    if maturity_examples.is_of_levels(file):
        passed, failed, mismatches, others = maturity_examples.check(file)
    else:
        passed, failed, mismatches = compared(file, editions(), edition)
    for one in mismatches:
        typer.echo(f"{one.id}, {one.field}: expected {one.expected}, got {one.got}")
    typer.echo(f"{passed} passed, {failed} failed" + (f"; {others} of other levels" if others else ""))
    if failed:
        raise typer.Exit(1)


def find(
    name: Annotated[str, typer.Argument(metavar="ID", help="A KPI, a row of annex 4, a dataset.")],
    form: FormatOption = Format.table,
) -> None:
    """Show every place of a KPI or a dataset: law, computation, contract, examples.

    Examples:

      qala find 2.2

      qala find contact_centre.appeals
    """
    from qala.standard.loader import editions
    from qala.standard.problems import Problem

    known = catalogue()
    rows: list[dict[str, Any]] = []
    if name in known.contracts:
        rows.append({"what": "contract", "where": known.where(name)})
        rows += [{"what": f"needed by {kpi}", "where": known.where(kpi)} for kpi in known.needed_by.get(name, ())]
        show_rows(rows, form, title=name)
        return
    found = []
    for edition in editions().values():
        try:
            found.append((edition, edition.kpi(name)))
        except Problem:
            continue
    if not found:
        near = [*(d for d in known.contracts if name in d), *(k for k in known.computations if name in k)][:5]
        hint = f"did you mean {', '.join(near)}?" if near else "`qala standard search WORD` looks in names"
        raise Problem(f"there is neither a KPI nor a dataset {name!r}", hint=hint)
    for edition, kpi in found:
        initiative = next(edition.folder.glob(f"initiatives/{kpi.initiative:02d}_*"))
        rows.append({"what": f"law ({edition.id}, row {kpi.row})", "where": _line(initiative / "kpis.yaml", kpi.id)})
        rows.append({"what": "computation", "where": known.where(kpi.id)})
        rows += [{"what": "dataset", "where": known.where(d)} for d in known.computations[kpi.id].datasets]
        examples = Path(known.files[known.computed_in[kpi.id]].path).parent / "tests" / "examples.yaml"
        rows.append({"what": "worked examples", "where": str(examples)})
    show_rows(rows, form, title=found[0][1].name.en)


def _line(path: Path, kpi_id: str) -> str:
    key = kpi_id.split(".", 1)[1]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(f"{key}:"):
            return f"{path}:{number}"
    return str(path)
