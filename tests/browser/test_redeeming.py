"""Redeeming a code at a counter: seen by a camera, on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, Page, expect

from promo.tenancy.models import Project
from promo.tenancy.services.people import assign_role, create_person
from redemptions.models import Redemption
from tests.browser.conftest import PASSWORD, launched
from tests.browser.pictures import PHONE, fits, picture
from tests.factories.campaigns import VoucherFactory

pytestmark = pytest.mark.django_db(transaction=True)
TEN_OFF = {"type": "AMOUNT", "amount_off": 1000, "effect": "APPLY_TO_ORDER"}
WIDTH, HEIGHT = 640, 480
WHITE, BLACK, GREY = 235, 16, 128


def film_of(code: str) -> bytes:
    """Return a film of one frame, y4m, that shows the QR code of ``code``."""
    modules = [list(row) for row in segno.make_qr(code).matrix_iter(scale=8, border=4)]
    left, top = (WIDTH - len(modules[0])) // 2, (HEIGHT - len(modules)) // 2
    luma = bytearray([WHITE]) * (WIDTH * HEIGHT)
    for y, row in enumerate(modules, top):
        for x, is_dark in enumerate(row, left):
            luma[y * WIDTH + x] = BLACK if is_dark else WHITE
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420mpeg2\nFRAME\n".encode()
    return head + bytes(luma) + bytes([GREY]) * (WIDTH * HEIGHT // 2)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose camera sees the code TEN-OFF."""
    film = tmp_path_factory.mktemp("camera") / "code.y4m"
    film.write_bytes(film_of("TEN-OFF"))
    yield from launched(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )


@pytest.fixture
def phone(browser: Browser, shop: Project, live_server: Any) -> Iterator[Page]:
    """The dashboard on a phone, for somebody who may redeem."""
    person = create_person(email="till@example.com", password=PASSWORD)
    assign_role(user=person, project=shop, role="MERCHANT")
    context = browser.new_context(
        base_url=live_server.url,
        viewport=PHONE,
        permissions=["camera"],
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/admin/")
    page.locator("#id_username").fill("till@example.com")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert complaints == []


def test_a_code_is_scanned_checked_redeemed_once_and_undone(phone: Page, shop: Project):
    voucher = VoucherFactory(
        project=shop, code="TEN-OFF", discount=TEN_OFF, redemption_quantity=1
    )
    phone.goto("/admin/redeem/")
    phone.get_by_role("button", name="Scan with the camera").click()
    expect(phone.get_by_role("heading", name="TEN-OFF")).to_be_visible()
    assert phone.locator("#code").input_value() == "TEN-OFF"

    phone.get_by_label("Amount to pay").fill("50.00")
    phone.get_by_role("button", name="Check only").click()
    expect(phone.locator("#decided")).to_contain_text("To pay: 40.00 EUR")
    assert Redemption.objects.count() == 0
    assert fits(phone)
    picture(phone, "redeem")

    phone.get_by_role("button", name="Redeem", exact=True).dblclick()
    expect(phone.get_by_text("Redeemed", exact=True).first).to_be_visible()
    row = Redemption.objects.get()
    assert (row.voucher, row.applied_amount) == (voucher, 1000)

    phone.get_by_label("Why").fill("Wrong till")
    phone.get_by_role("button", name="Undo this redemption").click()
    expect(phone.get_by_text("The use was given back. Wrong till")).to_be_visible()
    voucher.refresh_from_db()
    assert voucher.redeemed_quantity == 0

    phone.get_by_role("link", name="Next code").click()
    phone.get_by_label("Code", exact=True).fill("TEN-OF")
    phone.get_by_role("button", name="Find").click()
    expect(phone.get_by_text("There is no code “TEN-OF”.")).to_be_visible()
