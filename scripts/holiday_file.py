"""Write `src/qala/standard/holidays.json`: Kazakhstan's holidays, as the `holidays` package has them.

The package brings the calendars of every country along: 20 MB and a fifth of a second for each process that asks for one
working day. To be run when the package is brought up to date; a test tells when the two differ.
"""

from __future__ import annotations

import json
from pathlib import Path

import holidays

FILE = Path(__file__).parent.parent / "src" / "qala" / "standard" / "holidays.json"
YEARS = range(2010, 2041)


def days() -> dict[str, list[str]]:
    """ISO days by year."""
    return {
        str(year): [day.isoformat() for day in sorted(holidays.country_holidays("KZ", years=year))] for year in YEARS
    }


if __name__ == "__main__":
    lines = ",\n".join(f'"{year}": {json.dumps(its)}' for year, its in days().items())
    FILE.write_text(f"{{\n{lines}\n}}\n")
