"""TRUNCATE calls no row's trigger: publications refuse it by one of their own."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER ratings_publication_never_emptied BEFORE TRUNCATE ON ratings_publication
    FOR EACH STATEMENT EXECUTE FUNCTION ratings_publication_refuse();
"""
ALLOW = "DROP TRIGGER ratings_publication_never_emptied ON ratings_publication;"


class Migration(migrations.Migration):
    dependencies = [("ratings", "0002_publications_append_only")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
