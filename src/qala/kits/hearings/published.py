"""What is read in a discussion, and which part says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string

from qala.standard.values import Language

if TYPE_CHECKING:
    from qala.kits.procedure.models import Paper


@dataclass(frozen=True)
class Published:
    """A draft as it is published in a language: its title, and its sections as (title, HTML that the program itself made)."""

    title: str
    sections: list[tuple[str, str]]


type Source = Callable[[Paper, Language], Published]
_sources: dict[str, str] = {}


def register(part: str, source: str) -> None:
    """Let a part's papers be discussed, by the dotted name of a `Source`: it is imported when a discussion is opened."""
    _sources[part] = source


def discussed(part: str) -> bool:
    """Whether papers of a part can be discussed."""
    return part in _sources


def published(paper: Paper, language: Language) -> Published:
    """A paper as it stands now."""
    source: Source = import_string(_sources[paper.PART])
    return source(paper, language)
