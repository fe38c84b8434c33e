import uuid
from typing import Any

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# An entry goes with its question. Otherwise the triggers below keep it; Django neither checks nor deletes it.
GOES_WITH_ITS_QUESTION = """
ALTER TABLE questions_bankentry ADD CONSTRAINT bank_entry_question
FOREIGN KEY (question_id) REFERENCES questions_question (id) ON DELETE CASCADE
"""

# The wide columns lie outside the table, so that counting by all filters reads little; the stems uncompressed, because
# ranking reads them one by one. Room on the page lets a new status take the place of an old one, untouched by indexes.
KEEP_IT_NARROW = """
ALTER TABLE questions_bankentry SET (toast_tuple_target = 384, fillfactor = 80);
ALTER TABLE questions_bankentry ALTER COLUMN document SET STORAGE EXTERNAL
"""

# Everything that has few values in one number, as questions/facets.py reads it: places in these lists, 0 for none.
# A list may grow at its end by a later migration; no place may ever mean something else.
FACETS = """
CREATE FUNCTION questions_facets(version questions_questionversion, status text, open_flags bigint) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(array_position('{draft,in_review,published,retired}'::text[], status), 0)
    + (coalesce(array_position('{open,single,multiple,numeric}'::text[], version.kind::text), 0) << 3)
    + (coalesce(array_position(
          '{explanation,coding,behavioural,design,whiteboard}'::text[], version.format::text), 0) << 6)
    + (coalesce(array_position('{easy,medium,hard}'::text[], version.difficulty::text), 0) << 9)
    + (coalesce(array_position('{CC-BY-4.0,CC-BY-SA-4.0,CC-BY-3.0,CC-BY-SA-3.0,CC0-1.0,MIT,proprietary}'::text[],
          version.licence::text), 0) << 11)
    + ((version.id IS NOT NULL AND version.published_at IS NULL)::integer << 15)
    + ((coalesce(version.strong_sample, '') <> '' AND version.middling_sample <> '')::integer << 16)
    + ((open_flags > 0)::integer << 17)
$$
"""

# What is said by the fields of a version that hold lists, as one JSON list of texts.
POINTS = """
CREATE FUNCTION questions_said_in_lists(version questions_questionversion) RETURNS jsonb
LANGUAGE sql STABLE AS $$
SELECT jsonb_path_query_array(version.key_points, '$[*].text')
    || jsonb_path_query_array(version.key_points, '$[*].accepted[*]')
    || jsonb_path_query_array(version.choices, '$[*].text')
    || jsonb_path_query_array(version.choices, '$[*].explanation')
    || jsonb_path_query_array(version.misconceptions, '$[*].*')
    || version.follow_ups
$$
"""

# The stems of a version, in four weights.
DOCUMENT = """
CREATE FUNCTION questions_document(version questions_questionversion, slug text) RETURNS tsvector
LANGUAGE sql STABLE AS $$
SELECT setweight(to_tsvector('english', version.title), 'A')
    || setweight(to_tsvector('english', concat_ws(' ', left(version.prompt, 50000), replace(slug, '-', ' '),
           (SELECT string_agg(tag, ' ') FROM jsonb_array_elements_text(version.tags) tag))), 'B')
    || setweight(jsonb_to_tsvector('english', questions_said_in_lists(version), '["string"]'), 'C')
    || setweight(to_tsvector('english', concat_ws(' ', left(version.reference_answer, 50000),
           left(version.guidance, 50000))), 'D')
$$
"""

