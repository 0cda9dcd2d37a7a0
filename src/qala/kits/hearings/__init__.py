"""Public discussion of a draft: what was published is read by everybody and commented on during a term, without an account.

A part says what is read: `register("roadmaps", "qala.roadmaps.hearing.published")`, the dotted name of a function that gives
title and sections of a paper in a language. What it gives when the discussion is opened is kept, so that all comment on the
same text. Who leads the paper moderates and answers; nothing of who comments is kept but the name that they give themselves.
"""

from qala.kits.hearings.published import Published, register

__all__ = ["Published", "register"]
