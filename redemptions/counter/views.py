"""A code found, what it would do, redeemed once, and undone."""

import json
import secrets
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from campaigns.admin.state import TONES, state_in_words
from campaigns.admin.worth import voucher_in_words
from campaigns.models import Voucher
from campaigns.services.states import voucher_state
from promo.admin.forms import in_words
from promo.admin.visit import Visit, project_of, visit
from promo.api import idempotency
from promo.errors import PromoError
from promo.tenancy.models import Project
from redemptions.counter.decided import Decided, decided, figures, may_undo
from redemptions.counter.form import PurchaseForm, UndoForm
from redemptions.models import Redemption
from redemptions.models.redemption import Kind, Result, Status
from redemptions.services.redeem import redeem
from redemptions.services.rehearse import rehearse
from redemptions.services.roll_back import roll_back_redemption
from redemptions.services.rollback_checks import RollbackRequest

_OK = 200


def redeem_by_hand(request: HttpRequest) -> HttpResponseBase:
    """Show the code that the query names; after a POST what it does, or do it."""
    seen, project = _visitor(request)
    code = request.GET.get("code", "").strip()
    voucher = _find(project, code, seen) if code else None
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Redeem",
        "code": code,
        "voucher": voucher,
        "unknown": bool(code) and voucher is None,
    }
    if voucher is not None:
        data = request.POST if request.method == "POST" else None
        drawn = {"token": secrets.token_urlsafe(16)}
        form = PurchaseForm(data, voucher=voucher, initial=drawn)
        if data is not None and form.is_valid():
            done = _answer(request, form, project, context)
            if done is not None:
                return done
        context |= {
            "form": form,
            "gives": voucher_in_words(voucher),
            "stands": state_in_words(voucher),
            "tone": TONES[getattr(voucher, "state", "")] or "plain",
        }
    return TemplateResponse(request, "admin/redeem.html", context)


def redeemed_by_hand(request: HttpRequest, redemption_id: str) -> HttpResponseBase:
    """Show what a redemption came to; after a POST it is undone."""
    seen, project = _visitor(request)
    rows = project.redemptions.redemptions().succeeded().by_reference(redemption_id)
    row = rows.with_related().first()
    if row is None or not row.voucher_code:
        msg = "No such redemption"
        raise Http404(msg)
    row.project = project
    offered = may_undo(seen, row)
    form = UndoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not offered and row.status != Status.ROLLED_BACK:
            raise PermissionDenied
        if offered and form.is_valid() and _undo(form, project, row, seen):
            return HttpResponseRedirect(request.path)
        if not offered:
            return HttpResponseRedirect(request.path)
    context = {
        **admin.site.each_context(request),
        "title": "Redeemed" if row.status == Status.SUCCEEDED else "Undone",
        "row": row,
        "undone": row.status == Status.ROLLED_BACK,
        "figures": figures(row),
        "offered": offered,
        "form": form,
        "why": _why_undone(row),
    }
    return TemplateResponse(request, "admin/redeemed.html", context)


def _visitor(request: HttpRequest) -> tuple[Visit, Project]:
    seen = visit(request)
    if seen.project is None or not seen.may("redemptions.redeem"):
        raise PermissionDenied
    return seen, project_of(request)


def _find(project: Project, code: str, seen: Visit) -> Voucher | None:
    rows = project.vouchers.by_codes([code]).annotate(state=voucher_state(seen.now))
    found = rows.select_related("campaign", "holder").first()
    if found is not None:
        found.project = project
    return found


def _answer(
    request: HttpRequest, form: PurchaseForm, project: Project, context: dict[str, Any]
) -> HttpResponseBase | None:
    """Redeem, or put what redeeming would do into ``context``."""
    try:
        if request.POST.get("do") == "redeem":
            return _redeem(request, form, project)
        tried = rehearse(project=project, request=form.request, now=visit(request).now)
    except idempotency.KeyConflict:
        context["note"] = (
            "This page has been used already. Press Redeem once more to see what "
            "came of it, or begin anew with the next code."
        )
    except PromoError as refused:
        context["decided"] = Decided(
            accepted=False,
            headline="Nothing was redeemed",
            reasons=(in_words(refused),),
        )
        tell = _explained(form, project, visit(request))
        if tell is not None:
            context["decided"] = tell
    else:
        context["decided"] = decided(tried.decision, project)
    return None


def _explained(form: PurchaseForm, project: Project, seen: Visit) -> Decided | None:
    """Return a refusal with its rules in words, where deciding anew refuses too."""
    try:
        tried = rehearse(project=project, request=form.request, now=seen.now)
    except PromoError:
        return None
    if tried.decision.valid:
        return None
    told = decided(tried.decision, project)
    return Decided(
        accepted=False, headline="Nothing was redeemed", reasons=told.reasons
    )


def _redeem(
    request: HttpRequest, form: PurchaseForm, project: Project
) -> HttpResponseBase:
    """Redeem once for a token, however often it is sent.

    Raises:
        PromoError: it is refused; nothing has moved and the token is free again.
    """
    seen, sent = visit(request), form.request
    body = json.dumps([sent.customer, sent.order, repr(sent.redeemables)], default=str)
    try:
        claim = idempotency.begin(
            project=project,
            key=f"{seen.user.pk if seen.user else ''} {form.cleaned_data['token']}",
            path=request.get_full_path(),
            body=body.encode(),
            now=seen.now,
        )
    except idempotency.Replay as done:
        return _led_to(str((done.answer.body or {}).get("id")))
    try:
        made = redeem(project=project, request=sent, now=seen.now)
    except BaseException:
        idempotency.release(claim)
        raise
    shown = made.rows[0].shown_id
    idempotency.finish(claim, status=_OK, body=json.dumps({"id": shown}).encode())
    return _led_to(shown)


def _led_to(shown: str) -> HttpResponseBase:
    return HttpResponseRedirect(reverse("redeemed-by-hand", args=(shown,)))


def _undo(form: UndoForm, project: Project, row: Redemption, seen: Visit) -> bool:
    try:
        roll_back_redemption(
            project=project,
            reference=row.shown_id,
            request=RollbackRequest(reason=form.cleaned_data["reason"]),
            stacked=True,
            now=seen.now,
        )
    except PromoError as refused:
        form.add_error(None, in_words(refused))
        return False
    return True


def _why_undone(row: Redemption) -> str:
    if row.status != Status.ROLLED_BACK:
        return ""
    undoing = row.rollbacks.filter(object=Kind.ROLLBACK, result=Result.SUCCESS)
    found = undoing.values_list("reason", flat=True).first()
    return found or ""
