"""What the plan composer sends, and what it shows of it: one form for the plan, one for each of its sections.

Everything that was typed lives in the form itself, so adding, removing and moving sections loses nothing, with scripts
or without. Saves nothing: `Composer.draft` is what `own_plans` writes.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.models import User
from questions.content import Difficulty, Kind
from questions.models import Question, Topic
from sessions.composing import Outline, Part
from sessions.models import InterviewPlan, Mode, Navigation, QuestionLimit
from sessions.own_plans import PlanDraft, SectionDraft

MAX_SECTIONS = 20
MAX_QUESTIONS = 50
SHOWN_MATCHES = 10
_KEY = re.compile(r"s[0-9]{1,6}")
Words = Any  # text, or text that is translated when it is shown
AnyForm = TypeVar("AnyForm", bound=forms.Form)


def _whole_number(label: Words, *, least: int, most: int, remedy: Words, **options: Any) -> forms.IntegerField:
    """Return a field for a whole number, all of whose complaints say what to enter."""
    messages = {code: remedy for code in ("required", "invalid", "min_value", "max_value")}  # noqa: C420  typed
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=messages, **options)


class ComposedPlanForm(forms.Form):
    """How the interview is called and how it runs."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        error_messages={"required": gettext_lazy("Give the interview a name, such as “Statistics, half an hour”.")},
    )
    description = forms.CharField(label=gettext_lazy("Description"), max_length=500, required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("Kind of interview"),
        choices=[
            (Mode.MOCK, gettext_lazy("Mock interview: no pause, answers afterwards in the report")),
            (Mode.PRACTICE, gettext_lazy("Practice: it can pause, and shows the answer after each question")),
        ],
        widget=forms.RadioSelect,
    )
    has_time_limit = forms.BooleanField(label=gettext_lazy("Limit the whole interview"), required=False)
    minutes = _whole_number(
        gettext_lazy("Minutes in all"),
        least=1,
        most=480,
        remedy=gettext_lazy("Enter the minutes in all, from 1 to 480, or untick “Limit the whole interview”."),
    )
    question_limit = forms.ChoiceField(
        label=gettext_lazy("Limit of each question"),
        choices=[
            (QuestionLimit.NONE, gettext_lazy("None: the time beside a question is a suggestion")),
            (QuestionLimit.SUGGESTED, gettext_lazy("The suggested time of the question")),
            (QuestionLimit.FIXED, gettext_lazy("The same for every question")),
        ],
        widget=forms.RadioSelect,
    )
    question_limit_seconds = _whole_number(
        gettext_lazy("Seconds for every question"),
        least=10,
        most=3600,
        remedy=gettext_lazy("Enter the seconds for every question, from 10 to 3600, or choose another limit."),
    )
    navigation = forms.ChoiceField(
        label=gettext_lazy("Moving between questions"),
        choices=[
            (Navigation.FREE, gettext_lazy("Back and forth")),
            (Navigation.FORWARD, gettext_lazy("Forward only: a question that is left cannot be opened again")),
        ],
        widget=forms.RadioSelect,
    )
    reading_seconds = _whole_number(
        gettext_lazy("Reading time per question, in seconds"),
        least=0,
        most=600,
        remedy=gettext_lazy("Enter the reading time per question in seconds, from 0 (none) to 600."),
        help_text=gettext_lazy("Given on top of the limits, before each question's own time begins. 0 is none."),
    )
    asks_follow_ups = forms.BooleanField(
        label=gettext_lazy("Ask follow-up questions"),
        required=False,
        help_text=gettext_lazy("After a submitted answer, where the question has one."),
    )
    repeat_after_days = _whole_number(
        gettext_lazy("Days before a question comes again"),
        least=0,
        most=365,
        remedy=gettext_lazy("Enter the days before a question comes again, from 0 (any time) to 365."),
        help_text=gettext_lazy("Unless a weak answer makes it due for review. 0 is any time."),
    )
    favours_weak_spots = forms.BooleanField(
        label=gettext_lazy("Ask more about weak spots"),
        required=False,
        help_text=gettext_lazy("Topics in which earlier answers fell short are drawn more often."),
    )
    is_house = forms.BooleanField(
        label=gettext_lazy("A plan of the house, not only mine"),
        required=False,
        help_text=gettext_lazy("Once it is published, every candidate can start it."),
    )
    is_published = forms.BooleanField(label=gettext_lazy("Published"), required=False)

    def clean(self) -> dict[str, Any]:
        """Return the fields of a plan; seconds and minutes that nothing reads are dropped."""
        data = super().clean() or self.cleaned_data
        if not data.get("has_time_limit"):
            self._drop("minutes")
            if data.get("mode") == Mode.MOCK and data.get("question_limit") == QuestionLimit.NONE:
                remedy = _("A mock interview needs a limit: tick this, choose a limit of each question, or practice.")
                self.add_error("has_time_limit", remedy)
        if data.get("question_limit") != QuestionLimit.FIXED:
            self._drop("question_limit_seconds")
        return data

    def _drop(self, name: str) -> None:
        self.cleaned_data[name] = None
        self.errors.pop(name, None)

    @property
    def plan_fields(self) -> dict[str, Any]:
        """The checked fields as InterviewPlan has them, without who it is for."""
        data = dict(self.cleaned_data)
        for name in ("has_time_limit", "is_house", "is_published"):
            data.pop(name, None)
        minutes = data.pop("minutes")
        return data | {"time_limit_seconds": None if minutes is None else minutes * 60}


