"""Roadmaps, their actions and the steps that were taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qala.kits.procedure.models import YEAR, Paper, TakenStep

SILENT = timedelta(minutes=5)


class Roadmap(Paper):
    """One version of a city's roadmap; category: what annexes 2 and 3 ask of it. Years are those of the plan."""

    PART: ClassVar[str] = "roadmaps"

    class Meta(Paper.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["city", "version"], name="roadmap_version_once"),
            models.CheckConstraint(
                condition=models.Q(last_year__gte=models.F("first_year")),
                name="roadmap_ends_after_it_begins",
                violation_error_message=_("It cannot end before it begins."),
            ),
        ]


class Action(models.Model):
    """What a roadmap says will be done (item 22): dates, who, expected results, money, risks.

    Attributes:
        initiative: number of the base initiative (annex 2); None = an additional one.
        stage: of annex 2; None of an additional one.
        owner: who answers for it; an action without an owner is shown as such.
        sphere: of item 5; of an additional initiative, whose claim is checked against it.
        effects: KPI -> `to`, `by` or `by_percent` with a number as text: expected results in terms of KPIs.
        money: year -> millions of tenge as text: what is asked for; approved: by the budget; spent: of it.
        programme: code or name of the budget programme out of which it is paid.
        after: actions that must be finished before it begins.
    """

    SOURCES: ClassVar = {
        "republican": _("republican budget"),
        "local": _("local budget"),
        "private": _("private investment"),
        "other": _("other sources"),
    }
    PROGRESS: ClassVar = {
        "planned": pgettext_lazy("action", "planned"),
        "running": pgettext_lazy("action", "under way"),
        "done": pgettext_lazy("action", "done"),
        "stopped": pgettext_lazy("action", "stopped"),
    }

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="actions", editable=False)
    initiative = models.PositiveSmallIntegerField(_("Base initiative"), null=True, blank=True)
    stage = models.PositiveSmallIntegerField(null=True, editable=False)
    sphere = models.CharField(_("Sphere of an additional initiative"), max_length=40, blank=True)
    name = models.CharField(_("What is done"), max_length=300)
    results = models.TextField(_("Expected results"), max_length=4000, blank=True)
    from_year = models.PositiveSmallIntegerField(_("From"), validators=YEAR)
    to_year = models.PositiveSmallIntegerField(_("Until"), validators=YEAR)
    owner = models.ForeignKey(
        "people.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("action", "Owner"),
    )
    executors = models.CharField(_("Executors"), max_length=500, blank=True)
    effects = models.JSONField(default=dict, blank=True)
    money = models.JSONField(default=dict, blank=True)
    approved = models.JSONField(default=dict, blank=True)
    spent = models.JSONField(default=dict, blank=True)
    programme = models.CharField(_("Budget programme"), max_length=200, blank=True)
    source = models.CharField(_("Source of the money"), max_length=12, choices=list(SOURCES.items()), blank=True)
    risks = models.TextField(_("Risks"), max_length=4000, blank=True)
    after = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="before", verbose_name=_("After")
    )
    progress = models.CharField(_("Progress"), max_length=10, choices=list(PROGRESS.items()), default="planned")
    evidence = models.TextField(_("Evidence"), max_length=4000, blank=True)
    new_system = models.BooleanField(
        _("It brings a system that has no counterpart in Kazakhstan (item 13)"), default=False
    )
    number = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering: ClassVar = ["number", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(to_year__gte=models.F("from_year")),
                name="action_ends_after_it_begins",
                violation_error_message=_("It cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> range:
        return range(self.from_year, self.to_year + 1)

    @property
    def when(self) -> str:
        """`2027` or `2027–2029`."""
        return str(self.from_year) if self.from_year == self.to_year else f"{self.from_year}–{self.to_year}"

    @property
    def cost(self) -> Decimal:
        """Millions of tenge over all years."""
        return sum((Decimal(one) for one in self.money.values()), Decimal(0))

    def spends(self, year: int) -> Decimal:
        """Millions of tenge in a year."""
        return Decimal(self.money.get(str(year), 0))


class GatePaper(models.Model):
    """A document that shows one requirement of item 13 for an action that brings a new system."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="gate")
    kind = models.CharField(max_length=12)
    document = models.CharField(max_length=300)
    day = models.DateField()
    address = models.URLField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["action", "kind"], name="gate_paper_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.document}"


class BusinessCase(models.Model):
    """Why an action is worth its money: the problem, the options, the effects, and what it costs to own.

    Attributes:
        options: as `name`, `cost` (millions of tenge as text), `good` and `bad`; chosen: number of the one that is, from 1.
        upkeep, saving: millions of tenge in a year of use; use_years: how long it is used.
    """

    action = models.OneToOneField(Action, models.CASCADE, related_name="case", editable=False)
    problem = models.TextField(_("Problem"), max_length=8000, blank=True)
    options = models.JSONField(default=list, blank=True, editable=False)
    chosen = models.PositiveSmallIntegerField(_("Number of the chosen option"), null=True, blank=True)
    why = models.TextField(_("Why this option"), max_length=4000, blank=True)
    social = models.TextField(_("Social effect"), max_length=4000, blank=True)
    environmental = models.TextField(_("Environmental effect"), max_length=4000, blank=True)
    financial = models.TextField(_("Financial effect"), max_length=4000, blank=True)
    use_years = models.PositiveSmallIntegerField(
        _("Years of use"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    upkeep = models.DecimalField(
        _("Upkeep in a year, million tenge"), max_digits=12, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    saving = models.DecimalField(
        _("Saved or earned in a year, million tenge"), max_digits=12, decimal_places=3, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"case {self.action}"

    @property
    def ownership(self) -> Decimal | None:
        """Works and the upkeep of all years of use; None where it is not said."""
        if self.use_years is None or self.upkeep is None:
            return None
        return self.action.cost + self.upkeep * self.use_years

    @property
    def net(self) -> Decimal | None:
        """What is saved over the years of use, less the cost of ownership."""
        if self.ownership is None or self.saving is None or self.use_years is None:
            return None
        return self.saving * self.use_years - self.ownership

    @property
    def payback(self) -> Decimal | None:
        """Years of use after which the works have paid for themselves; None where they never do."""
        yearly = (self.saving or Decimal(0)) - (self.upkeep or Decimal(0))
        return self.action.cost / yearly if yearly > 0 else None


class Message(models.Model):
    """A line of the communication plan: who is told what, when, by which channel, by whom, and whether it was done."""

    CHANNELS: ClassVar = {
        "site": _("site of the akimat"),
        "media": _("press and television"),
        "social": _("social networks"),
        "meeting": _("meeting with residents"),
        "letter": _("letter"),
        "app": _("mobile application"),
        "outdoor": _("boards in the streets"),
    }
    STATES: ClassVar = {
        "planned": pgettext_lazy("message", "planned"),
        "done": pgettext_lazy("message", "done"),
        "dropped": pgettext_lazy("message", "dropped"),
    }

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="messages", editable=False)
    audience = models.CharField(_("Who is told"), max_length=200)
    what = models.TextField(_("What they are told"), max_length=2000)
    day = models.DateField(_("When"))
    channel = models.CharField(_("Channel"), max_length=10, choices=list(CHANNELS.items()))
    doer = models.CharField(_("Who tells it"), max_length=200, blank=True)
    state = models.CharField(_("State"), max_length=10, choices=list(STATES.items()), default="planned")
    evidence = models.CharField(_("Evidence"), max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["day", "id"]

    def __str__(self) -> str:
        return f"{self.day} {self.audience}"

    def late(self, today: date) -> bool:
        """Whether its day is over and it is still planned."""
        return self.state == "planned" and self.day < today


class Step(TakenStep):
    """A step of the procedure that was taken with a roadmap."""

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="steps")


class KpiOwner(models.Model):
    """Who answers for a KPI of a city."""

    city = models.CharField(max_length=40)
    row = models.CharField(max_length=10)
    owner = models.ForeignKey("people.Organisation", models.PROTECT, related_name="+")
    since = models.DateField()

    class Meta:
        ordering: ClassVar = ["city", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["city", "row"], name="kpi_owner_once")]

    def __str__(self) -> str:
        return f"{self.city} {self.row} {self.owner}"


class Choosing(models.Model):
    """What to do first within a budget: what was asked of a roadmap, how far the answer is, and the answer.

    Attributes:
        asked: `budget` (year -> money), `weights` (KPI or `index` -> number), `roles` (action -> `must` or `out`), as texts.
        rests_on: fingerprint of the actions that it was computed from; run: by which the city stands.
        done, total: steps, for the progress.
        problem, hint: what went wrong, in the words of whoever found it.
        result: what `first.answer` says.
        undo: action -> years and money that it had before the dates were taken over; empty if they were not.
    """

    WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"

    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="choosings")
    asked = models.JSONField()
    rests_on = models.CharField(max_length=64)
    run = models.CharField(max_length=160)
    state = models.CharField(max_length=10, default=WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    hint = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    undo = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.roadmap} {self.state}"

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.state in (self.WAITING, self.WORKING)

    @property
    def silent(self) -> bool:
        """Whether nothing was heard of it for so long that somebody should look."""
        touched: datetime = self.touched_at
        return self.running and datetime.now(UTC) - touched > SILENT
