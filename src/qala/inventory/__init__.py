"""The register of a city's digital objects (items 12, 19, 20 of the order): which systems there are, whose, for what, how joined.

models → queries → services → pages. `sheets` is the register as a table: out, and in again, all or nothing.
"""
