"""`make demo` with three small cities, for whoever needs whole cities that were rated."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from qala.lake.durable import held

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Demo:
    """What the script left in a folder (`lake/`, `reports/`), how it ended and what it said."""

    folder: Path
    code: int
    said: str
    errors: str


def run_demo(out: Path) -> Demo:
    """One city of each category through the script; the site is not served."""
    done = subprocess.run(
        ["bash", str(ROOT / "scripts" / "demo.sh"), str(out)],
        env={**os.environ, "QALA_DEMO_CITIES": "3", "QALA_DEMO_SCALE": "0.001", "SERVE": "0"},
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    return Demo(out, done.returncode, done.stdout, done.stderr)


def the_demo(base: Path) -> Demo:
    """The one demo of a folder: made by the first process that asks, read by all others.

    `QALA_TEST_DEMO` names a demo of three cities that is there already, for who runs one test again and again.
    """
    if kept := os.environ.get("QALA_TEST_DEMO"):
        return Demo(Path(kept).resolve(), 0, "", "")
    said, errors = base / "demo.said", base / "demo.errors"
    with held(base / "demo.lock"):
        if not said.exists():
            found = run_demo(base / "demo")
            errors.write_text(found.errors)
            said.write_text(f"{found.code}\n{found.said}")
    code, _, text = said.read_text().partition("\n")
    return Demo(base / "demo", int(code), text, errors.read_text())
