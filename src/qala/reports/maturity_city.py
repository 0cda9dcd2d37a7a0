"""Blocks of the report of a maturity assessment that tell of the city itself: its profile, and what is found by sphere."""

from __future__ import annotations

from fractions import Fraction

from qala.reports.language import NOTHING
from qala.reports.maturity_blocks import Block, Table, score_of
from qala.reports.maturity_data import MaturityData, SphereFinding
from qala.reports.wording import Wording

MOVED, WEAK = Fraction(5, 100), Fraction(1, 2)
"""From which a change of a section's score is told, and below which a sphere without a project is; ours."""


def profile(data: MaturityData, words: Wording) -> Block:
    """What the city is: people, economy, digital services, staff, systems and their age; what is not known is said."""
    if not data.profile and not data.systems:
        return Block(words.say("maturity.profile"))
    known = {one.group for one in data.profile}
    rows = [
        [words.say(f"maturity.group_{one.group}"), words.text(one.what), words.text(one.value), words.text(one.source)]
        for one in data.profile
    ]
    heads = [words.say(f"maturity.{key}") for key in ("group", "what", "value", "source")]
    tables = [Table("", heads, rows, (2,))] if rows else []
    if data.systems:
        heads = [words.say(f"maturity.{key}") for key in ("kind_of_object", "in_use", "mean_age", "oldest", "overdue")]
        rows = [
            [words.text(one.kind), str(one.count), score_of(words, one.mean_age, 1),
             NOTHING if one.oldest is None else str(one.oldest), str(one.overdue)]
            for one in data.systems
        ]  # fmt: skip
        tables.append(Table(words.say("maturity.systems"), heads, rows, (1, 2, 3, 4)))
    lacking = [words.say(f"maturity.group_{name}") for name in ("population", "economy", "staff") if name not in known]
    said = [words.say("maturity.profile_lacks", listed=words.listed(lacking))] if lacking else []
    return Block(words.say("maturity.profile"), said, (), tables)


def findings(data: MaturityData, words: Wording) -> Block:
    """What rating, register and roadmap show of each sphere, beside what its own survey says."""
    if not data.findings:
        return Block(words.say("maturity.findings"))
    rows = [
        [
            words.text(one.sphere), words.maybe_share(one.before), words.maybe_share(one.now), score_of(words, one.own, 1),
            f"{one.live} / {one.asked}", str(one.running + one.planned), str(one.silent),
        ]
        for one in data.findings
    ]  # fmt: skip
    heads = [
        words.say(f"maturity.{key}")
        for key in ("sphere", "before", "after", "own_survey", "functions_live", "projects", "silent")
    ]
    items = [line for one in data.findings for line in [found(one, words)] if line]
    table = Table("", heads, rows, (1, 2, 3, 4, 5, 6))
    return Block(words.say("maturity.findings"), [words.say("maturity.findings_note")], items, (table,))


def found(one: SphereFinding, words: Wording) -> str:
    """One sphere in a sentence or several; nothing where nothing stands out."""
    said = []
    if one.now is not None and one.before is not None and abs(one.now - one.before) >= MOVED:
        key = "maturity.found_rose" if one.now > one.before else "maturity.found_fell"
        said.append(words.say(key, before=words.share(one.before), now=words.share(one.now)))
    if one.lost:
        listed = words.listed([f"{row} {words.text(name)}" for row, name in one.lost])
        said.append(words.say("maturity.found_lost", listed=listed))
    if one.live < one.asked:
        said.append(words.say("maturity.found_functions", n=one.asked - one.live, asked=one.asked))
    if one.silent:
        said.append(words.say("maturity.found_silent", n=one.silent))
    if one.now is not None and one.now < WEAK and not one.running + one.planned:
        said.append(words.say("maturity.found_no_project"))
    return f"{words.title(one.sphere)}: {' '.join(said)}" if said else ""
