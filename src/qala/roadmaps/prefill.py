"""What annexes 2 and 3 ask of a city: the base initiatives of its category by stage and years, with their functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import get_language

from qala import facts
from qala.roadmaps.models import Action, Roadmap
from qala.standard import Edition
from qala.standard.values import LANGUAGES, Language
from qala.ui.formats import language_of


@dataclass(frozen=True)
class Asked:
    """A base initiative that the order lays on a category.

    Attributes:
        functions: of annex 3 that are to be done there, in the language asked for.
    """

    initiative: int
    stage: int
    name: str
    from_year: int
    to_year: int
    executors: str
    functions: tuple[str, ...]

    @property
    def results(self) -> str:
        """The functions as the results that are expected, a line each."""
        return "\n".join(f"– {name}" for name in self.functions)


def asked(edition: Edition, category: str, language: Language) -> Iterator[Asked]:
    """Base initiatives of a category in the sequence of annex 2 (items 23–25)."""
    actors = edition.procedure.actors
    for number, one in edition.initiatives.items():
        step = one.roadmap.get(category)
        if step is None:
            continue
        yield Asked(
            number, step.stage, one.name.say(language), step.from_year, step.to_year,
            ", ".join(actors[name].say(language) for name in step.executors),
            tuple(row.name.say(language) for row in one.functions if row.asked_of(category)),
        )  # fmt: skip


def translations(edition: Edition, category: str, language: Language) -> dict[str, str]:
    """What the program itself wrote into actions, in any language -> the same in one. What a person wrote is not there."""
    found: dict[str, str] = {}
    own = list(asked(edition, category, language))
    for other in LANGUAGES:
        for one, wanted in zip(asked(edition, category, other), own, strict=True):
            found |= {one.name: wanted.name, one.executors: wanted.executors, one.results: wanted.results}
    return found


def translated(roadmap: Roadmap, actions: Iterable[Action]) -> None:
    """Put what the order itself says into the reader's language; nothing is saved."""
    words_of = translations(facts.editions()[roadmap.edition], roadmap.category, language_of(get_language()))
    for action in actions:
        for name in ("name", "executors", "results"):
            text = getattr(action, name)
            setattr(action, name, words_of.get(text, text))
