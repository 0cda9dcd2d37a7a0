"""What it was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("duckdb", "deltalake", "pyarrow", "pandas", "django", "granian")


def facts() -> dict[str, Any]:
    """Processor, memory, versions, commit and the load when the run began."""
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "")
    memory = next((int(line.split()[1]) * 1024 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": cpu or platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "system": platform.platform(terse=True),
        "python": sys.version.split()[0],
        **{name: version(name) for name in _PACKAGES},
        "commit": _commit(),
    }


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return found.stdout.strip()
