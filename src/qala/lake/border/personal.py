"""Values in free fields that look personal: an IIN, a bank card, a telephone number. They are counted and told, never shown.

A free field is a text column without a list of words that is no key, no pseudonym, no number of an object and no geometry. A
flag is no refusal: twelve digits may mean something else. Whoever leads the source looks, and mends the mapping.

Sources: IIN — day of birth, century and sex, serial number and a check digit by two rows of weights modulo 11, as the
state's rules of forming them have it; cards — ISO/IEC 7812-1 (Luhn); telephones — the numbering plan (+7 6xx, 7xx).
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from qala.datasets import Contract

_LOOKED_AT = 100_000
"""At most so many suspicious values of a column are looked at, of one delivery."""
_DIGITS = re.compile(r"\d(?:[ ()-]{0,3}\d){9,18}")
_FIRST, _SECOND = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def free_fields(contract: Contract) -> list[str]:
    """Columns in which people write what they like."""
    return [
        name
        for name, column in contract.columns.items()
        if column.type == "text"
        and not column.one_of
        and not column.privacy
        and name not in contract.key
        and not name.endswith(("_id", "geometry", "outline", "_element", "_node"))
    ]


def looks_personal(text: str) -> str | None:
    """`iin`, `card` or `phone` where a text holds one, else None."""
    for found in _DIGITS.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if len(digits) == 12 and is_iin(digits):
            return "iin"
        if len(digits) == 11 and digits[0] in "78" and digits[1] in "67":
            return "phone"
        if 13 <= len(digits) <= 19 and digits[0] in "23456" and _luhn(digits):
            return "card"
    return None


def is_iin(digits: str) -> bool:
    """Whether twelve digits are a person's number: a day, a century and sex, and the right check digit."""
    if digits[6] not in "123456":
        return False
    century = 1800 + (int(digits[6]) - 1) // 2 * 100
    try:
        date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    for weights in (_FIRST, _SECOND):
        check = sum(w * int(d) for w, d in zip(weights, digits[:11], strict=True)) % 11
        if check < 10:
            return check == int(digits[11])
    return False


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def flagged(connection: Any, contract: Contract) -> dict[str, int]:
    """`column: kind` -> good rows of `stage.rows` with such a value."""
    counts: Counter[str] = Counter()
    for name in free_fields(contract):
        rows = connection.execute(
            f"""SELECT "{name}" FROM stage.rows WHERE _fault IS NULL AND length("{name}") >= 10
                AND regexp_matches("{name}", '\\d([ ()-]{{0,3}}\\d){{9}}') LIMIT {_LOOKED_AT}"""
        ).fetchall()
        counts.update(f"{name}: {kind}" for (text,) in rows if (kind := looks_personal(text)))
    return dict(sorted(counts.items()))
