"""Documents as they were signed; the database itself refuses to change, delete or empty what was signed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TABLES = ("signatures_version", "signatures_signature")
REFUSE = """
CREATE FUNCTION signatures_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'signed documents are append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION signatures_refuse();
CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION signatures_refuse();
"""
    for table in TABLES
)
ALLOW = "".join(
    f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_never_emptied ON {table};" for table in TABLES
)


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Version",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("city", models.CharField(blank=True, max_length=40)),
                ("fingerprint", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=2)),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "signed document",
                "ordering": ["kind", "object_id", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "object_id", "number"), name="signed_versions_are_numbered")
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=40)),
                ("signer", models.CharField(max_length=40)),
                ("legal", models.BooleanField()),
                ("name", models.CharField(max_length=150)),
                ("position", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("signature", models.BinaryField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="signatures", to="signatures.version"
                    ),
                ),
            ],
            options={
                "verbose_name": "signature of a document",
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("version", "role"), name="one_signature_of_a_role")],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW + "DROP FUNCTION signatures_refuse();"),
    ]
