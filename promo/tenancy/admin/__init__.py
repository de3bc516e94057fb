from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group

from promo.tenancy.admin import invitation, keys, people, project, role

# Roles are groups, but what each may do is fixed: nothing to edit there.
# What people set for signing in is theirs: the pages of their account show it.
admin.site.unregister((Group, EmailAddress, Authenticator, UserSession))

__all__ = ["invitation", "keys", "people", "project", "role"]
