"""Boards that departments lay out, every version of each, and who took note of which alarm."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Board(models.Model):
    """A board of a city.

    Attributes:
        name: its part of the address, unique in its city.
        city: code in the registry.
        organisation: id of the organisation that keeps it; None for the akimat as a whole.
        title: kk, ru, en.
        sphere: id of the edition's sphere that it belongs to; empty for a board over all.
        published: the version that everybody sees; None while it is a draft.
        archived_at: UTC; taken off, and can be brought back.
    """

    name = models.SlugField(max_length=60)
    city = models.CharField(max_length=32)
    organisation = models.IntegerField(null=True, blank=True)
    title = models.JSONField(default=dict)
    sphere = models.CharField(max_length=40, blank=True)
    published = models.ForeignKey(
        "BoardVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="published_of"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("city", "sphere", "name")
        constraints = (models.UniqueConstraint(fields=("city", "name"), name="a_board_of_a_city_has_one_name"),)

    def __str__(self) -> str:
        return f"{self.city}/{self.name}"


class BoardVersion(models.Model):
    """A layout of a board as it was saved; versions are only added.

    Attributes:
        number: 1, 2, 3 … within the board.
        items: what stands on it, as `layout.Item` reads it.
        note: what was changed, in the words of who saved it.
    """

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    items = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=("board", "number"), name="versions_of_a_board_are_numbered"),)

    def __str__(self) -> str:
        return f"{self.board} {self.number}"


class AlarmNote(models.Model):
    """Somebody took note of a breached target, and says what is done about it.

    Attributes:
        row: of the KPI; period: as `2026-11`.
        note: what is being done.
    """

    city = models.CharField(max_length=32)
    row = models.CharField(max_length=80)
    period = models.CharField(max_length=12)
    note = models.CharField(max_length=500)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-made_at",)
        indexes = (models.Index(fields=("city", "period")),)

    def __str__(self) -> str:
        return f"{self.city} {self.row} {self.period}"
