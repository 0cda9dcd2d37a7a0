"""The status of the site, as the probe outside of it sees it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qala.portal.status import queries
from qala.ui.charts import Chart, Series
from qala.ui.downloads import table_response

NAMES = {
    "database": lambda: _("Database"),
    "jobs": lambda: _("Jobs: workers at work / jobs waiting"),
    "lake": lambda: _("Lake: cities"),
    "disk": lambda: _("Disk: free"),
}


def status(request: HttpRequest) -> HttpResponseBase:
    """Availability by month and hour (KPI 1.2), the last probe, and the parts of the site."""
    months = queries.months()
    if request.GET.get("format"):
        columns = ["month", "probes", "available", "percent", "watched_share", "planned", "median_ms"]
        rows = [(m.month, m.probes, m.good, m.percent, m.watched, m.planned, m.median_ms) for m in months]
        return table_response(request, "availability", columns, rows)
    hours = queries.last_hours()
    chart = Chart(
        id="hours",
        kind="bar",
        title=_("Availability in the last 48 hours"),
        categories=[date_format(timezone.localtime(hour), "d.m H:i") for hour, _share in hours],
        series=[Series(_("Available, %"), [share for _hour, share in hours])],
        unit="%",
    )
    parts = [(NAMES[part.name](), part) for part in queries.parts()]
    return render(
        request,
        "portal/status/status.html",
        {
            "months": months,
            "chart": chart if any(share is not None for _hour, share in hours) else None,
            "newest": queries.newest(),
            "down_after": queries.down_after(),
            "target": queries.target(),
            "parts": parts,
        },
    )
