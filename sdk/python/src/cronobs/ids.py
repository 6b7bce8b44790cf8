"""Ids that are computed, so that the same thing has the same id everywhere: schemas/README.md, "Identity". Pure."""
import uuid

NAMESPACE = uuid.UUID("4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11")


def task_id(project: str, key: str) -> uuid.UUID:
    """Of the task `key` in a project."""
    return uuid.uuid5(uuid.uuid5(NAMESPACE, f"project/{project}"), f"task/{key}")
