"""Addresses of `portal.data`."""

from django.urls import path

from qala.portal.data import dataset_pages, ledger_pages, pages, series_pages

app_name = "data"
urlpatterns = [
    path("", pages.sources, name="sources"),
    path("what-to-send/", pages.what_to_send, name="what_to_send"),
    path("what-to-send/dictionary.md", pages.dictionary, name="dictionary"),
    path("ledger/", ledger_pages.ledger, name="ledger"),
    path("ledger/<str:receipt>/", ledger_pages.receipt, name="receipt"),
    path("quarantine/", ledger_pages.quarantine, name="quarantine"),
    path("datasets/", dataset_pages.datasets, name="datasets"),
    path("catalogue.jsonld", dataset_pages.catalogue, name="catalogue"),
    path("dataset/<str:dataset>/", dataset_pages.dataset, name="dataset"),
    path("dataset/<str:dataset>/template.<str:kind>", dataset_pages.template, name="template"),
    path("dataset/<str:dataset>/counts/", dataset_pages.counts, name="counts"),
    path("dataset/<str:dataset>/series/", series_pages.series, name="series"),
    path("dataset/<str:dataset>/rows.<str:kind>", dataset_pages.download, name="download"),
]
