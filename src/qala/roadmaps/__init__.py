"""Roadmaps of cities (items 22–31 of the order): what is done when, by whom, for how much; agreement, approval, amendment.

models → queries → services → pages. Agreement, approval, publication and amendment are `kits.procedure`'s.
"""
