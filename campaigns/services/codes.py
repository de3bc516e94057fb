"""Making codes that no other voucher of the project has.

A code is new when the database says so: it is inserted and, where its key is taken,
skipped. There is no look before the leap, so two makers cannot both have it.
"""

from secrets import SystemRandom

from django.conf import settings
from django.db import connection
from django.db.models import F

from campaigns.engine.codes import CodeConfig, check_room, invalid_code_config
from campaigns.models import Campaign, Voucher
from campaigns.models.voucher import code_key
from campaigns.services.code_rows import insert_codes
from promo.errors import BadRequest, Duplicate
from promo.tenancy.models import Project

MAX_TRIES = 20
# More vouchers than a page of the table can hold: each takes 180 bytes at least.
_VOUCHERS_A_PAGE = 64


def store_with_code(prototype: Voucher, code: str) -> Voucher:
    """Return ``prototype`` stored with the given code.

    Raises:
        Duplicate: the project, or its bin, has the code already.
    """
    prototype.code = code
    prototype.code_key = code_key(prototype.project, code)
    if not insert_codes(prototype, [code]):
        raise Duplicate("voucher", code)
    return _stored(prototype, code)


def store_with_drawn_code(prototype: Voucher, config: CodeConfig) -> Voucher:
    """Return ``prototype`` stored with one random code.

    Raises:
        BadRequest: ``invalid_code_config``, as every draw met a taken code.
    """
    random = SystemRandom()
    for _ in range(MAX_TRIES):
        made = insert_codes(prototype, config.draw(1, random))
        if made:
            return _stored(prototype, made[0])
    raise invalid_code_config("No code of this pattern is free")


def _stored(prototype: Voucher, code: str) -> Voucher:
    project = prototype.project
    rows = project.vouchers.select_related("campaign__category", "category")
    stored = rows.get(code_key=code_key(project, code))
    stored.project = project
    return stored


def check_space(project: Project, config: CodeConfig, wanted: int) -> None:
    """Refuse a pattern that the ``wanted`` codes would fill more than half.

    Codes are compared with the pattern, one by one, only where all vouchers there are
    could fill it.

    Raises:
        BadRequest: ``invalid_code_config``.
    """
    space = config.space(case_sensitive=project.case_sensitive_codes)
    taken = 0
    if wanted > 1 and config.blanks and wanted * 2 > space - _vouchers_at_most():
        pattern = config.matching(case_sensitive=project.case_sensitive_codes)
        taken = project.vouchers.filter(code_key__regex=pattern).count()
    check_room(space, taken, wanted, config.blanks)


def _vouchers_at_most() -> int:
    """Return a number that vouchers cannot exceed, from the size of their table."""
    pages_of = "SELECT pg_relation_size(%s) / current_setting('block_size')::int"
    with connection.cursor() as cursor:
        cursor.execute(pages_of, [Voucher._meta.db_table])
        [[pages]] = cursor.fetchall()
    return int(pages) * _VOUCHERS_A_PAGE


def count_new_codes(campaign: Campaign, made: int) -> None:
    """Add ``made`` codes to the count of a campaign that the caller holds."""
    Campaign.objects.filter(pk=campaign.pk).update(
        vouchers_count=F("vouchers_count") + made
    )
    campaign.vouchers_count += made


def uncount_code(campaign_id: str) -> None:
    """Take one deleted code off its campaign's count."""
    rows = Campaign.objects.filter(pk=campaign_id, vouchers_count__gt=0)
    rows.update(vouchers_count=F("vouchers_count") - 1)


def most_codes() -> int:
    """Return how many codes a campaign may have, a setting of the installation."""
    return int(settings.MAX_CODES_PER_CAMPAIGN)


def check_ceiling(campaign: Campaign, wanted: int, pending: int = 0) -> None:
    """Refuse codes beyond the ceiling of a campaign that the caller holds.

    ``pending`` codes are promised already but not made yet.

    Raises:
        BadRequest: ``invalid_campaign_params``.
    """
    if wanted < 1 or campaign.vouchers_count + pending + wanted > most_codes():
        raise too_many_codes()


def too_many_codes() -> BadRequest:
    """Build the refusal of codes beyond the ceiling."""
    return BadRequest(
        "invalid_campaign_params",
        "Invalid campaign params",
        f"A campaign can have between 1 and {most_codes()} vouchers",
    )
