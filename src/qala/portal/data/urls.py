from django.urls import path

from qala.portal.data import pages

app_name = "data"
urlpatterns = [
    path("", pages.sources, name="sources"),
    path("dataset/<str:dataset>/", pages.dataset, name="dataset"),
]
