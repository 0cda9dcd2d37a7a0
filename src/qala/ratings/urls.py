"""Addresses of `ratings`."""

from django.urls import path

from qala.ratings import pages

app_name = "ratings"
urlpatterns = [
    path("", pages.runs, name="runs"),
    path("compute/", pages.compute, name="compute"),
    path("work/<int:number>/", pages.work, name="work"),
    path("<str:run>/", pages.run, name="run"),
    path("<str:run>/verify/", pages.verify, name="verify"),
    path("<str:run>/<str:category>/publish/", pages.publish, name="publish"),
    path("<str:run>/<str:category>/changes/", pages.changes, name="changes"),
]
