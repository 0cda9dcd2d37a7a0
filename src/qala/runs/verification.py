"""Computing a run again, from the table versions that it pins."""

from __future__ import annotations

from dataclasses import dataclass

from qala.runs.building import Progress, score_cities
from qala.runs.code_version import code_version
from qala.runs.comparison import Difference, differences
from qala.runs.record import Run, hash_of, score_said
from qala.runs.values import Values
from qala.scoring import Profile
from qala.standard import Edition


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of computing a run again.

    Attributes:
        run: the run.
        intact: whether the record is still the one that its hash was made of.
        differences: everything that comes out otherwise now, in the order of the record.
        changed: what is different about the program or the law, whether it matters or not: (package, sources or edition;
            the beginning of what was recorded; of what is now).
    """

    run: Run
    intact: bool
    differences: tuple[Difference, ...]
    changed: tuple[tuple[str, str, str], ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """The same in words."""
        said = {"package": "the program's version", "sources": "the program", "edition": "the law"}
        return tuple(f"{said[name]} has changed since: {old} → {new}" for name, old, new in self.changed)

    @property
    def identical(self) -> bool:
        """Whether the run is intact and comes out the same to the last digit."""
        return self.intact and not self.differences


def verify(run: Run, edition: Edition, values: Values, *, progress: Progress | None = None) -> Verification:
    """Compute a run again.

    Args:
        run: the whole run (not a head).
        edition: the edition that it names, as it is loaded now.
        values: what measures; it is asked for the run's own table versions.
        progress: is told how many cities are done, of how many.
    """
    recorded = run.content["code"]
    current = code_version(edition)
    changed = tuple(
        (name, recorded[name][:12], current[name][:12])
        for name in ("package", "sources", "edition")
        if recorded[name] != current[name]
    )
    pinned = values.at(run.versions, run.corrected)
    profile = Profile.parse(run.content["profile"])
    scores = score_cities(edition, run.year, run.as_of, run.cities, profile, pinned, progress=progress)
    again = {code: score_said(score) for code, score in scores.items()}
    return Verification(
        run=run,
        intact=hash_of(run.content) == run.hash,
        differences=tuple(differences(run.results, again)),
        changed=changed,
    )
