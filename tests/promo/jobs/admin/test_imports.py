"""Bringing a file in at the dashboard: look first, then confirm, watch, stop, go on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers.services.row_work import CustomersCsv
from promo.clock import utc_now
from promo.jobs.actions import run_step
from promo.jobs.models import AsyncAction, UploadPart
from promo.jobs.rows.start import start_row_work
from promo.jobs.tasks import stale_actions
from tests.admin_site import (
    make_project,
    messages_of,
    page_of,
    sign_in,
    statements_of,
    text_of,
)
from tests.factories.campaigns import CampaignFactory
from tests.fixtures.rows import run_to_end

pytestmark = pytest.mark.django_db
PAGE = "/admin/imports/"
FILE = "source_id,name,vip\nada,Ada,yes\n,Nobody,no\nbob,Bob\n"


def choose(person, content=FILE, kind="CUSTOMERS.IMPORT_CSV", page=PAGE):
    upload = SimpleUploadedFile("people.csv", content.encode(), "text/csv")
    return person.client.post(page, {"kind": kind, "file": upload})


def preview_of(person):
    return reverse("import-preview", args=[person.project.async_actions.get().pk])


def confirm(person, **values):
    action = person.project.async_actions.get()
    return person.client.post(reverse("import-confirm", args=[action.pk]), values)


@pytest.fixture
def anna():
    return sign_in(make_project(), "USER")


def test_a_chosen_file_is_shown_before_anything_of_it_is_kept(anna):
    answer = choose(anna)
    shown = text_of(anna.client.get(preview_of(anna)))

    assert answer.headers["Location"] == preview_of(anna)
    assert "Of the first 3 rows, 2 would not be taken." in shown
    assert "The row has neither id nor source_id" in shown
    assert "The row has 2 cells, the header has 3" in shown
    assert "<th>vip<small>metadata</small></th>" in shown
    assert not anna.project.customers.exists()
    assert stale_actions(utc_now()) == []


def test_a_confirmed_file_goes_in_once(anna):
    choose(anna)

    answer = confirm(anna)
    again = confirm(anna)
    action = run_to_end(anna.project.async_actions.get().pk)

    assert answer.headers["Location"] == again.headers["Location"]
    assert action.result["done_count"] == 1
    assert action.source["channel"] == "USER_PORTAL"
    assert anna.project.customers.get().source == "USER_PORTAL"


def test_a_discarded_file_is_gone(anna):
    choose(anna)

    answer = confirm(anna, discard="1")

    assert answer.headers["Location"] == PAGE
    assert not AsyncAction.objects.exists()
    assert not UploadPart.objects.exists()


def test_a_file_without_meaning_cannot_be_confirmed(anna):
    choose(anna, "name,name\nx,y\n")

    shown = text_of(anna.client.get(preview_of(anna)))

    assert "Invalid file: The column name stands twice" in shown
    assert "Import all rows" not in shown


def test_a_draft_is_no_action_of_the_api_or_the_list(anna, api):
    api.project = anna.project
    choose(anna)

    shown = anna.client.get(reverse("admin:jobs_asyncaction_changelist"))

    assert "Import csv" not in text_of(shown)


def test_work_is_stopped_and_goes_on_where_it_was(anna, monkeypatch):
    monkeypatch.setattr(CustomersCsv, "batch", 2)
    choose(anna, "source_id\na\nb\nc\nd\ne\n")
    confirm(anna)
    action = anna.project.async_actions.get()
    assert run_step(action.pk, now=utc_now())

    stopped = anna.run(action, "stop")
    assert not run_step(action.pk, now=utc_now())
    action.refresh_from_db()
    assert (action.status, anna.project.customers.count()) == ("FAILED", 2)
    anna.run(action, "resume")
    ended = run_to_end(action.pk)

    assert messages_of(stopped) != []
    assert (ended.status, ended.result["done_count"]) == ("DONE", 5)
    assert "error" not in ended.result
    assert list(
        anna.project.customers.order_by("source_id").values_list("source_id")
    ) == [
        ("a",),
        ("b",),
        ("c",),
        ("d",),
        ("e",),
    ]


def test_the_bar_moves_until_the_work_has_ended(anna):
    choose(anna)
    confirm(anna)
    action = anna.project.async_actions.get()
    bar = reverse("admin:jobs_asyncaction_progress", args=[action.pk])

    before = anna.client.get(bar)
    run_to_end(action.pk)
    after = anna.client.get(bar)

    assert "hx-get" in text_of(before)
    assert "HX-Refresh" not in before.headers
    assert "hx-get" not in text_of(after)
    assert after.headers["HX-Refresh"] == "true"
    assert "1 done" in text_of(after)
    assert "2 failed" in text_of(after)


def test_the_page_says_the_same_of_one_moment_wherever_it_says_it(anna, monkeypatch):
    monkeypatch.setattr(CustomersCsv, "batch", 1)
    choose(anna)
    confirm(anna)
    action = anna.project.async_actions.get()
    bar = reverse("admin:jobs_asyncaction_progress", args=[action.pk])
    assert '<div id="job-state">Accepted</div>' in text_of(anna.open(action))
    run_step(action.pk, now=utc_now())

    moved = text_of(anna.client.get(bar))

    assert "In Progress, " in moved
    assert '<div id="job-state" hx-swap-oob="true">In Progress</div>' in moved
    assert '<div id="job-outcome" hx-swap-oob="true">A worker is on it' in moved
    assert '<div id="job-result" hx-swap-oob="true"><pre' in moved
    assert "done_count" in moved


def test_the_page_names_the_rows_that_were_not_taken(anna):
    choose(anna)
    confirm(anna)
    action = run_to_end(anna.project.async_actions.get().pk)

    page = anna.open(action)
    panel, form = page.context["panel"], page.context["adminform"]

    assert panel.title == "Rows that were not taken: 2"
    assert panel.columns == ("Row", "Source id", "Reason")
    assert [[cell.text for cell in row] for row in panel.rows] == [
        ["2", "-", "The row has neither id nor source_id"],
        ["3", "bob", "The row has 2 cells, the header has 3"],
    ]
    assert anna.client.get(panel.link).status_code == 200
    assert form.model_admin.outcome(action) == ("1 of 3 rows were taken, 2 were not.")
    assert "Import of customers by a file" in text_of(page)


def test_without_such_rows_there_is_nothing_to_name(anna):
    choose(anna, "source_id\na\nb\n")
    confirm(anna)
    action = run_to_end(anna.project.async_actions.get().pk)

    page = anna.open(action)

    assert page.context["panel"] is None
    assert "All 2 rows were taken." in text_of(page)


def test_what_was_brought_in_is_listed_with_its_report(anna):
    before = anna.client.get(PAGE)
    choose(anna)
    draft = anna.client.get(PAGE).context["panel"]
    confirm(anna)
    action = run_to_end(anna.project.async_actions.get().pk)

    panel = anna.client.get(PAGE).context["panel"]
    [row] = panel.rows

    assert "Nothing has been brought in yet." in text_of(before)
    assert not draft.rows
    assert [cell.text for cell in row[:4]] == ["Customers", "Done", "1", "2"]
    assert row[0].link == page_of(action)
    assert anna.client.get(row[-1].link).status_code == 200


def test_the_page_names_the_columns_that_are_known(anna):
    known = dict(anna.client.get(PAGE).context["known"])

    assert known["Products"] == "name, source_id, price, attributes, image_url"
    assert known.keys() == {
        "Customers",
        "Products",
        "SKUs",
        "Vouchers without a campaign",
    }


def test_listing_imports_costs_the_same_for_one_as_for_ten(anna):
    def bring(number):
        for _ in range(number):
            start_row_work(
                project=anna.project,
                kind="CUSTOMERS.IMPORT_CSV",
                chunks=[FILE.encode()],
                now=utc_now(),
            )

    bring(1)
    for_one = statements_of(lambda: anna.client.get(PAGE))
    bring(9)

    assert statements_of(lambda: anna.client.get(PAGE)) == for_one


def test_the_report_is_downloaded(anna):
    choose(anna)
    confirm(anna)
    action = run_to_end(anna.project.async_actions.get().pk)

    answer = anna.client.get(anna.run(action, "report").headers["Location"])

    assert b"".join(answer.streaming_content).decode() == (
        "\ufeffrow,source_id,error_key,error_details\r\n"
        "2,,invalid_row,The row has neither id nor source_id\r\n"
        '3,bob,invalid_row,"The row has 2 cells, the header has 3"\r\n'
    )


def codes_page(campaign):
    return f"{PAGE}?kind=CAMPAIGN.VOUCHERS_IMPORT_CSV&campaign_id={campaign}"


def test_codes_go_into_the_campaign_that_the_link_names(anna):
    campaign = CampaignFactory(project=anna.project)
    page = anna.run(campaign, "import_codes").headers["Location"]

    choose(anna, "Code\nA\nB\n", "CAMPAIGN.VOUCHERS_IMPORT_CSV", page)
    confirm(anna)
    run_to_end(anna.project.async_actions.get().pk)

    assert page == codes_page(campaign.pk)
    assert set(campaign.vouchers.values_list("code", flat=True)) == {"A", "B"}


@pytest.mark.parametrize("named", ["", "camp_00000000000000000000000000000000"])
def test_codes_without_a_campaign_are_refused_in_the_form(anna, named):
    answer = choose(
        anna, "Code\nA\n", "CAMPAIGN.VOUCHERS_IMPORT_CSV", codes_page(named)
    )

    assert "Cannot find campaign" in text_of(answer)
    assert not AsyncAction.objects.exists()


def test_who_may_only_read_brings_nothing_in():
    viewer = sign_in(make_project(), "VIEWER")

    assert viewer.client.get(PAGE).status_code == 403
    assert choose(viewer).status_code == 403
    assert not AsyncAction.objects.exists()


def test_another_projects_draft_does_not_exist(anna):
    choose(anna)
    stranger = sign_in(make_project("Other"), "USER", "eve@example.com")

    assert stranger.client.get(preview_of(anna)).status_code == 404
    action = anna.project.async_actions.get()
    path = reverse("import-confirm", args=[action.pk])
    assert stranger.client.post(path).status_code == 404
    action.refresh_from_db()
    assert action.status == "DRAFT"
