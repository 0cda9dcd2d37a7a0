"""What is done to surveys. What a manager does is written into the audit log; what a respondent does never is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from qala.kits.surveys.links import path_of
from qala.kits.surveys.models import Evidence, Group, Invitation, Remark, Response, Survey
from qala.kits.surveys.questionnaire import Page, Questionnaire, as_json, wrong
from qala.people import audit, letters
from qala.people.models import User
from qala.standard.problems import Problem
from qala.standard.values import LANGUAGES

LONGEST_REMARK = 2000
LARGEST_FILE = 10 * 1024 * 1024
FILES_PER_INVITATION = 20
MOST_LINKS = 500
ENDINGS = (".pdf", ".docx", ".xlsx", ".png", ".jpg", ".jpeg", ".txt", ".csv")


@transaction.atomic
def create(by: HttpRequest | None, city: str, kind: str, part: str, asks: Questionnaire, smallest_group: int) -> Survey:
    """A survey as a draft."""
    made = Survey.objects.create(
        city=city, kind=kind, part=part, title=asks.title.model_dump(), questionnaire=as_json(asks),
        smallest_group=smallest_group, made_by=by.user if by and isinstance(by.user, User) else None,
    )  # fmt: skip
    audit.wrote(by, "create_survey", made, after={"kind": kind, "part": part})
    return made


@transaction.atomic
def add_groups(by: HttpRequest | None, survey: Survey, named: Iterable[Mapping[str, Any]]) -> list[Group]:
    """Add groups: `{"names": {kk, ru, en}, "traits": {…}}`; a name that is there is not added again.

    Raises:
        Problem: the survey is over.
    """
    _not_over(survey)
    last = survey.groups.aggregate(last=Max("number"))["last"] or 0
    there = {one.names["kk"] for one in survey.groups.all()}
    made = []
    for one in named:
        if one["names"]["kk"] in there:
            continue
        there.add(one["names"]["kk"])
        last += 1
        made.append(Group.objects.create(survey=survey, number=last, names=one["names"], traits=one.get("traits", {})))
    audit.wrote(by, "add_survey_groups", survey, after={"groups": len(made)})
    return made


@transaction.atomic
def open_survey(request: HttpRequest | None, survey: Survey, closes_on: date | None) -> None:
    """Let people answer until a day.

    Raises:
        Problem: there is no group, it was opened before, or the day is over.
    """
    if survey.state != "draft":
        raise Problem(_("The survey has been opened already."))
    if not survey.groups.exists():
        raise Problem(_("There is no department yet."), hint=_("Add the departments that are asked first."))
    if closes_on is not None and closes_on < timezone.localdate():
        raise Problem(_("The last day is over already."), hint=_("Choose a later day."))
    survey.opened_at, survey.closes_on = timezone.now(), closes_on
    survey.site = request.build_absolute_uri("/").rstrip("/") if request else ""
    survey.save(update_fields=["opened_at", "closes_on", "site"])
    audit.wrote(request, "open_survey", survey, after={"closes_on": closes_on and closes_on.isoformat()})


@transaction.atomic
def close(by: HttpRequest | None, survey: Survey) -> None:
    """End it: no link opens it any more, and what was begun and not sent is forgotten."""
    if survey.closed_at is not None:
        return
    survey.closed_at = timezone.now()
    survey.save(update_fields=["closed_at"])
    for one in Evidence.objects.filter(invitation__survey=survey):
        one.file.delete(save=False)
        one.delete()
    survey.invitations.filter(done=False).update(draft={})
    audit.wrote(by, "close_survey", survey, after={"responses": survey.responses.count()})


@transaction.atomic
def invite(
    request: HttpRequest | None,
    survey: Survey,
    group: Group,
    role: str,
    language: str,
    *,
    emails: Sequence[str] = (),
    links: int = 0,
) -> list[Invitation]:
    """Make a link for each address (who is invited already is left out) and so many more to hand over.

    Raises:
        Problem: the survey is over, a role or language is unknown, an address is none, or there are too many.
    """
    _not_over(survey)
    if role not in survey.asks.roles or language not in LANGUAGES or not 0 <= links <= MOST_LINKS:
        raise Problem(
            _("Choose a role, a language and up to %(most)s links.") % {"most": MOST_LINKS}, where=survey.title["en"]
        )
    wanted = list(dict.fromkeys(one.strip().lower() for one in emails if one.strip()))
    for address in wanted:
        try:
            validate_email(address)
        except ValidationError:
            raise Problem(_("“%(said)s” is no address.") % {"said": address}, hint=_("One address a line.")) from None
    known = set(survey.invitations.filter(email__in=wanted).values_list("email", flat=True))
    made = [
        Invitation(survey=survey, group=group, role=role, language=language, email=address)
        for address in (*(one for one in wanted if one not in known), *[""] * links)
    ]
    Invitation.objects.bulk_create(made)
    audit.wrote(request, "invite_to_survey", survey, after={"group": group.number, "role": role, "links": len(made)})
    if survey.state == "open":
        send([one for one in made if one.email])
    return made


def send(invitations: Iterable[Invitation]) -> int:
    """Mail links to who has not answered; gives how many were mailed.

    Raises:
        Unsent: a letter did not go out; who was mailed before it is remembered, the others are still to be mailed.
    """
    sent = 0
    for one in invitations:
        if not one.email or one.done:
            continue
        told = {
            "survey": one.survey,
            "again": one.mailed_at is not None,
            "link": (one.survey.site or "") + path_of(one),
            "minutes": one.survey.asks.minutes,
        }
        letters.write(one.email, one.language, "surveys/mail/invitation", told)
        one.reminders += one.mailed_at is not None
        one.mailed_at = timezone.now()
        one.save(update_fields=["mailed_at", "reminders"])
        sent += 1
    return sent


def remind(request: HttpRequest, survey: Survey) -> int:
    """Mail everybody who has an address and has not answered, now.

    Raises:
        Problem: the survey is not open.
    """
    if survey.state != "open":
        raise Problem(_("Reminders go out while the survey is open."))
    sent = send(survey.invitations.select_related("survey").filter(done=False))
    audit.wrote(request, "remind_of_survey", survey, after={"mailed": sent})
    return sent


# what a respondent does


def keep(invitation: Invitation, page: Page, answers: Mapping[str, str], remarks: Mapping[str, str]) -> dict[str, str]:
    """Keep what stands on a page, as far as it is right; question -> what is wrong. An empty answer takes one back.

    Raises:
        Problem: the survey is over, or this link has answered.
    """
    with transaction.atomic():
        mine = Invitation.objects.select_for_update().select_related("survey").get(pk=invitation.pk)
        _may_answer(mine)
        found = wrong(page, answers)
        draft = {"answers": dict(mine.draft.get("answers", {})), "remarks": dict(mine.draft.get("remarks", {}))}
        for one in page.questions:
            if one.id in answers and one.id not in found:
                _put(draft["answers"], one.id, answers[one.id])
            if one.remarks and one.id in remarks:
                _put(draft["remarks"], one.id, remarks[one.id].strip()[:LONGEST_REMARK])
        mine.draft, mine.page, mine.opened = draft, page.id, True
        mine.save(update_fields=["draft", "page", "opened"])
    invitation.draft = draft
    return found


def attach(invitation: Invitation, page: Page, question: str, file: UploadedFile[Any]) -> Evidence:
    """Keep a file as evidence for a question.

    Raises:
        Problem: it is too large, of another kind, one too many, or the question takes none.
    """
    _may_answer(invitation)
    name = (file.name or "")[-200:]
    if not any(one.id == question and one.files for one in page.questions):
        raise Problem(_("This question takes no files."))
    if (file.size or 0) > LARGEST_FILE or not name.lower().endswith(ENDINGS):
        raise Problem(
            _("The file “%(name)s” cannot be taken.") % {"name": name},
            hint=_("Up to 10 MB: %(endings)s.") % {"endings": ", ".join(ENDINGS)},
        )
    if invitation.evidence.count() >= FILES_PER_INVITATION:
        raise Problem(_("There are %(most)s files already.") % {"most": FILES_PER_INVITATION})
    return Evidence.objects.create(
        survey=invitation.survey, group=invitation.group, invitation=invitation, question=question,
        name=name, size=file.size or 0, file=file,
    )  # fmt: skip


def detach(invitation: Invitation, number: str) -> None:
    """Take a file away again, before the answers are sent."""
    found = invitation.evidence.filter(pk=number).first() if len(number) in (32, 36) else None
    if found is not None:
        found.file.delete(save=False)
        found.delete()


@transaction.atomic
def submit(invitation: Invitation) -> None:
    """Send the answers: kept without any way back to the invitation.

    Raises:
        Problem: the survey is over, this link has answered, or nothing is answered.
    """
    mine = Invitation.objects.select_for_update().select_related("survey", "group").get(pk=invitation.pk)
    _may_answer(mine)
    answers = mine.draft.get("answers", {})
    if not answers:
        raise Problem(_("Nothing is answered yet."))
    Response.objects.create(survey=mine.survey, group=mine.group, role=mine.role, answers=answers)
    for question, text in mine.draft.get("remarks", {}).items():
        Remark.objects.create(survey=mine.survey, question=question, text=text)
    mine.evidence.update(invitation=None)
    mine.done, mine.draft, mine.page = True, {}, ""
    mine.save(update_fields=["done", "draft", "page"])


@transaction.atomic
def take_in(
    by: HttpRequest | None,
    survey: Survey,
    sha: str,
    name: str,
    rows: Sequence[tuple[Group, str, Mapping[str, str]]],
    way: str = "paper",
) -> int:
    """Keep answers that came on paper: (group, role, answers); gives how many.

    Raises:
        Problem: the survey is over, or this very file was taken in before.
    """
    mine = Survey.objects.select_for_update().get(pk=survey.pk)
    _not_over(mine)
    if any(one["sha"] == sha for one in mine.imported):
        raise Problem(_("The file “%(name)s” was taken in before.") % {"name": name})
    Response.objects.bulk_create(
        Response(survey=mine, group=group, role=role, way=way, answers=dict(answers)) for group, role, answers in rows
    )
    mine.imported = [*mine.imported, {"sha": sha, "name": name, "rows": len(rows)}]
    mine.save(update_fields=["imported"])
    audit.wrote(by, "import_survey_answers", survey, after={"file": name, "rows": len(rows)})
    return len(rows)


def _put(kept: dict[str, str], key: str, value: str) -> None:
    if value:
        kept[key] = value
    else:
        kept.pop(key, None)


def _not_over(survey: Survey) -> None:
    if survey.state == "closed":
        raise Problem(_("The survey is over."))


def _may_answer(invitation: Invitation) -> None:
    if invitation.survey.state != "open":
        raise Problem(_("The survey is not open."))
    if invitation.done:
        raise Problem(_("This link has answered already."), hint=_("Each link answers once."))
