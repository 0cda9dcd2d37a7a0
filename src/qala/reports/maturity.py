"""The report of a maturity assessment, as blocks of sentences and tables that all three forms write alike.

Nothing here hides small groups: what it is given holds none.
"""

from __future__ import annotations

from fractions import Fraction

from qala.reports.language import NOTHING
from qala.reports.maturity_blocks import DIGITS, Block, Table, score_of
from qala.reports.maturity_city import findings, profile
from qala.reports.maturity_data import MaturityData
from qala.reports.wording import Wording
from qala.scoring.maturity import Scores
from qala.scoring.maturity_intervals import Interval

SHOWN = 3
"""How many strengths, weaknesses and needs are named."""


def blocks(data: MaturityData, words: Wording) -> list[Block]:
    """The report, block by block; a block with nothing to tell is left out."""
    made = [
        _summary(data, words), _ways(data, words), _compared(data, words), _answers(data, words), _groups(data, words),
        _next(data, words), _needs(data, words), profile(data, words), _portfolio(data, words), findings(data, words),
        _against(data, words), _method(data, words),
    ]  # fmt: skip
    return [one for one in made if one.said or one.items or one.tables]


def view(data: MaturityData, words: Wording) -> dict[str, object]:
    """What the templates show."""
    return {
        "lang": words.language,
        "year": str(data.year),
        "kind": words.say("maturity.kind"),
        "title": title(data, words),
        "simulated": data.simulated,
        "notice": "" if data.notice is None else words.text(data.notice),
        "edition": f"{words.text(data.model.about.name)} ({data.model.about.author})",
        "edition_title": words.text(data.model.about.source),
        "profile": "",
        "run": "",
        "run_note": "",
        "program": data.program,
        "warning": words.text(data.model.about.warning),
        "blocks": [
            {
                "title": one.title,
                "said": list(one.said),
                "items": list(one.items),
                "tables": [
                    {"caption": t.caption, "heads": list(t.heads), "rows": [list(row) for row in t.rows],
                     "numbers": list(t.numbers), "wide": t.wide}
                    for t in one.tables
                ],
            }
            for one in blocks(data, words)
        ],
    }  # fmt: skip


def title(data: MaturityData, words: Wording) -> str:
    """The city, and the sphere if it is of one."""
    name = data.city[words.language]
    return name if data.sphere is None else f"{name}: {words.text(data.sphere)}"


def file_name(data: MaturityData, words: Wording, form: str) -> str:
    """`maturity_SIM-R01_2026_kk.pdf`."""
    return f"maturity_{data.code}_{data.year}_{words.language}.{form}"


def made(data: MaturityData, words: Wording, form: str) -> bytes:
    """The report in one form: html, pdf or xlsx."""
    if form == "xlsx":
        from qala.reports.maturity_xlsx import maturity_book

        return maturity_book(data, words)
    if form == "pdf":
        from qala.reports.pdf import paper

        return paper("maturity", view(data, words), words)
    from qala.reports import html

    return html.page("maturity", view(data, words), words).encode()


def _with(words: Wording, score: Fraction | None, limits: Interval | None) -> str:
    said = score_of(words, score)
    if limits is None or score is None:
        return said
    low, high = (words.number(Fraction(round(end, 4)).limit_denominator(10000), 1) for end in limits)
    return f"{said} ({low}–{high})"


def _stage(data: MaturityData, words: Wording, number: int) -> str:
    return f"{number}. {words.text(data.model.stages[str(number)].name)}"


def _names(data: MaturityData, words: Wording) -> list[str]:
    return [words.text(one.name) for one in data.model.dimensions.values()]


def _summary(data: MaturityData, words: Wording) -> Block:
    """The stage reached and its marks, strengths and weaknesses, the key recommendations."""
    model, overall = data.model, data.raw.overall
    said, items = [words.text(model.about.warning)], []
    if overall is not None:
        nearest, completed = model.nearest_stage(overall), model.completed_stage(overall)
        said.append(
            words.say(
                "maturity.stands", score=_with(words, overall, _overall(data)),
                nearest=_stage(data, words, nearest), completed=_stage(data, words, completed),
            )
        )  # fmt: skip
        stage = model.stages[str(nearest)]
        said += [words.text(stage.portrait), words.text(stage.aim)]
    scored = sorted(
        (
            (score, name)
            for name, score in data.raw.sub_dimensions.items()
            if score is not None and name in data.spreads
        ),
        key=lambda one: one[0],
    )
    if len(scored) >= 2 * SHOWN:
        for key, some in (("maturity.strong", scored[::-1][:SHOWN]), ("maturity.weak", scored[:SHOWN])):
            listed = [
                f"{words.text(model.sub_dimensions[name].name)} ({score_of(words, score, 1)})" for score, name in some
            ]
            items.append(words.say(key, listed=words.listed(listed)))
        for score, name in scored[:SHOWN]:
            following = model.completed_stage(score) + 1
            if action := data.actions[name].get(following):
                items.append(
                    words.say(
                        "maturity.first",
                        name=words.text(model.sub_dimensions[name].name),
                        action=words.text(action.text),
                    )
                )
    return Block(words.say("maturity.summary"), said, items)


