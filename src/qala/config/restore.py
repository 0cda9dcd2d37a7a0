"""Putting a backup back: into folders that are not there yet and a database that is empty."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from qala.config.backup import DUMP, FORMAT, LAKE, MANIFEST, SITE, Entry, Manifest, has_tables, run_tool
from qala.config.database import owner_url
from qala.standard.problems import Problem

_CHUNK = 1 << 20


def restore(file: Path, home: Path, lake: Path, said: Callable[[str], None] = lambda _: None) -> Manifest:
    """Put a backup back. Folders appear whole or not at all; nothing is overwritten.

    The database is the one of `DATABASE_URL`, which must be empty, or a new server of our own in `home`.

    Raises:
        Problem: the file is damaged or none of ours, a folder is there already, or the database is not empty.
    """
    for folder, option in ((home, "--to-home"), (lake, "--to-lake")):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Problem(
                f"{folder} is there already.", where=option, hint="Restoring overwrites nothing: name new folders."
            )
    given = os.environ.get("QALA_DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    if given and has_tables(given):
        raise Problem(
            "The database of DATABASE_URL is not empty.", hint="Restoring overwrites nothing: create a new database."
        )
    with _opened(file) as archive:
        made = _manifest(archive, file)
        home.parent.mkdir(parents=True, exist_ok=True)
        lake.parent.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=home.parent, prefix=".restore-") as new_home,
            tempfile.TemporaryDirectory(dir=lake.parent, prefix=".restore-") as new_lake,
        ):
            said("Reading and checking the files")
            for entry in made.files:
                _take(archive, entry, _target(entry.name, Path(new_home), Path(new_lake)), file)
            dump = Path(new_home) / DUMP
            kept = Path(tempfile.mkdtemp(dir=home.parent, prefix=".restore-")) / DUMP
            try:
                dump.rename(kept)
                _settle(Path(new_lake), lake)
                _settle(Path(new_home), home)
                said("Restoring the database")
                os.environ["QALA_HOME"] = str(home.resolve())
                run_tool(
                    "pg_restore",
                    "--exit-on-error",
                    "--no-owner",
                    "--no-privileges",
                    f"--dbname={owner_url()}",
                    str(kept),
                )
            finally:
                shutil.rmtree(kept.parent)
    return made


def _opened(file: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except FileNotFoundError:
        raise Problem(f"There is no file {file}.") from None
    except zipfile.BadZipFile:
        raise Problem(f"{file} is no backup, or it is damaged.", hint="`qala backup` makes one.") from None


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        said = json.loads(archive.read(MANIFEST))
        made = Manifest(said["program"], said["made_at"], tuple(Entry(**one) for one in said["files"]), said["format"])
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile):
        raise Problem(f"{file} has no manifest that can be read.", hint="`qala backup` makes a backup.") from None
    if made.format > FORMAT:
        raise Problem(f"{file} was made by a newer program ({made.program}).", hint="Upgrade first.")
    names = [entry.name for entry in made.files]
    if sorted([*names, MANIFEST]) != sorted(archive.namelist()) or DUMP not in names:
        raise Problem(f"{file} does not hold what its manifest says.", hint="Take another backup.")
    return made


def _target(name: str, home: Path, lake: Path) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise Problem(f"The backup names a file outside its folders: {name}")
    if name == DUMP:
        return home / DUMP
    if name.startswith(LAKE):
        return lake / name.removeprefix(LAKE)
    if name.startswith(SITE):
        return home / name.removeprefix(SITE)
    raise Problem(f"The backup holds a file that has no place: {name}")


def _take(archive: zipfile.ZipFile, entry: Entry, to: Path, file: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with archive.open(entry.name) as source, to.open("wb") as into:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                into.write(chunk)
    except (zipfile.BadZipFile, EOFError):
        digest = hashlib.sha256(b"damaged")
    if digest.hexdigest() != entry.sha256:
        raise Problem(f"{entry.name} is damaged in {file}.", hint="Nothing was restored. Take another backup.")
    to.chmod(archive.getinfo(entry.name).external_attr >> 16 or 0o600)


def _settle(new: Path, to: Path) -> None:
    """Let a folder appear whole."""
    if to.exists():
        to.rmdir()
    new.rename(to)
    to.chmod(0o755)
    new.mkdir()  # what the temporary folder removes
