"""The builder's form: an item as fields, and fields as items."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qala import facts
from qala.places.layers import layers
from qala.portal.board.layout import FIELDS
from qala.portal.data.columns import heads_of
from qala.standard.problems import Problem
from qala.ui import formats

LANGUAGES = ("kk", "ru", "en")
_NUMBERS = ("x", "y", "w", "h", "span")
_PLAIN = ("id", "kind", "grain", "dataset", "of", "network", "layer")
SIZES: Mapping[str, tuple[int, int]] = {
    "kpi": (3, 2), "gauge": (3, 2), "counter": (3, 2), "text": (4, 2), "radar": (4, 4), "feed": (6, 4), "alarms": (5, 4),
    "latest": (6, 4), "table": (7, 6), "heat": (6, 6), "map": (6, 5), "mnemonic": (6, 5), "chart": (6, 4), "timeline": (6, 3),
    "rows": (8, 5),
}  # fmt: skip
"""Width and height of a new item of each kind."""


def kinds() -> list[tuple[str, str]]:
    """Every kind with its name."""
    names = {
        "kpi": _("KPI: number, target, trend"), "gauge": _("Gauge: value against target"), "chart": _("Chart of KPIs"),
        "counter": _("Counter of rows"), "timeline": _("Timeline of rows"), "table": _("Table of KPIs"),
        "heat": _("Heat map of months"),
        "radar": _("Radar of sections"), "map": _("Map: a layer, or districts by a KPI"),
        "rows": _("Table of a dataset's rows"), "mnemonic": _("Mnemonic diagram of a network"),
        "feed": _("Feed of incidents"), "alarms": _("Alarms: breached targets"), "latest": _("Latest data"), "text": _("Text"),
    }  # fmt: skip
    return [(kind, names[kind]) for kind in FIELDS]


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the fields offer: value and name."""
    language = formats.language_of(get_language())
    edition = facts.edition()
    own = facts.values().computer.indicators.by_id
    return {
        "kpis": [(one.id, f"{one.row} {formats.said(one.name, language)}") for one in (*edition.kpis.values(), *own.values())],
        "dataset": sorted(
            ((one.id, formats.said(one.name, language)) for one in facts.catalogue().contracts.values()), key=lambda c: c[1]
        ),
        "of": [
            *((one, formats.said(edition.spheres[one].name, language)) for one in edition.sections),
            *((str(n), f"{n}. {formats.said(one.name, language)}") for n, one in edition.initiatives.items()),
        ],
        "layer": [(name, formats.said(one.name, language)) for name, one in layers().items()],
        "grain": [("day", _("day")), ("week", _("week")), ("month", _("month")), ("quarter", _("quarter")), ("year", _("year"))],
        "network": [
            ("heat", _("heat")), ("water", _("water")), ("power", _("power")), ("gas", _("gas")), ("sewer", _("sewer")),
        ],
    }  # fmt: skip


def form_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as the form shows it."""
    title, text = item.get("title") or {}, item.get("text") or {}
    return {
        **item,
        "takes": FIELDS.get(str(item.get("kind")), ()),
        "titles": [(lang, title.get(lang, "")) for lang in LANGUAGES],
        "texts": [(lang, text.get(lang, "")) for lang in LANGUAGES],
        "kpis": list(item.get("kpis") or ()),
        "columns": list(item.get("columns") or ()),
        "all_columns": _columns(str(item.get("dataset") or "")),
        "grain": item.get("grain") or "month",
        "network": item.get("network") or "heat",
        "span": item.get("span") or 12,
    }


def _columns(dataset: str) -> list[tuple[str, str]]:
    """Columns of a dataset: name and meaning; none where there is no such dataset."""
    contract = facts.catalogue().contracts.get(dataset)
    return [] if contract is None else [(one.name, one.short) for one in heads_of(contract, contract.all_columns)]


def items_of(post: Any) -> list[dict[str, Any]]:
    """The items of a sent form, in its order, less those that are to go. Numbers that are none stay texts, to be refused."""
    found = []
    for number in post.getlist("n"):
        start = f"i{number}-"
        if post.get(f"{start}remove"):
            continue
        item: dict[str, Any] = {name: post[start + name] for name in _PLAIN if post.get(start + name)}
        for name in _NUMBERS:
            raw = post.get(start + name, "")
            if raw:
                item[name] = int(raw) if re.fullmatch(r"\d{1,4}", raw) else raw
        for name in ("kpis", "columns"):
            if given := [one for one in post.getlist(start + name) if one]:
                item[name] = given
        if "columns" in item and item.get("dataset") != post.get(f"{start}was_dataset", item.get("dataset")):
            del item["columns"]  # they were those of another dataset
        for name in ("title", "text"):
            words = {lang: post.get(f"{start}{name}_{lang}", "").replace("\r\n", "\n").strip() for lang in LANGUAGES}
            if any(words.values()):
                item[name] = words
        found.append(item)
    return found


def new_item(kind: str, others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """An item of a kind below all others, under a name that none of them has.

    Raises:
        Problem: there is no such kind.
    """
    if kind not in FIELDS:
        raise Problem(_("There is no such kind of item."))
    bottom = max((int(one["y"]) + int(one["h"]) for one in others if isinstance(one.get("y"), int)), default=1)
    names = {str(one.get("id")) for one in others}
    width, height = SIZES[kind]
    name = next(f"{kind}-{n}" for n in range(1, 1000) if f"{kind}-{n}" not in names)
    return {"id": name, "kind": kind, "x": 1, "y": bottom, "w": width, "h": height}


def name_of(asked: str) -> str:
    """A name as a part of an address.

    Raises:
        Problem: nothing of it can be one.
    """
    name = slugify(asked)[:60]
    if not name:
        raise Problem(_("A board needs a name for its address."), hint=_("Latin letters, digits and hyphens."))
    return name


def titled(title: Mapping[str, str]) -> dict[str, str]:
    """A title in three languages; what lacks is taken from another.

    Raises:
        Problem: there is none at all.
    """
    given = next((title[lang] for lang in LANGUAGES if title.get(lang)), "")
    if not given:
        raise Problem(_("A board needs a title in one language at least."))
    return {lang: title.get(lang) or given for lang in LANGUAGES}
