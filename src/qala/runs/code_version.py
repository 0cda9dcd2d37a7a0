"""Which program made a run: the package's version and a hash of every file that could change a number."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import qala
from qala.standard import Edition

_SOURCES = (".py", ".yaml", ".sql")


def code_version(edition: Edition) -> dict[str, str]:
    """The package's version, a sha256 over its sources, and the digest of the edition."""
    package = Path(qala.__file__ or "").parent
    try:
        number = version("qala")
    except PackageNotFoundError:
        number = "0"
    return {"package": number, "sources": _hash_of_sources(package), "edition": edition.digest}


@lru_cache(maxsize=4)
def _hash_of_sources(package: Path) -> str:
    """sha256 over the names and bytes of the sources, tests left out."""
    total = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.suffix in _SOURCES and path.is_file() and "tests" not in inside.parts and inside.parts[0] != "_law":
            total.update(inside.as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
