"""Taking vouchers in by the row: files and arrays, with a campaign or without.

Source: campaigns specification, "Import, bulk, export".
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet

from campaigns import events
from campaigns.models import Campaign, PoolType, Voucher
from campaigns.models.voucher import code_key
from campaigns.services.access import check_change, out_of_reach
from campaigns.services.campaign_changes import (
    check_idle,
    check_unprotected,
    lock_alive,
)
from campaigns.services.rendering import rendered_campaign
from campaigns.services.voucher_rows.drafts import (
    CAMPAIGN_COLUMNS,
    LONE_COLUMNS,
    VoucherDraft,
    campaign_draft_of_cells,
    draft_of_object,
    lone_draft_of_cells,
)
from campaigns.services.voucher_rows.fresh import Target
from campaigns.services.voucher_rows.metadata import write_metadata
from campaigns.services.voucher_rows.storing import write_vouchers
from campaigns.services.voucher_rows.undo import undo_vouchers
from campaigns.services.worth import invalid_campaign, invalid_voucher
from promo import request_context
from promo.errors import BadRequest, ResourceNotFound
from promo.jobs.models import AsyncAction
from promo.jobs.rows.columns import CsvColumns
from promo.jobs.rows.work import Row, RowResult, RowWork, refused
from promo.outbox.events import emit
from promo.tenancy.models import Project

CAMPAIGN = "campaign_id"
#: Whether each row is told; the argument of an import that asks for it.
TELLS = "tells"
_ADDED = "added"


class _Import(RowWork):
    """Vouchers of rows; ``changes_known`` as ``Target`` has it."""

    label = "voucher(s)"
    name_field = "code"
    changes_known: ClassVar[bool] = True
    undo_kind = "VOUCHERS.IMPORT_UNDO"
    undo_permission = "vouchers.delete"
    undo_prefix = "v_"

    def made(self, action: AsyncAction) -> QuerySet[Voucher]:
        """Return the codes among which those are that rows make."""
        return action.project.vouchers.all()

    def undo(
        self, action: AsyncAction, ids: Sequence[str], *, now: datetime
    ) -> dict[str, tuple[str, str]]:
        """Erase codes that nobody has used, got or changed."""
        return undo_vouchers(action.project, ids, now=now)

    def draft(self, project: Project, row: Row) -> VoucherDraft:
        """Return what a row says.

        Raises:
            PromoError: it makes no voucher.
        """
        raise NotImplementedError

    def begin(self, action: AsyncAction) -> None:
        """Refuse the work where its campaign is gone."""
        campaign_id = action.arguments.get(CAMPAIGN)
        alive = action.project.campaigns.alive()
        if campaign_id and not alive.filter(pk=campaign_id).exists():
            raise ResourceNotFound("campaign", campaign_id)

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Create or change the vouchers of rows."""
        campaign_id, campaign = action.arguments.get(CAMPAIGN), None
        if campaign_id:
            campaign = lock_alive(action.project, campaign_id)
            if campaign is None:
                gone = ResourceNotFound("campaign", campaign_id)
                return [refused(row, self.name_of(row), gone) for row in rows]
        target = Target(
            action=action,
            campaign=campaign,
            changes_known=self.changes_known,
            tells=bool(action.arguments.get(TELLS)),
            now=now,
        )
        before = campaign.vouchers_count if campaign else 0
        project = action.project
        drafts, failed = self.drafts(rows, lambda row: (row, self.draft(project, row)))
        results = [*failed, *write_vouchers(target, drafts)]
        if campaign is not None:
            added = campaign.vouchers_count - before
            total = action.progress.get(_ADDED, 0) + added
            action.progress = action.progress | {_ADDED: total}
        return results

    def finish(self, action: AsyncAction, *, now: datetime) -> None:
        """Tell how many codes the campaign got."""
        added = action.progress.get(_ADDED, 0)
        if not added:
            return
        rows = action.project.campaigns.select_related("category")
        campaign = rows.get(pk=action.arguments[CAMPAIGN])
        campaign.project = action.project
        told = events.vouchers_added(rendered_campaign(campaign), added)
        emit(action.project, [told], now=now)


