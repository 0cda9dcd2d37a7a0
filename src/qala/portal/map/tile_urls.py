"""Addresses without a language: tiles and what belongs to them."""

from django.urls import path

from qala.portal.map import api

app_name = "tiles"
urlpatterns = [
    path("", api.catalogue, name="root"),
    path("<str:city>/overview.json", api.first_sight, name="overview"),
    path("<str:city>/<str:layer>.json", api.tile_json, name="layer"),
    path("<str:city>/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", api.tile, name="tile"),
]
