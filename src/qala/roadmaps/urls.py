"""Addresses of roadmaps."""

from django.urls import path

from qala.roadmaps import budget_pages, case_pages, first_pages, message_pages, monitoring_pages, pages, paper_pages

app_name = "roadmaps"
urlpatterns = [
    path("", pages.index, name="index"),
    path("begin/", pages.begin, name="begin"),
    path("<int:number>/", pages.roadmap, name="roadmap"),
    path("<int:number>/step/", pages.step, name="step"),
    path("<int:number>/sign/", paper_pages.sign, name="sign"),
    path("<int:number>/file/<str:form>/", paper_pages.file, name="file"),
    path("<int:number>/action/new/", pages.edit, name="new_action"),
    path("<int:number>/load/", pages.load, name="load"),
    path("<int:number>/first/", first_pages.ask, name="first"),
    path("<int:number>/monitoring/", monitoring_pages.monitoring, name="monitoring"),
    path("owners/<str:city>/", monitoring_pages.owners, name="owners"),
    path("owners/<str:city>/give/", monitoring_pages.give_owner, name="give_owner"),
    path("first/<int:number>/", first_pages.chosen, name="chosen"),
    path("first/<int:number>/apply/", first_pages.apply, name="apply_first"),
    path("<int:number>/budget/", budget_pages.budget, name="budget"),
    path("<int:number>/budget/<str:form>/", budget_pages.budget_file, name="budget_file"),
    path("<int:number>/messages/", message_pages.messages_of, name="messages"),
    path("<int:number>/messages/new/", message_pages.edit, name="new_message"),
    path("message/<int:message>/", message_pages.edit, name="message"),
    path("message/<int:message>/remove/", message_pages.remove, name="remove_message"),
    path("action/<int:action>/case/", case_pages.case, name="case"),
    path("action/<int:action>/case/<str:form>/", case_pages.case_file, name="case_file"),
    path("action/<int:action>/", pages.edit, name="action"),
    path("action/<int:action>/gate/", pages.keep_gate, name="gate"),
    path("action/<int:action>/progress/", pages.progress, name="progress"),
    path("action/<int:action>/remove/", pages.remove, name="remove_action"),
]
