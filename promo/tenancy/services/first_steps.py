"""Who does not want to be shown how a project is begun."""

from promo.tenancy.models import Project, User


def hide_first_steps(user: User, project: Project) -> None:
    """Show this person the first steps of a project no more; twice does no harm."""
    user.without_first_steps.add(project)


def hides_first_steps(user: User, project: Project) -> bool:
    """Whether the person has put the first steps of a project away."""
    return user.without_first_steps.filter(pk=project.pk).exists()
