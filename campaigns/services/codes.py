"""Making codes that no other voucher of the project has.

A code is new when the database says so: it is inserted and, where its key is taken,
skipped. There is no look before the leap, so two makers cannot both have it.
"""

from collections.abc import Sequence
from secrets import SystemRandom
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from campaigns.engine.codes import CodeConfig, check_room, invalid_code_config
from campaigns.models import Campaign, Voucher
from campaigns.models.voucher import code_key
from promo.errors import BadRequest, Duplicate
from promo.ids import new_uuid
from promo.tenancy.models import Project

MAX_TRIES = 20
SPACE_NEVER_TIGHT = 10**9

_PER_CODE = {"id": "uuid", "code": "text", "code_key": "text"}


def insert_codes(prototype: Voucher, codes: Sequence[str]) -> list[str]:
    """Store a voucher like ``prototype`` for each code; return the new codes.

    One statement, whatever the number of codes: those whose key is taken are
    skipped. Keys go in in their order, so that two makers wait for each other in
    one direction only.
    """
    keyed = {code_key(prototype.project, code): code for code in codes}
    keys = sorted(keyed)
    shared = [
        field
        for field in Voucher._meta.concrete_fields
        if field.name not in _PER_CODE and not field.generated
    ]
    values: list[Any] = [
        field.get_db_prep_save(getattr(prototype, field.attname), connection)
        for field in shared
    ]
    table = connection.ops.quote_name(Voucher._meta.db_table)
    columns = ", ".join(f'"{field.column}"' for field in shared)
    blanks = ", ".join(f"%s::{field.db_type(connection)}" for field in shared)
    insert = f"""
        INSERT INTO {table} (id, code, code_key, {columns})
        SELECT made.id, made.code, made.key, {blanks}
        FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS made (id, code, key)
        ORDER BY made.key
        ON CONFLICT (project_id, code_key) DO NOTHING
        RETURNING code
    """  # noqa: S608 - names of our own columns
    ids = [new_uuid() for _ in keys]
    with connection.cursor() as cursor:
        cursor.execute(insert, [*values, ids, [keyed[key] for key in keys], keys])
        return [row[0] for row in cursor.fetchall()]


def draw_codes(prototype: Voucher, config: CodeConfig, count: int) -> int:
    """Make up to ``count`` vouchers with random codes; return how many there are.

    Fewer than asked: ``MAX_TRIES`` draws for the missing ones met taken codes only.
    """
    _take_turns(prototype.project)
    random, made = SystemRandom(), 0
    for _ in range(MAX_TRIES):
        made += len(insert_codes(prototype, config.draw(count - made, random)))
        if made == count:
            break
    return made


def _take_turns(project: Project) -> None:
    """Let one transaction at a time draw batches in a project, until it commits.

    A second draw may meet a lower key than the first one holds: two makers would
    wait for each other in a circle, however each statement sorts its keys.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"draw codes {project.pk}"],
        )


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

    Raises:
        BadRequest: ``invalid_code_config``.
    """
    space = config.space(case_sensitive=project.case_sensitive_codes)
    taken = 0
    if wanted > 1 and config.blanks and space < SPACE_NEVER_TIGHT:
        pattern = config.matching(case_sensitive=project.case_sensitive_codes)
        taken = project.vouchers.filter(code_key__regex=pattern).count()
    check_room(space, taken, wanted, config.blanks)


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
