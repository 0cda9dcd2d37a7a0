"""The law as data: types and loader of editions.

from qala.standard import editions, edition_on
chosen = edition_on(date(2026, 3, 31), editions())
chosen.edition.kpi("2.2").target["oblast"].at_least
"""

from qala.standard.choice import Chosen, edition_on
from qala.standard.edition import Edition
from qala.standard.loader import editions, law_folder, load_edition
from qala.standard.open_terms import OpenTerm, Parameter
from qala.standard.problems import Problem, Problems
from qala.standard.types import Kpi, Limit, Rule, Unit
from qala.standard.values import Text
from qala.standard.yaml_file import YamlFile, read_yaml

__all__ = [
    "Chosen",
    "Edition",
    "Kpi",
    "Limit",
    "OpenTerm",
    "Parameter",
    "Problem",
    "Problems",
    "Rule",
    "Text",
    "Unit",
    "YamlFile",
    "edition_on",
    "editions",
    "law_folder",
    "load_edition",
    "read_yaml",
]
