"""The pages of datasets, out of the contracts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference_tables import LANGUAGES, codes, link, table

from qala.datasets import Catalogue, Contract
from qala.standard import Edition


def dataset_pages(known: Catalogue, law: Edition) -> Iterator[tuple[str, str]]:
    """An index of all contracts, and a page of contracts for each system and for the city as a whole."""
    parts = ["city", *(law.initiatives[no].system for no in sorted(law.initiatives))]
    index = [
        "# Datasets",
        "",
        f"{len(known.contracts)} contracts: one for each kind of fact. What a contract may say stands in "
        "[contracts.md](contracts.md). `qala what-to-send` lists those that a city owes, with templates.",
        "",
    ]
    for part in parts:
        contracts = [c for name, c in sorted(known.contracts.items()) if name.split(".")[0] == part]
        title = _part_title(part, law)
        index += [f"## [{title}](datasets/{part}.md)", ""]
        rows = [
            (
                f"[`{c.id}`](datasets/{part}.md#{c.id.replace('.', '')})",
                c.name.en,
                c.kind,
                c.arrives.every,
                rows_of(known, law, c.id) or "—",
            )
            for c in contracts
        ]
        index += [*table(("dataset", "what", "kind", "every", "KPIs"), rows), ""]
        page = [f"# {title}: datasets", "", "[All datasets](../datasets.md)", ""]
        for contract in contracts:
            page += _contract(contract, known, law)
        yield f"datasets/{part}.md", "\n".join(page)
    yield "datasets.md", "\n".join(index)


def _contract(contract: Contract, known: Catalogue, law: Edition) -> list[str]:
    where = [f"{what} `{name}`" for what, name in contract.place.model_dump().items() if name]
    facts = [
        ("Name", " · ".join(contract.name.say(lang) for lang in LANGUAGES)),
        *((f"One row is ({lang})", contract.one_row_is.say(lang)) for lang in LANGUAGES),
        ("Owner in a city", " · ".join(contract.owner.say(lang) for lang in LANGUAGES)),
        ("Kind", contract.kind),
        ("Standard", contract.standard),
        ("The order calls it", ", ".join(contract.law_calls_it) or "—"),
        ("Key", codes(contract.key) + (f", looked up within one {contract.key_within}" if contract.key_within else "")),
        ("Dated by", codes(contract.dated_by)),
        ("Place", ", ".join(where) or "—"),
        ("Arrives", f"every {contract.arrives.every}"),
        ("Kept", f"{contract.keep.years} years"),
        ("Contract", f"version {contract.version}, {link(known.where(contract.id), '../../..')}"),
        ("KPIs", rows_of(known, law, contract.id) or "—"),
    ]
    columns = [
        (
            f"`{name}`",
            _type(column),
            "—" if not column.may_be_empty else "yes" if column.may_be_empty is True else str(column.may_be_empty),
            *(column.meaning.say(lang) for lang in LANGUAGES),
        )
        for name, column in contract.all_columns.items()
    ]
    never = [(f"`{name}`", f"`{condition}`") for name, condition in contract.never.items()]
    refused = ["Refused, and kept in quarantine:", "", *table(("reason", "a row where"), never), ""] if never else []
    return [
        f"## {contract.id}",
        "",
        *table(("", ""), facts),
        "",
        *table(("column", "type", "may be empty", *LANGUAGES), columns),
        "",
        *refused,
    ]


def _type(column: Any) -> str:
    said = [column.type if column.scale is None else f"decimal, {column.scale} digits"]
    if column.one_of:
        said.append("one of " + ", ".join(f"`{word}`" for word in column.one_of))
    if column.min is not None or column.max is not None:
        said.append(f"{'…' if column.min is None else column.min} to {'…' if column.max is None else column.max}")
    if column.unit:
        said.append(column.unit)
    if column.privacy:
        said.append("**personal: stored as a keyed hash only**")
    if column.example is not None:
        said.append(f"e.g. `{column.example}`")
    return "; ".join(said)


def rows_of(known: Catalogue, law: Edition, dataset: str) -> str:
    return ", ".join(law.kpis[kpi].row for kpi in law.kpis if kpi in known.needed_by.get(dataset, ()))


def _part_title(part: str, law: Edition) -> str:
    names = {one.system: f"{no}. {one.name.en}" for no, one in law.initiatives.items()}
    return names.get(part, "The city as a whole")
