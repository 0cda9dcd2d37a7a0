"""Backup, restore and upgrade: tried on a small lake and a database of its own, also while rows arrive."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection
from small_country import CENTRE

from qala.config.backup import MANIFEST, back_up
from qala.config.backup_lake import still_lake
from qala.config.processes import _static_sources
from qala.config.restore import restore
from qala.datasets import load_catalogue
from qala.lake import IngestRequest, Lake
from qala.people import administrators
from qala.people.models import AuditEntry, User
from qala.standard.problems import Problem

APPEALS = "contact_centre.appeals"


@pytest.fixture(scope="module")
def _catalogue() -> object:
    return load_catalogue()


def deliver(lake: Lake, first: int, rows: int = 5) -> None:
    """Some appeals under numbers of their own."""
    moment = datetime(2026, 3, 2, 4, 15, tzinfo=UTC)
    table = pa.Table.from_pylist(
        [
            {"appeal_id": f"a-{first + n}", "received_at": moment, "topic": "roads", "status": "open", "spam": False}
            for n in range(rows)
        ]
    )
    assert lake.ingest(IngestRequest(CENTRE, APPEALS, table)).balances


@pytest.fixture
def site(tmp_path: Path, country: Path, _catalogue: object, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A lake with rows, and a site's folder; the database is that of the tests."""
    lake = Lake(country, _catalogue)
    deliver(lake, 0)
    home = tmp_path / "site"
    (home / "uploads").mkdir(parents=True)
    (home / "secret_key").write_text("the key")
    (home / "uploads" / "layer.geojson").write_text("{}")
    for left_out in ("static", "log", "postgres"):
        (home / left_out).mkdir()
        (home / left_out / "x").write_text("made anew")
    monkeypatch.setenv("DATABASE_URL", url_of(str(connection.settings_dict["NAME"])))
    return country, home


@pytest.fixture
def empty_database(db: None) -> Iterator[str]:
    """The address of a new database on the server of the tests."""
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS restored")
        server.execute("CREATE DATABASE restored TEMPLATE template0 ENCODING 'UTF8'")
        yield url_of("restored")
        server.execute("DROP DATABASE restored WITH (FORCE)")


