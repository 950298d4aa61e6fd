"""Employers: who may be found, with which skills, by whom; requests for contact and shortlists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LISTED, LISTED_SQLITE = sa.text("listed"), sa.text("listed = 1")
RENEWAL = sa.text("renew_at IS NOT NULL")
WAITING = sa.text("state = 'waiting'")
TABLES = (
    "shortlist_entries", "shortlists", "contact_request_badges", "contact_requests", "talent_views",
    "talent_blocks", "organisation_invitations", "organisation_members", "organisations", "learner_evidence",
    "learner_skills", "learners", "skills",
)  # fmt: skip


def upgrade() -> None:
    _learners()
    _organisations()
    _contacts()
    _shortlists()
    # Who has badges already: the issuing process computes their skills.
    op.execute(
        "INSERT INTO learners (person_id, availability, headline, updated_at, renew_at)"
        " SELECT DISTINCT person_id, 'no', '', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP FROM badges"
    )


def _learners() -> None:
    op.create_table(
        "skills",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(500), nullable=False),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("uri", sa.String(500)),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skills")),
        sa.UniqueConstraint("key", name=op.f("uq_skills_key")),
    )
    op.create_table(
        "learners",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("found_since", TIME),
        sa.Column("country", sa.String(2)),
        sa.Column("availability", sa.String(10), server_default="no", nullable=False),
        sa.Column("available_from", sa.Date()),
        sa.Column("headline", sa.String(120), server_default="", nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("renew_at", TIME),
        sa.CheckConstraint("availability IN ('now', 'from', 'no')", name=op.f("ck_learners_availability")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_learners_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_learners")),
        sa.UniqueConstraint("person_id", name=op.f("uq_learners_person_id")),
    )
    op.create_index("ix_learners_renewal", "learners", ["renew_at"], sqlite_where=RENEWAL, postgresql_where=RENEWAL)
    op.create_table(
        "learner_skills",
        sa.Column("learner_seq", SEQ, nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("achieved_on", sa.Date(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("country", sa.String(2)),
        sa.Column("available_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["learner_seq"], ["learners.seq"], name=op.f("fk_learner_skills_learner_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skills.id"], name=op.f("fk_learner_skills_skill_id")),
        sa.PrimaryKeyConstraint("learner_seq", "skill_id", name=op.f("pk_learner_skills")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_learner_skills_best",
        "learner_skills",
        ["skill_id", "rank", "achieved_on", "learner_seq", "current", "available_on", "country", "listed"],
        sqlite_where=LISTED_SQLITE,
        postgresql_where=LISTED,
    )
    op.create_index(
        "ix_learner_skills_country",
        "learner_skills",
        ["skill_id", "country", "rank", "achieved_on", "learner_seq", "current", "available_on", "listed"],
        sqlite_where=LISTED_SQLITE,
        postgresql_where=LISTED,
    )
    op.create_table(
        "learner_evidence",
        sa.Column("learner_seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.String(32), nullable=False),
        sa.Column("attempt_id", sa.String(40), nullable=False),
        sa.Column("level", sa.String(64)),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("rubric", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("freshness", sa.String(1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_learner_evidence_attempt_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_learner_evidence_badge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["learner_seq", "skill_id"],
            ["learner_skills.learner_seq", "learner_skills.skill_id"],
            name=op.f("fk_learner_evidence_learner_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("learner_seq", "skill_id", name=op.f("pk_learner_evidence")),
    )
    op.create_index("ix_learner_evidence_rubric", "learner_evidence", ["rubric"])
    op.create_index("ix_learner_evidence_badge", "learner_evidence", ["badge_id"])


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("about", sa.String(500), server_default="", nullable=False),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_organisations_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("name", name=op.f("uq_organisations_name")),
    )
    op.create_table(
        "organisation_members",
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("joined_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_members_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_organisation_members_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_organisation_members")),
    )
    op.create_index("ix_organisation_members_organisation_id", "organisation_members", ["organisation_id"])
    op.create_table(
        "organisation_invitations",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("invited_by", sa.String(32)),
        sa.Column("invited_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["invited_by"], ["people.id"], name=op.f("fk_organisation_invitations_invited_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_organisation_invitations_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_organisation_invitations")),
    )
    op.create_index("ix_organisation_invitations_organisation_id", "organisation_invitations", ["organisation_id"])
    op.create_table(
        "talent_blocks",
        sa.Column("learner_seq", SEQ, nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_seq"], ["learners.seq"], name=op.f("fk_talent_blocks_learner_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_talent_blocks_organisation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("learner_seq", "organisation_id", name=op.f("pk_talent_blocks")),
    )
    op.create_index("ix_talent_blocks_organisation_id", "talent_blocks", ["organisation_id"])
    op.create_table(
        "talent_views",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("learner_seq", SEQ, nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("viewer_id", sa.String(32)),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_seq"], ["learners.seq"], name=op.f("fk_talent_views_learner_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_talent_views_organisation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["viewer_id"], ["people.id"], name=op.f("fk_talent_views_viewer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_talent_views")),
    )
    op.create_index("ix_talent_views_learner", "talent_views", ["learner_seq", "at"])


def _contacts() -> None:
    op.create_table(
        "contact_requests",
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("learner_seq", SEQ, nullable=False),
        sa.Column("asked_by", sa.String(32)),
        sa.Column("message", sa.String(2000), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("answer", sa.String(2000), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'accepted', 'declined', 'withdrawn', 'ended')", name=op.f("ck_contact_requests_state")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["people.id"], name=op.f("fk_contact_requests_asked_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["learner_seq"], ["learners.seq"], name=op.f("fk_contact_requests_learner_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_contact_requests_organisation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_contact_requests")),
        sa.UniqueConstraint("id", name=op.f("uq_contact_requests_id")),
    )
    op.create_index("ix_contact_requests_learner", "contact_requests", ["learner_seq", "seq"])
    op.create_index("ix_contact_requests_organisation", "contact_requests", ["organisation_id", "seq"])
    op.create_index(
        "ix_contact_requests_waiting",
        "contact_requests",
        ["organisation_id", "learner_seq"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "contact_request_badges",
        sa.Column("request_seq", SEQ, nullable=False),
        sa.Column("badge_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_contact_request_badges_badge_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_seq"],
            ["contact_requests.seq"],
            name=op.f("fk_contact_request_badges_request_seq"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_seq", "badge_id", name=op.f("pk_contact_request_badges")),
    )
    op.create_index("ix_contact_request_badges_badge_id", "contact_request_badges", ["badge_id"])


def _shortlists() -> None:
    op.create_table(
        "shortlists",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("organisation_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_by", sa.String(32)),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["people.id"], name=op.f("fk_shortlists_created_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_shortlists_organisation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlists")),
        sa.UniqueConstraint("organisation_id", "name", name=op.f("uq_shortlists_organisation_id_name")),
    )
    op.create_table(
        "shortlist_entries",
        sa.Column("shortlist_id", sa.String(32), nullable=False),
        sa.Column("learner_seq", SEQ, nullable=False),
        sa.Column("note", sa.String(1000), server_default="", nullable=False),
        sa.Column("added_by", sa.String(32)),
        sa.Column("added_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["people.id"], name=op.f("fk_shortlist_entries_added_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["learner_seq"], ["learners.seq"], name=op.f("fk_shortlist_entries_learner_seq"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shortlist_id"], ["shortlists.id"], name=op.f("fk_shortlist_entries_shortlist_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shortlist_id", "learner_seq", name=op.f("pk_shortlist_entries")),
    )
    op.create_index("ix_shortlist_entries_learner", "shortlist_entries", ["learner_seq"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
