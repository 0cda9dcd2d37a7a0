"""Invented names for simulated cities, districts and streets, in Kazakh, Russian and English.

Every city name is a stem and an ending that together occur neither in the classifier of administrative units
(NK RK 11-2025) nor among the country's place names of GeoNames, so that a simulated city can never be taken
for a real one.
"""

from __future__ import annotations

from typing import Final

STEMS: Final = (
    "Күміс", "Жарық", "Самал", "Қыран", "Арлан", "Тұлпар", "Домбыра", "Қобыз", "Шаңырақ", "Кереге",
    "Жұлдыз", "Айдын", "Толқын", "Бұлбұл", "Аққу", "Мейір", "Береке", "Саз",
)  # fmt: skip
ENDINGS: Final = ("дала", "сай", "тау", "қала", "кент", "орда", "қыр", "өзек", "көл", "бел", "жон", "шат")

DISTRICTS: Final = ("Шығыс", "Батыс", "Солтүстік", "Оңтүстік", "Орталық", "Өзен", "Бақ", "Теміржол")
DISTRICTS_RU: Final = (
    "Восточный", "Западный", "Северный", "Южный", "Центральный", "Речной", "Садовый", "Железнодорожный",
)  # fmt: skip
DISTRICTS_EN: Final = (
    "Eastern", "Western", "Northern", "Southern", "Central", "Riverside", "Garden", "Railway",
)  # fmt: skip

STREETS: Final = (
    "Алмалы", "Бәйтерек", "Достық", "Жайлау", "Наурыз", "Тәуелсіздік", "Көктем", "Сұңқар", "Дария",
    "Ақжол", "Бұлақ", "Күншуақ", "Қарлығаш", "Шұғыла", "Жеңіс", "Ынтымақ", "Бірлік", "Самғау", "Ғылым",
    "Еңбек", "Жастар", "Мектеп", "Балауса", "Гүлдер",
)  # fmt: skip

_RU: Final = {"ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "і": "и"}
_EN: Final = {
    "а": "a", "ә": "a", "б": "b", "в": "v", "г": "g", "ғ": "gh", "д": "d", "е": "e", "ё": "yo", "ж": "zh",
    "з": "z", "и": "i", "й": "i", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n", "ң": "n", "о": "o",
    "ө": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ұ": "u", "ү": "u", "ф": "f", "х": "kh",
    "һ": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "і": "i", "ь": "", "э": "e",
    "ю": "yu", "я": "ya",
}  # fmt: skip


def _letters(word: str, table: dict[str, str]) -> str:
    out = []
    for letter in word:
        new = table.get(letter.lower())
        out.append(letter if new is None else new.capitalize() if letter.isupper() else new)
    return "".join(out)


def in_three_languages(kazakh: str) -> dict[str, str]:
    """A Kazakh name with its Russian spelling and its English transliteration."""
    return {"ru": _letters(kazakh, _RU), "kk": kazakh, "en": _letters(kazakh, _EN)}


def city_name(number: int, start: int = 0) -> dict[str, str]:
    """The name of the `number`-th city of a simulation; distinct for the first 216, then numbered (Күмісдала
    2).

    Args:
        number: position in its simulation, from 0.
        start: where in the order of names the simulation begins.
    """
    count = len(STEMS) * len(ENDINGS)
    turn, place = number // count, (number + start) % count
    # Stem and ending both move on with every step, so that neighbours in a table do not share a stem.
    stem = STEMS[place % len(STEMS)]
    ending = ENDINGS[(place + place // len(STEMS)) % len(ENDINGS)]
    name = in_three_languages(stem + ending)
    return name if turn == 0 else {language: f"{text} {turn + 1}" for language, text in name.items()}


def region_name(number: int) -> dict[str, str]:
    """The name of the `number`-th invented region (from 0): stems and endings from the far end of those of cities."""
    stem, ending = STEMS[-1 - number % len(STEMS)], ENDINGS[-1 - number % len(ENDINGS)]
    name = in_three_languages(stem + ending)
    return {"ru": f"Область {name['ru']}", "kk": f"{name['kk']} облысы", "en": f"{name['en']} Region"}


def district_name(position: int) -> dict[str, str]:
    """The name of a city's `position`-th district (from 0; at most eight)."""
    return {"ru": DISTRICTS_RU[position], "kk": DISTRICTS[position], "en": DISTRICTS_EN[position]}


def street_name(position: int) -> dict[str, str]:
    """The name of a city's `position`-th street; numbered when the words have been used up (Достық 2)."""
    turn, place = divmod(position, len(STREETS))
    name = in_three_languages(STREETS[place])
    return name if turn == 0 else {language: f"{text} {turn + 1}" for language, text in name.items()}
