"""The files of node_modules that pages load, by the name under which they are served. Nothing else of npm is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"

_GOLOS = "@fontsource-variable/golos-text/files/golos-text"

FILES: Mapping[str, str] = {
    "vendor/echarts.mjs": "echarts/dist/echarts.esm.min.mjs",
    "vendor/htmx.mjs": "htmx.org/dist/htmx.esm.min.js",
    "vendor/maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "vendor/maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "vendor/maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "vendor/golos-latin.woff2": f"{_GOLOS}-latin-wght-normal.woff2",
    "vendor/golos-latin-ext.woff2": f"{_GOLOS}-latin-ext-wght-normal.woff2",
    "vendor/golos-cyrillic.woff2": f"{_GOLOS}-cyrillic-wght-normal.woff2",
    "vendor/golos-cyrillic-ext.woff2": f"{_GOLOS}-cyrillic-ext-wght-normal.woff2",
}

MODULES: Mapping[str, str] = {
    "echarts": "vendor/echarts.mjs",
    "htmx": "vendor/htmx.mjs",
    "maplibre-gl": "vendor/maplibre-gl.mjs",
    "maplibre-gl/worker": "vendor/maplibre-gl-worker.mjs",
    "maplibre-gl/css": "vendor/maplibre-gl.css",
    "qala/chart": "ui/js/chart.js",
    "qala/map": "ui/js/map.js",
    "qala/look": "ui/js/look.js",
}
"""What a module may import by a bare name: the import map of every page."""
