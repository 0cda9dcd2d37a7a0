from django.urls import path

from qala.ui import not_built

app_name = "ui"
urlpatterns = [path("", not_built.not_built, name="components")]
