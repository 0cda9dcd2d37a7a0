"""Qala: smart cities measured by Kazakhstan's reference standard, from raw rows to the rating."""
