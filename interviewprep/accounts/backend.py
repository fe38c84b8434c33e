"""How a request's user is loaded: allauth's backend, with the statement written once instead of built for each request.

Every request that knows who asks pays for this, and building the same query anew is most of its price
(benchmarks/README.md). What is loaded, and who may sign in, is Django's and allauth's business as before.
"""

from functools import cache
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection

from interviewprep.accounts.models import User


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
