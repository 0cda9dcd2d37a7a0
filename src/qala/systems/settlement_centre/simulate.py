"""The settlement centre of a simulated city: bills of its suppliers, payments, and the journal of its operations.

Rates follow `world.quality_by_day`: at 0.75 the centre just meets its norms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qala.world import Facts, Truth, World
from qala.world.drawing import NO_DAY, NO_TIME, at_least, before_the_end, excess, ids, minutes, moments
from qala.world.reckoning import HOUR, MISSING, columns, marks, microseconds, monthly, pooled
from qala.world.types import Category

Array = NDArray[Any]
Volumes = dict[Category, float]

# Rows a month of a whole city (scale 1).
PAYMENTS: Volumes = {"republican": 1_050_000, "oblast": 315_000, "district": 31_500}
BILLS: Volumes = {"republican": 900_000, "oblast": 280_000, "district": 28_000}
OPERATIONS: Volumes = {"republican": 120_000, "oblast": 36_000, "district": 4_000}
# Bearable shares and hours.
UNPAID: Volumes = {"republican": 0.02, "oblast": 0.05, "district": 0.1}
HOURS_TO_CREDIT: Volumes = {"republican": 1.0, "oblast": 2.0, "district": 4.0}
MANUAL: Volumes = {"republican": 0.1, "oblast": 0.3, "district": 0.5}
WRONG: Volumes = {"republican": 0.01, "oblast": 0.02, "district": 0.05}
CHANNELS = ("bank_app", "card", "qr", "terminal", "cash", "autopay")
OPERATION_KINDS = ("charge", "recalculation", "reconciliation", "distribution", "contract")


def record(world: World) -> Iterator[Facts]:
    """Everything that the settlement centre records."""
    yield _bills(world)
    yield _payments(world)
    yield _operations(world)


def _odds(bearable: float, many: Array) -> Array:
    """A share that is `bearable` times `many` while it is small, and never reaches 1."""
    return np.asarray(bearable * many / (1.0 + bearable * (np.maximum(many, 1.0) - 1.0)))


def _many(world: World, side: str, dataset: str) -> Array:
    return excess(world.quality_by_day(f"settlement_centre.{side}", world.days_for(dataset)))


def _suppliers(world: World) -> Array:
    return np.array([*sorted(world.networks), "waste", "housing"])


def _bills(world: World) -> Facts:
    """Issued in the first days of a month for the month before, due on its 25th."""
    dataset = "settlement_centre.bills"
    rng = world.rng(dataset)
    days = world.days_for(dataset)
    suppliers = _suppliers(world)
    accounts = max(8, round(at_least(world, BILLS, 60) * world.scale / suppliers.size))
    months = np.unique(days.astype("datetime64[M]"))
    a_month = accounts * suppliers.size
    n = a_month * months.size
    month = np.repeat(months, a_month)
    due = month.astype("datetime64[D]") + np.timedelta64(24, "D")
    issued = world.utc(
        month.astype("datetime64[D]") + rng.integers(0, 5, n).astype("timedelta64[D]"), rng.integers(28_800, 64_800, n)
    )
    position = (due - days[0]).astype(np.int64)
    late = rng.random(n) < _odds(UNPAID[world.category], _many(world, "bills", dataset))[position]
    never = late & (rng.random(n) < 0.3)
    paid = np.where(late, due + np.timedelta64(1, "D") + rng.geometric(0.1, n), due - rng.integers(0, 18, n))
    paid = np.where(never | (paid > np.datetime64(world.last_day)), NO_DAY, paid)
    wrong = rng.random(n) < _odds(WRONG[world.category], _many(world, "wrong_charges", dataset))[position]
    confirmed = before_the_end(world, issued + minutes(rng.gamma(2.0, 5_000.0, n)))
    account = np.char.add("account-", np.arange(accounts).astype(str))
    return Facts(
        dataset,
        {
            "bill_id": ids("bill-", n),
            "account": np.tile(np.repeat(account, suppliers.size), months.size),
            "supplier": np.tile(suppliers, accounts * months.size),
            "issued_at": issued,
            "due_on": due,
            "paid_on": paid,
            "amount": np.round(rng.gamma(4.0, 1_100.0, n), 2),
            "wrong_confirmed_at": np.where(wrong, confirmed, NO_TIME),
            "district": np.tile(np.repeat(world.pick_district(rng, accounts), suppliers.size), months.size),
        },
    )


def _payments(world: World) -> Facts:
    dataset = "settlement_centre.payments"
    rng = world.rng(dataset)
    paid, day = moments(world, dataset, rng, at_least(world, PAYMENTS, 60))
    n = paid.size
    hours = HOURS_TO_CREDIT[world.category] * _many(world, "payments", dataset)[day] * rng.gamma(0.8, 1.25, n)
    credited = before_the_end(world, paid + minutes(hours * 60))
    return Facts(
        dataset,
        {
            "payment_id": ids("payment-", n),
            "paid_at": paid,
            "credited_at": np.where(rng.random(n) < 0.0005, NO_TIME, credited),
            "channel": np.array(CHANNELS)[rng.choice(len(CHANNELS), n, p=[0.52, 0.16, 0.12, 0.08, 0.07, 0.05])],
            "supplier": _suppliers(world)[rng.integers(0, _suppliers(world).size, n)],
            "amount": np.round(rng.gamma(4.0, 1_100.0, n), 2),
        },
    )


def _operations(world: World) -> Facts:
    dataset = "settlement_centre.operations"
    rng = world.rng(dataset)
    performed, day = moments(world, dataset, rng, at_least(world, OPERATIONS, 60))
    n = performed.size
    manual = rng.random(n) < _odds(MANUAL[world.category], _many(world, "operations", dataset))[day]
    return Facts(
        dataset,
        {
            "operation_id": ids("operation-", n),
            "performed_at": performed,
            "operation_kind": np.array(OPERATION_KINDS)[rng.integers(0, len(OPERATION_KINDS), n)],
            "manual_entries": np.where(manual, rng.integers(1, 6, n), 0),
        },
    )


def books(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """Truth for rows 3.1 to 3.7 of the rated year, from the order's formulas and the defaults of the open terms."""
    return {
        **_of_bills(world, facts),
        **_of_payments(world, facts),
        "3.5": _automated(world, facts),
        "3.7": marks(world, facts, "settlement"),
    }


