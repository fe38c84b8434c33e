import django.contrib.postgres.indexes
from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Left, StrIndex, Substr

# The questions whose prompts begin much like a text. At PostgreSQL's own threshold of 0.3 it would compare thousands,
# and without the index all of them, each at a great cost that the planner does not know of. The threshold is set when
# it runs: as part of the definition, a restore by somebody who is no superuser would be refused.
ASKED_LIKE = r"""
CREATE OR REPLACE FUNCTION questions_asked_like(typed text, but uuid) RETURNS SETOF uuid
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('pg_trgm.similarity_threshold', '0.4', TRUE);
    RETURN QUERY
    SELECT version_id FROM questions_bankentry
     WHERE left(substring(asked, strpos(asked, E'\n') + 1), 100) % left(typed, 100)
       AND question_id IS DISTINCT FROM but
     ORDER BY similarity(left(substring(asked, strpos(asked, E'\n') + 1), 100), left(typed, 100)) DESC
     LIMIT 8;
END $$
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION questions_asked_like(typed text, but uuid) RETURNS SETOF uuid
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


class Migration(migrations.Migration):
    """Questions that are asked already are looked for by fewer letters, those of the prompt: they may have new titles."""

    dependencies = [("questions", "0008_words_like")]

    operations = [
        migrations.RemoveIndex(model_name="bankentry", name="bank_entry_asked"),
        migrations.AddIndex(
            model_name="bankentry",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    Left(Substr("asked", StrIndex("asked", Value("\n")) + 1), 100), name="gin_trgm_ops"
                ),
                name="bank_entry_prompt",
            ),
        ),
        migrations.RunSQL(ASKED_LIKE, AS_BEFORE),
    ]
