"""The folder of runs in the lake: written whole or not at all, never overwritten, chained by their hashes."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qala.lake.durable import held, sync_folder, write_whole
from qala.runs.record import Json, Run, hash_of, sealed
from qala.standard.problems import Problem

FILE = "run.json"
HEAD = "head.json"  # the same without the results: a list of runs need not read them


@dataclass(frozen=True, slots=True)
class Link:
    """A fault in the chain of runs: which run, and what is wrong with it."""

    run: str
    fault: str


class RunStore:
    """Runs under `<lake>/runs`.

    Args:
        lake: the lake's folder.
    """

    def __init__(self, lake: Path) -> None:
        self.folder = lake / "runs"

    def add(self, make: Callable[[list[Run]], Json | Run]) -> Run:
        """Write a run. `make` gets the heads of the runs that are there, in the order of the chain, and gives either
        the record of a new one (its `previous` is filled in here) or a whole run, which is then simply returned.

        Two processes take turns; a kill in the middle leaves nothing behind that is read.
        """
        with held(self.folder / ".lock"):
            runs = self.heads()
            made = make(runs)
            if isinstance(made, Run):
                return made
            run = sealed({**made, "previous": runs[-1].hash if runs else None})
            self._write(run)
            return run

    def _write(self, run: Run) -> None:
        target = self.folder / run.id
        if target.exists():
            raise FileExistsError(f"a run is never overwritten: {target}")
        beside = self.folder / f".{run.id}.{uuid.uuid4().hex}"
        try:
            head = {name: value for name, value in run.content.items() if name != "results"}
            for name, content in ((FILE, run.content), (HEAD, head)):
                text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
                write_whole(beside / name, text.encode() + b"\n")
            beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        sync_folder(self.folder)

    def heads(self) -> list[Run]:
        """Every run without its results, in the order of the chain; what does not hang on the chain comes last."""
        if not self.folder.is_dir():
            return []
        names = sorted(path.name for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        loose: dict[str, Run] = {}
        for name in names:
            run = self._read(name, HEAD)
            if run.id != name:
                raise Problem(
                    f"The run calls itself {run.id}.", where=str(self.folder / name), hint="Undo the renaming."
                )
            loose[name] = run
        follows: dict[str | None, list[Run]] = {}
        for run in loose.values():
            follows.setdefault(run.previous, []).append(run)
        chain: list[Run] = []
        waiting = follows.get(None, [])[::-1]
        while waiting:
            run = waiting.pop()
            if loose.pop(run.id, None) is not None:
                chain.append(run)
                waiting += follows.get(run.hash, [])[::-1]
        return chain + [loose[name] for name in sorted(loose)]

    def get(self, name: str) -> Run:
        """A run by its id, by a beginning or end of it that fits one only, or `latest`.

        Raises:
            Problem: there is none, or several fit.
        """
        runs = self.heads()
        if name == "latest" and runs:
            return self._read(runs[-1].id, FILE)
        exact = [run for run in runs if run.id == name]
        fitting = exact or [run for run in runs if run.id.startswith(name) or run.id.endswith(name)]
        if len(fitting) == 1:
            return self._read(fitting[0].id, FILE)
        said = "There is no run" if not fitting else f"{len(fitting)} runs fit"
        raise Problem(f"{said} '{name}'.", where=str(self.folder), hint="`qala run list` shows them.")

    def _read(self, name: str, part: str) -> Run:
        path = self.folder / name / part
        try:
            content = json.loads(path.read_bytes())
        except OSError as error:
            raise Problem(f"The run cannot be read: {error.strerror}.", where=str(path)) from None
        except ValueError:
            raise Problem("The run is damaged: it is not JSON.", where=str(path)) from None
        wanted = {"id", "hash", "previous", *(("results",) if part == FILE else ())}
        if not isinstance(content, dict) or not wanted <= content.keys():
            raise Problem("The run is damaged: parts of it are missing.", where=str(path))
        return Run(content)

    def faults(self) -> list[Link]:
        """What is wrong with the chain: changed contents, a missing predecessor, two that follow one."""
        runs = self.heads()
        hashes = {run.hash for run in runs}
        found: list[Link] = []
        followed: dict[str | None, str] = {}
        for run in runs:
            whole = self._read(run.id, FILE)
            head = {name: value for name, value in whole.content.items() if name != "results"}
            if hash_of(whole.content) != run.hash or head != run.content:
                found.append(Link(run.id, "its content is not what its hash was made of"))
            if not run.id.endswith(run.hash[:8]):
                found.append(Link(run.id, "its name is not its hash's"))
            if run.previous is not None and run.previous not in hashes:
                found.append(Link(run.id, "the run before it is gone"))
            if run.previous in followed:
                found.append(Link(run.id, f"it follows the same run as {followed[run.previous]}"))
            followed[run.previous] = run.id
        return found

    def pinned(self) -> dict[str, set[int]]:
        """Dataset id -> table versions that runs cite: what compaction and retention must leave readable."""
        found: dict[str, set[int]] = {}
        for run in self.heads():
            for dataset, version in run.versions.items():
                found.setdefault(dataset, set()).add(version)
        return found
