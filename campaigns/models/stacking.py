"""A project's stacking rules as a thing of their own, for their screen."""

from promo.tenancy.models import Project


class StackingRules(Project):
    """The project, seen as the rules by which its offers are combined."""

    class Meta:
        proxy = True
        verbose_name = "stacking rules"
        verbose_name_plural = "stacking rules"

    def __str__(self) -> str:
        return f"Stacking rules of {self.name}"
