"""What forms are told of records that live in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from trellis.expressions import encode
from trellis.formbuilder.logic.needs import Behind, Needs
from trellis.web.pages.ports import Row

from tests.fakes.desk import CATALOG

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class KnownInMemory:
    """Tells a form's script the values of rows; everybody may read them."""

    rows: dict[str, dict[str, Row]]

    def known(
        self, needs: Needs, record_id: str, held: Mapping[str, Sequence[str]]
    ) -> Mapping[str, object]:
        row = self.rows.get(needs.object, {}).get(record_id, Row("", 0, "", {}))
        stored = {key: encode(row.values.get(key)) for key in needs.stored}
        now = int(NOW.timestamp() * 1000)
        behind = {name: self.behind(needs.behind[name], ids) for name, ids in held.items()}
        return {"id": record_id, "now": now, "stored": stored, "behind": behind}

    def behind(self, asked: Behind, ids: Sequence[str]) -> Mapping[str, object]:
        target = CATALOG.objects[asked.object].fields[asked.field].to or ""
        steps = [path[0] for path in asked.paths]
        return {
            one: {"t": "record", "id": one, "title": row.title,
                  "v": {step: encode(row.values.get(step)) for step in steps}}
            for one, row in self.rows.get(target, {}).items() if one in ids
        }  # fmt: skip
