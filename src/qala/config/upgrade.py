"""After a newer program was installed: a backup, then database and static files brought to it, then checks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from qala.config.backup import back_up, has_tables
from qala.config.database import owner_url
from qala.config.processes import prepare, stopped
from qala.config.site_role import site_url
from qala.standard.problems import Problem


def upgrade(lake: Path, home: Path, said: Callable[[str], None]) -> Path | None:
    """Bring an installation to this program; returns the backup that was made first, None where the database is new.

    Raises:
        Problem: the site runs, or a step failed; the backup is there then, and `where` names it.
    """
    stopped()
    made: Path | None = None
    if has_tables(owner_url()):
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        made = home / "backups" / f"before-{version('qala')}-{moment}.zip"
        said(f"Backing up to {made}")
        back_up(made, lake, home)
    try:
        prepare(said)
        site_url()
        said("Checking")
        _django("check", "--database", "default", "--fail-level", "ERROR")
        _runs_verify(lake)
    except Problem as problem:
        if made is None:
            raise
        raise Problem(
            problem.message,
            where=str(made),
            hint="Install the former program again and `qala restore` this backup into new folders.",
        ) from problem
    return made


def _runs_verify(lake: Path) -> None:
    """The chain of runs is whole, as the newer program reads it."""
    from qala.runs import RunStore

    for fault in RunStore(lake).faults():
        raise Problem(f"The run {fault.run} does not verify: {fault.fault}.")


def _django(*arguments: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "qala.config.settings"}
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem(f"`{arguments[0]}` failed: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout
