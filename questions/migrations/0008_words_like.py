from django.db import migrations

# The words of the bank that are spelled much like one that was typed, and those among its likeliest slips. Without the
# index each word would be compared, at a cost that the planner does not know of.
WORDS_LIKE = """
CREATE FUNCTION questions_words_like(typed text, slips text[]) RETURNS SETOF text
LANGUAGE sql STABLE SET enable_seqscan = off AS $$
(SELECT word::text FROM questions_bankword WHERE word % typed ORDER BY similarity(word, typed) DESC, word LIMIT 20)
UNION
SELECT word::text FROM questions_bankword WHERE word = ANY(slips)
$$
"""


class Migration(migrations.Migration):
    """What a mistyped search probably meant is looked up in the index."""

    dependencies = [("questions", "0007_item_statistics")]

    operations = [
        migrations.RunSQL(WORDS_LIKE, "DROP FUNCTION questions_words_like(text, text[])"),
    ]
