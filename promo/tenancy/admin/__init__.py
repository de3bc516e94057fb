from django.contrib import admin
from django.contrib.auth.models import Group

from promo.tenancy.admin import keys, people, project

# Roles are groups, but what each may do is fixed: nothing to edit there.
admin.site.unregister(Group)

__all__ = ["keys", "people", "project"]
