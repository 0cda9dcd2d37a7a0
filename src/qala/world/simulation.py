"""Simulating cities: each records a year through all its systems, delivers it with its faults, and keeps its books."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from typing import Any

from qala.datasets.catalogue import Catalogue, load_catalogue
from qala.standard import Problem, editions
from qala.world import city_facts
from qala.world.delivery import delivered, parcels, system_of
from qala.world.faults import manner_of
from qala.world.making import CATEGORIES, make_world
from qala.world.quiet import cadences, silent_periods
from qala.world.sinks import FolderSink, Format, Sink
from qala.world.truth import Delivered, System, systems, truths, write_books
from qala.world.types import Category, World

Told = Callable[[str, str], None]
"""Called with a city's code and what it is doing; the last word of a city is `DONE`."""

DONE = "done"


@dataclass(frozen=True)
class Order:
    """What is to be simulated and where it goes.

    Attributes:
        seed, scale: see `make_world`. year: the rated year.
        cities: how many; their categories take turns.
        lake: folder of a lake to deliver to, or None. export: folder for the sender's files, or None. One of them.
    """

    seed: int = 7
    cities: int = 6
    scale: float = 0.02
    year: int = 2026
    categories: tuple[Category, ...] = CATEGORIES
    lake: Path | None = None
    export: Path | None = None
    form: Format | None = None

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise Problem(f"seed {self.seed} is negative", where="--seed", hint="give a whole number of at least 0")
        if self.cities < 1:
            raise Problem("there is nothing to simulate", where="--cities", hint="give at least 1")
        if not self.categories:
            raise Problem("no category of cities is left", where="--categories", hint="for example republican,oblast")
        if (self.lake is None) == (self.export is None):
            raise Problem("simulated rows go either into a lake or into files", where="--to, --export")

    def worlds(self) -> Iterator[World]:
        """The cities, in their order."""
        for index in range(self.cities):
            yield make_world(self.seed, index, self.categories[index % len(self.categories)], self.scale, (self.year,))

    @property
    def books(self) -> Path:
        """The folder with the true values, one JSON file per city."""
        if self.lake is not None:
            return self.lake / "simulation"
        assert self.export is not None
        return self.export / "books"


@dataclass(frozen=True)
class Simulated:
    """What became of one city: rows recorded and rows sent (late, doubled and broken ones too), by dataset."""

    code: str
    name: dict[str, str]
    category: Category
    character: str
    population: int
    recorded: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)


def record(world: World, catalogue: Catalogue, of: Sequence[System], tell: Told | None = None) -> Delivered:
    """All facts of a city that ever reach the platform, by dataset.

    Raises:
        Problem: a system records a dataset that has no contract.
    """
    facts = Delivered()
    for system in of:
        if tell:
            tell(world.code, system.name)
        for part in system.record(world):
            contract = catalogue.contract(part.dataset)
            kept = delivered(world, contract, part, manner_of(world, system_of(part.dataset)))
            if kept is not None and len(kept):
                facts.setdefault(part.dataset, []).append(kept)
    for part in city_facts.record(world, facts):
        facts.setdefault(part.dataset, []).append(part)
    return facts


def simulate_city(world: World, catalogue: Catalogue, sink: Sink, books: Path, tell: Told | None = None) -> Simulated:
    """Record, keep the books, deliver.

    Args:
        books: folder of the books.
        tell: is told what is being done.
    """
    of = systems()
    facts = record(world, catalogue, of, tell)
    if tell:
        tell(world.code, "books")
    counts = {dataset: sum(map(len, parts)) for dataset, parts in facts.items()}
    write_books(world, truths(world, facts, of), counts, books)
    if tell:
        tell(world.code, "delivery")
    sink.register(world)
    asked = cadences(catalogue, editions().values())
    sent: dict[str, int] = {}
    for dataset in sorted(catalogue.contracts):
        contract = catalogue.contracts[dataset]
        manner = manner_of(world, system_of(dataset))
        # What is delivered is dropped at once: the largest datasets of a city need not live side by side.
        parts = facts.pop(dataset, [])
        if not parts and _has_no(world, dataset):
            continue
        for parcel in parcels(world, contract, parts, manner):
            sink.take(parcel)
            sent[dataset] = sent.get(dataset, 0) + parcel.rows.num_rows
        if dataset in asked:
            quiet = silent_periods(world, contract, parts, manner, asked[dataset])
            if quiet:
                sink.nothing_on(dataset, quiet)
    sink.close()
    if tell:
        tell(world.code, DONE)
    return Simulated(
        world.code, world.name, world.category, world.character, world.population, counts, dict(sorted(sent.items()))
    )


def _has_no(world: World, dataset: str) -> bool:
    """Whether the city has no such network, and so nothing to say about it."""
    system = system_of(dataset)
    return system in ("power", "water", "heat", "gas") and system not in world.networks


def _sink(order: Order, catalogue: Catalogue) -> Sink:
    if order.export is not None:
        return FolderSink(order.export, order.form)
    from qala.world.lake_sink import LakeSink

    assert order.lake is not None
    return LakeSink(order.lake, catalogue)


# What a worker process has from its start: reading the catalogue takes longer than a small city.
_worker: dict[str, Any] = {}


def _start_worker(order: Order, words: SimpleQueue[tuple[str, str]]) -> None:
    _worker.update(order=order, catalogue=load_catalogue(), words=words)


def _work(index: int) -> Simulated:
    order: Order = _worker["order"]
    words: SimpleQueue[tuple[str, str]] = _worker["words"]
    world = list(order.worlds())[index]
    sink = _sink(order, _worker["catalogue"])
    return simulate_city(world, _worker["catalogue"], sink, order.books, lambda *said: words.put(said))


def simulate(order: Order, *, processes: int = 2, tell: Told | None = None) -> list[Simulated]:
    """Simulate all cities of an order, each the same whatever the number of processes.

    Args:
        processes: cities made at a time; a lake takes two writers.
        tell: is told what each city is doing.

    Raises:
        Problem: the order cannot be met.
    """
    worlds = list(order.worlds())
    if processes < 2 or len(worlds) < 2:
        catalogue = load_catalogue()
        return [simulate_city(w, catalogue, _sink(order, catalogue), order.books, tell) for w in worlds]
    context = multiprocessing.get_context("spawn")
    words: SimpleQueue[tuple[str, str]] = context.SimpleQueue()
    # The largest first, so that no process ends up alone with one.
    queue = sorted(range(len(worlds)), key=lambda index: -worlds[index].population)
    with ProcessPoolExecutor(processes, context, _start_worker, (order, words)) as pool:
        futures = {pool.submit(_work, index): index for index in queue}
        done: dict[int, Simulated] = {}
        while len(done) < len(futures):
            _listen(words, tell)
            for future in _ready(futures, done):
                done[futures[future]] = future.result()
    _listen(words, tell)
    return [done[index] for index in range(len(worlds))]


def _ready(futures: dict[Any, int], done: dict[int, Simulated]) -> list[Any]:
    waiting = [future for future, index in futures.items() if index not in done]
    try:
        return [next(as_completed(waiting, timeout=0.2))]
    except TimeoutError:
        return []


def _listen(words: SimpleQueue[tuple[str, str]], tell: Told | None) -> None:
    while not words.empty():
        said = words.get()
        if tell:
            tell(*said)
