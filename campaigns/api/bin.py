"""``/v1/trash-bin``: what was deleted, to be restored or erased for good."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import BinEntry, BinnedType
from campaigns.models.bin import ENTRY_PREFIX, BinEntryQuerySet
from campaigns.services.bin import PERMISSIONS_OF, RESOURCE
from campaigns.services.bin_erasure import erase_entry
from campaigns.services.restore import restore_entry
from campaigns.wire.bin import bin_entry_as_json, restored_as_json
from promo.api.columns import IdColumn, TextColumn
from promo.api.fields import Choice, Moment, Text
from promo.api.filters import QueryFilters
from promo.api.pagination import IdPagination, ListPagination
from promo.api.resource import NO_CONTENT, Resource
from promo.api.serializers import ApiSerializer
from promo.errors import MissingPermission
from promo.tenancy import reach

ACCEPTED = 202
OK = 200


class CountedIdPagination(IdPagination):
    """The rows behind one row, and how many rows this answer has."""

    extra_properties = {
        "total": {"type": "integer"},
        **IdPagination.extra_properties,
    }

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any]:
        """Return the rows behind the one named.

        Raises:
            ResourceNotFound: there is no such row in the list.
        """
        rows = super().paginate_queryset(queryset, request, view)
        self.extra = {"total": len(rows), **self.extra}
        return rows


class BinEntrySerializer(ApiSerializer):
    """An entry of the bin as answered."""

    id = Text()
    created_at = Moment()
    deleted_by_user_id = Text(allow_null=True)
    resource_id = Text()
    resource_type = Choice(BinnedType.values)
    resource_name = Text()
    resource_parent_id = Text(allow_null=True)
    object = Choice(BinnedType.values)

    def to_representation(self, instance: BinEntry) -> dict[str, Any]:
        return bin_entry_as_json(instance)


class RestoredSerializer(ApiSerializer):
    """What came back, and the work that brings its codes; null without any."""

    id = Text()
    async_action_id = Text(allow_null=True)
    object = Choice(BinnedType.values)


class BinResource(Resource[BinEntry]):
    """Everything that was deleted without force.

    Who lists it may read whatever can lie in it; to erase or restore something takes
    the permission to delete its kind.
    """

    route = "v1/trash-bin"
    resource_type = RESOURCE
    serializer_class = BinEntrySerializer
    pagination_class: ClassVar[type[ListPagination]] = CountedIdPagination
    orderings = {"id": "pk"}
    default_order = "-id"
    query_filters = QueryFilters(
        columns={
            "id": IdColumn("pk", ENTRY_PREFIX),
            "resource_type": TextColumn("resource_type"),
            "resource_name": TextColumn("resource_name"),
            "resource_id": TextColumn("resource_id"),
        }
    )

    @classmethod
    def urls(cls) -> list[URLPattern]:
        one = f"{cls.route}/<reference:reference>"
        restore = cls.as_view({"post": "restore"})
        return [
            path(cls.route, cls.as_view({"get": "list"}), name="trash-bin"),
            path(one, cls.as_view({"delete": "destroy"}), name="trash-bin-entry"),
            path(f"{one}/restore", restore, name="trash-bin-restore"),
        ]

    def get_queryset(self) -> BinEntryQuerySet:
        rows: BinEntryQuerySet = self.project.bin_entries.all()
        return rows

    def list(self, request: Request) -> Response:
        for resource in sorted(set(PERMISSIONS_OF.values())):
            self._need(f"{resource}.read")
        return super().list(request)

    @extend_schema(operation_id="v1_trash_bin_destroy", responses={204: None})
    def destroy(self, request: Request, reference: str) -> Response:
        """Erase for good what an entry stands for, freeing its name."""
        erase_entry(self._to_move(reference), now=self.now)
        return Response(status=NO_CONTENT)

    @extend_schema(
        operation_id="v1_trash_bin_restore",
        request=None,
        responses={OK: RestoredSerializer, ACCEPTED: RestoredSerializer},
    )
    def restore(self, request: Request, reference: str) -> Response:
        """Bring back what an entry stands for, as it was.

        This operation is Promo's own. It answers 202 with the id of an asynchronous
        action where codes of a campaign come back in the background.
        """
        entry = self._to_move(reference)
        action = restore_entry(entry, now=self.now)
        status = OK if action is None else ACCEPTED
        return Response(restored_as_json(entry, action), status=status)

    def _to_move(self, reference: str) -> BinEntry:
        """Return the entry that the caller may erase or restore.

        Raises:
            ResourceNotFound: this project has none.
            MissingPermission: the role may not delete this kind of thing.
            Forbidden: a restricted caller is not everywhere that its campaign runs.
        """
        codes = {kind: f"{name}.delete" for kind, name in PERMISSIONS_OF.items()}
        if self.credential.permissions.isdisjoint(codes.values()):
            raise self._lacks(codes[BinnedType.CAMPAIGN])
        entry = self.find(reference)
        self._need(codes[BinnedType(entry.resource_type)])
        reach.check_change(entry)
        entry.project = self.project
        return entry

    def _need(self, code: str) -> None:
        if code not in self.credential.permissions:
            raise self._lacks(code)

    def _lacks(self, code: str) -> MissingPermission:
        return MissingPermission(f"The role {self.credential.key.role} lacks {code}")
