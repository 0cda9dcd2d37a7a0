"""`make bench-web`: the figures of the site, one table, `bench/results/web.json`.

    python -m bench.web [--lake out/demo/lake] [--large out/large] [--only pages]

The lake is `make demo`'s (twelve simulated cities, their ratings); the map's figures need the one of `make demo-large`.
Each kind is measured in a process of its own over a site's folder that is made anew and removed; nothing is written into
the lakes. `python -m bench --docs` brings the result into the docs.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import machine
from bench.figure import Figure, show

HERE = Path(__file__).parent
RESULTS = HERE / "results"
KINDS = ("pages", "weight", "memory", "map")
SETTINGS = "qala.config.settings"


def main() -> int:
    asked = _arguments()
    if asked.child:
        print(json.dumps([one.said() for one in _child(asked)]))
        return 0
    kinds = asked.only or list(KINDS)
    needed = [asked.lake] if set(kinds) - {"map"} else []
    needed += [asked.large / "lake"] if "map" in kinds else []
    for lake in needed:
        if not (lake / "tables").is_dir():
            how = "make demo SERVE=0" if lake == asked.lake else "make demo-large SERVE=0"
            raise SystemExit(f"bench: there is no lake in {lake}; `{how}` makes one")
    facts = machine.facts()
    figures: list[Figure] = []
    for kind in kinds:
        print(f"measuring: {kind}", file=sys.stderr, flush=True)
        figures += _map(asked) if kind == "map" else _in_a_process(kind, asked)
    show(figures, f"{facts['processor']}, {facts['cores']} cores, load {facts['load_before'][0]} before")
    RESULTS.mkdir(exist_ok=True)
    said = {"machine": facts, "figures": [one.said() for one in figures]}
    name = "web.json" if kinds == list(KINDS) else "raw/web.json"
    (RESULTS / name).parent.mkdir(exist_ok=True)
    (RESULTS / name).write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    if kinds == list(KINDS):
        print("bench/results/web.json is written; `python -m bench --docs` brings it into the docs", file=sys.stderr)
    return 0


def _in_a_process(kind: str, asked: argparse.Namespace) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="qala-bench-web-") as home:
        environment = {
            **os.environ,
            "QALA_LAKE": str(asked.lake.resolve()),
            "QALA_HOME": home,
            "QALA_EDITION": asked.edition,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
        }
        command = [sys.executable, "-m", "bench.web", "--child", kind, "--port", str(asked.port)]
        command += ["--seconds", str(asked.seconds)]
        done = subprocess.run(command, cwd=HERE.parent, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {kind} failed (see above)")
    return [Figure(**said) for said in json.loads(done.stdout.splitlines()[-1])]


def _child(asked: argparse.Namespace) -> list[Figure]:
    import django

    from qala.config.processes import prepare

    prepare(lambda text: print(f"  {text}", file=sys.stderr))
    django.setup()
    module: Any = importlib.import_module(f"bench.web_{asked.child}")
    found: list[Figure] = (
        module.measure(asked.port, asked.seconds) if asked.child == "pages" else module.measure(asked.port)
    )
    return found


def _map(asked: argparse.Namespace) -> list[Figure]:
    """The map over a copy of the large site's tiles: they take minutes to make."""
    with tempfile.TemporaryDirectory(prefix="qala-bench-web-") as folder:
        home = Path(folder) / "site"
        home.mkdir()
        if (asked.large / "site" / "tiles").is_dir():
            shutil.copytree(asked.large / "site" / "tiles", home / "tiles")
        command = [sys.executable, "-m", "bench.web_map", "--lake", str(asked.large / "lake"), "--home", str(home)]
        subprocess.run([*command, "--port", str(asked.port)], cwd=HERE.parent, stdout=subprocess.DEVNULL, check=True)
    said = json.loads((RESULTS / "web_map.json").read_text())
    return [Figure(**one) for one in said["figures"]]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.web", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lake", type=Path, default=Path("out/demo/lake"), help="the lake of `make demo`")
    parser.add_argument("--large", type=Path, default=Path("out/large"), help="the folder of `make demo-large`")
    parser.add_argument("--edition", default=os.environ.get("QALA_EDITION", "order_469"))
    parser.add_argument("--only", action="append", choices=KINDS, help="one kind; may be repeated")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each page is asked for in a round")
    parser.add_argument("--port", type=int, default=8159)
    parser.add_argument("--child", choices=KINDS, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
