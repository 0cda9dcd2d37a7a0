"""Different values of a column by period, where a value's periods fit the bits of a number: each value is held once, and not
once more for every period in which it occurs. DuckDB's spelling.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from qala.standard.period import Period

_BITS = 62  # of a BIGINT, less its sign


def touching(periods: Sequence[Period]) -> bool:
    """Whether each period follows the one before it."""
    return all(a.next().first_day == b.first_day for a, b in itertools.pairwise(periods))


def fits(periods: Sequence[Period]) -> bool:
    """Whether the number of a period can be worked out from a day, and its bit set."""
    return periods[0].grain in ("month", "quarter", "year") and len(periods) <= _BITS and touching(periods)


def by_bits(relation: str, column: str, on: str, periods: Sequence[Period], condition: str | None) -> str:
    """A query for `at_day`, the first day of each period, and `s0`, the different values in it."""
    first, last, grain = periods[0].first_day, periods[-1].last_day, periods[0].grain
    where = f"{on} BETWEEN DATE '{first}' AND DATE '{last}' AND {column} IS NOT NULL"
    where += f" AND ({condition})" if condition else ""
    bit = f"CAST(1 AS BIGINT) << date_diff('{grain}', DATE '{first}', {on})"
    values = f"SELECT bit_or({bit}) AS seen FROM {relation} AS r WHERE {where} GROUP BY {column}"
    days = ", ".join(f"DATE '{period.first_day}'" for period in periods)
    counts = ", ".join(f"count_if(seen & {1 << n} <> 0)" for n in range(len(periods)))
    return f"SELECT unnest([{days}]) AS at_day, unnest([{counts}]) AS s0 FROM ({values}) AS valued"
