"""Submissions and attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None
branch_labels = None
depends_on = None

STATES = "state IN ('received', 'queued', 'running', 'graded', 'rejected', 'failed')"
OPEN = sa.text("finished_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("request_key", sa.String(64)),
        sa.Column("rubric", sa.String(200), nullable=False),
        sa.Column("suite", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("filename", sa.String(255)),
        sa.Column("size", sa.Integer()),
        sa.Column("blob", sa.String(80)),
        sa.Column("source_url", sa.String(2000)),
        sa.Column("commit", sa.String(64)),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("points", sa.Double()),
        sa.Column("max_points", sa.Double()),
        sa.Column("passed", sa.Boolean()),
        sa.CheckConstraint(STATES, name=op.f("ck_submissions_state")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_submissions")),
        sa.UniqueConstraint("id", name=op.f("uq_submissions_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_submissions_request_key")),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("submission_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("job_timeout", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(60)),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.String(200)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(2000)),
        sa.Column("place", sa.String(500)),
        sa.Column("fix", sa.String(2000)),
        sa.Column("report", sa.JSON(none_as_null=True)),
        sa.CheckConstraint(STATES, name=op.f("ck_attempts_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_attempts_submission_id_number")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_attempts_submission_id"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_attempts_open", "attempts", ["due_at"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_table("attempts")
    op.drop_table("submissions")
