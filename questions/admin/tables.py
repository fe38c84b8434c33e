"""Tables of questions in the admin, through django-import-export: export what is listed, send a table to be imported.

A table that is sent becomes an import like any other, to be looked at and confirmed on its own page; nothing is written
to the bank here. Cells are written and read by `questions.exporting.tables` and `questions.importing.tables`.
"""

import io
from typing import Any

import tablib
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from import_export import fields, resources
from import_export.admin import ImportExportMixin
from import_export.formats import base_formats
from import_export.forms import ExportForm, ImportForm
from import_export.results import Result

from interviewprep.http import Request
from interviewprep.uploads import takes_files
from questions import tasks
from questions.content import LICENCES
from questions.exporting import selecting, tables
from questions.importing import running
from questions.importing.columns import OWN
from questions.importing.parts import TooLargeError
from questions.models import ImportRun, Question
from questions.models.imports import IMPORT_PERMISSION


class _Table:
    """Both formats hand the file on as it came: it is read once, by our own reader, which bounds what it may cost."""

    file_format: str

    def create_dataset(self, data: bytes) -> tablib.Dataset:
        dataset = tablib.Dataset(headers=list(OWN))
        dataset.source, dataset.file_format = data, self.file_format
        return dataset


class CsvTable(_Table, base_formats.CSV):  # type: ignore[misc]  # django-import-export publishes no types
    file_format = "csv"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> str:
        file = io.BytesIO()
        tables.CSV.write_rows([dataset.headers, *dataset], file)
        return file.getvalue().decode()


class XlsxTable(_Table, base_formats.XLSX):  # type: ignore[misc]
    file_format = "xlsx"

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.BytesIO()
        tables.XLSX.write_rows([dataset.headers, *dataset], file)
        return file.getvalue()


def _columns() -> dict[str, Any]:
    return {name: fields.Field(column_name=name) for name in OWN}


class _QuestionResource(resources.ModelResource):  # type: ignore[misc]
    """A question as a row. The columns are those of `importing.columns.OWN`."""

    class Meta:
        model = Question
        fields = OWN
        name = gettext_lazy("questions")

    def export(self, queryset: QuerySet[Question] | None = None, **kwargs: Any) -> tablib.Dataset:
        questions = (
            selecting.published() if queryset is None else selecting.chosen(list(queryset.values_list("pk", flat=True)))
        )
        headings, *rows = tables.rows(selecting.exported(questions))
        return tablib.Dataset(*rows, headers=headings)

    def import_data(self, dataset: tablib.Dataset, **kwargs: Any) -> Result:
        """Keep the table as a run that has been read, and tell its id."""
        result = Result()
        result.run = running.receive(
            chunks=[dataset.source],
            filename=kwargs["file_name"],
            file_format=dataset.file_format,
            said=kwargs["said"],
            user=kwargs["user"],
            now=kwargs["now"],
        )
        return result


QuestionResource = type("QuestionResource", (_QuestionResource,), _columns())


class QuestionImportForm(ImportForm):  # type: ignore[misc]
    licence = forms.ChoiceField(
        label=gettext_lazy("Licence"),
        required=False,
        choices=[("", gettext_lazy("as the file says")), *((name, name) for name in LICENCES)],
    )
    author = forms.CharField(label=gettext_lazy("Author"), required=False, max_length=200)


class QuestionTables(ImportExportMixin):  # type: ignore[misc]
    """The buttons “Import” and “Export” above the list of questions."""

    resource_classes = (QuestionResource,)
    formats = (CsvTable, XlsxTable)
    import_form_class = QuestionImportForm
    # Choosing fields one by one needs a script of the library's that our content policy refuses.
    export_form_class = ExportForm
    # What was found is looked at, and confirmed, on the import's own page.
    skip_import_confirm = True

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(IMPORT_PERMISSION))

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("questions.view_question"))

    def get_urls(self) -> list[URLPattern]:
        """Put a view that takes files before the library's; the one that confirms is not needed."""
        urls = [url for url in super().get_urls() if not str(url.name).endswith(("_import", "_process_import"))]
        # Marked inside too: the admin would check the token before anybody says how a file is received.
        view = self.admin_site.admin_view(csrf_exempt(takes_files(self.import_action)))
        return [path("import/", csrf_exempt(view), name="questions_question_import"), *urls]

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        given = kwargs["form"].cleaned_data
        said = running.Said(licence=given.get("licence", ""), author=given.get("author", ""))
        return {"said": said, "now": kwargs["request"].now}

    def import_action(self, request: Request, **kwargs: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().import_action(request, **kwargs)
        except TooLargeError:
            messages.error(request, _("The table is larger than an import may be."))
            return HttpResponseRedirect(request.path)
        return response

    def process_result(self, result: Any, request: Request) -> HttpResponse:
        run: ImportRun = result.run
        tasks.begin_import_work(run.pk, request.now)
        return HttpResponseRedirect(reverse("bank:import_run", args=[run.pk]))
