"""Addresses of `portal.scores`."""

from django.urls import path

from qala.portal.scores import city_pages, compare_pages, pages, region_pages, sure_pages

app_name = "scores"
urlpatterns = [
    path("", pages.front, name="front"),
    path("rating/", pages.rating, name="rating"),
    path("rating/how-sure/", sure_pages.how_sure, name="how_sure"),
    path("rating/outlines.geojson", pages.outlines, name="outlines"),
    path("region/<str:code>/", region_pages.region, name="region"),
    path("city/<str:code>/", city_pages.city, name="city"),
    path("city/<str:code>/sheet/<str:form>/", city_pages.sheet, name="sheet"),
    path("compare/", compare_pages.compare, name="compare"),
]
