"""How a request's user is loaded, and what they may do: allauth's backend, with each statement written once.

Every request that knows who asks pays for this, and building the same query anew is most of its price
(benchmarks/README.md). What is loaded, and who may sign in or do what, is Django's and allauth's business as before.
"""

from functools import cache
from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from interviewprep.accounts.models import User

# The groups, under no application, and the rights that a person has directly or through one of them.
_RIGHTS = """
SELECT NULL AS app_label, named.name
  FROM auth_group named JOIN accounts_user_groups mine ON mine.group_id = named.id
 WHERE mine.user_id = %(user)s
UNION ALL
SELECT kind.app_label, allowed.codename
  FROM auth_permission allowed JOIN django_content_type kind ON kind.id = allowed.content_type_id
 WHERE allowed.id IN (
       SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = %(user)s
       UNION ALL
       SELECT granted.permission_id
         FROM auth_group_permissions granted JOIN accounts_user_groups mine ON mine.group_id = granted.group_id
        WHERE mine.user_id = %(user)s)
"""


@cache
def _select_user() -> tuple[str, list[str]]:
    """Return the statement that loads one user, and the attributes its columns are, in order."""
    fields = User._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields if field.column)
    table, key = (connection.ops.quote_name(name) for name in (User._meta.db_table, User._meta.pk.column or ""))
    return f"SELECT {columns} FROM {table} WHERE {key} = %s", [field.attname for field in fields]  # noqa: S608  names of ours


class UserBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth publishes no types
    def get_user(self, user_id: UUID) -> User | None:
        """Return the user if there is one who may still sign in."""
        statement, attributes = _select_user()
        with connection.cursor() as cursor:
            cursor.execute(statement, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        user = User.from_db(connection.alias, attributes, row)
        return user if self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: User | AnonymousUser, obj: Any = None) -> set[str]:
        """Return the rights of a user as Django does, but in one statement, which reads the groups' names as well."""
        if not isinstance(user_obj, User) or not user_obj.is_active or user_obj.is_superuser or obj is not None:
            return set(super().get_all_permissions(user_obj, obj))
        known: set[str] | None = getattr(user_obj, "_perm_cache", None)
        if known is None:
            with connection.cursor() as cursor:
                cursor.execute(_RIGHTS, {"user": user_obj.pk})
                rows = cursor.fetchall()
            known = {f"{label}.{name}" for label, name in rows if label is not None}
            user_obj._perm_cache = known  # type: ignore[attr-defined]  # where Django keeps them, too
            user_obj.group_names = frozenset(name for label, name in rows if label is None)
        return known
