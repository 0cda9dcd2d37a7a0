"""Computing a run again, from the table versions that it pins."""

from __future__ import annotations

from dataclasses import dataclass

from qala.runs.building import score_cities
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
        notes: what is different about the program or the law, whether it matters or not.
    """

    run: Run
    intact: bool
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether the run is intact and comes out the same to the last digit."""
        return self.intact and not self.differences


def verify(run: Run, edition: Edition, values: Values) -> Verification:
    """Compute a run again.

    Args:
        run: the whole run (not a head).
        edition: the edition that it names, as it is loaded now.
        values: what measures; it is asked for the run's own table versions.
    """
    recorded = run.content["code"]
    current = code_version(edition)
    notes = [
        f"{what} has changed since: {recorded[name][:12]} → {current[name][:12]}"
        for name, what in (("package", "the program's version"), ("sources", "the program"), ("edition", "the law"))
        if recorded[name] != current[name]
    ]
    pinned = values.at(run.versions)
    profile = Profile.parse(run.content["profile"])
    scores = score_cities(edition, run.year, run.as_of, run.cities, profile, pinned)
    again = {code: score_said(score) for code, score in scores.items()}
    return Verification(
        run=run,
        intact=hash_of(run.content) == run.hash,
        differences=tuple(differences(run.results, again)),
        notes=tuple(notes),
    )
