"""Addresses of the register."""

from django.urls import path

from qala.inventory import pages

app_name = "inventory"
urlpatterns = [
    path("", pages.index, name="index"),
    path("solutions/", pages.catalogue, name="catalogue"),
    path("object/<int:number>/", pages.one, name="object"),
    path("object/<int:number>/edit/", pages.edit, name="edit"),
    path("object/<int:number>/remove/", pages.remove, name="remove"),
    path("<str:city>/", pages.register, name="register"),
    path("<str:city>/new/", pages.edit, name="new"),
    path("<str:city>/load/", pages.load, name="load"),
]
