"""Documents as they were signed, and their signatures; the database refuses to change or delete either."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Version(models.Model):
    """A document's bytes as they were signed.

    Attributes:
        kind, object_id: of what it is a document, as `app.model` and its id; number: of its versions, from 1.
        fingerprint: of the content in no language, by which a later change is noticed.
        sha256: of the bytes; language: they are in; name: of the file, without ending.
    """

    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    city = models.CharField(max_length=40, blank=True)
    fingerprint = models.CharField(max_length=64)
    language = models.CharField(max_length=2)
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("signed document")
        ordering: ClassVar = ["kind", "object_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "object_id", "number"], name="signed_versions_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id} v{self.number}"


class Signature(models.Model):
    """A detached signature of a version.

    Attributes:
        role: as whom, a word of the part (`chair`); one signature of each.
        signer: `Signer.id` of who made it; legal: whether it has legal force.
        name, position, at: as they stand in what was signed.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=40)
    by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    signer = models.CharField(max_length=40)
    legal = models.BooleanField()
    name = models.CharField(max_length=150)
    position = models.CharField(max_length=200)
    at = models.DateTimeField()
    signature = models.BinaryField()

    class Meta:
        verbose_name = _("signature of a document")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "role"], name="one_signature_of_a_role")]

    def __str__(self) -> str:
        return f"{self.version}: {self.position}, {self.name}"
