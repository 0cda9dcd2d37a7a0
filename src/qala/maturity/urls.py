"""Addresses of `maturity`."""

from django.urls import path

from qala.maturity import pages

app_name = "maturity"
urlpatterns = [
    path("", pages.library, name="library"),
    path("of/<int:number>/", pages.of_survey, name="of_survey"),
    path("<str:code>/", pages.city, name="city"),
    path("<str:code>/new/", pages.new, name="new"),
    path("<str:code>/<int:number>/", pages.assessment, name="assessment"),
    path("<str:code>/<int:number>/report/<str:form>/", pages.report, name="report"),
    path("<str:code>/<int:number>/publish/", pages.publish, name="publish"),
]
