"""Contracts of datasets and computations of KPIs: what a fact is, and how numbers come from facts."""

from qala.datasets.catalogue import Catalogue, load_catalogue
from qala.datasets.computation import Beside, Computation, Denominator, Figure, KpiComputation
from qala.datasets.types import BORDER_COLUMNS, COMMON_COLUMNS, REGISTRY_COLUMNS, WAYS, Column, Contract, Way

__all__ = [
    "BORDER_COLUMNS",
    "COMMON_COLUMNS",
    "REGISTRY_COLUMNS",
    "WAYS",
    "Beside",
    "Catalogue",
    "Column",
    "Computation",
    "Contract",
    "Denominator",
    "Figure",
    "KpiComputation",
    "Way",
    "load_catalogue",
]
