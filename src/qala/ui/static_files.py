"""Static files: ours and the browser libraries of node_modules, under names that carry their hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from qala.standard.problems import Problem
from qala.ui.vendor import FILES, NODE_MODULES


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Names with hashes, ES module imports included; compressed beside."""

    support_js_module_import_aggregation = True


class VendorFinder(BaseFinder):
    """The few dist files that pages load, under `vendor/`, straight from node_modules."""

    def check(self, **_: Any) -> list[Any]:
        """Nothing to check: a file that is missing is told where it is asked for."""
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        """The place of one file, as the development server asks for it."""
        known = FILES.get(path)
        found = str(NODE_MODULES / known) if known is not None and (NODE_MODULES / known).is_file() else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:  # noqa: ARG002  Django's signature
        """All of them, for collectstatic.

        Raises:
            Problem: npm has not been run.
        """
        storage = _Renamed(location=NODE_MODULES)
        for name, source in FILES.items():
            if not (NODE_MODULES / source).is_file():
                raise Problem(
                    "The browser libraries are not there.", where=str(NODE_MODULES / source), hint="Run `npm ci`."
                )
            yield name, storage


class _Renamed(FileSystemStorage):
    """node_modules, its files under the names of `FILES`."""

    def path(self, name: str) -> str:
        return str(Path(self.location) / FILES[name])
