"""The registries in Django admin, for who has `registry.manage`; every change is written into the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth import admin as _first  # noqa: F401  it registers its models before we take one out
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala.people import audit
from qala.people.models import AuditEntry, CityTenancy, Membership, Organisation, Token, User
from qala.people.rights import organisation_kinds, rights
from qala.ui.formats import language_of

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.site_header = admin.site.site_title = "Qala"
admin.site.unregister(Group)  # rights are those of rights.yaml


if TYPE_CHECKING:
    _Admin = admin.ModelAdmin[Any]
    _Form = forms.ModelForm[Membership]
else:
    _Admin, _Form = admin.ModelAdmin, forms.ModelForm


class Audited(_Admin):
    """A registry whose changes the audit log keeps."""

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        old = type(obj)._default_manager.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        audit.wrote(
            request,
            "change" if change else "add",
            obj,
            before=audit.said(old) if old else None,
            after=audit.said(obj),
        )

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        audit.wrote(request, "delete", obj, before=audit.said(obj))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for one in queryset:
            self.delete_model(request, one)


class _Seen(_Admin):
    """A list to look at."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class _MembershipForm(_Form):
    role = forms.ChoiceField(label=_("role"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = language_of(get_language())
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [(code, one.name.say(language)) for code, one in rights().appointed().items()]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        role, scope = found.get("role"), found.get("scope")
        if role and scope and scope not in rights().roles[role].scopes:
            self.add_error("scope", _("This role is not given there."))
        return found


@admin.register(Membership)
class Memberships(Audited):
    form = _MembershipForm
    list_display = ("user", "role", "scope", "code", "organisation", "given_by", "given_at")
    list_filter = ("role", "scope")
    search_fields = ("user__email", "user__name", "code")
    autocomplete_fields = ("user", "organisation")


@admin.register(User)
class Users(Audited):
    list_display = ("email", "name", "organisation", "is_active", "last_login")
    list_filter = ("is_active", "language")
    search_fields = ("email", "name")
    autocomplete_fields = ("organisation",)
    fields = ("email", "name", "language", "organisation", "is_active", "joined_at", "last_login")
    readonly_fields = ("joined_at", "last_login")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False  # people come by invitation

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False  # they are deactivated: the audit log names them


@admin.register(Organisation)
class Organisations(Audited):
    list_display = ("name_kk", "name_ru", "kind", "region", "city", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name_kk", "name_ru", "name_en", "bin")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "kind":
            language = language_of(get_language())
            kinds = [(code, names.say(language)) for code, names in organisation_kinds().items()]
            return forms.ChoiceField(label=_("kind"), choices=kinds)
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(CityTenancy)
class Tenancies(Audited):
    list_display = ("city", "host", "act")
    search_fields = ("city", "host")


@admin.register(Token)
class Tokens(_Seen):
    list_display = ("start", "name", "user", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("start", "name", "user__email")
    exclude = ("hash",)


@admin.register(AuditEntry)
class AuditLog(_Seen):
    list_display = ("at", "who_said", "verb", "object_said", "city", "address", "through")
    list_filter = ("verb",)
    search_fields = ("who_said", "object_said", "object_id")
    show_full_result_count = False
