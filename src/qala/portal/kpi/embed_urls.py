"""Addresses of cards that other sites may frame."""

from django.urls import path

from qala.portal.kpi import embed

app_name = "embed"
urlpatterns = [
    path("<str:language>/city/<str:code>/kpi/<str:row>/", embed.kpi, name="kpi"),
]
