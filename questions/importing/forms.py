"""What a person says about an import: the file and where it comes from, and later what its parts mean.

Forms only: they check what was typed and hand it on as `running.Said` and plain dictionaries.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from interviewprep.accounts.models import User
from questions.content import LICENCES
from questions.curating import PUBLISH_WITHOUT_REVIEW
from questions.importing import columns, registry
from questions.importing.running import Said
from questions.models import ImportItem, ImportRun, Topic

Target = ImportRun.Target
Choices = list[tuple[str, Any]]


def topic_choices(topics: Sequence[Topic]) -> Choices:
    """Return the topics below their areas, each area itself first."""
    areas = [topic for topic in topics if topic.area_id is None]
    return [
        (area.name, [(topic.slug, topic.name) for topic in topics if topic == area or topic.area_id == area.pk])
        for area in areas
    ]


class AboutForm(forms.Form):
    """What holds for everything in a file that does not say it itself."""

    licence = forms.ChoiceField(label=gettext_lazy("Licence"), required=False)
    author = forms.CharField(label=gettext_lazy("Author"), required=False, max_length=200)
    source = forms.CharField(label=gettext_lazy("Source"), required=False, max_length=300)
    topic = forms.ChoiceField(label=gettext_lazy("Topic"), required=False)
    target = forms.ChoiceField(
        label=gettext_lazy("Questions come in"), widget=forms.RadioSelect, initial=Target.DRAFT, choices=Target
    )

    proposes_points = forms.BooleanField(
        label=gettext_lazy("Propose key points for open questions from their answers"), required=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.topics = list(Topic.objects.order_by("order", "name"))
        self._choose("licence", [("", _("as the file says")), *((name, name) for name in LICENCES)])
        self._choose("topic", [("", _("as the file says")), *topic_choices(self.topics)])
        if not user.has_perm(PUBLISH_WITHOUT_REVIEW):
            self._choose("target", [choice for choice in Target.choices if choice[0] != Target.PUBLISHED])
        helps = {
            "licence": _("For questions whose licence the file does not say. Without one, nothing is imported."),
            "author": _("For questions whose author the file does not say. Without one, nothing is imported."),
            "source": _("Where the questions come from, such as an address. Otherwise the file's name is noted."),
            "proposes_points": _(
                "Otherwise an open question without key points becomes a draft without a version, to be completed."
            ),
            "topic": _("For questions whose topic the file does not say, or says in a way that is not known here."),
        }
        for name, words in helps.items():
            self.fields[name].help_text = words

    def _choose(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def said(self) -> Said:
        given = self.cleaned_data
        topic = next((topic for topic in self.topics if topic.slug == given["topic"]), None)
        return Said(
            licence=given["licence"],
            author=given["author"].strip(),
            source=given["source"].strip(),
            target=given["target"],
            topic=topic,
            proposes_points=given["proposes_points"],
        )


class UploadForm(AboutForm):
    file = forms.FileField(label=gettext_lazy("File"), max_length=200)
    format = forms.ChoiceField(label=gettext_lazy("Format"), required=False)
    field_order = ("file", "format", "licence", "author", "source", "topic", "target", "proposes_points")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parsers = registry.parsers().values()
        self._choose("format", [("", _("recognise it")), *((parser.name, parser.label) for parser in parsers)])
        endings = sorted({f".{ending}" for parser in parsers for ending in parser.extensions})
        self.fields["file"].widget.attrs["accept"] = ",".join(endings)
        self.fields["file"].error_messages["empty"] = _("The file is empty.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        file = given.get("file")
        if file and not given.get("format"):
            head = file.read(8_192)
            file.seek(0)
            parser = registry.guess(file.name, head)
            if parser is None:
                self.add_error("format", _("The format was not recognised. Choose it."))
            else:
                given["format"] = parser.name
        return given


class SettingsForm(AboutForm):
    """The same once more, for a file that is here already, with its format and what a table's columns mean."""

    format = forms.ChoiceField(label=gettext_lazy("Format"))

    def __init__(self, *args: Any, run: ImportRun, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _as_initial(run))
        super().__init__(*args, **kwargs)
        self._choose("format", [(parser.name, parser.label) for parser in registry.parsers().values()])
        self.headings = run.headings
        offered = [("", _("leave it out")), *columns.FIELDS.items()]
        for number, heading in enumerate(run.headings):
            name = f"column_{number}"
            self.fields[name] = forms.ChoiceField(
                label=heading["heading"], required=False, choices=offered, initial=heading["field"]
            )
            if sample := heading.get("sample"):
                self.fields[name].help_text = _("such as “%s”") % sample[:80]

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"column_{number}"] for number in range(len(self.headings))]

    @property
    def about_fields(self) -> list[forms.BoundField]:
        names = ("format", "licence", "author", "source", "topic", "target", "proposes_points")
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        seen: dict[str, str] = {}
        for number in range(len(self.headings)):
            field = given.get(f"column_{number}")
            if field and field in seen:
                words = {"heading": seen[field], "field": columns.FIELDS[field]}
                self.add_error(f"column_{number}", _("“%(heading)s” is the %(field)s already.") % words)
            elif field:
                seen[field] = self.headings[number]["heading"]
        return given

    def said(self) -> Said:
        said = super().said()
        chosen = {
            heading["heading"]: self.cleaned_data[f"column_{number}"] for number, heading in enumerate(self.headings)
        }
        return replace(said, columns=chosen or None)


def _as_initial(run: ImportRun) -> dict[str, Any]:
    return {
        "format": run.format,
        "licence": run.licence,
        "author": run.author,
        "source": run.source,
        "topic": run.topic.slug if run.topic else "",
        "target": run.target,
        "proposes_points": run.proposes_points,
    }


def posted_choices(data: Any) -> dict[int, str]:
    """Return what was chosen for each duplicate, by its position."""
    found = {}
    for name, value in data.items():
        number = name.removeprefix("choice_")
        if name.startswith("choice_") and number.isdecimal() and value in ImportItem.Choice.values:
            found[int(number)] = value
    return found
