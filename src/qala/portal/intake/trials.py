"""A message tried out on a page: what a person typed, and what they are shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.datasets import Contract
from qala.intake.models import Source
from qala.intake.queries import MANAGE
from qala.intake.trial import MOST_BYTES, Trial, proposal, sample_of, try_out
from qala.people.access import require
from qala.portal.data.columns import MASK, Head, cell_of, heads_of
from qala.portal.data.guard import personal_columns
from qala.portal.intake.forms import lines
from qala.portal.intake.words import Rule, rules
from qala.standard.problems import Problem
from qala.ui.formats import language_of

SHOWN = 20


@dataclass(frozen=True)
class Tried:
    """A trial as the page shows it.

    Attributes:
        headers, decoded: rows as they were decoded: number, cells.
        heads, mapped: rows as they would be stored: number, cells; personal values are masked as they are everywhere.
        refused: number, rules, the row as it came.
        proposed: the mapping with every header placed; empty where nothing is to be proposed.
        troubles: why it could not be tried.
    """

    trial: Trial
    zone: str = "UTC"
    headers: Sequence[str] = ()
    decoded: Sequence[tuple[int, Sequence[str | None]]] = ()
    heads: Sequence[Head] = ()
    mapped: Sequence[tuple[int, Sequence[Any]]] = ()
    refused: Sequence[tuple[int, Sequence[Rule], Sequence[tuple[str, str]]]] = ()
    lacking: Sequence[Head] = ()
    proposed: str = ""
    troubles: Sequence[str] = ()


def trial_of(request: HttpRequest, source: Source | None = None) -> Tried:
    """Try out what stands in the form. A right over the city or the source is needed: a trial costs time."""
    post = request.POST
    city = source.city if source else post.get("city", "")
    if source is None:
        require(request.user, MANAGE, city=city)
    contract = facts.catalogue().contracts.get(source.dataset if source else post.get("dataset", ""))
    registry = facts.lake().cities
    if contract is None or city not in registry:
        return Tried(Trial(), troubles=[_("Choose the city and the dataset first.")])
    kind = post.get("format", "")
    mapping = post.get("mapping_yaml", "")
    zone = registry.get(city).zone
    try:
        trial = try_out(
            contract, mapping, kind, _sample(request, kind), rows_at=post.get("rows_at", ""), topic=post.get("topic", ""),
            zone=zone, pseudonyms=facts.lake().pseudonyms, received=datetime.now(UTC),
        )  # fmt: skip
    except Problem as problem:
        trial = Trial(problem=problem)
    return shown(trial, contract, mapping, zone)


def _sample(request: HttpRequest, kind: str) -> bytes:
    file = request.FILES.get("sample_file")
    if file is not None:
        content: bytes = file.read(MOST_BYTES + 1)
        return content
    return sample_of(request.POST.get("sample", ""), kind)


def shown(trial: Trial, contract: Contract, mapping: str, zone: str) -> Tried:
    """A trial for the page."""
    language = language_of(get_language())
    masked = personal_columns(contract)
    filled = [
        name
        for name in contract.all_columns
        if any(row[name] is not None for row in trial.mapped.values())
    ]  # fmt: skip
    mapped = [
        (
            number,
            [
                MASK if name in masked and row[name] is not None else cell_of(contract, name, row[name])
                for name in filled
            ],
        )
        for number, row in list(trial.mapped.items())[:SHOWN]
    ]
    refused = [
        (
            one.row,
            rules(contract, one.rules, language),
            [(header, value) for header, value in trial.decoded[one.row - 1].items() if value is not None],
        )
        for one in trial.refused[:SHOWN]
    ]
    decoded = [
        (at, [row.get(header) for header in trial.headers]) for at, row in enumerate(trial.decoded[:SHOWN], start=1)
    ]
    return Tried(
        trial=trial,
        zone=zone,
        headers=trial.headers,
        decoded=decoded,
        heads=heads_of(contract, filled),
        mapped=mapped,
        refused=refused,
        lacking=heads_of(contract, trial.lacking),
        proposed=proposal(trial, mapping) if trial.problem is None else "",
        troubles=lines(trial.problem) if trial.problem is not None else (),
    )
