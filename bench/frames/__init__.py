"""Straightforward pandas: one function per KPI, which reads the columns that it needs and answers period -> value."""
