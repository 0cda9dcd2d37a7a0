"""Static files: ours and the browser libraries of node_modules, under names that carry their hash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # no types there
    """Names with hashes, ES module imports included; compressed beside."""

    support_js_module_import_aggregation = True


class VendorFinder(BaseFinder):
    """The few dist files that pages load, under `vendor/`, straight from node_modules."""

    def check(self, **_: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_: Any) -> Any:
        return [] if find_all else None

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Any]]:
        return iter(())
