from django.urls import path

from qala.portal.order import pages

app_name = "order"
urlpatterns = [
    path("", pages.index, name="index"),
    path("kpi/<str:row>/", pages.kpi, name="kpi"),
    path("initiative/<int:number>/", pages.initiative, name="initiative"),
]
