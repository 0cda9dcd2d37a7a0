"""Who uses the site, for whom they work, what they may do where, and what was done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qala.standard.values import Text

CODE = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", _("A code is letters, digits, - and _."))


class Organisation(models.Model):
    """A body with users of its own: owner of datasets and layers, executor, addressee.

    `kind` is a code of `organisations.yaml`; `city` and `region` are codes of the lake's registry, where it has one.
    """

    name_kk = models.CharField(_("name in Kazakh"), max_length=200)
    name_ru = models.CharField(_("name in Russian"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=40)
    bin = models.CharField(
        _("business identification number"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^\d{12}$", _("A business identification number is 12 digits."))],
    )
    region = models.CharField(_("region"), max_length=40, blank=True, validators=[CODE])
    city = models.CharField(_("city"), max_length=40, blank=True, validators=[CODE])
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering: ClassVar = ["name_kk", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bin"], condition=~models.Q(bin=""), name="organisation_bin_once")
        ]

    def __str__(self) -> str:
        return self.name_kk

    @property
    def names(self) -> Text:
        """In three languages; English falls back to Kazakh."""
        return Text(kk=self.name_kk, ru=self.name_ru, en=self.name_en or self.name_kk)


class UserManager(BaseUserManager["User"]):
    """Users are found by email, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A user; without a password nobody can sign in as them until one is set by an invitation."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in by email. Users are deactivated, never deleted: the audit log names them."""

    email = models.EmailField(
        _("email"), unique=True, error_messages={"unique": _("A user with this email is there already.")}
    )
    name = models.CharField(_("full name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="kk")
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("organisation"),
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("demo account"), default=False, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering: ClassVar = ["email"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email

    # Django admin asks these; the answer is a permission of rights.yaml, so that there is one system of rights.
    @property
    def is_staff(self) -> bool:
        from qala.people.access import may

        return may(self, "registry.manage")

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, _app_label: str) -> bool:
        return self.is_active and self.is_staff


class Membership(models.Model):
    """A role that a user has, and where: in the country, a region, a city, or for what an organisation owns."""

    class Scope(models.TextChoices):
        COUNTRY = "country", _("country")
        REGION = "region", _("region")
        CITY = "city", _("city")
        ORGANISATION = "organisation", _("organisation")

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=40)
    scope = models.CharField(_("scope"), max_length=12, choices=Scope.choices)
    code = models.CharField(_("region or city"), max_length=40, blank=True, validators=[CODE])
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name=_("organisation")
    )
    given_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", editable=False, verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of users")
        ordering: ClassVar = ["user", "role", "scope", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "scope", "code", "organisation"],
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                condition=(
                    models.Q(scope="country", code="", organisation=None)
                    | (models.Q(scope__in=("region", "city"), organisation=None) & ~models.Q(code=""))
                    | models.Q(scope="organisation", code="", organisation__isnull=False)
                ),
                name="membership_scope_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} · {self.scope} {self.code or self.organisation or ''}".strip()


class CityTenancy(models.Model):
    """A district centre that lives as a tenant of another city's centre, as a rule that of its oblast's centre.

    The host's people may then do for the tenant what rights.yaml marks `reaches_tenants`; the tenant's people see
    nothing of the host.
    """

    city = models.CharField(_("tenant city"), max_length=40, unique=True, validators=[CODE])
    host = models.CharField(_("host city"), max_length=40, validators=[CODE])
    act = models.CharField(_("act"), max_length=200, blank=True, help_text=_("The agreement or act that says so."))

    class Meta:
        verbose_name = _("tenancy of a city")
        verbose_name_plural = _("tenancies of cities")
        ordering: ClassVar = ["host", "city"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(city=models.F("host")), name="tenancy_of_another")
        ]

    def __str__(self) -> str:
        return f"{self.city} → {self.host}"


class Token(models.Model):
    """A key for programs: acts as its user, within its scopes. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("user"))
    name = models.CharField(_("what it is for"), max_length=100)
    start = models.CharField(_("starts with"), max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.start}… {self.name}"

    @property
    def is_valid(self) -> bool:
        """Neither revoked nor expired, and its user is active."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active


class AuditEntry(models.Model):
    """One thing that was done, or read of personal data. Append-only: the database refuses to change or delete it.

    `who` is None for guests, jobs and commands; `who_said` keeps the email as it was. `at` is UTC.
    """

    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    who = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("who"), db_index=False)
    who_said = models.CharField(_("who"), max_length=254, blank=True)
    address = models.GenericIPAddressField(_("from where"), null=True)
    through = models.CharField(_("through"), max_length=40, blank=True)
    verb = models.CharField(_("did what"), max_length=60)
    kind = models.CharField(_("kind of object"), max_length=60, blank=True)
    object_id = models.CharField(_("object"), max_length=200, blank=True)
    object_said = models.CharField(_("object"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=40, blank=True)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["at"], name="audit_at"),
            models.Index(fields=["city", "-id"], name="audit_city"),
            models.Index(fields=["who", "-id"], name="audit_who"),
            models.Index(fields=["verb", "-id"], name="audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.who_said or '—'} {self.verb} {self.object_said or self.object_id}"
