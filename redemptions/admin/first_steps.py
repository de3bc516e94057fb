"""What a new project is led through on its home page, until it is under way."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from promo.admin.visit import Visit, visit
from promo.tenancy.services.first_steps import hide_first_steps, hides_first_steps
from redemptions.services.first_steps import FirstSteps, first_steps


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: what it is good for, where it is done, and whether it is."""

    title: str
    about: str
    button: str
    link: str
    is_done: bool


def steps_for(seen: Visit) -> list[Step]:
    """Return the steps that a person may take in the chosen project.

    None once the project has redeemed something, or for who has put them away.
    """
    if seen.project is None or seen.user is None:
        return []
    if hides_first_steps(seen.user, seen.project):
        return []
    done = first_steps(seen.project)
    if done.redemption:
        return []
    return [step for permission, step in _steps(done) if seen.may_ask(permission)]


def _steps(done: FirstSteps) -> list[tuple[str, Step]]:
    return [
        (
            "campaigns.create",
            Step(
                "Build a campaign",
                "What it takes off, for whom, until when. Its codes are made for you.",
                "Build a campaign",
                reverse("campaign-builder"),
                done.campaign,
            ),
        ),
        (
            "customers.modify",
            Step(
                "Bring in products or customers",
                "Only for rules about them: a file will do, or the shop's first order.",
                "Import a file",
                reverse("imports"),
                done.people_or_products,
            ),
        ),
        (
            "api_keys.modify",
            Step(
                "Connect the shop",
                "Its checkout calls Promo with a key; done with the first call.",
                "Make a key",
                reverse("admin:tenancy_apikey_changelist"),
                done.key,
            ),
        ),
        (
            "redemptions.redeem",
            Step(
                "Redeem a code once",
                "By hand, as a shop assistant would; it can be undone.",
                "Redeem a code",
                reverse("redeem-by-hand"),
                done.redemption,
            ),
        ),
    ]


@require_POST
def put_away(request: HttpRequest) -> HttpResponseBase:
    """Show the first steps of the chosen project to this person no more."""
    seen = visit(request)
    if seen.user is not None and seen.project is not None:
        hide_first_steps(seen.user, seen.project)
    return HttpResponseRedirect(reverse("admin:index"))
