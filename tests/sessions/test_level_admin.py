"""The levels in the admin: for those who read the bank, to look at only."""

from typing import Any

import pytest
from django.test import Client

from sessions.models import QuestionLevel
from tests.clients import signed_in
from tests.factories import NOW, make_curator, make_question, make_user

pytestmark = pytest.mark.django_db

URL = "/admin/interview_sessions/questionlevel/"


def make_level(**fields: Any) -> QuestionLevel:
    known = {"knots": [[0.2, 0.35], [0.6, 0.8]], "corrections": 21, "rmse_before": 0.3, "rmse_after": 0.1251}
    return QuestionLevel.objects.create(
        question=make_question("why-scale"), grader="lexical", grader_version=2, fitted_at=NOW, **known | fields
    )


@pytest.fixture
def curator() -> Client:
    return signed_in(make_curator())


def test_a_curator_sees_what_moved_and_how_much_it_helps(curator: Client) -> None:
    level = make_level()
    listed = curator.get(URL).content.decode()
    assert "why-scale" in listed and "0.300" in listed and "0.125" in listed
    assert "0.20 → 0.35, 0.60 → 0.80" in curator.get(f"{URL}{level.pk}/change/").content.decode()


def test_a_level_that_did_not_help_says_so(curator: Client) -> None:
    page = curator.get(f"{URL}{make_level(knots=[]).pk}/change/").content.decode()
    assert "None: it did not help" in page


def test_nobody_writes_levels_by_hand(curator: Client) -> None:
    level = make_level()
    assert curator.get(f"{URL}add/").status_code == 403
    assert curator.post(f"{URL}{level.pk}/change/", {"corrections": "1"}).status_code == 403
    assert curator.post(f"{URL}{level.pk}/delete/", {"post": "yes"}).status_code == 403
    level.refresh_from_db()
    assert level.corrections == 21


def test_staff_who_do_not_read_the_bank_see_none(client: Client) -> None:
    make_level()
    staff = signed_in(make_user(is_staff=True))
    assert staff.get(URL).status_code == 403
    assert "questionlevel" not in staff.get("/admin/").content.decode()
    assert client.get(URL).status_code == 302
