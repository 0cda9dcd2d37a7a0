"""Feeding a text in any encoding to DuckDB as UTF-8 through a pipe: nothing of it touches the disk on the way."""

from __future__ import annotations

import codecs
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qala.lake.border.csv_shape import opened
from qala.standard.problems import Problem

_PIECE = 1 << 20


@contextmanager
def as_utf8(path: Path, encoding: str, pipe: Path) -> Iterator[Path]:
    """A named pipe from which the file can be read once, as UTF-8 without a mark.

    Raises:
        Problem: a byte in the middle that the encoding does not have.
    """
    os.mkfifo(pipe, 0o600)
    failed: list[Exception] = []

    def feed() -> None:
        decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
        at = 0
        try:
            with opened(path) as source, pipe.open("wb") as sink:
                first = True
                while piece := source.read(_PIECE):
                    text = decoder.decode(piece)
                    sink.write((text.removeprefix("\ufeff") if first else text).encode())
                    first, at = False, at + len(piece)
                sink.write(decoder.decode(b"", final=True).encode())
        except BrokenPipeError:
            return
        except UnicodeDecodeError as error:
            failed.append(
                Problem(f"the file is not text in {encoding}: {error.reason}", where=f"{path}, byte {at + error.start}")
            )
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=feed, name="transcode", daemon=True)
    thread.start()
    try:
        yield pipe
    finally:
        _release(pipe, thread)
        pipe.unlink(missing_ok=True)
    if failed:
        raise failed[0]


def _release(pipe: Path, thread: threading.Thread) -> None:
    """Let the feeder go where nobody has read, or not to the end."""
    while thread.is_alive():
        try:
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            return
        thread.join(0.05)
