"""Roadmaps of cities (items 22–31 of the order): what is done when, by whom, for how much; agreement, approval, amendment.

procedure → models → queries → services → pages. The procedure is one table of steps (`procedure.py`); what it does not allow
cannot be done. Nothing is edited after approval: an amendment is a new version with its grounds.
"""
