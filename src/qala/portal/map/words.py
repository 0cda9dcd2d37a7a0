"""What the map's script says."""

from __future__ import annotations

from django.utils.translation import gettext as _


def script_words() -> dict[str, str]:
    """Texts of the script in the page's language, by key."""
    return {
        "NavigationControl.ZoomIn": _("Zoom in"),
        "NavigationControl.ZoomOut": _("Zoom out"),
        "NavigationControl.ResetBearing": _("Turn to north"),
        "FullscreenControl.Enter": _("Full screen"),
        "FullscreenControl.Exit": _("Leave full screen"),
        "Map.Title": _("Map"),
        "Popup.Close": _("Close"),
        "building": _("Tiles are being made: {percent} %"),
        "older": _("An earlier state is shown until the new tiles are made: {percent} %"),
        "failed": _("This layer cannot be drawn just now."),
        "no_webgl": _("This browser cannot draw the map (it needs WebGL). Lists and tables below say the same."),
        "nothing": _("Nothing was found."),
        "counting": _("Being counted…"),
        "no_values": _("The values cannot be loaded just now. Choose them again when the connection is back."),
        "no_search": _("The search does not answer just now. Try again when the connection is back."),
        "found": _("Found: {number}"),
        "several": _("Several objects lie here"),
        "cell": _("H3 cell"),
        "rows": _("Rows in the month"),
        "value": _("Value"),
        "district": _("District"),
        "play": _("Play"),
        "pause": _("Pause"),
        "none": _("no value"),
        "not_loaded": _("The card cannot be loaded. Open its page instead."),
    }