class SectionForm(forms.Form):
    """One section: what it draws from, and how many. `topics` and `questions` arrive as ids in text."""

    name = forms.CharField(
        label=gettext_lazy("Name of the section"),
        max_length=100,
        error_messages={"required": gettext_lazy("Give the section a name, such as “Warm-up”.")},
    )
    count = _whole_number(
        gettext_lazy("Number of questions"),
        least=1,
        most=MAX_QUESTIONS,
        remedy=gettext_lazy("Enter the number of questions, from 1 to 50."),
    )
    topics = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Topics"),
        error_messages={"invalid_choice": gettext_lazy("One of these topics is gone. Choose the topics again.")},
    )
    kinds = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Kinds"), choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    difficulties = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Difficulties"),
        choices=Difficulty.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    search = forms.CharField(required=False, label=gettext_lazy("Words in the title or the question"))

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        key: str,
        topics: "TopicTree",
        picked: Sequence[Question],
        dropped: int = 0,
    ) -> None:
        super().__init__(data, prefix=key)
        self.key, self.tree, self.picked, self.dropped = key, topics, picked, dropped
        field = self.fields["topics"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(topic, topic) for topic in topics.names]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.picked:
            if not data.get("kinds") and "kinds" not in self.errors:
                self.add_error("kinds", _("Tick at least one kind of question."))
            if not data.get("difficulties") and "difficulties" not in self.errors:
                self.add_error("difficulties", _("Tick at least one difficulty."))
        return data

    @property
    def draft(self) -> SectionDraft:
        data = self.cleaned_data
        return SectionDraft(
            name=data["name"],
            count=data["count"],
            # With picked questions these say nothing; all of them stand ready for when the picks are taken out.
            kinds=data["kinds"] or list(Kind.values),
            difficulties=data["difficulties"] or list(Difficulty.values),
            topics=data["topics"],
            questions=[question.pk for question in self.picked],
        )

    @property
    def part(self) -> Part:
        draft = self.draft
        return Part(
            draft.name,
            draft.count,
            frozenset(draft.kinds),
            frozenset(draft.difficulties),
            frozenset(map(str, draft.topics)),
            frozenset(map(str, draft.questions)),
        )

    # What the page shows of it

    @property
    def _chosen(self) -> frozenset[str]:
        return frozenset(self["topics"].value() or ())

    @property
    def areas(self) -> list[tuple[Topic, bool, list[tuple[Topic, bool]], int]]:
        """Each area, whether it is ticked, its topics with the same, and how many of all these are ticked."""
        chosen = self._chosen
        rows = []
        for area, topics in self.tree.areas:
            ticked = [(topic, str(topic.pk) in chosen) for topic in topics]
            is_ticked = str(area.pk) in chosen
            rows.append((area, is_ticked, ticked, is_ticked + sum(is_on for _topic, is_on in ticked)))
        return rows

    @property
    def chosen_topics(self) -> list[str]:
        chosen = self._chosen
        return [name for topic, name in self.tree.names.items() if topic in chosen]

    @cached_property
    def matches(self) -> list[Question]:
        """Published questions with all the words that are searched for, without the picked; one more than is shown."""
        words = str(self["search"].value() or "").replace("\0", " ")[:100].split()  # no database takes that character
        if sum(map(len, words)) < 2:
            return []
        found = published_questions().exclude(pk__in=[question.pk for question in self.picked])
        for word in words:
            found = found.filter(Q(current_version__title__icontains=word) | Q(current_version__prompt__icontains=word))
        return list(found.order_by("current_version__title", "pk")[: SHOWN_MATCHES + 1])


def published_questions() -> QuerySet[Question]:
    return Question.objects.published().select_related("current_version", "topic")


