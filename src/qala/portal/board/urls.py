from django.urls import path

from qala.portal.board import pages

app_name = "board"
urlpatterns = [
    path("", pages.boards, name="list"),
    path("<str:name>/", pages.board, name="board"),
]
