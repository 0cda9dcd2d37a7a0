"""Sources: who sends which dataset of which city by which way; and what they prove themselves with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME = RegexValidator(r"^[a-z0-9][a-z0-9-]{1,59}$", _("A name is 2 to 60 lower-case letters, digits and -."))


class Source(models.Model):
    """A system that delivers one dataset of one city.

    Attributes:
        name: what the ledger, topics and folders call it; never changes.
        way: how its rows count (reading N1b).
        format: kind of payload, see `payloads`.
        rows_at: dotted path of the array of rows in a message, empty where the message is the row.
        mapping: the content of a mapping file, or nothing.
        mapping_yaml: the same as a person wrote it, with comments.
        every: seconds within which something is expected; 0 where nothing is promised.
        settings: what the door needs: a topic, an address, a query, a folder.
        paused_at: UTC; a paused source is refused at the door.
        resumed_at: UTC; before that nothing was expected of it.
    """

    class Door(models.TextChoices):
        HTTP = "http", _("HTTP: the system posts")
        MQTT = "mqtt", _("MQTT: the system publishes")
        FILES = "files", _("Files: the system puts them into a folder")
        S3 = "s3", _("Files: the system puts them into object storage")
        PULL = "pull", _("Pull: Qala asks the system")

    class Way(models.TextChoices):
        INTEGRATION = "integration", _("from the system itself")
        FILE = "file", _("from files that people export")
        HAND = "hand", _("typed in by hand")

    class Format(models.TextChoices):
        JSON = "json", "JSON"
        JSONL = "jsonl", "JSON lines"
        CSV = "csv", "CSV"
        XML = "xml", "XML"
        SENML = "senml", "SenML (RFC 8428)"
        SPARKPLUG_B = "sparkplug_b", "Sparkplug B"
        CHIRPSTACK = "chirpstack", "ChirpStack v4"
        GTFS_RT = "gtfs_rt", "GTFS Realtime"
        OPEN311 = "open311", "Open311 GeoReport v2"
        SENSORTHINGS = "sensorthings", "OGC SensorThings"
        NGSI_LD = "ngsi_ld", "NGSI-LD"

    name = models.SlugField(_("Name"), max_length=60, unique=True, validators=[NAME])
    title = models.CharField(_("What it is"), max_length=160)
    city = models.CharField(_("City"), max_length=40)
    dataset = models.CharField(_("Dataset"), max_length=80)
    owner = models.ForeignKey(
        "people.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    door = models.CharField(_("Way in"), max_length=10, choices=Door.choices, default=Door.HTTP)
    way = models.CharField(_("How its rows arise"), max_length=20, choices=Way.choices, default=Way.INTEGRATION)
    format = models.CharField(_("Format"), max_length=20, choices=Format.choices, default=Format.JSON)
    rows_at = models.CharField(_("Where the rows are in a message"), max_length=120, blank=True)
    mapping: models.JSONField[Any, Any] = models.JSONField(_("Mapping"), default=dict, blank=True)
    mapping_yaml = models.TextField(_("Mapping"), blank=True, default="")
    every = models.PositiveIntegerField(_("Expected every (seconds)"), default=0)
    settings: models.JSONField[Any, Any] = models.JSONField(_("Settings of the way in"), default=dict, blank=True)
    simulated = models.BooleanField(_("simulated"), default=False, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, editable=False, related_name="+")
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    resumed_at = models.DateTimeField(null=True, blank=True, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("source of data")
        verbose_name_plural = _("sources of data")
        ordering: ClassVar = ["city", "dataset", "name"]

    def __str__(self) -> str:
        return self.name


class Credential(models.Model):
    """A secret of a source. It is shown once; only its hash is kept.

    Attributes:
        start: what stays readable in lists.
        hash: SHA-256 in hexadecimal.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="credentials")
    start = models.CharField(max_length=16)
    hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.source}: {self.start}…"


class Door(models.Model):
    """What a pull or a watched place remembers of a source: how far it has read, and how it went.

    Attributes:
        position: whatever the fetcher needs to go on from.
        asked_at, answered_at: UTC; the last try, and the last that went well.
        trouble: what went wrong at the last try; empty if nothing did.
    """

    source = models.OneToOneField(Source, models.CASCADE, related_name="state")
    position: models.JSONField[Any, Any] = models.JSONField(default=dict)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.source}: {self.trouble or 'well'}"


