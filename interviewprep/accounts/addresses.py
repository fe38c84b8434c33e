"""Which e-mail addresses we take: only those that a mail can go to.

Every place where somebody types an address asks here. Django alone also takes quoted local parts, which carry control
characters and whole header lines into mails, and domains that cannot be put on the wire.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

# Control and format characters, line and paragraph separators: what ends a header line or turns the reading direction.
_HIDDEN = {"Cc", "Cf", "Zl", "Zp"}


def without_hidden(text: str) -> str:
    """Return `text` without the characters that show nothing and change what is around them."""
    return "".join(character for character in text if unicodedata.category(character) not in _HIDDEN)


def validate_mailable(address: str) -> None:
    """Raise ValidationError unless `address`, as it goes on the wire, is a plain ASCII address."""
    local, _at, domain = address.rpartition("@")
    try:
        if '"' in local or without_hidden(address) != address:
            raise ValueError
        # As the mail is addressed. Checked again: some characters of a domain become an "@" or a "," only here.
        on_the_wire = f"{local}@{domain.encode('idna').decode('ascii')}"
        on_the_wire.encode("ascii")
        validate_email(on_the_wire)
    except (ValueError, ValidationError) as error:
        raise ValidationError(
            _("No mail can be sent to this address. Use one that looks like name@example.com."), code="invalid"
        ) from error
