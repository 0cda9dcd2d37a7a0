"""Refused rows of the sources that somebody may see: found, counted, mended, sent again, taken back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from qala import facts
from qala.intake.models import Replaying, Source
from qala.intake.queries import MANAGE, SEE, place_of, sources_for
from qala.intake.registry import Feed
from qala.intake.replay import Mended, drop, replay
from qala.lake import Lake, Receipt
from qala.lake.quarantine import Original
from qala.people import audit
from qala.people.access import Somebody, may, reach, require
from qala.people.models import User
from qala.standard.problems import Problem

MOST_DELIVERIES = 5_000
"""Of the newest deliveries with refused rows so many are looked through."""


@dataclass(frozen=True)
class Wanted:
    """Which refused rows: all where a field is empty. `day` is that of receipt, UTC."""

    city: str = ""
    source: str = ""
    dataset: str = ""
    rule: str = ""
    day: date | None = None
    status: str = "open"


@dataclass(frozen=True)
class Line:
    """A refused row in a list."""

    receipt: Receipt
    row: int
    rules: tuple[str, ...]
    status: str


@dataclass(frozen=True)
class Found:
    """What is in quarantine.

    Attributes:
        rules: (dataset, rule, rows that break it), the most first, of what passes all filters but the rule's.
        states: the same by status.
        lines: of the page.
        total: that pass.
    """

    rules: Sequence[tuple[str, str, int]]
    states: Mapping[str, int]
    lines: Sequence[Line]
    total: int


def deliveries(user: Somebody, wanted: Wanted) -> list[Receipt]:
    """Deliveries with refused rows that a user may see, the newest first."""
    where = reach(user, SEE)
    own = set() if where.everywhere else set(sources_for(user).values_list("city", "dataset", "name"))
    found = [
        one
        for one in facts.lake().ledger.receipts(wanted.dataset or None, wanted.city or None)
        if one.quarantined and one.undone_by is None and one.dataset in facts.catalogue().contracts
        and (not wanted.source or one.source == wanted.source)
        and (wanted.day is None or one.received_at.date() == wanted.day)
        and (where.everywhere or one.city in where.cities or (one.city, one.dataset, one.source) in own)
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.id, reverse=True)[:MOST_DELIVERIES]


def search(receipts: Sequence[Receipt], wanted: Wanted, first: int, count: int) -> Found:
    """Rows of deliveries, some of them."""
    lake = facts.lake()
    by_id = {one.id: one for one in receipts}
    files = [str(file) for one in receipts if (file := lake.quarantine.file(one.dataset, one.city, one.id)).exists()]
    if not files:
        return Found([], {}, [], 0)
    settled = [
        (one.id, row, status)
        for one in receipts
        for row, status in lake.quarantine.states(one.dataset, one.city, one.id).items()
    ]
    columns: tuple[list[Any], ...] = tuple(map(list, zip(*settled, strict=True))) if settled else ([], [], [])
    with contextlib.closing(lake.connection()) as con:
        types = (pa.string(), pa.int64(), pa.string())
        con.register(
            "settled", pa.table(dict(zip(("receipt", "row", "now"), map(pa.array, columns, types), strict=True)))
        )
        con.execute(
            """CREATE TEMP TABLE rows AS SELECT receipt, row::BIGINT AS row, string_split(rules, ' ') AS rules,
               coalesce(now, 'open') AS status
               FROM read_parquet(?, hive_partitioning = false, union_by_name = true) LEFT JOIN settled USING (receipt, row)""",
            [files],
        )
        states = dict(con.execute("SELECT status, count(*) FROM rows GROUP BY status").fetchall())
        of_status = "($status = '' OR status = $status)"
        rules = con.execute(
            f"""SELECT of.dataset, rule, count(*) FROM (SELECT receipt, unnest(rules) AS rule, status FROM rows)
                JOIN (SELECT unnest($ids) AS receipt, unnest($datasets) AS dataset) AS of USING (receipt) WHERE {of_status}
                GROUP BY ALL ORDER BY count(*) DESC, of.dataset, rule""",
            {"status": wanted.status, "ids": list(by_id), "datasets": [one.dataset for one in by_id.values()]},
        ).fetchall()
        asked = {"status": wanted.status, "rule": wanted.rule}
        passes = f"{of_status} AND ($rule = '' OR list_contains(rules, $rule))"
        total = con.execute(f"SELECT count(*) FROM rows WHERE {passes}", asked).fetchone()[0]
        lines = con.execute(
            f"""SELECT receipt, row, rules, status FROM rows WHERE {passes} ORDER BY receipt DESC, row
                LIMIT {count:d} OFFSET {first:d}""",
            asked,
        ).fetchall()
    return Found(rules, states, [Line(by_id[rid], row, tuple(of), status) for rid, row, of, status in lines], total)


@dataclass(frozen=True)
class Place:
    """Where a delivery belongs: its source, if it is registered, and what `may` is asked."""

    receipt: Receipt
    source: Source | None

    @property
    def where(self) -> dict[str, Any]:
        return place_of(self.source) if self.source else {"city": self.receipt.city}

    @property
    def feed(self) -> Feed:
        """The source with its mapping as it is now; of a delivery that no source sent, as its receipt says."""
        one, receipt = self.source, self.receipt
        if one is None:
            return Feed(receipt.source, receipt.city, receipt.dataset, "files", receipt.way, "csv")
        return Feed(
            one.name, one.city, one.dataset, one.door, one.way, one.format, one.rows_at, one.mapping or None,
            simulated=one.simulated,
        )  # fmt: skip

    def may(self, user: Somebody, permission: str) -> bool:
        """Whether a user has a permission here."""
        return may(user, permission, **self.where)


def access_delivery(user: Somebody, receipt_id: str, permission: str = SEE) -> Place:
    """A delivery with refused rows; 404 if there is none, `Refused` if the user lacks the permission there."""
    receipt = facts.lake().ledger.receipt(receipt_id)
    if receipt is None or not receipt.quarantined or receipt.dataset not in facts.catalogue().contracts:
        raise Http404(_("There is no such delivery, or nothing of it was refused."))
    source = Source.objects.filter(name=receipt.source, city=receipt.city, dataset=receipt.dataset).first()
    found = Place(receipt, source)
    require(user, permission, **found.where)
    return found


def original(receipt: Receipt, row: int) -> tuple[Original, Mapping[str, Any]]:
    """A refused row as it came, and what became of it: status, by, at, receipt of the replay.

    Whoever shows it asks for the right and writes it into the audit log.
    """
    lake = facts.lake()
    with contextlib.closing(lake.connection()) as con:
        rows = lake.quarantine.originals(con, receipt.dataset, receipt.city, receipt.id, lake.sealer, settled=True)
    found = next((one for one in rows if one.row == row), None)
    if found is None:
        raise Http404(_("There is no such row in quarantine."))
    outcome = lake.quarantine.outcomes(receipt.dataset, receipt.city, receipt.id).get(row, {})
    return found, outcome


def send_again(
    by: HttpRequest, place: Place, rows: Sequence[int] | None, mended: Mapping[int, Mapping[str, str | None]]
) -> int:
    """Replay some rows of a delivery (all that wait: None), mended or as they are; returns how many were taken in.

    Raises:
        Problem: none of them waits, or the mapping does not fit.
    """
    taken = replay(
        facts.lake(), place.receipt, place.feed, _name(by), rows, {row: Mended(said) for row, said in mended.items()}
    )
    _noted(by, "replay_rows", place, {"rows": rows, "mended": sorted(mended), "taken": taken.id})
    return taken.accepted


def give_up(by: HttpRequest, place: Place, row: int) -> None:
    """Say that nobody will mend a row; it stays in quarantine."""
    drop(facts.lake(), place.receipt, _name(by), [row])
    _noted(by, "drop_rows", place, {"rows": [row]})


def take_back(by: HttpRequest, place: Place, row: int) -> None:
    """Undo what became of a row: a replay with all that went with it, or that it was given up. It waits again.

    Raises:
        Problem: the replay is not in the tables yet, or its rows were corrected since.
    """
    lake, receipt = facts.lake(), place.receipt
    outcomes = lake.quarantine.outcomes(receipt.dataset, receipt.city, receipt.id)
    outcome = outcomes.get(row)
    if outcome is None:
        raise Problem(_("This row waits; there is nothing to undo."))
    rows = [row]
    if outcome["status"] == "replayed":
        held = lake.ledger.of_sent(str(outcome.get("receipt", "")))
        if held is None:
            raise Problem(_("The replay is not stored yet. Try again in some seconds."))
        lake.undo(held)
        rows = [
            at for at, one in outcomes.items() if one.get("receipt") and lake.ledger.of_sent(one["receipt"]) == held
        ]
    lake.quarantine.settle(receipt.dataset, receipt.city, receipt.id, rows, "open", _name(by))
    _noted(by, "reopen_rows", place, {"rows": rows})


def start_replaying(by: HttpRequest, source: Source, rule: str) -> Replaying:
    """Have all rows of a source that break a rule (any: empty) sent again by the process of jobs."""
    from qala.intake.jobs import replay_all

    made = Replaying.objects.create(source=source, rule=rule, asked_by=by.user if isinstance(by.user, User) else None)
    audit.wrote(by, "replay_rows", source, after={"rule": rule, "work": made.pk})
    replay_all.defer(work=made.pk)
    return made


def work_off(work: Replaying) -> None:
    """Do it, delivery by delivery; what was done is put down as it goes."""
    source = work.source
    lake: Lake = facts.lake()
    wanted = Wanted(source.city, source.name, source.dataset, work.rule)
    receipts = [
        one
        for one in lake.ledger.receipts(source.dataset, source.city)
        if one.source == source.name and one.quarantined and one.undone_by is None
    ]
    found = search(receipts, wanted, 0, 10_000_000)
    by_receipt: dict[str, list[int]] = {}
    for line in found.lines:
        by_receipt.setdefault(line.receipt.id, []).append(line.row)
    work.state, work.total = Replaying.WORKING, found.total
    work.save()
    known = {one.id: one for one in receipts}
    for rid, rows in reversed(by_receipt.items()):
        place = Place(known[rid], source)
        taken = replay(lake, known[rid], place.feed, work.asked_by.email if work.asked_by else "", rows)
        work.done += len(rows)
        work.taken += taken.accepted
        work.save()
    work.state = Replaying.DONE
    work.save()


def _noted(by: HttpRequest, verb: str, place: Place, after: Mapping[str, Any]) -> None:
    what = place.source or f"delivery:{place.receipt.id}"
    audit.wrote(by, verb, what, after={"delivery": place.receipt.id, **after}, city=place.receipt.city)


def _name(by: HttpRequest) -> str:
    return by.user.email if isinstance(by.user, User) else ""


__all__ = ["MANAGE", "SEE", "Found", "Line", "Place", "Wanted", "access_delivery", "deliveries", "original", "search"]
