"""Which edition holds on a day, said aloud where none does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from qala.standard.edition import Edition
from qala.standard.problems import Problem
from qala.standard.values import Text


@dataclass(frozen=True)
class Chosen:
    """An edition, and the notice that every result computed under it must carry (None: it is in force).

    Attributes:
        edition: the edition to compute by.
        notice: one sentence in three languages.
    """

    edition: Edition
    notice: Text | None = None


def edition_on(day: date, editions: Mapping[str, Edition], wanted: str | None = None) -> Chosen:
    """The edition in force on a day; for a period, ask with its last day.

    Args:
        day: a city-local day.
        editions: what is loaded, by id.
        wanted: the id of an edition to use even where it is not in force (`--edition order_469`).

    Raises:
        Problem: no edition is in force on the day and none was wanted; the wanted one is not loaded; two
        overlap.
    """
    if wanted is not None:
        if wanted not in editions:
            raise Problem(f"The edition '{wanted}' is not loaded.", hint=f"Loaded: {', '.join(editions) or 'none'}.")
        edition = editions[wanted]
        return Chosen(edition, None if edition.in_force(day) else notice(edition, day))
    holding = [edition for edition in editions.values() if edition.in_force(day)]
    if len(holding) == 1:
        return Chosen(holding[0])
    if holding:
        names = " and ".join(edition.id for edition in holding)
        raise Problem(f"On {day:%d.%m.%Y} two editions are in force: {names}.", hint="Mend in_force in edition.yaml.")
    if not editions:
        raise Problem("No edition of the law is loaded.", hint="Put one into standard/.")
    past = [edition for edition in editions.values() if edition.to_day is not None and edition.to_day < day]
    nearest = (
        max(past, key=lambda edition: edition.to_day or date.min)
        if past
        else min(editions.values(), key=lambda edition: edition.from_day)
    )
    raise Problem(
        f"No edition of the law is loaded for {day:%d.%m.%Y}. {notice(nearest, day).en}",
        hint=f"`--edition {nearest.id}` (or QALA_EDITION={nearest.id}) works on with it; "
        "every result carries a notice.",
    )


def notice(edition: Edition, day: date) -> Text:
    """Why an edition does not hold on a day."""
    act = edition.act
    if day < edition.from_day:
        first = f"{edition.from_day:%d.%m.%Y}"
        return Text(
            ru=f"{act.short.ru} вводится в действие с {first}: на {day:%d.%m.%Y} он ещё не действует.",
            kk=f"{act.short.kk} {first} бастап қолданысқа енгізіледі: {day:%d.%m.%Y} күні әлі күшінде емес.",
            en=f"{act.short.en} is in force from {first}: on {day:%d.%m.%Y} it is not in force yet.",
        )
    if edition.to_day is None:
        raise ValueError("an edition without an end cannot have lapsed")
    lapsed = f"{edition.to_day + timedelta(days=1):%d.%m.%Y}"
    after = act.replaced_by
    if after is None:
        return Text(
            ru=f"{act.short.ru} утратил силу с {lapsed}.",
            kk=f"{act.short.kk} {lapsed} бастап күшін жойды.",
            en=f"{act.short.en} lapsed on {lapsed}.",
        )
    ru, kk, en = (
        ("", "", "")
        if after.loaded
        else (", текст которого не загружен", ", оның мәтіні жүктелмеген", ", which is not loaded")
    )
    return Text(
        ru=f"{act.short.ru} утратил силу с {lapsed}; его заменил приказ № {after.number}{ru}.",
        kk=f"{act.short.kk} {lapsed} бастап күшін жойды; оның орнына № {after.number} бұйрық келді{kk}.",
        en=f"{act.short.en} lapsed on {lapsed} in favour of {after.number}{en}.",
    )
