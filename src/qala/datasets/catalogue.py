"""All contracts, computations and manifests together, read from folders of YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from qala.datasets.computation import KpiComputation
from qala.datasets.types import Contract
from qala.standard.problems import Problem, Problems
from qala.standard.yaml_file import YamlFile, read_yaml

# What a system's folder may hold; who has read one system has read all sixteen.
ALLOWED_IN_A_SYSTEM = frozenset(
    {
        "__init__.py", "manifest.yaml", "datasets", "kpis.yaml", "models.py", "queries.py", "services.py", "pages.py",
        "api.py", "urls.py", "templates", "simulate.py", "simulation", "tests", "apps.py", "migrations", "locale", "jobs.py",
        "protocols", "__pycache__",
    }
)  # fmt: skip
REQUIRED_IN_A_SYSTEM = ("manifest.yaml", "datasets", "kpis.yaml", "simulate.py", "tests")


class Manifest(BaseModel):
    """What a system answers for: its initiative, and for each function of annex 3 where it is done, or `planned`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    initiative: int
    functions: Mapping[int, str]


@dataclass(frozen=True)
class Catalogue:
    """Contracts by id, computations by KPI id, manifests by system, and the file of each for messages."""

    contracts: Mapping[str, Contract]
    computations: Mapping[str, KpiComputation]
    manifests: Mapping[str, Manifest]
    files: Mapping[str, YamlFile] = field(repr=False, default_factory=dict)
    computed_in: Mapping[str, str] = field(repr=False, default_factory=dict)

    def contract(self, dataset: str) -> Contract:
        """The contract of a dataset; a `Problem` that names near misses if there is none."""
        try:
            return self.contracts[dataset]
        except KeyError:
            import difflib

            near = difflib.get_close_matches(dataset, self.contracts, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else "`qala datasets` lists them all"
            raise Problem(f"there is no dataset {dataset!r}", hint=hint) from None

    @cached_property
    def needed_by(self) -> Mapping[str, tuple[str, ...]]:
        """For each dataset the ids of the KPIs that are computed from it."""
        needed: dict[str, list[str]] = {}
        for kpi, computation in self.computations.items():
            for dataset in computation.datasets:
                needed.setdefault(dataset, []).append(kpi)
        return {dataset: tuple(kpis) for dataset, kpis in needed.items()}

    def where(self, name: str, *steps: str | int) -> str:
        """Where a contract (by dataset id) or a computation (by KPI id) is written: file, line and path."""
        if name in self.computed_in:
            return self.files[self.computed_in[name]].where(name.split(".", 1)[1], *steps)
        return self.files[name].where(*steps) if name in self.files else name


def system_folder() -> Path:
    return Path(__file__).parent.parent / "systems"


def default_folders() -> list[Path]:
    """The folders of the program itself: contracts of the city as a whole, then each system's."""
    return [Path(__file__).parent / "city", *sorted(p for p in system_folder().iterdir() if (p / "datasets").is_dir())]


def load_catalogue(folders: Sequence[Path] | None = None) -> Catalogue:
    """Read every contract, computation and manifest; all that is wrong is told at once.

    Args:
        folders: a folder of contracts (`*.yaml`), or a system's folder (`datasets/*.yaml`, `kpis.yaml`, `manifest.yaml`).

    Raises:
        Problems: what is wrong, with file, line and YAML path.
    """
    contracts: dict[str, Contract] = {}
    computations: dict[str, KpiComputation] = {}
    manifests: dict[str, Manifest] = {}
    files: dict[str, YamlFile] = {}
    computed_in: dict[str, str] = {}
    found: list[Problem] = []
    for folder in default_folders() if folders is None else folders:
        prefix, system = folder.name, (folder / "datasets").is_dir()
        for path in sorted((folder / "datasets" if system else folder).glob("*.yaml")):
            try:
                file = read_yaml(path)
                contract = file.check(Contract, file.mapping())
                if contract.id != f"{prefix}.{path.stem}":
                    raise file.problem(f"the id must be {prefix}.{path.stem}, after the file", "id")
                if contract.id in contracts:
                    raise file.problem(
                        f"{contract.id} is declared twice", "id", hint=f"also in {files[contract.id].path}"
                    )
                contracts[contract.id], files[contract.id] = contract, file
            except Problems as problem:
                found.extend(problem.problems)
            except Problem as problem:
                found.append(problem)
        if not system:
            continue
        try:
            if (folder / "kpis.yaml").exists():
                file = read_yaml(folder / "kpis.yaml")
                files[f"{prefix}/kpis"] = file
                for name, entry in file.mapping().items():
                    try:
                        computations[f"{prefix}.{name}"] = file.check(KpiComputation, entry, name)
                        computed_in[f"{prefix}.{name}"] = f"{prefix}/kpis"
                    except Problems as problem:
                        found.extend(problem.problems)
                    except Problem as problem:
                        found.append(problem)
            if (folder / "manifest.yaml").exists():
                file = read_yaml(folder / "manifest.yaml")
                files[f"{prefix}/manifest"] = file
                manifests[prefix] = file.check(Manifest, file.mapping())
        except Problem as problem:
            found.append(problem)
    if found:
        raise Problems(found, f"{len(found)} things are wrong in the catalogue of datasets and computations.")
    return Catalogue(contracts, computations, manifests, files, computed_in)
