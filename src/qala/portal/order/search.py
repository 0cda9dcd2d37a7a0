"""Search over everything that an edition and the maturity model say, in three languages at once."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from qala.portal.order.shelf import Item, shelf
from qala.portal.order.words import fit, spans, words
from qala.standard import Edition
from qala.standard.maturity import MaturityModel
from qala.standard.values import LANGUAGES, Language

_TITLE, _MINOR_TITLE, _BODY = 3, 2, 1
_MINOR = ("term", "abbreviation", "crossing", "slip")
"""Kinds that explain others: of equals they come later."""
_BY_NAME = 1000
_AROUND = 90
"""Letters shown on either side of the first word found."""


@dataclass(frozen=True)
class Place:
    """A word's place: which item, in which text, in which language."""

    item: int
    text: int
    language: Language


@dataclass(frozen=True)
class Hit:
    """One thing found.

    Attributes:
        item: what it is.
        score: how well it fits; the higher, the nearer the top.
        whole: whether it holds every word asked for.
    """

    item: Item
    score: int
    whole: bool = True


@dataclass(frozen=True)
class Found:
    """A hit as a page shows it.

    Attributes:
        item: what it is.
        title: its title in the page's language, words that fit marked.
        snippet: the piece of text where the other words stand, marked; empty if the title holds them all.
        language: of the snippet.
    """

    item: Item
    title: SafeString
    snippet: SafeString
    language: Language


class Index:
    """The words of one edition and the maturity model."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self._names: dict[str, list[int]] = {}
        self._places: dict[str, dict[str, set[Place]]] = {}  # first letter -> word -> where it stands
        for number, item in enumerate(items):
            for name in item.names:
                self._names.setdefault(name.casefold(), []).append(number)
            for at, text in enumerate((item.title, *item.texts)):
                for language in _languages(text):
                    for word in words(said(text, language)):
                        alike = self._places.setdefault(word[0], {})
                        alike.setdefault(word, set()).add(Place(number, at, language))

    def find(self, query: str) -> list[Hit]:
        """What holds every word of a query, in whatever language, the best first; else what holds some of them."""
        asked = list(dict.fromkeys(words(query)))
        if not asked:
            return []
        named = self._names.get(" ".join(query.casefold().split()), [])
        per_word = [self._fitting(word) for word in asked]
        every = set.intersection(*(set(found) for found in per_word)).union(named)
        some = every or set().union(*per_word)
        hits = [
            Hit(self.items[number], _BY_NAME * (number in named) + sum(found.get(number, 0) for found in per_word))
            for number in sorted(some)
        ]
        return [replace(hit, whole=bool(every)) for hit in sorted(hits, key=lambda hit: -hit.score)]

    def near(self, query: str) -> list[str]:
        """Words of the law that look like those of a query that found nothing."""
        known = [word for alike in self._places.values() for word in alike if len(word) > 3]
        near = [one for word in words(query) for one in difflib.get_close_matches(word, known, n=2, cutoff=0.75)]
        return list(dict.fromkeys(near))[:4]

    def _fitting(self, asked: str) -> Mapping[int, int]:
        """Item -> how well its best word fits."""
        best: dict[int, int] = {}
        for word, places in self._places.get(asked[0], {}).items():
            quality = fit(asked, word)
            if not quality:
                continue
            for place in places:
                minor = self.items[place.item].kind in _MINOR
                score = quality * (_BODY if place.text else _MINOR_TITLE if minor else _TITLE)
                best[place.item] = max(best.get(place.item, 0), score)
        return best


def shown(hit: Hit, query: str, language: Language) -> Found:
    """A hit as a page in a language shows it."""
    asked, item = words(query), hit.item
    title = said(item.title, language)
    in_title = {word for word in asked if any(fit(word, one) for one in words(title))}
    best, best_count, best_language = "", 0, language
    for wanted in (language, *(one for one in LANGUAGES if one != language)):
        for text in item.texts if wanted == language else (item.title, *item.texts):
            if wanted not in _languages(text):
                continue
            told = said(text, wanted)
            own = words(told)
            count = sum(any(fit(word, one) for one in own) for word in asked if word not in in_title)
            if count > best_count:
                best, best_count, best_language = told, count, wanted
    return Found(item, marked(title, asked), marked(_cut(best, asked), asked), best_language)


def marked(text: str, asked: Sequence[str]) -> SafeString:
    """A text with `<mark>` around the words that fit; everything else escaped."""
    parts: list[SafeString] = []
    done = 0
    for word, start, end in spans(text):
        if any(fit(one, word) for one in asked):
            parts += [escape(text[done:start]), format_html("<mark>{}</mark>", text[start:end])]
            done = end
    return mark_safe("".join([*parts, escape(text[done:])]))  # every part is escaped


def _cut(text: str, asked: Sequence[str]) -> str:
    """The piece of a long text around the first word that fits."""
    if len(text) <= 2 * _AROUND:
        return text
    at = next((start for word, start, _ in spans(text) if any(fit(one, word) for one in asked)), 0)
    start, end = max(0, at - _AROUND), min(len(text), at + _AROUND)
    start = text.find(" ", start, at) + 1 if start else 0
    end = end if end == len(text) else max(text.rfind(" ", at, end), at)
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def said(text: Any, language: Language) -> str:
    """A text in a language; the order's own Russian as it is."""
    return text if isinstance(text, str) else str(text.say(language))


def _languages(text: Any) -> Sequence[Language]:
    """The languages in which a text is there: the order's own words are Russian only."""
    return ("ru",) if isinstance(text, str) else LANGUAGES


def index(edition: Edition, model: MaturityModel | None) -> Index:
    """The index of an edition; made once for the same law."""
    return _index(_Held(edition, model))


@dataclass(frozen=True, eq=False)
class _Held:
    edition: Edition
    model: MaturityModel | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, str, str]:
        return self.edition.id, self.edition.digest, self.model.digest if self.model else ""


@lru_cache(maxsize=4)
def _index(held: _Held) -> Index:
    return Index(list(shelf(held.edition, held.model)))


__all__ = ["Found", "Hit", "Index", "index", "marked", "shown"]
