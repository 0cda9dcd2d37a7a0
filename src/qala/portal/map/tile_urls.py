"""Addresses without a language: tiles and what belongs to them."""

from django.urls import path

from qala.portal.map import api, own_api

app_name = "tiles"
urlpatterns = [
    path("", api.catalogue, name="root"),
    path("own/<int:number>/<int:version>.geojson", own_api.own_geojson, name="own_geojson"),
    path("own/<int:number>.json", own_api.own_tile_json, name="own_layer"),
    path("own/<int:number>/<int:version>/<int:z>/<int:x>/<int:y>.mvt", own_api.own_tile, name="own_tile"),
    path("<str:city>/overview.json", api.first_sight, name="overview"),
    path("<str:city>/<str:layer>/now.geojson", api.now, name="now"),
    path("<str:city>/<str:layer>.json", api.tile_json, name="layer"),
    path("<str:city>/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", api.tile, name="tile"),
]