class VouchersCsv(_Import):
    """A file of vouchers without a campaign."""

    title = "Vouchers without a campaign"
    permission = "vouchers.create"
    columns: ClassVar[CsvColumns | None] = LONE_COLUMNS

    def draft(self, project: Project, row: Row) -> VoucherDraft:
        """Return what a line says."""
        return lone_draft_of_cells(project, row)


class CampaignCsv(_Import):
    """A file of a campaign's codes."""

    title = "Codes of a campaign"
    permission = "campaigns.modify"
    argument_names = (CAMPAIGN,)

    def check(self, project: Project, arguments: Mapping[str, Any]) -> None:
        """Refuse a campaign that is not there or takes no codes."""
        reference = arguments.get(CAMPAIGN, "")
        found = project.campaigns.alive().by_reference(reference).first()
        if found is None:
            raise ResourceNotFound("campaign", reference)
        check_takes_import(found)

    columns: ClassVar[CsvColumns | None] = CAMPAIGN_COLUMNS

    def draft(self, project: Project, row: Row) -> VoucherDraft:
        """Return what a line says."""
        return campaign_draft_of_cells(project, row)


class VouchersObjects(_Import):
    """An array of new vouchers, of a campaign or of none."""

    changes_known: ClassVar[bool] = False

    def draft(self, project: Project, row: Row) -> VoucherDraft:
        """Return what an object says."""
        return draft_of_object(row)


class VouchersBulk(RowWork):
    """Metadata by code."""

    label = "voucher(s)"
    name_field = "code"
    reports_all = True

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Merge the metadata of each row."""
        given = [(row, row.values["code"], row.values["metadata"]) for row in rows]
        return write_metadata(action.project, given, now=now)


class VouchersMetadata(VouchersBulk):
    """The same metadata for many codes."""

    def write(
        self, action: AsyncAction, rows: Sequence[Row], *, now: datetime
    ) -> list[RowResult]:
        """Merge the metadata of all rows."""
        metadata = action.arguments["metadata"]
        given = [(row, row.values["code"], metadata) for row in rows]
        return write_metadata(action.project, given, now=now)


def check_takes_import(campaign: Campaign) -> None:
    """Refuse an import into a campaign that takes none, or not now.

    Raises:
        ResourceProtected: nobody may change the campaign.
        Forbidden: a restricted caller is not everywhere that it runs.
        BadRequest: ``invalid_campaign``: it has no codes or one for all, or it is being
            processed.
    """
    check_unprotected(campaign)
    check_change(campaign)
    if not campaign.has_codes or campaign.type == PoolType.STANDALONE:
        kind = PoolType.STANDALONE if campaign.has_codes else campaign.campaign_type
        raise invalid_campaign(f"You can not import vouchers to {kind} type campaign.")
    check_idle(campaign)


def check_reaches_lone_codes() -> None:
    """Refuse a restricted caller: vouchers without a campaign are out of reach.

    Raises:
        Forbidden: always, for such a caller.
    """
    if request_context.current().places is not None:
        raise out_of_reach("voucher without campaign")


def check_new_codes(project: Project, codes: Collection[str | None]) -> None:
    """Refuse an array in which a code is missing, or is not the only one.

    Raises:
        BadRequest: ``invalid_voucher`` where rows have no code, ``duplicate_key`` where
            the array has codes twice, or the project or its bin has them already.
    """
    missing = sum(not code for code in codes)
    if missing:
        raise invalid_voucher(f"Found {missing} voucher(s) without 'code' value")
    keys: set[str] = set()
    twice: set[str] = set()
    for code in codes:
        key = code_key(project, code or "")
        (twice if key in keys else keys).add(key)
    taken = project.vouchers.filter(code_key__in=keys)
    twice.update(taken.values_list("code_key", flat=True))
    if twice:
        details = f"{len(twice)} voucher codes(s) already exist."
        raise BadRequest("duplicate_key", "Duplicate codes", details)
