from django.db import migrations

# The length of the beginning that two texts share, in characters: halving, because comparing whole strings is fast and
# stepping through them is not.
SHARED_START = """
CREATE FUNCTION interview_sessions_shared_start(a text, b text) RETURNS integer
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    low integer := 0;
    high integer := least(length(a), length(b));
    middle integer;
BEGIN
    IF left(b, high) = left(a, high) THEN
        RETURN high;
    END IF;
    WHILE low < high LOOP
        middle := (low + high + 1) / 2;
        IF left(a, middle) = left(b, middle) THEN low := middle; ELSE high := middle - 1; END IF;
    END LOOP;
    RETURN low;
END $$
"""

# Keeps each save as its difference to the text before. The three bounds are DraftRevision's.
# After the update, not before it: a trigger before has the row locked first, which costs a record in the log.
KEEP_REVISION = """
CREATE FUNCTION interview_sessions_keep_revision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    shared integer := interview_sessions_shared_start(OLD.body, NEW.body);
    old_rest text := substr(OLD.body, shared + 1);
    new_rest text := substr(NEW.body, shared + 1);
    ending integer := 0;
    piece text;
BEGIN
    IF old_rest <> '' AND new_rest <> '' THEN
        ending := interview_sessions_shared_start(reverse(old_rest), reverse(new_rest));
    END IF;
    piece := left(new_rest, length(new_rest) - ending);
    IF NEW.revision > 5000 OR octet_length(piece) > 1024 AND 1048576 < octet_length(piece) + (
        SELECT coalesce(sum(octet_length(inserted)), 0)
          FROM interview_sessions_draftrevision WHERE answer_id = NEW.question_id
    ) THEN
        RETURN NULL;
    END IF;
    INSERT INTO interview_sessions_draftrevision
        (answer_id, revision, saved_at, client_sequence, start, removed, inserted, late)
    VALUES
        (NEW.question_id, NEW.revision, NEW.saved_at, NEW.client_sequence,
         shared, length(old_rest) - ending, piece, NEW.saved_at > NEW.deadline);
    RETURN NULL;
END $$
"""

KEEP_REVISION_TRIGGER = """
CREATE TRIGGER keep_revision AFTER UPDATE ON interview_sessions_answer
FOR EACH ROW WHEN (NEW.revision > OLD.revision) EXECUTE FUNCTION interview_sessions_keep_revision()
"""

REFUSE_CHANGE = """
CREATE FUNCTION interview_sessions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a record of what happened: rows are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""

# An actor who is deleted leaves the events; everything else of a row stays.
APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE ON interview_sessions_draftrevision
FOR EACH ROW EXECUTE FUNCTION interview_sessions_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OF session_id, question_id, at, kind, data ON interview_sessions_sessionevent
FOR EACH ROW EXECUTE FUNCTION interview_sessions_refuse_change()
"""

# A save rewrites its row. Room on the page lets the new row take the place of an old one, without touching an index.
LEAVE_ROOM = "ALTER TABLE interview_sessions_answer SET (fillfactor = 65)"

FILL_CURRENT_QUESTION = """
UPDATE interview_sessions_interviewsession session
   SET current_position = question.position, current_since = question.current_since
  FROM interview_sessions_sessionquestion question
 WHERE question.session_id = session.id AND question.current_since IS NOT NULL
"""


class Migration(migrations.Migration):
    """The database keeps every save of an answer, whoever writes it, and refuses to have its records changed."""

    dependencies = [("interview_sessions", "0004_session_engine")]

    operations = [
        migrations.RunSQL(SHARED_START, "DROP FUNCTION interview_sessions_shared_start"),
        migrations.RunSQL(KEEP_REVISION, "DROP FUNCTION interview_sessions_keep_revision"),
        migrations.RunSQL(KEEP_REVISION_TRIGGER, "DROP TRIGGER keep_revision ON interview_sessions_answer"),
        migrations.RunSQL(LEAVE_ROOM, "ALTER TABLE interview_sessions_answer RESET (fillfactor)"),
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION interview_sessions_refuse_change"),
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER append_only ON interview_sessions_draftrevision;"
            "DROP TRIGGER append_only ON interview_sessions_sessionevent",
        ),
        migrations.RunSQL(FILL_CURRENT_QUESTION, migrations.RunSQL.noop),
    ]
