"""What an overview states, as plain data that a protocol can keep, and as parts of a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from pydantic import TypeAdapter

from qala.groundwork.evidence import FILE, KINDS, kind_name
from qala.groundwork.models import Evidence, Overview, Statement
from qala.groundwork.needs import topic_words
from qala.kits.documents import Block, Heading, Items, Paragraph, Span, Table
from qala.standard.values import LANGUAGES, Language, Text
from qala.standard.yaml_file import read_yaml
from qala.ui.formats import number


@cache
def sections() -> Mapping[str, Text]:
    """Sections in their order."""
    file = read_yaml(Path(__file__).parent / "overview.yaml")
    return TypeAdapter(dict[str, Text]).validate_python(file.data)


def section_title(section: str, language: Language) -> str:
    """Of a section, beginning with a capital."""
    title = sections()[section].say(language) if section in sections() else section
    return title[:1].upper() + title[1:]


def statements_of(one: Overview) -> list[Statement]:
    """All of them by section and number, with their evidence but not its files."""
    light = Prefetch("evidence", Evidence.objects.defer("content"))
    order = list(sections())
    return sorted(one.statements.prefetch_related(light), key=lambda s: (order.index(s.section), s.number))


def told(one: Overview) -> list[dict[str, Any]]:
    """Its statements as JSON keeps them."""
    return [
        {
            "section": each.section,
            "texts": {language: each.say(language) for language in LANGUAGES},
            "evidence": [
                {"id": e.pk, "kind": e.kind, "ref": e.ref, "said": e.said, "on": e.added_on.isoformat(), "sha256": e.sha256}
                for e in each.evidence.all()
            ],
        }
        for each in statements_of(one)
    ]  # fmt: skip


def address(kind: str, ref: str, number: int, city: str) -> str:
    """Of the page where a piece of evidence is found, or of the file."""
    if kind == FILE:
        return reverse("groundwork:evidence_file", args=[number])
    return KINDS[kind].leads(city, ref) if kind in KINDS else ""


def blocks(
    kept: Iterable[Mapping[str, Any]], city: str, language: Language, base: str = "", level: int = 1
) -> list[Block]:
    """Statements by section, each with what it rests on.

    Args:
        base: address of the site without a slash at its end; without one nothing is a link.
        level: of the headings of sections.
    """
    found: list[Block] = []
    last = ""
    for one in kept:
        if one["section"] != last:
            found.append(Heading(section_title(one["section"], language), level))
            last = one["section"]
        found += [Paragraph(one["texts"][language]), _rests(one["evidence"], city, language, base)]
    return found


def _rests(kept: list[Mapping[str, Any]], city: str, language: Language, base: str) -> Block:
    if not kept:
        return Paragraph([Span(_("Nothing is shown that it rests on."), bold=True)], quiet=True)
    lines = []
    for one in kept:
        link = address(one["kind"], one["ref"], one["id"], city) if base else ""
        remarks = [str(kind_name(one["kind"])), f"{date.fromisoformat(one['on']):%d.%m.%Y}"]
        remarks += [f"sha256 {one['sha256']}"] if one["sha256"] else []
        said = str(one["said"].get(language, ""))
        lines.append([Span(said, link=f"{base}{link}" if link else ""), Span(f" ({', '.join(remarks)})")])
    return Items(lines)


def thoughts(kept: Mapping[str, Any], language: Language, level: int = 1) -> list[Block]:
    """What experts think of needs; nothing where nobody was asked."""
    if not kept["needs"]:
        return []
    agreed = "—" if kept["agreement"] is None else number(Fraction(kept["agreement"]), 2, language)
    return [
        Heading(_("What experts think of needs"), level),
        Table(
            [_("Need"), _("Experts"), _("Mean"), _("Spread"), _("Lowest and highest")],
            [
                [need_words(need, language), str(count), number(mean, 1, language), number(spread, 1, language), f"{low}–{high}"]
                for need, count, mean, spread, low, high in ranked(kept)
            ],
            numbers=(1, 2, 3, 4), widths=(6, 2, 2, 2, 3),
        ),
        Paragraph(
            _("%(n)s experts of the working group, 1 to 5; agreement (Kendall's W, 0 to 1): %(agreed)s. Ours, not the order's.")
            % {"n": kept["experts"], "agreed": agreed},
            quiet=True,
        ),
    ]  # fmt: skip


def ranked(kept: Mapping[str, Any]) -> list[tuple[str, int, Fraction, float, int, int]]:
    """Need, how many scored it, mean, spread, lowest and highest score; the most urgent first."""
    rows = [
        (need, count, Fraction(mean), spread, low, high)
        for need, (count, mean, spread, low, high) in kept["needs"].items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def need_words(need: str, language: Language) -> str:
    """A need, as `source:topic`, in words."""
    source, _colon, topic = need.partition(":")
    return topic_words(source, topic, language)
