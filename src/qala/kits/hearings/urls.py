"""Addresses of discussions."""

from django.urls import path

from qala.kits.hearings import pages

app_name = "hearings"
urlpatterns = [
    path("", pages.index, name="index"),
    path("<int:number>/", pages.hearing, name="hearing"),
    path("<int:number>/remarks/", pages.remarks, name="remarks"),
    path("<int:number>/summary/<str:form>/", pages.summary, name="summary"),
    path("remark/<int:remark>/", pages.judge, name="judge"),
    path("begin/<str:part>/<int:paper>/", pages.begin, name="begin"),
]
