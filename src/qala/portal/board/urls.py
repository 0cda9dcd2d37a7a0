"""Addresses of `portal.board`."""

from django.urls import path

from qala.portal.board import pages

app_name = "board"
urlpatterns = [
    path("", pages.boards, name="list"),
    path("<str:code>/new/", pages.new, name="new"),
    path("<str:code>/alarm/", pages.note_alarm, name="note_alarm"),
    path("<str:code>/<slug:name>/", pages.board, name="board"),
    path("<str:code>/<slug:name>/edit/", pages.edit, name="edit"),
    path("<str:code>/<slug:name>/publish/", pages.publish, name="publish"),
    path("<str:code>/<slug:name>/withdraw/", pages.withdraw, name="withdraw"),
    path("<str:code>/<slug:name>/restore/", pages.restore, name="restore"),
    path("<str:code>/<slug:name>/archive/", pages.archive, name="archive"),
    path("<str:code>/<slug:name>/back/", pages.bring_back, name="bring_back"),
    path("<str:code>/<slug:name>/items/<slug:item>/", pages.item, name="item"),
]
