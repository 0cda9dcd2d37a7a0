"""Score sheets of cities and ratings for the ministry: HTML, PDF and XLSX in Kazakh, Russian and English.

from qala.reports import Basis, build_sheet, write_sheet
sheet = build_sheet(basis, "SIM-R01", lake, values, cities)
write_sheet(sheet, Path("out"), languages=("kk",), forms=("html", "pdf"))
"""

from qala.reports.basis import Basis, RunNote
from qala.reports.rating import RatingData, build_rating
from qala.reports.sheet import SheetData, build_sheet
from qala.reports.writing import FORMS, Form, write_rating, write_sheet

__all__ = [
    "FORMS",
    "Basis",
    "Form",
    "RatingData",
    "RunNote",
    "SheetData",
    "build_rating",
    "build_sheet",
    "write_rating",
    "write_sheet",
]
