"""The database itself refuses to change or delete what was published."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION ratings_publication_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'publications are append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER ratings_publication_append_only BEFORE UPDATE OR DELETE ON ratings_publication
    FOR EACH ROW EXECUTE FUNCTION ratings_publication_refuse();
"""
ALLOW = """
DROP TRIGGER ratings_publication_append_only ON ratings_publication;
DROP FUNCTION ratings_publication_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ratings", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