def _overall(data: MaturityData) -> Interval | None:
    limits = data.ways[0].intervals
    return limits.overall if limits else None


def _ways(data: MaturityData, words: Wording) -> Block:
    rows = []
    for one in data.ways:
        name = words.say(f"maturity.way_{one.key}") + (f" · {words.say('maturity.ours')}" if one.ours else "")
        limits = one.intervals
        cells = [
            _with(words, score, limits.dimensions[id_] if limits else None)
            for id_, score in one.scores.dimensions.items()
        ]
        overall = _with(words, one.scores.overall, limits.overall if limits else None)
        stage = (
            NOTHING if one.scores.overall is None else _stage(data, words, data.model.nearest_stage(one.scores.overall))
        )
        rows.append([name, *cells, overall, stage])
    heads = [
        words.say("maturity.way"),
        *_names(data, words),
        words.say("maturity.overall"),
        words.say("maturity.nearest"),
    ]
    said = [words.say("maturity.left", n=one.left) for one in data.ways if one.left]
    return Block(
        words.say("maturity.ways"), said, (), (Table(words.say("maturity.ways_caption"), heads, rows, range(1, 7)),)
    )


def _compared(data: MaturityData, words: Wording) -> Block:
    """Against the assessment before and other cities, within one method."""
    if data.before is None and not data.peers:
        return Block(words.say("maturity.compared"))
    heads, columns = [words.say("maturity.dimension"), str(data.year)], []
    if data.before is not None:
        heads += [str(data.before[0]), words.say("maturity.change")]
    if data.peers:
        heads.append(words.count("maturity.peers", len(data.peers)))
    for id_, name in [
        *zip(data.model.dimensions, _names(data, words), strict=True),
        ("", words.say("maturity.overall")),
    ]:
        now = _of(data.raw, id_)
        row = [name, score_of(words, now)]
        if data.before is not None:
            then = _of(data.before[1], id_)
            row += [
                score_of(words, then),
                NOTHING if now is None or then is None else score_of(words, now - then, sign=True),
            ]
        if data.peers:
            known = [score for one in data.peers if (score := _of(one, id_)) is not None]
            row.append(score_of(words, sum(known, Fraction(0)) / len(known) if known else None))
        columns.append(row)
    return Block(
        words.say("maturity.compared"),
        [words.say("maturity.one_method")],
        (),
        (Table("", heads, columns, range(1, 5)),),
    )


def _of(scores: Scores, dimension: str) -> Fraction | None:
    return scores.dimensions[dimension] if dimension else scores.overall


def _answers(data: MaturityData, words: Wording) -> Block:
    steps = [str(step) for step in data.model.about.scale.steps]
    rows = []
    for name, (shares, unknown) in data.spreads.items():
        sub = data.model.sub_dimensions[name]
        score = data.raw.sub_dimensions[name]
        rows.append(
            [
                words.text(sub.name),
                score_of(words, score, 1),
                *(words.share(one, 0) for one in shares),
                words.share(unknown, 0),
            ]
        )
    heads = [words.say("maturity.sub"), words.say("maturity.score"), *steps, words.say("maturity.unknown")]
    table = Table(words.say("maturity.answers_caption"), heads, rows, range(1, 8))
    return Block(words.say("maturity.answers"), (), (), (table,))


def _groups(data: MaturityData, words: Wording) -> Block:
    tables = []
    if data.departments:
        rows = [
            [
                names[words.language],
                str(people),
                *(score_of(words, one, 1) for one in scores.dimensions.values()),
                score_of(words, scores.overall, 1),
            ]
            for names, people, scores in data.departments
        ]
        heads = [
            words.say("maturity.department"),
            words.say("maturity.answered"),
            *_names(data, words),
            words.say("maturity.overall"),
        ]
        tables.append(Table(words.say("maturity.by_department"), heads, rows, range(1, 8)))
    for key, pair in (("roles", data.roles), ("it", data.it)):
        if pair is None:
            continue
        rows = []
        for id_, name in zip(data.model.dimensions, _names(data, words), strict=True):
            first, second = (one.dimensions[id_] for one in pair)
            apart = NOTHING if first is None or second is None else score_of(words, first - second, 1, sign=True)
            rows.append([name, score_of(words, first, 1), score_of(words, second, 1), apart])
        heads = [
            words.say("maturity.dimension"),
            words.say(f"maturity.{key}_first"),
            words.say(f"maturity.{key}_second"),
            words.say("maturity.apart"),
        ]
        tables.append(Table(words.say(f"maturity.{key}"), heads, rows, range(1, 4)))
    said = [words.count("maturity.hidden", data.hidden)] if data.hidden else []
    return Block(words.say("maturity.groups"), said, (), tables)


