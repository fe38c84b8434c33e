"""The admin's form for a draft version: lists are edited as YAML, and every problem is shown at its field.

Owns how a content is typed and how its problems are told to the person typing; what is allowed is `Content.parse`'s.
"""

import re
from typing import Any, ClassVar

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from questions import yamltext
from questions.content import LICENCES, Content, ContentError, Format, Problem
from questions.models import QuestionVersion

KEY_POINTS_EXAMPLE = """\
- key: accuracy-misleads
  text: Accuracy is misleading, as the majority class alone scores 99 %
  weight: 2
  accepted:
    - accuracy is useless with such imbalanced classes
    - always saying no would be right 99 times out of 100"""
CHOICES_EXAMPLE = """\
- key: a
  text: The model underfits
  correct: true
  explanation: Both errors are high and close together."""
NUMBER_EXAMPLE = """\
value: 0.25
tolerance: 0.001
unit: ''
expression: 1 / 4"""
MISCONCEPTIONS_EXAMPLE = """\
- text: More data cures a high bias.
  why: The model cannot bend to what the data already show."""
CODE_EXAMPLE = """\
language: python
starter: |
  def double(x):
      ...
solution: |
  def double(x):
      return 2 * x
cases:
  - call: double(2)
    expected: "4"
"""


class YamlField(forms.CharField):
    """Plain data, typed as YAML. An empty field is `nothing`."""

    def __init__(self, *, example: str, rows: int, nothing: Any = None, **kwargs: Any) -> None:
        self.nothing = nothing
        attributes = {"rows": rows, "cols": 100, "class": "code-field", "spellcheck": "false", "placeholder": example}
        widget = forms.Textarea(attrs=attributes)
        # Not stripped: the first line's indentation counts in YAML, and blank lines above it count in messages.
        super().__init__(required=False, strip=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else yamltext.dump(value) if value else ""

    def to_python(self, value: Any) -> Any:
        text = _unix(super().to_python(value) or "")
        if not text.strip():
            return self.nothing
        try:
            return yamltext.load(text).data
        except yamltext.YamlError as error:
            line, quoted = _in_the_box(text, error.line)
            words = {"line": line, "message": error.message, "text": quoted}
            raise forms.ValidationError(_("Line %(line)d: %(message)s (“%(text)s”)") % words) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or self.nothing))
        except forms.ValidationError:
            return True


class LinesField(forms.CharField):
    """A list of lines, typed one below the other."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3, "cols": 100}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else "\n".join(" ".join(line.split()) for line in value or [])

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]


class VersionForm(forms.ModelForm[QuestionVersion]):
    licence = forms.ChoiceField(label=gettext_lazy("Licence"), choices=[(name, name) for name in LICENCES])
    key_points = YamlField(
        label=gettext_lazy("Key points"),
        example=KEY_POINTS_EXAMPLE,
        nothing=[],
        rows=14,
        help_text=gettext_lazy(
            "Open questions only: four to eight ideas of a good answer, as YAML. Each has a key (a-z, digits,"
            " hyphens), a text, a weight (1 nice to have, 2 expected, 3 essential) and accepted phrasings."
            " It may have required terms, a number (value, tolerance, unit), and any_of (need, items)."
        ),
    )
    choices = YamlField(
        label=gettext_lazy("Choices"),
        example=CHOICES_EXAMPLE,
        nothing=[],
        rows=14,
        help_text=gettext_lazy(
            "Choice questions only, as YAML. Each has a key, a text, correct (true or false) and an explanation."
        ),
    )
    numeric_answer = YamlField(
        label=gettext_lazy("Number"),
        example=NUMBER_EXAMPLE,
        rows=3,
        help_text=gettext_lazy(
            "Number questions only, as YAML: value, tolerance (absolute, in the same unit), unit (may be empty) and"
            " an expression that works the value out again."
        ),
    )
    follow_ups = LinesField(
        label=gettext_lazy("Follow-up questions"),
        help_text=gettext_lazy("What an interviewer asks next, one per line."),
    )

    format = forms.ChoiceField(label=gettext_lazy("Format"), choices=Format, required=False)
    misconceptions = YamlField(
        label=gettext_lazy("Misconceptions"),
        example=MISCONCEPTIONS_EXAMPLE,
        nothing=[],
        rows=6,
        help_text=gettext_lazy("Open questions only, as YAML: what people say that is wrong, and why it is."),
    )
    code = YamlField(
        label=gettext_lazy("Code"),
        example=CODE_EXAMPLE,
        rows=14,
        help_text=gettext_lazy(
            "Coding questions only, as YAML: language (python or sql), starter, solution, and cases with call and"
            " expected; setup if all of them need one."
        ),
    )
    tags = LinesField(
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("The concepts it tests, one per line: a-z, digits and hyphens."),
    )

    class Meta:
        model = QuestionVersion
        fields = ("question", *(name for name in Content.model_fields))
        # Only an interview has a limit; nothing happens when a question's time is over.
        labels: ClassVar = {"time_limit_seconds": gettext_lazy("Suggested time in seconds")}

    def clean(self) -> dict[str, Any]:
        """Check the fields together as one content. A field that could not even be read keeps its own complaint."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["format"] = cleaned.get("format") or Format.EXPLANATION
        unreadable = self.fields.keys() - cleaned.keys()
        try:
            content = Content.parse({name: cleaned[name] for name in Content.model_fields if name in cleaned})
        except ContentError as error:
            for problem in error.problems:
                name = re.split(r"[.\[]", problem.field)[0]
                if name not in unreadable:
                    self.add_error(name if name in self.fields else None, self._message(name, problem))
        else:
            cleaned.update(content.model_dump(mode="json"))
        return cleaned

    def _message(self, name: str, problem: Problem) -> str:
        """Return the problem in words that lead to its place.

        Such as: Line 7, entry 2, weight: must be at most 3 (“weight: 9”)
        """
        inner = problem.field.removeprefix(name).lstrip(".")
        if not inner or not isinstance(self.fields.get(name), YamlField):
            return problem.message[:1].upper() + problem.message[1:]
        text = _unix(str(self.data.get(self.add_prefix(name), "")))
        place = re.sub(r"^\[(\d+)\]\.?", lambda match: _("entry %s, ") % match[1], inner).removesuffix(", ")
        line, quoted = _in_the_box(text, yamltext.load(text).line_of(inner))
        words = {"line": line, "place": place, "message": problem.message, "text": quoted}
        return _("Line %(line)d, %(place)s: %(message)s (“%(text)s”)") % words


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _in_the_box(text: str, yaml_line: int) -> tuple[int, str]:
    """Return the number and the words of the line that a person sees for YAML's line `yaml_line` of `text`.

    YAML takes more characters for line ends than a text box does, and notices an unfinished text only below its end.
    """
    starts = [0, *(mark.end() for mark in re.finditer("[\n\x85\u2028\u2029]", text))]
    number = text.count("\n", 0, starts[min(yaml_line, len(starts)) - 1])
    lines = text.split("\n")
    while number > 0 and not lines[number].strip():
        number -= 1
    return number + 1, Truncator(lines[number].strip()).chars(80)
