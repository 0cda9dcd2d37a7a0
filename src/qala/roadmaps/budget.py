"""The budget request of a roadmap: by programme and action what is asked, approved and spent in each year; and as a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from qala import facts
from qala.kits.documents import Block, Document, Heading, Paragraph, Signature, Signatures, Table
from qala.kits.procedure.queries import today_of
from qala.kits.procedure.steps import IN_FORCE
from qala.reports.language import Speaker
from qala.roadmaps.models import Action, Roadmap
from qala.roadmaps.prefill import translated
from qala.roadmaps.sheet import years_of
from qala.standard.values import Language
from qala.ui.formats import number, said

NOUGHT = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """Millions of tenge."""

    asked: Decimal = NOUGHT
    approved: Decimal = NOUGHT
    spent: Decimal = NOUGHT

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.asked + other.asked, self.approved + other.approved, self.spent + other.spent)

    @property
    def left(self) -> Decimal:
        """Approved and not spent; less than 0 where more was spent."""
        return self.approved - self.spent

    def __bool__(self) -> bool:
        return bool(self.asked or self.approved or self.spent)


@dataclass(frozen=True)
class Line:
    """An action, or several together; action None: a programme's sum."""

    action: Action | None
    by_year: Mapping[int, Sums]

    @property
    def total(self) -> Sums:
        return sum(self.by_year.values(), Sums())


@dataclass(frozen=True)
class Programme:
    """A budget programme; its name is empty where none is named."""

    name: str
    lines: Sequence[Line]
    sums: Line


@dataclass(frozen=True)
class Request:
    """The whole request."""

    years: Sequence[int]
    programmes: Sequence[Programme]
    sums: Line

    def of(self, year: int) -> Request:
        """The same of one year: only what asks for, got or spent something in it."""
        programmes = []
        for one in self.programmes:
            lines = [line for line in one.lines if line.by_year[year]]
            if lines:
                programmes.append(Programme(one.name, lines, _together(lines, self.years)))
        return Request([year], programmes, _together((one.sums for one in programmes), self.years))


def request_of(roadmap: Roadmap) -> Request:
    """What a roadmap asks for, in the sequence of programmes' names; those without a programme last."""
    actions = list(roadmap.actions.select_related("owner"))
    translated(roadmap, actions)
    money = [*actions, *(_WithMoney(some) for one in actions for some in (one.approved, one.spent))]
    years = years_of(roadmap, money)  # type: ignore[arg-type]  # of an action it reads the years of its money only
    by_programme: dict[str, list[Line]] = {}
    for one in actions:
        by_year = {
            year: Sums(*(Decimal(some.get(str(year), 0)) for some in (one.money, one.approved, one.spent)))
            for year in years
        }
        by_programme.setdefault(one.programme.strip(), []).append(Line(one, by_year))
    programmes = [
        Programme(name, lines, _together(lines, years))
        for name, lines in sorted(by_programme.items(), key=lambda pair: (not pair[0], pair[0]))
    ]
    return Request(years, programmes, _together((one.sums for one in programmes), years))


@dataclass(frozen=True)
class _WithMoney:
    money: Mapping[str, str]


def _together(lines: Iterable[Line], years: Sequence[int]) -> Line:
    found = list(lines)
    return Line(None, {year: sum((one.by_year[year] for one in found), Sums()) for year in years})


def next_year(roadmap: Roadmap, years: Sequence[int]) -> int:
    """The year that a budget is made for now: the next one, or the nearest of the plan."""
    wanted = today_of(roadmap.city).year + 1
    return min(years, key=lambda year: abs(year - wanted))


def document(roadmap: Roadmap, year: int, language: Language) -> Document:
    """The request for a year and for the plan period, to be signed and sent."""
    with override(language):
        request, registry = request_of(roadmap), facts.lake().cities
        city = registry.get(roadmap.city) if roadmap.city in registry else None
        name = said(city.names, language) if city is not None else roadmap.city
        actors = facts.editions()[roadmap.edition].procedure.actors
        notices = [] if roadmap.state in IN_FORCE else [_("Draft")]
        if city is not None and city.simulated:
            notices.append(Speaker(language).say("frame.simulated"))
        blocks: list[Block] = [
            Paragraph(_("In million tenge. Asked: as the roadmap plans; approved and spent: as the city reports."), quiet=True),
            Heading(_("%(year)s, by budget programme") % {"year": year}, 2), _of_year(request.of(year), year, language),
            Heading(_("The plan period"), 2), _of_period(request, language), _by_year(request, language),
            Signatures([Signature(actors[who].say(language)) for who in ("group_head", "group_secretary")]),
        ]  # fmt: skip
        return Document(
            language, _("Budget request for the Roadmap of the smart city: %(city)s, %(year)s") % {"city": name, "year": year},
            blocks, kind=_("Budget request"), day=today_of(roadmap.city), place=name, notice=" · ".join(notices), landscape=True,
            source=_("Roadmap, version %(n)s") % {"n": roadmap.version},
        )  # fmt: skip


def _of_year(request: Request, year: int, language: Language) -> Block:
    def cells(one: Line) -> list[str]:
        sums = one.by_year[year]
        return [_number(part, language) for part in (sums.asked, sums.approved, sums.spent, sums.left)]

    rows = []
    for programme in request.programmes:
        rows.append([programme.name or _("no programme is named"), "", *cells(programme.sums)])
        for line in programme.lines:
            assert line.action is not None
            rows.append([f"    {line.action.name}", str(line.action.get_source_display()), *cells(line)])
    if not rows:
        return Paragraph(_("Nothing is asked for in this year."))
    rows.append([_("Together"), "", *cells(request.sums)])
    heads = [
        _("Programme, action"),
        _("Source of the money"),
        pgettext("money", "Asked"),
        pgettext("money", "Approved"),
        pgettext("money", "Spent"),
        pgettext("money", "Left"),
    ]
    return Table(heads, rows, numbers=(2, 3, 4, 5), widths=(9, 4, 2, 2, 2, 2))


def _of_period(request: Request, language: Language) -> Block:
    heads = [_("Programme, action"), *map(str, request.years), _("Asked together")]
    rows = []
    for programme in request.programmes:
        for line, name in [
            (programme.sums, programme.name or _("no programme is named")),
            *((x, "    " + x.action.name) for x in programme.lines if x.action),
        ]:
            rows.append(
                [
                    name,
                    *(_number(line.by_year[year].asked, language) for year in request.years),
                    _number(line.total.asked, language),
                ]
            )
    numbers = tuple(range(1, len(request.years) + 2))
    return Table(heads, rows, numbers=numbers, widths=(8, *(1.6 for _year in request.years), 2))


def _by_year(request: Request, language: Language) -> Block:
    kinds = (
        ("asked", pgettext("money", "Asked")),
        ("approved", pgettext("money", "Approved")),
        ("spent", pgettext("money", "Spent")),
    )
    rows = [
        [
            words,
            *(_number(getattr(request.sums.by_year[year], kind), language) for year in request.years),
            _number(getattr(request.sums.total, kind), language),
        ]
        for kind, words in kinds
    ]
    numbers = tuple(range(1, len(request.years) + 2))
    return Table(
        [_("Together"), *map(str, request.years), _("All years")],
        rows,
        numbers=numbers,
        widths=(8, *(1.6 for _year in request.years), 2),
    )


def _number(value: Decimal, language: Language) -> str:
    return number(value, None, language) if value else "—"
