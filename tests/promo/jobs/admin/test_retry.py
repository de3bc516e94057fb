"""Having work done again that has failed."""

from typing import Any

import pytest

from campaigns.services.voucher import add_vouchers
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction, UploadPart
from promo.jobs.rows.start import start_row_work, stop_action
from promo.tenancy.models import Project
from promo.tenancy.services.roles import create_role
from tests.admin_site import NOW, Person, make_project, sign_in, text_of
from tests.factories.campaigns import CampaignFactory
from tests.fixtures.rows import run_to_end

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Project:
    return make_project()


@pytest.fixture
def anna(shop: Project) -> Person:
    return sign_in(shop, "USER")


def failed(project: Project) -> AsyncAction:
    """Return an import that has failed, as its campaign was deleted."""
    campaign = CampaignFactory(project=project)
    action = start_row_work(
        project=project,
        kind="CAMPAIGN.VOUCHERS_IMPORT_CSV",
        arguments={"campaign_id": campaign.pk},
        chunks=[b"code\nA1\n"],
        now=NOW,
    )
    project.campaigns.update(deleted_at=NOW)
    run_step(action.pk, now=NOW)
    action.refresh_from_db()
    assert action.status == "FAILED"
    return action


def test_once_the_cause_is_mended_the_work_is_done(anna: Person, shop: Project) -> None:
    action = failed(shop)
    shop.campaigns.update(deleted_at=None)
    assert "Resource not found" in text_of(anna.open(action))

    anna.run(action, "retry")
    action.refresh_from_db()
    assert (action.status, action.finished_at) == ("IN_PROGRESS", None)
    assert "error" not in action.result
    done = run_to_end(action.pk)

    assert (done.status, done.result["done_count"]) == ("DONE", 1)
    assert shop.vouchers.get().code == "A1"


def test_what_fails_again_says_why_again(anna: Person, shop: Project) -> None:
    action = failed(shop)

    anna.run(action, "retry")
    run_step(action.pk, now=NOW)

    action.refresh_from_db()
    assert action.status == "FAILED"
    assert action.result["error"]["key"] == "not_found"
    assert not shop.vouchers.exists()


def test_a_file_that_is_gone_has_to_come_again(anna: Person, shop: Project) -> None:
    action = failed(shop)
    UploadPart.objects.all().delete()

    answer = anna.run(action, "retry")

    assert "bring it in again" in text_of(answer)
    action.refresh_from_db()
    assert action.status == "FAILED"


def test_only_what_has_failed_is_offered_to_be_done_again(
    anna: Person, shop: Project
) -> None:
    action: AsyncAction = failed(shop)
    waiting = start_row_work(
        project=shop, kind="CUSTOMERS.IMPORT_CSV", chunks=[b"source_id\na\n"], now=NOW
    )

    assert "Try again" in text_of(anna.open(action))
    assert "Try again" not in text_of(anna.open(waiting))
    stopped = stop_action(waiting, now=NOW)
    assert "Try again" not in text_of(anna.open(stopped))
    assert "The work has not failed" in text_of(anna.run(stopped, "retry"))


def test_who_could_not_begin_it_cannot_have_it_done_again(shop: Project) -> None:
    action = failed(shop)
    role = create_role(
        project=shop, now=NOW, name="Looks", permissions=["async_actions.read"]
    )
    reader = sign_in(shop, role.pk, "looks@example.com")

    answer: Any = reader.run(action, "retry")

    assert answer.status_code in {302, 403}
    action.refresh_from_db()
    assert action.status == "FAILED"


def test_the_making_of_codes_is_stopped_from_its_page(
    anna: Person, shop: Project
) -> None:
    campaign = CampaignFactory(project=shop)
    action = add_vouchers(campaign, count=3, now=NOW)
    assert "Stop" in text_of(anna.open(action))

    anna.run(action, "stop")
    run_to_end(action.pk)

    action.refresh_from_db()
    assert (action.status, action.result["error"]["key"]) == ("FAILED", "stopped")
    assert not shop.vouchers.exists()
    assert "Go on" not in text_of(anna.open(action))


def test_who_may_change_no_campaign_stops_no_making_of_codes(shop: Project) -> None:
    action = add_vouchers(CampaignFactory(project=shop), count=3, now=NOW)
    role = create_role(
        project=shop,
        now=NOW,
        name="Looks on",
        permissions=["async_actions.read", "campaigns.read"],
    )
    person = sign_in(shop, role.pk, "looks@example.com")

    person.run(action, "stop")
    run_to_end(action.pk)

    assert shop.vouchers.count() == 3
