"""Addresses of working groups."""

from django.urls import path

from qala.groundwork import city_pages, gathered_pages, overview_pages, pages

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
    path("city/<str:city>/overview/", overview_pages.index, name="overviews"),
    path("city/<str:city>/overview/begin/", overview_pages.begin, name="begin_overview"),
    path("city/<str:city>/gathered/platform/categories/", gathered_pages.platform_categories, name="categories"),
    path("city/<str:city>/gathered/media/new/", gathered_pages.mention, name="new_mention"),
    path("city/<str:city>/gathered/media/<int:number>/", gathered_pages.mention, name="mention"),
    path("city/<str:city>/gathered/<str:name>/", gathered_pages.index, name="gathered"),
    path("city/<str:city>/gathered/<str:name>/load/", gathered_pages.load, name="load"),
    path("city/<str:city>/gathered/<str:name>/remove/", gathered_pages.remove, name="remove_gathered"),
    path("overview/<int:number>/", overview_pages.overview, name="overview"),
    path("overview/<int:number>.<str:form>", overview_pages.paper, name="overview_paper"),
    path("overview/<int:number>/close/", overview_pages.close, name="close_overview"),
    path("overview/<int:number>/experts/", overview_pages.experts, name="experts"),
    path("overview/<int:number>/statement/", overview_pages.statement, name="new_statement"),
    path("overview/<int:of>/statement/<int:number>/", overview_pages.statement, name="statement"),
    path("statement/<int:number>/remove/", overview_pages.remove_statement, name="remove_statement"),
    path("statement/<int:number>/rests-on/", overview_pages.rest, name="rest"),
    path("evidence/<int:number>/", overview_pages.file, name="evidence_file"),
    path("evidence/<int:number>/remove/", overview_pages.remove_evidence, name="remove_evidence"),
    path("meeting/<int:number>/", pages.meeting, name="meeting"),
    path("meeting/<int:number>/edit/", pages.edit_meeting, name="edit_meeting"),
    path("meeting/<int:number>/sign/", pages.sign, name="sign"),
    path("meeting/<int:number>/sign-electronically/", pages.sign_electronically, name="sign_electronically"),
    path("meeting/<int:number>/protocol.<str:form>", pages.paper, name="protocol"),
    path("meeting/<int:number>/point/", pages.point, name="new_point"),
    path("meeting/<int:meeting>/point/<int:number>/", pages.point, name="point"),
    path("meeting/<int:meeting>/point/<int:number>/remove/", pages.remove_point, name="remove_point"),
]
