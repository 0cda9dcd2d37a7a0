from django.urls import path

from qala.portal.scores import pages

app_name = "scores"
urlpatterns = [
    path("", pages.front, name="front"),
    path("rating/", pages.rating, name="rating"),
    path("city/<str:code>/", pages.city, name="city"),
    path("region/<str:code>/", pages.region, name="region"),
    path("compare/", pages.compare, name="compare"),
]
