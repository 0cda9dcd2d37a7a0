"""What a page of the order reads: the edition that the address names, and what belongs to one thing of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from qala import facts
from qala.standard import Edition, Kpi
from qala.standard.papers import Step
from qala.standard.types import FunctionRow, Initiative, Reading, Slip
from qala.standard.yaml_file import read_yaml

PLANNED = "planned"
OUTSIDE = "outside"
_NUMBERS = re.compile(r"\d+")


def editions() -> Mapping[str, Edition]:
    """Every loaded edition by id, the oldest first."""
    return facts.editions()


@dataclass(frozen=True)
class Book:
    """An edition as pages show it.

    Attributes:
        edition: the one that the address names with `?edition=`, else the one that the site counts by.
        keep: what keeps it in the address of a link: empty for the one that the site counts by.
    """

    edition: Edition
    keep: str = ""
    loaded: Mapping[str, Edition] = field(default_factory=dict)

    @cached_property
    def by_sphere(self) -> Sequence[tuple[str, Sequence[Initiative]]]:
        """Spheres that have initiatives, in the order's sequence, with them."""
        found = {name: [] for name in self.edition.spheres}  # type: dict[str, list[Initiative]]
        for initiative in self.edition.initiatives.values():
            found[initiative.sphere].append(initiative)
        return [(name, several) for name, several in found.items() if several]

    def kpis_of(self, initiative: int) -> list[Kpi]:
        """KPIs of an initiative, in the order's sequence."""
        return [kpi for kpi in self.edition.kpis.values() if kpi.initiative == initiative]

    def citing(self, reading: str) -> list[Kpi]:
        """KPIs that cite a reading."""
        return [kpi for kpi in self.edition.kpis.values() if reading in kpi.readings]

    def steps_of(self, item: int) -> list[Step]:
        """The duties that stand in an item of the order (`16–17`, `12(1)` and the like count)."""
        return [step for step in self.edition.procedure.steps if item in items_of(step)]

    @cached_property
    def items(self) -> list[int]:
        """The numbers of all items of the procedure."""
        return sorted({item for step in self.edition.procedure.steps for item in items_of(step)})


def book_of(request: HttpRequest) -> Book:
    """The edition that an address asks for; 404 if it is not loaded."""
    own, loaded = facts.edition(), editions()
    asked = request.GET.get("edition", "")
    if not asked or asked == own.id:
        return Book(own, "", loaded)
    if asked not in loaded:
        raise Http404(_("The edition %(edition)s is not loaded.") % {"edition": asked})
    return Book(loaded[asked], f"?edition={asked}", loaded)


def items_of(step: Step) -> range:
    """The items of the order that a duty stands in."""
    numbers = [int(number) for number in _NUMBERS.findall(step.item.partition("(")[0])]
    return range(numbers[0], numbers[-1] + 1)


def neighbours[Thing](things: Sequence[Thing], here: Thing) -> tuple[Thing | None, Thing | None]:
    """The one before and the one after."""
    at = things.index(here)
    return (things[at - 1] if at else None, things[at + 1] if at + 1 < len(things) else None)


@dataclass(frozen=True)
class Done:
    """How the program does a function of annex 3, or a step of the procedure.

    Attributes:
        said: `planned`, `outside` (no program does it), the name of a page, or the address of an endpoint.
        url: the page or endpoint; empty while it is planned or if it is not installed.
        manifest: the file that says so, within the repository.
    """

    said: str
    url: str
    manifest: str

    @property
    def planned(self) -> bool:
        return self.said == PLANNED

    @property
    def outside(self) -> bool:
        return self.said == OUTSIDE


def done(initiative: Initiative, function: FunctionRow) -> Done:
    """How the program does a function."""
    manifest = facts.catalogue().manifests.get(initiative.system)
    said = manifest.functions.get(function.no, PLANNED) if manifest else PLANNED
    return Done(said, _address(said), f"src/qala/systems/{initiative.system}/manifest.yaml")


def step_done(step: Step) -> Done:
    """How the program does a step of the procedure; a step that the file does not name is planned."""
    said = _duties().get(step.id, PLANNED)
    return Done(said, _address(said), "src/qala/portal/order/duties.yaml")


@cache
def _duties() -> Mapping[str, str]:
    found: Mapping[str, str] = read_yaml(Path(__file__).with_name("duties.yaml")).data
    return found


def _address(said: str) -> str:
    if said.startswith("/"):
        return said
    try:
        return reverse(said) if ":" in said else ""
    except NoReverseMatch:
        return ""


def things(found: Mapping[str, Reading] | Mapping[str, Slip], names: Sequence[str]) -> list[Reading | Slip]:
    """Entries by their ids, in that sequence."""
    return [found[name] for name in names]
