"""The least a view can do that saves words: read one field, send one UPDATE by primary key, say that it is done."""

from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def floor(request: HttpRequest, question_id: UUID) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE interview_sessions_answer SET body = %s WHERE question_id = %s", [request.POST["body"], question_id]
        )
    return HttpResponse("saved")
