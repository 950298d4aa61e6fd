"""Skills records and badges: Open Badges 3.0, CLR 2.0 and status lists, from reports to credentials and back.

Pure: no web, no database, no queue, no network and no clock. Callers keep what must be kept and give the time.
"""

from grader.records.badge import BadgeInput, Places
from grader.records.clr import Association, TranscriptInput
from grader.records.issue import Issued, Issuer
from grader.records.keys import KeyRing
from grader.records.people import Assurance, Learner
from grader.records.record import record
from grader.records.skills import Graded, RubricMeta, SkillRecord, skills
from grader.records.status import StatusList, free_index, suspension_url
from grader.records.verdict import Check, Verification
from grader.records.verify import verify

__all__ = [
    "Association",
    "Assurance",
    "BadgeInput",
    "Check",
    "Graded",
    "Issued",
    "Issuer",
    "KeyRing",
    "Learner",
    "Places",
    "RubricMeta",
    "SkillRecord",
    "StatusList",
    "TranscriptInput",
    "Verification",
    "free_index",
    "record",
    "skills",
    "suspension_url",
    "verify",
]
