"""Working groups, their members and meetings."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qala.groundwork.composition import SHORT


class Group(models.Model):
    """The working group of a region, a city of republican significance or the capital (items 2, 18; reading PR7).

    Attributes:
        place: code of the region; of a city of republican significance or the capital its own code.
        cities: the rated cities that it leads.
        act, act_on: by which it was set up. dissolved_on: there is one group of a place at a time.
    """

    place = models.CharField(_("Region or city"), max_length=40, editable=False)
    act = models.CharField(_("Act by which it was set up"), max_length=120)
    act_on = models.DateField(_("Day of the act"))
    cities = ArrayField(models.CharField(max_length=40), verbose_name=_("Cities that it leads"))
    dissolved_on = models.DateField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("working group")
        verbose_name_plural = _("working groups")
        ordering: ClassVar = ["place", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place"], condition=models.Q(dissolved_on=None), name="one_group_of_a_place",
                violation_error_message=_("This place has a working group already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.place}: {self.act}"


class Member(models.Model):
    """A member of a group, by office; whoever leaves has a last day and stays in the protocols of before."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="members", editable=False)
    kind = models.CharField(pgettext_lazy("member", "Kind"), max_length=12, choices=list(SHORT.items()))
    position = models.CharField(_("Office and body"), max_length=200)
    name = models.CharField(pgettext_lazy("person", "Name"), max_length=120)
    since = models.DateField(_("Member since"))
    until = models.DateField(_("Member until"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of a working group")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="member_leaves_after_coming",
                violation_error_message=_("It cannot end before it begins."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class Meeting(models.Model):
    """A meeting of a group.

    Attributes:
        number: of the protocol, counted in the group.
        present: members that were there.
        about: cities whose survey it annexes (item 20); additional: initiatives that it decided on, one a line.
        signed_on: since when nothing is edited; kept: what the protocol says of members, as it was then; annexed: its annexes.
    """

    group = models.ForeignKey(Group, models.CASCADE, related_name="meetings", editable=False)
    number = models.PositiveIntegerField(editable=False)
    day = models.DateField(_("Day"))
    where = models.CharField(_("Where it is held"), max_length=200, blank=True)
    present = ArrayField(models.IntegerField(), default=list, blank=True, editable=False)
    about = ArrayField(
        models.CharField(max_length=40), verbose_name=_("Survey of these cities is annexed"), default=list, blank=True
    )
    additional = models.TextField(
        _("Additional initiatives that were decided on, one a line"), max_length=8000, blank=True
    )
    signed_on = models.DateField(null=True, blank=True, editable=False)
    annexed = models.JSONField(null=True, blank=True, editable=False)
    kept = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("meeting")
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "number"], name="meetings_are_numbered")]

    def __str__(self) -> str:
        return f"{self.group.place} № {self.number}"


