"""Addresses of `portal.intake`."""

from django.urls import path

from qala.portal.intake import calendar_pages, incident_pages, pages, paper_pages, quarantine_pages

app_name = "intake"
urlpatterns = [
    path("", pages.sources, name="sources"),
    path("register/", pages.register, name="register"),
    path("try/", pages.try_out, name="try"),
    path("quarantine/", quarantine_pages.index, name="quarantine"),
    path("quarantine/replay/<int:number>/", quarantine_pages.replaying, name="replaying"),
    path("quarantine/<str:receipt>/<int:number>/", quarantine_pages.row, name="row"),
    path("calendar/", calendar_pages.city_calendar, name="calendar"),
    path("calendar/region/<str:code>/", calendar_pages.region_calendar, name="region_calendar"),
    path("register/<slug:kind>/", paper_pages.index, name="papers"),
    path("register/<slug:kind>/new/", paper_pages.edit, name="new_paper"),
    path("register/<slug:kind>/<int:number>/", paper_pages.paper, name="paper"),
    path("register/<slug:kind>/<int:number>/change/", paper_pages.edit, name="edit_paper"),
    path("register/<slug:kind>/<int:number>/remove/", paper_pages.remove, name="remove_paper"),
    path("incidents/", incident_pages.index, name="incidents"),
    path("incidents/<int:number>/note/", incident_pages.note, name="note"),
    path("source/<slug:name>/secret/", incident_pages.secret, name="secret"),
    path("source/<slug:name>/replay-all/", quarantine_pages.replay_all, name="replay_all"),
    path("source/<slug:name>/", pages.source, name="source"),
    path("source/<slug:name>/change/", pages.change, name="change"),
    path("source/<slug:name>/credential/", pages.issue, name="issue"),
    path("source/<slug:name>/credential/<int:number>/revoke/", pages.revoke, name="revoke"),
    path("source/<slug:name>/<slug:verb>/", pages.do, name="do"),
]
