"""Discussions and what was said in them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST, LONGEST_NAME = 2000, 80


class Hearing(models.Model):
    """A discussion of one version of a paper.

    Attributes:
        part, paper: whose it is: the part's name and the paper's number. city: its code.
        opens, closes: first and last day, the city's own; both count.
        texts: language -> `title` and `sections` (pairs of title and text), as they were when it was opened.
    """

    part = models.CharField(max_length=40)
    paper = models.PositiveIntegerField()
    city = models.CharField(max_length=40)
    opens = models.DateField(_("First day"))
    closes = models.DateField(_("Last day"))
    texts = models.JSONField()
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["-closes", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["part", "paper"], name="one_hearing_of_a_paper")]

    def __str__(self) -> str:
        return f"{self.part} {self.paper}"

    def open_on(self, day: date) -> bool:
        return self.opens <= day <= self.closes


class Remark(models.Model):
    """What somebody said of a draft.

    Attributes:
        section: number of the section that it is about, from 1; None: about the whole.
        name: as whoever wrote it wants to be named; may be empty.
        sent_from: keyed hash of the address it came from, for the limit; emptied after a day.
        state: `waiting` to be looked at, `shown`, or `hidden` with the reason in `why`.
        verdict: what becomes of it; answer: of the working group.
    """

    STATES: ClassVar = {
        "waiting": pgettext_lazy("remark", "waiting"),
        "shown": pgettext_lazy("remark", "shown"),
        "hidden": pgettext_lazy("remark", "hidden"),
    }
    VERDICTS: ClassVar = {
        "taken": pgettext_lazy("remark", "taken up"),
        "partly": pgettext_lazy("remark", "taken up in part"),
        "not_taken": pgettext_lazy("remark", "not taken up"),
        "noted": pgettext_lazy("remark", "noted"),
    }

    hearing = models.ForeignKey(Hearing, models.CASCADE, related_name="remarks", editable=False)
    section = models.PositiveSmallIntegerField(null=True)
    name = models.CharField(_("Your name, if you like"), max_length=LONGEST_NAME, blank=True)
    text = models.TextField(_("What you want to say"), max_length=LONGEST)
    at = models.DateTimeField(auto_now_add=True)
    sent_from = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField(_("State"), max_length=8, choices=list(STATES.items()), default="waiting")
    why = models.CharField(_("Why it is hidden"), max_length=300, blank=True)
    verdict = models.CharField(_("What becomes of it"), max_length=10, choices=list(VERDICTS.items()), blank=True)
    answer = models.TextField(_("Answer of the working group"), max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.hearing} {self.pk}"
