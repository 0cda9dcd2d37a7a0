"""`qala standard`: what the law says, from the loaded editions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from qala.cli.output import Format, console, notice, print_json, show_rows
from qala.cli.session import EditionOption, FormatOption
from qala.standard import Edition, Kpi, Problem, Text, editions, law_folder, load_edition
from qala.standard.choice import notice as lapse
from qala.standard.tables import Difference, What, differences, table
from qala.standard.values import number_text

app = typer.Typer(help="What the law says: its KPIs, functions, initiatives, readings.", no_args_is_help=True)


class Tongue(StrEnum):
    """The language of names and texts."""

    KK = "kk"
    RU = "ru"
    EN = "en"


LangOption = Annotated[Tongue, typer.Option("--lang", help="Language of names and texts.")]


@app.command("list")
def list_editions(form: FormatOption = Format.table, lang: LangOption = Tongue.RU) -> None:
    """The editions that are loaded, and what replaced each.

    Examples:

      qala standard list

      qala standard list --format json --lang en
    """
    rows = []
    for edition in editions().values():
        after = edition.act.replaced_by
        rows.append(
            {
                "id": edition.id,
                "number": edition.act.number,
                "title": edition.act.title.say(lang),
                "from": edition.from_day.isoformat(),
                "to": edition.to_day.isoformat() if edition.to_day else "",
                "replaced_by": after.number if after else "",
                "replacement_loaded": ("yes" if after.loaded else "no") if after else "",
                "kpis": len(edition.kpis),
                "points": edition.points(),
            }
        )
    show_rows(rows, form)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A KPI's row or id; the id of a reading, an open term or a slip.")],
    edition: EditionOption = None,
    form: FormatOption = Format.table,
    lang: LangOption = Tongue.RU,
) -> None:
    """One KPI as in the order and as read; or one reading, open term or slip.

    Examples:

      qala standard show 2.3

      qala standard show contact_centre.satisfaction --lang en

      qala standard show R4

      qala standard show 1.11 --format json
    """
    law = _edition(edition)
    for found in (law.readings, law.open_terms, law.slips):
        if name in found:
            _show_fields(_plain(found[name], lang), form)
            return
    _show_fields(_card(law, law.kpi(name), lang), form)


@app.command()
def due(
    year: Annotated[int, typer.Option(help="Rating year.")],
    category: Annotated[str, typer.Option(help="republican, oblast or district.")],
    profile: Annotated[
        str, typer.Option(help="Scope annex2, annex4 or citywide (reading S1); `,due=end` for T1's variant.")
    ] = "annex2",
    edition: EditionOption = None,
    form: FormatOption = Format.table,
    lang: LangOption = Tongue.RU,
) -> None:
    """The KPIs due for a category in a year.

    Examples:

      qala standard due --year 2027 --category oblast

      qala standard due --year 2027 --category district --profile citywide,due=end --format csv
    """
    law = _edition(edition, date(year, 12, 31))
    scope, end = _profile(profile)
    kpis = law.due_kpis(year, category, scope, "end" if end else "start")
    rows = [
        {
            "row": kpi.row,
            "id": kpi.id,
            "name": kpi.name.say(lang),
            "section": kpi.section,
            "every": kpi.every,
            "target": kpi.target[category].say(),
            "points": kpi.points,
            "due_from": str(law.due_from(kpi, category, "end" if end else "start")),
        }
        for kpi in kpis
    ]
    columns = ("row", "id", "name", "section", "every", "target", "points", "due_from")
    show_rows(rows, form, columns=columns, empty="Nothing is due.")
    if form is Format.table and rows:
        console().print(f"{len(rows)} KPIs due, {sum(kpi.points for kpi in kpis)} points")


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="Id or folder of an edition.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Id or folder of another.")],
    form: FormatOption = Format.table,
) -> None:
    """What the second edition says differently from the first.

    Examples:

      qala standard diff order_469 order_141

      qala standard diff order_469 drafts/order_469 --format csv
    """
    found = differences(_named(first), _named(second))
    rows = [difference._asdict() for difference in found]
    show_rows(rows, form, columns=Difference._fields, empty="The two editions say the same.")


@app.command()
def export(
    what: Annotated[What, typer.Option(help="Which table.")],
    edition: EditionOption = None,
    form: FormatOption = Format.csv,
) -> None:
    """Annex 4, 3 or 2 as a table; columns that end in _ru hold the order's own words.

    Examples:

      qala standard export --what kpis --format csv > kpis.csv

      qala standard export --what functions --format json
    """
    show_rows(table(_edition(edition), what), form)


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="Words to look for, in any of the three languages.")],
    edition: EditionOption = None,
    form: FormatOption = Format.table,
    lang: LangOption = Tongue.RU,
) -> None:
    """Find KPIs, functions, open terms, readings and glossary terms by words.

    Examples:

      qala standard search парковк

      qala standard search "water meter" --lang en
    """
    law = _edition(edition)
    places = [
        *(("kpi", f"{kpi.row} {kpi.id}", kpi.name, (kpi.name, kpi.law)) for kpi in law.kpis.values()),
        *(
            ("function", f"{one.no}.{function.no}", function.name, (function.name,))
            for one in law.initiatives.values()
            for function in one.functions
        ),
        *(("open_term", term.id, term.word, (term.word, term.default.text)) for term in law.open_terms.values()),
        *(("reading", reading.id, reading.rule, (reading.case, reading.rule)) for reading in law.readings.values()),
        *(("term", term.id, term, (term,)) for term in law.glossary.values()),
    ]
    wanted = words.casefold().split()
    rows = []
    for kind, name, title, texts in places:
        said = " ".join([name, *(str(value) for text in texts for value in text.model_dump().values())]).casefold()
        if all(word in said for word in wanted):
            rows.append({"what": kind, "id": name, "text": title.say(lang)})
    show_rows(rows, form, columns=("what", "id", "text"))


def _edition(wanted: str | None, day: date | None = None) -> Edition:
    """The edition to read from, with its notice on the error stream.

    These commands tell what a text says; unlike results, they answer from the nearest edition where none is in force.
    """
    loaded = editions()
    if wanted is not None:
        chosen = _named(wanted, loaded)
    else:
        if not loaded:
            raise Problem("No edition of the law is loaded.", hint="Put one into standard/.")
        begun = [edition for edition in loaded.values() if day is None or edition.from_day <= day]
        chosen = (begun or list(loaded.values())[:1])[-1]
    if day is not None and not chosen.in_force(day):
        notice(lapse(chosen, day).en)
    return chosen


def _named(name: str, loaded: Mapping[str, Edition] | None = None) -> Edition:
    found = (loaded if loaded is not None else editions()).get(name)
    if found is not None:
        return found
    if (Path(name) / "edition.yaml").is_file():
        return load_edition(Path(name))
    raise Problem(
        f"The edition '{name}' is not loaded.",
        where=str(law_folder()),
        hint=f"Loaded: {', '.join(loaded if loaded is not None else editions())}; or name a folder with an edition.yaml.",
    )


def _profile(text: str) -> tuple[str, bool]:
    """`citywide,due=end` as scope and due=end; other switches of a profile do not bear on what is due."""
    scope, end = "annex2", False
    for word in (part.strip() for part in text.split(",")):
        if word in ("due=end", "due=start"):
            end = word == "due=end"
        elif word:
            scope = word
    return scope, end


def _card(law: Edition, kpi: Kpi, lang: str) -> dict[str, Any]:
    """Everything about one KPI, for reading."""
    roadmap = law.initiatives[kpi.initiative].roadmap
    card: dict[str, Any] = {
        "row": kpi.row,
        "id": kpi.id,
        "name": kpi.name.say(lang),
        "initiative": f"{kpi.initiative}. {law.initiatives[kpi.initiative].name.say(lang)}",
        "section": law.spheres[kpi.section].name.say(lang),
        **{f"law_{name}": value for name, value in kpi.law.model_dump().items()},
        "unit": law.units[kpi.unit].name.say(lang),
        "every": kpi.every,
        "points": kpi.points,
        "target": {category: rule.say() for category, rule in kpi.target.items()},
        "due_from": {
            category: law.due_from(kpi, category) if category in roadmap else "—" for category in law.categories
        },
        "year": kpi.year,
        "closed_year_only": kpi.closed_year_only,
        "compare": kpi.compare or "",
        "network": kpi.network or "",
    }
    for name, limit in kpi.limits.items():
        unit = law.units[limit.unit].symbol.say(lang)
        card[f"limit_{name}"] = {key: f"{number_text(value)} {unit}" for key, value in limit.values.items()}
    card["readings"] = {name: law.readings[name].rule.say(lang) for name in kpi.readings}
    card["open_terms"] = {
        name: f"{law.open_terms[name].word.say(lang)}: {law.open_terms[name].default.text.say(lang)}"
        for name in kpi.open_terms
    }
    card["slips"] = {name: law.slips[name].text.say(lang) for name in kpi.slips}
    card["crosswalk"] = {
        f"{one.standard} {one.number or ''}".strip() + f" · {one.indicator.say(lang)}": one.difference.say(lang)
        for one in law.crosswalk
        if one.kpi == kpi.row
    }
    return card


def _plain(value: Any, lang: str) -> Any:
    """A piece of the law as plain values, its texts in one language."""
    if isinstance(value, Text):
        return value.say(lang)
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name), lang) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {key: _plain(inner, lang) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner, lang) for inner in value]
    return value if isinstance(value, str | int | bool) or value is None else str(value)


def _show_fields(card: Mapping[str, Any], form: Format) -> None:
    """One thing: a JSON object, or a row per field (`field`, `value`)."""
    if form is Format.json:
        print_json(card)
        return
    rows: list[dict[str, Any]] = []
    for name, value in card.items():
        if isinstance(value, Mapping):
            rows += [{"field": f"{name}.{key}", "value": str(inner)} for key, inner in value.items()]
        elif value not in ("", None, []):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            rows.append({"field": name, "value": shown})
    show_rows(rows, form)
