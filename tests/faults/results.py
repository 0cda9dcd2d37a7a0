"""What fault trials found, kept as JSON beside the benches' results, from where it comes into the docs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path


def load() -> list[float]:
    """Of the machine, before a trial begins."""
    return [round(one, 2) for one in os.getloadavg()]


def keep(file: Path, name: str, found: Mapping[str, object], before: list[float], order: Iterable[str]) -> None:
    """Put what a trial found, and on what machine, beside what the others found."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from bench import machine

    said = json.loads(file.read_text()) if file.exists() else {}
    said[name] = {**found, "machine": machine.facts() | {"load_before": before}}
    file.write_text(json.dumps({one: said[one] for one in order if one in said}, indent=1) + "\n")