def _of_bills(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """«Своевременные / Всего», «Просроченные / Всего» by number of bills due; «Ошибочные начисления / Всего»."""
    due, paid, issued, wrong = columns(
        facts, "settlement_centre.bills", "due_on", "paid_on", "issued_at", "wrong_confirmed_at"
    )
    if not due.size:
        return dict.fromkeys(("3.1", "3.2", "3.6"), MISSING)
    year, one = world.rated_year, np.ones(due.size)
    in_time = ~np.isnat(paid) & (paid <= due)
    return {
        "3.1": pooled(due, in_time, one, year, 100),
        "3.2": pooled(due, ~in_time, one, year, 100),
        "3.6": pooled(world.local_day(issued), ~np.isnat(wrong), one, year, 100),
    }


def _of_payments(world: World, facts: Mapping[str, list[Facts]]) -> dict[str, Truth]:
    """«∑Платежей» a month; «∑Время / Кол-во платежей» from the bank's time to crediting, hours."""
    paid, credited = columns(facts, "settlement_centre.payments", "paid_at", "credited_at")
    if not paid.size:
        return dict.fromkeys(("3.3", "3.4"), MISSING)
    day = world.local_day(paid)
    every = np.ones(paid.size, dtype=bool)
    taken, known = microseconds(credited, paid, every)
    return {
        "3.3": monthly(day, every, world.rated_year, facts),
        "3.4": pooled(day, taken, known, world.rated_year, HOUR),
    }


def _automated(world: World, facts: Mapping[str, list[Facts]]) -> Truth:
    """«Автоматизированные / Всего»: no manual entry."""
    performed, entries = columns(facts, "settlement_centre.operations", "performed_at", "manual_entries")
    if not performed.size:
        return MISSING
    return pooled(world.local_day(performed), entries == 0, np.ones(entries.size), world.rated_year, 100)