# Writes the entries of some questions anew, where they differ. Entries are locked before anything is read, and in one
# order, so that two writers of one question see each other's work and never wait in a circle. An entry speaks of the
# draft that waits, else of the current version, else of the newest.
REFRESH = """
CREATE FUNCTION questions_refresh_bank_entries(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nothing CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    before jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(question_id, fingerprint), '{}') INTO before FROM (
        SELECT question_id, fingerprint FROM questions_bankentry
         WHERE question_id = ANY(ids) ORDER BY question_id FOR UPDATE) locked;
    INSERT INTO questions_bankentry (
        question_id, topic_id, changed_at, facets, open_flags, fingerprint, title, author, tags, document, asked)
    SELECT id, topic_id, created_at, questions_facets(NULL, status, 0), 0, nothing, slug, '', '{}', '', ''
      FROM questions_question
     WHERE id = ANY(ids)
     ORDER BY id
    ON CONFLICT DO NOTHING;
    UPDATE questions_bankentry entry SET
           topic_id = fresh.topic_id, changed_at = fresh.changed_at, facets = fresh.facets,
           open_flags = fresh.open_flags, version_id = fresh.version_id, fingerprint = fresh.fingerprint,
           title = fresh.title, author = coalesce((fresh.version).author, ''), tags = fresh.tags,
           document = CASE WHEN entry.fingerprint = fresh.fingerprint THEN entry.document
                      ELSE coalesce(questions_document(fresh.version, fresh.slug), '') END,
           asked = CASE WHEN entry.fingerprint = fresh.fingerprint THEN entry.asked
                   ELSE left(concat_ws(E'\\n', fresh.title, (fresh.version).prompt), 150) END
      FROM (
          SELECT question.id AS question_id, question.topic_id, question.slug, flags.open_flags, chosen AS version,
                 questions_facets(chosen, question.status, flags.open_flags) AS facets,
                 (chosen).id AS version_id, coalesce((chosen).title, question.slug) AS title,
                 coalesce((chosen).created_at, question.created_at) AS changed_at,
                 coalesce(md5((chosen).digest)::uuid, nothing) AS fingerprint,
                 ARRAY(SELECT jsonb_array_elements_text((chosen).tags)) AS tags
            FROM questions_question question
            LEFT JOIN questions_questionversion current ON current.id = question.current_version_id
            LEFT JOIN LATERAL (
                SELECT version AS chosen FROM questions_questionversion version
                 WHERE version.question_id = question.id
                 ORDER BY (version.published_at IS NULL AND version.number > coalesce(current.number, 0)) DESC,
                          version.id IS NOT DISTINCT FROM current.id DESC,
                          version.number DESC
                 LIMIT 1) newest ON TRUE
            CROSS JOIN LATERAL (
                SELECT count(*) AS open_flags
                  FROM questions_flag flag
                  JOIN questions_questionversion flagged ON flagged.id = flag.version_id
                 WHERE flagged.question_id = question.id AND flag.state = 'open') flags
           WHERE question.id = ANY(ids)) fresh
     WHERE entry.question_id = fresh.question_id
       AND (entry.topic_id, entry.changed_at, entry.facets, entry.open_flags, entry.version_id, entry.fingerprint)
           IS DISTINCT FROM
           (fresh.topic_id, fresh.changed_at, fresh.facets, fresh.open_flags, fresh.version_id, fresh.fingerprint);
    PERFORM questions_learn_words(ARRAY(
        SELECT question_id FROM questions_bankentry
         WHERE question_id = ANY(ids) AND fingerprint <> nothing
           AND fingerprint::text IS DISTINCT FROM before ->> question_id::text));
END $$
"""

# Words are learnt by one transaction at a time, and never waited for: two that add the same new words would wait for
# each other, perhaps in a circle. Who does not get the lock leaves its words to the next change of those questions.
LEARN = """
CREATE FUNCTION questions_learn_words(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(ids) = 0 OR NOT pg_try_advisory_xact_lock(x'1A7E13'::int) THEN
        RETURN;
    END IF;
    INSERT INTO questions_bankword (word)
    SELECT DISTINCT word FROM questions_bankentry, unnest(tsvector_to_array(document)) AS word
     WHERE question_id = ANY(ids) AND length(word) BETWEEN 3 AND 40 AND word ~ '^[[:alpha:]][[:alpha:]-]+$'
     ORDER BY word
    ON CONFLICT DO NOTHING;
END $$
"""

