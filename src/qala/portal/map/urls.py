from django.urls import path

from qala.portal.map import pages

app_name = "map"
urlpatterns = [
    path("", pages.map_page, name="map"),
]
