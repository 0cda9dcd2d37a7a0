"""Addresses of the order."""

from django.urls import path

from qala.portal.order import compare_pages, maturity_pages, pages, reference_pages

app_name = "order"
urlpatterns = [
    path("", pages.index, name="index"),
    path("search/", pages.find, name="search"),
    path("initiative/<int:number>/", pages.initiative, name="initiative"),
    path("function/", reference_pages.functions, name="functions"),
    path("function/<int:initiative>/<int:number>/", pages.function, name="function"),
    path("kpi/", reference_pages.kpis, name="kpis"),
    path("kpi/<str:row>/", pages.kpi, name="kpi"),
    path("reading/", reference_pages.readings, name="readings"),
    path("reading/<str:name>/", reference_pages.reading, name="reading"),
    path("term/", reference_pages.terms, name="terms"),
    path("term/<str:name>/", reference_pages.term, name="term"),
    path("slips/", reference_pages.slips, name="slips"),
    path("item/", reference_pages.procedure, name="procedure"),
    path("item/<int:number>/", reference_pages.item, name="item"),
    path("roadmap/", reference_pages.roadmap, name="roadmap"),
    path("scoring/", reference_pages.scoring, name="scoring"),
    path("crosswalk/", reference_pages.crosswalk, name="crosswalk"),
    path("glossary/", reference_pages.glossary, name="glossary"),
    path("international/", reference_pages.international, name="international"),
    path("maturity/", maturity_pages.maturity, name="maturity"),
    path("maturity/<str:name>/", maturity_pages.dimension, name="dimension"),
    path("compare/", compare_pages.compare, name="compare"),
]
