"""Deadlines of procedures: whoever is due is reminded, told when it is over, and then somebody above is told. Each once.

A part names what runs: `register("part", "dotted.name.of.source")` in its `AppConfig.ready`; the source gives every `Due`
that is open now.
"""

from qala.kits.deadlines.due import Due, register

__all__ = ["Due", "register"]
