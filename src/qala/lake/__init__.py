"""The lake: where rows land, are checked, kept, corrected and found again."""

from qala.lake.cities import CategoryPeriod, City, CityDistrict, CityRegistry, Region, regions, shipped
from qala.lake.folder import Lake
from qala.lake.ledger import Ledger
from qala.lake.receipts import Receipt
from qala.lake.request import IngestRequest
from qala.lake.table import DataFile, Snapshot, Table

__all__ = [
    "CategoryPeriod",
    "City",
    "CityDistrict",
    "CityRegistry",
    "DataFile",
    "IngestRequest",
    "Lake",
    "Ledger",
    "Receipt",
    "Region",
    "Snapshot",
    "Table",
    "regions",
    "shipped",
]
