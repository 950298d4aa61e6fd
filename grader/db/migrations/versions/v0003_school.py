"""People, courses, assignments, grades and what changes them; submissions belong to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CURRENT = sa.text("replaced_at IS NULL")
DUE = sa.text("delivered_at IS NULL AND due_at IS NOT NULL")
BEFORE = "state IN ('received', 'queued', 'running', 'graded', 'rejected', 'failed')"
AFTER = "state IN ('received', 'queued', 'running', 'graded', 'rejected', 'failed', 'cancelled')"
TABLES = (
    "marks", "grades", "reviews", "group_members", "tallies", "regrades", "groups", "extensions", "deliveries",
    "assignments", "webhooks", "suites", "sign_in_links", "ended_sessions", "enrolments", "audit", "api_tokens",
    "people", "courses",
)  # fmt: skip


def upgrade() -> None:
    _people()
    _courses()
    _marking()
    _link()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password", sa.String(300)),
        sa.Column("oidc", sa.String(500)),
        sa.Column("session_key", sa.String(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME),
        sa.Column("disabled_at", TIME),
        sa.CheckConstraint("role IN ('student', 'instructor', 'employer', 'admin')", name=op.f("ck_people_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("oidc", name=op.f("uq_people_oidc")),
    )
    op.create_table(
        "courses",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("code", sa.String(20)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("archived_at", TIME),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("code", name=op.f("uq_courses_code")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("seen_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_api_tokens_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    op.create_index("ix_api_tokens_person_id", "api_tokens", ["person_id"])
    op.create_table(
        "audit",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("person_id", sa.String(32)),
        sa.Column("course_id", sa.String(32)),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sa.Column("why", sa.String(2000), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_audit_course_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_audit_person_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_about", "audit", ["about", "seq"])
    op.create_index("ix_audit_course", "audit", ["course_id", "seq"])
    op.create_table(
        "enrolments",
        sa.Column("course_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("alias", sa.String(60)),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("role IN ('student', 'instructor')", name=op.f("ck_enrolments_role")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_enrolments_course_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_enrolments_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("course_id", "person_id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("course_id", "alias", name=op.f("uq_enrolments_course_id_alias")),
    )
    op.create_index("ix_enrolments_person", "enrolments", ["person_id"])
    op.create_table(
        "sign_in_links",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200)),
        sa.Column("role", sa.String(20)),
        sa.Column("course_id", sa.String(32)),
        sa.Column("course_role", sa.String(20)),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.CheckConstraint("kind IN ('login', 'invitation')", name=op.f("ck_sign_in_links_kind")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_sign_in_links_course_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_sign_in_links_created_by")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_links")),
    )
    op.create_index("ix_sign_in_links_email", "sign_in_links", ["email"])
    op.create_table(
        "ended_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_ended_sessions")),
    )
    op.create_index("ix_ended_sessions_until", "ended_sessions", ["until"])


def _courses() -> None:
    op.create_table(
        "suites",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("course_id", sa.String(32), nullable=False),
        sa.Column("rubric", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("pass_mark", sa.Double(), server_default="60", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="10", nullable=False),
        sa.Column("attempts_per", sa.String(10), server_default="day", nullable=False),
        sa.Column("digest", sa.String(80), nullable=False),
        sa.Column("folder", sa.String(200)),
        sa.Column("blob", sa.String(80)),
        sa.Column("source", sa.String(2000)),
        sa.Column("published_by", sa.String(32)),
        sa.Column("published_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_suites_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name=op.f("fk_suites_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suites")),
        sa.UniqueConstraint("course_id", "digest", name=op.f("uq_suites_course_id_digest")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("course_id", sa.String(32), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_webhooks_course_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_webhooks_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_course_id", "webhooks", ["course_id"])
    op.create_table(
        "assignments",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("course_id", sa.String(32), nullable=False),
        sa.Column("suite_id", sa.String(32), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("opens_at", TIME),
        sa.Column("due_at", TIME),
        sa.Column("closes_at", TIME),
        sa.Column("penalty", sa.Double(), server_default="0", nullable=False),
        sa.Column("grace_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer()),
        sa.Column("attempts_per", sa.String(10)),
        sa.Column("group_size", sa.Integer(), server_default="1", nullable=False),
        sa.Column("counts", sa.String(10), server_default="best", nullable=False),
        sa.Column("leaderboard", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("counts IN ('best', 'last')", name=op.f("ck_assignments_counts")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_assignments_course_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_assignments_suite_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index("ix_assignments_course", "assignments", ["course_id", "position"])
    op.create_table(
        "deliveries",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("webhook_id", sa.String(32), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("delivered_at", TIME),
        sa.Column("answer", sa.String(500)),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deliveries")),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook_id", "seq"])
    op.create_table(
        "extensions",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("granted_by", sa.String(32)),
        sa.Column("granted_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_extensions_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name=op.f("fk_extensions_granted_by")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_extensions_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name=op.f("pk_extensions")),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_groups_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("assignment_id", "name", name=op.f("uq_groups_assignment_id_name")),
        sa.UniqueConstraint("code", name=op.f("uq_groups_code")),
    )
    op.create_table(
        "group_members",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("group_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_group_members_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_group_members_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_group_members_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name=op.f("pk_group_members")),
    )
    op.create_index("ix_group_members_group_id", "group_members", ["group_id"])


def _marking() -> None:
    op.create_table(
        "regrades",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("suite_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("why", sa.String(2000), nullable=False),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("decided_at", TIME),
        sa.CheckConstraint("state IN ('running', 'ready', 'applied', 'dropped')", name=op.f("ck_regrades_state")),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_regrades_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_regrades_created_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_regrades_decided_by")),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_regrades_suite_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrades")),
    )
    op.create_index("ix_regrades_assignment", "regrades", ["assignment_id", "created_at"])
    op.create_table(
        "tallies",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("suite_id", sa.String(32), nullable=False),
        sa.Column("test", sa.String(500), nullable=False),
        sa.Column("criterion", sa.String(64), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_tallies_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_tallies_suite_id")),
        sa.PrimaryKeyConstraint("assignment_id", "suite_id", "test", name=op.f("pk_tallies")),
    )
    op.create_table(
        "reviews",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("criterion", sa.String(64), nullable=False),
        sa.Column("level", sa.String(500), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("reviewer_id", sa.String(32)),
        sa.Column("at", TIME, nullable=False),
        sa.Column("replaced_at", TIME),
        sa.ForeignKeyConstraint(["reviewer_id"], ["people.id"], name=op.f("fk_reviews_reviewer_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_reviews_submission_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reviews")),
    )
    op.create_index(
        "ix_reviews_current",
        "reviews",
        ["submission_id", "criterion"],
        unique=True,
        sqlite_where=CURRENT,
        postgresql_where=CURRENT,
    )
    op.create_table(
        "grades",
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("late_days", sa.Integer(), nullable=False),
        sa.Column("final_points", sa.Double(), nullable=False),
        sa.Column("percent", sa.Double(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_grades_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_grades_attempt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_grades_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_grades_submission_id")),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name=op.f("pk_grades")),
    )
    op.create_index("ix_grades_person", "grades", ["person_id"])
    op.create_index("ix_grades_submission", "grades", ["submission_id"])
    op.create_table(
        "marks",
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("criterion", sa.String(64), nullable=False),
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("metric", sa.Double()),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_marks_assignment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_marks_attempt_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("attempt_id", "criterion", name=op.f("pk_marks")),
    )
    op.create_index("ix_marks_assignment", "marks", ["assignment_id", "criterion"])


def _link() -> None:
    with op.batch_alter_table("attempts") as batch:
        batch.drop_constraint(op.f("ck_attempts_state"), type_="check")
        batch.create_check_constraint(op.f("ck_attempts_state"), AFTER)
        batch.add_column(sa.Column("suite_id", sa.String(32)))
        batch.add_column(sa.Column("regrade_id", sa.String(32)))
        batch.add_column(sa.Column("counts", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch.create_index("ix_attempts_regrade", ["regrade_id"])
        batch.create_foreign_key(batch.f("fk_attempts_regrade_id"), "regrades", ["regrade_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_attempts_suite_id"), "suites", ["suite_id"], ["id"])
    with op.batch_alter_table("submissions") as batch:
        batch.drop_constraint(op.f("ck_submissions_state"), type_="check")
        batch.create_check_constraint(op.f("ck_submissions_state"), AFTER)
        batch.add_column(sa.Column("assignment_id", sa.String(32)))
        batch.add_column(sa.Column("person_id", sa.String(32)))
        batch.add_column(sa.Column("group_id", sa.String(32)))
        batch.create_index("ix_submissions_assignment", ["assignment_id", "seq"])
        batch.create_index("ix_submissions_person", ["person_id", "assignment_id", "seq"])
        batch.create_foreign_key(batch.f("fk_submissions_group_id"), "groups", ["group_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_submissions_assignment_id"), "assignments", ["assignment_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_submissions_person_id"), "people", ["person_id"], ["id"])


def downgrade() -> None:
    op.execute("UPDATE attempts SET state = 'failed' WHERE state = 'cancelled'")
    op.execute("UPDATE submissions SET state = 'failed' WHERE state = 'cancelled'")
    op.execute("DELETE FROM attempts WHERE NOT counts")
    for table, columns, indexes in (
        ("submissions", ("assignment_id", "person_id", "group_id"), ("assignment", "person")),
        ("attempts", ("suite_id", "regrade_id", "counts"), ("regrade",)),
    ):
        with op.batch_alter_table(table) as batch:
            for index in indexes:
                batch.drop_index(f"ix_{table}_{index}")
            for column in columns:
                if column != "counts":
                    batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
                batch.drop_column(column)
            batch.drop_constraint(op.f(f"ck_{table}_state"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_state"), BEFORE)
    for table in TABLES:
        op.drop_table(table)
