"""Every address of the site."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def _healthy(_: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


handler500 = "qala.config.told.failed"
urlpatterns = [
    path("healthz", _healthy),
    path("admin/", admin.site.urls),
    path("api/", include("qala.portal.api.urls")),
    path("tiles/", include("qala.portal.map.tile_urls")),
    path("embed/", include("qala.portal.kpi.embed_urls")),
]
urlpatterns += i18n_patterns(
    path("account/", include("qala.people.urls")),
    path("account/", include("allauth.urls")),
    path("ui/", include("qala.ui.urls")),
    path("", include("qala.portal.scores.urls")),
    path("", include("qala.portal.kpi.urls")),
    path("map/", include("qala.portal.map.urls")),
    path("access/", include("qala.portal.access.urls")),
    path("board/", include("qala.portal.board.urls")),
    path("order/", include("qala.portal.order.urls")),
    path("runs/", include("qala.ratings.urls")),
    path("survey/", include("qala.kits.surveys.urls")),
    path("deadlines/", include("qala.kits.deadlines.urls")),
    path("signatures/", include("qala.kits.signatures.urls")),
    path("discussions/", include("qala.kits.hearings.urls")),
    path("maturity/", include("qala.maturity.urls")),
    path("year/", include("qala.rating_year.urls")),
    path("roadmaps/", include("qala.roadmaps.urls")),
    path("groundwork/", include("qala.groundwork.urls")),
    path("inventory/", include("qala.inventory.urls")),
    path("strategies/", include("qala.strategies.urls")),
    path("data/", include("qala.portal.data.urls")),
    path("intake/", include("qala.portal.intake.urls")),
    path("status/", include("qala.portal.status.urls")),
)
# Last, and so what `reverse` finds: a provider of OpenID Connect knows one address to come back to, not one per language.
urlpatterns += [path("account/", include("allauth.socialaccount.providers.openid_connect.urls"))]
