"""Badges: what was awarded, what was signed, who may see it, and what everybody may read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('due', 'issued', 'revoke_due', 'revoked', 'suspend_due', 'suspended', 'reinstate_due', 'dropped')"
WAITING = sa.text("state IN ('due', 'revoke_due', 'suspend_due', 'reinstate_due')")
DETAIL = "IN ('badge', 'criteria', 'evidence')"
TABLES = ("share_views", "shares", "reruns", "transcripts", "publications", "credentials", "badges", "holders")


def upgrade() -> None:
    _badges()
    _credentials()
    _shares()
    _others()


def _badges() -> None:
    op.create_table(
        "holders",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("show_name", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_holders_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_holders")),
    )
    op.create_table(
        "badges",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("assignment_id", sa.String(32), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("awarded_at", TIME),
        sa.Column("barred_at", TIME),
        sa.Column("barred_why", sa.String(2000)),
        sa.Column("public", sa.String(20)),
        sa.Column("indexed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("rerun", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", TIME),
        sa.CheckConstraint(f"public IS NULL OR public {DETAIL}", name=op.f("ck_badges_public")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_badges_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_badges_assignment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint("person_id", "assignment_id", name=op.f("uq_badges_person_id_assignment_id")),
    )
    op.create_index("ix_badges_assignment", "badges", ["assignment_id"])


def _credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("badge_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("why", sa.String(2000), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("suite_id", sa.String(32), nullable=False),
        sa.Column("rubric", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("max_points", sa.Double(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.String(2000)),
        sa.Column("status_list", sa.Integer()),
        sa.Column("status_index", sa.Integer()),
        sa.Column("issuer", sa.String(300)),
        sa.Column("issued_at", TIME),
        sa.Column("valid_until", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("json", sa.Text()),
        sa.Column("jwt", sa.Text()),
        sa.Column("record", sa.Text()),
        sa.Column("images", sa.JSON()),
        sa.CheckConstraint(STATES, name=op.f("ck_credentials_state")),
        sa.ForeignKeyConstraint(["badge_id"], ["badges.id"], name=op.f("fk_credentials_badge_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_credentials_submission_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_credentials_attempt_id")),
        sa.ForeignKeyConstraint(["suite_id"], ["suites.id"], name=op.f("fk_credentials_suite_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_credentials")),
        sa.UniqueConstraint("badge_id", "number", name=op.f("uq_credentials_badge_id_number")),
        sa.UniqueConstraint("status_list", "status_index", name=op.f("uq_credentials_status_list_status_index")),
    )
    op.create_index("ix_credentials_due", "credentials", ["due_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index("ix_credentials_rubric", "credentials", ["rubric", "version"])
    op.create_index("ix_credentials_submission", "credentials", ["submission_id"])


def _shares() -> None:
    op.create_table(
        "shares",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("badge_id", sa.String(32)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("label", sa.String(100), nullable=False),
        sa.Column("detail", sa.String(20), nullable=False),
        sa.Column("password", sa.String(300)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("views", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(f"detail {DETAIL}", name=op.f("ck_shares_detail")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_shares_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["badge_id"], ["badges.id"], name=op.f("fk_shares_badge_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shares")),
        sa.UniqueConstraint("digest", name=op.f("uq_shares_digest")),
    )
    op.create_index("ix_shares_person", "shares", ["person_id", "created_at"])
    op.create_index("ix_shares_badge", "shares", ["badge_id"])
    op.create_table(
        "share_views",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("share_id", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("agent", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["shares.id"], name=op.f("fk_share_views_share_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_share_views")),
    )
    op.create_index("ix_share_views_share", "share_views", ["share_id", "seq"])


def _others() -> None:
    op.create_table(
        "reruns",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("badge_id", sa.String(32), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("of_attempt_id", sa.String(40), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badges.id"], name=op.f("fk_reruns_badge_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name=op.f("fk_reruns_attempt_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["of_attempt_id"], ["attempts.id"], name=op.f("fk_reruns_of_attempt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reruns")),
    )
    op.create_index("ix_reruns_badge", "reruns", ["badge_id", "asked_at"])
    op.create_index("ix_reruns_attempt", "reruns", ["attempt_id"])
    op.create_table(
        "transcripts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("issued_at", TIME),
        sa.Column("valid_until", TIME),
        sa.Column("badges", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.String(2000)),
        sa.Column("json", sa.Text()),
        sa.CheckConstraint("state IN ('due', 'issued', 'failed')", name=op.f("ck_transcripts_state")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_transcripts_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    op.create_index("ix_transcripts_person", "transcripts", ["person_id", "asked_at"])
    due = sa.text("state = 'due'")
    op.create_index("ix_transcripts_due", "transcripts", ["asked_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "publications",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("valid_until", TIME),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_publications")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
