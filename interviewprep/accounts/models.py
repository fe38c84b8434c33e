"""People: the user (log-in by e-mail), guests who try a sample, roles, and the consent between candidate and mentor.

Owns who somebody is and whose interviews a mentor may read. Knows nothing of questions or interview sessions.
"""

import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from interviewprep.accounts.addresses import validate_mailable

MENTOR_GROUP = "Mentor"
CURATOR_GROUP = "Curator"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """Create a user; e-mail addresses are kept in lower case. A guest has no e-mail address."""
        user = self.model(email=email.strip().lower() if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an operator. Whoever can run this vouches for the address, so it counts as confirmed."""
        from interviewprep.accounts.people import record_address

        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
            record_address(user, verified=True)
        return user

    def create_guest(self) -> "User":
        """Create a visitor who tries a sample interview: no e-mail, no password, deleted after a week."""
        return self.create_user(None, is_guest=True)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(  # noqa: DJ001  NULL: guests have none
        _("e-mail address"), unique=True, null=True, validators=[validate_mailable]
    )
    name = models.CharField(_("name"), max_length=100, blank=True, help_text=_("Shown to your mentors."))
    is_guest = models.BooleanField(_("guest"), default=False)
    is_staff = models.BooleanField(_("may use the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    time_factor = models.DecimalField(
        _("usual extra time"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("1.00"),
        help_text=_("Offered first on every start page: 1.25 means a quarter more time."),
    )
    extra_minutes = models.PositiveSmallIntegerField(
        _("extra minutes"),
        default=0,
        validators=[MaxValueValidator(240)],
        help_text=_("Added to the time of every interview, after the factor."),
    )
    hides_timer = models.BooleanField(
        _("hides the timer"), default=False, help_text=_("Interviews begin with the timer out of sight.")
    )
    # Written by `consent`: where a language model may read this person's open answers, and since when.
    opinion_host = models.CharField(_("host that may give opinions"), max_length=260, blank=True, editable=False)
    opinion_since = models.DateTimeField(_("agreed to opinions"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_ignoring_case"),
            models.CheckConstraint(
                condition=Q(is_guest=True) | Q(email__isnull=False), name="user_only_guests_lack_email"
            ),
            models.CheckConstraint(
                condition=Q(time_factor__gte=1) & Q(time_factor__lte=4), name="user_time_factor_in_range"
            ),
        ]
        indexes = [
            models.Index(fields=["date_joined"], condition=Q(is_guest=True), name="user_guest_joined"),
        ]

    def __str__(self) -> str:
        return self.email or f"guest {str(self.id)[:8]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower() if self.email else None
        super().save(*args, **kwargs)

    @property
    def display_name(self) -> str:
        return self.name or (self.email or str(_("Guest"))).split("@")[0]

    @cached_property
    def group_names(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True))

    @property
    def is_mentor(self) -> bool:
        return MENTOR_GROUP in self.group_names

    @property
    def is_curator(self) -> bool:
        return self.is_superuser or CURATOR_GROUP in self.group_names


def _addressed_to(addresses: Collection[str]) -> Q:
    """The side that was asked has no person yet, only the address it was asked at."""
    return Q(mentor__isnull=True, mentor_email__in=addresses) | Q(candidate__isnull=True, candidate_email__in=addresses)


class MentorshipQuerySet(models.QuerySet["Mentorship"]):
    def active(self) -> Self:
        """Those under which a mentor may read finished sessions: accepted and not revoked."""
        return self.filter(accepted_at__isnull=False, revoked_at__isnull=True)

    def pending(self) -> Self:
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True)

    def living(self) -> Self:
        """Accepted or still waiting for an answer: what the two could end."""
        return self.filter(revoked_at__isnull=True)

    def visible_to(self, user: User, *, addresses: Collection[str] = ()) -> Self:
        """The user's own, from either side, and invitations to one of their confirmed `addresses`."""
        return self.filter(Q(candidate=user) | Q(mentor=user) | _addressed_to(addresses))


class Mentorship(models.Model):
    """A candidate's consent that a mentor reads their finished sessions. Nothing is readable before both agreed."""

    class Initiator(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        MENTOR = "mentor", _("mentor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Either side may begin, and the other may not have an account yet: the address stands in until they accept.
    candidate = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="mentorships_as_candidate",
        null=True,
        blank=True,
        verbose_name=_("candidate"),
    )
    candidate_email = models.EmailField(_("candidate's e-mail address"))
    mentor = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="mentorships_as_mentor",
        null=True,
        blank=True,
        verbose_name=_("mentor"),
    )
    mentor_email = models.EmailField(_("mentor's e-mail address"))
    initiator = models.CharField(_("begun by"), max_length=10, choices=Initiator)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    sent_at = models.DateTimeField(_("mail sent"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("mentorship")
        verbose_name_plural = _("mentorships")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate_email", "mentor_email"],
                condition=Q(revoked_at__isnull=True),
                name="mentorship_one_living_per_pair",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | (Q(candidate__isnull=False) & Q(mentor__isnull=False)),
                name="mentorship_accepted_by_two_people",
            ),
        ]
        # For `visible_to`: each side that nobody has taken yet, by the address it was asked at.
        indexes = [
            models.Index(fields=["mentor_email"], condition=Q(mentor__isnull=True), name="mentorship_open_mentor"),
            models.Index(
                fields=["candidate_email"], condition=Q(candidate__isnull=True), name="mentorship_open_candidate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor_email} -> {self.candidate_email}"

    @property
    def is_pending(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None

    @property
    def begun_by_candidate(self) -> bool:
        return self.initiator == self.Initiator.CANDIDATE

    @property
    def inviter(self) -> User:
        """Who asked; that side is a person from the start."""
        inviter = self.candidate if self.begun_by_candidate else self.mentor
        assert inviter is not None
        return inviter

    @property
    def invited_email(self) -> str:
        return self.mentor_email if self.begun_by_candidate else self.candidate_email
