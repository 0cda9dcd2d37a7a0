"""From the receipt that a sender got to the ledger's, which holds its rows among those of others.

A committer joins what one source sent within some moments; the ledger has one receipt for all of it. So a sender asks for its
own: which receipt of the ledger that is, and which of its rows wait in quarantine.
"""

from __future__ import annotations

import contextlib
from typing import Any

from qala.intake.registry import Feed
from qala.lake import Lake
from qala.lake.committing import waiting

KEPT_DAYS = 92
"""For how many days receipts of senders lead to the ledger's."""


def what_became_of(lake: Lake, feed: Feed, sent: str) -> dict[str, Any] | None:
    """What became of the rows of a receipt that a source got; None where it got no such receipt."""
    receipt_id = lake.ledger.of_sent(sent)
    if receipt_id is None:
        for head in waiting(lake.folder / "landing"):
            for part in head.parts:
                if part.id == sent and head.feed == feed.name:
                    return {"id": sent, "state": "waits", "received": part.rows, "quarantined": part.quarantined}
        return None
    receipt = lake.ledger.receipt(receipt_id)
    if receipt is None or (receipt.source, receipt.dataset) != (feed.name, feed.dataset):
        return None
    refused = []
    if receipt.quarantined:
        with contextlib.closing(lake.connection()) as con:
            found = lake.quarantine.rows(con, receipt.dataset, receipt.city, receipt.id, 1_000_000)
        refused = [
            {"row": one["sent_row"], "rules": one["rules"].split(), "reason": one["reason"], "status": one["status"]}
            for one in found
            if one["sent"] == sent
        ]
    counts = {name: getattr(receipt, name) for name in ("read", "stored", "replaced", "duplicate", "quarantined")}
    return {"id": sent, "state": "stored", "receipt": receipt.id, "receipt_counts": counts, "refused": refused}
