"""The database itself refuses to change or delete what the audit log holds."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION people_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER people_auditentry_append_only BEFORE UPDATE OR DELETE ON people_auditentry
    FOR EACH ROW EXECUTE FUNCTION people_auditentry_refuse();
"""
ALLOW = """
DROP TRIGGER people_auditentry_append_only ON people_auditentry;
DROP FUNCTION people_auditentry_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
