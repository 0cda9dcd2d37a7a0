"""Kits: parts that several others share, one folder each."""
