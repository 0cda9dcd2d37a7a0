"""Digital objects of a city: its information systems, sites, platforms, networks, devices."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

YEAR = (MinValueValidator(1980), MaxValueValidator(2060))
FUNCTION = RegexValidator(r"^\d{1,2}\.\d{1,3}$", _("A function is written as initiative.number, such as 2.1."))


class DigitalObject(models.Model):
    """One digital object (объект информатизации) of a city.

    Attributes:
        owner: the body whose it is, as the register names it; maker: who built or supplies it.
        functions: of annex 3 that it serves, as `initiative.number`.
        centre, sdu: whether it is joined to the situational centre and to SDU (items 12(3), 15).
        personal: whether personal data are in it; then the sheet says what, on which basis, of which class, by which act.
        security_class: of the object by the state's classifier, 1 to 3; security_act: of the tests of information security.
        used_since, replace_in: years.
        govarch_id, govarch_on: of its card on the architecture portal, and the day on which that was last brought up to date.
        removed_at: UTC; it was entered by mistake. What is no longer used is `retired` and stays.
    """

    class Kind(models.TextChoices):
        SYSTEM = "system", _("information system")
        SITE = "site", _("site or portal")
        APP = "app", _("mobile application")
        PLATFORM = "platform", _("platform or software")
        NETWORK = "network", _("network or data centre")
        DEVICES = "devices", _("devices and sensors")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("object", "planned")
        BUILDING = "building", pgettext_lazy("object", "being built")
        IN_USE = "in_use", pgettext_lazy("object", "in use")
        RETIRED = "retired", pgettext_lazy("object", "retired")

    class Joined(models.TextChoices):
        NO = "no", pgettext_lazy("integration", "not joined")
        PLANNED = "planned", pgettext_lazy("integration", "planned")
        LIVE = "live", pgettext_lazy("integration", "joined")

    class Platform(models.TextChoices):
        QAZTECH = "qaztech", "QazTech"
        READY = "ready", _("ready solution of the repository of e-government")
        OWN = "own", _("own servers")
        CLOUD = "cloud", _("servers of a supplier")
        NONE = "none", pgettext_lazy("platform", "none")

    city = models.CharField(_("City"), max_length=40, editable=False)
    name = models.CharField(pgettext_lazy("object", "Name"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices, default=Kind.SYSTEM)
    state = models.CharField(_("State"), max_length=12, choices=State.choices, default=State.IN_USE)
    owner = models.CharField(pgettext_lazy("object", "Owner"), max_length=200)
    maker = models.CharField(_("Maker or supplier"), max_length=200, blank=True)
    purpose = models.TextField(pgettext_lazy("object", "Purpose"), max_length=2000)
    functions = ArrayField(
        models.CharField(max_length=8, validators=[FUNCTION]), verbose_name=_("Functions of annex 3"), default=list,
        blank=True,
    )  # fmt: skip
    platform = models.CharField(_("Platform"), max_length=12, choices=Platform.choices, blank=True)
    used_since = models.PositiveSmallIntegerField(_("Year put into use"), null=True, blank=True, validators=YEAR)
    replace_in = models.PositiveSmallIntegerField(
        _("Replacement planned for (year)"), null=True, blank=True, validators=YEAR
    )
    centre = models.CharField(_("Situational centre"), max_length=8, choices=Joined.choices, default=Joined.NO)
    sdu = models.CharField(_("SDU"), max_length=8, choices=Joined.choices, default=Joined.NO)
    passport = models.ForeignKey(
        "intake.Passport", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("Integration passport"),
    )  # fmt: skip
    personal = models.BooleanField(_("Personal data in it"), default=False)
    personal_what = models.CharField(_("Which personal data, on which basis"), max_length=500, blank=True)
    security_class = models.PositiveSmallIntegerField(
        _("Class of the object (1–3)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    security_act = models.CharField(_("Act of security tests: number"), max_length=120, blank=True)
    security_on = models.DateField(_("Act of security tests: day"), null=True, blank=True)
    govarch_id = models.CharField(_("Number on govarch.kz"), max_length=60, blank=True)
    govarch_on = models.DateField(_("Brought up to date there on"), null=True, blank=True)
    note = models.TextField(pgettext_lazy("object", "Note"), max_length=2000, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("digital object")
        verbose_name_plural = _("digital objects")
        ordering: ClassVar = ["city", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["city", "name"], condition=models.Q(removed_at=None), name="digital_object_once",
                violation_error_message=_("The register has an object of this name already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """What no single field can say."""
        wrong = {}
        if self.state == self.State.IN_USE and self.used_since is None:
            wrong["used_since"] = _("Of an object in use the year is needed.")
        if self.used_since and self.replace_in and self.replace_in < self.used_since:
            wrong["replace_in"] = _("It cannot be replaced before it is put into use.")
        if wrong:
            raise ValidationError(wrong)

    @property
    def live(self) -> bool:
        """Whether its functions work today."""
        return self.state == self.State.IN_USE

    def age(self, year: int) -> int | None:
        """Years in use by a year; None where it is not in use."""
        return None if not self.live or self.used_since is None else max(0, year - self.used_since)

    def wants(self) -> list[str]:
        """What the order asks and the register does not show, of an object in use: codes of `words.WANTS`."""
        if not self.live:
            return []
        found = []
        if self.centre != self.Joined.LIVE and self.kind == self.Kind.SYSTEM:
            found.append("centre")
        if not self.govarch_id:
            found.append("govarch")
        if self.personal and not (self.personal_what and self.security_class and self.security_act):
            found.append("sheet")
        return found


SHEET: tuple[str, ...] = (
    "name", "kind", "state", "owner", "maker", "purpose", "functions", "platform", "used_since", "replace_in", "centre",
    "sdu", "personal", "personal_what", "security_class", "security_act", "security_on", "govarch_id", "govarch_on", "note",
)  # fmt: skip
"""Fields of the register as a table, in its order; the integration passport is chosen on the page."""
