"""Addresses of `kits.signatures`."""

from django.urls import path

from qala.kits.signatures import pages

app_name = "signatures"
urlpatterns = [
    path("<int:number>/", pages.version, name="version"),
    path("<int:number>/document.pdf", pages.document, name="document"),
    path("<int:number>/<int:of>.sig", pages.signature, name="signature"),
]
