"""What was done, in the reader's words. Parts name their own verbs; one that is not here is shown as it is written."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

_NAMES = {
    "accept_invitation": _("accepted an invitation"),
    "account_connected": _("connected a provider of sign-in"),
    "account_disconnected": _("disconnected a provider of sign-in"),
    "activate": _("opened an account again"),
    "add": _("added an entry"),
    "add_agreement": _("registered a data-sharing agreement"),
    "add_organisation": _("added an organisation"),
    "change": _("changed an entry"),
    "change_source": _("changed a source of data"),
    "add_passport": _("registered an integration passport"),
    "change_agreement": _("changed a data-sharing agreement"),
    "change_passport": _("changed an integration passport"),
    "change_organisation": _("changed an organisation"),
    "add_digital_object": _("entered a digital object"),
    "change_digital_object": _("changed a digital object"),
    "remove_digital_object": _("took a digital object off the register"),
    "add_working_group": _("set a working group up"),
    "change_working_group": _("changed a working group"),
    "dissolve_working_group": _("dissolved a working group"),
    "add_member": _("added a member of a working group"),
    "change_member": _("changed a member of a working group"),
    "add_meeting": _("called a meeting of a working group"),
    "change_meeting": _("changed a meeting of a working group"),
    "add_agenda_point": _("put a point onto an agenda"),
    "change_agenda_point": _("changed a point of an agenda"),
    "sign_protocol": _("signed a protocol"),
    "begin_roadmap": _("began a roadmap"),
    "submit_roadmap": _("submitted a roadmap"),
    "agree_roadmap": _("agreed a roadmap"),
    "refuse_roadmap": _("returned a roadmap with remarks"),
    "approve_roadmap": _("approved a roadmap"),
    "publish_site_roadmap": _("published a roadmap on the akimat's site"),
    "publish_system_roadmap": _("published a roadmap in the project management system"),
    "amend_roadmap": _("began an amendment of a roadmap"),
    "begin_strategy": _("began a strategy"),
    "write_section": _("wrote a section of a strategy"),
    "mark_section": _("marked a section of a strategy"),
    "submit_strategy": _("submitted a strategy"),
    "agree_strategy": _("agreed a strategy"),
    "refuse_strategy": _("returned a strategy with remarks"),
    "approve_strategy": _("approved a strategy"),
    "publish_site_strategy": _("published a strategy on the akimat's site"),
    "publish_system_strategy": _("published a strategy in the project management system"),
    "amend_strategy": _("began an amendment of a strategy"),
    "change_user": _("changed a person's particulars"),
    "compute": _("computed the rating"),
    "create_token": _("made a token"),
    "deactivate": _("closed an account"),
    "delete": _("deleted an entry"),
    "email_changed": _("changed the email"),
    "email_confirm": _("confirmed an email"),
    "email_deleted": _("removed an email"),
    "drop_rows": _("gave up refused rows"),
    "end_session": _("ended a session"),
    "forget_secret": _("removed a secret of a source's settings"),
    "give_role": _("gave a role"),
    "invite": _("invited a person"),
    "note_incident": _("took note of an incident"),
    "issue_credential": _("issued a credential of a source"),
    "keep_secret": _("put down a secret of a source's settings"),
    "pause_source": _("paused a source of data"),
    "password_changed": _("changed the password"),
    "password_reset": _("reset the password"),
    "password_set": _("set a password"),
    "publish": _("published the rating"),
    "read_personal": _("read personal data"),
    "recovery_codes_generated": _("made recovery codes"),
    "register_source": _("registered a source of data"),
    "remove_agreement": _("removed a data-sharing agreement"),
    "remove_passport": _("removed an integration passport"),
    "remove_source": _("removed a source of data"),
    "reopen_rows": _("took back what became of refused rows"),
    "replay_rows": _("sent refused rows again"),
    "reset_second_factor": _("removed a second factor"),
    "resume_source": _("resumed a source of data"),
    "revoke_credential": _("revoked a credential of a source"),
    "revoke_token": _("revoked a token"),
    "second_factor_failed": _("gave a wrong second factor"),
    "sign_in": _("signed in"),
    "sign_in_failed": _("failed to sign in"),
    "sign_in_refused": _("was refused at sign-in"),
    "sign_out": _("signed out"),
    "take_role": _("took a role"),
    "totp_activated": _("set up a second factor"),
    "totp_deactivated": _("switched the second factor off"),
    "use_token": _("used a token"),
}


def verb_name(verb: str) -> str:
    """The words for a verb of the audit log."""
    return str(_NAMES.get(verb, verb))


_WAYS = {"command": _("a command"), "session": _("the site")}


def way_name(through: str) -> str:
    """The words for the way by which something was done; a token is named by its beginning."""
    return str(_WAYS.get(through, through))
