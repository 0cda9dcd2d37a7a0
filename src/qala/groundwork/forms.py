"""Forms of groups, members, meetings and points of the agenda."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from qala.groundwork.composition import SHORT, VOTES
from qala.groundwork.models import Group, Meeting, Member, Mention, Point, Statement
from qala.groundwork.overview_said import section_title, sections
from qala.groundwork.queries import cities_of, members_on, place_name
from qala.groundwork.topics import topic_names
from qala.ui.formats import language_of

if TYPE_CHECKING:
    _GroupForm = forms.ModelForm[Group]
    _MemberForm = forms.ModelForm[Member]
    _MeetingForm = forms.ModelForm[Meeting]
    _PointForm = forms.ModelForm[Point]
    _StatementForm = forms.ModelForm[Statement]
    _MentionForm = forms.ModelForm[Mention]
else:
    _GroupForm = _MemberForm = _MeetingForm = _PointForm = _StatementForm = _MentionForm = forms.ModelForm


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class GroupForm(_GroupForm):
    """What is said of a group."""

    cities = forms.MultipleChoiceField(label=_("Cities that it leads"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Group
        fields: ClassVar = ["act", "act_on", "cities"]
        widgets: ClassVar = {"act_on": _day()}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        language = language_of(get_language())
        chosen: Any = self.fields["cities"]
        chosen.choices = [(code, place_name(code, language)) for code in cities_of(self.instance.place)]


class MemberForm(_MemberForm):
    """A member, by office."""

    class Meta:
        model = Member
        fields: ClassVar = ["kind", "position", "name", "since", "until"]
        widgets: ClassVar = {"since": _day(), "until": _day()}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        kind: Any = self.fields["kind"]
        kind.choices = [("", "—"), *SHORT.items()]


class MeetingForm(_MeetingForm):
    """Day, place and who is present."""

    present = forms.MultipleChoiceField(label=_("Present"), required=False, widget=forms.CheckboxSelectMultiple)
    about = forms.MultipleChoiceField(
        label=_("Survey of these cities is annexed"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Meeting
        fields: ClassVar = ["day", "where", "about", "additional"]
        widgets: ClassVar = {"day": _day(), "additional": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["present"]
        if self.instance.pk is None:
            for name in ("present", "about", "additional"):
                del self.fields[name]
        else:
            chosen.choices = [
                (str(m.pk), f"{m.name}, {m.position}") for m in members_on(self.instance.group, self.instance.day)
            ]
            language, surveyed = language_of(get_language()), self.fields["about"]
            surveyed.choices = [(code, place_name(code, language)) for code in self.instance.group.cities]  # type: ignore[attr-defined]
            self.initial["present"] = [str(one) for one in self.instance.present]

    def clean_present(self) -> list[int]:
        return [int(one) for one in self.cleaned_data["present"]]


class PointForm(_PointForm):
    """A point of the agenda, with a list of votes for everybody present."""

    class Meta:
        model = Point
        fields: ClassVar = ["title", "speaker", "heard", "decision", "doer", "due"]
        widgets: ClassVar = {
            "heard": forms.Textarea(attrs={"rows": 4}), "decision": forms.Textarea(attrs={"rows": 4}), "due": _day(),
        }  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        meeting = self.instance.meeting
        self.present = [one for one in members_on(meeting.group, meeting.day) if one.pk in meeting.present]
        for one in self.present:
            self.fields[f"vote_{one.pk}"] = forms.ChoiceField(
                label=f"{one.name}, {one.position}", required=False, choices=[("", "—"), *VOTES.items()],
                initial=self.instance.votes.get(str(one.pk), ""),
            )  # fmt: skip

    def votes(self) -> list[Any]:
        """The fields of votes."""
        return [self[f"vote_{one.pk}"] for one in self.present]

    def others(self) -> list[Any]:
        """All other fields, in their order."""
        return [one for one in self if not one.name.startswith("vote_")]

    def given(self) -> dict[int, str]:
        """Member -> vote, as it was filled in."""
        return {one.pk: self.cleaned_data.get(f"vote_{one.pk}", "") for one in self.present}


class StatementForm(_StatementForm):
    """A statement of an overview, in the languages in which it is written."""

    section = forms.ChoiceField(label=_("Section"))

    class Meta:
        model = Statement
        fields: ClassVar = ["section", "text_kk", "text_ru", "text_en"]
        widgets: ClassVar = {
            name: forms.Textarea(attrs={"rows": 4, "lang": name[-2:]}) for name in ("text_kk", "text_ru", "text_en")
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["section"]
        language = language_of(get_language())
        chosen.choices = [(name, section_title(name, language)) for name in sections()]


class MentionForm(_MentionForm):
    """A mention in the media."""

    topic = forms.ChoiceField(label=_("Topic"))

    class Meta:
        model = Mention
        fields: ClassVar = ["day", "outlet", "address", "topic", "tone", "note"]
        widgets: ClassVar = {"day": _day()}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields["topic"]
        chosen.choices = [("", "—"), *sorted(topic_names().items(), key=lambda pair: pair[1])]
