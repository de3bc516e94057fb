from django.contrib import admin
from django.contrib.auth.models import Group

from promo.tenancy.admin import invitation, keys, people, project, role

# Roles are groups, but what each may do is fixed: nothing to edit there.
admin.site.unregister(Group)

__all__ = ["invitation", "keys", "people", "project", "role"]
