"""Addresses of `kits.surveys`: `a/` for who answers, numbers for who leads."""

from django.urls import path

from qala.kits.surveys import leading, pages

app_name = "surveys"
urlpatterns = [
    path("a/<str:key>/", pages.begin, name="begin"),
    path("a/<str:key>/send/", pages.send, name="send"),
    path("a/<str:key>/<slug:name>/", pages.page, name="page"),
    path("<int:number>/", leading.manage, name="manage"),
    path("<int:number>/do/<slug:verb>/", leading.do, name="do"),
    path("<int:number>/template/", leading.template, name="template"),
    path("<int:number>/links/", leading.links, name="links"),
    path("<int:number>/evidence/<uuid:key>/", leading.evidence, name="evidence"),
]
