"""Screens above systems: rating, city, KPI, map, board, the order, data, status."""
