"""Numbers for stored rows (`_row`): unique in the lake, rising with time, never given twice.

A number is a block of 2**27 rows and a place in it. Blocks come from one small file under a lock and never fall behind
a clock of 1/16 s, so that a lake restored from an older copy of that file does not hand out old numbers again. A batch
that dies wastes its block; there are 2**36 of them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from qala.lake.durable import held, write_whole

if TYPE_CHECKING:
    from qala.lake.shared import Shared

ROWS_IN_A_BLOCK = 2**27
_CLOCK_FROM = 1_735_689_600  # 2025-01-01 UTC; 2**36 ticks of 1/16 s last 136 years


def take_row_numbers(folder: Path, rows: int, shared: Shared | None = None) -> int:
    """The first of `rows` consecutive numbers that nobody else will get.

    Args:
        shared: the storage that gives them, where several machines share the lake.
    """
    file = folder / "next_row_block"
    blocks = max(1, -(-rows // ROWS_IN_A_BLOCK))
    clock = int((time.time() - _CLOCK_FROM) * 16)
    if shared is not None:
        return shared.take_blocks(blocks, clock) * ROWS_IN_A_BLOCK
    with held(folder / "next_row_block.lock"):
        stored = int(file.read_text()) if file.exists() else 0
        block = max(stored, clock)
        write_whole(file, str(block + blocks).encode())
    return block * ROWS_IN_A_BLOCK
