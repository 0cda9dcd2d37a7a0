"""Who was told of what."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Told(models.Model):
    """One person told of one deadline at one stage; there is no second time.

    Attributes:
        key: of the `Due`.
        stage: `ahead`, `over` or `escalated`.
    """

    key = models.CharField(max_length=200)
    stage = models.CharField(max_length=10)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "stage", "user"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.stage} {self.user}"
