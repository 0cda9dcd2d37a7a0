"""Receiving: doors, checks, landing, and what becomes visible of it."""
