"""Strategies, their sections with every version of their text, comments, and the steps that were taken."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qala.kits.procedure.models import Paper, TakenStep
from qala.kits.procedure.steps import EDITABLE

LONGEST = 100_000
"""Characters of a section's text."""


class Strategy(Paper):
    """One version of a city's strategy.

    Attributes:
        figures: what the figures of all texts said when it was submitted: token -> language -> what it says.
        figures_of: the run, its year and last day, and the day on which they were frozen.
    """

    PART: ClassVar[str] = "strategies"

    figures = models.JSONField(default=dict, editable=False)
    figures_of = models.JSONField(default=dict, editable=False)

    class Meta(Paper.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["city", "version"], name="strategy_version_once"),
            models.CheckConstraint(
                condition=models.Q(last_year__gte=models.F("first_year")),
                name="strategy_ends_after_it_begins",
                violation_error_message=_("It cannot end before it begins."),
            ),
        ]

    @property
    def lives(self) -> bool:
        """Whether its figures are those of today: while it is written."""
        return self.state in EDITABLE


class Section(models.Model):
    """A section in one language.

    Attributes:
        number: 1 to 9, of item 21.
        text: plain Markdown with `{{figures}}`.
        saved: how often it was saved; whoever saves says on which of them their text rests.
    """

    STATES: ClassVar = {
        "empty": pgettext_lazy("section", "not begun"),
        "writing": pgettext_lazy("section", "being written"),
        "reading": pgettext_lazy("section", "being read"),
        "ready": pgettext_lazy("section", "ready"),
    }

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="sections")
    number = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=2)
    text = models.TextField(max_length=LONGEST, blank=True)
    saved = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=list(STATES.items()), default="empty")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["number", "language"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["strategy", "number", "language"], name="section_once_in_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.strategy} {self.number} {self.language}"


class Version(models.Model):
    """A text as somebody left it.

    Attributes:
        rests_on: `saved` of the section when its writer opened it.
        beside: the section had been saved by another meanwhile: kept beside the text, not in its place.
        settled: of one beside: somebody looked at both and decided.
    """

    section = models.ForeignKey(Section, models.CASCADE, related_name="versions")
    text = models.TextField(max_length=LONGEST, blank=True)
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    at = models.DateTimeField()
    rests_on = models.PositiveIntegerField()
    beside = models.BooleanField(default=False)
    settled = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-id"]


class Comment(models.Model):
    """What somebody says of a section; `passage` are the words that it is about."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="comments")
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    passage = models.CharField(_("Words that it is about"), max_length=300, blank=True)
    text = models.TextField(_("Comment"), max_length=4000)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+", editable=False)

    class Meta:
        ordering: ClassVar = ["id"]


class Step(TakenStep):
    """A step of the procedure that was taken with a strategy."""

    strategy = models.ForeignKey(Strategy, models.CASCADE, related_name="steps")
