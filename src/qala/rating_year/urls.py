"""Addresses of `rating_year`."""

from django.urls import path

from qala.rating_year import base_list_pages, pages, paper_pages, report_pages, sign_pages

app_name = "rating_year"
urlpatterns = [
    path("", pages.index, name="index"),
    path("<int:year>/<str:category>/", pages.timetable_of, name="timetable"),
    path("base-list/", base_list_pages.index, name="base_list"),
    path("archive/", report_pages.archive, name="archive"),
    path("<int:year>/<str:category>/report/", report_pages.report, name="report"),
    path("<int:year>/<str:category>/report/<str:what>/", report_pages.do, name="report_do"),
    path("<int:year>/<str:category>/recompute/", pages.recompute, name="recompute"),
    path("<int:year>/<str:category>/<str:step>/", pages.step, name="step"),
    path("signs/", sign_pages.index, name="signs"),
    path("signs/<str:code>/", sign_pages.city, name="city_signs"),
    path("<str:kind>/", paper_pages.index, name="papers"),
    path("<str:kind>/new/", paper_pages.edit, name="new_paper"),
    path("<str:kind>/<int:number>/", paper_pages.paper, name="paper"),
    path("<str:kind>/<int:number>/edit/", paper_pages.edit, name="edit_paper"),
    path("<str:kind>/<int:number>/do/<str:what>/", paper_pages.do, name="do"),
    path("claims/<int:number>/report.<str:form>", paper_pages.completion_report, name="completion_report"),
    path("claims/<int:number>/evidence/<int:file>/", paper_pages.evidence, name="evidence"),
]
