"""The JSON Schema of a policy file, for editors."""

from __future__ import annotations

import json

from maintainer.policy.document import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def text() -> str:
    """The schema as text; each file of a policy is checked alone, so no section is required."""
    schema = Document.model_json_schema(by_alias=True)
    schema.pop("required", None)
    schema = {"$schema": DIALECT, **schema, "title": "Policy of maintainer"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