class TopicTree:
    """The bank's areas with their topics; one statement."""

    def __init__(self) -> None:
        topics = list(Topic.objects.order_by("order", "name"))
        self.names = {str(topic.pk): topic.name for topic in topics}
        self.areas = [
            (area, [topic for topic in topics if topic.area_id == area.pk]) for area in topics if area.area_id is None
        ]


class Composer:
    """A plan on its way: what was typed, the forms that check it, and the sections in their order.

    `shows_errors` is set where somebody wants to save; before that, half a form is no mistake.
    """

    def __init__(self, data: QueryDict, *, user: User, plan: InterviewPlan | None, shows_errors: bool = False) -> None:
        self.data, self.plan, self.shows_errors = data, plan, shows_errors
        self.topics = TopicTree()
        # Whom a plan is for is said once, when it is new; curators alone make plans of the house.
        self.offers_house = user.is_curator and plan is None
        self.offers_publishing = user.is_curator and (plan is None or plan.owner_id is None)
        self._picked = self._find_picked()
        self.plan_form = self._plan_form(bound=shows_errors)
        self.sections = [self._section_form(key, bound=shows_errors) for key in self.keys]

    @cached_property
    def keys(self) -> list[str]:
        keys = [key for key in dict.fromkeys(self.data.getlist("section")) if _KEY.fullmatch(key)]
        return keys[:MAX_SECTIONS]

    @property
    def new_id(self) -> UUID:
        """The id a new plan will have, so that a form that is sent twice makes one plan."""
        return next(_uuids([self.data.get("new_id", "")]), None) or uuid4()

    @property
    def seed(self) -> int:
        """Which example of a draw is shown."""
        return _seed(self.data)

    def _plan_form(self, *, bound: bool) -> ComposedPlanForm:
        form = _filled(ComposedPlanForm, self.data, bound=bound)
        for name, is_offered in (("is_house", self.offers_house), ("is_published", self.offers_publishing)):
            if not is_offered:
                del form.fields[name]
        return form

    def _section_form(self, key: str, *, bound: bool) -> SectionForm:
        ids = self._picked_ids(key)
        picked = [self._picked[question] for question in ids if question in self._picked]
        options = {"key": key, "topics": self.topics, "picked": picked, "dropped": len(ids) - len(picked)}
        return _filled(SectionForm, self.data, bound=bound, **options)

    def _picked_ids(self, key: str) -> list[UUID]:
        return list(dict.fromkeys(_uuids(self.data.getlist(f"{key}-questions")[: MAX_QUESTIONS * 2])))

    def _find_picked(self) -> Mapping[UUID, Question]:
        """Return the published ones among all picked questions: nobody sees a draft by guessing its id."""
        ids = {question for key in self.keys for question in self._picked_ids(key)}
        return {question.pk: question for question in published_questions().filter(pk__in=ids)} if ids else {}

    # What was typed, checked

    @cached_property
    def checked_plan(self) -> ComposedPlanForm:
        return self.plan_form if self.shows_errors else self._plan_form(bound=True)

    @cached_property
    def checked_sections(self) -> Sequence[SectionForm]:
        return self.sections if self.shows_errors else [self._section_form(key, bound=True) for key in self.keys]

    @cached_property
    def general_errors(self) -> list[str]:
        """What is wrong with the plan as a whole."""
        if not self.keys:
            return [_("Add a section: without one there is nothing to ask.")]
        count = sum(
            form.cleaned_data.get("count") or 0 for form in self.checked_sections if form.is_bound and not form.errors
        )
        if count > MAX_QUESTIONS:
            return [
                _("The sections ask %(n)d questions in all; an interview can have %(most)d. Ask fewer.")
                % {"n": count, "most": MAX_QUESTIONS}
            ]
        return []

    def is_valid(self) -> bool:
        forms_ok = [form.is_valid() for form in (self.checked_plan, *self.checked_sections)]
        return all(forms_ok) and not self.general_errors

    @property
    def outline(self) -> Outline | None:
        """What the plan asks for, or None while some section cannot be read."""
        if not self.keys or not all(form.is_valid() for form in self.checked_sections) or self.general_errors:
            return None
        plan = self.checked_plan
        plan.is_valid()
        data = plan.cleaned_data
        return Outline(
            tuple(form.part for form in self.checked_sections),
            data.get("repeat_after_days") or 0,
            bool(data.get("favours_weak_spots")),
        )

    @property
    def problems(self) -> list[str]:
        """Everything that keeps the plan from being saved, each with the section it is about."""
        problems = list(_messages(self.checked_plan.errors))
        for number, form in enumerate(self.checked_sections, 1):
            problems += [
                _("Section %(n)d: %(message)s") % {"n": number, "message": text} for text in _messages(form.errors)
            ]
        return problems + self.general_errors

    @property
    def draft(self) -> PlanDraft:
        fields = self.checked_plan.plan_fields
        if self.is_house:
            fields["is_published"] = self.checked_plan.cleaned_data["is_published"]
        return PlanDraft(fields, [form.draft for form in self.checked_sections])

    @property
    def is_house(self) -> bool:
        """Whether this is a plan of the house, for all candidates."""
        if self.plan is not None:
            return self.plan.owner_id is None
        return bool(self.checked_plan.cleaned_data.get("is_house"))

    @property
    def can_add(self) -> bool:
        return len(self.keys) < MAX_SECTIONS