def _next(data: MaturityData, words: Wording) -> Block:
    """For every sub-dimension what its next stage looks like, what leads there, and by which KPIs one sees it."""
    rows = []
    for name, sub in data.model.sub_dimensions.items():
        score = data.raw.sub_dimensions[name] if name in data.spreads else None
        if score is None:
            continue
        following = data.model.completed_stage(score) + 1
        action = data.actions[name].get(following)
        if action is None:
            continue
        tied = words.listed([words.title(data.initiatives[number]) for number in action.initiatives])
        rows.append([
            words.text(sub.name), score_of(words, score, 1), _stage(data, words, following), words.text(sub.at(following)),
            words.text(action.text), words.say("maturity.tied", initiatives=tied, kpis=", ".join(action.kpis)),
        ])  # fmt: skip
    heads = [words.say(f"maturity.{key}") for key in ("sub", "score", "next_stage", "looks", "action", "seen_by")]
    return Block(words.say("maturity.next"), [words.say("maturity.next_note")], (), (Table("", heads, rows, (1,), 3),))


def _needs(data: MaturityData, words: Wording) -> Block:
    if not data.needs:
        return Block(words.say("maturity.needs"))
    rows = [[words.text(name), score_of(words, points), words.share(share, 0)] for name, points, share in data.needs]
    heads = [words.say("maturity.need"), words.say("maturity.points"), words.say("maturity.named")]
    said = [] if data.agreement is None else [words.say("maturity.agreement", w=words.number(data.agreement, DIGITS))]
    tables = [Table("", heads, rows, (1, 2))]
    if data.sphere_needs:
        rows = [
            [words.text(name), score_of(words, points), words.share(share, 0)]
            for name, points, share in data.sphere_needs
        ]
        tables.append(
            Table(words.say("maturity.sphere_needs"), [words.say("maturity.sphere"), *heads[1:]], rows, (1, 2))
        )
    return Block(words.say("maturity.needs"), said, (), tables)


def _portfolio(data: MaturityData, words: Wording) -> Block:
    """What is being done by sphere, out of the roadmap, and how the sphere's section stood in the last two ratings."""
    if not data.portfolio:
        return Block(words.say("maturity.portfolio"))
    rows = [
        [
            words.text(one.sphere), *(words.number(count) for count in (one.running, one.planned, one.done)),
            words.number(one.money, 1), words.maybe_share(one.before), words.maybe_share(one.after),
        ]
        for one in data.portfolio
    ]  # fmt: skip
    heads = [
        words.say(f"maturity.{key}") for key in ("sphere", "running", "planned", "done", "money", "before", "after")
    ]
    table = Table("", heads, rows, (1, 2, 3, 4, 5, 6))
    return Block(words.say("maturity.portfolio"), [words.say("maturity.portfolio_note")], (), (table,))


def _against(data: MaturityData, words: Wording) -> Block:
    return Block(words.say("maturity.against"), (), [words.text(one) for one in data.against])


def _method(data: MaturityData, words: Wording) -> Block:
    """Whom was asked, how answers add up, what is ours."""
    model, rules = data.model, data.model.about.rules
    said = [words.say("maturity.sample", people=words.number(data.people), paper=words.number(data.on_paper))]
    if data.invited:
        said.append(words.say("maturity.invited", n=words.number(data.invited)))
    said += [
        words.count(f"maturity.of_{one.key}", one.people) for one in data.ways if one.key in ("experts", "interviews")
    ]
    items = [
        f"{words.text(rule.text)} {words.say('maturity.published' if rule.source.kind == 'published' else 'maturity.ours_rule')}"
        for rule in (rules.dimension, rules.overall, rules.nearest_stage, rules.completed_stage)
    ]
    items += [words.say(f"maturity.rule_{key}") for key in ("control", "vignettes", "interval")]
    items.append(words.say("maturity.rule_small", n=model.about.smallest_group.people))
    return Block(words.say("maturity.method"), said, items)
