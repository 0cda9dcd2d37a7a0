"""The procedure of items 26–30, for strategies and roadmaps. What its table does not allow cannot be done.

steps → models (abstract) → queries → services → words and templates. A part makes its own models of `Paper` and `TakenStep`,
names its rights `<part>.see`, `.lead`, `.judge`, `.approve`, and tells `services.take` what is in the way of a submission and
how an amendment begins. Nothing is edited after approval: an amendment is a new version with its grounds.
"""
