"""`python -m bench`: measure, print one table, write `bench/results/latest.json`.

Each figure is measured in a process of its own, so that its memory can be told and nothing that another left behind helps
it. What is measured is made in `bench/.work` and removed at the end.
"""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import docs, machine
from bench.figure import Figure, show
from bench.places import FULL, QUICK, Place, Sizes

HERE = Path(__file__).parent
RESULTS = HERE / "results"

# name -> (module, what must have been made before)
FIGURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "one_dataset": ("bench.one_dataset", ("large",)),
    "all_kpis": ("bench.all_kpis", ("city",)),
    "pandas": ("bench.pandas_peer", ("city",)),
    "new_day_everywhere": ("bench.new_day_everywhere", ("city",)),
    "scores": ("bench.scores", ()),
    "sureness": ("bench.sureness", ()),
    "ingest": ("bench.bulk_ingest", ()),
    "nation": ("bench.nation", ("smaller_city", "city", "nation", "large")),
}


def main() -> int:
    asked = _arguments()
    sizes = QUICK if asked.quick else FULL
    if asked.rows:
        sizes = replace(sizes, rows=int(asked.rows))
    if asked.scale:
        sizes = replace(sizes, scale=asked.scale)
    place = Place(asked.work, sizes)
    if asked.child:
        print(json.dumps(_child(asked.child, place)))
        return 0
    if asked.docs:
        docs.rewrite_all(RESULTS)
        return 0
    return _run(asked, place)


def _run(asked: argparse.Namespace, place: Place) -> int:
    names = asked.only or list(FIGURES)
    facts = machine.facts()
    begun = time.monotonic()
    shutil.rmtree(place.folder, ignore_errors=True)
    place.folder.mkdir(parents=True)
    try:
        for what in dict.fromkeys(need for name in names for need in FIGURES[name][1]):
            _say(f"making: {what}")
            _in_a_process(f"make:{what}", place, asked)
        figures: list[Figure] = []
        # The nation's slopes need the large dataset as it was made, the one dataset's figures add to it: slopes first.
        for name in sorted(names, key=lambda one: one != "nation"):
            _say(f"measuring: {name}")
            figures += _measure(name, place, asked)
    finally:
        if not asked.keep:
            shutil.rmtree(place.folder, ignore_errors=True)
    figures.sort(key=lambda one: one.name.startswith("nation"))
    minutes = (time.monotonic() - begun) / 60
    note = " (quick: the sizes are too small to mean anything)" if asked.quick else ""
    show(figures, f"{facts['processor']}, {facts['cores']} cores; {minutes:.1f} minutes{note}")
    said = [one.said() for one in figures]
    _write({"machine": facts, "minutes": round(minutes, 1), "quick": asked.quick, "figures": said}, asked)
    return 0


def _measure(name: str, place: Place, asked: argparse.Namespace) -> list[Figure]:
    if name != "pandas":
        return [Figure(**said) for said in _in_a_process(name, place, asked)]
    from bench import pandas_peer

    sides: dict[str, list[dict[str, Any]]] = {"ours": [], "theirs": []}
    for _ in range(place.sizes.pandas_repeats):
        for side, runs in sides.items():
            runs.append(_in_a_process(f"pandas:{side}", place, asked))
    return pandas_peer.together(sides)


def _child(name: str, place: Place) -> Any:
    """What a process of its own is asked to do; its answer goes to the standard output as JSON."""
    kind, _, what = name.partition(":")
    if kind == "make":
        return _make(what, place)
    if kind == "pandas":
        from bench import pandas_peer

        return pandas_peer.ours(place) if what == "ours" else pandas_peer.theirs(place)
    found: list[Figure] = importlib.import_module(FIGURES[name][0]).measure(place)
    return [one.said() for one in found]


def _make(what: str, place: Place) -> None:
    from bench import large_dataset, simulated

    sizes: Sizes = place.sizes
    if what == "large":
        large_dataset.make(place.large, sizes.rows)
    elif what == "city":
        simulated.make(place.city, sizes.scale)
    elif what == "smaller_city":
        simulated.make(place.smaller_city, sizes.smaller_scale)
    else:
        simulated.make(place.nation, sizes.smaller_scale, ("republican", "oblast", "district"))


def _in_a_process(name: str, place: Place, asked: argparse.Namespace) -> Any:
    command = [sys.executable, "-m", "bench", "--child", name, "--work", str(place.folder)]
    command += ["--quick"] if asked.quick else []
    command += ["--rows", str(asked.rows)] if asked.rows else []
    command += ["--scale", str(asked.scale)] if asked.scale else []
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {name} failed (see above)")
    return json.loads(done.stdout.splitlines()[-1])


def _write(result: dict[str, Any], asked: argparse.Namespace) -> None:
    raw = RESULTS / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    (raw / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json").write_text(text)
    if not asked.quick and not asked.only and not asked.rows and not asked.scale:
        (RESULTS / "latest.json").write_text(text)
        _say("bench/results/latest.json is written; `python -m bench --docs` brings it into the docs")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that it works, measures nothing")
    parser.add_argument("--only", action="append", choices=list(FIGURES), help="one figure; may be repeated")
    parser.add_argument("--rows", type=float, help="rows of the one large dataset")
    parser.add_argument("--scale", type=float, help="scale of the simulated city")
    parser.add_argument("--work", type=Path, default=HERE / ".work", help="folder for what is measured")
    parser.add_argument("--keep", action="store_true", help="leave that folder")
    parser.add_argument(
        "--docs", action="store_true", help="bring what was measured into the docs, and measure nothing"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