# The questions that begin much like a text. At PostgreSQL's own threshold of 0.3 it would compare thousands, and without
# the index all of them, each at a great cost that the planner does not know of. The threshold is set when it runs: as
# part of the definition, a restore by somebody who is no superuser would be refused.
ASKED_LIKE = """
CREATE FUNCTION questions_asked_like(typed text, but uuid) RETURNS SETOF uuid
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('pg_trgm.similarity_threshold', '0.4', TRUE);
    RETURN QUERY
    SELECT version_id FROM questions_bankentry
     WHERE asked % left(typed, 150) AND question_id IS DISTINCT FROM but
     ORDER BY similarity(asked, left(typed, 150)) DESC
     LIMIT 8;
END $$
"""

# The database calls this after a statement, with all rows that it wrote.
REFRESHERS = """
CREATE FUNCTION questions_refresh_after_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM questions_refresh_bank_entries(ARRAY(SELECT DISTINCT question_id FROM changed));
    RETURN NULL;
END $$;
CREATE FUNCTION questions_refresh_after_questions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM questions_refresh_bank_entries(ARRAY(SELECT id FROM changed));
    RETURN NULL;
END $$;
CREATE FUNCTION questions_refresh_after_flags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM questions_refresh_bank_entries(ARRAY(
        SELECT DISTINCT version.question_id
          FROM changed JOIN questions_questionversion version ON version.id = changed.version_id));
    RETURN NULL;
END $$
"""
DROP_REFRESHERS = """
DROP FUNCTION questions_refresh_after_versions();
DROP FUNCTION questions_refresh_after_questions();
DROP FUNCTION questions_refresh_after_flags()
"""
# Which table's statements change which entries; after a deletion the old rows say it.
WATCHED = [
    ("questionversion", "versions", ("INSERT", "UPDATE", "DELETE")),
    ("question", "questions", ("INSERT", "UPDATE")),
    ("flag", "flags", ("INSERT", "UPDATE", "DELETE")),
]


def _trigger(table: str, what: str, event: str) -> migrations.RunSQL:
    name, rows = f"refresh_bank_after_{event.lower()}", "OLD" if event == "DELETE" else "NEW"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON questions_{table} REFERENCING {rows} TABLE AS changed"
        f" FOR EACH STATEMENT EXECUTE FUNCTION questions_refresh_after_{what}()",
        f"DROP TRIGGER {name} ON questions_{table}",
    )


FILL = "SELECT questions_refresh_bank_entries(ARRAY(SELECT id FROM questions_question))"


class KeptTrigramExtension(TrigramExtension):
    """Trusted since PostgreSQL 13, so the owner of the database may create it; it may have been there before us."""

    def database_backwards(self, *args: Any, **kwargs: Any) -> None:
        pass


