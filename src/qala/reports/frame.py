"""What stands around every report: by which law it was made, and the marks that nobody may overlook."""

from __future__ import annotations

from typing import Any

from qala.reports.basis import Basis, RunNote
from qala.reports.wording import Wording


def frame(basis: Basis, words: Wording, run: RunNote | None, *, simulated: bool) -> dict[str, Any]:
    """Head and foot of a report in one language."""
    profile = basis.profile
    switches = basis.edition.scoring["switches"]
    chosen = {"scope": profile.scope, "due": profile.due, "way": profile.ways, "level": profile.level}
    readings = [
        {"reading": str(switches[name]["reading"]), "text": str(switches[name]["choices"][choice][words.language])}
        for name, choice in chosen.items()
    ]
    no_yes = "yes" if profile.rank_all else "no"
    readings.append({"reading": "C2", "text": str(switches["rank_all"]["choices"][no_yes][words.language])})
    return {
        "lang": words.language,
        "year": str(basis.year),
        "as_of": words.day(basis.as_of),
        "closed": words.say("frame.closed" if basis.closed else "frame.open", day=words.day(basis.as_of)),
        "edition": words.text(basis.edition.act.short),
        "edition_title": words.text(basis.edition.act.title),
        "notice": "" if basis.notice is None else words.text(basis.notice),
        "profile": str(profile),
        "switches": readings,
        "run": "" if run is None else run.id,
        "run_note": "" if run is None else words.say("frame.run_same" if run.same else "frame.run_moved"),
        "simulated": simulated,
        "program": basis.program,
    }