class Point(models.Model):
    """A point of the agenda: what was heard, what was decided, who does it until when, who voted how.

    Attributes:
        votes: member -> for, against, abstained; JSON, so that members are text.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="points", editable=False)
    number = models.PositiveSmallIntegerField(editable=False)
    title = models.CharField(_("Question"), max_length=300)
    speaker = models.CharField(_("Who reports"), max_length=200, blank=True)
    heard = models.TextField(_("What was heard"), max_length=8000, blank=True)
    decision = models.TextField(_("Decision"), max_length=8000, blank=True)
    doer = models.CharField(_("Who does it"), max_length=200, blank=True)
    due = models.DateField(_("Until when"), null=True, blank=True)
    votes = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("point of the agenda")
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """A decision that somebody carries out has both, who and until when."""
        if bool(self.doer.strip()) != bool(self.due):
            raise ValidationError(_("Say both who does it and until when, or neither."))


class Overview(models.Model):
    """The review of a city that its survey ends with (items 19, 20): statements, each with what it rests on.

    Attributes:
        number: of the overviews of the city, from 1.
        closed_on: since when nothing is edited; kept: needs, experts' scores and base initiatives, as they were then.
    """

    city = models.CharField(max_length=40, editable=False)
    number = models.PositiveIntegerField(editable=False)
    begun_on = models.DateField(editable=False)
    closed_on = models.DateField(null=True, blank=True, editable=False)
    kept = models.JSONField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("overview of a city")
        ordering: ClassVar = ["city", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["city", "number"], name="overviews_are_numbered"),
            models.UniqueConstraint(
                fields=["city"], condition=models.Q(closed_on=None), name="one_open_overview_of_a_city"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.city} № {self.number}"


class Statement(models.Model):
    """A statement of an overview, in one or several languages; `section` is an id of `overview.yaml`."""

    overview = models.ForeignKey(Overview, models.CASCADE, related_name="statements", editable=False)
    section = models.CharField(_("Section"), max_length=20)
    number = models.PositiveIntegerField(editable=False)
    text_kk = models.TextField(_("Text in Kazakh"), max_length=4000, blank=True)
    text_ru = models.TextField(_("Text in Russian"), max_length=4000, blank=True)
    text_en = models.TextField(_("Text in English"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("statement of an overview")
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return self.say("kk")[:80]

    def say(self, language: str) -> str:
        """In a language, or else in the first one in which it is written."""
        texts = {"kk": self.text_kk, "ru": self.text_ru, "en": self.text_en}
        return texts[language] or next((text for text in texts.values() if text), "")

    def clean(self) -> None:
        """Whoever states something says it in one language at least."""
        if not (self.text_kk.strip() or self.text_ru.strip() or self.text_en.strip()):
            raise ValidationError({"text_kk": _("Write it in one language at least.")})


class Evidence(models.Model):
    """What a statement rests on.

    Attributes:
        kind, ref: what it is and which one, by `evidence.KINDS`.
        said: language -> what it said on the day on which it was added.
        content, sha256: of an attached file.
    """

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="evidence", editable=False)
    kind = models.CharField(max_length=12)
    ref = models.CharField(max_length=200, blank=True)
    said = models.JSONField()
    added_on = models.DateField()
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("evidence of a statement")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.said.get("kk", self.kind))


class ExpertScore(models.Model):
    """How much a need weighs by a member of the group: 1 (little) to 5 (most urgent).

    Attributes:
        need: as `source:topic`.
    """

    overview = models.ForeignKey(Overview, models.CASCADE, related_name="scores")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    need = models.CharField(max_length=60)
    score = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("an expert's score of a need")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["overview", "member", "need"], name="one_score_of_an_expert"),
            models.CheckConstraint(condition=models.Q(score__range=(1, 5)), name="experts_score_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.need}: {self.score}"


ABOUT = {
    "population": pgettext_lazy("statistics", "population"),
    "economy": pgettext_lazy("statistics", "economy"),
    "services": pgettext_lazy("statistics", "digital services"),
    "staff": pgettext_lazy("statistics", "staff"),
}
"""What a figure is of, in the profile of a city."""


class Statistic(models.Model):
    """A figure of official statistics for a place of a city (item 19).

    Attributes:
        kato: the city itself, one of its districts, or its region; period: as `standard.Period` writes it.
        about: of `ABOUT`.
    """

    city = models.CharField(max_length=40, editable=False)
    kato = models.CharField(max_length=40)
    indicator = models.CharField(max_length=200)
    period = models.CharField(max_length=10)
    value = models.DecimalField(max_digits=24, decimal_places=6)
    unit = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=200)
    about = models.CharField(max_length=12, choices=list(ABOUT.items()), default="economy")
    taken_in_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("figure of statistics")
        ordering: ClassVar = ["indicator", "kato", "-period"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["city", "kato", "indicator", "period"], name="a_figure_once")
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.kato}, {self.period}"


TONES = {
    "good": pgettext_lazy("tone", "praise"),
    "neutral": pgettext_lazy("tone", "neutral"),
    "bad": pgettext_lazy("tone", "criticism"),
}


class Mention(models.Model):
    """A mention of the city in the media (item 19: the information field is watched); `topic` is one of `topics.yaml`."""

    city = models.CharField(max_length=40, editable=False)
    day = models.DateField(_("Day"))
    outlet = models.CharField(_("Outlet"), max_length=200)
    address = models.URLField(_("Address"), max_length=500, blank=True)
    topic = models.CharField(_("Topic"), max_length=40)
    tone = models.CharField(_("Tone"), max_length=8, choices=list(TONES.items()), default="neutral")
    note = models.CharField(_("What it says"), max_length=500, blank=True)
    taken_in_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("mention in the media")
        ordering: ClassVar = ["-day", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["city", "day", "outlet", "address", "note"], name="a_mention_once",
                violation_error_message=_("This mention is in the register already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.outlet}, {self.day}"


class PlatformAppeal(models.Model):
    """An appeal of the national platform, as its export has it: no text and no name.

    Attributes:
        number: of the platform; category: in its own words; kato: of the place, where it is told.
    """

    city = models.CharField(max_length=40, editable=False)
    number = models.CharField(max_length=60)
    day = models.DateField()
    category = models.CharField(max_length=200)
    kato = models.CharField(max_length=40, blank=True)
    taken_in_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("appeal of the national platform")
        ordering: ClassVar = ["-day", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["city", "number"], name="a_platform_appeal_once")]

    def __str__(self) -> str:
        return self.number


class CategoryTopic(models.Model):
    """What a person said a category of the national platform is: a topic of `topics.yaml`, or none of them.

    Attributes:
        category: casefolded; topic: empty: it speaks for none.
    """

    city = models.CharField(max_length=40)
    category = models.CharField(max_length=200)
    topic = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey("people.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("topic of a category")
        constraints: ClassVar = [models.UniqueConstraint(fields=["city", "category"], name="one_topic_of_a_category")]

    def __str__(self) -> str:
        return f"{self.category}: {self.topic}"
