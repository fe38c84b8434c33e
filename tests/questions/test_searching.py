"""The searchable copy of the bank: kept right by the database whoever writes, and found by words, filters and typos."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from questions import curating, facets, flagging, publishing, searching, spelling
from questions.content import LICENCES, Difficulty, Format, Kind
from questions.models import BankEntry, BankWord, Flag, Question, QuestionVersion, Topic
from questions.publishing import NewQuestion, create_published
from questions.searching import Search
from tests.factories import (
    BY_KIND,
    CODING,
    NOW,
    OPEN,
    make_content,
    make_curator,
    make_flag,
    make_question,
    make_topic,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def entry(question: Question) -> BankEntry:
    return BankEntry.objects.get(pk=question.pk)


def search(query: str = "") -> Search:
    return Search.of(QueryDict(query))


def found(query: str = "") -> list[str]:
    """Return the slugs that an address finds, in its order."""
    wanted = search(query)
    slugs = dict(Question.objects.values_list("pk", "slug"))
    return [slugs[row.pk] for row in searching.page_of(wanted, searching.count(wanted))]


def new_version(question: Question, **fields: Any) -> QuestionVersion:
    return publishing.add_version(question=question, content=make_content(**fields), author=None, now=LATER)


# --- What the database keeps ----------------------------------------------------------------------------------------


def test_a_new_question_has_an_entry_before_it_has_a_version() -> None:
    topic = make_topic()
    question = Question.objects.create(slug="bare", topic=topic, created_at=NOW)
    row = entry(question)
    assert (row.version_id, row.title, row.topic, row.changed_at) == (None, "bare", topic, NOW)
    assert facets.read(row.facets).status == "draft"


def test_an_entry_speaks_of_the_draft_that_waits_and_of_the_current_version_otherwise() -> None:
    question = make_question(title="First words")
    draft = new_version(question, title="Second words")
    row = entry(question)
    assert (row.title, row.version_id, row.changed_at) == ("Second words", draft.pk, LATER)
    assert facets.read(row.facets).has_draft
    publishing.publish(question=question, version=draft, now=LATER)
    assert not facets.read(entry(question).facets).has_draft


def test_an_entry_speaks_of_an_earlier_version_that_was_made_current_again() -> None:
    question = make_question(title="First words")
    first = question.current_version
    publishing.publish(question=question, version=new_version(question, title="Second words"), now=LATER)
    publishing.publish(question=question, version=first, now=LATER)
    assert entry(question).title == "First words"


def test_a_draft_that_is_thrown_away_leaves_its_entry_to_the_version_before() -> None:
    question = make_question(title="First words")
    draft = new_version(question, title="Second words")
    curating.discard_draft(version=draft, actor=make_curator(), now=LATER)
    assert entry(question).title == "First words"


def test_a_draft_that_is_changed_in_place_is_found_by_its_new_words() -> None:
    question = make_question(published=False, prompt="About pelicans and their nets.")
    version = question.versions.get()
    version.prompt = "About albatrosses and their wings."
    version.save()
    assert found("q=albatross") == [question.slug]
    assert found("q=pelican") == []


def test_an_entry_goes_with_its_question() -> None:
    question = make_question(published=False)
    question.delete()
    assert not BankEntry.objects.exists()


def test_retiring_moving_and_flagging_are_in_the_entry_at_once() -> None:
    question, topic, curator = make_question(), make_topic(), make_curator()
    assert question.current_version
    curating.retire_question(question=question, actor=curator, now=LATER)
    curating.move_question(question=question, topic=topic, actor=curator, now=LATER)
    flag = make_flag(question.current_version)
    row = entry(question)
    assert (facets.read(row.facets).status, row.topic, row.open_flags) == ("retired", topic, 1)
    assert facets.read(row.facets).is_flagged
    answer = flagging.Answer(state=Flag.State.UNCHANGED, note="It is right as it is.")
    flagging.answer_flag(flag_id=flag.pk, actor=curator, answer=answer, now=LATER)
    assert (entry(question).open_flags, facets.read(entry(question).facets).is_flagged) == (0, False)


def test_many_questions_created_at_once_are_all_found() -> None:
    topic = make_topic()
    new = [NewQuestion(f"many-{n}", topic, make_content(title=f"Pelican {n}")) for n in range(30)]
    create_published(questions=new, now=NOW)
    assert searching.count(search("q=pelican&status=published")).total == 30


def test_what_is_undone_in_a_transaction_never_was() -> None:
    question = make_question(title="First words")
    with transaction.atomic():
        new_version(question, title="Second words")
        transaction.set_rollback(True)
    assert entry(question).title == "First words"


@pytest.mark.parametrize("status", Question.Status.values)
@pytest.mark.parametrize("kind", Kind.values)
def test_the_number_of_an_entry_says_status_and_kind(status: str, kind: str) -> None:
    question = make_question(kind=kind)
    Question.objects.filter(pk=question.pk).update(status=status)
    facts = facets.read(entry(question).facets)
    assert (facts.status, facts.kind) == (status, kind)


def test_the_number_of_an_entry_says_everything_else_too() -> None:
    topic = make_topic()
    for licence in LICENCES:
        assert facets.read(entry(make_question(topic=topic, licence=licence)).facets).licence == licence
    for difficulty in Difficulty.values:
        assert facets.read(entry(make_question(topic=topic, difficulty=difficulty)).facets).difficulty == difficulty
    for form in Format.values:
        fields = CODING if form == Format.CODING else {"format": form}
        facts = facets.read(entry(make_question(topic=topic, **OPEN | fields)).facets)
        assert (facts.format, facts.has_samples) == (form, form == Format.CODING)


def test_the_numbers_are_those_that_the_code_reads() -> None:
    for name, values in (("status", Question.Status.values), ("kind", Kind.values), ("licence", LICENCES)):
        for value in values:
            assert getattr(facets.read(facets.place_of(name, value)), name) == value
    assert facets.read(7).status == ""


# --- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "finds"),
    [
        ("imbalanced", ["fraud"]),
        ("imbalance", ["fraud"]),
        ("BOOSTED forests", ["trees"]),
        ("forest boost", ["trees"]),
        ('"shallow trees"', ["trees"]),
        ('"trees shallow"', []),
        ("fraud or forests", ["fraud", "trees"]),
        ("shallow -trees", []),
        ("boos", ["trees"]),
        ("imb", ["fraud"]),
        ("Pelican", []),
    ],
)
def test_words_are_found_by_their_stems_wherever_they_stand(words: str, finds: list[str]) -> None:
    make_question("fraud", title="Rare fraud", **OPEN)
    make_question("trees", title="Boosting", prompt="Shallow trees: forests or boosting?", kind="single")
    assert sorted(found(f"q={words}")) == finds


def test_points_choices_answers_and_tags_are_searched() -> None:
    make_question("points", **OPEN)
    make_question("choices", kind="single", tags=["quokka-tag"])
    assert found("q=weigh") == ["points"]
    assert found("q=Underfitting") == ["choices"]
    assert found("q=quokka") == ["choices"]


def test_words_of_the_title_come_first() -> None:
    topic = make_topic()
    make_question("in-answer", topic=topic, kind="numeric", reference_answer="Say gradient once: 0.25.")
    make_question("in-title", topic=topic, kind="numeric", title="The gradient")
    make_question("in-prompt", topic=topic, kind="numeric", prompt="What does the gradient say of two coins?")
    assert found("q=gradient") == ["in-title", "in-prompt", "in-answer"]


def test_too_many_matches_are_sorted_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_RANKED", 1)
    topic = make_topic()
    older = make_question("older", topic=topic, title="The coin")
    make_question("newer", topic=topic, kind="numeric")
    QuestionVersion.objects.filter(question=older).update(created_at=NOW - timedelta(days=9))
    assert found("q=coin+or+coins") == ["newer", "older"]


@pytest.mark.parametrize(
    "words", ["'", '"', "\\", ":*", "a & | !", "((", "%", "<script>", "\x00", "-", "''::tsquery", "é"]
)
def test_no_words_break_the_search(words: str) -> None:
    make_question()
    query = QueryDict(mutable=True)
    query["q"] = words
    wanted = Search.of(query)
    searching.page_of(wanted, searching.count(wanted))
    spelling.meant(wanted.words)


# --- Typos ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("regularizaton", "regularisation"),
        ("gardient", "gradient"),
        ("bais", "bias"),
        ("gardient of bais", "gradient of bias"),
        ("gradient", ""),
        ("xylophone", ""),
        ("gardient gradient", "gradient gradient"),
        ("é", ""),
    ],
)
def test_a_mistyped_word_is_taken_for_the_one_it_is_most_like(typed: str, meant: str) -> None:
    make_question(prompt="What does regularisation do to the gradient and the bias of a model?")
    make_question(kind="single")
    assert spelling.meant(typed) == meant


def test_the_words_of_the_bank_are_learnt_from_whatever_is_written() -> None:
    make_question(prompt="Why would a pelican fly?")
    assert BankWord.objects.filter(word="pelican").exists()


def test_what_was_meant_takes_four_statements_however_much_was_mistyped() -> None:
    make_question(prompt="What does regularisation do to the gradient and the bias of a model?")
    with CaptureQueriesContext(connection) as one:
        spelling.meant("gardient")
    with CaptureQueriesContext(connection) as three:
        spelling.meant("gardient regularizaton bais")
    assert len(one) == len(three) == 4


# --- Filters --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bank() -> Topic:
    """Six questions in two topics of one area, and one elsewhere."""
    area = Topic.objects.create(slug="models", name="Models")
    trees, nets = make_topic("trees", area=area), make_topic("nets", area=area)
    make_question("open", topic=trees, difficulty="hard", tags=["depth"], author="Ada", **OPEN)
    make_question("coding", topic=trees, difficulty="easy", **OPEN | CODING)
    make_question("single", topic=nets, kind="single", tags=["depth", "width"])
    make_question("number", topic=nets, kind="numeric", licence="MIT")
    make_question("draft", topic=nets, kind="multiple", published=False)
    retired = make_question("retired", topic=nets, **OPEN)
    publishing.retire(question=retired)
    flagged = make_question("elsewhere", kind="single", difficulty="easy")
    assert flagged.current_version
    make_flag(flagged.current_version)
    return area


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("", ["coding", "draft", "elsewhere", "number", "open", "retired", "single"]),
        ("area=models", ["coding", "draft", "number", "open", "retired", "single"]),
        ("topic=trees", ["coding", "open"]),
        ("area=models&topic=trees", ["coding", "open"]),
        ("topic=trees&topic=nets&kind=single", ["single"]),
        ("kind=open", ["coding", "open", "retired"]),
        ("kind=single&kind=numeric", ["elsewhere", "number", "single"]),
        ("format=coding", ["coding"]),
        ("format=explanation", ["open", "retired"]),
        ("difficulty=easy", ["coding", "elsewhere"]),
        ("status=retired&status=draft", ["draft", "retired"]),
        ("licence=MIT", ["number"]),
        ("author=Ada", ["open"]),
        ("tag=depth", ["open", "single"]),
        ("tag=depth&tag=width", ["single"]),
        ("has=flags", ["elsewhere"]),
        ("has=draft", ["draft"]),
        ("has=no_samples", ["open", "retired"]),
        ("has=no_samples&status=published", ["open"]),
        ("kind=open&q=fraud&difficulty=hard", ["open"]),
        ("area=no-such-area", []),
        ("kind=nonsense", ["coding", "draft", "elsewhere", "number", "open", "retired", "single"]),
    ],
)
def test_filters_find_what_they_say_and_count_it(bank: Topic, query: str, finds: list[str]) -> None:
    assert found(f"{query}&sort=title") and sorted(found(query)) == finds if finds else found(query) == []
    assert searching.count(search(query)).total == len(finds)


def options(query: str, name: str) -> dict[str, int]:
    return {option.value: option.count for option in searching.count(search(query)).options[name]}


def test_the_numbers_beside_a_filter_say_what_each_of_its_values_would_find(bank: Topic) -> None:
    assert options("", "status") == {"draft": 1, "in_review": 0, "published": 5, "retired": 1}
    assert options("kind=single", "kind") == {"open": 3, "single": 2, "multiple": 1, "numeric": 1}
    assert options("kind=single", "status") == {"draft": 0, "in_review": 0, "published": 2, "retired": 0}
    assert options("", "format")["explanation"] == 2
    assert options("status=published", "has") == {"flags": 1, "draft": 0, "no_samples": 1}
    assert options("has=flags", "has") == {"flags": 1, "draft": 0, "no_samples": 0}
    assert "CC0-1.0" not in options("", "licence")


def test_each_number_is_what_one_finds_by_choosing_it(bank: Topic) -> None:
    for query in ("", "area=models", "q=fraud", "tag=depth", "status=published"):
        counts = searching.count(search(query))
        for name in ("kind", "status", "difficulty", "format", "licence"):
            for option in counts.options[name] if f"{name}=" not in query else []:
                wanted = search(f"{query}&{name}={option.value}")
                assert searching.count(wanted).total == option.count, (query, name, option.value)
        for area in counts.areas:
            if "area=" not in query:
                assert searching.count(search(f"{query}&area={area.topic.slug}")).total == area.count


def test_areas_are_counted_with_their_topics(bank: Topic) -> None:
    areas = {area.topic.slug: area for area in searching.count(search("kind=open")).areas}
    assert areas["models"].count == 3
    assert [(each.topic.slug, each.count) for each in areas["models"].topics] == [("nets", 1), ("trees", 2)]
    opened = {area.topic.slug: area.is_open for area in searching.count(search("topic=trees")).areas}
    assert opened == dict.fromkeys(opened, False) | {"models": True}


@pytest.mark.parametrize("order", ["newest", "oldest", "title", "topic", "difficulty", "relevance"])
def test_every_order_lists_every_question_once(bank: Topic, order: str) -> None:
    assert len(set(found(f"sort={order}"))) == 7


def test_difficulty_sorts_easy_ones_first(bank: Topic) -> None:
    assert found("sort=difficulty&kind=open") == ["coding", "retired", "open"]


def test_pages_follow_each_other_without_gap_or_overlap(bank: Topic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "PER_PAGE", 3)
    pages = [found(f"sort=title&page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert len({slug for page in pages for slug in page}) == 7


def test_tags_and_authors_are_listed_with_their_numbers(bank: Topic) -> None:
    assert [(each.value, each.count) for each in searching.values_of("tag", search())] == [
        ("depth", 2),
        ("geometry", 1),
        ("width", 1),
    ]
    authors = {each.value: each.count for each in searching.values_of("author", search("author=Ada"))}
    assert authors == {"Ada": 1, "Tests": 6}


# --- The address ----------------------------------------------------------------------------------------------------


def test_an_address_says_the_whole_search_and_only_that() -> None:
    query = "q=two+coins&area=models&tag=depth&kind=single&kind=open&sort=title&page=3"
    wanted = search(query)
    assert wanted == search(wanted.query())
    assert set(wanted.query().split("&")) == set(query.split("&"))
    assert search("kind=x&sort=y&page=-1&page=zz&q=+&has=z&foo=bar").query() == ""


def test_taking_a_filter_off_goes_back_to_the_first_page() -> None:
    assert search("kind=open&kind=single&page=4").without("kind", "open").query() == "kind=single"


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999", "999999999999", "²", ""])
def test_no_page_number_breaks_the_list(page: str) -> None:
    assert 1 <= search(f"page={page}").page <= searching.LAST_PAGE


# --- Its cost -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "q=coins", "area=models&kind=open&tag=depth&author=Ada&has=flags&q=coins"])
def test_a_search_takes_as_many_statements_for_many_questions_as_for_one(query: str) -> None:
    topic = make_topic("trees", area=Topic.objects.create(slug="models", name="Models"))
    make_question(topic=topic, kind="numeric")
    with CaptureQueriesContext(connection) as few:
        found(query)
    for _ in range(12):
        make_question(topic=topic, **BY_KIND["numeric"])
    with CaptureQueriesContext(connection) as many:
        found(query)
    assert len(few) == len(many)


def test_a_word_in_most_questions_is_looked_up_in_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        entries = BankEntry.objects.filter(document=search("q=model").tsquery).order_by()
        sql, params = entries.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "bank_entry_document" in plan and "InitPlan" in plan


def test_a_word_in_too_many_questions_to_rank_is_read_in_the_order_of_the_list() -> None:
    wanted = search("q=coins")
    assert wanted.planned_tsquery != wanted.tsquery
    make_question(kind="numeric")
    for query in (wanted.tsquery, wanted.planned_tsquery):
        assert BankEntry.objects.filter(document=query).count() == 1


def test_the_entries_can_be_made_anew_from_the_questions() -> None:
    questions = [make_question(kind=kind) for kind in ("open", "numeric")]
    before = list(BankEntry.objects.order_by("pk").values())
    BankEntry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT questions_refresh_bank_entries(ARRAY(SELECT id FROM questions_question))")
    assert list(BankEntry.objects.order_by("pk").values()) == before
    assert len(before) == len(questions)
