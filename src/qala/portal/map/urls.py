"""Addresses of the map. `layers/` are those of departments; a city's code is never `layers`."""

from django.urls import path

from qala.portal.map import api, own_pages, pages

app_name = "map"
urlpatterns = [
    path("", pages.map_page, name="map"),
    path("layers/", own_pages.catalogue, name="layers"),
    path("layers/new/", own_pages.new_layer, name="new_layer"),
    path("layers/<int:number>/", own_pages.own_layer, name="own"),
    path("layers/<int:number>/about/", own_pages.about_layer, name="about"),
    path("layers/<int:number>/style/", own_pages.style_layer, name="style"),
    path("layers/<int:number>/upload/", own_pages.upload, name="upload"),
    path("layers/<int:number>/state/", own_pages.change_state, name="state"),
    path("layers/<int:number>/history/", own_pages.history, name="history"),
    path("layers/<int:number>/history/<int:version>/", own_pages.restore, name="restore"),
    path("layers/<int:number>/objects/new/", own_pages.edit_object, name="new_object"),
    path("layers/<int:number>/objects/<int:key>/", own_pages.own_object, name="own_object"),
    path("layers/<int:number>/objects/<int:key>/edit/", own_pages.edit_object, name="edit_object"),
    path("layers/<int:number>/objects/<int:key>/delete/", own_pages.delete_object, name="delete_object"),
    path("<str:city>/search.json", api.search, name="search"),
    path("<str:city>/values.json", api.values_by_place, name="values"),
    path("<str:city>/<str:layer>/<path:key>/", pages.object_page, name="object"),
]
