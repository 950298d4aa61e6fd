"""What an attempt leaves beside its report."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("artifacts", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("attempts", "artifacts")
