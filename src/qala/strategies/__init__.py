"""Strategies of cities (items 16–21, 26–30 of the order): nine sections, written together, with figures that live in a draft.

models → figures → queries → services → pages. Agreement, approval, publication and amendment are `kits.procedure`'s, the
documents `kits.documents`'. A section is a text in one language; whoever writes at the same time loses no word.
"""
