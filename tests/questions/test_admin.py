"""The curator's admin: who gets in, what can be written, what stays as it is, and what every change says."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from interviewprep.accounts.models import User
from questions import yamltext
from questions.models import Question, QuestionVersion, Review, Topic
from questions.publishing import add_version, publish, retire
from tests.factories import (
    BY_KIND,
    NOW,
    make_approval,
    make_content,
    make_curator,
    make_mentor,
    make_plan,
    make_question,
    make_session,
    make_topic,
    make_user,
    questions_of,
)

pytestmark = pytest.mark.django_db

LISTS = ("questions_topic", "questions_question", "questions_questionversion", "interview_sessions_interviewplan")


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def curator() -> User:
    return make_curator()


@pytest.fixture
def admin(client: Client, curator: User) -> Client:
    client.force_login(curator)
    return client


def newest(question: Question) -> QuestionVersion:
    version = question.versions.order_by("-number").first()
    assert version is not None
    return version


def make_draft(question: Question | None = None, **fields: Any) -> QuestionVersion:
    question = question or make_question(published=False)
    return add_version(question=question, content=make_content(**fields), author=None)


def typed(kind: str = "open", **fields: Any) -> dict[str, Any]:
    """Return what a person types into the version form for a good question; `fields` replace parts of it."""
    content = make_content(kind).model_dump(mode="json")
    for name in ("key_points", "choices", "numeric_answer", "misconceptions", "code"):
        content[name] = yamltext.dump(content[name]) if content[name] else ""
    for name in ("follow_ups", "tags"):
        content[name] = "\r\n".join(content[name])
    return content | fields


def save(client: Client, version: QuestionVersion, **fields: Any) -> HttpResponse:
    return client.post(url("questions_questionversion_change", version.pk), typed(**fields))  # type: ignore[return-value]


# Who gets in


@pytest.mark.parametrize("page", [*(f"{name}_changelist" for name in LISTS), "index"])
def test_the_admin_is_for_curators_only(client: Client, page: str) -> None:
    login = reverse("account_login")
    response = client.get(url(page), follow=True)
    assert response.redirect_chain[-1][0].startswith(f"{login}?next=")
    for stranger in (make_user(), make_mentor()):
        client.force_login(stranger)
        assert client.get(url(page), follow=True).status_code == 403
    client.force_login(make_curator())
    assert client.get(url(page)).status_code == 200


@pytest.mark.parametrize("make_person", [lambda: None, make_user, make_mentor])
@pytest.mark.parametrize(
    "action",
    [
        "questions_questionversion_preview",
        "questions_questionversion_copy",
        "questions_questionversion_publish",
        "questions_question_publish",
        "questions_question_retire",
        "questions_question_revise",
    ],
)
def test_nobody_else_sees_or_moves_a_version(
    client: Client, make_person: Callable[[], User | None], action: str
) -> None:
    draft = make_draft()
    if person := make_person():
        client.force_login(person)
    for object_id in (draft.pk, draft.question.pk):
        send = client.get if action.endswith("preview") else client.post
        response = send(url(action, object_id))
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
    draft.refresh_from_db()
    assert not draft.is_published
    assert draft.question.versions.count() == 2


def test_staff_without_the_curators_rights_change_nothing(client: Client) -> None:
    client.force_login(make_user(is_staff=True))
    version = newest(make_question())
    assert client.get(url("questions_question_changelist")).status_code == 403
    assert client.get(url("questions_questionversion_preview", version.pk)).status_code == 403
    assert client.post(url("questions_questionversion_publish", version.pk)).status_code == 403
    assert client.post(url("questions_question_retire", version.question.pk)).status_code == 403


def test_curators_neither_see_people_nor_delete_the_bank(admin: Client) -> None:
    question = make_question()
    assert admin.get(url("accounts_user_changelist")).status_code == 403
    assert admin.post(url("questions_question_delete", question.pk)).status_code == 403
    assert admin.post(url("questions_topic_delete", question.topic.pk)).status_code == 403
    assert admin.post(url("interview_sessions_interviewplan_delete", make_plan().pk)).status_code == 403


@pytest.mark.parametrize(
    "action",
    ["questionversion_copy", "questionversion_publish", "question_publish", "question_retire", "question_revise"],
)
def test_nothing_changes_by_following_a_link(admin: Client, action: str) -> None:
    version = make_draft()
    object_id = version.pk if action.startswith("questionversion") else version.question.pk
    assert admin.get(url(f"questions_{action}", object_id)).status_code == 405


def test_unknown_objects_are_not_found(admin: Client) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    assert admin.get(url("questions_questionversion_preview", unknown)).status_code == 404
    assert admin.post(url("questions_questionversion_publish", unknown)).status_code == 404
    assert admin.post(url("questions_question_retire", unknown)).status_code == 404


# Every page


def test_every_page_of_the_bank_shows_its_brand_and_keeps_to_the_policy(admin: Client) -> None:
    version = newest(make_question())
    draft = make_draft(version.question)
    plan = make_plan()
    pages = [url("index"), *(url(f"{name}_changelist") for name in LISTS), *(url(f"{name}_add") for name in LISTS)]
    pages += [
        url("questions_question_change", version.question.pk),
        url("questions_topic_change", version.question.topic.pk),
    ]
    pages += [url("questions_questionversion_change", each.pk) for each in (version, draft)]
    pages += [url("questions_questionversion_preview", version.pk)]
    pages += [url("interview_sessions_interviewplan_change", plan.pk)]
    for page in pages:
        response = admin.get(page)
        assert response.status_code == 200, page
        html = response.content.decode()
        assert "Interview Prep" in html
        assert "Content-Security-Policy" in response.headers
        assert not re.search(r"<script(?![^>]*\bsrc=)", html), page
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", html), page
    assert "Interview Prep — bank" in words(admin.get(url("index")))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_statements_however_long(admin: Client, name: str) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(url(f"{name}_changelist")).status_code == 200
        return len(queries)

    make_plan()
    admin.get(url(f"{name}_changelist"))
    few = statements()
    for _ in range(3):
        make_plan()
        make_draft(make_question(), title="Another")
    assert statements() == few


@pytest.mark.parametrize("name", ["questions_question", "questions_questionversion"])
def test_a_change_page_costs_the_same_statements_however_long_the_history(admin: Client, name: str) -> None:
    question = make_question()

    def statements() -> int:
        target = question.pk if name == "questions_question" else newest(question).pk
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(url(f"{name}_change", target)).status_code == 200
        return len(queries)

    make_draft(question)
    statements()
    few = statements()
    for number in range(4):
        make_draft(question, title=f"Wording {number}")
    assert statements() == few


def test_questions_are_found_by_slug_title_and_prompt_of_any_version(admin: Client) -> None:
    question = make_question("the-slug", title="Old title", prompt="Some prompt")
    make_draft(question, title="Waiting title")
    make_question("other")
    for term in ("the-slug", "old title", "waiting", "some prompt"):
        html = admin.get(url("questions_question_changelist"), {"q": term}).content.decode()
        assert "the-slug" in html, term
        assert ">other<" not in html, term


def test_questions_are_filtered_by_area_state_and_waiting_draft(admin: Client) -> None:
    area = Topic.objects.create(slug="area-x", name="Area X")
    inside = make_question("inside", topic=make_topic("topic-x", area=area))
    make_question("outside")
    make_draft(inside)
    retire(question=make_question("gone", topic=inside.topic))

    def listed(**filters: str) -> set[str]:
        html = admin.get(url("questions_question_changelist"), filters).content.decode()
        return {slug for slug in ("inside", "outside", "gone") if f">{slug}<" in html}

    assert listed() == {"inside", "outside", "gone"}
    assert listed(area="area-x") == {"inside", "gone"}
    assert listed(status__exact="retired") == {"gone"}
    assert listed(draft="yes") == {"inside"}
    assert listed(area="area-x", draft="no") == {"gone"}


def test_versions_are_filtered_by_state(admin: Client) -> None:
    question = make_question(title="First wording")
    publish(question=question, version=make_draft(question, title="Second wording"), now=NOW)
    make_draft(question, title="Third wording")

    def listed(state: str) -> list[str]:
        text = words(admin.get(url("questions_questionversion_changelist"), {"state": state}))  # type: ignore[arg-type]
        return [word for word in ("First", "Second", "Third") if f"{word} wording" in text]

    assert listed("draft") == ["Third"]
    assert listed("current") == ["Second"]
    assert listed("earlier") == ["First"]


def test_topics_are_listed_below_their_area_with_what_they_ask(admin: Client) -> None:
    last = Topic.objects.create(slug="last", name="Last", order=2)
    first = Topic.objects.create(slug="first", name="First", order=1)
    below = Topic.objects.create(slug="below-last", name="Below last", order=1, area=last)
    Topic.objects.create(slug="below-first", name="Below first", order=9, area=first)
    for _ in range(2):
        make_question(topic=below)
    make_question(topic=last)
    make_question(topic=below, published=False)
    html = admin.get(url("questions_topic_changelist")).content.decode()
    assert re.findall(r'class="quiet">([a-z-]+)<', html) == ["first", "below-first", "last", "below-last"]
    assert re.findall(r'field-published_questions">(\d+)<', html) == ["0", "0", "3", "2"]


# Drafts


def test_a_new_question_leads_on_to_its_first_version(admin: Client, curator: User) -> None:
    topic = make_topic()
    response = admin.post(url("questions_question_add"), {"slug": "brand-new", "topic": str(topic.pk)})
    question = Question.objects.get(slug="brand-new")
    assert question.status == Question.Status.DRAFT
    assert response["Location"] == f"{url('questions_questionversion_add')}?question={question.pk}"
    page = admin.get(response["Location"]).content.decode()
    assert f'value="{curator.display_name}"' in page
    admin.post(url("questions_questionversion_add"), typed(question=str(question.pk)))
    version = question.versions.get()
    assert (version.number, version.created_by, version.is_published) == (1, curator, False)


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_draft_of_every_kind_is_saved_as_typed(admin: Client, kind: str) -> None:
    draft = make_draft(kind=kind)
    response = save(admin, draft, kind=kind, title="Typed anew", prompt="One\r\n\r\ntwo")
    assert response.status_code == 302
    draft = QuestionVersion.objects.get(pk=draft.pk)
    expected = make_content(kind, title="Typed anew", prompt="One\n\ntwo")
    assert draft.content == expected
    assert draft.digest == expected.digest()


def test_what_the_form_shows_can_be_saved_unchanged(admin: Client) -> None:
    draft = make_draft()
    form = admin.get(url("questions_questionversion_change", draft.pk)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    assert admin.post(url("questions_questionversion_change", draft.pk), data).status_code == 302
    assert QuestionVersion.objects.get(pk=draft.pk).digest == draft.digest


POINTS = "- key: a\n  text: One\n  weight: 2\n- key: b\n  text: Two\n  weight: 9\n"


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"key_points": POINTS}, "key_points", "Line 6, entry 2, weight: must be at most 3"),
        (
            {"key_points": "- key: a\n  txet: x\n  weight: 1"},
            "key_points",
            "Line 2, entry 1, txet: is not a known name",
        ),
        (
            {"key_points": "- key: a\n  text: x\n  weight: 1\n  any_of:\n    need: 4\n    items: [a, b]"},
            "key_points",
            "Line 5, entry 1, any_of.need: asks for 4 of 2 items",
        ),
        ({"key_points": "- key: a\n- b: [\n"}, "key_points", "Line 2: is not valid YAML"),
        ({"key_points": "none"}, "key_points", "Must be a list"),
        ({"key_points": ""}, "key_points", "An open question needs key points"),
        ({"choices": "- key: a"}, "choices", "Line 1, entry 1, text: is missing"),
        ({"numeric_answer": "value: 1\ntolerance: -1"}, "numeric_answer", "Line 2, tolerance: must be at least 0"),
        ({"prompt": "x" * 20_001}, "prompt", "May have at most 20000 characters"),
        ({"time_limit_seconds": "5"}, "time_limit_seconds", "Must be at least 10"),
        ({"title": ""}, "title", "This field is required."),
        ({"difficulty": "brutal"}, "difficulty", "Select a valid choice."),
        ({"licence": "GPL"}, "licence", "Select a valid choice."),
        ({"follow_ups": "x" * 1_001}, "follow_ups", "May have at most 1000 characters"),
    ],
)
def test_each_problem_is_shown_at_its_field_and_nothing_is_saved(
    admin: Client, fields: dict[str, Any], field: str, message: str
) -> None:
    draft = make_draft()
    response = save(admin, draft, **fields)
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors  # type: ignore[attr-defined]
    assert any(error.startswith(message) for error in errors[field]), errors
    assert QuestionVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_all_problems_are_shown_at_once_and_what_was_typed_is_kept(admin: Client) -> None:
    draft = make_draft()
    response = save(admin, draft, key_points=POINTS + "- key: a\n  weight: 0\n", choices="- [", title="ab")
    form = response.context["adminform"].form  # type: ignore[attr-defined]
    assert form.errors["key_points"] == [
        "Line 6, entry 2, weight: must be at most 3 (“weight: 9”)",
        "Line 7, entry 3, text: is missing (“- key: a”)",
        "Line 8, entry 3, weight: must be at least 1 (“weight: 0”)",
        "Line 7, entry 3, key: every key must be used once (“- key: a”)",
    ]
    assert set(form.errors) == {"key_points", "choices", "title"}
    assert form["key_points"].value().startswith(POINTS)


GOOD_POINTS = [f"- key: point-{number}\n  text: Idea {number}\n  weight: 2\n" for number in range(1, 5)]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("- key: bad\n  text: Idea\n  weight: 9\n", "entry 3, weight: must be at most 3 (“weight: 9”)"),
        ("- key: bad\n  text: Idea\n  weight: 2: 3\n", "is not valid YAML"),
        ("- key: bad\n  weight: 2\n  text: 'Idea\n", "is not valid YAML"),
        ("- key: bad\n  weight: 2\n  text Idea\n", "is not valid YAML"),
        ("- key: bad\n  weight: 2\n  weight: 1\n", "“weight” is given twice (“weight: 1”)"),
    ],
)
@pytest.mark.parametrize("above", ["", "\n\n", "# Ideas\n  \n"])
def test_the_line_in_a_message_is_the_line_in_the_box(
    admin: Client, above: str, bad: str, message: str, line_end: str
) -> None:
    text = above + "".join([*GOOD_POINTS[:2], bad, *GOOD_POINTS[2:]])
    response = save(admin, make_draft(), key_points=text.replace("\n", line_end))
    form = response.context["adminform"].form  # type: ignore[attr-defined]
    error = form.errors["key_points"][0]
    number = int(re.findall(r"\d+", error)[0])
    marker = bad.splitlines()[2].strip()
    assert text.split("\n")[number - 1].strip() == marker
    assert message in error
    assert error.endswith(f"(“{marker}”)")


def test_a_line_end_that_no_box_shows_moves_no_line_number(admin: Client) -> None:
    text = "- key: a\n  text: 'One\u2028idea'\n  weight: 2\n- key: b\n  weight: 9\n"
    response = save(admin, make_draft(), key_points=text)
    errors = response.context["adminform"].form.errors["key_points"]  # type: ignore[attr-defined]
    assert "Line 5, entry 2, weight: must be at most 3 (“weight: 9”)" in errors


def test_a_list_may_be_indented_from_its_first_line_on(admin: Client) -> None:
    draft = make_draft()
    indented = "".join(f"  {line}\r\n" for line in "".join(GOOD_POINTS).splitlines())
    assert save(admin, draft, key_points=indented).status_code == 302
    assert len(QuestionVersion.objects.get(pk=draft.pk).key_points) == 4


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("open", "key_points"), ("single", "choices"), ("multiple", "choices"), ("numeric", "numeric_answer")],
)
def test_the_boxes_of_other_kinds_are_folded_away_until_they_have_an_error(
    admin: Client, kind: str, needed: str
) -> None:
    def folded(response: HttpResponse) -> set[str]:
        parts = re.findall(r"<details>.*?</details>", response.content.decode(), re.DOTALL)
        return boxes & {name for part in parts for name in re.findall(r'<textarea name="(\w+)"', part)}

    draft = make_draft(kind=kind)
    boxes = {"key_points", "choices", "numeric_answer"}
    response = admin.get(url("questions_questionversion_change", draft.pk))
    assert folded(response) == boxes - {needed}  # type: ignore[arg-type]
    assert not folded(admin.get(url("questions_questionversion_add")))  # type: ignore[arg-type]
    wrong = "choices" if kind == "open" else "key_points"
    assert not folded(save(admin, draft, kind=kind, **{wrong: "- key: a"}))


def test_the_kind_of_a_draft_can_be_changed(admin: Client) -> None:
    draft = make_draft()
    assert save(admin, draft, kind="numeric").status_code == 302
    assert QuestionVersion.objects.get(pk=draft.pk).kind == "numeric"


@pytest.mark.parametrize("published", [True, False])
def test_the_time_of_a_question_is_called_a_suggestion(admin: Client, published: bool) -> None:
    version = newest(make_question(published=published)) if published else make_draft()
    text = words(admin.get(url("questions_questionversion_change", version.pk)))  # type: ignore[arg-type]
    assert "Suggested time in seconds" in text
    assert "ime limit in seconds" not in text


def test_a_published_version_shows_the_answer_of_its_kind_only(admin: Client) -> None:
    text = words(admin.get(url("questions_questionversion_change", newest(make_question()).pk)))  # type: ignore[arg-type]
    assert "Key points:" in text
    assert "Choices:" not in text


def test_a_nul_character_is_refused_with_a_message(admin: Client) -> None:
    response = save(admin, make_draft(), prompt="a\x00b", key_points="- key: a\x00")
    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"prompt", "key_points"}  # type: ignore[attr-defined]


def test_a_draft_can_be_thrown_away(admin: Client) -> None:
    draft = make_draft(make_question())
    assert admin.post(url("questions_questionversion_delete", draft.pk), {"post": "yes"}).status_code == 302
    assert not QuestionVersion.objects.filter(pk=draft.pk).exists()


# Published versions


def test_a_published_version_is_only_read(admin: Client) -> None:
    version = newest(make_question())
    page = admin.get(url("questions_questionversion_change", version.pk)).content.decode()
    assert "_save" not in page
    assert "key: accuracy-misleads" in page
    assert save(admin, version, title="Changed").status_code == 403
    assert admin.post(url("questions_questionversion_delete", version.pk), {"post": "yes"}).status_code == 403
    assert QuestionVersion.objects.get(pk=version.pk).digest == version.digest


def test_a_version_published_while_it_is_edited_stays_as_published(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = make_draft()
    digest = draft.digest
    original = QuestionVersion.save

    def publish_just_before(version: QuestionVersion, *args: Any, **kwargs: Any) -> None:
        QuestionVersion.objects.filter(pk=version.pk).update(published_at=NOW)
        original(version, *args, **kwargs)

    monkeypatch.setattr(QuestionVersion, "save", publish_just_before)
    response = save(admin, draft, title="Too late")
    assert response.status_code == 302
    assert "Somebody published or reviewed this version meanwhile" in words(admin.get(url("index")))  # type: ignore[arg-type]
    assert QuestionVersion.objects.get(pk=draft.pk).digest == digest


def test_a_new_version_starts_as_a_copy_and_is_a_draft(admin: Client, curator: User) -> None:
    version = newest(make_question())
    response = admin.post(url("questions_questionversion_copy", version.pk), follow=True)
    draft = newest(version.question)
    assert response.redirect_chain[-1][0] == url("questions_questionversion_change", draft.pk)
    assert "Nobody sees it before you publish it" in words(response)  # type: ignore[arg-type]
    assert (draft.number, draft.digest, draft.created_by) == (2, version.digest, curator)
    assert not draft.is_published


def test_copying_twice_makes_one_draft(admin: Client) -> None:
    version = newest(make_question())
    for _ in range(2):
        admin.post(url("questions_questionversion_copy", version.pk))
    assert version.question.versions.count() == 2


def test_editing_a_question_continues_its_newest_draft(admin: Client) -> None:
    question = make_question()
    first = admin.post(url("questions_question_revise", question.pk))
    draft = newest(question)
    save(admin, draft, title="Half done")
    again = admin.post(url("questions_question_revise", question.pk))
    assert first["Location"] == again["Location"] == url("questions_questionversion_change", draft.pk)
    assert question.versions.count() == 2
    empty = Question.objects.create(slug="empty", topic=question.topic)
    response = admin.post(url("questions_question_revise", empty.pk))
    assert response["Location"].endswith(f"add/?question={empty.pk}")


# Publishing and retiring


def test_a_published_version_reaches_new_interviews_only(admin: Client) -> None:
    question = make_question()
    running = make_session(plan=make_plan(questions=[question]))
    draft = make_draft(question, title="Better words")
    make_approval(draft)
    response = admin.post(url("questions_questionversion_publish", draft.pk), follow=True)
    assert f"New interviews now get version 2 of “{question}”" in words(response)  # type: ignore[arg-type]
    question.refresh_from_db()
    assert question.current_version == draft
    assert questions_of(running)[0].version.number == 1
    assert LogEntry.objects.get(object_id=str(draft.pk)).change_message == "Published"


def test_publishing_a_draft_without_review_saves_first_what_was_typed(admin: Client) -> None:
    admin.force_login(make_curator(without_review=True))
    question = make_question()
    draft = make_draft(question, title="As last saved")
    page = admin.get(url("questions_questionversion_change", draft.pk)).content.decode()
    assert page.count('name="_publish"') == 1
    assert url("questions_questionversion_publish", draft.pk) not in page
    response = save(admin, draft, title="Just typed", _publish="Save and publish without review")
    assert response["Location"] == url("questions_questionversion_change", draft.pk)
    question.refresh_from_db()
    assert question.current_version == draft
    assert question.current_version.title == "Just typed"
    assert 'name="_publish"' not in admin.get(response["Location"]).content.decode()


def test_a_draft_with_problems_is_not_published(admin: Client) -> None:
    draft = make_draft()
    response = save(admin, draft, title="", key_points=POINTS, _publish="Save and publish")
    assert set(response.context["adminform"].form.errors) == {"title", "key_points"}  # type: ignore[attr-defined]
    draft.refresh_from_db()
    assert not draft.is_published
    assert Question.objects.get(pk=draft.question_id).status == Question.Status.DRAFT


def test_nothing_is_published_without_an_approval(admin: Client) -> None:
    question = make_question()
    draft = make_draft(question)
    page = admin.get(url("questions_questionversion_change", draft.pk)).content.decode()
    assert 'name="_publish"' not in page
    assert 'name="_submit"' in page
    response = save(admin, draft, title="Unread", _publish="Save and publish")
    refusal = "was not published: nobody else has approved these words yet"
    assert refusal in words(admin.get(response["Location"]))  # type: ignore[arg-type]
    for name, target in (
        ("questions_questionversion_publish", newest(question)),
        ("questions_question_publish", question),
    ):
        answer = admin.post(url(name, target.pk), follow=True)
        assert refusal in words(answer)  # type: ignore[arg-type]
    assert refusal in act(admin, "publish_newest", question)
    question.refresh_from_db()
    assert question.current_version is not None
    assert question.current_version.number == 1


def test_a_draft_is_submitted_by_a_button_that_saves_first(admin: Client, curator: User) -> None:
    draft = make_draft(make_question())
    response = save(admin, draft, title="Just typed", _submit="Save and submit for review")
    assert "waits for a review by somebody else" in words(admin.get(response["Location"]))  # type: ignore[arg-type]
    review = Review.objects.get()
    assert (review.version, review.submitted_by, review.version.title) == (draft, curator, "Just typed")


def test_what_somebody_else_wrote_goes_on_as_the_next_version(admin: Client, curator: User) -> None:
    draft = make_draft(make_question())
    QuestionVersion.objects.filter(pk=draft.pk).update(created_by=make_curator())
    response = save(admin, draft, title="By another hand", _continue="1")
    written = newest(draft.question)
    assert (written.number, written.title, written.created_by) == (3, "By another hand", curator)
    assert response["Location"] == url("questions_questionversion_change", written.pk)
    assert "draft, so what you changed is version 3" in words(admin.get(response["Location"]))  # type: ignore[arg-type]
    assert QuestionVersion.objects.get(pk=draft.pk).digest == draft.digest


def test_what_a_reviewer_decided_on_is_only_read(admin: Client) -> None:
    draft = make_draft(make_question())
    make_approval(draft)
    page = admin.get(url("questions_questionversion_change", draft.pk)).content.decode()
    assert "_save" not in page
    assert url("questions_questionversion_publish", draft.pk) in page
    assert save(admin, draft, title="Changed").status_code == 403


def test_a_question_moved_in_the_admin_says_so_in_its_history(admin: Client, curator: User) -> None:
    question, topic = make_question(), make_topic()
    admin.post(
        url("questions_question_change", question.pk),
        {"topic": str(topic.pk), "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"},
    )
    question.refresh_from_db()
    event = question.events.latest("pk")
    assert (question.topic, event.kind, event.actor) == (topic, "moved", curator)


def test_what_new_interviews_get_already_is_not_published_again(admin: Client) -> None:
    question = make_question()
    admin.post(url("questions_question_revise", question.pk))
    draft = newest(question)
    same = typed(title=draft.title, prompt=draft.prompt)
    response = admin.post(url("questions_questionversion_change", draft.pk), same | {"_publish": "1"}, follow=True)
    assert "New interviews get exactly what version 2 says already" in words(response)  # type: ignore[arg-type]
    assert "exactly what the newest version of" in act(admin, "publish_newest", question)
    assert not newest(question).is_published
    retire(question=question)
    assert "1 question is published" in act(admin, "publish_newest", question)
    assert newest(question).is_published


def test_an_earlier_version_can_be_made_current_again(admin: Client) -> None:
    question = make_question()
    first = newest(question)
    publish(question=question, version=make_draft(question), now=NOW)
    admin.post(url("questions_questionversion_publish", first.pk))
    question.refresh_from_db()
    assert question.current_version == first


def act(client: Client, action: str, *questions: Question, **fields: str) -> str:
    data = {"action": action, "_selected_action": [str(question.pk) for question in questions], **fields}
    return words(client.post(url("questions_question_changelist"), data, follow=True))  # type: ignore[arg-type]


def test_selected_questions_are_published_and_the_message_says_what_that_means(admin: Client) -> None:
    first, second = make_question(published=False), make_question()
    for version in (newest(first), make_draft(second)):
        make_approval(version)
    empty = Question.objects.create(slug="empty", topic=first.topic)
    text = act(admin, "publish_newest", first, second, empty)
    assert "2 questions are published in their newest version. Interviews under way keep theirs." in text
    assert "“empty” has no version yet, so there is nothing to publish." in text
    second.refresh_from_db()
    assert second.current_version is not None
    assert (second.current_version.number, Question.objects.published().count()) == (2, 2)


def test_selected_questions_are_retired_and_the_message_says_what_that_means(admin: Client) -> None:
    first, second = make_question(), make_question()
    retire(question=second)
    text = act(admin, "retire", first, second)
    assert "No new interview will ask what you retire" in text
    assert first.slug in text
    assert Question.objects.published().get() == first
    text = act(admin, "retire", first, second, post="yes")
    assert "1 question is retired: no new interview asks it. Past and running interviews keep it." in text
    assert Question.objects.published().count() == 0
    assert LogEntry.objects.get(object_id=str(first.pk)).change_message == "Retired"


def test_a_question_is_retired_and_published_again_from_its_own_page(admin: Client) -> None:
    question = make_question()
    page = url("questions_question_change", question.pk)
    text = words(admin.get(page))  # type: ignore[arg-type]
    assert "Retire" in text
    assert "New interviews get this version." in text
    asked = admin.post(url("questions_question_retire", question.pk))
    assert "No new interview will ask what you retire" in words(asked)  # type: ignore[arg-type]
    assert Question.objects.get(pk=question.pk).status == Question.Status.PUBLISHED
    assert admin.post(url("questions_question_retire", question.pk), {"post": "yes"})["Location"] == page
    question.refresh_from_db()
    assert question.status == Question.Status.RETIRED
    text = words(admin.get(page))  # type: ignore[arg-type]
    assert "Publish the newest version" in text
    assert "no new interview asks it. Interviews that have it keep it" in text
    assert "Last published version" in text
    assert "new sessions get" not in text
    assert "Retire " not in text
    admin.post(url("questions_question_publish", question.pk))
    question.refresh_from_db()
    assert question.status == Question.Status.PUBLISHED


def test_nothing_can_be_deleted_in_bulk(admin: Client) -> None:
    question = make_question()
    act(admin, "delete_selected", question)
    assert Question.objects.filter(pk=question.pk).exists()


# Deleting


@pytest.fixture
def superuser(client: Client) -> Client:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


def test_a_topic_in_use_is_kept_in_words(superuser: Client) -> None:
    plan = make_plan()
    topic = Question.objects.all()[0].topic
    assert topic.area is not None
    response = superuser.post(url("questions_topic_delete", topic.pk), {"post": "yes"}, follow=True)
    assert "is in use (3 questions, 1 section) and cannot be deleted" in words(response)  # type: ignore[arg-type]
    response = superuser.post(url("questions_topic_delete", topic.area.pk), {"post": "yes"}, follow=True)
    assert "is in use (1 topic) and cannot be deleted" in words(response)  # type: ignore[arg-type]
    assert plan.sections.get().topics.get() == topic


def test_an_unused_topic_can_be_deleted(superuser: Client) -> None:
    topic = make_topic()
    superuser.post(url("questions_topic_delete", topic.pk), {"post": "yes"})
    assert not Topic.objects.filter(pk=topic.pk).exists()


def test_a_question_that_was_published_is_kept_in_words(superuser: Client) -> None:
    question = make_question()
    retire(question=question)
    response = superuser.post(url("questions_question_delete", question.pk), {"post": "yes"}, follow=True)
    assert "has been published, so interviews may show it, and cannot be deleted" in words(response)  # type: ignore[arg-type]
    assert Question.objects.filter(pk=question.pk).exists()
    draft = make_question(published=False)
    superuser.post(url("questions_question_delete", draft.pk), {"post": "yes"})
    assert not Question.objects.filter(pk=draft.pk).exists()


# Topics


def test_a_topic_belongs_to_an_area_and_an_area_with_topics_stays_one(admin: Client) -> None:
    topic = make_topic()
    area, other = topic.area, Topic.objects.create(slug="other", name="Other")
    assert area is not None

    def errors(target: Topic, **fields: Any) -> Any:
        data = {"name": target.name, "order": 1, "description": "", **fields}
        response = admin.post(url("questions_topic_change", target.pk), data)
        return response.context["adminform"].form.errors if response.status_code == 200 else None

    assert "area" in errors(other, area=str(topic.pk))
    assert errors(area, area=str(other.pk)) == {
        "area": ["This area has topics of its own, so it cannot become a topic."]
    }
    assert errors(topic, area=str(other.pk)) is None


# Preview


def test_the_preview_shows_a_draft_as_candidates_would_see_it(admin: Client) -> None:
    draft = make_draft(kind="single", prompt="Is $a<b$ *true*?\n\n<script>alert(1)</script>")
    html = admin.get(url("questions_questionversion_preview", draft.pk)).content.decode()
    assert "<em>true</em>" in html
    assert "<mo>&lt;</mo>" in html
    assert "<script>alert" not in html
    assert 'type="radio" name="choice" value="a"' in html
    assert "Training error would be low." in html


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_preview_shows_everything_of_every_kind(admin: Client, kind: str) -> None:
    draft = make_draft(kind=kind)
    text = words(admin.get(url("questions_questionversion_preview", draft.pk)))  # type: ignore[arg-type]
    content = draft.content
    points = [point.text for point in content.key_points]
    choices = [text for choice in content.choices for text in (choice.text, choice.explanation)]
    for expected in (content.title, content.prompt, content.reference_answer, *points, *choices, *content.follow_ups):
        assert expected in text
