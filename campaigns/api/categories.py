"""``/v1/categories``."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.models import Category
from campaigns.models.catalogue import CategoryQuerySet
from campaigns.services import category
from campaigns.wire import category_as_json
from promo.api import query
from promo.api.fields import INTEGER, Moment, Text, WholeNumber
from promo.api.pagination import WholeList
from promo.api.resource import NO_CONTENT, Resource
from promo.api.serializers import ApiSerializer


class CategoryInput(ApiSerializer):
    """The body of a create and of an update."""

    name = Text(shortest=1, longest=255)
    hierarchy = WholeNumber(least=0, most=INTEGER)


class CategorySerializer(ApiSerializer):
    """A category as answered."""

    id = Text()
    name = Text()
    hierarchy = WholeNumber()
    created_at = Moment()
    updated_at = Moment(required=False)
    object = Text()

    def to_representation(self, instance: Category) -> dict[str, Any]:
        return category_as_json(instance)


class CategoryResource(Resource[Category]):
    route = "v1/categories"
    resource_type = category.RESOURCE
    permission_resource = "categories"
    serializer_class = CategorySerializer
    input_class = CategoryInput
    operations = category.OPERATIONS
    pagination_class = WholeList
    orderings = {"hierarchy": "hierarchy", "created_at": "created_at"}
    default_order = "hierarchy"

    def get_queryset(self) -> CategoryQuerySet:
        rows: CategoryQuerySet = self.project.categories.all()
        return rows

    def update(self, request: Request, reference: str) -> Response:
        """Replace name and hierarchy; both are required."""
        found = self.find(reference)
        changed = category.update_category(
            found, now=self.now, **self.parse(CategoryInput)
        )
        return Response(self.show(changed))

    def destroy(self, request: Request, reference: str) -> Response:
        """Delete a category that no stacking rule lists.

        ``?remove_from_stacking_rules=true`` takes it out of them.
        """
        unstack = query.flag(request.query_params, "remove_from_stacking_rules")
        category.delete_category(self.find(reference), now=self.now, unstack=unstack)
        return Response(status=NO_CONTENT)
