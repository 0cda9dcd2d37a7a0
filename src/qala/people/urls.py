"""Addresses below `/account/`, besides allauth's own."""

from django.urls import path

from qala.people import audit_pages, pages, people_pages

app_name = "people"
urlpatterns = [
    path("", pages.account, name="account"),
    path("tokens/", pages.own_tokens, name="tokens"),
    path("tokens/<int:number>/revoke/", pages.revoke_token, name="revoke_token"),
    path("sessions/<int:number>/end/", pages.end_session, name="end_session"),
    path("invited/<str:number>/<str:key>/", pages.invited, name="invited"),
    path("people/", people_pages.people, name="people"),
    path("people/invite/", people_pages.invite, name="invite"),
    path("people/<int:number>/", people_pages.person, name="person"),
    path("people/<int:number>/<slug:verb>/", people_pages.do, name="do"),
    path("roles/<int:number>/take/", people_pages.take_role, name="take_role"),
    path("organisations/", people_pages.organisations, name="organisations"),
    path("organisations/new/", people_pages.organisation, name="new_organisation"),
    path("organisations/<int:number>/", people_pages.organisation, name="organisation"),
    path("audit/", audit_pages.log, name="audit"),
]
