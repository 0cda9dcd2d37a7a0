"""The lake as a web process opens it: once per thread, followed as it grows.

Every page, job and endpoint comes to facts through here, so that a process holds one edition and one catalogue, and
so that no two threads share a DuckDB connection.
"""

from qala.facts.desk import catalogue, edition, edition_notice, editions, lake, run_store, today, values

__all__ = ["catalogue", "edition", "edition_notice", "editions", "lake", "run_store", "today", "values"]
