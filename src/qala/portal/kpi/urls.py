"""Addresses of `portal.kpi`."""

from django.urls import path

from qala.portal.kpi import pages

app_name = "kpi"
urlpatterns = [
    path("city/<str:code>/section/<str:section>/", pages.section, name="section"),
    path("city/<str:code>/initiative/<int:number>/", pages.initiative, name="initiative"),
    path("city/<str:code>/kpi/<str:row>/", pages.kpi, name="kpi"),
    path("city/<str:code>/kpi/<str:row>/rows/", pages.rows, name="rows"),
    path("city/<str:code>/kpi/<str:row>/places/", pages.places, name="places"),
]
