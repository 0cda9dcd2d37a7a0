"""`qala city` and `qala what-to-send`: who is rated, and what they are to send."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from qala.cli.output import Format, console, show_rows
from qala.cli.session import (
    DEFAULT_LAKE,
    CityOption,
    EditionOption,
    FormatOption,
    LakeOption,
    YearOption,
    catalogue,
    edition_for,
    open_lake,
)

app = typer.Typer(no_args_is_help=True)


@app.command()
def add(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="Nine-character KATO code, or any short code of a trial city.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name in every language that is not given apart.")] = None,
    name_kk: Annotated[str | None, typer.Option("--name-kk", help="Name in Kazakh.")] = None,
    name_ru: Annotated[str | None, typer.Option("--name-ru", help="Name in Russian.")] = None,
    name_en: Annotated[str | None, typer.Option("--name-en", help="Name in English.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="republican, oblast or district.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="First day of the category.")] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why it has the category.")] = "",
    act: Annotated[str | None, typer.Option("--act", help="The act that gave it.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Code of the region that watches it.")] = None,
    zone: Annotated[str | None, typer.Option("--zone", help="IANA time zone, such as Asia/Almaty.")] = None,
    lat: Annotated[float | None, typer.Option("--lat", help="Degrees north.")] = None,
    lon: Annotated[float | None, typer.Option("--lon", help="Degrees east.")] = None,
    districts: Annotated[
        Path | None, typer.Option("--districts", help="GeoJSON of districts; each with a code and a name.")
    ] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="The city is invented.")] = False,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Register a city, or add to what is known of it: a new category, its districts, its coordinates.

    A city of Kazakhstan of republican or oblast significance needs its code only: name, region, category, time zone and
    coordinates come with the program.

    Examples:

      qala city add 750000000

      qala city add boston --name Boston --zone America/New_York --category republican --since 2014-01-01 --reason "trial"

      qala city add 191800000 --category republican --since 2028-01-01 --reason "new status" --act "Decree 1"
    """
    from qala.lake import City, shipped
    from qala.lake.outlines import read_districts
    from qala.standard.problems import Problem

    store = open_lake(lake)
    known = store.cities.get(code) if code in store.cities else next((c for c in shipped()[1] if c.code == code), None)
    names = {"kk": name_kk or name, "ru": name_ru or name, "en": name_en or name}
    said: dict[str, Any] = {
        "names": {**(dict(known.names) if known else {}), **{key: text for key, text in names.items() if text}},
        "region": region, "zone": zone, "lat": lat, "lon": lon,
        "simulated": simulated or None,
    }  # fmt: skip
    if districts is not None:
        said["districts"], said["outline"] = read_districts(districts, store.folder / "cities", code)
    fields = {**({} if known is None else known.model_dump()), "code": code}
    fields |= {key: value for key, value in said.items() if value is not None}
    if not fields.get("names") or not fields.get("zone"):
        raise Problem(
            f"of city {code} the name and the time zone must be said", hint="--name Boston --zone America/New_York"
        )
    for language in ("kk", "ru", "en"):
        fields["names"].setdefault(language, next(iter(fields["names"].values())))
    store.cities.add(_checked(City, fields, code))
    if category is not None:
        if since is None or not reason:
            raise Problem("a category needs its first day and the reason", hint="--since 2026-01-01 --reason …")
        store.cities.set_category(code, _category(category), _day(since, "--since"), reason, act)
    found = store.cities.get(code)
    show_rows([_line(found)], Format.table, title="Registered")


@app.command("add-region")
def add_region(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="Any short code that is not one of the country's regions.")
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name in every language that is not given apart.")] = None,
    name_kk: Annotated[str | None, typer.Option("--name-kk", help="Name in Kazakh.")] = None,
    name_ru: Annotated[str | None, typer.Option("--name-ru", help="Name in Russian.")] = None,
    name_en: Annotated[str | None, typer.Option("--name-en", help="Name in English.")] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="The region is invented.")] = False,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Register a region beside those that come with the program, so that cities elsewhere have one that watches them.

    Examples:

      qala city add-region massachusetts --name Massachusetts

      qala city add boston --region massachusetts
    """
    from qala.lake import Region
    from qala.standard.problems import Problem

    store = open_lake(lake)
    names = {"kk": name_kk or name, "ru": name_ru or name, "en": name_en or name}
    if not all(names.values()):
        raise Problem(f"of region {code} the name must be said in every language", hint="--name Massachusetts")
    store.cities.add_region(_checked(Region, {"code": code, "names": names, "simulated": simulated}, code))
    shown = [{"code": code, **{f"name_{key}": text for key, text in names.items()}}]
    show_rows(shown, Format.table, title="Registered")


@app.command()
def outlines(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="GeoJSON of polygons: the regions of the country.")],
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Draw outlines beneath the cities on the country's map: a coarse copy is kept in the lake.

    Examples:

      qala city outlines regions.geojson
    """
    from qala.lake.outlines import read_country

    count = read_country(file, open_lake(lake).folder / "cities")
    console().print(f"{count} outlines are on the country's map now.")


