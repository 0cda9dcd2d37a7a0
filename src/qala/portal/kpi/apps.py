"""`portal.kpi` as a Django app."""

from django.apps import AppConfig


class PortalApp(AppConfig):
    """Screens: section, initiative, KPI, and the rows behind a number."""

    name = "qala.portal.kpi"
    label = "portal_kpi"