class Migration(migrations.Migration):
    """The searchable copy of the bank, kept by triggers; saved views, undo of bulk actions, and working copies."""

    dependencies = [
        ("questions", "0004_curation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        KeptTrigramExtension(),
        migrations.CreateModel(
            name="BankWord",
            fields=[
                ("word", models.CharField(max_length=60, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "word of the bank",
                "verbose_name_plural": "words of the bank",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["word"], name="bank_word_letters", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkAction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("retire", "retire"),
                            ("restore", "restore"),
                            ("move", "move to another topic"),
                            ("add_tag", "add a tag"),
                            ("remove_tag", "remove a tag"),
                            ("difficulty", "set the difficulty"),
                            ("submit", "submit for review"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=100, verbose_name="to what")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bulk_actions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "bulk action",
                "verbose_name_plural": "bulk actions",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                (
                    "action",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="questions.bulkaction"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_changes",
                        to="questions.question",
                    ),
                ),
            ],
            options={
                "verbose_name": "change of a bulk action",
                "verbose_name_plural": "changes of bulk actions",
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(blank=True, max_length=2000, verbose_name="search")),
                ("is_shared", models.BooleanField(default=False, verbose_name="shared with all curators")),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("deleted_at", models.DateTimeField(blank=True, null=True, verbose_name="deleted")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "saved view",
                "verbose_name_plural": "saved views",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("base_digest", models.CharField(blank=True, max_length=64)),
                ("typed", models.JSONField(verbose_name="what was typed")),
                ("revision", models.PositiveIntegerField(default=1)),
                ("saved_at", models.DateTimeField(verbose_name="kept")),
                (
                    "base",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questions.questionversion",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="working_copies",
                        to="questions.question",
                        verbose_name="question",
                    ),
                ),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
                "ordering": ["-saved_at"],
            },
        ),
        migrations.CreateModel(
            name="BankEntry",
            fields=[
                (
                    "question",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="questions.question",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                ("facets", models.IntegerField()),
                ("open_flags", models.PositiveIntegerField()),
                (
                    "fingerprint",
                    models.UUIDField(help_text="Of the version's digest: what the texts below were made from."),
                ),
                ("title", models.CharField(help_text="The slug, before there is a version.", max_length=100)),
                ("author", models.CharField(max_length=200)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                (
                    "document",
                    django.contrib.postgres.search.SearchVectorField(
                        help_text="Stems: A title, B prompt and tags, C points and choices, D answers."
                    ),
                ),
                (
                    "asked",
                    models.TextField(
                        help_text="The first 150 letters of title and prompt, for finding what is asked already."
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="questions.topic",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="questions.questionversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of the bank",
                "verbose_name_plural": "entries of the bank",
                "ordering": ["-changed_at", "pk"],
                "indexes": [
                    models.Index(fields=["-changed_at", "question"], name="bank_entry_newest"),
                    models.Index(fields=["title", "question"], name="bank_entry_title"),
                    models.Index(fields=["topic", "facets"], name="bank_entry_counts"),
                    models.Index(fields=["author", "facets"], name="bank_entry_author"),
                    django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="bank_entry_tags"),
                    django.contrib.postgres.indexes.GinIndex(fields=["document"], name="bank_entry_document"),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["asked"], name="bank_entry_asked", opclasses=["gin_trgm_ops"]
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="bulkaction",
            index=models.Index(fields=["actor", "-at"], name="bulk_action_newest"),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.UniqueConstraint(fields=("action", "question"), name="bulk_change_once"),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(condition=models.Q(("is_shared", True)), fields=["name"], name="saved_view_shared"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)), fields=("owner", "name"), name="saved_view_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="workingcopy",
            constraint=models.UniqueConstraint(fields=("owner", "question"), name="working_copy_one_per_question"),
        ),
        migrations.RunSQL(
            GOES_WITH_ITS_QUESTION, "ALTER TABLE questions_bankentry DROP CONSTRAINT bank_entry_question"
        ),
        migrations.RunSQL(KEEP_IT_NARROW, migrations.RunSQL.noop),
        migrations.RunSQL(POINTS, "DROP FUNCTION questions_said_in_lists(questions_questionversion)"),
        migrations.RunSQL(FACETS, "DROP FUNCTION questions_facets(questions_questionversion, text, bigint)"),
        migrations.RunSQL(DOCUMENT, "DROP FUNCTION questions_document(questions_questionversion, text)"),
        migrations.RunSQL(LEARN, "DROP FUNCTION questions_learn_words(uuid[])"),
        migrations.RunSQL(ASKED_LIKE, "DROP FUNCTION questions_asked_like(text, uuid)"),
        migrations.RunSQL(REFRESH, "DROP FUNCTION questions_refresh_bank_entries(uuid[])"),
        migrations.RunSQL(REFRESHERS, DROP_REFRESHERS),
        *(_trigger(table, what, event) for table, what, events in WATCHED for event in events),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