@app.command("list")
def list_cities(
    region: Annotated[str | None, typer.Option("--region", help="Only cities that this region watches.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Only this category.")] = None,
    on: Annotated[str | None, typer.Option("--on", help="Categories of this day; today by default.")] = None,
    shipped_too: Annotated[
        bool, typer.Option("--shipped", help="The cities that come with the program, registered or not.")
    ] = False,
    regions: Annotated[
        bool, typer.Option("--regions", help="The regions of the country, and those added, instead.")
    ] = False,
    lake: LakeOption = DEFAULT_LAKE,
    form: FormatOption = Format.table,
) -> None:
    """List registered cities with the category of a day.

    Examples:

      qala city list --category oblast

      qala city list --regions --format csv
    """
    from qala.lake import shipped

    store = open_lake(lake)
    if regions:
        found = [
            {"code": r.code, "iso": r.iso, **{f"name_{key}": r.names[key] for key in ("kk", "ru", "en")},
             "cities": len(store.cities.of_region(r.code)), "simulated": r.simulated}
            for r in store.cities.regions().values()
        ]  # fmt: skip
        show_rows(found, form, title="Regions")
        return
    day = _day(on, "--on") if on else date.today()
    cities = shipped()[1] if shipped_too else store.cities.all()
    lines = [_line(city, day) for city in cities if region is None or city.region == region]
    wanted = [line for line in lines if category is None or line["category"] == category]
    show_rows(wanted, form, title="Cities", empty="No city is registered: see `qala city add --help`.")


@app.command("import")
def import_cities(
    classifier: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="KATO as CSV; without it, the shipped cities.")
    ] = None,
    since: Annotated[
        str, typer.Option("--since", help="First day of the category of district centres.")
    ] = "2026-01-01",
    region: Annotated[str | None, typer.Option("--region", help="Only cities of this region.")] = None,
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Register many cities: those that come with the program, and with the state classifier the district centres.

    Examples:

      qala city import

      qala city import ../shared/data/kz_kato/kato_nk_rk_11-2025.csv --since 2026-01-01
    """
    from qala.lake import shipped
    from qala.lake.kato import Imported, read_classifier

    store = open_lake(lake)
    found = read_classifier(classifier, _day(since, "--since")) if classifier else Imported(shipped()[1], ())
    new = [c for c in found.cities if c.code not in store.cities and (region is None or c.region == region)]
    for city in new:
        store.cities.add(city)
    for note in found.notes:
        console().print(note, highlight=False)
    console().print(f"{len(new)} cities registered; {len(store.cities.all())} in all.")


def what_to_send(
    city: CityOption,
    year: YearOption,
    out: Annotated[Path | None, typer.Option("--out", help="Write blank templates and the dictionary here.")] = None,
    language: Annotated[str, typer.Option("--language", help="kk, ru or en, for the list on the screen.")] = "en",
    scope: Annotated[str, typer.Option("--scope", help="annex2, annex4 or citywide (reading S1).")] = "annex2",
    lake: LakeOption = DEFAULT_LAKE,
    edition: EditionOption = None,
    form: FormatOption = Format.table,
) -> None:
    """What a city is to send for a year: the datasets due, blank CSV and XLSX templates, a dictionary in kk, ru, en.

    Examples:

      qala what-to-send --city 750000000 --year 2026

      qala what-to-send --city 750000000 --year 2026 --language ru --out templates
    """
    from qala.lake.what_to_send import LANGUAGES, checklist, write_templates
    from qala.standard.problems import Problem

    chosen = next((known for known in LANGUAGES if known == language), None)
    if chosen is None:
        raise Problem(f"'{language}' is no language here", where="--language", hint="kk, ru or en")
    store = open_lake(lake)
    end = date(year, 12, 31)
    law, _ = edition_for(end, edition)
    contracts = catalogue()
    needed: dict[str, list[str]] = {}
    for kpi in law.due_kpis(year, store.cities.category_on(city, end), scope):
        computed = contracts.computations.get(kpi.id)
        for dataset in () if computed is None else sorted(computed.datasets):
            needed.setdefault(dataset, []).append(kpi.row)
    due = checklist(contracts, needed)
    show_rows([item.line(chosen) for item in due], form, title=f"What {city} is to send for {year}")
    if out is not None:
        written = write_templates(out, due)
        if form is Format.table:
            console().print(f"{len(written)} files are in {out}: fill a template and give it to `qala ingest`.")


def _line(city: Any, day: date | None = None) -> dict[str, Any]:
    on = day or date.today()
    return {
        "code": city.code,
        "name_ru": city.names.get("ru"),
        "name_en": city.names.get("en"),
        "category": city.category_on(on),
        "region": city.region,
        "zone": city.zone,
        "lat": city.lat,
        "lon": city.lon,
        "districts": len(city.districts),
        "simulated": city.simulated,
    }


def _day(text: str, where: str) -> date:
    from qala.standard.problems import Problem

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem(f"'{text}' is not a day", where=where, hint="write 2026-01-01") from None


def _category(text: str) -> str:
    from qala.standard.loader import editions
    from qala.standard.problems import Problem

    known = sorted({category for edition in editions().values() for category in edition.categories})
    if text not in known:
        raise Problem(f"'{text}' is no category", where="--category", hint="one of " + ", ".join(known))
    return text


def _checked(model: Any, fields: dict[str, Any], code: str) -> Any:
    from pydantic import ValidationError

    from qala.standard.problems import Problem

    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        said = str(first["msg"]).removeprefix("Value error, ")
        raise Problem(f"{said} ({'.'.join(map(str, first['loc']))})", where=f"city {code}") from None
