"""Signs that numbers may have been dressed up: shown to an auditor with their rows, never punished by themselves.

for sign in look(values, "SIM-D03", 2026, date(2026, 12, 31)): print(sign.reason["en"])
"""

from qala.signs.found import Sign
from qala.signs.rules import Rule, rules
from qala.signs.search import look

__all__ = ["Rule", "Sign", "look", "rules"]
