"""Surveys, who is invited, and what was answered.

What a person answers stays with the invitation only until it is sent. Then a `Response` without any way back to the
invitation is kept, remarks apart from answers, and the draft is emptied: not even the database knows who answered what.
"""

from __future__ import annotations

import uuid
from functools import cached_property

from django.conf import settings
from django.db import models

from qala.kits.surveys.questionnaire import Questionnaire


class Survey(models.Model):
    """One questionnaire, asked once.

    Attributes:
        city: code in the registry.
        kind: whose survey it is (`maturity`); part: which of its instruments.
        questionnaire: what is asked, as it was when the survey was made.
        smallest_group: of how many people a result is shown at least.
        opened_at, closed_at: UTC; it is a draft before the first, over after the second.
        closes_on: the last day to answer, in the city's days.
        remind_after: days after which who has not answered is mailed again; 0 never.
        site: the address by which reminders lead here.
        imported: files of paper answers that were taken in: sha256, name, rows.
    """

    city = models.CharField(max_length=32)
    kind = models.SlugField(max_length=40)
    part = models.SlugField(max_length=40)
    title = models.JSONField(default=dict)
    questionnaire = models.JSONField()
    smallest_group = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    remind_after = models.PositiveSmallIntegerField(default=4)
    site = models.CharField(max_length=200, blank=True)
    imported = models.JSONField(default=list)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("-made_at",)
        indexes = (models.Index(fields=("city", "kind")),)

    def __str__(self) -> str:
        return f"{self.city}/{self.kind}/{self.part}/{self.pk}"

    @property
    def state(self) -> str:
        """draft, open or closed."""
        return "closed" if self.closed_at else "open" if self.opened_at else "draft"

    @cached_property
    def asks(self) -> Questionnaire:
        """The questionnaire."""
        return Questionnaire.model_validate(self.questionnaire)


class Group(models.Model):
    """A group whose answers count together, such as a department; `names` in kk, ru, en, `traits` to compare by."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="groups")
    number = models.PositiveSmallIntegerField()
    names = models.JSONField()
    traits = models.JSONField(default=dict)

    class Meta:
        ordering = ("survey", "number")
        constraints = (models.UniqueConstraint(fields=("survey", "number"), name="groups_of_a_survey_are_numbered"),)

    def __str__(self) -> str:
        return f"{self.survey} {self.number}"


class Invitation(models.Model):
    """A link for one answer.

    Attributes:
        role: of the questionnaire's.
        email: empty where the link is handed over by other ways.
        opened: the link was followed, and is shown to no manager since.
        done: answered.
        draft: answers and remarks so far; emptied when they are sent. page: where the person is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="invitations")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="invitations")
    role = models.SlugField(max_length=40)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, default="kk")
    made_at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    opened = models.BooleanField(default=False)
    done = models.BooleanField(default=False)
    draft = models.JSONField(default=dict)
    page = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("group__number", "made_at")
        constraints = (
            models.UniqueConstraint(
                fields=("survey", "email"), condition=~models.Q(email=""), name="an_address_is_invited_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.survey} {self.id}"


class Response(models.Model):
    """What one person answered: question -> value. Nothing tells who or when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="responses")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="responses")
    role = models.SlugField(max_length=40)
    way = models.SlugField(max_length=10, default="link")
    answers = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.survey} {self.id}"


class Remark(models.Model):
    """What somebody wrote to a question; apart from the answers, so that it gives none of them away."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="remarks")
    question = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        ordering = ("question", "id")

    def __str__(self) -> str:
        return f"{self.survey} {self.question}"


class Evidence(models.Model):
    """A file that shows what an answer says; `invitation` is emptied when the answers are sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="evidence")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="+")
    invitation = models.ForeignKey(Invitation, null=True, on_delete=models.SET_NULL, related_name="evidence")
    question = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    file = models.FileField(upload_to="surveys/%Y")

    class Meta:
        ordering = ("question", "name")
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name
