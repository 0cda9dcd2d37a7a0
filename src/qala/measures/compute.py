"""Partial sums brought up to date: one scan per dataset and shape, over new rows only wherever that is enough.

A linear sum reads the files that were added since it last looked and adds them, signs included (a correction is the old
row with a minus and the new one with a plus). A sum that is not linear computes the touched days or periods again and
adds the difference. A sum that was never computed, or whose definition changed, reads everything once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from qala.datasets import Catalogue
from qala.lake import DataFile, Lake, Snapshot
from qala.measures import filings
from qala.measures.amounts import CitySums
from qala.measures.bindings import Context
from qala.measures.blocks import Block, folded, from_scan
from qala.measures.contexts import context_of
from qala.measures.engines import DuckDbEngine, Engine
from qala.measures.expressions import names_working_days
from qala.measures.following import PARTIAL_SUMS as DATASET
from qala.measures.following import Followed, years_of_rows
from qala.measures.indicators import FOLDER, load_indicators
from qala.measures.plan import Planner
from qala.measures.received import SHAPE, Received
from qala.measures.scan import Source, Writer, district_of
from qala.measures.store import SumStore
from qala.measures.sums import Shape, Sum, one_scan_each
from qala.standard.calendar import non_working_days
from qala.standard.edition import Edition
from qala.standard.period import Period


@dataclass
class Report:
    """What one computation did: scans run, shapes that were up to date, amounts added."""

    scans: int = 0
    up_to_date: int = 0
    added: int = 0
    datasets: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _News:
    """What one shape must do: the sums concerned, and how far they have read."""

    shape: Shape
    sums: tuple[Sum, ...]
    read: tuple[int, ...]  # per dataset of the shape; -1 for never
    years: tuple[int, ...] = ()  # whose periods a form with one number a period has


_Todo = tuple[_News, Sequence[int], Sequence[int]]  # with the years that came and went


class Computer:
    """Computes the sums of cities; `versions` says dataset -> version of its table to compute from, None the newest."""

    def __init__(
        self,
        lake: Lake,
        edition: Edition,
        catalogue: Catalogue,
        engine: Engine | None = None,
        versions: dict[str, int] | None = None,
    ) -> None:
        self.lake = lake
        self.edition = edition
        self.indicators = load_indicators(lake.folder / FOLDER, edition, catalogue)
        self.catalogue = self.indicators.catalogue  # computes the own indicators too
        self.connection = lake.connection()
        self.engine: Engine = engine or DuckDbEngine(self.connection)
        self.store = SumStore(lake.folder / "sums")
        self.versions = versions
        self._tables = Followed(lake, versions)
        self._received = Received(lake, self.connection)
        self._planners: dict[object, Planner] = {}
        self._contexts: dict[object, Context] = {}
        self._years: dict[str, list[int]] = {}
        self._of_working_days: dict[str, bool] = {}
        self._writers: dict[tuple[int, ...], Writer] = {}

    def planner(self, city: str) -> Planner:
        """The compiled computations of a city; cities whose category and filed values agree share one."""
        snapshot = self.snapshot(filings.PARAMETERS)
        known = (city, snapshot.version, self.lake.cities.get(city).categories)
        if known not in self._contexts:
            rows = filings.rows_of(self.connection, snapshot, city)
            self._contexts[known] = context_of(
                self.lake, self.edition, city, filings.filed_terms(rows), self.indicators.by_id
            )
        context = self._contexts[known]
        if context.stretches not in self._planners:
            self._planners[context.stretches] = Planner(self.catalogue, context)
        return self._planners[context.stretches]

    def snapshot(self, dataset: str) -> Snapshot:
        """The version of a dataset's table that this computation reads."""
        return self._tables.snapshot(dataset)

    def sums(
        self,
        city: str,
        kpis: Iterable[str] | None = None,
        datasets: Iterable[str] | None = None,
        *,
        extras: bool = True,
    ) -> list[Sum]:
        """Every sum that some KPIs of a city need (all of the edition, and its own), over some datasets (over all).

        Args:
            extras: the figures beside the KPIs and their variants as well.
        """
        planner = self.planner(city)
        wanted: dict[Sum, None] = {}
        own = [one.id for one in self.indicators.of(city)]
        every = [kpi for kpi in self.catalogue.computations if kpi in self.edition.kpis or kpi in own]
        for kpi in every if kpis is None else kpis:
            for figure in planner.figures(kpi)[: None if extras else 1]:
                wanted.update(dict.fromkeys(figure.sums))
                wanted.update(dict.fromkeys(planner.delivered(d) for d in figure.datasets))
        only = None if datasets is None else set(datasets)
        return [s for s in wanted if only is None or only & set(s.shape.datasets)]

    def compute(
        self,
        city: str,
        kpis: Iterable[str] | None = None,
        datasets: Iterable[str] | None = None,
        said: Callable[[str], None] | None = None,
        *,
        extras: bool = True,
    ) -> Report:
        """Bring a city's sums up to date and store them, in one commit."""
        report = Report()
        with self.store.alone(city):
            self.look_again()
            known = self.store.progress(city)
            progress = dict(known)
            todo: list[_Todo] = []
            sums = self.sums(city, kpis, datasets, extras=extras)
            moved = self._received.moved(city, self.snapshot(DATASET), sums, progress)
            for news in self._news(city, sums, progress):
                now = tuple(self.snapshot(d).version for d in news.shape.datasets)
                come, gone = self._turn_of_years(city, news)
                if now == news.read and not come and not gone:
                    report.up_to_date += 1
                    continue
                todo.append((news, come, gone))
                report.scans += 1
                report.datasets.add(news.shape.dataset)
                for wanted in news.sums:
                    for year in gone:
                        del progress[f"{wanted.key}:{year}"]
                    progress |= {f"{wanted.key}:{year}": 1 for year in come}
                    progress |= {f"{wanted.key}:{d}": after for d, after in zip(news.shape.datasets, now, strict=True)}
            if todo:
                blocks = self._side_by_side(city, todo, said)
                if moved:
                    blocks = folded([*blocks, *self._less(city, moved)])
                report.added = sum(int(np.count_nonzero(block.amounts)) for block in blocks)
                self.store.append(city, blocks, progress)
                self.store.fold(city)
        return report

    def in_memory(self, city: str, kpis: Iterable[str] | None = None, district: str | None = None) -> CitySums:
        """A city's sums (or a district's) computed from scratch and not stored: how a run is verified."""
        todo: list[_Todo] = [(news, (), ()) for news in self._news(city, self.sums(city, kpis), {})]
        return CitySums.of(city, self._side_by_side(city, todo), district)

    def _side_by_side(self, city: str, todo: Sequence[_Todo], said: Callable[[str], None] | None = None) -> list[Block]:
        """All additions, the largest datasets first, so that no worker ends up alone with one."""
        if any(self._in_years(news) for news, _, _ in todo):
            self.years(city)  # opens every snapshot: the workers only read them

        def rows(shape: Shape) -> int:
            return shape.passes * sum(f.rows for d in shape.datasets for f in self.snapshot(d).files(city=city))

        largest_first = sorted(((rows(item[0].shape), item) for item in todo), key=lambda one: -one[0])
        workers = self.engine.sharing([size for size, _ in largest_first])
        if len(todo) == 1:  # a thread of its own would be waited for longer
            (news, come, gone) = todo[0]
            if said:
                said(news.shape.dataset)
            return self._additions(city, news, come, gone)
        blocks: list[Block] = []
        with ThreadPoolExecutor(workers) as pool:
            waiting = [(what[0].shape.dataset, pool.submit(self._additions, city, *what)) for _, what in largest_first]
            try:
                for dataset, addition in waiting:
                    if said:
                        said(dataset)
                    blocks += addition.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return blocks

    def look_again(self) -> None:
        """Let each table be followed to its newest version when it is needed; forget what was found out from older ones."""
        self._years.clear()
        self._tables.look_again()

    def _news(self, city: str, sums: Sequence[Sum], known: dict[str, int]) -> list[_News]:
        come, sums = self._received.apart(city, self.snapshot(DATASET), sums, known)
        received = [_News(SHAPE, tuple(some), (read,)) for read, some in come.items()]
        years: dict[str, list[int]] = defaultdict(list)
        for name in known:
            key, _, what = name.partition(":")
            if what.isdigit():
                years[key].append(int(what))
        groups: dict[tuple[Shape, tuple[int, ...], tuple[int, ...]], list[Sum]] = defaultdict(list)
        for wanted in sums:
            read = tuple(known.get(f"{wanted.key}:{d}", -1) for d in wanted.shape.datasets)
            groups[wanted.shape.scanned, read, tuple(sorted(years[wanted.key]))].append(wanted)
        return received + [
            _News(shape, tuple(found), read, seen)
            for (_, read, seen), wanted in groups.items()
            for shape, found in one_scan_each(wanted)
        ]

    def _turn_of_years(self, city: str, news: _News) -> tuple[list[int], list[int]]:
        """Years that came and went since: a registry may hold through them unchanged, and has a number in each period."""
        if news.shape.form not in ("objects", "distinct"):
            return [], []
        now = self.years(city)
        return [year for year in now if year not in news.years], [year for year in news.years if year not in now]

    def _additions(self, city: str, news: _News, come: Sequence[int], gone: Sequence[int]) -> list[Block]:
        """What must be added to the stored sums so that they are those of the present snapshot."""
        if news.shape is SHAPE:
            came = None if news.read == (-1,) else self._tables.came_after(DATASET, *news.read)
            fresh = self._received.blocks(self.snapshot(DATASET), city, came, news.sums)
            return fresh if came is not None or news.read == (-1,) else folded([*fresh, *self._less(city, news.sums)])
        if all(version == -1 for version in news.read):
            return self._full(city, news)
        blocks: list[Block] = []
        if come:
            blocks += self._of_periods(city, news, self._periods(come, news.shape))
        if gone:
            first_days = [p.first_day for p in self._periods(gone, news.shape)]
            blocks += self._less(city, news.sums, first_days)
        changed: dict[str, list[DataFile]] = {}
        for dataset, version in zip(news.shape.datasets, news.read, strict=True):
            files = self._tables.came_after(dataset, version)
            if files is None:  # the history is gone: everything anew, less what is stored
                return folded([*self._full(city, news), *self._less(city, news.sums)])
            changed[dataset] = [f for f in files if f.city == city]
        if not any(changed.values()):
            return blocks
        if news.shape.linear:
            return self._scan(city, news, self._log(city, news, changed[news.shape.dataset]))
        if news.shape.form == "flow":
            return self._days_again(city, news, changed[news.shape.dataset])
        return blocks + self._periods_again(city, news, changed)

    def _full(self, city: str, news: _News) -> list[Block]:
        snapshot = self.snapshot(news.shape.dataset)
        files = snapshot.files(city=city)
        if not files:
            return []
        if news.shape.linear:
            return self._scan(city, news, self._log(city, news, files))
        if news.shape.form == "flow":
            return self._flow(city, news, files)
        return self._of_periods(city, news, self._periods(self.years(city), news.shape))

    def _scan(self, city: str, news: _News, source: Source, days: Sequence[date] | None = None) -> list[Block]:
        writer = self._writer(city, news)
        kinds = writer.kinds(news.sums)
        if kinds is not None:
            sql = writer.sql(news.shape, kinds.parts, source, days=days, kind=kinds.column)
            return [kinds.put_together(self.engine.run(sql), news.sums, source.one_way)]
        sql = writer.sql(news.shape, news.sums, source, days=days)
        return [from_scan(self.engine.run(sql), news.sums, source.one_way)]

    def _flow(
        self, city: str, news: _News, files: Sequence[DataFile], days: Sequence[date] | None = None
    ) -> list[Block]:
        """Rows that hold, by their days: those that ask for previous ones put in order here, if they are few enough."""
        source = self._current(city, news, files)
        few = sum(file.rows for file in files) <= self.engine.at_once
        counting = self._writer(city, news).counting(news.sums) if few else None
        if counting is None:
            return self._scan(city, news, source, days)
        rows = self.engine.run(counting.sql(source, district_of(self.catalogue.contract(news.shape.dataset))))
        return folded([from_scan(counting.counts(rows, days), news.sums, source.one_way)])

    def _less(self, city: str, sums: Sequence[Sum], days: Sequence[date] | None = None) -> list[Block]:
        """What is stored of some sums, to be taken away, and folded with what comes instead: otherwise all that was ever
        added and taken away is written once more each time, and the sums of a city double.
        """
        return [block.negated() for block in self.store.blocks(city, [s.key for s in sums], days)]

    def _days_again(self, city: str, news: _News, changed: Sequence[DataFile]) -> list[Block]:
        """Non-linear sums of the touched days; a row also touches the days in which it is somebody's previous row."""
        shape = news.shape
        log = self.engine.log(self.catalogue.contract(shape.dataset), changed, [shape.dated])
        found = self.engine.run(
            f"SELECT DISTINCT {shape.dated} AS at_day FROM {log.relation} WHERE {shape.dated} IS NOT NULL"
        )
        touched = found["at_day"].astype("datetime64[D]").tolist()
        if not touched:
            return []
        reach = shape.since.days + 1 if shape.since else 0  # one more: a day may have 25 hours
        days = sorted({day + timedelta(days=n) for day in touched for n in range(reach + 1)})
        snapshot = self.snapshot(shape.dataset)
        if shape.dated == "day":
            files = snapshot.files(city=city, first_day=days[0] - timedelta(days=reach), last_day=days[-1])
        else:
            files = snapshot.files(city=city)
        fresh = self._flow(city, news, files, days) if files else []
        return folded([*fresh, *self._less(city, news.sums, days)])

    def _periods_again(self, city: str, news: _News, changed: dict[str, list[DataFile]]) -> list[Block]:
        """Sums that have one number a period: the periods from the first touched day on that the news can reach."""
        shape = news.shape
        first, last = date.max, date.min
        for dataset, files in changed.items():
            registry = self.catalogue.contract(dataset).kind == "registry"
            for file in files:
                first = min(first, file.first_day)
                # a registry's row may hold for ever; an event reaches as far as the look-back of `matched`
                reach = timedelta(days=shape.seen.days or 0) if shape.seen else timedelta(0)
                last = max(last, date.max if registry else file.last_day + reach)
            if files and dataset == shape.dataset and shape.dated not in ("day", "valid"):
                first, last = date.min, date.max  # files are known by `day` only; these rows are dated by another
        seen = [year for year in self.years(city) if year in news.years]
        periods = [p for p in self._periods(seen, shape) if p.last_day >= first and p.first_day <= last]
        fresh = self._of_periods(city, news, periods)
        return folded([*fresh, *self._less(city, news.sums, [p.first_day for p in periods])])

    def _of_periods(self, city: str, news: _News, periods: Sequence[Period]) -> list[Block]:
        shape = news.shape
        snapshot = self.snapshot(shape.dataset)
        files = snapshot.files(city=city)
        if not files or not periods:
            return []
        writer = self._writer(city, news)
        other = None
        if shape.seen is not None:
            seen_snapshot = self.snapshot(shape.seen.of)
            back = timedelta(days=shape.seen.days or 0)
            seen_files = (
                seen_snapshot.files(city=city)
                if shape.seen.dated == "valid"
                else seen_snapshot.files(
                    city=city, first_day=periods[0].first_day - back, last_day=periods[-1].last_day
                )
            )
            other = self.engine.current(seen_snapshot, seen_files, writer.reads(shape, news.sums)[1])
        source = self._current(city, news, files)
        sql = writer.sql(shape, news.sums, source, other, periods)
        return [from_scan(self.engine.run(sql), news.sums, source.one_way)]

    def _periods(self, years: Sequence[int], shape: Shape) -> list[Period]:
        return [p for year in years for p in Period.of(date(year, 1, 1), "year").parts(shape.grain)]

    def years(self, city: str) -> list[int]:
        """Calendar years in which any dataset of events has rows of the city, in order."""
        if city not in self._years:
            said = self._received.years(city, self.snapshot(DATASET))
            self._years[city] = (
                years_of_rows({name: self.snapshot(name) for name in self.catalogue.contracts}, city)
                if said is None
                else list(said)
            )
        return self._years[city]

    def _log(self, city: str, news: _News, files: Sequence[DataFile]) -> Source:
        columns, _ = self._writer(city, news).reads(news.shape, news.sums)
        return self.engine.log(self.catalogue.contract(news.shape.dataset), files, columns)

    def _current(self, city: str, news: _News, files: Sequence[DataFile]) -> Source:
        columns, _ = self._writer(city, news).reads(news.shape, news.sums)
        return self.engine.current(self.snapshot(news.shape.dataset), files, columns)

    def _writer(self, city: str, news: _News) -> Writer:
        years = tuple(self.years(city)) if self._asks_for_working_days(news) else ()
        if years not in self._writers:
            self._writers[years] = Writer(self.catalogue, self.engine.dialect, non_working_days(years))
        return self._writers[years]

    def _in_years(self, news: _News) -> bool:
        """Whether its scan is another one in other years: it has a number for each period, or asks for working days."""
        return news.shape.form in ("objects", "distinct") or self._asks_for_working_days(news)

    def _asks_for_working_days(self, news: _News) -> bool:
        for wanted in news.sums:
            if wanted.key not in self._of_working_days:
                self._of_working_days[wanted.key] = any(map(names_working_days, wanted.trees))
        return any(self._of_working_days[wanted.key] for wanted in news.sums)
