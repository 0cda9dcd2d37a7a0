"""What the ministry published, which nobody can change afterwards, and the work on runs that is going on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

_SILENT = timedelta(minutes=15)
"""After so long without a word from a job it is told that none came."""


class Publication(models.Model):
    """One category of a run, made the rating that holds. Rows are only added: the database itself refuses the rest.

    Attributes:
        run, run_hash: id and sha256 of the run in the lake.
        category, year, as_of, edition, profile: what it is a rating of, as the run says.
        note: why it was published; for a restatement, why the earlier one is replaced.
        published_at: UTC; published_by: None if a command did it.
        supersedes: the publication that held before.
    """

    run = models.CharField(max_length=160)
    run_hash = models.CharField(max_length=64)
    category = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    edition = models.CharField(max_length=80)
    profile = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("run", "category"), name="a_run_is_published_once"),
            models.UniqueConstraint(
                fields=("year", "category"), condition=models.Q(supersedes=None), name="one_chain_of_publications"
            ),
        )

    def __str__(self) -> str:
        return f"{self.year} {self.category}: {self.run}"

    @property
    def restates(self) -> bool:
        """Whether it replaces a publication of the same last day: other data, program or law, not later days."""
        return self.supersedes is not None and self.supersedes.as_of == self.as_of


class Sureness(models.Model):
    """How sure the places of a category of a run are: what `qala.robustness` found, kept beside the run.

    It is made again from the run alone, so that nothing is lost with it.
    """

    run = models.CharField(max_length=160)
    category = models.CharField(max_length=40)
    result = models.JSONField()
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "category"), name="one_sureness_of_a_run"),)

    def __str__(self) -> str:
        return f"{self.run} {self.category}"


class Work(models.Model):
    """A run being computed or verified, as a page shows it.

    Attributes:
        kind: `compute` or `verify`.
        year, as_of, category, profile: of the run to be computed.
        run: its id when it is there; of the one to be verified.
        why: `objections` of a recomputation that a rating year prepares; else empty.
        done, total: cities, for the progress.
        problem, hint: what went wrong, in the words of whoever found it.
        result: of a verification: identical, intact, notes, differences, faults of the chain.
    """

    COMPUTE, VERIFY = "compute", "verify"
    WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"

    kind = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField(null=True)
    as_of = models.DateField(null=True)
    category = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=120, blank=True)
    run = models.CharField(max_length=160, blank=True)
    state = models.CharField(max_length=10, default=WAITING)
    why = models.CharField(max_length=20, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    hint = models.TextField(blank=True)
    result = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.run or self.category} {self.state}"

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.state in (self.WAITING, self.WORKING)

    @property
    def silent(self) -> bool:
        """Whether nothing was heard of it for so long that somebody should look."""
        touched: Any = self.touched_at
        return self.running and datetime.now(UTC) - touched > _SILENT