class Replaying(models.Model):
    """Refused rows of a source being sent again, as a page shows it.

    Attributes:
        rule: those that break it; all where it is empty.
        done, total: rows; taken: those that were taken in.
        problem: what went wrong.
    """

    WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"

    source = models.ForeignKey(Source, models.CASCADE, related_name="replayings")
    rule = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=10, default=WAITING)
    done = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    touched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.source}: {self.rule or '*'} {self.state}"

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.state in (self.WAITING, self.WORKING)


class Incident(models.Model):
    """Something that the platform found wrong with what it was sent, until it is right again.

    Attributes:
        place: names what it is about, so that one thing is one incident while it lasts.
        said: what its sentence is made of.
        opened_at, closed_at: UTC; it closes by itself when it is over.
        told_at, told_over_at: when those responsible were mailed of its beginning and its end.
        seen_by, seen_at, note: who took note of it.
    """

    class Kind(models.TextChoices):
        SILENT = "silent", _("a source is silent")
        LEDGER = "ledger", _("the ledger does not say what the doors took")
        LAKE = "lake", _("the tables do not hold what the ledger says")
        COUNTS = "counts", _("a source counted otherwise")
        OVERDUE = "overdue", _("data are overdue by the order's periodicity")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    place = models.CharField(max_length=240)
    source = models.ForeignKey(Source, models.CASCADE, null=True, related_name="incidents")
    city = models.CharField(max_length=40, blank=True)
    dataset = models.CharField(max_length=80, blank=True)
    said: models.JSONField[Any, Any] = models.JSONField(default=dict)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_over_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    seen_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "place"], condition=models.Q(closed_at=None), name="incident_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}"


class SentCount(models.Model):
    """How many rows a source says that it sent in whole hours (UTC).

    Attributes:
        first, until: the hours; `until` is not among them.
        rows: as its own books have it.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="counts")
    first = models.DateTimeField()
    until = models.DateTimeField()
    rows = models.PositiveBigIntegerField()
    said_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-first"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "first", "until"], name="sent_count_once"),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("first")), name="sent_count_has_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.first:%Y-%m-%dT%H}–{self.until:%Y-%m-%dT%H}: {self.rows}"


class Agreement(models.Model):
    """A data-sharing agreement: parties, datasets, purpose, basis, term.

    Attributes:
        organisation: whose data they are, where it is known here; it sees and leads its own.
        datasets: ids of contracts.
        last_day: the last day on which it holds; None where it has no end. Days are the city's.
    """

    city = models.CharField(_("City"), max_length=40)
    number = models.CharField(_("Number"), max_length=60)
    signed_on = models.DateField(_("Signed on"))
    giver = models.CharField(_("Who gives"), max_length=200)
    taker = models.CharField(_("Who takes"), max_length=200)
    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    datasets = ArrayField(models.CharField(max_length=80), verbose_name=_("Datasets"))
    purpose = models.TextField(_("Purpose"), max_length=2000)
    basis = models.TextField(_("Legal basis"), max_length=2000)
    first_day = models.DateField(_("In force from"))
    last_day = models.DateField(_("In force until"), null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("data-sharing agreement")
        verbose_name_plural = _("data-sharing agreements")
        ordering: ClassVar = ["city", "-signed_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(last_day=None) | models.Q(last_day__gte=models.F("first_day")),
                name="agreement_ends_after_it_begins",
                violation_error_message=_("It cannot end before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.signed_on:%d.%m.%Y}"


class Passport(models.Model):
    """The integration passport of a city's system: how it is joined to the situational centre and the SDU.

    Attributes:
        centre: how and since when it delivers to the situational centre; sdu: the same of the SDU.
        contract_version: of the datasets' contracts by which it was tested.
        test_act, tested_on: number and day of the act by which the test ended.
    """

    city = models.CharField(_("City"), max_length=40)
    title = models.CharField(_("System"), max_length=160)
    organisation = models.ForeignKey(
        "people.Organisation", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Owner")
    )
    vendor = models.CharField(_("Vendor"), max_length=160, blank=True)
    datasets = ArrayField(models.CharField(max_length=80), verbose_name=_("Datasets"))
    centre = models.CharField(_("Situational centre"), max_length=300, blank=True)
    sdu = models.CharField(_("SDU"), max_length=300, blank=True)
    contract_version = models.PositiveIntegerField(_("Version of the contract"), null=True, blank=True)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="passports", verbose_name=_("Agreement")
    )
    test_act = models.CharField(_("Test act"), max_length=120, blank=True)
    tested_on = models.DateField(_("Tested on"), null=True, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("integration passport")
        verbose_name_plural = _("integration passports")
        ordering: ClassVar = ["city", "title", "id"]

    def __str__(self) -> str:
        return self.title
