"""The pages of KPIs, readings and open terms, out of the edition and the computations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reference_tables import LANGUAGES, codes, line_of, link, table

from qala.datasets import Catalogue
from qala.standard import Edition, Kpi, Text
from qala.standard.open_terms import OpenTerm, Setting
from qala.standard.values import number_text

YEAR = {"pool": "pooled from sums", "last": "the last value", "mean_of_months": "the mean of its months"}


def kpi_pages(known: Catalogue, law: Edition) -> Iterator[tuple[str, str]]:
    """An index of all KPIs, and a page for each initiative."""
    index = [
        "# KPIs",
        "",
        f"The {len(law.kpis)} KPIs of {law.act.number}, {law.points()} points, as the order has them and as they are "
        "computed. Targets stand in the order republican / oblast / district. The words of a computation are explained in "
        "[computations.md](computations.md).",
        "",
    ]
    for no, initiative in sorted(law.initiatives.items()):
        name = f"kpis/{no:02d}_{initiative.system}.md"
        kpis = [kpi for kpi in law.kpis.values() if kpi.initiative == no]
        index += [f"## [{no}. {initiative.name.en}]({name})", ""]
        index += table(
            ("row", "id", "name", "every", "target", "points"),
            [
                (
                    f"[{kpi.row}]({name}#{_anchor(kpi)})",
                    f"`{kpi.id}`",
                    kpi.name.en,
                    kpi.every,
                    targets(kpi),
                    str(kpi.points),
                )
                for kpi in kpis
            ],
        )
        index.append("")
        page = [f"# {no}. {initiative.name.en}: KPIs", "", "[All KPIs](../kpis.md)", ""]
        for kpi in kpis:
            page += _kpi(kpi, known, law)
        yield name, "\n".join(page)
    yield "kpis.md", "\n".join(index)


def _kpi(kpi: Kpi, known: Catalogue, law: Edition) -> list[str]:
    roadmap = law.initiatives[kpi.initiative].roadmap
    due = ", ".join(f"{name} {law.due_from(kpi, name)}" for name in law.categories if name in roadmap)
    law_file = next(law.folder.glob(f"initiatives/{kpi.initiative:02d}_*/kpis.yaml"))
    facts = [
        ("Name (ru, the order's)", kpi.name.ru),
        ("Name (kk)", kpi.name.kk),
        ("Description", kpi.law.description),
        ("Formula", kpi.law.formula),
        ("Source; system", f"{kpi.law.source}; {kpi.law.system}"),
        ("Delivered", kpi.law.every),
        ("Target as written", kpi.law.target),
        ("Target as read", f"{targets(kpi)} ({law.units[kpi.unit].name.en})"),
    ]
    facts += [(f"Limit `{name}`", _limit(limit)) for name, limit in kpi.limits.items()]
    facts += [
        ("Points", f"{kpi.points}, in the section {law.spheres[kpi.section].name.en}"),
        ("Influence", kpi.law.influence),
        ("Due from (annex 2)", due or "—"),
        ("A year is", YEAR[kpi.year]),
    ]
    if kpi.closed_year_only:
        facts.append(("Only for a closed year", "yes"))
    if kpi.compare:
        facts.append(("Compared with", "the previous year" if kpi.compare == "previous_year" else "the filed base"))
    if kpi.network:
        facts.append(("Not applicable without", f"a {kpi.network} network (N3)"))
    facts += [
        ("Readings", _links(kpi.readings, "../readings.md") or "—"),
        ("Open terms", _links(kpi.open_terms, "../open_terms.md") or "—"),
        *(("Slip of the order", law.slips[name].text.en) for name in kpi.slips),
        ("Datasets", ", ".join(_dataset_link(name) for name in known.computations[kpi.id].datasets)),
        ("Written in", f"{link(line_of(law_file, kpi.id), '../../..')}, {link(known.where(kpi.id), '../../..')}"),
    ]
    return [
        f"## {kpi.row} {kpi.id}",
        "",
        kpi.name.en,
        "",
        *table(("", ""), facts),
        "",
        "```yaml",
        *_computation(known, kpi.id),
        "```",
        "",
    ]


def _limit(limit: Any) -> str:
    said = [f"{category} {number_text(value)}" for category, value in limit.values.items()]
    strict = [f"{category} {number_text(value)}" for category, value in limit.strict.items()]
    return f"{', '.join(said)} ({limit.unit})" + (f"; strict end: {', '.join(strict)}" if strict else "")


def _computation(known: Catalogue, kpi_id: str) -> list[str]:
    """The entry as it is written, with its remarks."""
    file = known.files[known.computed_in[kpi_id]]
    name = kpi_id.split(".", 1)[1]
    lines = file.path.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}:"))
    end = next((n for n in range(start + 1, len(lines)) if lines[n][:1] not in ("", " ")), len(lines))
    found = lines[start:end]
    while not found[-1].strip():
        found.pop()
    return found


def readings_page(law: Edition) -> str:
    """How gaps and slips of the order are read."""
    page = [
        "# Readings",
        "",
        f"How the program reads {law.act.number} where it is silent or contradicts itself. Score sheets cite the ids. "
        f"Source: {link(str(law.folder / 'readings.yaml'), '../..')}. A variant is what the uncertainty analysis or "
        "another profile tries instead.",
        "",
    ]
    for reading in law.readings.values():
        rows = [kpi.row for kpi in law.kpis.values() if reading.id in kpi.readings]
        page += [f"## {reading.id}", "", *_by_language(case=reading.case, rule=reading.rule, variant=reading.variant)]
        page += [f"KPIs: {', '.join(rows)}", ""] if rows else []
    page += ["## Slips that a reader of a score sheet is told", ""]
    page += table(
        ("id", "KPIs", "what"), [(f"`{s.id}`", ", ".join(s.kpis) or "—", s.text.en) for s in law.slips.values()]
    )
    return "\n".join(page)


def open_terms_page(law: Edition, known: Catalogue) -> str:
    """The words that annex 4 leaves open."""
    page = [
        "# Open terms",
        "",
        f"Words that annex 4 leaves open (reading U4), each a named, dated parameter of {law.act.number}. The value stands in "
        f"a computation as `:id`. Source: {link(str(law.folder / 'open_terms.yaml'), '../..')}. A city files its own "
        "value, where it may, with an act, as a row of [`city.parameters`](datasets/city.md#cityparameters).",
        "",
    ]
    for term in law.open_terms.values():
        used = [kpi for kpi in law.kpis if _uses(known, kpi, term)]
        facts = [
            ("KPIs", ", ".join(term.kpis)),
            ("Default", _setting(term.default)),
            ("Variant", _setting(term.variant) if term.variant else "—"),
            ("Permitted", term.permitted.say() if term.permitted else "—"),
            ("Set by", ", ".join(term.set_by)),
            ("Holds from", term.from_day.isoformat()),
            ("Used in the computation of", codes(used) or "no expression"),
        ]
        variant = term.variant.text if term.variant else None
        page += [f"## {term.id}", "", *table(("", ""), facts), ""]
        page += _by_language(word=term.word, default=term.default.text, variant=variant)
    return "\n".join(page)


def _uses(known: Catalogue, kpi_id: str, term: OpenTerm) -> bool:
    """Whether a computation names the term; `alive` takes its share by itself."""
    if term.id == "alive_share" and known.computations[kpi_id].alive is not None:
        return True
    code = (line.split("#")[0] for line in _computation(known, kpi_id))
    return any(re.search(rf":{term.id}\b", line) for line in code)


def _setting(setting: Setting) -> str:
    value = setting.value
    if value is None:
        return "words only"
    if isinstance(value, Mapping):
        said = ", ".join(f"{category} {_plain(one)}" for category, one in value.items())
    else:
        said = _plain(value)
    return f"{said} {setting.unit}" if setting.unit else said


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(one) for one in value) + "]"
    return value if isinstance(value, str) else number_text(value)


def _by_language(**texts: Text | None) -> list[str]:
    given = {name: text for name, text in texts.items() if text is not None}
    rows = [(lang, *(text.say(lang) for text in given.values())) for lang in LANGUAGES]
    return [*table(("", *given), rows), ""]


def targets(kpi: Kpi) -> str:
    return " / ".join(rule.say() for rule in kpi.target.values())


def _anchor(kpi: Kpi) -> str:
    return f"{kpi.row}-{kpi.id}".replace(".", "")


def _dataset_link(name: str) -> str:
    part = name.split(".")[0]
    return f"[`{name}`](../datasets/{part}.md#{name.replace('.', '')})"


def _links(ids: Iterable[str], page: str) -> str:
    return ", ".join(f"[{name}]({page}#{name.lower()})" for name in ids)
