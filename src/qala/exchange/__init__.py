"""City to nation: a city's own lake sends rows and sums to another lake, signed, resumable, each parcel once.

See docs/explanation/city-to-nation.md.
"""
