"""A project in which every page of the dashboard has something to show."""

from collections.abc import Mapping

from django.contrib.admin.utils import quote

from campaigns.models import Campaign
from campaigns.services.campaign_draft import create_draft
from promo.admin.pages import AdminPage, example_objects
from promo.approvals.services import ask_for
from promo.call_log.models import ApiCall
from promo.clock import utc_now
from promo.ids import new_id
from promo.jobs.rows.start import draft_row_work
from promo.tenancy.models import Project
from promo.tenancy.permissions import BY_PERSON_ROLE, LIMITABLE
from promo.tenancy.services.invitations import invite_person, link_of
from promo.tenancy.services.people import assign_role, create_person
from promo.tenancy.services.roles import create_role
from promo.tenancy.services.saved_views import save_view
from redemptions.services.budget_watch import put_watch
from redemptions.services.calendar_feed import make_feed
from redemptions.services.scheduled_export import create_schedule
from redemptions.services.scheduled_report import create_report
from tests.factories.consents import ConsentGroupFactory
from tests.factories.tenancy import NOW
from webhooks.models import Delivery
from webhooks.services.bus.letters import keep_letter

#: What no page can be opened of, and why.
UNSEEN: Mapping[str, str] = {
    **{
        f"django_celery_beat.{name}": "the scheduler's own; nobody is given a link"
        for name in (
            *("PeriodicTask", "ClockedSchedule", "CrontabSchedule"),
            *("SolarSchedule", "IntervalSchedule"),
        )
    },
}
_WEEKLY = {"frequency": "WEEKLY", "weekday": 1, "hour": 6}
_STEP = "offer"
_BULK = {"fields": {"what": ["bulk"], "name": ["Autumn"], "kind": ["PERCENT"]}}


def furnish(project: Project, names: Mapping[str, str]) -> dict[str, str]:
    """Add what only the dashboard knows; return what the pages go by.

    ``names`` is what ``inhabit`` has made. Values are by the parameters of addresses;
    ``object_id`` is by the label of a model.
    """
    campaign = project.campaigns.get(pk=names["campaign"])
    drafts = {
        is_template: create_draft(
            project=project,
            owner=None,
            name="Autumn",
            step=_STEP,
            payload=_BULK,
            now=NOW,
            is_template=is_template,
        ).pk
        for is_template in (False, True)
    }
    _make_the_rest(project, campaign)
    rows = b"code,discount type,discount value\nA1,PERCENT,10\n"
    imported = draft_row_work(
        project=project,
        kind="CAMPAIGN.VOUCHERS_IMPORT_CSV",
        arguments={"campaign_id": campaign.pk},
        chunks=[rows],
        now=NOW,
    )
    return {
        **example_objects(project),
        **_of_people(project),
        # A distribution's own has no page.
        "webhooks.Webhook": quote(project.webhooks.configured().earliest("pk").pk),
        "name": "qr.svg",
        "tab": "activity",
        "redemption_id": names["redemption"],
        "draft_id": drafts[False],
        "template_id": drafts[True],
        "step": _STEP,
        "campaign_id": campaign.pk,
        "rule_id": names["rule"],
        "project_id": project.pk,
        "reference": imported.pk,
        "table": "codes",
        "listed": "voucher",
        "app_label": "campaigns",
    }


def _make_the_rest(project: Project, campaign: Campaign) -> None:
    """Make what somebody sets up there, and what is listed there alone."""
    put_watch(
        campaign,
        now=NOW,
        thresholds=[80, 100],
        recipients=["ada@example.com"],
        stop_at=None,
    )
    ConsentGroupFactory.create(project=project)
    told = {"recipients": ["ada@example.com"], **_WEEKLY}
    create_report(project=project, now=NOW, name="Figures", **told)
    create_schedule(
        project=project,
        now=NOW,
        name="Codes",
        exported_object="voucher",
        parameters={},
        **told,
    )
    keep_letter(
        project,
        kind="customers",
        place=("promo.ingest.customers.v1", 0, 7),
        key=b"ada",
        value=b'{"name": "Ada"}',
        headers=[("ce_id", b"one")],
        error="invalid_payload: Property .source_id is required",
        attempts=1,
        now=NOW,
    )
    webhook = project.webhooks.earliest("pk")
    Delivery.objects.create(
        project=project,
        webhook=webhook,
        event_id=new_id("ev_"),
        event_created_at=NOW,
        type="voucher.updated",
        due_at=NOW,
        created_at=NOW,
    )
    ApiCall.objects.create(
        organisation=project.organisation,
        project=project,
        created_at=NOW,
        status=200,
        request_id="one",
        channel="API",
        method="GET",
        endpoint="GET_v1_vouchers",
        url="/v1/vouchers",
        user_email="",
        request_duration=3,
        request_body="",
        response_body="{}",
    )


def _of_people(project: Project) -> dict[str, str]:
    """Make a role, somebody who asks, and somebody who is asked; return their names."""
    role = create_role(
        project=project,
        now=NOW,
        name="Junior",
        permissions=BY_PERSON_ROLE["USER"],
        limited=LIMITABLE,
    )
    person = create_person(email="junior@example.com", password="a long enough one")  # noqa: S106 - of a test
    member = assign_role(user=person, project=project, role=role.pk)
    values = {"name": "From ten", "rules": {}}
    request = ask_for("rule.create", author=member, payload={"values": values}, now=NOW)
    invitation = invite_person(
        project=project, email="new@example.com", role="VIEWER", now=utc_now()
    )
    return {
        "approvals.ApprovalRequest": quote(request.pk),
        "tenancy.CustomRole": quote(role.pk),
        "tenancy.Invitation": quote(invitation.pk),
        "token": link_of(invitation).rstrip("/").rpartition("/")[2],
        "view_id": save_view(
            user=person,
            project=project,
            page="campaigns_campaign",
            name="Running",
            query="state=Running",
            now=NOW,
        ).pk,
        "feed_token": make_feed(project, person, now=NOW),
    }


def is_seen(page: AdminPage) -> bool:
    """Whether a page belongs to those that are held to the rules of pages."""
    return page.model not in UNSEEN
