"""Forms of departments' layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qala.people.access import Somebody
from qala.places import geofiles
from qala.portal.map.models import Layer
from qala.portal.map.own_queries import owners_for
from qala.portal.map.styles import TOKENS, LayerStyle
from qala.standard import Problem, Problems
from qala.ui.problems import told

if TYPE_CHECKING:
    _LayerForm = forms.ModelForm[Layer]
else:
    _LayerForm = forms.ModelForm

MOST_BYTES = 50 * 1024 * 1024
COLOURS = (
    ("blue", _("blue")), ("teal", _("teal")), ("orange", _("orange")), ("purple", _("purple")), ("yellow", _("ochre")),
    ("green", _("green")), ("red", _("red")), ("brown", _("brown")), ("grey", _("grey")),
)  # fmt: skip

assert {name for name, _label in COLOURS} == set(TOKENS)


class AboutForm(_LayerForm):
    """What a layer is called, whose it is, and who sees it."""

    class Meta:
        model = Layer
        fields: ClassVar = ["title_kk", "title_ru", "title_en", "about", "owner", "shown_to"]
        labels: ClassVar = {"owner": _("Owner")}
        widgets: ClassVar = {"about": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, user: Somebody, city: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = owners_for(user, city)
        field = self.fields["owner"]
        field.queryset = field.queryset.filter(pk__in=[one.pk for one in owners])  # type: ignore[attr-defined]
        field.empty_label = _("the akimat as a whole")  # type: ignore[attr-defined]


class FileForm(forms.Form):
    """A file with objects; `features` holds them when it is valid."""

    file = forms.FileField(
        label=_("File"), help_text=_("GeoJSON, GeoPackage (.gpkg) or CSV with the columns lon and lat; up to 50 MB.")
    )
    features: list[geofiles.Feature]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".geojson,.json,.gpkg,.csv"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 50 MB."))
        try:
            self.features = geofiles.read_layer(file.name, file.read())
        except Problems as problems:
            raise forms.ValidationError(
                [gettext(problems.message), *(_line(one) for one in problems.problems)]
            ) from None
        except Problem as problem:
            raise forms.ValidationError(_line(problem)) from None
        return file


_FILE_TEXTS = (
    _("This kind of file cannot be read."),
    _("Bring .geojson, .gpkg or .csv."),
    _("The file holds more than %(most)s objects."),
    _("Split it into layers."),
    _("The file has errors; nothing was taken from it."),
    _("The file holds no objects."),
    _("The object has no geometry."),
    _("The coordinates %(west)s, %(south)s are no degrees of longitude and latitude."),
    _("Bring WGS 84 (EPSG:4326), longitude first, or name the coordinate system in the file."),
    _("A collection of geometries cannot be drawn."),
    _("Split it into objects."),
    _("The shape is broken: %(why)s."),
    _("This is no geometry."),
    _("Write longitude, latitude, or GeoJSON."),
    _("The coordinates lie outside their coordinate system."),
    _("The file is not UTF-8 text."),
    _("The file is not JSON: %(why)s."),
    _("The file is not a GeoJSON FeatureCollection."),
    _("The coordinate system %(crs)s is not known."),
    _("The geometry cannot be read."),
    _("The file is not a GeoPackage."),
    _("No columns with coordinates were found."),
    _("Name them lon and lat (or longitude and latitude), in degrees."),
    _("The geometry is no WKT."),
    _("«%(said)s» is no number of degrees."),
    _("%(said)s is not between -%(limit)s and %(limit)s degrees."),
)
"""What `places.geofiles` says of a file, so that it is translated."""


def _line(problem: Problem) -> str:
    """A problem of a file in the page's language: where, what, how to mend it."""
    text = (
        gettext(problem.text) % problem.values if isinstance(problem, geofiles.FileProblem) else told(problem.message)
    )
    where = problem.where
    for pattern, said in (
        (r", row (\d+)", _(", row %(number)s")),
        (r", object (\d+)", _(", object %(number)s")),
        (r", column (.+)$", _(", column %(number)s")),
    ):
        where = re.sub(pattern, lambda found, said=said: str(said) % {"number": found[1]}, where)  # type: ignore[misc]
    return " ".join(
        part for part in (f"{where}:" if where else "", text, gettext(problem.hint) if problem.hint else "") if part
    )


class StyleForm(forms.Form):
    """How a layer is drawn."""

    colour = forms.ChoiceField(label=_("Colour"), choices=COLOURS)
    by = forms.ChoiceField(label=_("Colour by column"), required=False)
    size = forms.FloatField(label=_("Size"), min_value=0.5, max_value=3, help_text=_("1 is ordinary."))
    label = forms.ChoiceField(label=_("Text beside the object"), required=False)

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("none")), *((one, one) for one in columns)]
        for name in ("by", "label"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["size"].widget.attrs["step"] = "0.5"

    def style(self, now: LayerStyle, values: list[Any]) -> LayerStyle:
        """What was chosen; values: of the column that it is coloured by."""
        said = self.cleaned_data
        plain = now.model_copy(update={name: said[name] for name in ("colour", "size", "label")})
        return plain.coloured_by(said["by"], values)


class ObjectForm(forms.Form):
    """An object: a field for each column of the layer, and its geometry as text that the map beside it writes."""

    geometry = forms.CharField(
        label=_("Place"),
        help_text=_("Draw it on the map, or write longitude, latitude, or GeoJSON."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, columns: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for at, column in enumerate(columns):
            self.fields[f"p{at}"] = forms.CharField(label=column, required=False, max_length=4000)

    def clean_geometry(self) -> dict[str, Any]:
        try:
            return geofiles.read_geometry(self.cleaned_data["geometry"])
        except Problem as problem:
            raise forms.ValidationError(_line(problem)) from None

    def properties(self, before: dict[str, Any]) -> dict[str, Any]:
        """What was written, in the kind that the column had before."""
        said = {column: self.cleaned_data[f"p{at}"] for at, column in enumerate(self.columns)}
        return {column: _like(before.get(column), text) for column, text in said.items()}


def _like(before: Any, text: str) -> Any:
    if text == "":
        return None
    if isinstance(before, bool):
        return text.lower() in ("true", "1", "да", "иә", "yes")
    if isinstance(before, int | float):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            return text
        return int(number) if isinstance(before, int) and number.is_integer() else number
    return text
