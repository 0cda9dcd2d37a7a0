"""TRUNCATE calls no row's trigger: the audit log refuses it by one of its own."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER people_auditentry_never_emptied BEFORE TRUNCATE ON people_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION people_auditentry_refuse();
"""
ALLOW = "DROP TRIGGER people_auditentry_never_emptied ON people_auditentry;"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_audit_append_only")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
