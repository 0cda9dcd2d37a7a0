"""The files of node_modules that pages load, by the name under which they are served. Nothing else of npm is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

NODE_MODULES = Path(__file__).resolve().parents[3] / "node_modules"

_ONEST = "@fontsource-variable/onest/files/onest"

FILES: Mapping[str, str] = {
    "vendor/echarts.mjs": "echarts/dist/echarts.esm.min.mjs",
    "vendor/htmx.mjs": "htmx.org/dist/htmx.esm.min.js",
    "vendor/maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "vendor/maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "vendor/maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "vendor/onest-latin.woff2": f"{_ONEST}-latin-wght-normal.woff2",
    "vendor/onest-latin-ext.woff2": f"{_ONEST}-latin-ext-wght-normal.woff2",
    "vendor/onest-cyrillic.woff2": f"{_ONEST}-cyrillic-wght-normal.woff2",
    "vendor/onest-cyrillic-ext.woff2": f"{_ONEST}-cyrillic-ext-wght-normal.woff2",
}

MODULES: Mapping[str, str] = {
    "echarts": "vendor/echarts.mjs",
    "htmx": "vendor/htmx.mjs",
    "maplibre-gl": "vendor/maplibre-gl.mjs",
    "maplibre-gl/worker": "vendor/maplibre-gl-worker.mjs",
    "maplibre-gl/css": "vendor/maplibre-gl.css",
    "qala/chart": "ui/js/chart.js",
    "qala/map": "ui/js/map.js",
    "qala/live": "ui/js/live.js",
    "qala/look": "ui/js/look.js",
    "qala/page": "ui/js/page.js",
}
"""What a module may import by a bare name: the import map of every page."""
