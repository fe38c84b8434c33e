"""Where opinions show: the switch in the profile, beside the verdicts for who may read those, and one's own page."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from interviewprep.accounts.models import User
from sessions import opinions
from sessions.models import InterviewSession, Opinion, Report
from tests.clients import as_guest, signed_in
from tests.factories import NOW, make_curator, make_guest, make_mentor, make_mentorship, make_user
from tests.sessions.opinions import stub
from tests.sessions.opinions.stub import Server, point, reply, says
from tests.sessions.sitting import LATER, shown, sit

pytestmark = pytest.mark.django_db

WORDS = "Accuracy is useless with imbalanced classes. I look at precision and recall of the fraud class."
LABEL = "A language model's opinion"
PAGES = ["report", "transcript"]


def with_opinion(candidate: User) -> InterviewSession:
    """Sit one open question, with a report that is shown and whatever the endpoint says of the answer."""
    session = sit(("open", WORDS), candidate=candidate)
    shown(session)
    opinions.order(now=LATER, session_id=session.pk)
    opinions.form_opinion(now=LATER)
    return session


def page_of(name: str, session: InterviewSession, client: Client | None = None) -> str:
    page = (client or signed_in(session.candidate)).get(reverse(name, args=[session.pk]))
    assert page.status_code == 200
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page.content.decode())
    return re.sub(r'nonce="[^"]*"|"X-CSRFToken": ?"[^"]*"', "", text)


def profile_of(user: User) -> str:
    return signed_in(user).get(reverse("profile")).content.decode()


def save_profile(user: User, **fields: str) -> str:
    """Save the profile, and return where that leads, or "" when it was refused."""
    page = signed_in(user).post(reverse("profile"), {"name": "Ada", "time_factor": "1.00"} | fields)
    return page.headers.get("Location", "")


def host_of(server: Server) -> str:
    return urlsplit(server.url).netloc


# --- The switch --------------------------------------------------------------------------------------------------


def test_where_the_operator_set_nothing_there_is_no_switch_and_none_can_be_sent() -> None:
    user = make_user()
    assert "asks_opinions" not in profile_of(user)
    save_profile(user, asks_opinions="")
    save_profile(user, asks_opinions="on")
    user.refresh_from_db()
    assert (user.opinion_host, user.opinion_since) == ("", None)


def test_the_switch_is_off_and_names_host_and_model(endpoint: Server) -> None:
    page = profile_of(make_user())
    assert f"<strong>{host_of(endpoint)}</strong>" in page
    assert "<strong>stub-1</strong>" in page
    (switch,) = re.findall(r'<input type="checkbox" name="asks_opinions"[^>]*>', page)
    assert "checked" not in switch


def test_switching_on_is_consent_to_this_host_from_now_on(endpoint: Server) -> None:
    user = make_user()
    assert save_profile(user, asks_opinions=host_of(endpoint)) == reverse("profile")
    user.refresh_from_db()
    assert user.opinion_host == host_of(endpoint)
    since = user.opinion_since
    assert since is not None and since > NOW
    assert re.search(r'name="asks_opinions"[^>]*checked', profile_of(user))
    save_profile(user, asks_opinions=host_of(endpoint))
    user.refresh_from_db()
    assert user.opinion_since == since


def test_switching_off_takes_consent_back_and_leads_to_what_is_kept(ada: User) -> None:
    assert save_profile(ada) == reverse("opinions")
    ada.refresh_from_db()
    assert (ada.opinion_host, ada.opinion_since) == ("", None)
    assert save_profile(ada) == reverse("profile")


def test_nobody_agrees_to_a_host_that_they_were_not_shown(endpoint: Server) -> None:
    user = make_user()
    assert save_profile(user, asks_opinions="old.example.org") == ""
    user.refresh_from_db()
    assert user.opinion_host == ""


def test_a_new_host_finds_the_switch_off(ada: User, settings: Settings) -> None:
    settings.OPINION_URL = "https://other.example.org/v1"
    page = profile_of(ada)
    assert "other.example.org" in page
    assert not re.search(r'name="asks_opinions"[^>]*checked', page)


# --- Beside the verdicts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_an_opinion_says_whose_it_is_and_that_it_counts_for_nothing(ada: User, endpoint: Server, name: str) -> None:
    page = page_of(name, with_opinion(ada))
    assert page.count(LABEL) == 1
    assert f"stub-1 on {host_of(endpoint)}, 2 Mar 2026. It may be wrong; it counts for nothing." in page
    assert "<q>Accuracy is useless</q>" in page
    assert "says: found" in page
    assert "Say what a missed fraud costs." in page


@pytest.mark.parametrize("name", PAGES)
def test_what_was_left_out_is_said(ada: User, endpoint: Server, name: str) -> None:
    endpoint.behaviour = says(
        reply(point("costs", "found", "made up"), point("precision-recall", "partly", "made up too"), point("other"))
    )
    page = page_of(name, with_opinion(ada))
    assert "2 quotes were not in the answer and were left out." in page
    assert "1 remark was on no key point" in page
    assert "no verdict: without evidence" in page
    assert "says: partly, without evidence" in page
    assert "made up" not in page


@pytest.mark.parametrize("name", PAGES)
def test_mark_up_in_a_reply_is_shown_as_text(ada: User, endpoint: Server, name: str) -> None:
    evil = '<script>alert(1)</script> <img src=x onerror=y> **bold** [link](javascript:z) <a href="//evil.example">'
    endpoint.behaviour = says(reply(point("costs", "not_found", "", evil), overall=evil))
    page = page_of(name, with_opinion(ada))
    for live in ("<script>alert", "<img src=x", "<strong>bold", 'href="javascript', 'href="//evil'):
        assert live not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=y&gt; **bold** [link]") == 2


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "behaviour", [stub.hangs, stub.status(401), stub.status(500), says("I cannot help with that.")]
)
def test_where_there_is_no_opinion_the_page_is_the_same_byte_for_byte(
    ada: User, endpoint: Server, settings: Settings, behaviour: stub.Behaviour, name: str
) -> None:
    endpoint.behaviour = behaviour
    settings.OPINION_TIMEOUT_SECONDS = 0.2
    session = with_opinion(ada)
    page = page_of(name, session)
    stored = Report.objects.values().get()
    Opinion.objects.all().delete()
    assert page_of(name, session) == page
    settings.OPINION_URL = ""
    assert page_of(name, session) == page
    assert Report.objects.values().get() == stored


@pytest.mark.parametrize("name", PAGES)
def test_an_opinion_in_a_shape_of_long_ago_breaks_no_page(ada: User, name: str) -> None:
    session = with_opinion(ada)
    Opinion.objects.update(data={"shape": "of long ago"})
    assert LABEL not in page_of(name, session)


@pytest.mark.parametrize("name", PAGES)
def test_with_an_opinion_the_rest_of_the_page_is_the_same(ada: User, name: str) -> None:
    session = with_opinion(ada)
    page = page_of(name, session)
    Opinion.objects.all().delete()
    without = page_of(name, session)
    start = page.index("<details>\n<summary>" + LABEL)
    end = page.index("</details>", start) + len("</details>")
    assert re.sub(r"\s+", " ", page[:start] + page[end:]) == re.sub(r"\s+", " ", without)


@pytest.mark.parametrize("name", PAGES)
def test_a_mentor_with_consent_reads_it_too_and_others_read_nothing(ada: User, name: str) -> None:
    session = with_opinion(ada)
    assert LABEL in page_of(name, session, signed_in(make_mentor(of=ada)))
    stranger = make_mentor()
    make_mentorship(candidate=ada, mentor=stranger, revoked=True)
    url = reverse(name, args=[session.pk])
    for client in (signed_in(stranger), signed_in(make_user()), signed_in(make_curator()), as_guest(make_guest())):
        assert client.get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_it_costs_one_statement_and_none_where_it_is_off(ada: User, settings: Settings, name: str) -> None:
    session = with_opinion(ada)
    client, url = signed_in(ada), reverse(name, args=[session.pk])
    client.get(url)
    counts = []
    for address in (settings.OPINION_URL, ""):
        settings.OPINION_URL = address
        counts.append(statements(client, url))
    assert counts[0] == counts[1] + 1


def statements(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# --- One's own page ----------------------------------------------------------------------------------------------


def test_the_page_says_how_many_there_are_and_what_became_of_the_others(ada: User, endpoint: Server) -> None:
    with_opinion(ada)
    endpoint.behaviour = stub.status(401)
    with_opinion(ada)
    page = signed_in(ada).get(reverse("opinions")).content.decode()
    assert re.findall(r'<dt>(.*?)</dt><dd class="number">(\d+)</dd>', page) == [("given", "1"), ("failed", "1")]
    assert host_of(endpoint) in page


def test_without_any_there_is_nothing_to_delete() -> None:
    page = signed_in(make_user()).get(reverse("opinions")).content.decode()
    assert "No opinions are kept here." in page
    assert reverse("opinions_delete") not in page


def test_deleting_is_a_post_takes_ones_own_alone_and_can_be_done_twice(ada: User) -> None:
    other = make_user(opinion_host=ada.opinion_host, opinion_since=NOW - timedelta(days=1))
    with_opinion(other)
    session = with_opinion(ada)
    client = signed_in(ada)
    assert client.get(reverse("opinions_delete")).status_code == 405
    for words in ("1 opinion is deleted.", "0 opinions are deleted."):
        assert words in client.post(reverse("opinions_delete"), follow=True).content.decode()
    assert [opinion.answer.candidate for opinion in Opinion.objects.all()] == [other]
    assert LABEL not in page_of("report", session)


@pytest.mark.parametrize("name", ["opinions", "opinions_delete"])
def test_visitors_and_guests_are_sent_to_the_log_in(ada: User, name: str) -> None:
    with_opinion(ada)
    for client in (Client(), as_guest(make_guest())):
        method = client.get if name == "opinions" else client.post
        assert method(reverse(name)).headers["Location"].startswith(reverse("account_login"))
    assert Opinion.objects.exists()


def test_nobody_elses_opinions_are_counted_or_deleted(ada: User) -> None:
    with_opinion(ada)
    for visitor in (make_user(), make_mentor(of=ada), make_curator()):
        client = signed_in(visitor)
        assert "No opinions are kept here." in client.get(reverse("opinions")).content.decode()
        client.post(reverse("opinions_delete"))
    assert Opinion.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    ada: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        with_opinion(ada)
    client = signed_in(ada)
    client.get(reverse("opinions"))
    with django_assert_num_queries(3):  # user, roles, the counts
        client.get(reverse("opinions"))