def _messages(errors: ErrorDict) -> Iterator[str]:
    return (str(message) for messages in errors.values() for message in messages)


def _filled(form_class: type[AnyForm], data: QueryDict, *, bound: bool, **options: Any) -> AnyForm:
    """Return the form with what was typed: bound, so that it is checked, or only filled in."""
    if bound:
        return form_class(data, **options)
    form = form_class(**options)
    form.initial = {
        name: field.widget.value_from_datadict(data, MultiValueDict(), form.add_prefix(name))
        for name, field in form.fields.items()
    }
    return form


def _uuids(texts: Collection[str]) -> Iterator[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:
            continue


# --- A plan as if it had been typed -------------------------------------------------------------------------------


def typed_anew() -> QueryDict:
    """Return what the empty composer starts from: a mock interview of one section."""
    typed = QueryDict(mutable=True)
    typed.update({"mode": Mode.MOCK, "has_time_limit": "on", "minutes": "30", "question_limit": QuestionLimit.NONE})
    typed.update({"navigation": Navigation.FREE, "reading_seconds": "0", "repeat_after_days": "0"})
    add_section(typed)
    return typed


def typed_plan(plan: InterviewPlan) -> QueryDict:
    """Return a saved plan as the composer would send it. Takes three statements."""
    typed = QueryDict(mutable=True)
    for name in ("name", "description", "mode", "navigation", "question_limit", "reading_seconds", "repeat_after_days"):
        typed[name] = str(getattr(plan, name))
    for name in ("asks_follow_ups", "favours_weak_spots", "is_published"):
        if getattr(plan, name):
            typed[name] = "on"
    if plan.time_limit_seconds is not None:
        typed["has_time_limit"], typed["minutes"] = "on", str(max(1, round(plan.time_limit_seconds / 60)))
    typed["question_limit_seconds"] = str(plan.question_limit_seconds or "")
    for section in plan.sections.prefetch_related("topics", "questions"):
        key = add_section(typed)
        typed[f"{key}-name"], typed[f"{key}-count"] = section.name, str(section.count)
        typed.setlist(f"{key}-kinds", section.kinds)
        typed.setlist(f"{key}-difficulties", section.difficulties)
        typed.setlist(f"{key}-topics", [str(topic.pk) for topic in section.topics.all()])
        typed.setlist(f"{key}-questions", [str(question.pk) for question in section.questions.all()])
    return typed


def add_section(typed: QueryDict) -> str:
    """Add a section that may ask anything, and return its key."""
    keys = typed.getlist("section")
    key = f"s{1 + max((int(key[1:]) for key in keys if _KEY.fullmatch(key)), default=0)}"
    typed.appendlist("section", key)
    typed[f"{key}-name"] = _("Part %(n)d") % {"n": len(keys) + 1}
    typed[f"{key}-count"] = "5"
    typed.setlist(f"{key}-kinds", list(Kind.values))
    typed.setlist(f"{key}-difficulties", list(Difficulty.values))
    return key


def rearranged(typed: QueryDict, action: str) -> QueryDict:
    """Return what was typed after a press of a button: `add`, `another`, `remove-s3`, `up-s3` or `down-s3`."""
    typed = typed.copy()
    verb, _dash, key = action.partition("-")
    keys = typed.getlist("section")
    if verb == "add" and len(keys) < MAX_SECTIONS:
        add_section(typed)
    elif verb == "another":
        typed["seed"] = str(_seed(typed) + 1)
    elif key in keys:
        place = keys.index(key)
        keys.remove(key)
        if verb != "remove":
            keys.insert(max(0, place + {"up": -1, "down": 1}.get(verb, 0)), key)
        typed.setlist("section", keys)
    return typed


def _seed(typed: QueryDict) -> int:
    seed = typed.get("seed", "")
    return int(seed) if seed.isascii() and seed.isdigit() and len(seed) <= 9 else 1
