"""What people do in a rating year: steps that are done or switched off, claims, objections."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

_WHO: dict[str, Any] = {"null": True, "blank": True, "on_delete": models.PROTECT, "related_name": "+"}


class YearStep(models.Model):
    """What was decided about a step of the timetable: switched off, moved to another day, done."""

    year = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=40)
    step = models.CharField(max_length=40)
    off = models.BooleanField(default=False)
    day = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("year", "category", "step"), name="one_row_of_a_step"),)

    def __str__(self) -> str:
        return f"{self.year} {self.category} {self.step}"


class Decided(models.Model):
    """What a city files and the ministry decides, with reasons; a refusal may be appealed once.

    `earlier` keeps decisions that an appeal replaced: `{state, reasons, at}`, the oldest first.

    States: draft → filed → accepted | refused → appealed → accepted | refused (then it is final).
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        FILED = "filed", _("filed")
        ACCEPTED = "accepted", _("accepted")
        REFUSED = "refused", _("refused")
        APPEALED = "appealed", _("appealed")

    city = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(_("rated year"))
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)
    made_at = models.DateTimeField(auto_now_add=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    reasons = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)
    earlier = models.JSONField(default=list, blank=True)
    appeal = models.TextField(blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-id",)

    @property
    def open(self) -> bool:
        """Whether the ministry has to decide."""
        return self.state in (self.State.FILED, self.State.APPEALED)

    @property
    def may_appeal(self) -> bool:
        """Whether it was refused and not appealed yet."""
        return self.state == self.State.REFUSED and not self.appealed_at


class Claim(Decided):
    """An additional initiative that a city claims for a year (annex 5, item 6), with its completion report."""

    title = models.CharField(_("name of the initiative"), max_length=300)
    sphere = models.CharField(_("sphere of item 5"), max_length=40)
    base_initiative = models.PositiveSmallIntegerField(
        _("number of the base initiative, if it is one"), null=True, blank=True
    )
    action = models.ForeignKey(
        "roadmaps.Action",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("action of the Roadmap that is kept here"),
    )
    in_roadmap = models.BooleanField(_("stands in the approved Roadmap"), default=False)
    roadmap_item = models.CharField(_("item of the Roadmap"), max_length=120, blank=True)
    measures = models.TextField(_("what was done: the full description of the measures"))
    started_on = models.DateField(_("start"))
    finished_on = models.DateField(_("completion"))
    results = models.TextField(_("results of the introduction"))
    indicators = models.TextField(_("indicators that prove it, one in a line: what, before, after"), blank=True)
    signed_by = models.CharField(
        _("position of the deputy head or chief of staff who signed"), max_length=200, blank=True
    )
    signed_on = models.DateField(_("day of signing"), null=True, blank=True)

    def __str__(self) -> str:
        return self.title

    @property
    def indicator_count(self) -> int:
        """Indicators: lines that say something."""
        return sum(bool(line.strip()) for line in self.indicators.splitlines())

    @property
    def in_period(self) -> bool:
        """Whether it was carried out within the rated year."""
        start, end = self.started_on, self.finished_on
        return bool(start and end) and date(self.year, 1, 1) <= end <= date(self.year, 12, 31) and start <= end


class Evidence(models.Model):
    """A file that proves something; kept whole, with its hash."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="evidence")
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Objection(Decided):
    """A city's objection to one KPI's preliminary score, tied to the rows that it is about."""

    kpi = models.CharField(_("KPI"), max_length=10)
    period = models.CharField(_("period, such as 2026-03 or 2026"), max_length=10)
    rows = models.TextField(_("keys of the rows, one in a line; empty: all of the period"), blank=True)
    text = models.TextField(_("what is wrong, and how it should be"))
    run = models.CharField(max_length=160, blank=True)

    def __str__(self) -> str:
        return f"{self.kpi}, {self.period}"


class YearReport(models.Model):
    """The ministry's report of a year and category (item 37): drafted from a run, edited, then frozen.

    Attributes:
        run: whose numbers it tells; a report of another run is another report.
        drafted: the sentences as the program drafted them (`report_draft`).
        frozen_at, frozen_by: from then on nothing is edited; sha256: of the sentences as they then read.
    """

    year = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=40)
    run = models.CharField(max_length=160)
    drafted = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)
    frozen_at = models.DateTimeField(null=True)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("run", "category"), name="one_report_of_a_run"),)

    def __str__(self) -> str:
        return f"{self.year} {self.category}: {self.run}"


class ReportEdit(models.Model):
    """One sentence in one language, written anew or left out; rows are only added, the last one holds.

    Attributes:
        sentence: its id; a new one of the ministry's own is `own.<number>` and has no drafted words.
        part: where a sentence of the ministry's own stands.
        text: empty: the sentence is left out in this language.
    """

    report = models.ForeignKey(YearReport, on_delete=models.CASCADE, related_name="edits")
    sentence = models.CharField(max_length=120)
    part = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    text = models.TextField(blank=True, max_length=4000)
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_WHO)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.sentence} {self.language}"
