"""Commands of a resource as buttons: a dialog asks, a POST does."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import action as admin_action
from django.contrib.admin.utils import model_ngettext, unquote
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from unfold.decorators import action
from unfold.enums import ActionVariant

from promo.admin.approval import NeedsApproval, asked, page_of
from promo.admin.forms import CommandForm, in_words
from promo.errors import PromoError

Run = Callable[..., HttpResponseBase]


def command(
    name: str,
    *,
    label: str,
    question: str,
    permission: str,
    icon: str,
    form_class: type[CommandForm] = CommandForm,
    variant: Any = ActionVariant.DEFAULT,
) -> Run:
    """Return a detail action that runs ``operations.commands[name]``.

    The fields of ``form_class`` become arguments of the command. ``permission``
    names a ``has_…_permission`` method of the admin.
    """

    def run(
        admin: Any, request: HttpRequest, form: CommandForm, object_id: str
    ) -> HttpResponseBase:
        target = admin.object_or_404(request, object_id)
        values = {k: v for k, v in form.cleaned_data.items() if k[0] != "_"}
        try:
            try:
                done = admin.run_command(request, name, target, values)
            except NeedsApproval as wanted:
                done = page_of(asked(request, wanted))
        except PromoError as refused:
            form.add_error(None, in_words(refused))
            return _ask_again(request, form, run_with_dialog.dialog)  # type: ignore[attr-defined]  # set by unfold
        if isinstance(done, HttpResponseBase):
            return done
        return after(request, done or admin.change_address(target))

    run.__name__ = name
    run_with_dialog: Run = action(
        description=label,
        permissions=[permission],
        icon=icon,
        variant=variant,
        dialog={
            "title": label,
            "description": question,
            "form_class": form_class,
            "form_submit_text": label,
        },
    )(run)

    return _for_own(run_with_dialog)


def _for_own(run: Run) -> Run:
    """Return ``run``, answering 404 for what is not the project's."""

    @wraps(run)
    def guarded(
        admin: Any, request: HttpRequest, object_id: str, *args: Any, **named: Any
    ) -> HttpResponseBase:
        admin.object_or_404(request, object_id)
        return run(admin, request, *args, object_id=object_id, **named)

    return guarded


def for_selected(
    name: str, *, label: str, permission: str, said: str = ""
) -> Callable[..., None]:
    """Return a list action that runs ``operations.commands[name]`` on each row.

    One row's refusal is told and stops no other. ``said`` is what they are afterwards,
    where that is not the name with a ``d``.
    """

    def run(admin: Any, request: HttpRequest, rows: Any) -> None:
        done = 0
        for row in rows:
            try:
                done += _carried_out(admin, request, name, row)
            except PromoError as refused:
                messages.error(request, f"{row}: {in_words(refused)}")
        if done:
            named = model_ngettext(admin.opts, done)
            tell(request, f"{done:,} {named} {said or f'{name}d'}.")

    run.__name__ = f"{name}_selected"
    described: Callable[..., None] = admin_action(
        run, description=label, permissions=[permission]
    )
    return described


def _carried_out(admin: Any, request: HttpRequest, name: str, row: Any) -> bool:
    """Run a command on one row; False where it became a request instead."""
    try:
        admin.carry_out(request, name, row)
    except NeedsApproval as wanted:
        asked(request, wanted)
        return False
    return True


def _ask_again(
    request: HttpRequest, form: CommandForm, dialog: dict[str, Any]
) -> HttpResponse:
    return render(
        request,
        "unfold/helpers/dialog.html",
        {"dialog": dialog, "form": form, "form_submit_text": dialog["title"]},
    )


def after(request: HttpRequest, address: str) -> HttpResponseBase:
    """Return the answer that leads on to ``address``, from a dialog or without."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def tell(request: HttpRequest, text: str) -> None:
    """Show ``text`` on the next page as a success."""
    messages.success(request, text)


def plain_id(object_id: str) -> str:
    """Return the id behind an address: the admin quotes the ``_`` of ids."""
    return unquote(object_id)
