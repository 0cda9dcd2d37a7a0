"""Importing the state classifier of places (KATO): every rated city of Kazakhstan, district centres among them.

The classifier does not mark centres of districts; its coding does: in a district `AABB00000` the okrug of the centre is
`AABB20000` where that is a town and `AABB30000` elsewhere, and the centre is the first settlement in it (`…100`). Districts
whose centre lies in a neighbouring city have neither and are told.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from qala.lake.cities import CategoryPeriod, City, shipped
from qala.standard.problems import Problem

_NEEDED = ("kato", "kato_version", "level", "name_ru", "name_kk")
_KINDS: dict[str, Literal["city", "settlement", "village"]] = {"г": "city", "п": "settlement", "с": "village"}


@dataclass(frozen=True)
class Imported:
    """Cities found in a classifier, and what a person should know about the rest."""

    cities: tuple[City, ...]
    notes: tuple[str, ...]


def read_classifier(path: Path, since: date) -> Imported:
    """Cities of a classifier file: the shipped ones, and the centres of all districts.

    Args:
        path: CSV with the columns kato, kato_version, level, type_code, name_ru, name_kk.
        since: first day of the category that a district centre gets.

    Raises:
        Problem: not such a file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        raise Problem("there is no such file", where=str(path)) from None
    except UnicodeDecodeError:
        raise Problem("the file is not UTF-8 text", where=str(path)) from None
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise Problem(f"the classifier lacks the columns {', '.join(missing)}", where=str(path))
    by_code = {row["kato"]: row for row in rows}
    known = {city.code: city for city in shipped()[1]}
    zones = _zones(known)
    found = list(known.values())
    notes = []
    for row in rows:
        if row["level"] != "district" or re.search(r"\bГ\.А\.", row["name_ru"]):
            continue
        district = row["kato"][:4]
        centre = next((by_code[code] for code in (f"{district}20100", f"{district}30100") if code in by_code), None)
        if centre is None:
            notes.append(f"{row['name_ru']} ({row['kato']}): the classifier shows no centre in the district itself")
            continue
        found.append(_centre(centre, row, zones, since))
    return Imported(tuple(found), tuple(notes))


def _centre(centre: dict[str, str], district: dict[str, str], zones: dict[str, str], since: date) -> City:
    kind, _, name = centre["name_ru"].partition(".")
    region = f"{centre['kato'][:2]}0000000"
    kazakh = re.sub(r"\s+(қ|а|к|ауылы|кенті)\.?$", "", centre["name_kk"])
    return City(
        code=centre["kato"],
        names={"ru": name.strip() or centre["name_ru"], "kk": kazakh, "en": _latin(name.strip() or centre["name_ru"])},
        region=region,
        zone=zones.get(region, "Asia/Almaty"),
        settlement=_KINDS.get(kind.strip(), "village"),
        categories=(
            CategoryPeriod(
                since=since,
                category="district",
                reason=f"районный центр (п. 7, 3): {district['name_ru']}",
                act=f"КАТО {centre['kato_version'].replace('NK RK', 'НК РК')}",
            ),
        ),
    )


def _zones(cities: dict[str, City]) -> dict[str, str]:
    """The zone of each region: that of its first city."""
    zones: dict[str, str] = {}
    for city in sorted(cities.values(), key=lambda city: city.code):
        if city.region is not None:
            zones.setdefault(city.region, city.zone)
    return zones


def within(code: str, place: str) -> bool:
    """Whether a code of the classifier is a place, or lies in it: `751110000` (Алмалы ауданы) lies in `750000000` (Алматы).

    A place's own digits are followed by zeros: two of a region or a city of republican significance, four of a district or a
    city of oblast significance, six of an okrug, nine of a settlement.
    """
    if not (_CODE.fullmatch(code) and _CODE.fullmatch(place)):
        return False
    own = next((digits for digits in (2, 4, 6) if set(place[digits:]) == {"0"}), len(place))
    return code.startswith(place[:own])


_CODE = re.compile(r"[0-9]{9}")
_SPELT = (
    "а=a б=b в=v г=g д=d е=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch "
    "ъ= ы=y ь= э=e ю=yu я=ya ё=e ә=a ғ=g қ=q ң=n ө=o ұ=u ү=u һ=h і=i"
)
_LETTERS = {pair[0]: pair[2:] for pair in _SPELT.split(" ")}


def _latin(name: str) -> str:
    """A name in Latin letters, as on road signs; the classifier has none."""
    return "".join(
        (_LETTERS[letter.lower()].capitalize() if letter.isupper() else _LETTERS[letter])
        if letter.lower() in _LETTERS
        else letter
        for letter in name
    )
