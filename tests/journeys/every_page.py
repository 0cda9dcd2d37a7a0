"""Every page of the site: the name of its address -> who reads it, and where.

A test compares this with the addresses that there are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """One page to look at.

    Attributes:
        path: after the language; words in braces are filled in from what `furnish.py` tells.
        reader: who looks: nobody signed in, a role of the demo, or `keeper`, who has a second factor and has just signed in.
        status: what it answers.
    """

    path: str
    reader: str = ""
    status: int = 200


PAGES: dict[str, list[Page]] = {
    "scores:front": [Page("")],
    "scores:rating": [Page("rating/?category={category}"), Page("rating/?year=2020")],
    "scores:how_sure": [
        Page("rating/how-sure/?category={category}"),
        Page("rating/how-sure/?category={category}", "ministry"),
    ],
    "scores:region": [Page("region/{region}/")],
    "scores:city": [Page("city/{city}/"), Page("city/{city}/?all=1")],
    "scores:compare": [Page("compare/")],
    "kpi:section": [Page("city/{city}/section/governance/")],
    "kpi:initiative": [Page("city/{city}/initiative/2/")],
    "kpi:kpi": [Page("city/{city}/kpi/2.2/"), Page("city/{city}/kpi/2.2/?grain=month", "analyst")],
    "kpi:rows": [Page("city/{city}/kpi/2.2/rows/", "analyst")],
    "kpi:places": [Page("city/{city}/kpi/2.2/places/", "analyst")],
    "map:map": [Page("map/"), Page("map/?city={city}"), Page("map/?city={city}&layers=stops,appeals", "analyst")],
    "map:layers": [Page("map/layers/"), Page("map/layers/?city={city}", "analyst")],
    "map:new_layer": [Page("map/layers/new/?city={city}", "analyst")],
    "map:own": [Page("map/layers/{layer}/"), Page("map/layers/{layer}/", "analyst")],
    "map:about": [Page("map/layers/{layer}/about/", "analyst")],
    "map:style": [Page("map/layers/{layer}/style/", "analyst")],
    "map:upload": [Page("map/layers/{layer}/upload/", "analyst")],
    "map:history": [Page("map/layers/{layer}/history/", "analyst")],
    "map:new_object": [Page("map/layers/{layer}/objects/new/", "analyst")],
    "map:own_object": [Page("map/layers/{layer}/objects/{key}/")],
    "map:edit_object": [Page("map/layers/{layer}/objects/{key}/edit/", "analyst")],
    "map:object": [Page("map/{city}/stops/{stop}/")],
    "access:index": [Page("access/")],
    "access:city": [Page("access/{city}/")],
    "board:list": [Page("board/"), Page("board/?city={city}", "analyst")],
    "board:new": [Page("board/{city}/new/", "analyst")],
    "board:board": [
        Page("board/{city}/overview/"),
        Page("board/{city}/networks/"),
        Page("board/{city}/overview/?wall=1"),
        Page("board/{city}/own/", "analyst"),
    ],
    "board:edit": [Page("board/{city}/own/edit/", "analyst")],
    "order:index": [Page("order/")],
    "order:search": [Page("order/search/?q=жол")],
    "order:initiative": [Page("order/initiative/2/")],
    "order:functions": [Page("order/function/")],
    "order:function": [Page("order/function/2/1/")],
    "order:kpis": [Page("order/kpi/")],
    "order:kpi": [Page("order/kpi/2.3/")],
    "order:readings": [Page("order/reading/")],
    "order:reading": [Page("order/reading/R1/")],
    "order:terms": [Page("order/term/")],
    "order:term": [Page("order/term/repeat_within/")],
    "order:slips": [Page("order/slips/")],
    "order:procedure": [Page("order/item/")],
    "order:item": [Page("order/item/11/")],
    "order:roadmap": [Page("order/roadmap/")],
    "order:scoring": [Page("order/scoring/")],
    "order:crosswalk": [Page("order/crosswalk/")],
    "order:glossary": [Page("order/glossary/")],
    "order:international": [Page("order/international/")],
    "order:maturity": [Page("order/maturity/")],
    "order:dimension": [Page("order/maturity/data/")],
    "order:compare": [Page("order/compare/")],
    "ratings:runs": [Page("runs/"), Page("runs/", "ministry")],
    "ratings:work": [Page("runs/work/{work}/", "ministry")],
    "ratings:run": [Page("runs/{run}/"), Page("runs/{run}/", "ministry")],
    "ratings:publish": [Page("runs/{run}/{category}/publish/", "ministry")],
    "ratings:changes": [Page("runs/{run}/{category}/changes/")],
    "maturity:library": [Page("maturity/")],
    "maturity:city": [Page("maturity/{own}/"), Page("maturity/{own}/", "digital-department")],
    "maturity:new": [Page("maturity/{own}/new/", "digital-department")],
    "maturity:assessment": [
        Page("maturity/{own}/{assessment}/"),
        Page("maturity/{own}/{assessment}/", "digital-department"),
    ],
    "surveys:begin": [Page("survey/a/{link}/"), Page("survey/a/none/", status=404)],
    "surveys:page": [Page("survey/a/{link}/strategy/"), Page("survey/a/{link}/needs/")],
    "surveys:send": [Page("survey/a/{link}/send/")],
    "surveys:manage": [Page("survey/{survey}/", "digital-department")],
    "data:sources": [Page("data/"), Page("data/?city={city}", "analyst")],
    "data:what_to_send": [Page("data/what-to-send/")],
    "data:ledger": [Page("data/ledger/?city={city}", "analyst")],
    "data:receipt": [Page("data/ledger/{receipt}/", "analyst")],
    "data:quarantine": [Page("data/quarantine/?city={city}", "analyst")],
    "data:datasets": [Page("data/datasets/")],
    "data:dataset": [Page("data/dataset/contact_centre.appeals/?city={city}", "analyst")],
    "data:counts": [Page("data/dataset/contact_centre.appeals/counts/?city={city}")],
    "data:series": [
        Page("data/dataset/situation_centre.air_readings/series/?city={city}", "analyst"),
        Page(
            "data/dataset/situation_centre.air_readings/series/?city={city}&of.station={station}&of.pollutant=pm10",
            "analyst",
        ),
    ],
    "intake:sources": [Page("intake/", "data-source"), Page("intake/?state=silent", "digital-department")],
    "intake:register": [Page("intake/register/?city={own}", "digital-department")],
    "intake:source": [
        Page("intake/source/{source}/", "digital-department"),
        Page("intake/source/{source}/", "analyst"),
    ],
    "intake:change": [Page("intake/source/{source}/change/", "digital-department")],
    "intake:quarantine": [Page("intake/quarantine/?city={city}", "analyst"), Page("intake/quarantine/", "data-source")],
    "intake:incidents": [Page("intake/incidents/?state=all", "digital-department")],
    "intake:calendar": [Page("intake/calendar/?city={city}")],
    "intake:region_calendar": [Page("intake/calendar/region/{region}/")],
    "intake:papers": [
        Page("intake/register/agreements/", "digital-department"),
        Page("intake/register/passports/", "analyst"),
    ],
    "intake:new_paper": [Page("intake/register/agreements/new/", "digital-department")],
    "status:status": [Page("status/")],
    "ui:components": [Page("ui/")],
    "people:account": [Page("account/", "analyst")],
    "people:tokens": [Page("account/tokens/", "analyst")],
    "people:invited": [Page("account/{invitation}"), Page("account/invited/MTA/none/", status=410)],
    "people:people": [Page("account/people/", "administrator")],
    "people:invite": [Page("account/people/invite/", "administrator")],
    "people:person": [Page("account/people/{person}/", "administrator")],
    "people:organisations": [Page("account/organisations/", "administrator")],
    "people:new_organisation": [Page("account/organisations/new/", "administrator")],
    "people:organisation": [Page("account/organisations/{organisation}/", "administrator")],
    "people:audit": [Page("account/audit/", "auditor")],
    "account_login": [Page("account/login/")],
    "account_logout": [Page("account/logout/", "analyst")],
    "account_inactive": [Page("account/inactive/")],
    "account_signup": [Page("account/signup/")],
    "account_reauthenticate": [Page("account/reauthenticate/", "analyst")],
    "account_email": [Page("account/email/", "keeper")],
    "account_email_verification_sent": [Page("account/confirm-email/")],
    "account_confirm_email": [Page("account/confirm-email/none/")],
    "account_change_password": [Page("account/password/change/", "keeper")],
    "account_reset_password": [Page("account/password/reset/")],
    "account_reset_password_done": [Page("account/password/reset/done/")],
    "account_reset_password_from_key": [
        Page("account/password/reset/key/{reset}/"),
        Page("account/password/reset/key/1-none/"),
    ],
    "account_reset_password_from_key_done": [Page("account/password/reset/key/done/")],
    "mfa_index": [Page("account/2fa/", "keeper")],
    "mfa_activate_totp": [Page("account/2fa/totp/activate/", "analyst")],
    "mfa_deactivate_totp": [Page("account/2fa/totp/deactivate/", "keeper")],
    "mfa_view_recovery_codes": [Page("account/2fa/recovery-codes/", "keeper")],
    "mfa_generate_recovery_codes": [Page("account/2fa/recovery-codes/generate/", "keeper")],
    "mfa_reauthenticate": [Page("account/2fa/reauthenticate/", "keeper")],
    "socialaccount_login_cancelled": [Page("account/3rdparty/login/cancelled/")],
    "socialaccount_login_error": [Page("account/3rdparty/login/error/", status=401)],
    "socialaccount_connections": [Page("account/3rdparty/", "keeper")],
    "usersessions_list": [Page("account/sessions/", "keeper")],
}

ELSEWHERE = {
    "mfa_authenticate": "a step of signing in with a second factor, which the keeper goes through",
    "account_confirm_login_code": "signing in by a mailed code is not offered",
    "account_set_password": "leads on whoever has a password",
    "socialaccount_signup": "a step of coming by a provider: tests/people/test_open_id_connect.py",
    "openid_connect_login": "the same",
    "openid_connect_callback": "the same",
    "scores:sheet": "a file",
    "surveys:template": "a file",
    "surveys:links": "a file",
    "maturity:of_survey": "leads on",
    "data:dictionary": "a file",
    "data:catalogue": "a file",
    "data:template": "a file",
    "data:download": "a file",
    "mfa_download_recovery_codes": "a file",
    "map:search": "for scripts",
    "map:values": "for scripts",
    "board:item": "a part of a board, for scripts",
    "intake:try": "a part of the form, for scripts",
    "intake:row": "a row of a test's own: tests/portal/test_quarantine_browser.py",
    "intake:replaying": "the same",
    "intake:paper": "a paper of a test's own: tests/portal/test_calendar.py",
    "intake:edit_paper": "the same",
    "scores:outlines": "for scripts",
    **dict.fromkeys(
        (
            "people:revoke_token", "people:end_session", "people:do", "people:take_role", "map:state", "map:restore",
            "map:delete_object", "board:note_alarm", "board:publish", "board:withdraw", "board:restore", "board:archive",
            "board:bring_back", "ratings:compute", "ratings:verify", "intake:issue", "intake:revoke", "intake:do",
            "intake:replay_all", "intake:note", "intake:secret", "intake:remove_paper", "surveys:do", "maturity:publish",
        ),
        "takes a form and leads on",
    ),
}  # fmt: skip
"""Addresses below a language at which there is no page of their own to look at, and why."""
