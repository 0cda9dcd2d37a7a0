"""Addresses of working groups."""

from django.urls import path

from qala.groundwork import city_pages, pages

app_name = "groundwork"
urlpatterns = [
    path("", pages.index, name="index"),
    path("new/<str:place>/", pages.edit, name="new"),
    path("group/<int:number>/", pages.group, name="group"),
    path("group/<int:number>/edit/", pages.edit, name="edit"),
    path("group/<int:number>/dissolve/", pages.dissolve, name="dissolve"),
    path("group/<int:number>/member/", pages.member, name="new_member"),
    path("group/<int:group>/member/<int:number>/", pages.member, name="member"),
    path("group/<int:number>/call/", pages.call, name="call"),
    path("city/<str:city>/needs/", city_pages.city_needs, name="needs"),
    path("city/<str:city>/gaps/", city_pages.city_gaps, name="gaps"),
    path("city/<str:city>/profile/", city_pages.profile, name="profile"),
    path("meeting/<int:number>/", pages.meeting, name="meeting"),
    path("meeting/<int:number>/edit/", pages.edit_meeting, name="edit_meeting"),
    path("meeting/<int:number>/sign/", pages.sign, name="sign"),
    path("meeting/<int:number>/protocol.<str:form>", pages.paper, name="protocol"),
    path("meeting/<int:number>/point/", pages.point, name="new_point"),
    path("meeting/<int:meeting>/point/<int:number>/", pages.point, name="point"),
    path("meeting/<int:meeting>/point/<int:number>/remove/", pages.remove_point, name="remove_point"),
]
