"""Addresses of strategies."""

from django.urls import path

from qala.strategies import pages, writing

app_name = "strategies"
urlpatterns = [
    path("", pages.index, name="index"),
    path("begin/", pages.begin, name="begin"),
    path("<int:number>/", pages.strategy, name="strategy"),
    path("<int:number>/read/", pages.read, name="read"),
    path("<int:number>/step/", pages.step, name="step"),
    path("<int:number>/sign/", pages.sign, name="sign"),
    path("<int:number>/file/<str:form>/", pages.file, name="file"),
    path("<int:strategy>/<int:number>/<str:language>/", writing.section, name="section"),
    path("<int:strategy>/<int:number>/<str:language>/save/", writing.save, name="save"),
    path("<int:strategy>/<int:number>/<str:language>/mark/", writing.mark, name="mark"),
    path("<int:strategy>/<int:number>/<str:language>/comment/", writing.comment, name="comment"),
    path("<int:strategy>/<int:number>/<str:language>/history/", writing.history, name="history"),
    path("<int:strategy>/<int:number>/<str:language>/beside/<int:version>/", writing.beside, name="beside"),
    path("comment/<int:number>/done/", writing.finish_comment, name="finish_comment"),
]
