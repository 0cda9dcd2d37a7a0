"""`since_previous`: how long ago the previous row came that agrees with a row in one of its groups of columns."""

from __future__ import annotations

from qala.measures.expressions import MICROSECONDS, Dialect
from qala.measures.sums import Since


def with_since(since: Since, relation: str, wanted: str, dialect: Dialect) -> str:
    """Rows with `since_previous`; a row whose group columns are empty has no previous row in that group.

    Of rows at one moment the key decides which is first. A previous row that lies further back than the look-back
    is none, so that looking at a stretch of days and at everything give the same. Most rows are alone in their group:
    only the others are put in order. A hash is enough to tell who is alone: it may let a stranger in, and never
    leaves anyone out.
    """
    every = f"(SELECT * FROM {relation}) AS every"
    back = since.days * MICROSECONDS["day"]
    found = []
    for group in since.by:
        by = ", ".join(group)
        present = " AND ".join(f"{c} IS NOT NULL" for c in group)
        previous = f"lag({since.on}) OVER (PARTITION BY {by} ORDER BY {since.on}, _key)"
        micros, code = (
            (f"epoch_us({since.on}) - epoch_us({previous})", f"hash({by})")
            if dialect == "duckdb"
            else (
                f"unix_micros(CAST({since.on} AS TIMESTAMP)) - unix_micros(CAST({previous} AS TIMESTAMP))",
                f"xxhash64({by})",
            )
        )
        several = f"SELECT {code} AS code FROM {every} WHERE {present} GROUP BY 1 HAVING count(*) > 1"
        found.append(
            f"SELECT found_row, since FROM (SELECT _row AS found_row, {micros} AS since FROM {every} "
            f"SEMI JOIN ({several}) AS several ON {code} = several.code WHERE {present}) AS ordered WHERE since <= {back}"
        )
    nearest = found[0]
    if len(found) > 1:
        each = " UNION ALL ".join(found)
        nearest = f"SELECT found_row, min(since) AS since FROM ({each}) AS found_each GROUP BY found_row"
    return (
        f"(SELECT {wanted}, since AS since_previous FROM {every} "
        f"LEFT JOIN ({nearest}) AS found ON _row = found_row) AS r"
    )
