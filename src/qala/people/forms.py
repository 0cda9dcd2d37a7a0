"""Forms of the account pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordMixin
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala.people import access, audit, queries, tokens
from qala.people.models import Membership, Organisation, User
from qala.people.places import Place, givable_roles, places_to_give
from qala.people.rights import organisation_kinds, rights
from qala.standard.values import Language
from qala.ui.formats import language_of, said

if TYPE_CHECKING:
    _UserForm = forms.ModelForm[User]
    _OrganisationForm = forms.ModelForm[Organisation]
    _OrganisationChoice = forms.ModelChoiceField[Organisation]
    _Passwords = SetPasswordMixin[User]
else:
    _UserForm = _OrganisationForm = forms.ModelForm
    _OrganisationChoice, _Passwords = forms.ModelChoiceField, SetPasswordMixin


class SignUp(forms.Form):
    """What we ask a citizen besides email and password."""

    name = forms.CharField(label=_("Full name"), max_length=150, required=False)

    def signup(self, _request: HttpRequest, user: User) -> None:
        """allauth has made the user; complete and keep it."""
        user.name = self.cleaned_data["name"]
        user.language = get_language() or settings.LANGUAGE_CODE
        user.save()


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of signing in; wrong codes are written into the audit log."""

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())
        except forms.ValidationError:
            audit.wrote(context.request, "second_factor_failed", self.user)
            raise


class AccountForm(_UserForm):
    """What a person may change about themselves."""

    class Meta:
        model = User
        fields: ClassVar = ["name", "language"]


class PersonForm(_UserForm):
    """What who leads a person may change about them: an affiliation is never one's own claim."""

    class Meta:
        model = User
        fields: ClassVar = ["name", "organisation"]

    def __init__(self, editor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"] = _organisation_field(editor)


class InvitationForm(_Passwords, forms.Form):
    """Accepting an invitation: who one is, and the first password."""

    name = forms.CharField(label=_("Full name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1, password2 = SetPasswordMixin.create_password_fields(_("Password"), _("Password once more"))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.initial["name"] = user.name

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        return super().clean()


class TokenForm(forms.Form):
    """A new token."""

    DAYS: ClassVar = [(30, _("30 days")), (90, _("90 days")), (365, _("one year"))]

    name = forms.CharField(label=_("What it is for"), max_length=100)
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(label=_("How long it holds"), choices=DAYS, coerce=int, initial=90)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = rights().token_scopes
        language = _language()
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(code, named[code].name.say(language)) for code in tokens.possible_scopes(user)]


class RoleForm(forms.Form):
    """A role and where; only what the giver may give."""

    role = forms.ChoiceField(label=_("Role"))
    place = forms.ChoiceField(label=_("Where"))

    def __init__(self, giver: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.giver = giver
        language = _language()
        role, place = self.fields["role"], self.fields["place"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(place, forms.ChoiceField)
        role.choices = [(code, rights().roles[code].name.say(language)) for code in givable_roles(giver)]
        place.choices = [
            (Membership.Scope(kind).label, [(str(one), said(one.name, language)) for one in places])
            for kind, places in places_to_give(giver).items()
        ]

    def clean_place(self) -> Place:
        return Place.parse(self.cleaned_data["place"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        role, place = found.get("role"), found.get("place")
        if role and place:
            if place.scope not in rights().roles[role].scopes:
                kinds = ", ".join(str(Membership.Scope(kind).label) for kind in rights().roles[role].scopes)
                self.add_error("place", _("This role is given for: %(kinds)s.") % {"kinds": kinds})
            elif not access.may_give(self.giver, role, **place.asked):
                self.add_error("place", _("You cannot give this role there."))
        return found


class InviteForm(RoleForm):
    """A person to invite, with a first role."""

    email = forms.EmailField(label=_("Email"))
    name = forms.CharField(label=_("Full name"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language of the letter"), choices=settings.LANGUAGES)

    def __init__(self, giver: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(giver, *args, **kwargs)
        self.fields["organisation"] = _organisation_field(giver)
        self.order_fields(["email", "name", "language", "organisation", "role", "place"])

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("A user with this email is there already."))
        return email


class OrganisationForm(_OrganisationForm):
    """An organisation, within the places that the editor leads."""

    class Meta:
        model = Organisation
        fields: ClassVar = ["name_kk", "name_ru", "name_en", "kind", "bin", "region", "city", "is_active"]

    def __init__(self, editor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        language = _language()
        self.fields["kind"] = forms.ChoiceField(
            label=_("Kind"), choices=[(code, names.say(language)) for code, names in organisation_kinds().items()]
        )
        places = places_to_give(editor)
        for kind, label in ((Membership.Scope.REGION, _("Region")), (Membership.Scope.CITY, _("City"))):
            self.fields[kind.value] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", "—"), *((one.code, said(one.name, language)) for one in places.get(kind, ()))],
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        where: access.Place = {}
        if found.get("city"):
            where["city"] = found["city"]
        elif found.get("region"):
            where["region"] = found["region"]
        if not access.may(self.editor, "people.manage", **where):
            self.add_error("city", _("Choose a city or region whose people you lead."))
        return found


class _OrganisationField(_OrganisationChoice):
    def label_from_instance(self, obj: Organisation) -> str:
        return obj.names.say(_language())


def _organisation_field(editor: User) -> _OrganisationField:
    return _OrganisationField(
        queries.organisations_of(editor).filter(is_active=True),
        label=_("Organisation"),
        required=False,
        empty_label="—",
    )


def _language() -> Language:
    return language_of(get_language())