def url_of(name: str) -> str:
    said = connection.settings_dict
    where = f"{said['HOST']}:{said['PORT']}" if said["PORT"] else ""
    socket = f"?host={said['HOST']}" if not said["PORT"] else ""
    return f"postgresql://{said['USER']}:{said['PASSWORD']}@{where}/{name}{socket}"


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_comes_back_whole(
    site: tuple[Path, Path], tmp_path: Path, empty_database: str, _catalogue: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake, home = site
    administrators.add("keeper@example.org", "K", None)
    file = tmp_path / "kept" / "backup.zip"
    made = back_up(file, lake, home)
    names = {entry.name for entry in made.files}
    assert {"database.dump", "site/secret_key", "site/uploads/layer.geojson"} <= names
    assert not any(name.startswith(("site/static", "site/log", "site/postgres", "lake/locks")) for name in names)
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"

    monkeypatch.setenv("DATABASE_URL", empty_database)
    new_home, new_lake = tmp_path / "new" / "site", tmp_path / "new" / "lake"
    restore(file, new_home, new_lake)
    assert (new_home / "secret_key").read_text() == "the key"
    assert same_files(lake, new_lake)
    assert Lake(new_lake, _catalogue).ledger.receipts() == Lake(lake, _catalogue).ledger.receipts()
    with psycopg.connect(empty_database) as restored:
        emails = restored.execute("SELECT email FROM people_user").fetchall()
        assert emails == [("keeper@example.org",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            restored.execute("DELETE FROM people_auditentry")

    with pytest.raises(Problem, match="there already"):
        restore(file, new_home, tmp_path / "other")
    with pytest.raises(Problem, match="not empty"):
        restore(file, tmp_path / "other-home", tmp_path / "other-lake")
    with pytest.raises(Problem, match="already"):
        back_up(file, lake, home)


def same_files(one: Path, other: Path) -> bool:
    def of(root: Path) -> dict[str, bytes]:
        return {
            str(file.relative_to(root)): file.read_bytes()
            for file in root.rglob("*")
            if file.is_file() and file.suffix != ".lock" and file.relative_to(root).parts[0] not in ("locks", "tmp")
        }

    return of(one) == of(other)


def test_a_damaged_backup_restores_nothing(site: tuple[Path, Path], tmp_path: Path, db: None) -> None:
    lake, home = site
    file, broken = tmp_path / "backup.zip", tmp_path / "broken.zip"
    back_up(file, lake, home)
    with zipfile.ZipFile(file) as good, zipfile.ZipFile(broken, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"another key" if name == "site/secret_key" else good.read(name))
    os.environ.pop("DATABASE_URL")
    with pytest.raises(Problem, match="secret_key is damaged"):
        restore(broken, tmp_path / "h", tmp_path / "l")
    assert not (tmp_path / "h").exists()
    assert not (tmp_path / "l").exists()
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(Problem, match="no backup"):
        restore(tmp_path / "text.zip", tmp_path / "h", tmp_path / "l")
    with zipfile.ZipFile(broken, "w") as bad:
        bad.writestr(
            MANIFEST,
            json.dumps(
                {
                    "program": "0",
                    "made_at": "",
                    "format": 1,
                    "files": [{"name": name, "size": 0, "sha256": ""} for name in ("database.dump", "lake/../../x")],
                }
            ),
        )
        bad.writestr("database.dump", b"")
        bad.writestr("lake/../../x", b"")
    with pytest.raises(Problem):
        restore(broken, tmp_path / "h", tmp_path / "l")
    assert not (tmp_path.parent / "x").exists()


def test_a_lake_that_is_written_to_is_copied_as_it_was_at_one_instant(
    country: Path, _catalogue: object, tmp_path: Path
) -> None:
    """Rows arrive all the while; every copy opens, and its ledger agrees with its tables."""
    stop = threading.Event()
    deliver(Lake(country, _catalogue), 0)

    def arrive() -> None:
        lake, number = Lake(country, _catalogue), 100
        while not stop.wait(0.2):
            deliver(lake, number)
            number += 10

    arriving = threading.Thread(target=arrive)
    arriving.start()
    try:
        seen: set[int] = set()
        turn = 0
        while len(seen) < 3:
            turn += 1
            copy = tmp_path / f"copy{turn}"
            for name, file in still_lake(country, tmp_path / f"room{turn}"):
                to = copy / name
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(file.read_bytes())
            lake = Lake(copy, _catalogue)
            stored = sum(file.rows for file in lake.table(APPEALS).snapshot().files(CENTRE))
            receipts = [receipt.stored for receipt in lake.ledger.receipts(APPEALS)]
            assert stored == sum(receipts)
            seen.add(len(receipts))
    finally:
        stop.set()
        arriving.join()


def test_the_commands_keep_a_site_that_has_a_server_of_its_own(
    country: Path, _catalogue: object, own_folder: Path
) -> None:
    """add-admin, upgrade, backup, restore as one types them, with the database in the site's folder."""
    home, new = own_folder / "site", own_folder / "new"
    deliver(Lake(country, _catalogue), 0)
    home.mkdir()
    (home / "static.stamp").write_text(_static_sources())  # static files are another test's matter

    def python(code: str, *words: str, at: Path = home) -> str:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {
            "QALA_HOME": str(at),
            "QALA_LAKE": str(country),
            "DJANGO_SETTINGS_MODULE": "qala.config.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    qala = "from qala.cli import main; main()"
    said = python(qala, "people", "add-admin", "--email", "keeper@example.org", "--address", "https://qala.example")
    assert "https://qala.example/kk/account/invited/" in said
    assert "Done. The state before it:" in python(qala, "upgrade")
    (before,) = (home / "backups").iterdir()
    python(qala, "restore", str(before), "--to-home", str(new / "site"), "--to-lake", str(new / "lake"))
    assert same_files(country, new / "lake")
    look = (
        "import psycopg; from qala.config.database import database_url;"
        "print(psycopg.connect(database_url()).execute('SELECT email FROM people_user').fetchall())"
    )
    assert python(look, at=new / "site").strip() == "[('keeper@example.org',)]"


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder beside the tests' site: the server runs as a user of its own, whom pytest's folders do not let in."""
    beside = Path(settings.HOME).parent
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix="test-commands-") as folder:
        yield Path(folder)


def test_the_first_administrator_is_made_once_and_can_be_given_a_password(db: None) -> None:
    link = administrators.add("Keeper@Example.org", "K", None)
    assert link is not None
    assert administrators.add("keeper@example.org", "", "correct horse battery") is None
    assert User.objects.get().check_password("correct horse battery")
    assert AuditEntry.objects.filter(verb="give_role").count() == 1
    for email, password in (("nonsense", None), ("x@example.org", "short")):
        with pytest.raises(Problem):
            administrators.add(email, "", password)


def test_help_does_not_wait_for_django() -> None:
    code = "import sys; from qala.cli import app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
