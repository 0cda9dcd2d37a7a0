from django.urls import path

from qala.portal.map import api, pages

app_name = "map"
urlpatterns = [
    path("", pages.map_page, name="map"),
    path("layers/", pages.map_page, name="layers"),
    path("<str:city>/search.json", api.search, name="search"),
    path("<str:city>/values.json", api.values_by_place, name="values"),
    path("<str:city>/<str:layer>/<path:key>/", pages.object_page, name="object"),
]
