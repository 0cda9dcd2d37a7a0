"""`qala plan` and `qala what-if`: what to do first within a budget, and what another value would make of the index."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qala.cli.output import Format, console, print_json, progress, show_rows
from qala.cli.session import (
    DEFAULT_LAKE,
    AsOfOption,
    CityOption,
    EditionOption,
    FormatOption,
    LakeOption,
    YearOption,
)

if TYPE_CHECKING:
    from qala.planning import Choice, Plan, Reason, Standpoint

ProfileOption = Annotated[str, typer.Option("--profile", help="As for `qala score`.")]

WHY = {
    "must": "it is an obligation",
    "gains": "without it {loss} less is gained",
    "adds_nothing": "what it changes is not wanted, not due, or at its target",
    "no_time": "it cannot end within the years of the budget",
    "too_dear": "a year of it costs more than that year's budget",
    "waits_for": "it waits for what is not done: {others}",
    "does_not_fit": "with what must be done it is above the budget",
    "gains_no_more": "what it brings the chosen bring already",
    "gains_less": "with it {loss} less is gained, since these would give way or begin later: {others}",
}


def plan(
    file: Annotated[Path, typer.Argument(help="YAML file of actions, budget and outcomes.", show_default=False)],
    city: CityOption,
    year: YearOption,
    as_of: AsOfOption = None,
    profile: ProfileOption = "annex2",
    seconds: Annotated[
        float, typer.Option(min=1, help="For one search; then the best so far is given, unproven.")
    ] = 60,
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """What to do first: of the actions in a file the set that gains most of what the city wants, within a budget by year.

    The city stands as the year's values say. Gains are percent of the wanted outcomes, as a mean over the years that count.
    The index is a consequence and is shown; it is not what is sought. How a file is written: docs/howto/what-to-do-first.md.

    Examples:

      qala plan actions.yaml --city SIM-R01 --year 2026 --edition order_469

      qala plan actions.yaml --city SIM-R01 --year 2026 --format json > plan.json

      qala plan actions.yaml --city SIM-R01 --year 2026 --format csv > schedule.csv
    """
    from qala.planning import choose, curve, outcomes_of, read_plan, reasons
    from qala.planning.consequences import index_alone, index_by_year, outcomes_moved
    from qala.standard import Problem

    at, notice = _standpoint(lake, city, year, as_of, profile, edition)
    wanted = read_plan(file, at.known())
    outcomes = outcomes_of(wanted, at)
    with progress("choosing", 3) as advance:
        best = choose(wanted, outcomes, seconds=seconds)
        if best is None:
            raise Problem(
                "What must be done does not fit into the budget and its years.",
                where=str(file),
                hint="Raise the budget, add a year, or take a `must: true` out.",
            )
        advance("reasons")
        why = reasons(wanted, outcomes, best)
        advance("curve")
        points = curve(wanted, outcomes)
        advance("")
    effects = index_alone(wanted, at)
    schedule = [_scheduled(wanted, best, one, effects[one.action]) for one in why]
    money = [
        {"year": y, "budget": float(b), "spent": float(best.spent[y]), "left": float(b - best.spent[y])}
        for y, b in wanted.budget.items()
    ]
    moves = outcomes_moved(wanted, outcomes, best)
    index = index_by_year(wanted, at, best)
    bends = [
        {
            "share": f"{float(one.share):.0%}", "budget": float(one.budget), "actions": one.actions,
            "gain": None if one.gain is None else round(float(one.gain), 4),
        }
        for one in points
    ]  # fmt: skip
    if form is Format.json:
        print_json(
            {
                "city": city, "year": year, "notice": notice, "money": wanted.money, "gain": float(best.gain),
                "proven": best.proven, "short_of": best.short_of, "actions": schedule, "budget": money,
                "outcomes": moves, "index": index, "curve": bends,
            }
        )  # fmt: skip
        return
    if form is Format.csv:
        show_rows(schedule, form)
        return
    proof = "nothing better exists" if best.proven else f"the best may gain up to {best.short_of:.2f} more"
    console().print(
        f"{len(best.starts)} of {len(wanted.actions)} actions for {float(best.cost):g} {wanted.money} gain "
        f"{float(best.gain):.2f} percent of what is wanted ({proof}).",
        soft_wrap=True,
    )
    show_rows(schedule, form, title="Actions")
    show_rows([{**one, "year": str(one["year"])} for one in money], form, title=f"Budget, {wanted.money}")
    show_rows(moves, form, title="What is wanted: scores from 0 to 1")
    show_rows([{**one, "year": str(one["year"])} for one in index], form, title="The index, as a consequence")
    show_rows(bends, form, title="What other budgets would gain")


def what_if(
    values: Annotated[
        list[str], typer.Argument(metavar="KPI=VALUE…", help="Row or id, and its value or +5%.", show_default=False)
    ],
    city: CityOption,
    year: YearOption,
    as_of: AsOfOption = None,
    profile: ProfileOption = "annex2",
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """What other values of some KPIs would make of their scores and of the index of that year, all else equal.

    Examples:

      qala what-if 2.1=12 --city SIM-R01 --year 2026 --edition order_469

      qala what-if 2.1=-20% 1.18=95 --city SIM-R01 --year 2026 --format json
    """
    from qala.planning.consequences import gained, shown

    at, notice = _standpoint(lake, city, year, as_of, profile, edition)
    wanted = [_asked(at, text) for text in values]
    after = at.city(at.with_effects(wanted), year)
    before = at.city(at.observations, year)
    rows = []
    for name in dict.fromkeys(name for name, _ in wanted):
        alone = at.city(at.with_effects(one for one in wanted if one[0] == name), year)
        old, new = before.kpi(name), after.kpi(name)
        rows.append(
            {
                "row": name, "name": at.edition.kpi(name).name.en, "status": old.status,
                "value": old.observation.value, "becomes": new.observation.value,
                "score": shown(old.score), "score_becomes": shown(new.score),
                "index_gains": gained(before.index, alone.index),
            }
        )  # fmt: skip
    gains = gained(before.index, after.index)
    answer = {"index": shown(before.index, 2), "index_becomes": shown(after.index, 2), "gains": gains}
    if form is Format.json:
        print_json({"city": city, "year": year, "notice": notice, **answer, "kpis": rows})
        return
    show_rows(rows, form, title=f"What if, {city} {year}")
    if form is Format.table:
        if gains is None:
            console().print("Nothing of the city can be scored, so that there is no index.")
        else:
            console().print(f"The index goes from {answer['index']} to {answer['index_becomes']} ({gains:+}).")


def _standpoint(
    lake: Path, city: str, year: int, as_of: str | None, profile: str, edition: str | None
) -> tuple[Standpoint, str | None]:
    """The city as its values of the year say."""
    from datetime import date

    from qala.cli.score_desk import last_day, one_city
    from qala.planning import Own, Standpoint
    from qala.standard.period import Period

    at, score, _ = one_city(lake, city, year, as_of, profile, edition, save=False)
    day, whole = last_day(as_of, year), Period.of(date(year, 1, 1), "year")
    own = {
        one.id: Own(one, next(iter(one.target.values())), at.values.value(city, one, whole, day).value)
        for one in at.values.own_indicators(city)
        if next(iter(one.target.values())).kind != "none"
    }
    seen = {one.row: one.observation for one in score.kpis}
    return Standpoint(at.edition, score.category, year, score.profile, seen, own), at.notice


def _asked(at: Standpoint, text: str) -> tuple[str, Any]:
    """`2.1=12` or `2.1=-20%` as a KPI and an effect."""
    from qala.planning import Effect
    from qala.standard import Problem

    name, _, value = text.partition("=")
    row = at.known().get(name)
    if row is None or row in at.own:
        raise Problem(f"There is no KPI '{name}'.", where=text, hint="A row of annex 4 or a KPI's id, as in 2.1=12.")
    try:
        if value.endswith("%"):
            return row, Effect(by_percent=Fraction(value.removesuffix("%").replace(",", ".")))
        return row, Effect(to=Fraction(value.replace(",", ".")))
    except (ValueError, ZeroDivisionError):
        raise Problem(
            f"'{value}' is no value that {row} can have.", where=text, hint="Write 2.1=12 or 2.1=-20%."
        ) from None


def _scheduled(plan: Plan, best: Choice, why: Reason, index_alone: float | None) -> dict[str, Any]:
    action = plan.actions[why.action]
    start = best.starts.get(why.action)
    loss = "" if why.loss is None else f"{float(why.loss):.2f}"
    return {
        "action": why.action, "name": action.name, "taken": why.taken,
        "from": None if start is None else str(start), "to": None if start is None else str(start + action.years - 1),
        "cost": float(sum(action.cost, Fraction(0))), "index_alone": index_alone,
        "why": WHY[why.case].format(loss=loss, others=", ".join(why.others) or "—"),
    }  # fmt: skip
