"""Score sheets of published runs as files: made once for a run, kept in the site's folder."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from qala import facts
from qala.measures.values import Values, observed
from qala.ratings import queries as ratings
from qala.ratings.rated_run import RatedRun
from qala.reports import Form, SheetData, build_sheet, write_rating, write_sheet
from qala.reports.rating import RatingData
from qala.robustness import Range, Robustness
from qala.scoring import Observation, Profile
from qala.standard import Kpi
from qala.standard.period import Period
from qala.standard.values import Language

_making = threading.Lock()


class _OfRun(Values):
    """Values whose observations are those of a recorded run, so that a sheet has the run's own scores.

    Args:
        versions: the run's own versions of the tables for what the record does not hold (months, figures beside); None
            for the stored sums, which is much quicker.
    """

    def __init__(self, run: RatedRun, versions: Mapping[str, int] | None) -> None:
        corrected = None if versions is None else run.head.corrected
        super().__init__(facts.lake(), run.edition, facts.catalogue(), versions, corrected)
        self._run = run

    def observation(self, city: str, kpi: Kpi, year: int, as_of: date, profile: Profile) -> Observation:
        if profile == self._run.profile:
            return self._run.score(city).kpi(kpi.row).observation
        return super().observation(city, kpi, year, as_of, profile)

    def agrees(self, city: str) -> bool:
        """Whether the stored sums still give what the record says, so that the months are of the same data."""
        run, of_city = self._run, self.of(city)
        period = Period.parse(str(run.year))
        return all(
            observed(of_city.value(kpi, period, run.as_of, run.profile.ways))
            == run.score(city).kpi(kpi.row).observation
            for kpi in run.edition.kpis.values()
        )


def sheet_file(run: RatedRun, city: str, language: Language, form: Form) -> Path:
    """The score sheet of a city by a run, made if it is not there yet (seconds; longer if data have moved on since).

    Raises:
        Problem: it cannot be written.
    """
    sure = ratings.sureness(run.id, run.cities[city].category)
    folder = _folder(run) / ("places" if sure else "")  # a sheet that was made before they were known stays behind
    folder.mkdir(exist_ok=True)
    path = folder / f"score-sheet_{city}_{run.year}_{language}.{form}"
    with _making:
        if not path.exists():
            data = replace(_sheet(run, city), places=_places(sure, city))
            with tempfile.TemporaryDirectory(dir=folder) as beside:
                for made in write_sheet(data, facts.catalogue(), Path(beside), (language,), (form,)):
                    shutil.move(made, path)
    return path


def _places(sure: Robustness | None, city: str) -> Range | None:
    found = None if sure is None else sure.city(city)
    return None if found is None else found.places


@lru_cache(maxsize=4)
def _sheet(run: RatedRun, city: str) -> SheetData:
    """A sheet as data, for the next form or language of it."""
    values = _OfRun(run, None)
    if not values.agrees(city):
        values = _OfRun(run, run.head.versions)
    category = run.cities[city].category
    cities = [one for one in run.cities.values() if one.category == category]
    return build_sheet(run.basis, city, facts.lake(), values, cities, facts.run_store())


def rating_file(run: RatedRun, category: str, data: RatingData, language: Language, form: Form) -> Path:
    """The rating of a category by a run, as the ministry's report (item 37)."""
    folder = _folder(run)
    against = "" if data.before is None else f"_{data.before.run[-8:]}"
    path = folder / f"rating_{run.year}_{category}{against}_{language}.{form}"
    with _making:
        if not path.exists():
            with tempfile.TemporaryDirectory(dir=folder) as beside:
                for made in write_rating(data, Path(beside), (language,), (form,)):
                    shutil.move(made, path)
    return path


def _folder(run: RatedRun) -> Path:
    folder = Path(settings.HOME) / "sheets" / run.id
    folder.mkdir(parents=True, exist_ok=True)
    return folder
