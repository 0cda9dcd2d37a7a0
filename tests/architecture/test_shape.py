"""The shape that CONTRIBUTING.md describes: layers, names, sizes, nothing from outside."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tracked import ROOT, files, name, of_kind, text

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "managers", "misc"}
MOST_LINES = 400
# split, so that this file does not hold what it looks for
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "crates" + ".io",
    "rubygems" + ".org",
    "proxy.golang" + ".org",
)
OUTSIDE = re.compile(r"(?<![\w./*:}$-])/(?:work|root|home|Users|mnt)/")


def test_parts_lie_in_layers() -> None:
    """import-linter: the layers, the independence of systems, no Django below the screens."""
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(tool)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_name_says_nothing() -> None:
    parts = {part for path in of_kind(".py") for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & FORBIDDEN_NAMES


def test_a_file_can_be_read_in_one_go() -> None:
    long = {name(path): n for path in of_kind(".py", ".sh") if (n := (text(path) or "").count("\n")) > MOST_LINES}
    assert not long, f"more than {MOST_LINES} lines: make two of each"


def test_no_two_tests_share_a_name() -> None:
    """pytest imports a test file without packages by its bare name."""
    bare = (path for path in of_kind(".py") if not (path.parent / "__init__.py").exists())
    named = Counter(path.name for path in bare if path.name.startswith("test_"))
    assert [one for one, count in named.items() if count > 1] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in of_kind(".py")
        if path.is_relative_to(ROOT / "src")
        and (content := (text(path) or "").strip())
        and not content.startswith(('"""', "#"))
    ]
    assert not silent


def test_nothing_hangs_on_this_machine() -> None:
    """No path outside the repository but ../shared."""
    found = [
        f"{name(path)}:{number}: {line.strip()[:120]}"
        for path in files()
        for number, line in enumerate((text(path) or "").splitlines(), 1)
        if OUTSIDE.search(line) and path != Path(__file__)
    ]
    assert not found


def test_no_file_knows_a_registry() -> None:
    found = [f"{name(path)}: {host}" for path in files() for host in REGISTRIES if host in (text(path) or "")]
    assert not found


def test_locked_dependencies_have_hashes_and_no_addresses() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        content = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in content
        pinned = re.findall(r"(?m)^([\w.-]+(?:\[[\w,-]+\])?)==", content)
        entries = re.split(r"(?m)^(?=[\w.-]+(?:\[[\w,-]+\])?==)", content)[1:]
        assert pinned and len(pinned) == len(entries)
        assert not [one.split("==")[0] for one in entries if "--hash=sha256:" not in one]
